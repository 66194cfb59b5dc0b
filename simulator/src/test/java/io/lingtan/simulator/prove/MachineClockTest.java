package io.lingtan.simulator.prove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.simulator.fault.ClockFault;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class MachineClockTest {
  private static final long START = 1_764_000_000_000L;
  private static final long MINUTE = 60_000L;

  private static MachineClock clock(ClockFault... faults) {
    return new MachineClock(START, List.of(faults));
  }

  private static void run(MachineClock clock, long millis) {
    clock.advanceTo(clock.now().plusMillis(millis));
  }

  @Test
  void withoutAFaultTheWallClockIsTheWorlds() {
    MachineClock clock = clock();
    run(clock, 10 * MINUTE);
    assertEquals(START + 10 * MINUTE, clock.wall().millisAt(clock.now()));
    assertTrue(clock.wall().trusted());
    assertEquals(Map.of(), clock.injected());
  }

  @Test
  void aStepMovesTheWallClockAndNeverTheMonotonicOne() {
    MachineClock clock = clock(new ClockFault.Stepped(START + MINUTE, START + 3 * MINUTE, -90_000));
    run(clock, 2 * MINUTE);
    assertEquals(2 * MINUTE, clock.now().millis());
    assertEquals(START + 2 * MINUTE, clock.worldMillis());
    assertEquals(START + 2 * MINUTE - 90_000, clock.wall().millisAt(clock.now()));
    run(clock, 2 * MINUTE);
    assertEquals(clock.worldMillis(), clock.wall().millisAt(clock.now()));
    assertEquals(Map.of("clock_step", 1L), clock.injected());
  }

  @Test
  void driftMovesTheOffsetOnlyWhenItIsMoreThanJitter() {
    MachineClock clock = clock(new ClockFault.Drift(START, START + 60 * MINUTE, 50));
    long before = clock.wall().offsetMillis();
    run(clock, 5 * MINUTE); // 15 ms
    assertEquals(before, clock.wall().offsetMillis());
    run(clock, 5 * MINUTE); // 30 ms
    assertEquals(before + 30, clock.wall().offsetMillis());
    assertTrue(clock.wall().trusted());
  }

  @Test
  void aBootIsDatedOnceSomebodyWasToldTheTimeInItAndHadTimeToWriteItDown() {
    MachineClock clock =
        clock(new ClockFault.Absent(START + MINUTE, START + 20 * MINUTE, -1_000_000));
    clock.reboot(START + 5 * MINUTE);
    for (int minute = 0; minute < 10; minute++) {
      run(clock, MINUTE);
      clock.wall();
    }
    String never = clock.boot();
    clock.reboot(START + 19 * MINUTE);
    run(clock, MINUTE);
    assertTrue(clock.wall().trusted());
    String tooLate = clock.boot();
    clock.reboot(START + 21 * MINUTE);
    clock.wall();
    run(clock, MINUTE);
    clock.wall();
    assertFalse(clock.wasDated(never));
    assertFalse(clock.wasDated(tooLate));
    assertTrue(clock.wasDated(clock.boot()));
  }

  @Test
  void aMachineThatBootsWithoutAClockIsNotTrustedUntilItIsSet() {
    MachineClock clock =
        clock(new ClockFault.Absent(START + MINUTE, START + 20 * MINUTE, -1_000_000));
    run(clock, 2 * MINUTE);
    assertTrue(clock.wall().trusted(), "it was up already when the span began");
    String first = clock.boot();
    clock.reboot(START + 5 * MINUTE);
    assertNotEquals(first, clock.boot());
    assertEquals(0, clock.now().nanos());
    assertFalse(clock.wall().trusted());
    assertEquals(START + 5 * MINUTE - 1_000_000, clock.wall().millisAt(clock.now()));
    run(clock, 15 * MINUTE);
    assertTrue(clock.wall().trusted());
    assertEquals(START + 20 * MINUTE, clock.wall().millisAt(clock.now()));
    assertEquals(Map.of("clock_absent", 1L), clock.injected());
  }

  @Test
  void anInstantOfTheWorldHasItsPlaceInEachBoot() {
    MachineClock clock = clock();
    clock.reboot(START + 7 * MINUTE);
    assertEquals(MonotonicInstant.ofMillis(MINUTE), clock.instantAt(START + 8 * MINUTE));
    assertEquals(new MonotonicInstant(0), clock.instantAt(START));
    assertThrows(IllegalArgumentException.class, () -> clock.reboot(START));
  }
}
