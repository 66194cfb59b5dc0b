package io.lingtan.simulator.referee;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.SystemTime;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Real publishers on the short course. They mostly wait, and so run beside each other. */
@Timeout(300)
@RequiresTool("mosquitto")
@Execution(ExecutionMode.CONCURRENT)
final class RefereeIT {
  @TempDir Path folder;

  private RefereeReport run(String name) throws IOException, InterruptedException {
    Mapping mapping =
        Objects.requireNonNull(
            MappingReader.load(Objects.requireNonNull(BuiltIn.mapping(name, folder))).mapping());
    CourseReader.Course course =
        Objects.requireNonNull(
            CourseReader.load(Objects.requireNonNull(BuiltIn.course("short", folder))).course());
    try (Referee referee =
        Referee.open(
            mapping,
            course,
            new Referee.Ports(0, 0, false),
            folder,
            new SystemTime(List.of("system")),
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))) {
      RefereeReport report = referee.run();
      assertEquals(0, report.overflown(), report::text);
      assertEquals(0, report.unusable(), report::text);
      assertTrue(report.phase("normal").served() >= 12, report::text);
      return report;
    }
  }

  @Test
  void thisAgentLosesNothingButWhatAKillCostsAndSaysNothingWrong() throws Exception {
    RefereeReport report = run("lingtan");
    assertTrue(report.phase("late replies").late() > 0, report::text);
    assertEquals(0, report.total(Truth.Count::twice), report::text);
    assertEquals(0, report.total(Truth.Count::wrong), report::text);
    assertEquals(0, report.total(Truth.Count::mistimed), report::text);
    assertTrue(report.phase("broker away").served() >= 12, report::text);
    assertEquals(0, report.phase("broker away").lost(), report::text);
    // The kill costs at most what was read since the last commit: a second of six numbers, and one.
    assertTrue(report.total(Truth.Count::lost) <= 12, report::text);
    for (String unharmed : List.of("normal", "one unit dead", "late replies")) {
      assertEquals(0, report.phase(unharmed).lost(), report::text);
    }
  }

  @Test
  @RequiresTool("collectd")
  void collectdIsCountedAndLosesWhatItReadWhileTheBrokerWasAway() throws Exception {
    RefereeReport report = run("collectd");
    assertTrue(report.phase("late replies").late() > 0, report::text);
    assertEquals(0, report.phase("normal").lost(), report::text);
    assertEquals(0, report.total(Truth.Count::wrong), report::text);
    assertTrue(report.phase("broker away").lost() > 0, report::text);
  }

  @Test
  @Tag("campaign")
  @RequiresTool("npm")
  void nodeRedIsCounted() throws Exception {
    RefereeReport report = run("node-red");
    assertTrue(report.phase("normal").delivered() > 0, report::text);
    assertTrue(report.phase("broker away").lost() > 0, report::text);
  }
}
