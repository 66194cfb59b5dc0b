package io.lingtan.agent.acquire.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.Bench;
import io.lingtan.agent.acquire.modbus.BlockRead;
import io.lingtan.agent.acquire.modbus.Framing;
import io.lingtan.agent.acquire.wire.Ask;
import io.lingtan.agent.acquire.wire.WireCost;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.Line;
import io.lingtan.testing.Parts;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class PlannerTest {

  private static final Line SERIAL = Bench.line(Framing.RTU, Duration.ofSeconds(1));
  private static final WireCost COST = WireCost.of(SERIAL, null, 0);

  private static Register register(int index, int function, int address, boolean wide) {
    RegisterPoint source =
        Bench.register(
            Point.all().get(index).name(),
            function,
            address,
            wide ? DeviceProfile.Type.UINT32 : DeviceProfile.Type.UINT16,
            "1");
    return new Register(source, Point.all().get(index), 0, BigDecimal.ONE, false);
  }

  private static Ask ask(BlockRead read) {
    return new Ask.Registers(read);
  }

  private static BlockRead read(Block block) {
    return ((Ask.Registers) block.ask()).read();
  }

  private static List<String> reads(Planner planner) {
    return planner.blocks().stream().map(block -> block.ask().toString()).toList();
  }

  @Test
  void aSmallHoleIsReadAlongAndAWideOneIsNot() {
    // At 9600 baud a second request costs 13 characters, 20 ms and 3.5 characters: 37 characters,
    // which is a hole of 18 registers.
    var near = List.of(register(0, 3, 0, false), register(1, 3, 18, false));
    assertEquals(List.of("FC3 0+19"), reads(new Planner(near, 125, COST)));
    var far = List.of(register(0, 3, 0, false), register(1, 3, 20, false));
    assertEquals(List.of("FC3 0+1", "FC3 20+1"), reads(new Planner(far, 125, COST)));
  }

  @Test
  void theTimeOfARequestIsTheFormulaOfTheWire() {
    // (8 + 5 + 2·10)·10/9600 s + 20 ms + 3.5 characters
    long expected = 33 * 1_041_666L + 20_000_000L + 1_041_666L * 7 / 2;
    assertEquals(expected, COST.nanos(ask(new BlockRead(3, 0, 10))));
    var fast =
        new Line.Serial(
            "fast",
            "/dev/ttyS0",
            new Line.CharacterFormat(115_200, Line.Parity.EVEN, 1),
            "auto",
            false,
            Duration.ofSeconds(1),
            List.of(),
            null);
    long character = 1_000_000_000L * 11 / 115_200;
    assertEquals(
        33 * character + 20_000_000L + 1_750_000L,
        WireCost.of(fast, null, 0).nanos(ask(new BlockRead(3, 0, 10))));
  }

  @Test
  void noBlockIsLongerThanTheDeviceAllowsAndNoValueIsSplit() {
    List<Register> registers = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      registers.add(register(i, 3, 2 * i, true));
    }
    Planner planner = new Planner(registers, 7, COST);
    int values = 0;
    for (Block block : planner.blocks()) {
      assertTrue(read(block).words() <= 7);
      for (WireValue value : block.values()) {
        Register register = (Register) value;
        assertTrue(register.start() >= read(block).address());
        assertTrue(register.end() <= read(block).end());
        values++;
      }
    }
    assertEquals(60, values);
    assertEquals(20, planner.blocks().size());
  }

  @Test
  void noPlanIsDearerThanTheBestOfAllPartitions() {
    long seed = 7_112_025L;
    System.out.println("seed " + seed);
    RandomGenerator random = Randomness.seeded(seed);
    for (int round = 0; round < 500; round++) {
      int count = random.nextInt(1, 9);
      List<Register> registers = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        registers.add(
            register(
                i,
                3 + random.nextInt(2) * random.nextInt(2),
                random.nextInt(90),
                random.nextBoolean()));
      }
      int maxWords = random.nextInt(4, 60);
      long best = cheapest(registers, maxWords);
      assertEquals(best, new Planner(registers, maxWords, COST).nanos(COST), "round " + round);
    }
  }

  /**
   * Registers of a meter as they are met: clusters with holes. The minimum is over all ways to part
   * them into sets, each read as one block, found by dynamic programming over the subsets.
   */
  @Test
  void theCycleOfTwentyRandomMapsIsTheLeastThatAnyPlanHas() {
    long seed = 9_600_115_200L;
    System.out.println("seed " + seed);
    RandomGenerator random = Randomness.seeded(seed);
    long planned = 0;
    long least = 0;
    for (int map = 0; map < 20; map++) {
      List<Register> registers = new ArrayList<>();
      int address = random.nextInt(50);
      int count = random.nextInt(9, 13);
      for (int i = 0; i < count; i++) {
        address += random.nextInt(4) == 0 ? random.nextInt(2, 60) : random.nextInt(1, 5);
        boolean wide = random.nextBoolean();
        registers.add(register(i, 3 + random.nextInt(8) / 7, address, wide));
        address += wide ? 2 : 1;
      }
      int maxWords = random.nextInt(10, 126);
      WireCost cost = COST.withDelay(random.nextLong(5_000_000L, 50_000_000L));
      long cycle = new Planner(registers, maxWords, cost).nanos(cost);
      long best = leastOverSubsets(registers, maxWords, cost);
      assertTrue(cycle <= best * 1.05, "map " + map + ": " + cycle + " ns, least " + best + " ns");
      planned += cycle;
      least += best;
    }
    System.out.printf(
        "20 maps: planned %.3f ms, least of all plans %.3f ms%n", planned / 1e6, least / 1e6);
  }

  private static long leastOverSubsets(List<Register> registers, int maxWords, WireCost cost) {
    int all = (1 << registers.size()) - 1;
    long[] alone = new long[all + 1];
    long[] best = new long[all + 1];
    for (int set = 1; set <= all; set++) {
      alone[set] = nanosOf(registers, set, maxWords, cost);
      best[set] = Long.MAX_VALUE;
      // The first register is in some part: every part with it, and the best of the rest.
      int first = Integer.lowestOneBit(set);
      int others = set ^ first;
      for (int more = others; ; more = (more - 1) & others) {
        int part = first | more;
        long nanos = alone[part];
        if (nanos != Long.MAX_VALUE) {
          best[set] = Math.min(best[set], nanos + best[set ^ part]);
        }
        if (more == 0) {
          break;
        }
      }
    }
    return best[all];
  }

  private static long nanosOf(List<Register> registers, int set, int maxWords, WireCost cost) {
    int start = Integer.MAX_VALUE;
    int end = 0;
    int function = 0;
    for (int i = 0; i < registers.size(); i++) {
      if ((set & (1 << i)) != 0) {
        Register register = registers.get(i);
        if (function != 0 && function != register.function()) {
          return Long.MAX_VALUE;
        }
        function = register.function();
        start = Math.min(start, register.start());
        end = Math.max(end, register.end());
      }
    }
    return end - start > maxWords
        ? Long.MAX_VALUE
        : cost.nanos(ask(new BlockRead(function, start, end - start)));
  }

  /** Tries every way to put the registers into sets, each read as one block. */
  private static long cheapest(List<Register> registers, int maxWords) {
    return cheapest(registers, 0, new ArrayList<>(), maxWords);
  }

  private static long cheapest(
      List<Register> registers, int next, List<List<Register>> sets, int maxWords) {
    if (next == registers.size()) {
      long sum = 0;
      for (List<Register> set : sets) {
        int start = set.stream().mapToInt(Register::start).min().orElseThrow();
        int end = set.stream().mapToInt(Register::end).max().orElseThrow();
        boolean mixed = set.stream().mapToInt(Register::function).distinct().count() > 1;
        if (mixed || end - start > maxWords) {
          return Long.MAX_VALUE;
        }
        sum += COST.nanos(ask(new BlockRead(set.getFirst().function(), start, end - start)));
      }
      return sum;
    }
    long best = Long.MAX_VALUE;
    for (int i = 0; i <= sets.size(); i++) {
      if (i == sets.size()) {
        sets.add(new ArrayList<>());
      }
      sets.get(i).add(registers.get(next));
      best = Math.min(best, cheapest(registers, next + 1, sets, maxWords));
      sets.get(i).removeLast();
      if (sets.get(i).isEmpty()) {
        sets.removeLast();
      }
    }
    return best;
  }

  @Test
  void aRefusedBlockIsSplitAtItsWidestHoleFirst() {
    var registers =
        List.of(
            register(0, 3, 0, false),
            register(1, 3, 3, false),
            register(2, 3, 10, false),
            register(3, 3, 11, false));
    Planner planner = new Planner(registers, 125, COST);
    assertEquals(List.of("FC3 0+12"), reads(planner));
    var parts = planner.refuse(planner.blocks().getFirst(), Reason.exception(2));
    assertEquals(
        List.of("FC3 0+4", "FC3 10+2"), parts.stream().map(b -> b.ask().toString()).toList());
    assertEquals(List.of("FC3 0+4", "FC3 10+2"), reads(planner));
  }

  @Test
  void aSingleRefusedRegisterIsGivenUpAndTheOthersGrowTogetherAgain() {
    List<Register> registers = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      registers.add(register(i, 3, i, false));
    }
    Planner planner = new Planner(registers, 125, COST);
    for (int rounds = 0; rounds < 20; rounds++) {
      var refused =
          planner.blocks().stream()
              .filter(b -> read(b).address() <= 5 && read(b).end() > 5)
              .findFirst();
      if (refused.isEmpty()) {
        break;
      }
      planner.refuse(refused.get(), Reason.exception(2));
    }
    assertEquals(List.of("FC3 0+5", "FC3 6+10"), reads(planner));
    assertEquals(java.util.Map.of(Point.all().get(5), Reason.exception(2)), planner.refused());
    planner.forget();
    assertEquals(List.of("FC3 0+16"), reads(planner));
  }

  @Test
  void aScaleFactorIsReadWithItsValue() {
    RegisterPoint scaled =
        Parts.register(
            Point.of("power"),
            3,
            14,
            DeviceProfile.Type.INT16,
            1,
            DeviceProfile.WordOrder.BIG,
            BigDecimal.ONE,
            50,
            DeviceProfile.Ratio.NONE,
            List.of(),
            null,
            Duration.ofSeconds(1),
            Long.MIN_VALUE,
            Long.MAX_VALUE,
            java.util.Map.of());
    Register power = new Register(scaled, Point.of("power"), 40_070, BigDecimal.ONE, true);
    Planner planner = new Planner(List.of(power), 125, COST);
    assertEquals(List.of("FC3 40084+37"), reads(planner));
  }
}
