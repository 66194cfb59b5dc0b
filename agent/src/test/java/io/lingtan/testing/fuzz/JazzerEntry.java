package io.lingtan.testing.fuzz;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What Jazzer calls: it hands each input to the target named by {@code fuzz.target}. */
public final class JazzerEntry {

  private static @Nullable FuzzTarget target;

  private JazzerEntry() {}

  public static void fuzzerInitialize() throws ReflectiveOperationException {
    target = FuzzTargets.of(System.getProperty("fuzz.target", ""));
  }

  public static void fuzzerTestOneInput(byte[] input) throws Exception {
    Bounds.take(Objects.requireNonNull(target), input);
  }
}
