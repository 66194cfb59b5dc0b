package io.lingtan.simulator.prove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.line.Outlet;
import io.lingtan.agent.acquire.poll.PolledLineStep;
import io.lingtan.agent.acquire.wire.Channel;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Arrival.Recorded;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Step;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Line.CharacterFormat;
import io.lingtan.agent.site.Line.Parity;
import io.lingtan.simulator.device.Endpoint;
import io.lingtan.simulator.device.Meter;
import io.lingtan.simulator.device.Wiring;
import io.lingtan.simulator.device.WorldClock;
import io.lingtan.simulator.device.site.SimulatedSite;
import io.lingtan.simulator.fault.WireFault;
import io.lingtan.simulator.prove.memory.MemoryLine;
import io.lingtan.simulator.prove.memory.MemoryLines;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The agent's real steps on serial lines and serial servers, on virtual time. */
final class SerialLinesTest {
  private static final long SEED = 6;
  private static final long DELAY_MILLIS = 20;
  private static final long MINUTE = 60_000L;

  private final SimulatedSite depot = SimulatedSite.of("hydrogen-depot", SEED, DELAY_MILLIS);
  private final long start = depot.world().stepStart();
  private final VirtualTime time = new VirtualTime(start);
  private final WorldClock clock = WorldClock.realTime(time.now(), start);
  private final List<Sample> samples = new ArrayList<>();

  /** T = (8 + 5 + 2·words)·bits/baud + the device's delay, for the reply to be there. */
  @ParameterizedTest
  @CsvSource({
    "9600, NONE, 1, 10",
    "9600, NONE, 1, 1",
    "9600, NONE, 2, 36",
    "19200, EVEN, 1, 10",
    "2400, EVEN, 1, 4",
    "115200, NONE, 1, 60"
  })
  void aReplyIsThereWhenItsCharactersHaveHadTheirTime(
      int baud, Parity parity, int stopBits, int words) {
    CharacterFormat format = new CharacterFormat(baud, parity, stopBits);
    Meter chargers = depot.meter("chargers");
    Endpoint endpoint =
        new Endpoint("line", Wiring.rtu(format), depot.world(), depot.faults(), DELAY_MILLIS)
            .with(1, chargers);
    MemoryLine line = new MemoryLine(endpoint, time, clock, null, 1_000_000_000L);
    assertEquals(Channel.Opening.OPEN, line.open());
    byte[] request = request(words);
    line.send(ByteBuffer.wrap(request));
    int bits = 1 + 8 + (parity == Parity.NONE ? 0 : 1) + stopBits;
    double seconds = (8 + 5 + 2.0 * words) * bits / baud + DELAY_MILLIS / 1_000.0;
    long nanos = line.arrival().nanosSince(time.now());
    // Of one character at most a nanosecond is cut off.
    assertEquals(seconds * 1e9, (double) nanos, 13 + 2.0 * words);
    ByteBuffer in = ByteBuffer.allocate(300);
    time.advanceTo(time.now().plusNanos(nanos - 1));
    assertEquals(0, line.receive(in));
    time.advanceTo(time.now().plusNanos(1));
    assertEquals(5 + 2 * words, line.receive(in));
    assertNull(line.trouble());
  }

