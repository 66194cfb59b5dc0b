package io.lingtan.agent.acquire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.modbus.Framing;
import io.lingtan.agent.acquire.plan.Scaling;
import io.lingtan.agent.acquire.plan.ShortestDecimal;
import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.read.Catalogue;
import io.lingtan.testing.Parts;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole meters as the shipped profiles describe them, from registers to recorded values. */
final class GoldenDecodeTest {

  private static final Duration SECOND = Duration.ofSeconds(1);

  private static Device device(String profile, String ct, String pt) {
    DeviceProfile loaded =
        Objects.requireNonNull(Catalogue.profiles(null).load(profile).value(), profile);
    return Parts.device(
        "meter",
        loaded,
        1,
        null,
        SECOND,
        SECOND,
        new BigDecimal(ct),
        new BigDecimal(pt),
        Map.of(),
        null,
        List.of(),
        null,
        null,
        null);
  }

  private static Sample read(Device device, java.util.function.Consumer<FakeUnits.Unit> registers) {
    var bench = new Bench(Framing.TCP, device);
    registers.accept(bench.units.unit(1));
    bench.run(SECOND);
    return bench.samplesOf("meter").getFirst();
  }

  private static String value(Sample sample, String point) {
    return Micros.text(sample.values().micros(Point.of(point)));
  }

  @Test
  void anEastronSdm630ShowsWhatItsDisplayShows() {
    Sample sample =
        read(
            device("eastron-sdm630", "1", "1"),
            unit ->
                unit.fill(0, 0x60)
                    .set(0x48, 0x4640, 0xE6B6)
                    .setFloat(0x00, 230.1f)
                    .setFloat(0x34, -1234.5f)
                    .setFloat(0x46, 49.98f));
    // 0x4640E6B6 is 12345.677734375; the shortest decimal that reads back as it is 12345.678.
    assertEquals("12345.678", value(sample, "energy_import"));
    assertEquals("230.1", value(sample, "voltage_l1"));
    assertEquals("-1234.5", value(sample, "power"));
    assertEquals("49.98", value(sample, "frequency"));
    assertTrue(sample.bad().isEmpty());
  }

  @Test
  void anAcrelDtsd1352IsMultipliedByItsTransformers() {
    Sample sample =
        read(
            device("acrel-dtsd1352", "60", "1"),
            unit ->
                unit.fill(0, 0x180)
                    .set(0x0A, 0x0001, 0x86A0)
                    .set(0x16A, 0xFFFF, 0xFC18)
                    .set(0x61, 2301)
                    .set(0x64, 512)
                    .set(0x17F, 0xFC18));
    assertEquals("60000", value(sample, "energy_import"));
    assertEquals("-60000", value(sample, "power"));
    assertEquals("230.1", value(sample, "voltage_l1"));
    assertEquals("307.2", value(sample, "current_l1"));
    assertEquals("-1", value(sample, "power_factor"));
  }

  @Test
  void aChintDtsu666IsScaledFromTheStepsOfItsDisplay() {
    Sample sample =
        read(
            device("chint-dtsu666", "1", "1"),
            unit ->
                unit.fill(0x1000, 0x60)
                    .fill(0x2000, 0x60)
                    .set(0x2006, 0x450F, 0xD000)
                    .setFloat(0x2012, 12_345f)
                    .setFloat(0x101E, 1234.56f));
    assertEquals("230.1", value(sample, "voltage_l1"));
    assertEquals("1234.5", value(sample, "power"));
    assertEquals("1234.56", value(sample, "energy_import"));
  }

  /** A device with the common model at {@code base} + 2 and model 103 behind it. */
  private static FakeUnits.Unit sunspec(FakeUnits.Unit unit, int base) {
    int model = base + 70;
    return unit.fill(base, 130)
        .set(base, 0x5375, 0x6E53, 1, 66)
        .set(base + 68 + 2, 103, 50)
        .set(model + 14, 4822, 1)
        .set(model + 16, 4998, 0xFFFE)
        .set(model + 24, 0x0012, 0xD687, 0)
        .set(model + 33, 0x8000)
        .set(model + 31, 0x8000)
        .set(model + 37, 0xFFFF)
        .set(model + 38, 4)
        .set(base + 122, 0xFFFF, 0);
  }

