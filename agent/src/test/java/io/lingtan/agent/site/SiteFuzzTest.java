package io.lingtan.agent.site;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a person does to a file, there is a site or a problem, never an exception. */
final class SiteFuzzTest {

  private static final int ROUNDS = 60;
  private static final int CAMPAIGN_ROUNDS = 1000;
  private static final List<String> PIECES =
      List.of(
          "",
          " ",
          "\n",
          "\t",
          "{",
          "}",
          "[",
          "]",
          ":",
          ", ",
          "- ",
          "#",
          "\"",
          "'",
          "&a ",
          "*a",
          "!!x ",
          "|",
          ">",
          "---\n",
          "~",
          "null",
          "true",
          "-1",
          "0x",
          "1e99",
          "99999999999999999",
          "NaN",
          "门",
          "\u0000",
          "\uFEFF",
          "%",
          "?",
          "<<: ",
          "0s",
          "1000d",
          "9999999999GB",
          "mqtt://",
          "[[[[[[[[",
          "{a: {b: {c: ",
          "\\",
          "€\uD83D\uDE00",
          "/dev/null",
          "..",
          "auto");

  static Stream<Path> files() throws IOException {
    List<Path> files = new ArrayList<>();
    for (String folder : List.of("sites", "profiles", "factors", "tariffs")) {
      try (Stream<Path> found = Files.list(Path.of("../config", folder))) {
        found.sorted().forEach(files::add);
      }
    }
    files.add(Path.of("src/test/resources/sites/many-things.yaml"));
    return files.stream();
  }

  @ParameterizedTest
  @MethodSource("files")
  void aDamagedFileIsASiteOrAProblem(Path file, TestReporter reporter) throws IOException {
    damage(file, ROUNDS, reporter);
  }

  @Tag("campaign")
  @ParameterizedTest
  @MethodSource("files")
  void aFileDamagedManyTimesIsASiteOrAProblem(Path file, TestReporter reporter) throws IOException {
    damage(file, CAMPAIGN_ROUNDS, reporter);
  }

  private static void damage(Path file, int rounds, TestReporter reporter) throws IOException {
    long seed = System.nanoTime();
    reporter.publishEntry("seed", seed + " " + file);
    Random random = new Random(seed);
    byte[] good = Files.readAllBytes(file);
    String kind = file.getName(file.getNameCount() - 2).toString();
    String name = file.getFileName().toString().replace(".yaml", "");
    for (int round = 0; round < rounds; round++) {
      byte[] bytes = damaged(good, random);
      String place = "seed " + seed + ", round " + round + ", " + file;
      try {
        switch (kind) {
          case "profiles" -> {
            Catalogue.Loaded<DeviceProfile> loaded =
                Catalogue.profiles(null).read(file, name, bytes);
            check(place, loaded.value() != null, loaded.problems());
          }
          case "factors" -> {
            Catalogue.Loaded<FactorTable> loaded = Catalogue.factors(null).read(file, name, bytes);
            check(place, loaded.value() != null, loaded.problems());
          }
          case "tariffs" -> {
            Catalogue.Loaded<Tariff> loaded = Catalogue.tariffs().read(file, name, bytes);
            check(place, loaded.value() != null, loaded.problems());
          }
          default -> {
            Loaded loaded = new SiteLoader().read(file, bytes);
            check(place, loaded.site() != null, loaded.problems());
          }
        }
      } catch (RuntimeException | StackOverflowError e) {
        throw new AssertionError(place + "\n" + new String(bytes, StandardCharsets.UTF_8), e);
      }
    }
  }

  private static void check(String place, boolean loaded, List<Problem> problems) {
    assertEquals(!loaded, Problems.anyError(problems), place);
    assertTrue(problems.size() <= Problems.MOST + 1, place);
    for (Problem problem : problems) {
      assertFalse(problem.message().isBlank(), place);
      assertTrue(problem.line() >= 0 && problem.column() >= 0, () -> place + " " + problem);
    }
  }

  private static byte[] damaged(byte[] good, Random random) {
    byte[] bytes = good;
    int times = 1 + random.nextInt(4);
    for (int i = 0; i < times; i++) {
      int at = random.nextInt(bytes.length + 1);
      int end = Math.min(bytes.length, at + random.nextInt(12));
      byte[] piece =
          switch (random.nextInt(5)) {
            case 0 -> new byte[] {(byte) random.nextInt(256)};
            case 1 -> line(good, random);
            default -> PIECES.get(random.nextInt(PIECES.size())).getBytes(StandardCharsets.UTF_8);
          };
      byte[] next = new byte[at + piece.length + bytes.length - end];
      System.arraycopy(bytes, 0, next, 0, at);
      System.arraycopy(piece, 0, next, at, piece.length);
      System.arraycopy(bytes, end, next, at + piece.length, bytes.length - end);
      bytes = next;
    }
    return bytes;
  }

  /** A whole line of the file, so that things stand there twice. */
  private static byte[] line(byte[] good, Random random) {
    String[] lines = new String(good, StandardCharsets.UTF_8).split("\n", -1);
    String line = "\n" + lines[random.nextInt(lines.length)] + "\n";
    return Arrays.copyOf(
        line.getBytes(StandardCharsets.UTF_8), line.getBytes(StandardCharsets.UTF_8).length);
  }
}
