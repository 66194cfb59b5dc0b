package io.lingtan.agent.site;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.DeviceProfile.WordOrder;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Registers typed by hand from the makers' documents against the profiles: each line of {@code
 * src/test/resources/profiles/NAME.txt} names a point, where it is, what stands there, and what
 * that means. The decoding here is the test's own.
 */
final class ProfileGoldenTest {

  private static final Path GOLDEN = Path.of("src/test/resources/profiles");
  private static final Path PROFILES = Path.of("../config/profiles");

  /**
   * {@code [model] point function address words = value [ct N] [pt N] [sf N]}, hexadecimal words.
   */
  private record Typed(
      int model,
      String point,
      int function,
      int address,
      List<Integer> words,
      String value,
      BigDecimal ct,
      BigDecimal pt,
      int sf) {

    static Typed of(String line) {
      List<String> parts = new ArrayList<>(List.of(line.trim().split("\\s+")));
      int model = Character.isDigit(parts.getFirst().charAt(0)) ? take(parts) : 0;
      String point = parts.removeFirst();
      int function = take(parts);
      int address = take(parts);
      List<Integer> words = new ArrayList<>();
      while (!parts.getFirst().equals("=")) {
        words.add(Integer.parseInt(parts.removeFirst(), 16));
      }
      parts.removeFirst();
      String value = parts.removeFirst();
      BigDecimal ct = BigDecimal.ONE;
      BigDecimal pt = BigDecimal.ONE;
      int sf = 0;
      while (!parts.isEmpty()) {
        switch (parts.removeFirst()) {
          case "ct" -> ct = new BigDecimal(parts.removeFirst());
          case "pt" -> pt = new BigDecimal(parts.removeFirst());
          case "sf" -> sf = Integer.parseInt(parts.removeFirst());
          default -> throw new IllegalArgumentException(line);
        }
      }
      return new Typed(model, point, function, address, words, value, ct, pt, sf);
    }

    private static int take(List<String> parts) {
      return Integer.decode(parts.removeFirst());
    }
  }

  static SortedSet<String> profiles() {
    return Catalogue.profiles(null).names();
  }

  @Test
  void everyFileIsPacked() throws IOException {
    try (Stream<Path> files = Files.list(PROFILES)) {
      Set<String> names = new HashSet<>();
      files.forEach(file -> names.add(file.getFileName().toString().replace(".yaml", "")));
      assertEquals(names, profiles());
    }
  }

  @ParameterizedTest
  @MethodSource("profiles")
  void loadsWithoutAnyProblem(String name) {
    Catalogue.Loaded<DeviceProfile> loaded = Catalogue.profiles(null).load(name);
    assertEquals(List.of(), loaded.problems());
    assertNotNull(loaded.value());
  }

  @ParameterizedTest
  @MethodSource("profiles")
  void exactlyTheExamplesAreMarkedAsExamples(String name) {
    boolean madeUp = name.startsWith("example-") || name.startsWith("generic-");
    assertEquals(madeUp, profile(name).example());
  }

  @ParameterizedTest
  @MethodSource("profiles")
  void everyPointReadsWhatTheMakersTableSays(String name) throws IOException {
    DeviceProfile profile = profile(name);
    Set<RegisterPoint> tested = new HashSet<>();
    for (String line : Files.readAllLines(GOLDEN.resolve(name + ".txt"), StandardCharsets.UTF_8)) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      Typed typed = Typed.of(line);
      RegisterPoint register = find(profile, typed);
      assertEquals(typed.function, register.function(), line);
      assertEquals(typed.address, register.address(), line);
      assertEquals(typed.words.size(), register.words(), line);
      assertEquals(typed.value, decode(register, typed), line);
      tested.add(register);
    }
    for (RegisterPoint register : profile.allPoints()) {
      assertTrue(tested.contains(register), () -> "no line for " + register);
    }
    assertTrue(tested.containsAll(profile.identity().values()), "no line for identity");
  }

  private static DeviceProfile profile(String name) {
    DeviceProfile profile = Catalogue.profiles(null).load(name).value();
    assertNotNull(profile);
    return profile;
  }

  private static RegisterPoint find(DeviceProfile profile, Typed typed) {
    RegisterPoint named = profile.identity().get(typed.point);
    if (named != null) {
      return named;
    }
    List<RegisterPoint> points = profile.points();
    if (typed.model != 0) {
      List<RegisterPoint> model = profile.models().get(typed.model);
      assertNotNull(model, () -> "no model " + typed.model);
      points = model;
    }
    return points.stream()
        .filter(register -> name(register).equals(typed.point))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no point " + typed.point));
  }

  private static String name(RegisterPoint register) {
    return register.point() == null ? "" : register.point().name();
  }

  private static String decode(RegisterPoint register, Typed typed) {
    List<Integer> words = register.order() == WordOrder.BIG ? typed.words : typed.words.reversed();
    BigInteger raw = BigInteger.ZERO;
    for (int word : words) {
      raw = raw.shiftLeft(16).or(BigInteger.valueOf(word));
    }
    String text = textOrNull(register, words, raw);
    if (text != null) {
      return text;
    }
    BigDecimal number =
        switch (register.type()) {
          case FLOAT32 -> new BigDecimal(Float.toString(Float.intBitsToFloat(raw.intValue())));
          case INT16 -> BigDecimal.valueOf(raw.shortValue());
          case INT32 -> BigDecimal.valueOf(raw.intValue());
          case UINT16, UINT32, ACC32 -> new BigDecimal(raw);
          default -> throw new AssertionError("no profile has used " + register.type());
        };
    number = number.multiply(register.scale()).scaleByPowerOfTen(typed.sf);
    assertTrue(typed.sf == 0 || register.scaleFrom() >= 0, "no scale register");
    BigDecimal ratio =
        switch (register.ratio()) {
          case NONE -> BigDecimal.ONE;
          case CT -> typed.ct;
          case PT -> typed.pt;
          case CT_PT -> typed.ct.multiply(typed.pt);
        };
    number = number.multiply(ratio);
    return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
  }

  private static @Nullable String textOrNull(
      RegisterPoint register, List<Integer> words, BigInteger raw) {
    if (register.sentinels().contains(signed(register, raw))) {
      return "absent";
    }
    return switch (register.type()) {
      case ENUM16 -> register.texts().getOrDefault(raw.longValue(), raw.toString());
      case STRING -> {
        StringBuilder text = new StringBuilder();
        words.forEach(word -> text.append((char) (word >> 8)).append((char) (word & 0xFF)));
        yield text.toString().replace("\0", "");
      }
      default -> null;
    };
  }

  private static long signed(RegisterPoint register, BigInteger raw) {
    return switch (register.type()) {
      case INT16 -> raw.shortValue();
      case INT32 -> raw.intValue();
      default -> raw.longValue();
    };
  }
}
