package io.lingtan.simulator;

import io.lingtan.simulator.bench.BenchCommand;
import io.lingtan.simulator.demo.DemoCommand;
import io.lingtan.simulator.fleet.FleetCommand;
import io.lingtan.simulator.live.RunCommand;
import io.lingtan.simulator.prove.ProveCommand;
import io.lingtan.simulator.referee.RefereeCommand;
import io.lingtan.simulator.replay.ReplayCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line. Exit codes: 0 good, 1 failed, 2 wrong usage. */
@Command(
    name = "lingtan-sim",
    mixinStandardHelpOptions = true,
    version = "lingtan-sim 0.1.0",
    description = "A site in software, for the Lingtan agent to read.",
    subcommands = {
      BenchCommand.class,
      DemoCommand.class,
      FleetCommand.class,
      ProveCommand.class,
      RefereeCommand.class,
      ReplayCommand.class,
      RunCommand.class,
      ZoneCommand.class
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