  @Test
  void aSunSpecInverterIsFoundWhereverItsMapBegins() {
    for (int base : new int[] {40_000, 50_000, 0}) {
      Sample sample = read(device("sunspec", "1", "1"), unit -> sunspec(unit, base));
      assertEquals("48220", value(sample, "power"));
      assertEquals("49.98", value(sample, "frequency"));
      assertEquals("1234.567", value(sample, "energy_generated"));
      assertEquals("mppt", sample.values().state());
      assertEquals(Reason.SENTINEL, sample.bad().get(Point.of("temperature")));
      assertEquals(Reason.SENTINEL, sample.bad().get(Point.of("power_dc")));
      assertFalse(sample.values().has(Point.of("temperature")));
    }
  }

  @Test
  void aSunSpecModelHasNoMoreInputsThanItsLengthSays() {
    Sample sample =
        read(
            device("sunspec", "1", "1"),
            unit ->
                sunspec(unit, 40_000)
                    .set(40_122, 160, 48, 0, 0, 0, 0, 0, 0, 2)
                    .set(40_122 + 21, 1200)
                    .set(40_122 + 41, 1100)
                    // What follows is the end of the chain, not a third input.
                    .set(40_172, 0xFFFF, 0)
                    .fill(40_122, 52));
    assertEquals("1200", value(sample, "power_dc1"));
    assertEquals("1100", value(sample, "power_dc2"));
    assertFalse(sample.values().has(Point.of("power_dc3")));
    assertFalse(sample.bad().containsKey(Point.of("power_dc3")), "it is not there at all");
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 5, 6})
  void aSunSpecMapIsNotCutByADeviceThatIsBusy(int code) {
    for (int times : new int[] {1, 7}) {
      var bench = new Bench(Framing.TCP, device("sunspec", "1", "1"));
      sunspec(bench.units.unit(1), 40_000)
          .set(40_122, 160, 28, 0, 0, 0, 0, 0, 0, 1)
          .set(40_122 + 21, 1200)
          .set(40_152, 0xFFFF, 0)
          .fill(40_122, 32)
          .passing
          .put(40_122, new ArrayDeque<>(Collections.nCopies(times, code)));
      bench.run(Duration.ofSeconds(30));
      List<Sample> samples = bench.samplesOf("meter");
      assertEquals(times == 1 ? null : Reason.exception(code), samples.getFirst().failed());
      assertEquals("1200", value(samples.getLast(), "power_dc1"));
    }
  }

  @Test
  void aSunSpecMapWithoutAnEndMarkEndsWhereNothingIs() {
    Sample sample =
        read(
            device("sunspec", "1", "1"),
            unit -> {
              sunspec(unit, 40_000);
              unit.registers.remove(40_122);
            });
    assertEquals("48220", value(sample, "power"));
  }

  @Test
  void aSunSpecMeterThatHasOnlyImportedHasExportedZero() {
    Sample sample =
        read(
            device("sunspec-meter", "1", "1"),
            unit ->
                unit.fill(40_000, 180)
                    .set(40_000, 0x5375, 0x6E53, 1, 66)
                    .set(40_070, 203, 105)
                    .set(40_070 + 46, 0x0001, 0x0000)
                    .set(40_177, 0xFFFF, 0));
    assertEquals("65.536", value(sample, "energy_import"));
    assertEquals("0", value(sample, "energy_export"));
  }

  @Test
  void aSunSpecCounterOfZeroIsAbsentNotZero() {
    Sample sample =
        read(device("sunspec", "1", "1"), unit -> sunspec(unit, 40_000).set(40_070 + 24, 0, 0));
    assertEquals(Reason.SENTINEL, sample.bad().get(Point.of("energy_generated")));
    assertFalse(sample.values().has(Point.of("energy_generated")));
  }

  @Test
  void aSunSpecValueWithoutAScaleFactorIsAbsent() {
    Sample sample =
        read(device("sunspec", "1", "1"), unit -> sunspec(unit, 40_000).set(40_070 + 15, 0x8000));
    assertEquals(Reason.SENTINEL, sample.bad().get(Point.of("power")));
  }

  @Test
  void aDeviceWithoutASunSpecMapSaysWhatToLookFor() {
    var bench = new Bench(Framing.TCP, device("sunspec", "1", "1"));
    bench.units.unit(1).fill(0, 200);
    bench.run(Duration.ofSeconds(5));
    assertEquals(Reason.CONFIG, bench.samplesOf("meter").getFirst().failed());
    String detail = bench.step.snapshot().devices().getFirst().failureDetail();
    assertTrue(detail != null && detail.contains("no SunSpec map at 40000, 50000 or 0"), detail);
    assertFalse(bench.step.snapshot().devices().getFirst().offline(), "it does answer");
  }

  @Test
  void aFloatThatIsNoNumberIsAbsent() {
    for (int bits : new int[] {0x7FC0_0000, 0x7F80_0000, 0xFF80_0000}) {
      Sample sample =
          read(
              device("eastron-sdm630", "1", "1"),
              unit -> unit.fill(0, 0x60).set(0x34, bits >>> 16, bits & 0xFFFF));
      assertEquals(Reason.SENTINEL, sample.bad().get(Point.of("power")));
      assertFalse(sample.values().has(Point.of("power")));
      assertNull(sample.failed());
    }
  }

  @Test
  void theQuickWayToTheShortestDecimalAgreesWithJavas() {
    long seed = 31_415_926L;
    System.out.println("seed " + seed);
    RandomGenerator random = Randomness.seeded(seed);
    Scaling one = new Scaling(BigDecimal.ONE);
    Scaling tenth = new Scaling(new BigDecimal("0.1"));
    for (int i = 0; i < 2_000_000; i++) {
      float number =
          i % 2 == 0
              ? Float.intBitsToFloat(random.nextInt())
              : (float) (random.nextInt(2_000_000_000) / Math.pow(10, random.nextInt(1, 8)));
      if (!Float.isFinite(number) || Math.abs(number) > 1e11) {
        continue;
      }
      BigDecimal shortest = new BigDecimal(Float.toString(number));
      assertEquals(
          Micros.of(shortest), ShortestDecimal.micros(number, one, 0), () -> "" + shortest);
      assertEquals(
          Micros.of(shortest.movePointLeft(1)),
          ShortestDecimal.micros(number, tenth, 0),
          () -> "" + shortest);
    }
  }

  @Test
  void integerScalingAgreesWithBigDecimals() {
    long seed = 27_182_818L;
    System.out.println("seed " + seed);
    RandomGenerator random = Randomness.seeded(seed);
    int fits = 0;
    for (int i = 0; i < 200_000; i++) {
      BigDecimal factor = BigDecimal.valueOf(random.nextInt(-5000, 5000), random.nextInt(-2, 12));
      long raw = random.nextLong() >> random.nextInt(0, 63);
      int shift = random.nextInt(-10, 11);
      long micros = new Scaling(factor).micros(raw, shift);
      BigDecimal exact =
          BigDecimal.valueOf(raw)
              .multiply(factor)
              .scaleByPowerOfTen(shift + 6)
              .setScale(0, java.math.RoundingMode.HALF_EVEN);
      if (exact.unscaledValue().bitLength() < 64) {
        fits++;
        assertEquals(exact.longValueExact(), micros, () -> raw + " x " + factor + " E" + shift);
      } else {
        assertEquals(Scaling.DOES_NOT_FIT, micros);
      }
    }
    assertTrue(fits > 50_000, "only " + fits + " fitted");
  }
}
