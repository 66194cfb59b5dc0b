package io.lingtan.agent.acquire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.lingtan.agent.acquire.modbus.BlockRead;
import io.lingtan.agent.acquire.modbus.Framing;
import io.lingtan.agent.acquire.modbus.ModbusReply.Words;
import io.lingtan.agent.acquire.plan.SunSpecChain;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.read.Catalogue;
import io.lingtan.testing.Parts;
import io.lingtan.testing.WorkedExamples;
import io.lingtan.testing.WorkedExamples.Node;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The register vectors of S04, each through the shipped profile of its meter. */
final class WorkedRegistersTest {

  private static final Duration SECOND = Duration.ofSeconds(1);

  /** A SunSpec device's model 103 stands here: marker, model 1 with 66 registers. */
  private static final int MODEL = 40_070;

  /**
   * Where a vector's registers are.
   *
   * @param device how the example's device begins
   * @param kilo what one of the example's unit is in the point's, as a power of ten
   */
  private record Place(String device, String profile, String point, int address, int kilo) {}

  private static final List<Place> PLACES =
      List.of(
          new Place("Eastron SDM630", "eastron-sdm630", "energy_import", 0x48, 0),
          new Place("Chint DTSU666", "chint-dtsu666", "voltage_l1", 0x2006, 0),
          new Place("Acrel ADL/DTSD 0x000A", "acrel-dtsd1352", "energy_import", 0x0A, 0),
          new Place("Acrel ADL/DTSD 0x016A", "acrel-dtsd1352", "power", 0x16A, 3),
          new Place("Huawei 37113", "huawei-meter", "power", 37_113, 0),
          new Place("Huawei 37760", "huawei-luna2000", "soc", 37_760, 0),
          new Place("Schneider iEM3000", "schneider-iem3155", "energy_import", 0x0C83, 0),
          new Place("Victron system 842", "victron-gx-battery", "power", 842, 0),
          new Place("SunSpec 103 W", "sunspec", "power", MODEL + 14, 0),
          new Place("SunSpec uint16", "sunspec", "frequency", MODEL + 16, 0),
          new Place("SunSpec acc32", "sunspec", "energy_generated", MODEL + 24, -3));

  @Test
  void eachVectorMeansWhatItsMeterMeans() {
    Node example = WorkedExamples.example("S04");
    double tolerance = example.at("tolerance_abs").number();
    int run = 0;
    for (Node vector : WorkedExamples.cases("S04")) {
      int[] words =
          vector.at("words").list().stream().mapToInt(WorkedRegistersTest::word).toArray();
      Place place = place(vector.at("device").text());
      if (place == null) {
        assertEnd(vector, words);
      } else {
        Sample sample = read(place, words, vector);
        Point point = Point.of(place.point());
        Node expected = vector.at("expected");
        if (expected.isNull()) {
          assertFalse(sample.values().has(point), vector.path());
          assertEquals(Reason.SENTINEL, sample.bad().get(point), vector.path());
        } else {
          double value = expected.decimal().movePointRight(place.kilo()).doubleValue();
          assertEquals(
              value,
              sample.values().micros(point) / 1e6,
              tolerance * Math.pow(10, Math.max(0, place.kilo())),
              vector.path());
        }
      }
      run++;
    }
    assertEquals(13, run);
  }

  private static int word(Node word) {
    return Integer.decode(word.text());
  }

  private static @Nullable Place place(String device) {
    return PLACES.stream().filter(p -> device.startsWith(p.device())).findFirst().orElse(null);
  }

  /** A model of this id ends the chain. */
  private static void assertEnd(Node vector, int[] words) {
    assertEquals("END", vector.at("expected").text(), vector.path());
    var chain = new SunSpecChain();
    answer(chain, 0x5375, 0x6E53);
    answer(chain, words[0], 0);
    assertEquals(true, chain.isFound(), vector.path());
    assertEquals(Map.of(), new LinkedHashMap<>(chain.models()));
  }

  private static void answer(SunSpecChain chain, int first, int second) {
    BlockRead read = chain.next();
    assertNotNull(read);
    byte[] bytes = {
      (byte) (first >> 8), (byte) first, (byte) (second >> 8), (byte) second,
    };
    chain.read(new Words(read, bytes));
  }

  private static Sample read(Place place, int[] words, Node vector) {
    String ct = vector.at("device").text().contains("CT=60") ? "60" : "1";
    DeviceProfile profile = Catalogue.profiles(null).load(place.profile()).value();
    assertNotNull(profile, place.profile());
    Device device =
        Parts.device(
            "meter",
            profile,
            1,
            null,
            SECOND,
            SECOND,
            new BigDecimal(ct),
            BigDecimal.ONE,
            Map.of(),
            null,
            List.of(),
            null,
            null,
            null);
    var bench = new Bench(Framing.TCP, device);
    var unit = bench.units.unit(1);
    if (place.profile().equals("sunspec")) {
      unit.fill(40_000, 130)
          .set(40_000, 0x5375, 0x6E53, 1, 66)
          .set(MODEL, 103, 50)
          .set(MODEL + 52, 0xFFFF, 0);
    } else {
      // Its neighbours read 0, so that the block that the planner makes of them is there.
      profile.points().forEach(p -> unit.fill(Math.max(0, p.address() - 40), 80 + p.words()));
    }
    unit.set(place.address(), IntStream.of(words).toArray());
    bench.run(SECOND);
    return bench.samplesOf("meter").getFirst();
  }
}
