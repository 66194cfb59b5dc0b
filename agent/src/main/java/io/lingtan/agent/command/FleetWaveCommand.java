package io.lingtan.agent.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lingtan.agent.audit.link.AuditClient;
import io.lingtan.agent.audit.link.BrokerAddress;
import io.lingtan.agent.reading.foreign.ForeignText;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.SmallFile;
import io.lingtan.agent.tls.Tls;
import io.lingtan.agent.wave.Documents;
import io.lingtan.agent.wave.Wave;
import io.lingtan.agent.wave.WaveStep;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lingtan fleet wave}: a change for many gateways, a few first. */
@Command(
    name = "wave",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description =
        "Publishes documents to a few gateways, then to more, as long as these take them and do no"
            + " worse than before. Killed, or stopped, the same command goes on.",
    footer = {
      "",
      "A wave fails by a gateway that refuses its document or puts it back, says nothing of it for"
          + " --wait,",
      "is offline after it, declares records as gone, sends no samples any more, or more failed and"
          + " bad",
      "ones than before. Then what nobody has obeyed yet is taken back.",
      "",
      "Exit codes: 0 all have it but the --failures, 1 stopped, failed, or some have not said yet"
          + " that",
      "they have it (the same command asks again), 2 wrong usage or configuration."
    })
final class FleetWaveCommand implements Callable<Integer> {

  private static final int LARGEST_LIST = 1024 * 1024;

  private final Time time;

  @Spec private CommandSpec spec;
  @Mixin private BrokerOptions broker;

  @Option(
      names = "--state",
      required = true,
      paramLabel = "FILE",
      description = "Who is where; a new wave has a new file, and the same file goes on with one.")
  private Path state;

  @ArgGroup(exclusive = true, multiplicity = "1")
  private From from = new From();

  /** Where the documents come from. */
  static final class From {
    @Option(
        names = "--documents",
        paramLabel = "PATH",
        description =
            "Signed: the file of a group's document, or a folder with GATEWAY.json for each.")
    private @Nullable Path documents;

    @Option(
        names = "--config",
        paramLabel = "PATH",
        description =
            "To be signed with --fleet-key: one site file for all, which leaves gateway out, or a"
                + " folder with GATEWAY.yaml for each.")
    private @Nullable Path config;
  }

  @Option(
      names = "--fleet-key",
      paramLabel = "FILE",
      description = "Private key of the fleet; with --config.")
  private @Nullable Path fleetKey;

  @Option(
      names = "--expires",
      paramLabel = "TIME",
      defaultValue = "2d",
      converter = AuditCommand.DurationConverter.class,
      description = "Of what is signed here (default ${DEFAULT-VALUE}).")
  private Duration expires;

  @Option(
      names = "--gateways",
      paramLabel = "PATTERN",
      split = ",",
      description = "Only these; * is any text, ? one letter. Several, or with commas.")
  private List<String> patterns = new ArrayList<>();

  @Option(
      names = "--list",
      paramLabel = "FILE",
      description = "Only those whose names are in it, one a line.")
  private @Nullable Path list;

  @Option(
      names = "--steps",
      paramLabel = "PERCENT",
      split = ",",
      defaultValue = "1,10,100",
      description =
          "So many have it after each wave (default ${DEFAULT-VALUE}). The first has one gateway of"
              + " each version and set of profiles, up to a tenth of all.")
  private List<String> steps;

  @Option(
      names = "--watch",
      paramLabel = "TIME",
      defaultValue = "5m",
      converter = AuditCommand.DurationConverter.class,
      description = "How long samples are compared, before and after (default ${DEFAULT-VALUE}).")
  private Duration watch;

  @Option(
      names = "--wait",
      paramLabel = "TIME",
      defaultValue = "20m",
      converter = AuditCommand.DurationConverter.class,
      description =
          "For the word of a gateway: more than fleet.confirm (default ${DEFAULT-VALUE}).")
  private Duration wait;

  @Option(
      names = "--failures",
      paramLabel = "N",
      defaultValue = "0",
      description = "So many gateways may fail in all (default ${DEFAULT-VALUE}).")
  private int failures;

  @Option(names = "--json", description = "The table as one line of JSON.")
  private boolean json;

  FleetWaveCommand(Time time) {
    this.time = time;
  }

