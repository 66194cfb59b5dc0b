package io.lingtan.simulator.referee;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.SystemTime;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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
    return run(name, Objects.requireNonNull(BuiltIn.course("short", folder)));
  }

  private RefereeReport run(String name, Path courseFile) throws IOException, InterruptedException {
    Mapping mapping =
        Objects.requireNonNull(
            MappingReader.load(Objects.requireNonNull(BuiltIn.mapping(name, folder))).mapping());
    CourseReader.Course course = Objects.requireNonNull(CourseReader.load(courseFile).course());
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
    assertTrue(report.phase("late replies").marred() > 0, report::text);
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

  private Path course(String text) throws IOException {
    return Files.writeString(folder.resolve("course.yaml"), text);
  }

  @Test
  void thisAgentTakesNothingThatIsDamagedOrOfAnotherUnit() throws Exception {
    RefereeReport report =
        run(
            "lingtan",
            course(
                """
                units: 3
                phases:
                  - {name: normal, for: 4s}
                  - {name: corrupt, for: 5s, upset: corrupt, every: 3}
                  - {name: truncated, for: 5s, upset: truncated, every: 3}
                  - {name: foreign, for: 5s, upset: foreign_unit, every: 3}
                  - {name: doubled, for: 4s, upset: duplicate, every: 3}
                  - {name: noise, for: 5s, upset: glued_noise, every: 3}
                  - {name: not available, for: 4s, upset: sentinel}
                  - {name: end, for: 2s}
                settle: 20s
                """));
    assertEquals(0, report.total(Truth.Count::wrong), report::text);
    assertEquals(0, report.total(Truth.Count::twice), report::text);
    for (String marred : List.of("corrupt", "truncated", "foreign", "noise")) {
      assertTrue(report.phase(marred).marred() > 0, report::text);
    }
    // Of the two numbers of a unit one is not there.
    assertTrue(report.phase("not available").served() > 0, report::text);
    assertEquals(0, report.phase("not available").lost(), report::text);
  }

  @Test
  void behindASerialServerACheckSumThatDoesNotFitIsNoValue() throws Exception {
    RefereeReport report =
        run(
            "lingtan",
            course(
                """
                units: 3
                framing: rtu-over-tcp
                phases:
                  - {name: normal, for: 4s}
                  - {name: corrupt, for: 5s, upset: corrupt, every: 3}
                  - {name: end, for: 2s}
                settle: 20s
                """));
    assertTrue(report.phase("corrupt").marred() > 0, report::text);
    assertEquals(0, report.total(Truth.Count::wrong), report::text);
  }

  @Test
  @RequiresTool("collectd")
  void collectdIsCountedAndLosesWhatItReadWhileTheBrokerWasAway() throws Exception {
    RefereeReport report = run("collectd");
    assertTrue(report.phase("late replies").marred() > 0, report::text);
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
