package io.lingtan.agent.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.status.handover.Checks;
import io.lingtan.agent.status.handover.Checks.Check;
import io.lingtan.agent.status.handover.HandoverSheet;
import io.lingtan.agent.status.handover.HandoverSheet.Cell;
import io.lingtan.agent.status.handover.HandoverSheet.Mark;
import io.lingtan.agent.status.handover.Order;
import io.lingtan.agent.status.wiring.Verdicts;
import io.lingtan.agent.status.wiring.Wiring;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a record claims, and above all what it does not. */
final class AcceptanceSheetTest {

  private static final int CHECK = 4;
  private static final int WIRING = 5;
  private static final int STATE = 6;

  private static final Checks NONE = new Checks(Map.of(), true);

  @TempDir private Path folder;

  private static Verdicts looks(SiteView view, int number) {
    Wiring wiring = new Wiring();
    Verdicts seen = wiring.take(WiringLook.of(view), 0);
    for (int i = 1; i < number; i++) {
      seen = wiring.take(WiringLook.of(view), i * 1_000_000_000L);
    }
    return seen;
  }

  private static HandoverSheet sheet(SiteView view, int looks, Checks checks, String language) {
    Order order = Order.of(Map.of("technician", "王工", "lang", language), "");
    return AcceptanceSheet.of(view, looks(view, looks), checks, null, order);
  }

  private static List<Cell> row(HandoverSheet sheet, String device) {
    return sheet.sections().get(1).rows().stream()
        .filter(row -> row.getFirst().text().startsWith(device + "\n"))
        .findFirst()
        .orElseThrow();
  }

  private static Checks checked(Severity severity, boolean outdated) {
    return new Checks(Map.of("gate", List.of(check("gate", "power", severity, outdated))), true);
  }

  private static Check check(String device, String point, Severity severity, boolean outdated) {
    Event event =
        Event.of(Checks.EVENT, severity, device)
            .with("point", point)
            .with("read", "9600")
            .with("shown", "9610")
            .with("factor", "0.9990");
    return new Check(new EventRecord("e", 5, 0, "b", 1, 1_795_000_000_000L, event), outdated);
  }

  @Test
  void aVoltageThatAgreesSaysNothingOfTheCurrentsRatio() throws IOException {
    SiteView view = ShownSite.good(folder).view();
    Check volts = check("gate", "voltage_l1", Severity.INFO, false);
    Check phase = check("gate", "power_l1", Severity.INFO, false);
    Checks alone = new Checks(Map.of("gate", List.of(volts, phase)), true);
    Cell open = row(sheet(view, 5, alone, "zh"), "gate").get(CHECK);
    assertEquals(Mark.OPEN, open.mark());
    assertTrue(open.text().startsWith("未证明变比：须用总功率或电能核对\n"), open.text());
    assertTrue(open.text().contains("电压 A相: 读数 9600 V"), open.text());
    Cell english = row(sheet(view, 5, alone, "en"), "gate").get(CHECK);
    assertTrue(english.text().startsWith("does not prove the ratio"), english.text());
    Check energy = check("gate", "energy_import", Severity.INFO, false);
    Checks both = new Checks(Map.of("gate", List.of(volts, energy)), true);
    Cell good = row(sheet(view, 5, both, "zh"), "gate").get(CHECK);
    assertEquals(Mark.GOOD, good.mark());
    assertTrue(good.text().contains("电压 A相") && good.text().contains("正向有功电能"), good.text());
    Check wrongVolts = check("gate", "voltage_l1", Severity.WARNING, false);
    Checks wrong = new Checks(Map.of("gate", List.of(wrongVolts, energy)), true);
    assertEquals(Mark.BAD, row(sheet(view, 5, wrong, "zh"), "gate").get(CHECK).mark());
    Check oldEnergy = check("gate", "energy_import", Severity.INFO, true);
    Checks gone = new Checks(Map.of("gate", List.of(volts, oldEnergy)), true);
    assertEquals(Mark.OPEN, row(sheet(view, 5, gone, "zh"), "gate").get(CHECK).mark());
  }

  @Test
  void whatHasNoElectricityIsCheckedByWhatItHas() throws IOException {
    Check pressure = check("tank1", "pressure", Severity.INFO, false);
    Checks checks = new Checks(Map.of("tank1", List.of(pressure)), true);
    SiteView view = ShownSite.good(folder).view();
    assertEquals(Mark.GOOD, row(sheet(view, 5, checks, "zh"), "tank1").get(CHECK).mark());
  }