  @Override
  public Integer call() throws IOException {
    BrokerAddress address = broker.address();
    PrintWriter err = spec.commandLine().getErr();
    Wave left = Wave.read(state);
    WaveStep.Orders orders =
        new WaveStep.Orders(state, documents(left), chosen(), percents(), watch, wait, failures);
    try (WaveStep step =
        new WaveStep(
            orders,
            left,
            new AuditClient.Options(
                address,
                "lingtan-wave-" + ProcessHandle.current().pid(),
                broker.user(),
                broker.password(),
                address.tls() ? Tls.factory(broker.identity(), null) : null,
                false),
            time,
            line -> {
              err.println(ForeignText.line(line));
              err.flush();
            })) {
      while (!step.isFinished()) {
        step.step(time.now());
        step.waiter().await(step.due().nanosSince(time.now()));
      }
      return told(step, err);
    } catch (Tls.Unusable e) {
      err.println(ForeignText.line(String.valueOf(e.getMessage())));
      return ExitCode.FAILED;
    }
  }

  private int told(WaveStep step, PrintWriter err) {
    Wave wave = step.wave();
    if (wave != null) {
      print(wave);
    }
    if (step.trouble() != null) {
      err.println(ForeignText.line(String.valueOf(step.trouble())));
      return ExitCode.FAILED;
    }
    return wave != null && wave.isEverywhere(failures) ? ExitCode.GOOD : ExitCode.FAILED;
  }

  private void print(Wave wave) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(ForeignText.json(wave.json()));
      return;
    }
    String form = "%-24s  %4s  %-8s  %s%n";
    out.printf(form, "gateway", "wave", "state", "why");
    for (Wave.Member member : wave.members()) {
      out.printf(
          form,
          member.gateway(),
          member.wave() + 1,
          member.stage().name().toLowerCase(Locale.ROOT),
          ForeignText.line(member.why() == null ? "" : member.why()));
    }
    out.println(
        wave.stopped() != null
            ? ForeignText.line(
                "stopped in wave %d of %d: %s"
                    .formatted(wave.at() + 1, wave.waves(), wave.stopped()))
            : "%d of %d gateways run by it"
                .formatted(wave.count(Wave.Stage.APPLIED), wave.members().size()));
  }

  private ParameterException wrong(String text, @Nullable Exception why) {
    return new ParameterException(spec.commandLine(), text, why);
  }

  private Documents documents(@Nullable Wave left) {
    Path config = from.config;
    if ((config == null) != (fleetKey == null)) {
      throw wrong("--config and --fleet-key go together", null);
    }
    Path path = config != null ? config : from.documents;
    if (path == null || !Files.exists(path)) {
      throw wrong(path + ": there is no such file or folder", null);
    }
    if (fleetKey == null) {
      return new Documents(path, null);
    }
    if (left != null && left.serial() == 0) {
      throw wrong(state + " is of documents that were signed before: give --documents", null);
    }
    long nowMillis = time.wall().millisAt(time.now());
    try {
      return new Documents(
          path,
          new Documents.Signer(
              FleetCommand.secret(fleetKey, "--fleet-key"),
              left == null ? nowMillis / 1000 : left.serial(),
              left == null ? nowMillis + expires.toMillis() : left.expiresMillis()));
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()), e);
    }
  }

  private Predicate<String> chosen() throws IOException {
    Set<String> names = new HashSet<>();
    if (list != null) {
      new String(SmallFile.read(list, LARGEST_LIST), UTF_8)
          .lines()
          .map(String::strip)
          .forEach(names::add);
    }
    List<Pattern> such = new ArrayList<>();
    for (String pattern : patterns) {
      such.add(
          Pattern.compile(Pattern.quote(pattern).replace("*", "\\E.*\\Q").replace("?", "\\E.\\Q")));
    }
    return name ->
        (list == null && such.isEmpty())
            || names.contains(name)
            || such.stream().anyMatch(pattern -> pattern.matcher(name).matches());
  }

  private List<Double> percents() {
    List<Double> percents = new ArrayList<>();
    double before = 0;
    for (String step : steps) {
      double percent;
      try {
        percent = Double.parseDouble(step.strip().replaceFirst("%$", ""));
      } catch (NumberFormatException e) {
        throw wrong("--steps: " + step + " is no percentage", e);
      }
      if (!(percent > before && percent <= 100)) {
        throw wrong("--steps rise from above 0 to 100, such as 1,10,100", null);
      }
      percents.add(percent);
      before = percent;
    }
    if (before < 100) {
      throw wrong("--steps end with 100: whoever is to have it in the end", null);
    }
    return percents;
  }
}
