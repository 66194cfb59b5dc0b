package io.lingtan.agent.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.journal.RecordedSnapshot;
import io.lingtan.agent.publish.lane.DeliverySnapshot;
import io.lingtan.agent.publish.lane.DeliverySnapshot.Mark;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.status.Passage.Fate;
import io.lingtan.agent.status.Passage.How;
import io.lingtan.agent.status.Passage.State;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The way of values of a meter that was read 0.4 s ago. */
@SuppressWarnings("NullAway")
final class PassageTest {

  private static final long SECOND = 1_000_000_000L;
  private static final String EPOCH = "5f1c09ab";

  /** Everything up to this number is acknowledged in {@link ShownSite}. */
  private static final long LAST = 812_340;

  @TempDir Path folder;
  private ShownSite site;

  @BeforeEach
  void good() throws IOException {
    site = ShownSite.good(folder);
  }

  /** When the meter was read. */
  private long readAt() {
    return site.view().now().nanos() - 400_000_000L;
  }

  private static DataRecord record(long seq, long atNanos, double kilowatts) {
    Values values =
        new Values.Builder().put(Point.of("power"), Math.round(kilowatts * 1e9)).build();
    return new DataRecord(EPOCH, seq, 0, 1, Sample.of("gate", "boot", atNanos, values));
  }

  private Passage passage(DataRecord holding, DataRecord newest, Mark... marks) {
    DeliverySnapshot deliveries =
        new DeliverySnapshot("r", "r/batch", false, false, Map.of("gate", List.of(marks)));
    return passage(holding, newest, deliveries);
  }

  private Passage passage(
      DataRecord holding, DataRecord newest, @Nullable DeliverySnapshot deliveries) {
    Map<Point, DataRecord> points = Map.of(Point.of("power"), holding);
    return new Passage(
        site.view(Map.of("gate", new RecordedSnapshot(newest, points)), deliveries), "gate");
  }

