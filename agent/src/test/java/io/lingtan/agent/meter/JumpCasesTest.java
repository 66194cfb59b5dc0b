package io.lingtan.agent.meter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.lingtan.agent.meter.RegisterChange.Advanced;
import io.lingtan.agent.meter.RegisterChange.Confirmed;
import io.lingtan.agent.meter.RegisterChange.Doubted;
import io.lingtan.agent.meter.RegisterChange.First;
import io.lingtan.agent.meter.RegisterChange.Glitch;
import io.lingtan.agent.meter.RegisterChange.Leapt;
import io.lingtan.agent.meter.RegisterChange.Rebased;
import io.lingtan.agent.meter.RegisterChange.Retracted;
import io.lingtan.agent.meter.RegisterChange.RolledOver;
import io.lingtan.testing.TruthCases;
import io.lingtan.testing.WorkedExamples.Node;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Registers of which nobody says how much they can count: gas, heat, hydrogen, water. */
final class JumpCasesTest {

  private static final RegisterSpec UNBOUND = new RegisterSpec(0, 10_000, 0, 1_000, 0);

  static List<Node> cases() {
    List<Node> cases = TruthCases.of("jumps");
    assertFalse(cases.isEmpty());
    return cases;
  }

  private long measured;
  private long suspect;
  private long base;
  private final List<String> glitches = new ArrayList<>();
  private int reset = -1;

  private void take(RegisterState register, int index, long reading, Mark at) {
    switch (register.observe(reading, at)) {
      case First() -> base = reading;
      case Advanced(long counted) -> counted(counted, reading);
      case RolledOver(long before, long after, long counted) -> counted(counted, reading);
      case Doubted(long before, long seen, long limit) -> {}
      case Glitch(long before, long seen, long counted) -> {
        counted(counted, reading);
        glitches.add(String.valueOf(index - 1));
      }
      case Confirmed(Mark since, long then, long until, long counted) ->
          counted(until + counted, reading);
      case Leapt(Mark from, long before, Mark since, long then, long leapt, long counted) -> {
        suspect += leapt;
        counted(counted, reading);
      }
      case Retracted(long before, long seen, Mark since, long then, long until, long counted) ->
          counted(until + counted - (seen - before), reading);
      case Rebased(
              RegisterChange.Cause cause,
              long before,
              Mark since,
              long after,
              long counted) -> {
        counted(counted, reading);
        reset = index - 1;
      }
    }
  }

  private void counted(long amount, long reading) {
    measured += amount;
    base = reading;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aRiseIsBelievedByWhatFollows(Node each) {
    RegisterState register = new RegisterState(UNBOUND);
    Node in = each.at("inputs");
    long interval = in.at("interval_min").decimal().longValueExact() * 60;
    int index = 0;
    for (Node reading : in.at("register_kWh").list()) {
      long seconds = interval * index;
      Mark at = new Mark(1, seconds * 1_000_000_000L, 1_764_000_000_000L + seconds * 1000);
      take(register, index, TruthCases.number(reading).movePointRight(6).longValueExact(), at);
      index++;
    }
    Node expected = each.at("expected");
    assertEquals(TruthCases.micros(expected, "measured_kWh"), measured);
    assertEquals(TruthCases.micros(expected, "suspect_kWh"), suspect);
    assertEquals(TruthCases.micros(expected, "base_after"), base);
    assertEquals(
        expected.at("glitch_index").list().stream()
            .map(node -> node.decimal().toPlainString())
            .toList(),
        glitches);
    if (expected.has("reset_index")) {
      assertEquals(expected.at("reset_index").decimal(), BigDecimal.valueOf(reset));
    }
  }

  /** A second rise like the one that was not believed is how the meter counts. */
  @Test
  void whatComesAgainIsBelieved() {
    RegisterState register = new RegisterState(UNBOUND);
    long[] readings = {0, 1, 2, 102, 102, 103, 203, 203, 204};
    for (int i = 0; i < readings.length; i++) {
      long seconds = 900L * i;
      Mark at = new Mark(1, seconds * 1_000_000_000L, 1_764_000_000_000L + seconds * 1000);
      take(register, i, readings[i] * 1_000_000, at);
    }
    assertEquals(100_000_000, suspect);
    assertEquals(104_000_000, measured);
  }
}
