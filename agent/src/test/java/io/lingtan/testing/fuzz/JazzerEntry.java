package io.lingtan.testing.fuzz;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What Jazzer calls: it hands each input to the target named by {@code fuzz.target}. */
public final class JazzerEntry {

  private static @Nullable FuzzTarget target;

  private JazzerEntry() {}

  /** Loads what the target needs with its good inputs: that is no time of the first input. */
  public static void fuzzerInitialize() throws Exception {
    FuzzTarget made = FuzzTargets.of(System.getProperty("fuzz.target", ""));
    for (byte[] seed : made.seeds()) {
      Bounds.take(made, seed);
    }
    target = made;
  }

  public static void fuzzerTestOneInput(byte[] input) throws Exception {
    Bounds.take(Objects.requireNonNull(target), input);
  }
}
