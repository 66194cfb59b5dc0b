package io.lingtan.agent.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Reads a file that comes inside the program's jar; without it the program cannot run. */
public final class PackedFile {

  private PackedFile() {}

  /**
   * Its bytes.
   *
   * @param beside a class of the package that a name without a slash before it is in
   */
  public static byte[] bytes(Class<?> beside, String name) {
    try (InputStream in = beside.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the agent's jar lacks " + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("the agent's jar cannot be read", e);
    }
  }

  /** The same as text. */
  public static String text(Class<?> beside, String name) {
    return new String(bytes(beside, name), UTF_8);
  }
}
