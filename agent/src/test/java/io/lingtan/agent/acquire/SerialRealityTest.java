package io.lingtan.agent.acquire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.modbus.Framing;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.Line;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What happens on real lines: echoes, other masters, gateways with one place, several at once. */
final class SerialRealityTest {

  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final DeviceProfile PROFILE =
      Bench.profile(Bench.register("power", 3, 0, DeviceProfile.Type.UINT16, "1"));

  private static Device device(String id, int unit) {
    return Bench.device(id, unit, PROFILE, SECOND, SECOND);
  }

  private static Line.Serial serial(boolean echo, Device... devices) {
    return new Line.Serial(
        "test",
        "/dev/ttyTEST",
        new Line.CharacterFormat(9600, Line.Parity.NONE, 1),
        "auto",
        echo,
        SECOND,
        List.of(devices),
        null);
  }

  /** A port that hears what it sends. */
  private static Bench echoing(boolean declared, int changed) {
    var units = new FakeUnits(Framing.RTU);
    units.unit(1).set(0, 42);
    return new Bench(
        serial(declared, device("gate", 1)),
        units,
        (channel, frame) -> {
          byte[] heard = frame.clone();
          if (changed >= 0) {
            heard[changed] ^= 1;
          }
          channel.deliver(1_000_000L, heard);
          units.request(channel, frame);
        });
  }

  @Test
  void theOwnEchoIsTakenOffBeforeTheReply() {
    var bench = echoing(true, -1);
    bench.run(Duration.ofSeconds(20));
    assertEquals(20, bench.samplesOf("gate").size());
    for (Sample sample : bench.samplesOf("gate")) {
      assertEquals(42_000_000L, sample.values().micros(0), sample::toString);
    }
    assertEquals(0, bench.step.snapshot().foreign());
    assertEquals(0, bench.step.snapshot().strangers());
  }

  @Test
  void anEchoThatDiffersIsACollisionAndGivesNoValue() {
    var bench = echoing(true, 3);
    bench.run(Duration.ofSeconds(20));
    assertEquals(Reason.CRC, bench.samplesOf("gate").getFirst().failed());
    assertTrue(bench.samplesOf("gate").stream().allMatch(sample -> sample.values().isEmpty()));
    assertTrue(bench.step.snapshot().devices().getFirst().crcErrors() > 0);
  }

  @Test
  void anEchoThatNobodyDeclaredIsTakenOffTooAndSaidOnce() {
    var bench = echoing(false, -1);
    bench.run(Duration.ofSeconds(20));
    assertEquals(20, bench.samplesOf("gate").size());
    for (Sample sample : bench.samplesOf("gate")) {
      assertEquals(42_000_000L, sample.values().micros(0), sample::toString);
    }
    assertEquals(List.of("line.echo"), bench.eventNames());
    assertTrue(
        bench.events.getFirst().detail().get("problem") instanceof String words
            && words.contains("echo: true"));
    assertEquals(0, bench.step.snapshot().strangers(), "it is no other master");
  }

  @Test
  void anUndeclaredEchoWithoutAReplyIsNoValueAndNoOtherMaster() {
    var units = new FakeUnits(Framing.RTU);
    var bench =
        new Bench(
            serial(false, device("gate", 1)),
            units,
            (channel, frame) -> channel.deliver(1_000_000L, frame.clone()));
    bench.run(Duration.ofSeconds(20));
    assertTrue(bench.samplesOf("gate").stream().allMatch(sample -> sample.values().isEmpty()));
    assertEquals(Reason.TIMEOUT, bench.samplesOf("gate").getFirst().failed());
    assertEquals(0, bench.step.snapshot().strangers());
  }

  @Test
  void anUndeclaredEchoInPiecesGluedToTheReplyIsTakenOff() {
    var units = new FakeUnits(Framing.RTU);
    units.unit(1).set(0, 42);
    var bench =
        new Bench(
            serial(false, device("gate", 1)),
            units,
            (channel, frame) -> {
              channel.deliver(1_000_000L, java.util.Arrays.copyOf(frame, 2));
              channel.deliver(2_000_000L, java.util.Arrays.copyOfRange(frame, 2, 5));
              units.unit(1).delayNanos = () -> 3_000_000L;
              channel.deliver(3_000_000L, java.util.Arrays.copyOfRange(frame, 5, frame.length));
              units.request(channel, frame);
            });
    bench.run(Duration.ofSeconds(10));
    assertEquals(10, bench.samplesOf("gate").size());
    for (Sample sample : bench.samplesOf("gate")) {
      assertEquals(42_000_000L, sample.values().micros(0), sample::toString);
    }
  }

