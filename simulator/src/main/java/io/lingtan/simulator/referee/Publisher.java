package io.lingtan.simulator.referee;

import io.lingtan.simulator.beside.Apps;
import io.lingtan.simulator.beside.Child;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The publisher on trial, as a child process that can be killed and started again. */
final class Publisher implements AutoCloseable {

  private static final Duration LONGEST_PREPARATION = Duration.ofMinutes(5);
  private static final Duration LONGEST_STOP = Duration.ofSeconds(10);
  private static final String AGENT = "{agent}";

  private final String name;
  private final List<String> command;
  private final Path output;
  private @Nullable Child child;

  private Publisher(String name, List<String> command, Path output) {
    this.name = name;
    this.command = command;
    this.output = output;
  }

  /**
   * Makes its files, prepares and starts it.
   *
   * @param values for the placeholders {@code {dir} {modbus_port} {broker_port}}
   * @throws IOException if it does not start; with its last words and what to do
   */
  static Publisher start(
      Mapping mapping, List<String> start, Path folder, Map<String, String> values)
      throws IOException {
    for (Map.Entry<String, String> file : mapping.files().entrySet()) {
      Path target = folder.resolve(file.getKey());
      Path parent = target.getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      Files.writeString(target, filled(file.getValue(), values));
    }
    Path output = folder.resolve("publisher.log");
    for (List<String> preparation : mapping.prepare()) {
      List<String> words = filled(preparation, values);
      try (Child child = Child.start(words.getFirst(), words, output)) {
        boolean ended = child.ends(LONGEST_PREPARATION);
        if (!ended || child.exitCode() != 0) {
          throw new IOException(
              "what prepares %s failed; install what it needs. %s"
                  .formatted(mapping.publisher(), child.lastWords()));
        }
      }
    }
    Publisher publisher = new Publisher(mapping.publisher(), filled(start, values), output);
    publisher.start();
    return publisher;
  }

  private static List<String> filled(List<String> words, Map<String, String> values)
      throws IOException {
    List<String> filled = new ArrayList<>();
    for (String word : words) {
      if (word.equals(AGENT)) {
        filled.addAll(agent());
      } else {
        filled.add(filled(word, values));
      }
    }
    return filled;
  }

  /** From an app folder its launcher; from class files the class. */
  private static List<String> agent() throws IOException {
    Path home;
    try {
      home = Apps.home();
    } catch (IOException e) {
      if (System.getenv("LINGTAN_AGENT") == null) {
        return List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            "io.lingtan.agent.Main");
      }
      home = Path.of("/");
    }
    return List.of(Apps.agent(home, System.getenv()).toString());
  }

  private static String filled(String text, Map<String, String> values) {
    String filled = text;
    for (Map.Entry<String, String> value : values.entrySet()) {
      filled = filled.replace("{" + value.getKey() + "}", value.getValue());
    }
    return filled;
  }

  /** Starts it again. */
  void start() throws IOException {
    try {
      child = Child.start(name, command, output);
    } catch (IOException e) {
      throw new IOException(
          name + " cannot be started (" + e.getMessage() + "): install it, or change start", e);
    }
  }

  /** SIGKILL, and waits until it is gone. */
  void kill() {
    Child running = child;
    if (running != null) {
      running.close();
    }
  }

  boolean isAlive() {
    Child running = child;
    return running != null && running.isAlive();
  }

  String lastWords() {
    Child last = child;
    return last == null ? name : last.lastWords();
  }

  @Override
  public void close() {
    Child running = child;
    if (running != null) {
      running.terminate(LONGEST_STOP);
    }
  }
}
