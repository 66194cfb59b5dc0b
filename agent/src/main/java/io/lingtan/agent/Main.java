package io.lingtan.agent;

import io.lingtan.agent.command.Commands;
import io.lingtan.agent.command.JournalLine;
import io.lingtan.agent.command.RunCommand;
import io.lingtan.agent.command.training.TrainCommand;
import java.util.Arrays;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The command line.
 *
 * <p>{@code run} is taken apart by hand: the library that serves all other commands costs as much
 * memory as a third of the agent, and {@code run} lasts for years. So is {@code train}, from which
 * the class cache of {@code run} is made.
 */
public final class Main {

  private static final String LOG_FORMAT = "%1$tF %1$tT.%1$tL %4$s %3$s: %5$s%6$s%n";

  /** Pi4J calls it severe that a machine is no Raspberry Pi, whose model it would print. */
  private static final Logger BOARD = Logger.getLogger("com.pi4j.boardinfo");

  private static final Logger PI4J = Logger.getLogger("com.pi4j");

  private Main() {}

  public static void main(String[] args) {
    BOARD.setLevel(Level.OFF);
    PI4J.setLevel(Level.WARNING);
    if (System.getProperty("java.util.logging.SimpleFormatter.format") == null) {
      System.setProperty("java.util.logging.SimpleFormatter.format", LOG_FORMAT);
    }
    JournalLine.useIfRead(System.getenv());
    System.exit(execute(args));
  }

  static int execute(String... args) {
    List<String> words = Arrays.asList(args);
    boolean help = words.contains("--help") || words.contains("-h");
    if (!words.isEmpty() && words.getFirst().equals("run") && !help) {
      return RunCommand.run(words.subList(1, words.size()));
    }
    if (!words.isEmpty() && words.getFirst().equals("train") && !help) {
      return TrainCommand.run(words.subList(1, words.size()));
    }
    return Commands.execute(args);
  }
}
