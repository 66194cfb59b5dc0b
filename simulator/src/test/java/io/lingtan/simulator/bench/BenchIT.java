package io.lingtan.simulator.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.simulator.json.Json;
import io.lingtan.testing.Child;
import io.lingtan.testing.Launched;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A short bench with the packed programs. What is asserted are counts that a busy machine does not
 * move: bytes and messages for each value, what is lost, what is wrong.
 */
final class BenchIT {

  private static final String PROGRAM = "target/lingtan-sim/bin/lingtan-sim";

  /** Measured: 27 with ten meters, of which most is what each commit costs. */
  private static final double MOST_WRITTEN_PER_VALUE = 60;

  /** Thirty values go in one message; a few messages a minute have none. */
  private static final double MOST_MESSAGES_PER_VALUE = 1.25 / WideMeters.WIDTH;

  /** Measured: 27.4, of which the values are 23. */
  private static final double MOST_SENT_PER_VALUE = 32;

  /**
   * The budget is 40 with fifty meters, half a minute after the start. In the first seconds there
   * is the compiler's work space beside it; without its class cache the agent has 52 then.
   */
  private static final double MOST_ANONYMOUS_MIB = 45;

  @TempDir private Path folder;

  @Test
  void allThatIsReadIsDeliveredByFewMessagesAndFewBytesOnTheCard() throws Exception {
    Path picture = folder.resolve("bench.svg");
    Launched bench =
        Launched.within(
            Duration.ofMinutes(4),
            Map.of(),
            PROGRAM,
            "bench",
            "--meters",
            "10",
            "--seconds",
            "4",
            "--json",
            "--svg",
            picture.toString());
    assertEquals(0, bench.exit(), bench::toString);
    String wrapped = "{\"measures\":" + bench.out() + "}";
    List<Json> measures = Json.read(wrapped.getBytes(StandardCharsets.UTF_8)).objects("measures");
    assertEquals(Candidate.values().length, measures.size(), bench::toString);
    for (Json measure : measures) {
      if (measure.has("absent")) {
        continue;
      }
      String said = measure.toString();
      assertTrue(measure.number("values", 0) > 0, said);
      boolean isCompared = !Candidate.COLLECTD.word().equals(measure.text("system"));
      assertEquals(isCompared ? 0 : -1, measure.number("wrong", -1), said);
      assertEquals(0, measure.number("strange", -1), said);
      assertTrue(number(measure, "rss_mb") > number(measure, "pss_mb"), said);
      assertTrue(number(measure, "pss_mb") > number(measure, "anon_mb") / 2, said);
    }
    Json agent = measures.getFirst();
    String said = agent.toString();
    assertEquals("lingtan", agent.text("system"));
    assertEquals(0, agent.number("lost", -1), said);
    assertEquals(0, agent.number("twice", -1), said);
    assertTrue(number(agent, "bytes_per_value") <= MOST_WRITTEN_PER_VALUE, said);
    assertTrue(number(agent, "messages_per_value") <= MOST_MESSAGES_PER_VALUE, said);
    assertTrue(number(agent, "sent_bytes_per_value") <= MOST_SENT_PER_VALUE, said);
    assertTrue(number(agent, "anon_mb") <= MOST_ANONYMOUS_MIB, said);
    assertFalse(measures.get(1).has("absent"), "the bare loop needs nothing else");
    assertTrue(Files.readString(picture).contains("bare loop"));
  }

  private static double number(Json measure, String name) {
    var number = measure.decimal(name);
    return number == null ? Double.NaN : number.doubleValue();
  }

  @Test
  void withoutAnAgentItSaysWhatToDo() throws Exception {
    Launched bench = Launched.run(Map.of("LINGTAN_AGENT", "/nowhere/lingtan"), PROGRAM, "bench");
    assertEquals(1, bench.exit(), bench::toString);
    assertTrue(bench.err().contains("/nowhere/lingtan is not a program"), bench::toString);
  }

  /** What the launcher itself starts for a moment is not meant. */
  private static boolean isMeasuring(ProcessHandle program) {
    List<String> started =
        program.descendants().flatMap(each -> each.info().command().stream()).toList();
    return started.stream().anyMatch(each -> each.endsWith("mosquitto"))
        && started.stream().anyMatch(each -> each.endsWith("java"));
  }

  @Test
  void allProgramsEndWithIt() throws Exception {
    List<String> command = List.of(Path.of(PROGRAM).toAbsolutePath().toString(), "bench");
    try (Child bench = Child.start(folder.resolve("bench.log"), Map.of(), command)) {
      ProcessHandle program = ProcessHandle.of(bench.pid()).orElseThrow();
      bench.await("the broker and the agent", 60, () -> isMeasuring(program));
      List<ProcessHandle> children = program.descendants().toList();
      new ProcessBuilder("kill", "-INT", Long.toString(bench.pid())).start().waitFor();
      assertEquals(130, bench.join(30), bench.output());
      String said = bench.output();
      assertTrue(said.contains("ended early"), said);
      assertEquals(List.of(), children.stream().filter(ProcessHandle::isAlive).toList());
    }
  }
}
