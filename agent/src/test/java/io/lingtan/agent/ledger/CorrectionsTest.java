package io.lingtan.agent.ledger;

import static io.lingtan.agent.ledger.Collected.metric;
import static io.lingtan.agent.ledger.Collected.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.audit.verify.Flaw;
import io.lingtan.agent.audit.verify.Verification;
import io.lingtan.agent.audit.verify.VerifyReport;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.RecordJson;
import io.lingtan.agent.site.DeviceProfile.Kind;
import io.lingtan.agent.site.FactorTable.Factor;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.correction.CorrectionReader;
import io.lingtan.testing.MessageSchemas;
import io.lingtan.testing.Sites;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What happens to a correction, and around one, through a real, signed journal. */
final class CorrectionsTest {

  private static final String BOUGHT = "elec.grid.import";
  private static final String CARBON = "co2.scope2.location";
  private static final ZoneId ZONE = ZoneId.of("Asia/Shanghai");
  private static final int YEAR = 2026;
  private static final long QUARTER = 900_000;
  private static final long DAY = 96 * QUARTER;
  private static final long MIDNIGHT = Instant.parse("2026-05-31T16:00:00Z").toEpochMilli();

  /** Ten o'clock. */
  private static final long TEN = MIDNIGHT + 40 * QUARTER;

  private static final String TEN_IS_5 = line("C1", TEN, "5", "");
  private static final Factor OLD = Sites.factor("old", "CN-JS", "location", "0.6000", 2025, null);
  private static final Factor NEW = Sites.factor("new", "CN-JS", "location", "0.5000", 2026, null);

  @TempDir private Path folder;

  private KeptGate gate;

  @BeforeEach
  void begin() {
    gate = new KeptGate(folder, site(OLD), MIDNIGHT);
  }

  @AfterEach
  void end() {
    gate.close();
  }

  private static Sites sites(Factor... factors) {
    return new Sites()
        .meter("grid", Role.GRID, Kind.METER, 1_000, "energy_import")
        .factors("v" + factors.length, factors);
  }

  private static Site site(Factor... factors) {
    return sites(factors).site();
  }

  private static Site corrected(Site site, String lines) {
    return site.correctedBy(
        Objects.requireNonNull(
            CorrectionReader.read(
                "corrections.csv",
                "id,meter,figure,from,to,value,factor,reason,document,proposed,approved\n" + lines,
                site.metering().grounds(ZONE),
                (line, column, message) -> {
                  throw new AssertionError(line + ":" + column + " " + message);
                })));
  }

  private static String line(String id, long from, String value, String factor) {
    return "%s,grid,elec.grid.import,%s,,%s,%s,jump,protocol 7,Li Na,Wang Wei%n"
        .formatted(id, Instant.ofEpochMilli(from).atZone(ZONE).toLocalDateTime(), value, factor);
  }

  /** One kWh in each quarter of an hour until then. */
  private void countUntil(long millis) {
    gate.count((millis - gate.millis()) / QUARTER * 1_000_000, millis, QUARTER);
    gate.step();
  }

  /** To the end of the quarter that has begun. */
  private void goOn() {
    long left = QUARTER - gate.millis() % QUARTER;
    gate.count(left == QUARTER ? 0 : 1_000_000, gate.millis() + left % QUARTER, Math.max(1, left));
  }

  private Interval of(String length, long start) {
    NavigableMap<Long, Interval> all = Objects.requireNonNull(gate.newest().get(length));
    return Objects.requireNonNull(all.get(start), length);
  }

  private void assertTold(long kilowattHours, int rev, String length, long start) {
    Interval told = of(length, start);
    assertEquals(kilowattHours * 1_000_000, value(told, BOUGHT), told.toString());
    assertEquals(kilowattHours * 600_000, value(told, CARBON), told.toString());
    assertEquals(rev, told.rev(), told.toString());
  }

  /** Of the last two hours, of an hour and of a day. */
  private void assertCorrected() {
    assertTold(5, 1, "15m", TEN);
    assertTold(1, 0, "15m", TEN + QUARTER);
    assertTold(8, 1, "1h", TEN);
    assertEquals(Quality.SUBSTITUTED, metric(of("1h", TEN), BOUGHT).quality());
  }

