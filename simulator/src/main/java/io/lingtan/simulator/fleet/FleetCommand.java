package io.lingtan.simulator.fleet;

import io.lingtan.agent.run.SystemTime;
import io.lingtan.simulator.beside.EarlyEnd;
import io.lingtan.simulator.beside.WorkFolder;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lingtan-sim fleet}. */
@Command(
    name = "fleet",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Runs the ledger, journal and publish stages of many gateways against a real broker,"
            + " through its restarts, and audits what a subscriber received of each.",
    footer = {
      "",
      "Exit code 0: every record of every gateway arrived. 1: not, or something did not start."
    })
public final class FleetCommand implements Callable<Integer> {

  /** In memory: what is tried is not one card with a thousand journals on it. */
  private static final Path MEMORY = Path.of("/dev/shm");

  private static final List<String> SOURCES = List.of("system");

  /** A thousand gateways that each say that the broker is away say nothing. */
  private static final Logger PUBLISHERS = Logger.getLogger("io.lingtan.agent.publish");

  @Spec private CommandSpec spec;

  @Option(
      names = "--gateways",
      paramLabel = "N",
      defaultValue = "100",
      description = "How many, 1..10000. Default: ${DEFAULT-VALUE}.")
  private int gateways = 100;

  @Option(
      names = "--broker",
      paramLabel = "URL",
      description =
          "mqtt://HOST[:1883]. Default: start one, mosquitto where it is installed, else the"
              + " demo's.")
  private @Nullable String broker;

  @Option(
      names = "--rate",
      paramLabel = "R",
      defaultValue = "1",
      description = "Records a second of each gateway, 0.01..10. Default: ${DEFAULT-VALUE}.")
  private double rate = 1;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "60",
      description = "How long records are made, 5..86400. Default: ${DEFAULT-VALUE}.")
  private long seconds = 60;

  @Option(
      names = "--storm",
      paramLabel = "AT[:AWAY]",
      description =
          "Take the broker away AT seconds after the start, for AWAY (5) seconds; may be repeated."
              + " Default with a broker of its own: one in the middle; 'none' for none.")
  private @Nullable List<String> storms;

  @Option(
      names = "--broker-stop",
      paramLabel = "COMMAND",
      description = "How to take the broker of --broker away, for --storm.")
  private @Nullable String stop;

  @Option(names = "--broker-start", paramLabel = "COMMAND", description = "How to bring it back.")
  private @Nullable String start;

  @Option(
      names = "--broker-pid",
      paramLabel = "PID",
      description = "Its process on this machine, for memory and CPU.")
  private long brokerPid;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description =
          "Empty or new folder for journals and logs; kept. Default: a temporary one, in memory"
              + " where there is /dev/shm.")
  private @Nullable Path dir;

  @Override
  public Integer call() {
    FleetOptions options = options();
    PUBLISHERS.setLevel(Level.SEVERE);
    // Around all that is said: the process may end as soon as it is closed.
    try (var _ = EarlyEnd.of("the fleet")) {
      return run(options);
    }
  }

  private int run(FleetOptions options) {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    try (WorkFolder folder =
            WorkFolder.open(dir, Files.isWritable(MEMORY) ? MEMORY : null, "lingtan-fleet-");
        Fleet fleet = Fleet.start(options, folder.path(), new SystemTime(SOURCES), out)) {
      FleetReport report = fleet.run();
      out.print(report.text());
      return report.isGood() ? 0 : 1;
    } catch (IOException e) {
      spec.commandLine().getErr().println("lingtan-sim fleet: " + e.getMessage());
      return 1;
    } catch (InterruptedException e) {
      spec.commandLine().getErr().println("lingtan-sim fleet: ended early, nothing is proven");
      return 1;
    }
  }

  private FleetOptions options() {
    check(gateways >= 1 && gateways <= 10_000, "--gateways must be 1..10000, was " + gateways);
    check(rate >= 0.01 && rate <= 10, "--rate must be 0.01..10, was " + rate);
    check(seconds >= 5 && seconds <= 86_400, "--seconds must be 5..86400, was " + seconds);
    String url = broker;
    if (url != null) {
      check(isPlain(url), "--broker must be mqtt://HOST or mqtt://HOST:PORT, was " + url);
    }
    List<Storm> wanted = wantedStorms();
    check(
        url == null || wanted.isEmpty() || (stop != null && start != null),
        "--storm with --broker needs --broker-stop and --broker-start: commands that do it");
    check(
        url != null || (stop == null && start == null && brokerPid == 0),
        "--broker-stop, --broker-start and --broker-pid go with --broker");
    return new FleetOptions(gateways, url, brokerPid, stop, start, rate, seconds, wanted);
  }

  private List<Storm> wantedStorms() {
    List<String> written = storms;
    if (written == null) {
      return broker == null ? List.of(new Storm(Math.max(1, seconds / 2), 5)) : List.of();
    }
    if (written.equals(List.of("none"))) {
      return List.of();
    }
    try {
      List<Storm> read =
          written.stream()
              .map(Storm::parse)
              .sorted(Comparator.comparingLong(Storm::atSeconds))
              .toList();
      for (Storm storm : read) {
        check(
            storm.atSeconds() < seconds,
            "--storm " + storm.atSeconds() + " is not within --seconds " + seconds);
      }
      return read;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--storm: " + e.getMessage(), e);
    }
  }

  private static boolean isPlain(String url) {
    try {
      URI uri = URI.create(url);
      return "mqtt".equals(uri.getScheme()) && uri.getHost() != null;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), otherwise);
    }
  }
}
