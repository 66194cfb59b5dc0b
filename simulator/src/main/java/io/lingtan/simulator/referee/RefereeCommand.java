package io.lingtan.simulator.referee;

import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.site.yaml.Problem;
import io.lingtan.simulator.beside.EarlyEnd;
import io.lingtan.simulator.beside.WorkFolder;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lingtan-sim referee}. */
@Command(
    name = "referee",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Serves readings to any MQTT publisher of Modbus meters, lets things go wrong, and counts"
            + " what became of each reading: lost, twice, wrong.",
    footer = {
      "",
      "Mappings built in: lingtan, collectd, node-red. A mapping of your own is a YAML file that",
      "says how topics and payloads name unit, point and value, and how the publisher is started.",
      "Exit code 0: the course was run to its end, whatever the counts. 1: something did not",
      "start. 2: wrong usage, or a file that is wrong."
    })
public final class RefereeCommand implements Callable<Integer> {

  private static final List<String> SOURCES = List.of("system");

  @Spec private CommandSpec spec;

  @Option(
      names = "--map",
      required = true,
      paramLabel = "NAME|FILE",
      description = "Whose topics and payloads: a mapping that is built in, or a file.")
  private String map = "";

  @Option(
      names = "--scenario",
      paramLabel = "NAME|FILE",
      defaultValue = "usual",
      description =
          "What goes wrong when: usual (2 minutes), wire and rtu (damaged replies on Modbus"
              + " TCP and on RTU over TCP), short, or a file. Default: ${DEFAULT-VALUE}.")
  private String scenario = "usual";

  @Option(
      names = "--attach",
      description = "The publisher is running, or will be started by somebody: not killed.")
  private boolean attach;

  @Option(
      names = "--modbus-port",
      paramLabel = "N",
      description = "Of the units, on 127.0.0.1. Default: a free one.")
  private int modbusPort;

  @Option(
      names = "--broker-port",
      paramLabel = "N",
      description = "Of the broker that is started, on 127.0.0.1. Default: a free one.")
  private int brokerPort;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "Empty or new folder for the publisher's files; kept. Default: temporary.")
  private @Nullable Path dir;

  @Override
  public Integer call() {
    check(modbusPort >= 0 && modbusPort <= 65_535, "--modbus-port must be 0..65535");
    check(brokerPort >= 0 && brokerPort <= 65_535, "--broker-port must be 0..65535");
    // Around all that is said: the process may end as soon as it is closed.
    try (var _ = EarlyEnd.of("the referee")) {
      return run();
    }
  }

  private int run() {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    try (WorkFolder folder = WorkFolder.open(dir, null, "lingtan-referee-")) {
      Path builtInMap = BuiltIn.mapping(map, folder.path());
      MappingReader.Loaded mapping =
          MappingReader.load(builtInMap == null ? Path.of(map) : builtInMap);
      Path builtInCourse = BuiltIn.course(scenario, folder.path());
      CourseReader.Loaded course =
          CourseReader.load(builtInCourse == null ? Path.of(scenario) : builtInCourse);
      tell(mapping.problems());
      tell(course.problems());
      if (mapping.mapping() == null || course.course() == null) {
        return 2;
      }
      check(
          attach || mapping.mapping().framings().containsKey(course.course().framing()),
          map + " has no word for the course's framing: choose another course, or add framings");
      check(
          attach || mapping.mapping().start() != null,
          "the mapping does not say how to start " + map + ": use --attach, or add start");
      try (Referee referee =
          Referee.open(
              mapping.mapping(),
              course.course(),
              new Referee.Ports(modbusPort, brokerPort, attach),
              folder.path(),
              new SystemTime(SOURCES),
              out)) {
        out.print(referee.run().text());
        return 0;
      }
    } catch (IOException e) {
      spec.commandLine().getErr().println("lingtan-sim referee: " + e.getMessage());
      return 1;
    } catch (InterruptedException e) {
      spec.commandLine().getErr().println("lingtan-sim referee: ended early, nothing is counted");
      return 1;
    }
  }

  private void tell(List<Problem> problems) {
    problems.forEach(spec.commandLine().getErr()::println);
  }

  private void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), otherwise);
    }
  }
}