  @Test
  void whatCanStillBeRevisedIsCorrectedByAReloadAndStaysSoWhenItIsToldOn() {
    countUntil(TEN + 6 * QUARTER);
    gate.reload(corrected(site(OLD), TEN_IS_5));
    gate.restate();
    assertCorrected();
    goOn();
    countUntil(MIDNIGHT + DAY + 4 * QUARTER);
    assertTold(100, 0, "1d", MIDNIGHT);
    assertEquals(List.of("C1"), List.copyOf(of("1d", MIDNIGHT).corrections().keySet()));
    assertCorrected();
  }

  @Test
  void aRestartAndAKillKeepItAndTellNothingTwice() {
    countUntil(MIDNIGHT + DAY + 8 * QUARTER);
    Site site = corrected(site(OLD), TEN_IS_5);
    gate.restart(site);
    gate.restate();
    assertCorrected();
    assertTold(100, 1, "1d", MIDNIGHT);
    int told = gate.records().size();
    gate.kill();
    gate.restate();
    gate.restart(site);
    gate.restate();
    assertTrue(gate.records().size() - told < 6, "starts and stops alone");
    goOn();
    countUntil(MIDNIGHT + DAY + 12 * QUARTER);
    assertCorrected();
    assertTold(100, 1, "1d", MIDNIGHT);
  }

  @Test
  void killedAtAnyPointOfItTheRecordsAreTheSame() {
    countUntil(MIDNIGHT + 3 * DAY + 8 * QUARTER);
    Site site = corrected(site(OLD), TEN_IS_5 + line("C2", TEN + DAY, "", "1.5"));
    gate.restart(site);
    for (int i = 0; i < 12; i++) {
      gate.settle();
      gate.kill();
    }
    gate.restate();
    assertCorrected();
    assertTold(100, 1, "1d", MIDNIGHT);
    // 56 of its 96 quarters count half as much again.
    assertTold(124, 1, "1d", MIDNIGHT + DAY);
    assertTold(144, 1, "1d", MIDNIGHT + 2 * DAY);
    assertEquals(2, gate.events("config.corrected").size());
    assertGood(2);
  }

  @Test
  void readingsThatComeLateDoNotUndoIt() {
    countUntil(TEN);
    // Nobody reads until eleven: the quarters are told missing, and one is put in.
    gate.pass(4 * QUARTER + 120_000);
    assertEquals(Quality.MISSING, metric(of("15m", TEN + QUARTER), BOUGHT).quality());
    gate.reload(corrected(site(OLD), line("C1", TEN + QUARTER, "5", "")));
    gate.restate();
    assertTold(5, 1, "15m", TEN + QUARTER);
    goOn();
    countUntil(TEN + 8 * QUARTER);
    Interval other = of("15m", TEN + 2 * QUARTER);
    assertEquals(Quality.EST_LINEAR, metric(other, BOUGHT).quality(), "the reading has come");
    Interval late = of("15m", TEN + QUARTER);
    assertEquals(5_000_000, value(late, BOUGHT));
    assertEquals(List.of("C1"), List.copyOf(late.corrections().keySet()));

    // What was counted, as it is known since, counts again when the line is gone.
    gate.reload(site(OLD));
    gate.restate();
    Interval withdrawn = of("15m", TEN + QUARTER);
    assertEquals(late.rev() + 1, withdrawn.rev());
    assertEquals(Map.of(), withdrawn.corrections());
    assertEquals(metric(other, BOUGHT), metric(withdrawn, BOUGHT));
    Event told = gate.events("config.corrected").getLast();
    assertEquals(true, told.detail().get("withdrawn"));
  }

  @Test
  void anotherFactorDoesNotUndoIt() {
    countUntil(MIDNIGHT + DAY + 8 * QUARTER);
    gate.restart(corrected(site(OLD), TEN_IS_5));
    gate.restate();
    gate.restart(corrected(site(OLD, NEW), TEN_IS_5));
    gate.restate();
    Interval day = of("1d", MIDNIGHT);
    assertEquals(2, day.rev());
    assertEquals(100_000_000, value(day, BOUGHT));
    assertEquals(50_000_000, value(day, CARBON));
    assertEquals(List.of("C1"), List.copyOf(day.corrections().keySet()));
    assertCorrected();
    assertGood(1);
  }

