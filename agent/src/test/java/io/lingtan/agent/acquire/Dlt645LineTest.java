package io.lingtan.agent.acquire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.FakeMeters.Served;
import io.lingtan.agent.acquire.hand.DeviceReport;
import io.lingtan.agent.acquire.hand.LastPolls;
import io.lingtan.agent.acquire.modbus.Framing;
import io.lingtan.agent.acquire.poll.PolledLineStep;
import io.lingtan.agent.acquire.poll.ReadPlan;
import io.lingtan.agent.acquire.wire.Ask;
import io.lingtan.agent.acquire.wire.WireCost;
import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Line.CharacterFormat;
import io.lingtan.agent.site.read.Catalogue;
import io.lingtan.testing.Parts;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** DL/T 645 meters, alone and beside Modbus units, on virtual time. */
final class Dlt645LineTest {

  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final String METER = "112233445566";
  private static final CharacterFormat LINE = new CharacterFormat(9600, Line.Parity.NONE, 1);
  private static final CharacterFormat SLOW = new CharacterFormat(2400, Line.Parity.EVEN, 1);
  private static final DeviceProfile PROFILE =
      Objects.requireNonNull(Catalogue.profiles(null).load("dlt645-2007").value());
  private static final Point IMPORT = Point.of("energy_import");

  /** The profile with some of its points, without what names the meter. */
  private static DeviceProfile only(String... points) {
    Set<String> wanted = Set.of(points);
    return Bench.profile(
        DeviceProfile.Protocol.DLT645,
        PROFILE.points().stream()
            .filter(each -> each.point() != null && wanted.contains(each.point().name()))
            .toArray(DeviceProfile.RegisterPoint[]::new));
  }

  private static Device meter(String id, String address, DeviceProfile profile, Duration every) {
    return Parts.device(
        id,
        profile,
        -1,
        address,
        every,
        every,
        BigDecimal.ONE,
        BigDecimal.ONE,
        Map.of(),
        null,
        List.of(),
        SLOW,
        null,
        null);
  }

  private static Line serial(Device... devices) {
    return serial(SECOND, devices);
  }

  private static Line serial(Duration timeout, Device... devices) {
    return new Line.Serial(
        "test", "/dev/ttyTEST", LINE, "auto", false, timeout, List.of(devices), null);
  }

  private static Bench bench(FakeMeters meters, Line line) {
    return new Bench(line, new FakeUnits(Framing.RTU), meters);
  }

  private static void whole(FakeMeters.Meter meter) {
    meter
        .set(0x00010000, "78 56 34 12")
        .set(0x00010100, "01 00 00 00")
        .set(0x00010200, "02 00 00 00")
        .set(0x00010300, "03 00 00 00")
        .set(0x00010400, "04 00 00 00")
        .set(0x00020000, "50 00 00 00")
        .set(0x00030000, "34 12 00 00")
        .set(0x00040000, "00 00 00 00")
        .set(0x0203FF00, "56 34 12  00 00 81  00 10 00  FF FF FF")
        .set(0x02040000, "00 01 80")
        .set(0x0201FF00, "01 23  02 23  FF FF")
        .set(0x0202FF00, "12 05 00  13 05 00  FF FF FF")
        .set(0x02060000, "50 89")
        .set(0x02800002, "98 49")
        .set(0x02800004, "00 00 10")
        .set(0x01010000, "00 00 20 30 14 25 11 26")
        .set(0x04000402, "56 34 12 00 00 00")
        .set(0x0400040B, "30 30 30 36 2D 5A 53 54 44 44");
  }

  private static String value(Sample sample, String point) {
    return Micros.text(sample.values().micros(Point.of(point)));
  }