  @Test
  void whatNobodyCheckedIsNeverGood() throws IOException {
    for (String language : List.of("zh", "en")) {
      HandoverSheet sheet = sheet(ShownSite.good(folder).view(), 1, NONE, language);
      for (List<Cell> row : sheet.sections().get(1).rows()) {
        assertEquals(Mark.OPEN, row.get(CHECK).mark(), row.toString());
        assertFalse(row.get(WIRING).mark() == Mark.GOOD, row.toString());
      }
      assertTrue(sheet.count(Mark.OPEN) >= 8, sheet.toString());
      String expected = language.equals("zh") ? "未核对" : "not checked";
      assertEquals(expected, row(sheet, "gate").get(CHECK).text());
      assertEquals(expected, row(sheet, "gate").get(WIRING).text());
    }
  }

  @Test
  void aCheckCountsAsLongAsNothingHasChangedSince() throws IOException {
    SiteView view = ShownSite.good(folder).view();
    Cell good = row(sheet(view, 5, checked(Severity.INFO, false), "zh"), "gate").get(CHECK);
    assertEquals(Mark.GOOD, good.mark());
    assertTrue(good.text().contains("读数 9600 W, 表盘 9610 W"), good.text());
    Cell wrong = row(sheet(view, 5, checked(Severity.WARNING, false), "zh"), "gate").get(CHECK);
    assertEquals(Mark.BAD, wrong.mark());
    assertTrue(wrong.text().startsWith("读数是表盘的 0.9990 倍"), wrong.text());
    Cell old = row(sheet(view, 5, checked(Severity.INFO, true), "en"), "gate").get(CHECK);
    assertEquals(Mark.OPEN, old.mark());
    assertTrue(old.text().startsWith("changed since: check again"), old.text());
    Cell unseen = row(sheet(view, 5, new Checks(Map.of(), false), "zh"), "gate").get(CHECK);
    assertEquals("未见核对记录（更早的事件没有查看）", unseen.text());
  }

  @Test
  void theBalanceSpeaksOnlyForMetersThatAreInIt() throws IOException {
    HandoverSheet sheet = sheet(ShownSite.good(folder).view(), 5, NONE, "zh");
    assertEquals("平衡差在允许范围内", row(sheet, "gate").get(WIRING).text());
    assertEquals(Mark.GOOD, row(sheet, "gate").get(WIRING).mark());
    assertEquals("不在电量平衡内", row(sheet, "tank1").get(WIRING).text());
    assertEquals(Mark.PLAIN, row(sheet, "tank1").get(WIRING).mark());
  }

  @Test
  void whatRoundsToNothingHasNoSign() {
    assertEquals("0.0 kW", AcceptanceSheet.kilowatts(-40));
    assertEquals("-0.1 kW", AcceptanceSheet.kilowatts(-60));
    assertEquals("128.4 kW", AcceptanceSheet.kilowatts(128_400));
  }

  @Test
  void anOpenBalanceIsNobodysGoodWiring() throws IOException {
    HandoverSheet sheet =
        sheet(ShownSite.good(folder).reads("gate", "power", 60_000).view(), 5, NONE, "zh");
    assertEquals(Mark.BAD, row(sheet, "pv1").get(WIRING).mark());
    assertEquals(Mark.BAD, sheet.sections().get(2).facts().getFirst().cell().mark());
  }

  @Test
  void aBalanceThatClosesNowAndThenIsNotSaidToHaveClosedInEachLook() throws IOException {
    SiteView fine = ShownSite.good(folder).view();
    SiteView open = ShownSite.good(folder).reads("gate", "power", 60_000).view();
    for (int bad = 0; bad <= 3; bad += 1) {
      Wiring wiring = new Wiring();
      Verdicts seen = wiring.take(WiringLook.of(bad > 0 ? open : fine), 0);
      for (int i = 1; i < 6; i++) {
        seen = wiring.take(WiringLook.of(i < bad ? open : fine), i * 1_000_000_000L);
      }
      Order order = Order.of(Map.of("technician", "王工", "lang", "zh"), "");
      Cell balance =
          AcceptanceSheet.of(fine, seen, NONE, null, order)
              .sections()
              .get(2)
              .facts()
              .getFirst()
              .cell();
      assertEquals(bad <= 1 ? Mark.GOOD : Mark.BAD, balance.mark(), balance.text());
      assertTrue(balance.text().contains("6 次观察中 " + (6 - bad) + " 次"), balance.text());
    }
  }

