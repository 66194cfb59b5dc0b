package io.lingtan.agent.command;

import io.lingtan.agent.Main;
import io.lingtan.agent.command.sticker.EnrollCommand;
import io.lingtan.agent.reading.foreign.ForeignText;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.Release;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.run.Threads;
import io.lingtan.agent.run.Time;
import java.io.Console;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Every command but the long run itself. */
@Command(
    name = "lingtan",
    description = "Energy-and-carbon agent of a site gateway.",
    mixinStandardHelpOptions = true,
    versionProvider = Commands.Version.class,
    subcommands = {
      Commands.Run.class,
      Commands.Train.class,
      CheckCommand.class,
      ExplainCommand.class,
      KeyCommand.class,
      LabelCommand.class,
      ProfilesCommand.class
    },
    footer = {"", "Exit codes: 0 good, 1 failed, 2 wrong usage or configuration."})
public final class Commands implements Runnable {

  private Commands() {}

  public static int execute(String... args) {
    Time time = new SystemTime(List.of("system"));
    return line(time).execute(args);
  }

  /** All of them, with what each needs. */
  static CommandLine line(Time time) {
    AuditCommand audit =
        new AuditCommand(time, Randomness.system(), action -> Threads.atShutdown("audit", action));
    return new CommandLine(new Commands())
        .addSubcommand(new ScanCommand(time, isTerminal(), AgentHere.PROCESSES))
        .addSubcommand(new ReadCommand(time, AgentHere.PROCESSES))
        .addSubcommand(audit)
        .addSubcommand(new BillCommand(time))
        .addSubcommand(new ResponseCommand(time))
        .addSubcommand(new VerifyCommand(System.in))
        .addSubcommand(new EnrollCommand(System.in))
        .addSubcommand(
            new CommandLine(new FleetCommand(time))
                .addSubcommand(new FleetStatusCommand(time))
                .addSubcommand(new FleetWaveCommand(time)))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(
            (failure, command, parsed) -> {
              command.getErr().println(ForeignText.line("lingtan: " + failure.getMessage()));
              return ExitCode.FAILED;
            });
  }

  @SuppressWarnings("SystemConsoleNull") // Java 25 returns null again where there is no terminal.
  private static boolean isTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        new CommandLine(this),
        "name a command: run, check, scan, read, audit, verify, explain, bill, enroll, fleet, key,"
            + " label or profiles");
  }

  /** Only describes itself: {@link Main} starts it without this library. */
  @Command(
      name = "run",
      description = "The agent. SIGTERM stops it cleanly.",
      mixinStandardHelpOptions = true)
  static final class Run implements Runnable {
    @Option(
        names = "--config",
        required = true,
        paramLabel = "site.yaml",
        description = "What to read and where to send it; config/README.md explains every key.")
    private Path config;

    @Override
    public void run() {
      throw new IllegalStateException("Main runs " + config);
    }
  }

  /** Only describes itself, as {@link Run}. */
  @Command(
      name = "train",
      description =
          "Makes FOLDER/lingtan.aot, a class cache for run, by a run of some seconds with a meter"
              + " and a broker of its own. Installation of the package does so.",
      mixinStandardHelpOptions = true)
  static final class Train implements Runnable {
    @Parameters(paramLabel = "FOLDER", description = "An empty one.")
    private Path folder;

    @Override
    public void run() {
      throw new IllegalStateException("Main runs " + folder);
    }
  }

  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"lingtan " + Release.version()};
    }
  }
}