  @Test
  void aSecondDecisionOfTheSameTimeTellsItOnceMore() {
    countUntil(MIDNIGHT + 3 * DAY + 8 * QUARTER);
    gate.restart(corrected(site(OLD), TEN_IS_5));
    gate.restate();
    gate.restart(corrected(site(OLD), line("C2", TEN, "7", "")));
    gate.restate();
    assertTold(7, 2, "15m", TEN);
    assertTold(10, 2, "1h", TEN);
    assertTold(102, 2, "1d", MIDNIGHT);
    assertEquals(List.of("C2"), List.copyOf(of("1d", MIDNIGHT).corrections().keySet()));
    assertGood(2);
  }

  @Test
  void aFactorWithoutAnEndCountsOn() {
    countUntil(TEN + 8 * QUARTER);
    Site site = corrected(site(OLD), line("C1", TEN, "", "60/40"));
    gate.reload(site);
    gate.restate();
    goOn();
    countUntil(MIDNIGHT + DAY + QUARTER);
    assertEquals(6_000_000, value(of("1h", TEN), BOUGHT));
    Interval later = of("15m", TEN + 20 * QUARTER);
    assertEquals(0, later.rev());
    assertEquals(1_500_000, value(later, BOUGHT));
    assertEquals(40_000_000 + 56 * 1_500_000, value(of("1d", MIDNIGHT), BOUGHT));
    assertEquals(0, of("1d", MIDNIGHT).rev());
  }

  /** Of four days all are kept, and of the last two only. */
  @ParameterizedTest
  @CsvSource({
    "-96, 1827, no interval was told that begins at",
    "400, 1827, no interval was told that begins at",
    "2, 2, is kept no longer"
  })
  void whatWasNotToldCannotBeCorrected(int quarter, int keptDays, String why) {
    if (keptDays < 1827) {
      gate.restart(sites(OLD).keep(Duration.ofDays(keptDays)).site());
    }
    goOn();
    countUntil(MIDNIGHT + 4 * DAY);
    gate.settle();
    String refused =
        gate.refused(
            corrected(
                sites(OLD).keep(Duration.ofDays(keptDays)).site(),
                line("C1", MIDNIGHT + quarter * QUARTER, "5", "")));
    assertTrue(refused.contains(why), refused);
    assertTrue(refused.startsWith("corrections.csv line 2: "), refused);
    goOn();
    countUntil(gate.millis() + 4 * QUARTER);
    assertEquals(List.of(), gate.events("config.corrected"));
  }

  /** What was handed in and signed is not changed: neither by a line nor by taking one out. */
  @Test
  void nothingOfAClosedYearIsCorrected() {
    countUntil(MIDNIGHT + DAY + 8 * QUARTER);
    Site closed = sites(OLD).closed(YEAR).site();
    String why = " is in a year whose account is closed (metering.closed: %d)".formatted(YEAR);
    String ten = Instant.ofEpochMilli(TEN).atZone(ZONE).toString();
    assertEquals("corrections.csv line 2: " + ten + why, gate.refused(corrected(closed, TEN_IS_5)));
    assertTold(1, 0, "15m", TEN);
    gate.restart(corrected(closed, TEN_IS_5));
    gate.restate();
    assertEquals(1, gate.events("config.not_corrected").size());
    assertTold(1, 0, "15m", TEN);
    // Taken while the year is open, it stays when that is closed.
    gate.reload(corrected(site(OLD), TEN_IS_5));
    gate.restate();
    assertCorrected();
    gate.reload(corrected(closed, TEN_IS_5));
    assertEquals(" C1, line 2 before, stays as it was taken: " + ten + why, gate.refused(closed));
    assertTrue(gate.refused(corrected(closed, line("C1", TEN, "6", ""))).contains(why));
    gate.restate();
    assertCorrected();
    gate.reload(corrected(sites(OLD).closed(YEAR - 1).site(), line("C1", TEN, "5", "")));
  }

  @Test
  void aStartGoesOnByWhatWasTakenLastAndSaysSo() {
    countUntil(MIDNIGHT + DAY + 8 * QUARTER);
    gate.restart(corrected(site(OLD), TEN_IS_5));
    gate.restate();
    gate.restart(corrected(site(OLD), line("C2", MIDNIGHT - DAY, "7", "")));
    gate.restate();
    Event told = gate.events("config.not_corrected").getFirst();
    assertTrue(String.valueOf(told.detail().get("why")).startsWith("line 2: "), told.toString());
    assertCorrected();
    goOn();
    countUntil(MIDNIGHT + DAY + 12 * QUARTER);
    assertEquals(List.of("C1"), List.copyOf(of("1d", MIDNIGHT).corrections().keySet()));
  }

