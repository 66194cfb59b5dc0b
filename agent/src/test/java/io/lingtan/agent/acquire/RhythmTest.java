package io.lingtan.agent.acquire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.lingtan.agent.acquire.Rhythm.Late;
import io.lingtan.agent.acquire.modbus.Framing;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.DeviceProfile;
import java.time.Duration;
import java.util.ArrayList;
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
  void oneThatIsAlwaysLateIsToldEverMoreSeldomAndNothingOfItIsLost() {
    List<Long> told = new ArrayList<>();
    long periods = 0;
    long after = 0;
    for (long at = 15 * SECOND; at <= 120 * MINUTE; at += 15 * SECOND) {
      read(at);
      Late late = rhythm.take(at);
      if (late != null) {
        assertEquals(after, late.from(), "it goes on where the last one ended");
        after = late.to();
        told.add(at / SECOND);
        periods += late.count();
      }
    }
    Late last = rhythm.takeLast();
    periods += last == null ? 0 : last.count();
    assertEquals(
        List.of(15L, 75L, 195L, 435L, 915L, 1875L, 2835L, 3795L, 4755L, 5715L, 6675L), told);
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
