package io.lingtan.agent.site;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.read.Catalogue;
import io.lingtan.testing.Dump;
import io.lingtan.testing.Dump.Typed;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Registers typed by hand from the makers' documents against the profiles: each line of a {@link
 * Dump} names a point, where it is, what stands there, and what that means. The decoding here is
 * the test's own.
 */
final class ProfileGoldenTest {

  private static final Path PROFILES = Path.of("../config/profiles");

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

  /**
   * Those with registers; values with names, records and inputs are tried where they are decoded.
   */
  static List<String> profilesWithRegisters() {
    return profiles().stream()
        .filter(name -> profile(name).named().isEmpty())
        .filter(name -> !profile(name).allPoints().isEmpty())
        .filter(name -> profile(name).protocol() != DeviceProfile.Protocol.MBUS)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("profiles")
  void everyProfileNamesItsMakersDocument(String name) {
    DeviceProfile profile = profile(name);
    for (String text : List.of(profile.maker(), profile.document(), profile.source())) {
      assertFalse(text.isBlank());
    }
    assertTrue(profile.example() || profile.source().contains("/"), profile::source);
  }

  /** Documents that count registers from one are off by one on the wire: the commonest mistake. */
  @ParameterizedTest
  @CsvSource({
    "sungrow-sg, power, 5030",
    "sungrow-sh-meter, power, 13009",
    "schneider-iem3155, power, 3059",
    "schneider-iem3155, energy_import, 3203",
    "schneider-pm2xxx, energy_import, 2699"
  })
  void registersThatAreCountedFromOneAreOneLessOnTheWire(String name, String point, int wire) {
    assertEquals(wire, register(name, point).address());
  }

  @ParameterizedTest
  @CsvSource({"energy_import", "energy_export"})
  void aCounterOfSixteenBitsBeginsAgainAt65536Steps(String point) {
    RegisterPoint register = register("victron-grid-uint16", point);
    BigDecimal modulus = register.modulus();
    assertNotNull(modulus);
    assertEquals(0, new BigDecimal("655.36").compareTo(modulus.multiply(register.scale())));
  }

  /** What plus means is said by the kind; a device that counts the other way is turned round. */
  @ParameterizedTest
  @CsvSource({
    "huawei-meter, power, true",
    "huawei-luna2000, power, true",
    "huawei-sun2000, power, false",
    "sungrow-sh-meter, power, true",
    "sungrow-sg-meter, power, false",
    "goodwe-et-meter, power, true",
    "goodwe-et-battery, power, false",
    "solis-hybrid-meter, power, true",
    "solax-hybrid-meter, power, true",
    "solax-hybrid-battery, power, true",
    "fox-ess-h3-meter, power_l1, true",
    "fox-ess-h3-battery, power, false",
    "alpha-ess-smile-meter, power, false",
    "alpha-ess-smile-battery, power, false",
    "sofar-hyd-g3-meter, power, true",
    "deye-hybrid-1p-battery, power, false",
    "victron-gx-battery, power, true",
    "victron-grid, power_l1, false"
  })
  void aDeviceThatCountsTheOtherWayIsTurnedRound(String name, String point, boolean turned) {
    assertEquals(turned, register(name, point).scale().signum() < 0);
  }

  private static RegisterPoint register(String name, String point) {
    return profile(name).points().stream()
        .filter(register -> name(register).equals(point))
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @MethodSource("profilesWithRegisters")
  void everyPointReadsWhatTheMakersTableSays(String name) throws IOException {
    DeviceProfile profile = profile(name);
    Set<RegisterPoint> tested = new HashSet<>();
    Dump dump = Dump.of(name);
    assertFalse(dump.document().isEmpty(), "the document that it is typed from");
    assertFalse(dump.page().isEmpty(), "the page or table");
    for (Typed typed : dump.lines()) {
      RegisterPoint register = find(profile, typed);
      assertEquals(typed.function(), register.function(), typed::toString);
      assertEquals(typed.address(), register.address(), typed::toString);
      assertEquals(typed.words().size(), register.words(), typed::toString);
      assertEquals(typed.value(), decode(register, typed), typed::toString);
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
    RegisterPoint named = profile.identity().get(typed.point());
    if (named != null) {
      return named;
    }
    List<RegisterPoint> points = profile.points();
    if (typed.model() != 0) {
      List<RegisterPoint> model = profile.models().get(typed.model());
      assertNotNull(model, () -> "no model " + typed.model());
      points = model;
    }
    return points.stream()
        .filter(register -> name(register).equals(typed.point()))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no point " + typed.point()));
  }

  private static String name(RegisterPoint register) {
    return register.point() == null ? "" : register.point().name();
  }

  private static String decode(RegisterPoint register, Typed typed) {
    if (register.function() == RegisterPoint.ITEM) {
      return decodeItem(register, typed);
    }
    List<Integer> words = inOrder(register, typed.words());
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
          case FLOAT64 -> new BigDecimal(Double.toString(Double.longBitsToDouble(raw.longValue())));
          case INT16 -> BigDecimal.valueOf(raw.shortValue());
          case INT32 -> BigDecimal.valueOf(raw.intValue());
          case INT64 -> BigDecimal.valueOf(raw.longValue());
          case UINT16, UINT32, UINT64, ACC32 -> new BigDecimal(raw);
          default -> throw new AssertionError("no profile has used " + register.type());
        };
    number = number.multiply(register.scale()).scaleByPowerOfTen(typed.sf());
    assertTrue(typed.sf() == 0 || register.scaleFrom() >= 0, "no scale register");
    number = number.multiply(ratio(register, typed)).add(register.offset());
    BigDecimal micros = number.movePointRight(6);
    if (micros.compareTo(BigDecimal.valueOf(register.least())) < 0
        || micros.compareTo(BigDecimal.valueOf(register.greatest())) > 0) {
      return "absent";
    }
    return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
  }

  /** The bytes of a data item as they are on the wire, 33H taken off: low byte first. */
  private static String decodeItem(RegisterPoint item, Typed typed) {
    List<Integer> bytes =
        item.type() == DeviceProfile.Type.DEMAND ? typed.words().subList(0, 3) : typed.words();
    if (item.type() == DeviceProfile.Type.STRING) {
      StringBuilder text = new StringBuilder();
      bytes.reversed().forEach(each -> text.append((char) (int) each));
      return text.toString().replace("\0", "");
    }
    BigDecimal unit = BigDecimal.ONE;
    switch (item.type()) {
      case WORD -> {
        return Integer.toString(bytes.get(0) | bytes.get(1) << 8);
      }
      case DIGITS_UNIT -> {
        unit = unit(bytes.getLast(), item);
        bytes = bytes.subList(0, bytes.size() - 1);
      }
      case UNIT_DIGITS -> {
        unit = unit(bytes.getFirst(), item);
        bytes = bytes.subList(1, bytes.size());
      }
      default -> {}
    }
    if (unit.signum() == 0 || bytes.stream().allMatch(each -> each == 0xFF)) {
      return "absent";
    }
    StringBuilder digits = new StringBuilder();
    bytes.reversed().forEach(each -> digits.append("%02X".formatted(each)));
    boolean negative = item.type() == DeviceProfile.Type.SIGNED_DIGITS && digits.charAt(0) >= '8';
    if (negative) {
      digits.setCharAt(0, (char) (digits.charAt(0) - 8));
    }
    BigDecimal number = new BigDecimal(digits.toString()).multiply(item.scale());
    number = number.multiply(unit).setScale(6, RoundingMode.HALF_EVEN);
    number = number.multiply(ratio(item, typed));
    number = negative ? number.negate() : number;
    return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
  }

  /** What the unit that a CJ/T 188 meter tells is in the point's; 0 if it is another kind. */
  private static BigDecimal unit(int code, RegisterPoint item) {
    String told =
        switch (code) {
          case 0x05 -> "1 kW.h";
          case 0x06 -> "10 kW.h";
          case 0x08 -> "1000 kW.h";
          case 0x11 -> "277.777777777778 kW.h";
          case 0x17 -> "1000 W";
          case 0x29 -> "0.001 m3";
          case 0x2C -> "1 m3";
          case 0x2E -> "100 m3";
          case 0x32 -> "0.001 m3/h";
          case 0x35 -> "1 m3/h";
          default -> throw new AssertionError("no dump has used " + code);
        };
    String[] parts = told.split(" ");
    boolean fits = parts[1].equals(Objects.requireNonNull(item.point()).ucum());
    return fits ? new BigDecimal(parts[0]) : BigDecimal.ZERO;
  }

  private static BigDecimal ratio(RegisterPoint register, Typed typed) {
    return switch (register.ratio()) {
      case NONE -> BigDecimal.ONE;
      case CT -> typed.ct();
      case PT -> typed.pt();
      case CT_PT -> typed.ct().multiply(typed.pt());
    };
  }

  private static List<Integer> inOrder(RegisterPoint register, List<Integer> words) {
    boolean text = register.type() == DeviceProfile.Type.STRING;
    return switch (register.order()) {
      case BIG -> words;
      case LITTLE -> text ? words : words.reversed();
      case BIG_SWAPPED, LITTLE_SWAPPED ->
          throw new AssertionError("no profile has used " + register.order());
    };
  }

  private static @Nullable String textOrNull(
      RegisterPoint register, List<Integer> words, BigInteger raw) {
    boolean noNumber =
        switch (register.type()) {
          case FLOAT32 -> !Float.isFinite(Float.intBitsToFloat(raw.intValue()));
          case FLOAT64 -> !Double.isFinite(Double.longBitsToDouble(raw.longValue()));
          default -> false;
        };
    if (noNumber || register.sentinels().contains(signed(register, raw))) {
      return "absent";
    }
    return switch (register.type()) {
      case BITS -> {
        long bits = raw.longValue() >>> register.bit() & (1L << register.bits()) - 1;
        yield register.texts().getOrDefault(bits, Long.toString(bits));
      }
      case ENUM16, ENUM32 -> register.texts().getOrDefault(raw.longValue(), raw.toString());
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
