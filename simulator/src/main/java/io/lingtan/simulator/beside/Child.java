package io.lingtan.simulator.beside;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A program that a command runs beside itself, in a session of its own: Ctrl-C in the terminal is
 * meant for the command, which then ends its children in order. The kernel ends it with SIGTERM
 * should the command die without a word. One thread starts and stops it.
 */
public final class Child implements AutoCloseable {

  private static final int LAST_LINES = 12;
  private static final Duration KILLED = Duration.ofSeconds(5);

  private final String name;
  private final Process process;
  private final Path output;

  private Child(String name, Process process, Path output) {
    this.name = name;
    this.process = process;
    this.output = output;
  }

  /**
   * Starts a program.
   *
   * @param output where its standard output and error are appended
   * @throws IOException if it cannot be started
   */
  public static Child start(String name, List<String> command, Path output) throws IOException {
    List<String> whole = new ArrayList<>();
    if (isInstalled("setpriv")) {
      whole.addAll(List.of("setpriv", "--pdeathsig", "TERM"));
    }
    if (isInstalled("setsid")) {
      whole.add("setsid");
    }
    whole.addAll(command);
    Process process =
        new ProcessBuilder(whole)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
            .start();
    return new Child(name, process, output);
  }

  private static boolean isInstalled(String program) {
    return Files.isExecutable(Path.of("/usr/bin", program));
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  public long pid() {
    return process.pid();
  }

  /** kill -9. */
  public void kill() {
    process.destroyForcibly();
  }

  /** Closes its standard input, for a program that ends with it; {@link #ends} waits for it. */
  public void hangUp() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      // It is gone already: that is what was wanted.
      return;
    }
  }

  /**
   * SIGTERM; if that does not end it in time, kills it.
   *
   * @return whether it ended by itself
   */
  public boolean terminate(Duration atMost) {
    process.destroy();
    return ends(atMost);
  }

  /**
   * Waits for it to end; if it does not in time, kills it.
   *
   * @return whether it ended by itself
   */
  public boolean ends(Duration atMost) {
    try {
      boolean ended = process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS);
      if (!ended) {
        process.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
      }
      return ended;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
      return false;
    }
  }

  /**
   * A line on its standard input.
   *
   * @throws IOException if it has ended
   */
  public void say(String line) throws IOException {
    OutputStream to = process.getOutputStream();
    to.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    to.flush();
  }

  /** With which it ended; for a program that has. */
  public int exitCode() {
    return process.exitValue();
  }

  /** How it ended and its last words. */
  public String lastWords() {
    StringBuilder words = new StringBuilder(name);
    if (!process.isAlive()) {
      words.append(" ended with ").append(process.exitValue());
    }
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(Files.newInputStream(output), StandardCharsets.UTF_8))) {
      List<String> lines = reader.lines().toList();
      for (String line : lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size())) {
        words.append("\n  ").append(line);
      }
    } catch (IOException | UncheckedIOException e) {
      words.append(", and its words cannot be read: ").append(e.getMessage());
    }
    return words.toString();
  }

  /** Kills it, and waits until it is gone: afterwards it writes nothing any more. */
  @Override
  public void close() {
    process.destroyForcibly();
    ends(KILLED);
  }
}
