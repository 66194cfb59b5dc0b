package io.lingtan.simulator.zone;

import io.lingtan.simulator.zone.bridge.BridgeCommand;
import io.lingtan.simulator.zone.sink.ProveCommand;
import io.lingtan.simulator.zone.sink.SinkCommand;
import io.lingtan.simulator.zone.streams.StreamsCommand;
import io.lingtan.simulator.zone.trial.GatewaysCommand;
import io.lingtan.simulator.zone.trial.RateCommand;
import io.lingtan.simulator.zone.trial.TrialCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line. Exit codes: 0 good, 1 failed, 2 wrong usage. */
@Command(
    name = "lingtan-zone",
    mixinStandardHelpOptions = true,
    version = "lingtan-zone 0.1.0",
    description = "A central system for a whole zone, on Kafka and PostgreSQL.",
    subcommands = {
      BridgeCommand.class,
      ProveCommand.class,
      RateCommand.class,
      SinkCommand.class,
      StreamsCommand.class,
      TrialCommand.class,
      GatewaysCommand.class
    })
public final class Main implements Runnable {

  private static final String LOG_FORMAT = "%1$tF %1$tT.%1$tL %4$s %3$s: %5$s%6$s%n";

  @Spec private CommandSpec spec;

  /** Runs a command and exits with its code. */
  public static void main(String[] args) {
    if (System.getProperty("java.util.logging.SimpleFormatter.format") == null) {
      System.setProperty("java.util.logging.SimpleFormatter.format", LOG_FORMAT);
    }
    System.exit(new CommandLine(new Main()).execute(args));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "name a command");
  }
}
