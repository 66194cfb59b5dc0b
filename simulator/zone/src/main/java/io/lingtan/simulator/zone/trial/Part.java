package io.lingtan.simulator.zone.trial;

import io.lingtan.simulator.beside.Child;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A part of the zone as a process that can be killed and started again. One thread. */
final class Part implements AutoCloseable {

  private static final long LOOK_MILLIS = 50;

  private final String name;
  private final List<String> command;
  private final Path log;
  private Child child;

  private Part(String name, List<String> command, Path log, Child child) {
    this.name = name;
    this.command = command;
    this.log = log;
    this.child = child;
  }

  static Part start(String name, List<String> command, Path folder) throws IOException {
    Path log = folder.resolve(name + ".log");
    return new Part(name, command, log, Child.start(name, command, log));
  }

  String name() {
    return name;
  }

  long pid() {
    return child.pid();
  }

  boolean isAlive() {
    return child.isAlive();
  }

  String lastWords() {
    return child.lastWords();
  }

  /** A line on its standard input. */
  void say(String line) throws IOException {
    child.say(line);
  }

  /** Closes its standard input, and waits for it to end. */
  void hangUp(Duration atMost) {
    child.hangUp();
    child.ends(atMost);
  }

  /** SIGKILL. */
  void kill() {
    child.close();
  }

  void startAgain() throws IOException {
    child = Child.start(name, command, log);
  }

  /**
   * Waits for something that it has to do first.
   *
   * @throws IOException if it ends before, or does not get there in time; with its last words
   */
  void await(Duration atMost, BooleanSupplier there) throws IOException, InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    while (!there.getAsBoolean()) {
      if (!child.isAlive() || System.nanoTime() > end) {
        throw new IOException(name + " did not begin: " + child.lastWords());
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    }
  }

  /** SIGTERM, and SIGKILL where that does not end it in time. */
  void end(Duration atMost) {
    child.terminate(atMost);
  }

  @Override
  public void close() {
    child.close();
  }
}
