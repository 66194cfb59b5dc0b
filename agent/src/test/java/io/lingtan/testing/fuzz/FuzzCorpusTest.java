package io.lingtan.testing.fuzz;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What fuzzing found once stays mended: seeds, kept inputs, and seeds that swell to a megabyte. */
final class FuzzCorpusTest {

  private static final int SWOLLEN = 30;
  private static final int LARGE = 1_000_000;
  private static final long MOST_CORPUS_BYTES = 300_000;
  private static final List<String> PIECES =
      List.of(
          "[",
          "{",
          "{\"a\":",
          "[{},",
          "{},",
          "1,",
          "9",
          "1e9",
          "\"",
          "\\",
          "a",
          "a,",
          "\n",
          " ",
          "- ",
          "- - ",
          "? ",
          "a: ",
          "\na: b",
          "\n- {id: a}",
          "&a [",
          "*a,",
          "\u0000",
          "\u0001\u0000",
          "\u009f",
          "\uffff",
          "0,1,2\n");

  static List<String> targets() throws Exception {
    return FuzzTargets.names();
  }

  @ParameterizedTest
  @MethodSource("targets")
  void seedsAndKeptInputsHoldTheirBounds(String name) throws Throwable {
    FuzzTarget target = FuzzTargets.of(name);
    List<byte[]> seeds = target.seeds();
    assertFalse(seeds.isEmpty(), name);
    for (byte[] seed : seeds) {
      takeAll(target, "a seed", seed);
    }
    for (Path file : FuzzTargets.kept(name)) {
      takeAll(target, file.toString(), Files.readAllBytes(file));
    }
  }

  /** Deep, long and wide inputs: neither the stack nor time beyond what their length explains. */
  @ParameterizedTest
  @MethodSource("targets")
  void aSeedThatSwellsToAMegabyteHoldsItsBounds(String name, TestReporter reporter)
      throws Throwable {
    long seed = name.hashCode();
    reporter.publishEntry("seed", Long.toString(seed));
    Random random = new Random(seed);
    FuzzTarget target = FuzzTargets.of(name);
    List<byte[]> seeds = target.seeds();
    for (int i = 0; i < SWOLLEN; i++) {
      String piece = PIECES.get(random.nextInt(PIECES.size()));
      byte[] from = seeds.get(random.nextInt(seeds.size()));
      int at = random.nextInt(from.length + 1);
      takeAll(
          target,
          "swollen by " + piece.strip() + " at " + at + ", seed " + seed + " round " + i,
          swollen(from, at, piece.getBytes(StandardCharsets.UTF_8)));
    }
  }

  private static byte[] swollen(byte[] from, int at, byte[] piece) {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.write(from, 0, at);
    while (whole.size() < LARGE - from.length + at - piece.length) {
      whole.writeBytes(piece);
    }
    whole.write(from, at, from.length - at);
    return whole.toByteArray();
  }

  private static void takeAll(FuzzTarget target, String what, byte[] input) throws Throwable {
    try {
      Bounds.takeOnSmallStack(target, input);
    } catch (Throwable e) {
      String start = HexFormat.of().formatHex(input, 0, Math.min(100, input.length));
      throw new AssertionError(what + ": " + start, e);
    }
  }

  @Test
  void theKeptInputsStaySmall() throws Exception {
    long bytes = 0;
    for (String name : targets()) {
      for (Path file : FuzzTargets.kept(name)) {
        bytes += Files.size(file);
      }
    }
    assertTrue(bytes <= MOST_CORPUS_BYTES, bytes + " bytes are kept");
  }
}
