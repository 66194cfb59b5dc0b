package io.lingtan.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** A program that ran to its end: its exit code, or -1 where it had to be killed, and its words. */
public record Launched(int exit, String out, String err) {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  /** Runs {@code command} with {@code environment} added to this process's own. */
  public static Launched run(Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    return within(LIMIT, environment, command);
  }

  /** The same for one that may take longer. */
  public static Launched within(Duration limit, Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    Path out = Files.createTempFile("launched", ".out");
    Path err = Files.createTempFile("launched", ".err");
    try {
      var builder =
          new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
      builder.environment().putAll(environment);
      Process process = builder.start();
      process.getOutputStream().close();
      boolean ended = process.waitFor(limit);
      process.destroyForcibly();
      return new Launched(ended ? process.exitValue() : -1, read(out), read(err));
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }

  private static String read(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8);
  }
}