  /** Bits 0x0300 and 0x0310 in one block of 17, whose request has the form of its own reply. */
  private static Bench bits(boolean declared, boolean echoes, boolean answers) {
    var profile =
        Bench.profile(
            Bench.register("voltage_l1", 1, 0x300, DeviceProfile.Type.BIT, "1"),
            Bench.register("voltage_l2", 1, 0x310, DeviceProfile.Type.BIT, "1"));
    var units = new FakeUnits(Framing.RTU);
    units.unit(1).fill(0x300, 17).set(0x300, 1);
    return new Bench(
        serial(declared, Bench.device("gate", 1, profile, SECOND, SECOND)),
        units,
        (channel, frame) -> {
          if (echoes) {
            channel.deliver(1_000_000L, frame.clone());
          }
          if (answers) {
            units.request(channel, frame);
          }
        });
  }

  @Test
  void aRequestInTheFormOfItsOwnReplyIsAnEchoAndNoAnswer() {
    var alone = bits(false, true, false);
    alone.run(Duration.ofSeconds(20));
    assertTrue(alone.samplesOf("gate").stream().allMatch(sample -> sample.values().isEmpty()));
    assertEquals(Reason.TIMEOUT, alone.samplesOf("gate").getFirst().failed());
    for (boolean declared : new boolean[] {true, false}) {
      var answered = bits(declared, true, true);
      answered.run(Duration.ofSeconds(20));
      assertEquals(20, answered.samplesOf("gate").size());
      for (Sample sample : answered.samplesOf("gate")) {
        assertEquals("{voltage_l1=1, voltage_l2=0}", sample.values().toString());
      }
      assertEquals("1/1/768/17", answered.units.asked.getLast(), "its echo looks like an answer");
      assertEquals(declared ? List.of() : List.of("line.echo"), answered.eventNames());
    }
  }

  @Test
  void anotherMasterOnTheLineIsNoticedAndSaidOnce() {
    var bench = new Bench(Framing.RTU, device("gate", 1));
    bench.units.unit(1).set(0, 42);
    bench.run(Duration.ofSeconds(5));
    // Unit 17, registers 108 to 110: Modbus Application Protocol V1.1b3, 6.3.
    byte[] request = HexFormat.of().parseHex("1103006B00037687");
    for (int i = 0; i < 60; i++) {
      bench.run(SECOND);
      bench.channel.deliver(500_000_000L, request);
    }
    assertEquals(List.of("line.second_master"), bench.eventNames());
    Event told = bench.events.getFirst();
    assertEquals(Event.Severity.WARNING, told.severity());
    assertTrue(
        told.detail().get("problem") instanceof String words && words.contains("another master"));
    long strangers = bench.step.snapshot().strangers();
    assertTrue(strangers >= 55 && strangers <= 60, "requests heard: " + strangers);
    assertTrue(bench.samplesOf("gate").stream().allMatch(sample -> sample.failed() == null));
  }

  @Test
  void anotherMasterThatReadsDlt645IsNoticedToo() {
    var bench = new Bench(Framing.RTU, device("gate", 1));
    bench.units.unit(1).set(0, 42);
    byte[] request = HexFormat.of().parseHex("FEFEFEFE68665544332211681104333334331716");
    for (int i = 0; i < 5; i++) {
      bench.run(SECOND);
      bench.channel.deliver(500_000_000L, request);
    }
    bench.run(SECOND);
    assertEquals(List.of("line.second_master"), bench.eventNames());
    assertEquals(5, bench.step.snapshot().strangers());
  }

