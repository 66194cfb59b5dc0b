package io.lingtan.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A program that runs beside the test; what it prints goes to a file. Ended by its process id. */
public final class Child implements AutoCloseable {

  private final Process process;
  private final Path output;

  private Child(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  /** Starts a program; both its outputs are appended to {@code output}. */
  public static Child start(Path output, Map<String, String> environment, List<String> command)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    return new Child(process, output);
  }

  /** What it has printed so far. */
  public String output() throws IOException {
    return Files.exists(output) ? Files.readString(output, StandardCharsets.UTF_8) : "";
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** SIGKILL, and waits until it is gone. */
  public void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  /** SIGTERM; returns the exit code, or kills it and returns -1 after {@code seconds}. */
  public int stop(int seconds) throws InterruptedException {
    process.destroy();
    if (process.waitFor(seconds, TimeUnit.SECONDS)) {
      return process.exitValue();
    }
    kill();
    return -1;
  }

  /** Waits for the program to end by itself; returns its exit code, or -1 after {@code seconds}. */
  public int join(int seconds) throws InterruptedException {
    return process.waitFor(seconds, TimeUnit.SECONDS) ? process.exitValue() : -1;
  }

  /**
   * Waits until {@code condition} holds.
   *
   * @throws AssertionError with what the program printed, if it ends or {@code seconds} pass before
   */
  public void await(String what, int seconds, BooleanSupplier condition)
      throws IOException, InterruptedException {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (!condition.getAsBoolean()) {
      if (!process.isAlive() || System.nanoTime() > until) {
        throw new AssertionError(
            (process.isAlive() ? "waited " + seconds + " s for " : "the program ended before ")
                + what
                + "; it printed:\n"
                + output());
      }
      Thread.sleep(50);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