  private List<String> lines() {
    return gate.records().stream().map(RecordJson::of).toList();
  }

  private VerifyReport verified(List<String> lines) {
    return verified(lines, null);
  }

  private VerifyReport verified(List<String> lines, @Nullable String head) {
    Verification verification = new Verification(gate.key());
    lines.forEach(verification::take);
    return verification.report(head);
  }

  private void assertGood(int corrections) {
    VerifyReport report = verified(lines());
    assertEquals(List.of(), report.flaws());
    List<String> told =
        report.notes().stream().filter(note -> note.startsWith("correction ")).toList();
    assertEquals(corrections, told.size(), told.toString());
    for (String note : told) {
      assertTrue(note.contains("proposed by Li Na, approved by Wang Wei"), note);
      assertTrue(note.contains("document protocol 7: jump"), note);
    }
  }

  @Test
  void verificationNamesBothPeopleAndBothFiguresAndEveryTampering() throws IOException {
    countUntil(MIDNIGHT + DAY + 8 * QUARTER);
    gate.restart(corrected(site(OLD), TEN_IS_5));
    gate.restate();
    List<String> lines = lines();
    VerifyReport report = verified(lines);
    assertEquals(List.of(), report.flaws());
    String note =
        report.notes().stream().filter(one -> one.startsWith("correction C1")).findFirst().get();
    assertTrue(note.contains("proposed by Li Na, approved by Wang Wei"), note);
    assertTrue(note.contains("elec.grid.import 1 became 5"), note);
    assertTrue(note.contains("co2.scope2.location 0.6 became 3"), note);

    MessageSchemas schemas = MessageSchemas.of(Path.of("..", "config", "schema"));
    int tampered = 0;
    for (int i = 0; i < lines.size(); i++) {
      if (!lines.get(i).contains("\"corrections\":{")) {
        continue;
      }
      assertEquals(List.of(), schemas.problems("interval", lines.get(i)));
      for (Map.Entry<String, String> change :
          Map.of(
                  "\"reason\":\"jump\"", "\"reason\":\"none\"",
                  "protocol 7", "protocol 8",
                  "Li Na", "Li Nan",
                  "Wang Wei", "Li Na",
                  "\"C1\":", "\"C2\":",
                  "\"rev\":1", "\"rev\":2",
                  "\"q\":\"substituted\"", "\"q\":\"measured\"")
              .entrySet()) {
        List<String> changed = new ArrayList<>(lines);
        changed.set(i, lines.get(i).replace(change.getKey(), change.getValue()));
        assertFalse(changed.equals(lines), change.toString());
        VerifyReport found = verified(changed);
        long at = i + 1L;
        assertTrue(found.flaws().stream().anyMatch(flaw -> flaw.line() == at), change.toString());
        tampered++;
      }
      List<String> cut = new ArrayList<>(lines);
      cut.remove(i);
      assertFalse(verified(cut, report.head()).isGood(), "a record is taken away");
    }
    assertTrue(tampered >= 21, "tampered with " + tampered);
  }

  @Test
  void aFigureThatWasCorrectedIsExplainedByWhoDidIt() {
    countUntil(TEN + 6 * QUARTER);
    Site site = corrected(site(OLD), TEN_IS_5);
    gate.reload(site);
    gate.restate();
    assertTrue(
        gate.explained(site, "15m", TEN, BOUGHT)
            .contains(
                "corrected by C1: jump (protocol 7), proposed by Li Na, approved by Wang Wei"));
    assertFalse(gate.explained(site, "15m", TEN + QUARTER, BOUGHT).contains("corrected by"));
  }

  /** By somebody who has the key. */
  @Test
  void aSignedRecordOfOnePersonIsAFlaw() {
    Flaw.Kind kind = Flaw.Kind.CORRECTION;
    countUntil(MIDNIGHT + DAY + 8 * QUARTER);
    gate.restart(corrected(site(OLD), TEN_IS_5));
    gate.restate();
    for (String again : List.of("li na", "Ｌi\u3000Na", "Li\u200B Na")) {
      List<String> changed = lines().stream().map(line -> line.replace("Wang Wei", again)).toList();
      assertTrue(verified(changed).flaws().stream().anyMatch(flaw -> flaw.kind() == kind), again);
    }
  }
}
