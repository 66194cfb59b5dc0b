package io.lingtan.simulator.zone.trial;

import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.run.Time;
import io.lingtan.simulator.beside.EarlyEnd;
import io.lingtan.simulator.beside.WorkFolder;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lingtan-zone rate}. */
@Command(
    name = "rate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Measures how many messages one streams instance folds in a second, for each number of"
            + " threads with three Kafka servers of its own, and what its state takes.")
public final class RateCommand implements Callable<Integer> {

  private static final Logger KAFKA = Logger.getLogger("org.apache.kafka");

  @Spec private CommandSpec spec;

  @Option(
      names = "--threads",
      paramLabel = "LIST",
      split = ",",
      defaultValue = "1,2,4",
      description = "Each 1..8. Default: ${DEFAULT-VALUE}.")
  private List<Integer> threads = List.of(1, 2, 4);

  @Option(
      names = "--gateways",
      paramLabel = "N",
      defaultValue = "5000",
      description = "1..10000. Default: ${DEFAULT-VALUE}.")
  private int gateways = 5_000;

  @Option(
      names = "--messages",
      paramLabel = "N",
      defaultValue = "120000",
      description =
          "How many there are to fold, 1000..2000000: of each gateway and minute six samples, an"
              + " interval record and a store. Default: ${DEFAULT-VALUE}.")
  private int messages = 120_000;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "300",
      description = "How long each may take, 10..86400. Default: ${DEFAULT-VALUE}.")
  private int seconds = 300;

  @Option(names = "--svg", paramLabel = "FILE", description = "A chart.")
  private @Nullable Path chart;

  @Override
  public Integer call() {
    check(threads.stream().allMatch(one -> one >= 1 && one <= 8), "--threads must be 1..8");
    check(gateways >= 1 && gateways <= 10_000, "--gateways must be 1..10000");
    check(messages >= 1_000 && messages <= 2_000_000, "--messages must be 1000..2000000");
    check(seconds >= 10 && seconds <= 86_400, "--seconds must be 10..86400");
    KAFKA.setLevel(Level.WARNING);
    try (var _ = EarlyEnd.of("the measurement");
        WorkFolder folder =
            WorkFolder.open(
                null,
                Files.isWritable(TrialCommand.MEMORY) ? TrialCommand.MEMORY : null,
                "lingtan-rate-")) {
      run(folder.path());
      return 0;
    } catch (IOException | IllegalStateException e) {
      spec.commandLine().getErr().println("lingtan-zone rate: " + e.getMessage());
      return 1;
    } catch (InterruptedException e) {
      spec.commandLine().getErr().println("lingtan-zone rate: ended early");
      return 1;
    }
  }

  private void run(Path folder) throws IOException, InterruptedException {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    Time time = new SystemTime(List.of("system"));
    int cores = Runtime.getRuntime().availableProcessors();
    List<SitePlan> plans = SitePlan.draw(gateways, 0, Randomness.seeded(1));
    List<ProducerRecord<String, byte[]>> recorded =
        Recording.of(plans, messages, time.wall().millisAt(time.now()));
    String what =
        String.format(
            Locale.ROOT, "%,d messages of %,d gateways, on %d cores", messages, gateways, cores);
    out.println(what);
    out.println("threads  messages/s  CPU s: fold   Kafka  of s  limit");
    List<Rate> rates = new ArrayList<>();
    for (int count : threads) {
      Rate rate =
          Rate.measure(
              count,
              plans,
              recorded,
              Files.createDirectories(folder.resolve("threads-" + count)),
              Duration.ofSeconds(seconds));
      rates.add(rate);
      out.printf(
          Locale.ROOT,
          "%7d  %10.0f  %11.1f %7.1f %5.1f  %s%n",
          count,
          rate.perSecond(),
          rate.foldCpuMillis() / 1_000.0,
          rate.kafkaCpuMillis() / 1_000.0,
          rate.millis() / 1_000.0,
          rate.limit(cores));
    }
    Rate last = rates.getLast();
    out.printf(
        Locale.ROOT,
        "state of %,d gateways: %,d kB in RocksDB, %,d kB in changelogs on each server%n",
        gateways,
        last.storeBytes() / 1_000,
        last.changelogBytes() / 1_000);
    if (chart != null) {
      Files.writeString(chart, RatePicture.of(rates, what));
    }
  }

  private void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), otherwise);
    }
  }
}
