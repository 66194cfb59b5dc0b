package io.lingtan.simulator.demo;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Single keys from the terminal, without waiting for them and without showing them. */
final class Keys implements AutoCloseable {

  private static final File TERMINAL = new File("/dev/tty");

  private final @Nullable InputStream in;
  private final String before;

  private Keys(@Nullable InputStream in, String before) {
    this.in = in;
    this.before = before;
  }

  /** Without a terminal there are never any keys. */
  static Keys none() {
    return new Keys(null, "");
  }

  /** Takes the terminal's keys one by one until closed; none where it cannot. */
  static Keys open() {
    InputStream in = null;
    try {
      String before = stty(List.of("-g"));
      in = new FileInputStream(TERMINAL);
      stty(List.of("-icanon", "-echo", "min", "0", "time", "0"));
      return new Keys(in, before.strip());
    } catch (IOException e) {
      closeQuietly(in);
      return none();
    }
  }

  /** Width of the terminal in characters; 80 where it does not say. */
  static int columns() {
    try {
      String[] size = stty(List.of("size")).strip().split(" ");
      int columns = size.length == 2 ? Integer.parseInt(size[1]) : 0;
      return columns > 0 ? columns : 80;
    } catch (IOException | NumberFormatException e) {
      return 80;
    }
  }

  boolean isOpen() {
    return in != null;
  }

  /** The next key, -1 if none is waiting. */
  int next() {
    if (in == null) {
      return -1;
    }
    try {
      return in.available() > 0 ? in.read() : -1;
    } catch (IOException e) {
      return -1;
    }
  }

  private static String stty(List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("stty"));
    command.addAll(arguments);
    Process stty =
        new ProcessBuilder(command).redirectInput(TERMINAL).redirectErrorStream(true).start();
    try {
      String said = new String(stty.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!stty.waitFor(5, TimeUnit.SECONDS) || stty.exitValue() != 0) {
        throw new IOException("stty: " + said);
      }
      return said;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      stty.destroyForcibly();
    }
  }

  /** Gives the terminal back as it was. */
  @Override
  public void close() {
    if (in == null) {
      return;
    }
    closeQuietly(in);
    try {
      stty(List.of(before));
    } catch (IOException e) {
      System.err.println("the terminal could not be set back (" + e.getMessage() + "): stty sane");
    }
  }

  private static void closeQuietly(@Nullable InputStream in) {
    try {
      if (in != null) {
        in.close();
      }
    } catch (IOException e) {
      // Only read from.
      return;
    }
  }
}