  @Test
  void aMeterShowsWhatItsDisplayShows() {
    var meters = new FakeMeters();
    whole(meters.meter(METER));
    Line line = serial(meter("m", METER, PROFILE, Duration.ofSeconds(10)));
    var bench = bench(meters, line);
    bench.run(Duration.ofSeconds(30));
    Sample sample = bench.samplesOf("m").getLast();
    DeviceReport report =
        LastPolls.of(
                line, line.devices().getFirst(), bench.log.snapshot(), bench.time.now().nanos())
            .report();
    assertEquals(sample.values().toString(), report.values().toString());
    assertEquals("123456.78", value(sample, "energy_import"));
    assertEquals("0.04", value(sample, "energy_import_t4"));
    assertEquals("0.5", value(sample, "energy_export"));
    assertEquals("12.34", value(sample, "reactive_energy_import"));
    assertEquals("12345.6", value(sample, "power"));
    assertEquals("-1000", value(sample, "power_l1"));
    assertEquals("-10", value(sample, "reactive_power"));
    assertEquals("230.1", value(sample, "voltage_l1"));
    assertEquals("230.2", value(sample, "voltage_l2"));
    assertEquals("0.512", value(sample, "current_l1"));
    assertEquals("-0.95", value(sample, "power_factor"));
    assertEquals("49.98", value(sample, "frequency"));
    assertEquals("10000", value(sample, "demand"));
    assertEquals("20000", value(sample, "demand_max"));
    assertEquals(
        Map.of(
            Point.of("voltage_l3"), Reason.SENTINEL,
            Point.of("current_l3"), Reason.SENTINEL,
            Point.of("power_l3"), Reason.SENTINEL),
        sample.bad());
    var device = bench.step.snapshot().devices().getFirst();
    assertEquals(METER, device.address());
    assertEquals(Map.of("model", "DDTSZ-6000", "serial", "123456"), device.identity());
    // Ten phases in three blocks: 24 values, 16 requests.
    assertEquals(16, device.blocks());
  }

  @Test
  void modbusUnitsAndMetersShareALineThatIsSwitchedBetweenThem() {
    var units = new FakeUnits(Framing.RTU);
    units.unit(1).set(0, 2301);
    var meters = new FakeMeters();
    List<String> wrong = new ArrayList<>();
    meters.others = units;
    meters.meter(METER).set(0x00010000, "78 56 34 12");
    Device modbus =
        Bench.device(
            "u",
            1,
            Bench.profile(Bench.register("voltage_l1", 3, 0, DeviceProfile.Type.UINT16, "0.1")),
            SECOND,
            SECOND);
    Line line = serial(modbus, meter("m", METER, only("energy_import"), SECOND));
    var bench =
        new Bench(
            line,
            units,
            (channel, frame) -> {
              boolean slow = (frame[0] & 0xFF) == 0xFE;
              CharacterFormat format = channel.format == null ? LINE : channel.format;
              if (!format.equals(slow ? SLOW : LINE)) {
                wrong.add("frame of " + frame.length + " bytes at " + format);
              }
              meters.request(channel, frame);
            });
    bench.run(Duration.ofSeconds(60));
    assertEquals(List.of(), wrong);
    assertEquals(60, bench.samplesOf("u").size());
    assertEquals(60, bench.samplesOf("m").size());
    for (Sample sample : bench.samples) {
      assertTrue(sample.bad().isEmpty() && sample.failed() == null, sample::toString);
      assertEquals(1, sample.values().size());
    }
  }

  @Test
  void thePortStaysQuietAroundASwitchForTheSlowerOfBoth() {
    // 3.5 characters of 11 bits at 2400 baud.
    assertEquals(16_041_665.0, (double) PolledLineStep.switchNanos(LINE, SLOW), 10_000.0);
    assertEquals(16_041_665.0, (double) PolledLineStep.switchNanos(SLOW, LINE), 10_000.0);
  }

  @Test
  void aMeterHangsOnASerialServerToo() {
    var meters = new FakeMeters();
    meters.meter(METER).set(0x00010000, "78 56 34 12");
    Line line =
        new Line.ModbusRtuTcp(
            "test",
            "127.0.0.1",
            502,
            false,
            false,
            SECOND,
            List.of(meter("m", METER, only("energy_import"), SECOND)),
            null);
    var bench = bench(meters, line);
    bench.run(Duration.ofSeconds(10));
    assertEquals("123456.78", value(bench.samplesOf("m").getLast(), "energy_import"));
    assertNull(bench.channel.format, "the server's port is not ours to switch");
  }

  @Test
  void aMeterThatRefusesTheBlockOfItsPhasesIsAskedForEach() {
    var meters = new FakeMeters();
    meters.meter(METER).set(0x02010100, "01 23").set(0x02010200, "02 23").set(0x02010300, "03 23");
    Line line = serial(meter("m", METER, only("voltage_l1", "voltage_l2", "voltage_l3"), SECOND));
    var bench = bench(meters, line);
    bench.run(Duration.ofSeconds(20));
    for (Sample sample : bench.samplesOf("m")) {
      assertEquals(3, sample.values().size(), sample::toString);
    }
    assertEquals(1, meters.asked.stream().filter(asked -> asked.endsWith("0201FF00")).count());
    assertEquals(1, bench.step.snapshot().devices().getFirst().exceptions());
  }