  /** Unit 1, function 3, from 0x2006, with a check sum that this test works out for itself. */
  private static byte[] request(int words) {
    byte[] frame = HexFormat.of().parseHex("010320060000" + "0000");
    frame[5] = (byte) words;
    int crc = 0xFFFF;
    for (int i = 0; i < 6; i++) {
      crc ^= frame[i];
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) == 1 ? crc >> 1 ^ 0xA001 : crc >> 1;
      }
    }
    frame[6] = (byte) crc;
    frame[7] = (byte) (crc >> 8);
    return frame;
  }

  private void runFor(long millis) {
    Inbox<Arrival> inbox = new Inbox<>(10_000);
    MemoryLines memory = new MemoryLines(depot.endpoints(), time, clock, null);
    List<Step> lines = new ArrayList<>();
    for (Line line : depot.site().lines()) {
      lines.add(
          new PolledLineStep(line, new Outlet(line.devices(), inbox, time), memory.channel(line)));
    }
    MonotonicInstant end = time.now().plusMillis(millis);
    while (time.now().isBefore(end)) {
      MonotonicInstant next = end;
      for (Step line : lines) {
        for (int most = 100; line.step(time.now()) > 0 && most > 0; most--) {
          inbox.drain(this::take, 1_000);
        }
        inbox.drain(this::take, 1_000);
        next = next.min(line.due());
      }
      time.advanceTo(next.isAfter(time.now()) ? next : time.now().plusMillis(1));
    }
  }

  private void take(Arrival arrival) {
    if (arrival instanceof Recorded(Sample sample)) {
      samples.add(sample);
    }
  }

  /** Each energy lies between what its register showed a second and a half before, and now. */
  private int compare() {
    SimulatedSite late = SimulatedSite.of("hydrogen-depot", SEED, 0);
    SimulatedSite then = SimulatedSite.of("hydrogen-depot", SEED, 0);
    samples.sort(Comparator.comparingLong(Sample::atNanos));
    int values = 0;
    for (Sample sample : samples) {
      long millis = start + sample.atNanos() / 1_000_000L + 1;
      long before = Math.max(start, millis - 1_500);
      then.world().advanceTo(millis);
      late.world().advanceTo(before);
      Values read = sample.values();
      for (int i = 0; i < read.size(); i++) {
        var point = read.point(i);
        if (point.quantity().isRegister()) {
          long least = late.meter(sample.device()).shownMicros(point, late.world(), before);
          long most = then.meter(sample.device()).shownMicros(point, then.world(), millis);
          long value = read.micros(i);
          assertTrue(
              value >= least && value <= most,
              () -> sample.device() + " " + point + " " + value + ": " + least + ".." + most);
          values++;
        }
      }
    }
    return values;
  }

  private long good(String device) {
    return samples.stream()
        .filter(sample -> sample.device().equals(device) && sample.failed() == null)
        .count();
  }

  @Test
  void everyMeterOfTheDepotIsReadAsItIs() {
    runFor(5 * MINUTE);
    assertTrue(compare() > 150);
    for (var device : depot.site().devices()) {
      assertTrue(good(device.id()) >= 28, () -> device.id() + ": " + good(device.id()));
    }
    assertEquals(List.of(), samples.stream().filter(s -> s.failed() != null).toList());
  }

  @Test
  void noFaultOfASerialLineMakesAWrongNumber() {
    long until = start + 20 * MINUTE;
    var faults = depot.faults();
    faults.add(new WireFault.CorruptByte("gate", start, until, 4));
    faults.add(new WireFault.Truncated("gate", start, until, 7));
    faults.add(new WireFault.LateReplies("comp", start, until, 5, 1_200));
    faults.add(new WireFault.ForeignUnit("comp", start, until, 7));
    faults.add(new WireFault.DuplicateReply("chargers", start, until, 3));
    faults.add(new WireFault.SplitReply("chargers", start, until, 4, 300));
    faults.add(new WireFault.GluedNoise("ely1", start, until, 5));
    faults.add(new WireFault.LineNoise("rs485-1", start, until, 9, 150));
    faults.add(new WireFault.ConnectionReset("hydrogen", start, until, 40));
    faults.add(new WireFault.BlackHole("hydrogen", start + 3 * MINUTE, start + 4 * MINUTE));
    faults.add(new WireFault.SingleClient("roof", start + 5 * MINUTE, start + 6 * MINUTE, true));
    faults.add(new WireFault.SingleClient("roof", start + 8 * MINUTE, start + 9 * MINUTE, false));
    runFor(20 * MINUTE);
    assertTrue(compare() > 400);
    Map<String, Long> injected = faults.injected();
    for (String kind :
        List.of(
            "corrupt",
            "truncated",
            "late_reply",
            "foreign_unit",
            "duplicate",
            "split",
            "glued_noise",
            "line_noise",
            "tcp_reset",
            "black_hole",
            "single_client")) {
      assertTrue(injected.getOrDefault(kind, 0L) > 0, () -> kind + " never struck: " + injected);
    }
    for (String device : List.of("gate", "comp", "chargers", "ely1", "pv1")) {
      assertTrue(good(device) > 40, () -> device + ": " + good(device));
    }
    assertTrue(Objects.requireNonNull(samples.getLast()).atNanos() > 19 * MINUTE * 1_000_000L);
  }
}
