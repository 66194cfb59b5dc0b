package io.lingtan.agent.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.publish.MemoryBroker.Got;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.site.Site;
import io.lingtan.testing.MessageSchemas;
import io.lingtan.testing.ThreePhaseMeter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/** Batches that travel gzipped, and what a value costs on the air. */
final class GzipBatchTest {

  /**
   * Bytes of a message and its PUBACK that are neither: two IPv4 packets, 20 + 32 each, one bare
   * TCP acknowledgement, and two records of TLS 1.3 with 22 bytes each; PUBACK itself has 4.
   */
  private static final int AROUND_A_MESSAGE = 2 * 52 + 52 + 2 * 22 + 4;

  private final World world = new World();
  private final MemoryBroker broker = world.broker;

  private static Site.Mqtt gzipped(int maxPayload, Duration batch) {
    return new Site.Mqtt(
        List.of("mqtt://one:1883"),
        null,
        null,
        null,
        null,
        null,
        batch,
        maxPayload,
        false,
        false,
        List.of(),
        true,
        Duration.ZERO,
        List.of(),
        null);
  }

  private static String inflated(Got got) {
    try (var in = new GZIPInputStream(new ByteArrayInputStream(got.message().payload()))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new AssertionError(got.topic() + " is not gzip", e);
    }
  }

  private void commitAndConnect(int count) {
    for (int i = 0; i < count; i++) {
      world.outbox.data("pv1", 1000 + i);
    }
    world.run(1000);
  }

  @Test
  void whereItIsSwitchedOnBatchesAreTheSameButGzipped() {
    commitAndConnect(700);
    List<String> plain = broker.on("batch").stream().map(got -> got.message().text()).toList();
    assertTrue(plain.size() > 1, "several batches");

    World other = new World().with(gzipped(60_000, Duration.ZERO));
    for (int i = 0; i < 700; i++) {
      other.outbox.data("pv1", 1000 + i);
    }
    other.run(1000);
    assertEquals(List.of(), other.broker.on("batch"));
    assertEquals(plain, other.broker.on("batch/gz").stream().map(GzipBatchTest::inflated).toList());
    assertEquals(700, other.outbox.ackedCount());
  }

  @Test
  void whatIsGzippedFitsItsSchema() throws IOException {
    world.outbox = new MemoryOutbox("5f1c09ab");
    world.with(gzipped(60_000, Duration.ZERO));
    commitAndConnect(5);
    MessageSchemas schemas = MessageSchemas.of(Path.of("..", "config", "schema"));
    Got got = broker.on("batch/gz").getFirst();
    assertEquals(List.of(), schemas.problems(got.topic(), got.message().payload()));
  }

  @Test
  void onAMeteredLinkAllDataTravelsSoAndWhatIsSaidLiveDoesNot() {
    world.with(gzipped(60_000, Duration.ofMinutes(1)));
    world.run(1000);
    for (int second = 0; second < 120; second += 10) {
      world.outbox.data("pv1", 1000L * second);
      world.outbox.event("agent.start");
      world.run(10_000);
    }
    world.run(61_000);
    assertEquals(List.of(), broker.on("data/pv1"));
    assertEquals(12, broker.on("event").size());
    assertTrue(
        broker.on("batch/gz").size() >= 2 && broker.on("batch/gz").size() <= 4,
        broker.on("batch/gz").size() + " batches");
    assertEquals(24, world.outbox.ackedCount());
  }

  /** Of characters drawn at random from 20,000. */
  @Test
  void noPacketIsLargerThanTheBrokerTakesHoweverBadlyRecordsCompress() {
    world.with(gzipped(60_000, Duration.ZERO));
    broker.maximumPacket = 2_000;
    RandomGenerator random = Randomness.seeded(3);
    for (int i = 0; i < 300; i++) {
      String noise =
          random
              .ints(random.nextInt(1_500), 0x4e00, 0x9fff)
              .mapToObj(Character::toString)
              .collect(Collectors.joining());
      world.outbox.data("pv1", 1000 + i, noise);
    }
    world.run(60_000);
    int largest =
        broker.on("batch/gz").stream().mapToInt(got -> got.message().packetBytes()).max().orElse(0);
    assertTrue(largest > 1_000 && largest <= 2_000, "largest packet: " + largest);
    assertEquals(300, world.outbox.ackedCount());
    List<Long> asides =
        world.outbox.setAside.stream().map(text -> Long.valueOf(text.split(" ")[0])).toList();
    List<Long> sent = new ArrayList<>();
    broker.on("batch/gz").forEach(got -> sent.addAll(seqs(inflated(got))));
    assertEquals(
        LongStream.rangeClosed(1, 300).filter(seq -> !asides.contains(seq)).boxed().toList(), sent);
  }

  private static List<Long> seqs(String batch) {
    return java.util.regex.Pattern.compile("\"seq\":(\\d+)")
        .matcher(batch)
        .results()
        .map(result -> Long.valueOf(result.group(1)))
        .toList();
  }

  @Test
  void aRefusedTopicIsToldOnceAndItsRecordsStay() {
    world.with(gzipped(60_000, Duration.ZERO));
    broker.reason = message -> message.topic().endsWith("/gz") ? 135 : 0;
    commitAndConnect(20);
    world.run(30_000);
    assertEquals(0, world.outbox.ackedCount());
    assertEquals(1, world.eventNames().stream().filter("uplink.refused"::equals).count());
    broker.reason = message -> 0;
    world.run(90_000);
    assertEquals(20, world.outbox.ackedCount());
  }

  /** Bytes on the air for each value of 50 meters with 30 values each. */
  private double airBytesPerValue(World of, boolean late) {
    RandomGenerator random = Randomness.seeded(1);
    List<ThreePhaseMeter> meters =
        IntStream.range(0, 50).mapToObj(i -> new ThreePhaseMeter(random)).toList();
    if (!late) {
      of.run(1000);
    }
    int from = of.broker.got.size();
    int records = 0;
    for (int second = 0; second < 60; second += 10) {
      for (int device = 0; device < 50; device++) {
        of.outbox.data(
            "meter-" + device, 1_764_060_000_000L + second * 1000L, meters.get(device).values());
        records++;
      }
      if (!late) {
        of.run(1000);
      }
    }
    of.run(70_000);
    assertEquals(records, of.outbox.ackedCount());
    long bytes = 0;
    for (Got got : of.broker.got.subList(from, of.broker.got.size())) {
      if (got.topic().contains("/data/") || got.topic().contains("/batch")) {
        int segments = 1 + got.message().packetBytes() / 1_400;
        bytes += got.message().packetBytes() + AROUND_A_MESSAGE + (segments - 1) * 52L;
      }
    }
    return (double) bytes / records / ThreePhaseMeter.VALUES;
  }

  @Test
  void aValueCostsFewBytesOnTheAir() {
    double live = airBytesPerValue(new World(), false);
    double batches = airBytesPerValue(new World(), true);
    World metered = new World().with(gzipped(60_000, Duration.ofMinutes(1)));
    metered.run(1_000);
    double gzipped = airBytesPerValue(metered, true);
    System.out.printf(
        "air, 50 x 30 values, with TLS, TCP and IP: live %.1f, batches %.1f, gzipped batches %.1f"
            + " bytes/value%n",
        live, batches, gzipped);
    assertTrue(live <= 40, live + " bytes/value live");
    assertTrue(gzipped <= 10, gzipped + " bytes/value in gzipped batches");
  }
}
