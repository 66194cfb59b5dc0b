package io.lingtan.agent.acquire.gpio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.Randomness;
import io.lingtan.testing.WorkedExamples;
import io.lingtan.testing.WorkedExamples.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Levels that hold, told from bounce and noise by time stamps. */
final class DebounceTest {

  private static final long MILLI = 1_000_000L;
  private static final long QUIET = 20 * MILLI;

  private record Edge(long nanos, boolean active) {}

  /** How many levels turned active, with nothing more to come until {@code end}. */
  private static int pulses(List<Edge> edges, long end) {
    Debounce debounce = new Debounce(QUIET, false, 0);
    int pulses = 0;
    for (Edge edge : edges) {
      pulses += debounce.edge(edge.nanos, edge.active) && debounce.isActive() ? 1 : 0;
    }
    return pulses + (debounce.settle(end) && debounce.isActive() ? 1 : 0);
  }

  private static long whole(Node number) {
    return number.decimal().longValueExact();
  }

  private static Node worked() {
    return WorkedExamples.cases("E04").stream()
        .filter(each -> each.at("name").text().equals("debounce"))
        .findFirst()
        .orElseThrow();
  }

  private static List<Edge> transitions(Node inputs) {
    List<Edge> edges = new ArrayList<>();
    for (Node transition : inputs.at("transitions_ms_level").list()) {
      long millis = whole(transition.list().get(0));
      boolean active = whole(transition.list().get(1)) == 1;
      // The first says how the level is at the beginning.
      if (millis > 0) {
        edges.add(new Edge(millis * MILLI, active));
      }
    }
    return edges;
  }

  @Test
  void theFastestLegalTrainIsCountedWhole() {
    Node example =
        WorkedExamples.cases("E04").stream()
            .filter(each -> each.at("inputs").has("tON_ms"))
            .findFirst()
            .orElseThrow();
    Node in = example.at("inputs");
    long on = whole(in.at("tON_ms")) * MILLI;
    long period = on + whole(in.at("tOFF_ms")) * MILLI;
    int trains = 1000;
    List<Edge> edges = new ArrayList<>();
    for (int i = 1; i <= trains; i++) {
      edges.add(new Edge(i * period, true));
      edges.add(new Edge(i * period + on, false));
    }
    assertEquals(trains, pulses(edges, (trains + 1) * period));
    double hertz = 1e9 / period;
    assertEquals(example.at("expected").at("f_max_Hz").number(), hertz, 1e-6);
    assertEquals(
        example.at("expected").at("P_max_kW").number(),
        hertz * 3600 / in.at("imp_per_kWh").number(),
        1e-9);
  }

  @Test
  void countsWhatTheWorkedExampleCounts() {
    Node inputs = worked().at("inputs");
    assertEquals(20, whole(inputs.at("debounce_ms")));
    List<Edge> edges = transitions(inputs);
    assertEquals(
        whole(worked().at("expected").at("naive_rising_edges")),
        edges.stream().filter(Edge::active).count());
    assertEquals(
        whole(worked().at("expected").at("pulses")),
        pulses(edges, whole(inputs.at("end_ms")) * MILLI));
  }

  /** Why both edges are taken: no dead time after a rising edge tells the pulses of the example. */
  @Test
  void risingEdgesAloneWouldCountTheBounceOfTheFallingOnes() {
    for (long deadMillis = 10; deadMillis < 30; deadMillis++) {
      long last = Long.MIN_VALUE / 2;
      int counted = 0;
      for (Edge edge : transitions(worked().at("inputs"))) {
        if (edge.active) {
          counted += edge.nanos - last >= deadMillis * MILLI ? 1 : 0;
          last = edge.nanos;
        }
      }
      assertEquals(4, counted, "with a dead time of " + deadMillis + " ms");
    }
  }

  @Test
  void noiseAtTwiceTheMainsFrequencyIsNoPulse() {
    List<Edge> edges = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      edges.add(new Edge((100 + 10L * i) * MILLI, true));
      edges.add(new Edge((105 + 10L * i) * MILLI, false));
    }
    assertEquals(0, pulses(edges, 60_000 * MILLI));
  }

  @Test
  void theShortestPulsesAndPausesThatS0AllowsAreAllCounted() {
    List<Edge> edges = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      edges.add(new Edge((100 + 60L * i) * MILLI, true));
      edges.add(new Edge((130 + 60L * i) * MILLI, false));
    }
    assertEquals(1000, pulses(edges, 100_000 * MILLI));
  }

  /** The kernel reads the level after the edge, and may find that of a later one. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void edgesThatAreNamedByALaterLevelWithinTheBounceChangeNothing(long seed) {
    RandomGenerator random = Randomness.seeded(seed);
    List<Edge> edges = new ArrayList<>();
    long at = 100 * MILLI;
    boolean active = false;
    for (int i = 0; i < 2 * 500; i++) {
      active = !active;
      int bounces = random.nextInt(4);
      for (int b = 0; b < bounces; b++) {
        // Both edges of a bounce, each with any name.
        edges.add(new Edge(at, random.nextBoolean()));
        edges.add(new Edge(at + random.nextLong(MILLI / 2), random.nextBoolean()));
        at += random.nextLong(MILLI / 2, MILLI);
      }
      edges.add(new Edge(at, active));
      at += random.nextLong(30, 120) * MILLI;
    }
    assertEquals(500, pulses(edges, at + 1000 * MILLI), "seed " + seed);
  }

  @Test
  void aLevelIsBelievedOnceItHasHeldAndSinceItBegan() {
    Debounce debounce = new Debounce(QUIET, false, 0);
    assertEquals(Long.MAX_VALUE, debounce.dueNanos());
    assertFalse(debounce.edge(100 * MILLI, true));
    assertEquals(120 * MILLI, debounce.dueNanos());
    assertFalse(debounce.settle(119 * MILLI));
    assertFalse(debounce.isActive());
    assertTrue(debounce.settle(120 * MILLI));
    assertFalse(debounce.settle(200 * MILLI));
    assertTrue(debounce.isActive());
    assertEquals(100 * MILLI, debounce.changedNanos());
    assertEquals(0, debounce.discarded());
    debounce.edge(300 * MILLI, false);
    debounce.edge(303 * MILLI, true);
    debounce.settle(400 * MILLI);
    assertEquals(2, debounce.discarded());
  }
}