  /** At night the balance closes, whichever way round the panels' meter is. */
  @Test
  void aMeterThroughWhichNothingFlowsIsNotKnownToBeRight() throws IOException {
    ShownSite night =
        ShownSite.good(folder).reads("gate", "power", 128_000).reads("pv1", "power", 0);
    HandoverSheet sheet = sheet(night.view(), 5, NONE, "zh");
    assertEquals(Mark.GOOD, row(sheet, "gate").get(WIRING).mark());
    assertEquals(Mark.OPEN, row(sheet, "pv1").get(WIRING).mark());
    assertEquals("电流太小，方向未核对", row(sheet, "pv1").get(WIRING).text());
  }

  @Test
  void aMeterThatDoesNotAnswerIsWrongAndItsWiringIsNotKnown() throws IOException {
    ShownSite site = ShownSite.good(folder);
    site.fault("house", 60_000, Reason.TIMEOUT, "no answer");
    HandoverSheet sheet = sheet(site.view(), 5, NONE, "zh");
    assertEquals(Mark.BAD, row(sheet, "house").get(STATE).mark());
    assertEquals(Mark.OPEN, row(sheet, "house").get(WIRING).mark());
    assertTrue(
        sheet.sections().get(2).facts().getFirst().cell().text().contains("缺 buildings"),
        sheet.sections().get(2).toString());
  }

  @Test
  void aCheckOfOtherSettingsOrOfAnotherMeterIsOld() {
    Map<String, String> now = Map.of("gate", "5e771465");
    Event check = ofSettings("power", "5e771465");
    for (String other : List.of("meter.exchange", "meter.exchanged", "meter.rescaled")) {
      Event exchange = Event.of(other, Severity.INFO, "gate");
      assertTrue(latest(now, exchange, check).getFirst().outdated(), other);
      assertFalse(latest(now, check, exchange).getFirst().outdated(), other);
    }
    assertFalse(latest(now, check).getFirst().outdated());
    assertTrue(latest(now, ofSettings("power", "0d")).getFirst().outdated());
    assertTrue(latest(Map.of(), check).getFirst().outdated());
    Event before = Event.of(Checks.EVENT, Severity.INFO, "gate").with("point", "power");
    assertTrue(latest(now, before).getFirst().outdated(), "who knows with which settings");
  }

  @Test
  void theNewestOfEachPointIsShownDownToTheOneThatShowsTheRatio() {
    Map<String, String> now = Map.of("gate", "0a");
    Event volts = ofSettings("voltage_l1", "0a");
    Event amps = ofSettings("current_l1", "0a");
    Event power = ofSettings("power", "0a");
    Event energy = ofSettings("energy_import", "0a");
    assertEquals(
        List.of("voltage_l1", "current_l1", "power"),
        latest(now, volts, amps, volts, power, energy, amps).stream()
            .map(each -> each.detail("point"))
            .toList());
  }

  private static Event ofSettings(String point, String settings) {
    return Event.of(Checks.EVENT, Severity.INFO, "gate")
        .with("point", point)
        .with("settings", settings);
  }

  private static List<Check> latest(Map<String, String> settings, Event... newestFirst) {
    List<EventRecord> records = new ArrayList<>();
    for (Event event : newestFirst) {
      long seq = (long) newestFirst.length - records.size();
      records.add(new EventRecord("e", seq, 0, "b", seq, seq, event));
    }
    return Objects.requireNonNull(Checks.latestOf(records, settings).get("gate"));
  }

  /** Else one is accountable for what another has signed in his name. */
  @Test
  void aRecordBearsWhoGaveThePinAndATypedNameOnlyBesideIt() throws IOException {
    Order order = Order.of(Map.of("technician", "x", "lang", "en"), "act1");
    HandoverSheet sheet =
        AcceptanceSheet.of(
            ShownSite.good(folder).view(),
            looks(ShownSite.good(folder).view(), 3),
            NONE,
            null,
            order);
    String facts = sheet.sections().getFirst().facts().toString();
    assertTrue(facts.matches("(?s).*name=Technician, cell=Cell\\[mark=PLAIN, text=act1].*"), facts);
    assertTrue(facts.matches("(?s).*name=Name as typed, cell=Cell\\[mark=PLAIN, text=x].*"), facts);
    assertEquals("", Order.of(Map.of("technician", "act1"), "act1").typed());
    assertEquals("act1", Order.of(Map.of(), "act1").technician());
  }

  @Test
  void aRecordHasSomebodyWhoAnswersForIt() {
    assertThrows(IllegalArgumentException.class, () -> Order.of(Map.of("technician", " "), ""));
    assertThrows(
        IllegalArgumentException.class, () -> Order.of(Map.of("technician", "a".repeat(65)), ""));
    assertThrows(
        IllegalArgumentException.class,
        () -> Order.of(Map.of("technician", "a", "note", "two\nlines"), ""));
  }
}