  private Shown power() {
    SiteView view = site.view();
    return Shown.of(
            view.lines().stream()
                .flatMap(line -> line.devices().stream())
                .filter(device -> device.device().equals("gate"))
                .findFirst()
                .orElseThrow(),
            view.now().nanos())
        .stream()
        .filter(shown -> shown.point().equals(Point.of("power")))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aValueIsInTheRecordThatWasTakenWithIt() {
    DataRecord record = record(7, readAt(), 9.6);
    assertEquals(new Passage.Place(How.IN, record), passage(record, record).place(power()));
    // A value that was read a little earlier travels with the energy registers' instant.
    DataRecord later = record(7, readAt() + 300_000_000L, 9.6);
    assertEquals(How.IN, passage(later, later).place(power()).how());
    DataRecord earlier = record(7, readAt() - 300_000_000L, 9.6);
    assertEquals(How.IN, passage(earlier, earlier).place(power()).how());
  }

  @Test
  void aValueThatWasReadAfterItsRecordWaitsForThePeriodsEnd() {
    DataRecord before = record(7, readAt() - 3 * SECOND, 9.6);
    assertEquals(new Passage.Place(How.NEXT, before), passage(before, before).place(power()));
    DataRecord other = record(7, readAt() - SECOND / 2, 8.8);
    assertEquals(How.NEXT, passage(other, other).place(power()).how());
  }

  @Test
  void aValueThatALaterReadingLacksIsInNoRecord() {
    DataRecord before = record(7, readAt() - 30 * SECOND, 9.6);
    DataRecord newest = record(9, readAt(), 1);
    assertEquals(new Passage.Place(How.LEFT_OUT, before), passage(before, newest).place(power()));
  }

  @Test
  void onlyWhatHasADeadbandIsSaidToBeInsideIt() {
    assertEquals(How.SAME, Passage.passed(500, 499));
    assertEquals(How.SAME, Passage.passed(500, -499));
    assertEquals(How.LEFT_OUT, Passage.passed(500, 500));
    assertEquals(
        How.LEFT_OUT, Passage.passed(0, 0), "without one an equal value is recorded again");
  }

  @Test
  void whatWasNeverRecordedHasNoRecord() {
    Passage none = new Passage(site.view(Map.of(), null), "gate");
    assertEquals(new Passage.Place(How.NEXT, null), none.place(power()));
    assertEquals(List.of(), none.records(List.of(power())));
  }

  private Fate fate(long seq, Mark... marks) {
    DataRecord record = record(seq, readAt(), 9.6);
    return passage(record, record, marks).fate(record);
  }

  private static Mark mark(long seq, long answered, int reason) {
    return new Mark(EPOCH, seq, "r/data/gate", 5, answered, reason);
  }

  @Test
  void eachFateIsToldApart() {
    site.backlog(10, 1_000, 5);
    Mark taken = mark(LAST - 1, 9, 0);
    assertEquals(new Fate(State.ACKED, "r/data/gate", taken), fate(LAST - 1, taken));
    Mark nobody = mark(LAST - 1, 9, 0x10);
    assertEquals(State.ACKED, fate(LAST - 1, nobody).state());
    assertEquals(State.UNDER_WAY, fate(LAST - 1, mark(LAST - 1, -1, -1)).state());
    assertEquals(State.REFUSED, fate(LAST - 1, mark(LAST - 1, 9, 0x87)).state());
    assertEquals(new Fate(State.WAITING, "r/data/gate", null), fate(LAST - 1));
    // Acknowledged before this process began, or too long ago: when is not known.
    assertEquals(new Fate(State.ACKED, null, null), fate(LAST - 10));
    // A mark of another record is not taken for its own.
    assertEquals(State.WAITING, fate(LAST - 1, mark(LAST - 2, 9, 0)).state());
  }

  @Test
  void whatWaitsForALinkGoesInABatch() {
    site.linkDown("away");
    assertEquals(new Fate(State.WAITING, "r/batch", null), fate(LAST));
  }

  @Test
  void withoutABrokerItStaysHere() {
    DataRecord record = record(LAST, readAt(), 9.6);
    Fate fate = passage(record, record, (DeliverySnapshot) null).fate(record);
    assertEquals(State.KEPT, fate.state());
    assertNull(fate.topic());
  }

  @Test
  void withoutAClockItIsHeld() {
    site.backlog(10, 1_000, 5).clockLost();
    Values values = new Values.Builder().put(Point.of("power"), 1).build();
    Sample sample = Sample.of("gate", "boot", readAt(), values);
    DataRecord undated = new DataRecord(EPOCH, LAST, 0, JournalRecord.UNDATED, sample);
    assertEquals(State.HELD, passage(undated, undated).fate(undated).state());
  }

  @Test
  void whereTheApplicationAcknowledgesTooThePubackIsNotTheEnd() {
    site.backlog(10, 1_000, 5);
    DataRecord open = record(LAST, readAt(), 9.6);
    DataRecord done = record(LAST - 10, readAt(), 9.6);
    List<Mark> marks = List.of(mark(LAST, 9, 0), mark(LAST - 10, 9, 0));
    DeliverySnapshot both =
        new DeliverySnapshot("r", "r/batch", false, true, Map.of("gate", marks));
    assertEquals(State.TAKEN, passage(open, open, both).fate(open).state());
    assertEquals(State.ACKED, passage(done, done, both).fate(done).state());
  }

  @Test
  void theTextTellsItToo() {
    String text = SnapshotText.of(site.view());
    assertTrue(text.contains("    power: 9600 W  → #8123"), text);
    String sure =
        SnapshotText.of(site.carbon("co2.total", 12.5).within("co2.total", 250_000).view());
    assertTrue(sure.contains("co2.total: 12.5 kg  ± 0.25 (95 %)  measured\n"), sure);
    assertTrue(
        text.matches(
            "(?s).*#8123\\d\\d  5f1c09ab  lingtan/v1/wx-demo-001/data/gate  已确认 acknowledged"
                + "  PUBACK \\d\\d:\\d\\d:\\d\\d\n.*"),
        text);
    String away = SnapshotText.of(site.linkDown("away").view());
    assertTrue(away.contains("lingtan/v1/wx-demo-001/batch  待上送 waiting"), away);
    assertFalse(away.contains("PUBACK"), away);
  }

  @Test
  void withoutAClockThePubackHasAnAgeInPlaceOfATime() {
    String text = SnapshotText.of(site.clockLost().view());
    assertTrue(text.contains("PUBACK 0.3 s 前 ago（未对时 the clock is not set）"), text);
  }
}