  @Test
  void noiseAndLateRepliesAreNoOtherMaster() {
    var bench = new Bench(Framing.RTU, device("gate", 1));
    bench.units.unit(1).set(0, 42);
    var random = new java.util.SplittableRandom(20_261_125L);
    for (int i = 0; i < 300; i++) {
      bench.run(SECOND);
      byte[] noise = new byte[20];
      random.nextBytes(noise);
      bench.channel.deliver(500_000_000L, noise);
    }
    assertEquals(List.of(), bench.eventNames());
    assertEquals(0, bench.step.snapshot().strangers());
    assertTrue(bench.step.snapshot().foreign() >= 5_000);
  }

  @Test
  void aGatewayWithOnePlaceIsLeftForASecondBeforeItIsEnteredAgain() {
    var units = new FakeUnits(Framing.TCP);
    units.unit(1).set(0, 42);
    Line line =
        new Line.ModbusTcp(
            "test",
            "127.0.0.1",
            502,
            true,
            true,
            1,
            false,
            SECOND,
            List.of(device("gate", 1)),
            null);
    var bench = new Bench(line, units, units);
    bench.run(Duration.ofSeconds(5));
    units.unit(1).silent = true;
    bench.channel.openings = 0;
    long closed = 0;
    for (int i = 0; i < 2_000 && bench.channel.openings == 0; i++) {
      bench.run(Duration.ofMillis(1));
      if (closed == 0 && bench.channel.closings > 0) {
        closed = bench.time.now().nanos();
      }
    }
    for (int i = 0; i < 2_000 && bench.channel.openings == 0; i++) {
      bench.run(Duration.ofMillis(1));
    }
    long waited = (bench.time.now().nanos() - closed) / 1_000_000L;
    assertTrue(waited >= 1_000 && waited <= 1_010, "entered again after " + waited + " ms");
    units.unit(1).silent = false;
    bench.run(Duration.ofSeconds(10));
    assertEquals(42_000_000L, bench.samplesOf("gate").getLast().values().micros(0));
  }

  @Test
  void severalUnitsAreAskedAtOnceWhereTransactionIdsKeepTheirAnswersApart() {
    var units = new FakeUnits(Framing.TCP);
    List<Device> devices = new ArrayList<>();
    for (int unit = 1; unit <= 8; unit++) {
      devices.add(device("m" + unit, unit));
      units.unit(unit).set(0, 100 + unit);
      // The later asked, the sooner answered: replies come in another order than the requests.
      long delay = (9 - unit) * 60_000_000L;
      units.unit(unit).delayNanos = () -> delay;
    }
    long one = readings(units, devices, 1);
    long four = readings(units, devices, 4);
    System.out.println("readings of 8 slow units in a minute: " + one + ", four at once: " + four);
    assertTrue(one < 300, "one at a time: " + one);
    assertEquals(8 * 60, four);
  }

  private static long readings(FakeUnits units, List<Device> devices, int parallel) {
    Line line =
        new Line.ModbusTcp(
            "test", "127.0.0.1", 502, false, false, parallel, false, SECOND, devices, null);
    var bench = new Bench(line, units, units);
    bench.run(Duration.ofMinutes(1));
    for (Sample sample : bench.samples) {
      if (sample.failed() == null) {
        long unit = Long.parseLong(sample.device().substring(1));
        assertEquals((100 + unit) * 1_000_000L, sample.values().micros(0), sample::toString);
      }
    }
    assertEquals(List.of(), bench.eventNames());
    return bench.samples.stream().filter(sample -> sample.failed() == null).count();
  }

  @Test
  void aDeadUnitDoesNotHoldUpThoseThatAreAskedBesideIt() {
    var units = new FakeUnits(Framing.TCP);
    List<Device> devices = new ArrayList<>();
    for (int unit = 1; unit <= 6; unit++) {
      devices.add(device("m" + unit, unit));
      if (unit != 3) {
        units.unit(unit).set(0, 100 + unit);
      }
    }
    Line line =
        new Line.ModbusTcp("test", "127.0.0.1", 502, false, false, 3, false, SECOND, devices, null);
    var bench = new Bench(line, units, units);
    bench.run(Duration.ofMinutes(5));
    for (Device device : devices) {
      long good =
          bench.samplesOf(device.id()).stream().filter(each -> each.failed() == null).count();
      assertTrue(device.unit() == 3 ? good == 0 : good >= 290, device.id() + ": " + good);
    }
  }
}