  @Test
  void aMeterWhoseBlockIsShorterIsAskedForEachPhase() {
    var meters = new FakeMeters();
    meters.meter(METER).set(0x0201FF00, "01 23").set(0x02010100, "01 23");
    Line line = serial(meter("m", METER, only("voltage_l1", "voltage_l2"), SECOND));
    var bench = bench(meters, line);
    bench.run(Duration.ofSeconds(20));
    Sample last = bench.samplesOf("m").getLast();
    assertEquals("230.1", value(last, "voltage_l1"));
    assertEquals(Map.of(Point.of("voltage_l2"), Reason.exception(2)), last.bad());
    assertEquals(1, bench.step.snapshot().devices().getFirst().crcErrors());
  }

  @Test
  void digitsThatAreNoneAreOutOfRangeAndNeverANumber() {
    var meters = new FakeMeters();
    meters.meter(METER).set(0x00010000, "78 5A 34 12");
    var bench = bench(meters, serial(meter("m", METER, only("energy_import"), SECOND)));
    bench.run(Duration.ofSeconds(3));
    assertTrue(bench.samplesOf("m").size() >= 2, bench.samplesOf("m")::toString);
    for (Sample sample : bench.samplesOf("m")) {
      assertEquals(Map.of(IMPORT, Reason.RANGE), sample.bad());
    }
  }

  @Test
  void aDeadMeterIsOfflineAndIsSeenWhenItIsBack() {
    var meters = new FakeMeters();
    meters.meter(METER).set(0x00010000, "78 56 34 12");
    meters.meter("000000000001").set(0x00010000, "01 00 00 00");
    Line line =
        serial(
            meter("m", METER, only("energy_import"), Duration.ofSeconds(2)),
            meter("n", "000000000001", only("energy_import"), Duration.ofSeconds(2)));
    var bench = bench(meters, line);
    bench.run(Duration.ofSeconds(20));
    meters.meter(METER).silent = true;
    bench.run(Duration.ofMinutes(3));
    assertEquals(List.of("meter.offline"), bench.eventNames());
    assertEquals(Reason.OFFLINE, bench.samplesOf("m").getLast().failed());
    meters.meter(METER).silent = false;
    bench.run(Duration.ofSeconds(90));
    assertEquals(List.of("meter.offline", "meter.online"), bench.eventNames());
    assertTrue(bench.samplesOf("m").getLast().values().has(IMPORT));
    assertTrue(bench.samplesOf("n").stream().allMatch(sample -> sample.failed() == null));
  }

  @Test
  void aSecondCopyOfAReplyIsThrownAway() {
    var meters = new FakeMeters();
    meters.meter(METER).set(0x00010000, "78 56 34 12").set(0x00020000, "01 00 00 00");
    meters.twice = true;
    Line line = serial(meter("m", METER, only("energy_import", "energy_export"), SECOND));
    var bench = bench(meters, line);
    bench.run(Duration.ofSeconds(20));
    for (Sample sample : bench.samplesOf("m")) {
      assertEquals(2, sample.values().size(), sample::toString);
      assertEquals("0.01", value(sample, "energy_export"));
    }
    assertTrue(bench.step.snapshot().foreign() > 0);
  }

  /** It names no item: the meter would have nothing of what is asked next. */
  @Test
  void aSecondCopyOfARefusalRefusesNothingElse() {
    var meters = new FakeMeters();
    meters.meter(METER).set(0x00020000, "01 00 00 00");
    meters.meter(METER).delayNanos = () -> 200_000_000L;
    meters.twice = true;
    meters.copyAfterNanos = 75_000_000L; // 3.5 and 13 characters at 2400 baud
    Line line =
        serial(meter("m", METER, only("energy_import", "energy_export"), Duration.ofSeconds(10)));
    var bench = bench(meters, line);
    bench.run(Duration.ofSeconds(60));
    assertFalse(bench.samplesOf("m").isEmpty());
    for (Sample sample : bench.samplesOf("m")) {
      assertTrue(sample.values().has(Point.of("energy_export")), sample::toString);
      assertEquals("0.01", value(sample, "energy_export"));
    }
  }

