package io.lingtan.agent.acquire.line;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.Bench;
import io.lingtan.agent.acquire.line.Rhythm.Late;
import io.lingtan.agent.acquire.modbus.Framing;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.DeviceProfile;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** When readings that are missing are told of, and how often. */
final class RhythmTest {

  private static final long SECOND = 1_000_000_000L;
  private static final long MINUTE = 60 * SECOND;

  private final Rhythm rhythm =
      new Rhythm(
          Bench.device(
              "gate",
              1,
              Bench.profile(Bench.register("voltage_l1", 3, 0, DeviceProfile.Type.UINT16, "0.1")),
              Duration.ofSeconds(5),
              Duration.ofSeconds(5)),
          null,
          0);

  private void read(long atNanos) {
    rhythm.recorded(Sample.of("gate", "boot", atNanos, Values.NONE));
  }

  private void failed(long atNanos) {
    rhythm.recorded(Sample.failed("gate", "boot", atNanos, Reason.OFFLINE));
  }

  @Test
  void readingsUpToTwoPeriodsApartAreInTime() {
    read(10 * SECOND);
    read(15 * SECOND);
    read(25 * SECOND);
    assertNull(rhythm.take(25 * SECOND));
  }

  @Test
  void whatLiesFurtherApartIsToldOnceWithThePeriodsThatHaveNoReading() {
    read(SECOND);
    read(31 * SECOND);
    assertEquals(new Late(SECOND, 31 * SECOND, 5), rhythm.take(31 * SECOND));
    assertNull(rhythm.take(31 * SECOND));
    read(36 * SECOND);
    assertNull(rhythm.take(36 * SECOND));
  }

  @Test
  void aFirstReadingThatIsLongInComingIsLate() {
    read(20 * SECOND);
    assertEquals(new Late(0, 20 * SECOND, 3), rhythm.take(20 * SECOND));
  }

  @Test
  void aFailedPollSaysWhyThereIsNothingForTwoMinutes() {
    failed(SECOND);
    failed(61 * SECOND);
    read(181 * SECOND);
    assertNull(rhythm.take(181 * SECOND));
    failed(186 * SECOND);
    read(307 * SECOND);
    assertEquals(new Late(186 * SECOND, 307 * SECOND, 23), rhythm.take(307 * SECOND));
  }

  @Test
  void aReadingThatArrivesAfterANewerOneHidesNoStretch() {
    read(8 * SECOND);
    read(2 * SECOND);
    read(19 * SECOND);
    assertEquals(new Late(8 * SECOND, 19 * SECOND, 1), rhythm.take(19 * SECOND));
  }

  @Test
  void oneThatIsAlwaysLateIsToldOnceAMinuteAndNothingOfItIsLost() {
    int told = 0;
    long periods = 0;
    long after = 0;
    for (long at = 15 * SECOND; at <= 120 * MINUTE; at += 15 * SECOND) {
      read(at);
      Late late = rhythm.take(at);
      if (late != null) {
        assertEquals(after, late.from(), "it goes on where the last one ended");
        after = late.to();
        told++;
        periods += late.count();
      }
    }
    Late last = rhythm.takeLast();
    periods += last == null ? 0 : last.count();
    assertEquals(120, told);
    assertEquals(2 * 120 * 4, periods, "two of three periods have no reading");
    assertNull(rhythm.takeLast());
  }

  @Test
  void afterAPauseItIsToldAtOnceAgain() {
    read(20 * SECOND);
    rhythm.take(20 * SECOND);
    for (long at = 25 * SECOND; at <= 10 * MINUTE; at += 5 * SECOND) {
      read(at);
      assertNull(rhythm.take(at));
    }
    for (long at = 10 * MINUTE + 20 * SECOND; at <= 12 * MINUTE; at += 60 * SECOND) {
      read(at);
      assertEquals(at, Objects.requireNonNull(rhythm.take(at)).to());
    }
  }

  @Test
  void aLineThatStoodStillTellsItOfEachOfItsDevices() {
    var profile =
        Bench.profile(Bench.register("voltage_l1", 3, 0, DeviceProfile.Type.UINT16, "0.1"));
    Duration second = Duration.ofSeconds(1);
    var bench =
        new Bench(
            Framing.TCP,
            Bench.device("a", 1, profile, second, second),
            Bench.device("b", 2, profile, second, second));
    bench.units.unit(1).set(0, 2301);
    bench.units.unit(2).set(0, 2302);
    bench.run(Duration.ofMinutes(5));
    assertEquals(List.of(), bench.events, "a line that keeps up tells nothing");
    bench.time.advanceMillis(7_000);
    bench.run(Duration.ofMinutes(5));
    assertEquals(List.of("poll.late", "poll.late"), bench.allEventNames());
    bench.events.forEach(event -> assertEquals(7L, event.detail().get("count"), event::toString));
    assertEquals(List.of("a", "b"), bench.events.stream().map(event -> event.device()).toList());
  }

  @Test
  void aMeterThatDiesIsNotLate() {
    var profile =
        Bench.profile(Bench.register("voltage_l1", 3, 0, DeviceProfile.Type.UINT16, "0.1"));
    for (int second = 0; second < 10; second++) {
      var bench =
          new Bench(
              Framing.TCP,
              Bench.device("a", 1, profile, Duration.ofSeconds(1), Duration.ofSeconds(10)));
      bench.units.unit(1).set(0, 2301);
      bench.run(Duration.ofSeconds(60 + second));
      bench.units.unit(1).silent = true;
      bench.run(Duration.ofMinutes(5));
      assertEquals(List.of("meter.offline"), bench.allEventNames(), "died at " + second);
      List<Sample> after = bench.samplesOf("a");
      long failed = after.stream().filter(sample -> sample.failed() != null).count();
      assertTrue(failed >= 4 && failed <= 6, "at its death, then once a minute: " + failed);
    }
  }

  @Test
  void aTimeThatWasNotKnownYetIsToldWithWhatItWillBeDatedBy() {
    var profile =
        Bench.profile(Bench.register("voltage_l1", 3, 0, DeviceProfile.Type.UINT16, "0.1"));
    Duration second = Duration.ofSeconds(1);
    var bench = new Bench(Framing.TCP, Bench.device("a", 1, profile, second, second));
    bench.time.trust(false);
    bench.units.unit(1).set(0, 2301);
    bench.run(Duration.ofSeconds(20));
    bench.time.advanceMillis(7_000);
    bench.run(Duration.ofSeconds(5));
    var detail = bench.events.getFirst().detail();
    assertEquals("mono", detail.get("clock"));
    assertEquals(detail.get("to"), detail.get("at"), "the reading that came late told it");
  }

  @Test
  void aLineThatIsClosedTellsWhatItHadNotToldYet() {
    var profile =
        Bench.profile(Bench.register("voltage_l1", 3, 0, DeviceProfile.Type.UINT16, "0.1"));
    Duration second = Duration.ofSeconds(1);
    var bench = new Bench(Framing.TCP, Bench.device("a", 1, profile, second, second));
    bench.units.unit(1).set(0, 2301);
    bench.run(Duration.ofMinutes(1));
    bench.time.advanceMillis(7_000);
    bench.run(Duration.ofSeconds(5));
    bench.time.advanceMillis(9_000);
    bench.run(Duration.ofSeconds(5));
    assertEquals(1, bench.events.size());
    bench.close();
    assertEquals(List.of("poll.late", "poll.late"), bench.allEventNames());
  }
}