  @Test
  void whatIsGluedToNoiseOrComesFromAnotherMeterIsCountedAndGivesNothing() {
    var meters = new FakeMeters();
    meters.meter(METER).set(0x00010000, "78 56 34 12").set(0x04000102, "00 30 14");
    var bench = bench(meters, serial(meter("m", METER, only("energy_import"), SECOND)));
    bench.run(Duration.ofSeconds(5));
    List<byte[]> bad =
        List.of(
            new byte[] {0, (byte) 0xFE},
            FakeMeters.frame("112233445567", 0x91, new byte[] {0, 0, 1, 0, 1, 0, 0, 0}));
    for (byte[] each : bad) {
      int[] left = {1};
      meters.meter(METER).delayNanos =
          () -> {
            if (left[0]-- > 0) {
              bench.channel.deliver(1_000_000L, each);
            }
            return 30_000_000L;
          };
      bench.run(Duration.ofSeconds(5));
    }
    for (Sample sample : bench.samplesOf("m")) {
      assertTrue(
          sample.values().isEmpty()
              ? Reason.CRC.equals(sample.failed())
              : value(sample, "energy_import").equals("123456.78"),
          sample::toString);
    }
    assertTrue(bench.samplesOf("m").stream().anyMatch(sample -> sample.failed() != null));
    assertEquals(2, bench.step.snapshot().devices().getFirst().crcErrors());
    assertEquals(List.of(), bench.eventNames());
  }

  /**
   * The value of each item says which request it answers, so that a recorded value tells from which
   * one's answer it was taken.
   */
  @Test
  void aLateReplyIsNeverTakenForTheNextOne() {
    long seed = 20_261_125_645L;
    System.out.println("seed " + seed);
    RandomGenerator random = Randomness.seeded(seed);
    Duration timeout = Duration.ofMillis(400);
    var meters = new FakeMeters();
    String[] addresses = {METER, "000000000001"};
    for (String address : addresses) {
      FakeMeters.Meter meter = meters.meter(address);
      meter.numbered = 0x00010000;
      meter.set(0x00020000, "22 00 00 00").set(0x00010000, "00 00 00 00");
      meter.delayNanos =
          () ->
              switch (random.nextInt(8)) {
                case 0, 1 -> random.nextLong(400, 1_000) * 1_000_000L;
                case 2 -> random.nextLong(400, 4_000) * 1_000_000L;
                default -> random.nextLong(20, 300) * 1_000_000L;
              };
    }
    DeviceProfile profile = only("energy_import", "energy_export");
    var bench =
        bench(
            meters,
            serial(
                timeout,
                meter("0", METER, profile, SECOND),
                meter("1", addresses[1], profile, SECOND)));
    bench.run(Duration.ofHours(2));
    int values = 0;
    long late =
        meters.served.stream()
            .filter(each -> each.arrivesNanos() - each.sentNanos() > timeout.toNanos())
            .count();
    long wire =
        WireCost.of(bench.line, SLOW, 0)
            .wireNanos(new Ask.Item(new io.lingtan.agent.acquire.item.ItemRead(0x00010000, 4)));
    for (Sample sample : bench.samples) {
      if (sample.values().has(Point.of("energy_export"))) {
        assertEquals("0.22", value(sample, "energy_export"));
      }
      if (!sample.values().has(IMPORT)) {
        continue;
      }
      values++;
      int number = (int) (sample.values().micros(IMPORT) / 10_000L);
      Served request = meters.served.get(number);
      assertEquals(addresses[Integer.parseInt(sample.device())], request.address());
      assertEquals(0x00010000, request.item());
      assertTrue(
          request.arrivesNanos() - request.sentNanos() <= timeout.toNanos() + wire,
          () -> sample + " holds the answer to " + request);
    }
    System.out.println("DL/T 645: " + late + " late replies, " + values + " values");
    assertTrue(late >= 1_000 && values >= 800, late + " late, " + values + " values");
  }

  @Test
  void thePlanNamesTheItemsAndWhatTheyTake() {
    ReadPlan plan = ReadPlan.of(serial(meter("m", METER, only("energy_import"), SECOND)));
    ReadPlan.Request request = plan.rounds().getFirst().requests().getFirst();
    assertEquals("DI 00010000", request.what());
    // 20 characters there and 24 back of 11 bits at 2400 baud, 20 ms, 3.5 characters.
    assertEquals(
        44 * 11e9 / 2400 + 20e6 + 3.5 * 11e9 / 2400, (double) request.time().toNanos(), 10_000.0);
    assertFalse(plan.rounds().getFirst().assumed());
    assertNotNull(plan.line());
  }
}
