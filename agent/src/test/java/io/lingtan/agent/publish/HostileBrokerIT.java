package io.lingtan.agent.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.publish.link.Broker;
import io.lingtan.agent.publish.link.Message;
import io.lingtan.agent.publish.link.PahoBroker;
import io.lingtan.agent.publish.link.Signal;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.site.Site;
import io.lingtan.testing.ScriptedBroker;
import io.lingtan.testing.ScriptedBroker.Packet;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Brokers that send what no broker should: the publisher lives, tells it, and delivers to others.
 */
@Execution(ExecutionMode.CONCURRENT)
final class HostileBrokerIT {

  private static final String COMMAND = "lingtan/v1/gw/cmd/ping";
  private static final int PUBACK = 4;

  /** MQTT 5.0, section 2.2.2. */
  private static final int RESPONSE_TOPIC = 8;

  private static final int USER_PROPERTY = 0x26;
  private static final int CONTENT_TYPE = 3;

  /**
   * Sends something once its commands are subscribed to, and is a broker as others are beside that.
   */
  private static ScriptedBroker sending(AtomicReference<byte[]> once) throws IOException {
    return ScriptedBroker.start(
        (packet, peer) -> {
          if (isOfCommands(packet)) {
            byte[] bytes = once.getAndSet(new byte[0]);
            peer.answer(packet);
            peer.sendBytes(bytes);
            return true;
          }
          return false;
        });
  }

  private static boolean isOfCommands(Packet packet) {
    return packet.type() == ScriptedBroker.SUBSCRIBE
        && packet.filters().stream().anyMatch(filter -> filter.contains("/cmd/"));
  }

  private static byte[] text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return joined(new byte[] {(byte) (bytes.length >> 8), (byte) bytes.length}, bytes);
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    Arrays.stream(parts).forEach(all::writeBytes);
    return all.toByteArray();
  }

  /** A packet that claims to have {@code length} bytes behind its header. */
  private static byte[] claiming(int first, int length, byte[] body) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write(first);
    int rest = length;
    do {
      all.write(rest > 127 ? (rest & 0x7f) | 0x80 : rest);
      rest >>= 7;
    } while (rest > 0);
    all.writeBytes(body);
    return all.toByteArray();
  }

  private static byte[] packet(int first, byte[] body) {
    return claiming(first, body.length, body);
  }

  /** PUBLISH with QoS 1 and id 9. */
  private static byte[] publish(String topic, byte[] properties, String payload) {
    byte[] id = {0, 9};
    byte[] length = {(byte) properties.length};
    return packet(
        0x32,
        joined(text(topic), id, length, properties, payload.getBytes(StandardCharsets.UTF_8)));
  }

  private static byte[] property(int identifier, String... texts) {
    return joined(
        new byte[] {(byte) identifier},
        joined(Arrays.stream(texts).map(HostileBrokerIT::text).toArray(byte[][]::new)));
  }

  private static void assertDelivers(Gateway gateway, int seconds) throws InterruptedException {
    long last = gateway.outbox.data("pv1", 1);
    Gateway.await("the record", seconds, () -> gateway.outbox.isAcked(Gateway.EPOCH, last));
    assertEquals(List.of(), gateway.outbox.doubleAcks);
  }

  private static String details(Gateway gateway, String name) {
    List<Event> events = gateway.events();
    return events.stream().filter(event -> event.name().equals(name)).toList().toString();
  }

  @Test
  void aGreatestPacketIsAnnouncedAndNoRetainedCommandAskedFor() throws Exception {
    try (ScriptedBroker broker = sending(new AtomicReference<>(new byte[0]));
        Gateway gateway = new Gateway(World.mqtt(List.of(broker.url())))) {
      assertDelivers(gateway, 20);
      byte[] connect = broker.received(ScriptedBroker.CONNECT).getFirst().body();
      byte[] announced = {0x27, 0, 2, 0, 0}; // 131,072 bytes
      assertTrue(
          new String(connect, StandardCharsets.ISO_8859_1)
              .contains(new String(announced, StandardCharsets.ISO_8859_1)));
      for (Packet subscribe : broker.received(ScriptedBroker.SUBSCRIBE)) {
        int options = subscribe.body()[subscribe.body().length - 1];
        assertEquals(isOfCommands(subscribe) ? 0x21 : 1, options, subscribe.filters().toString());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {200_000_000, 268_435_455, 131_080})
  void aPacketThatClaimsTooMuchEndsTheConnectionAndNothingElse(int claim) throws Exception {
    byte[] some = joined(text("lingtan/v1/gw/cmd/bomb"), new byte[30]);
    try (ScriptedBroker broker = sending(new AtomicReference<>(claiming(0x30, claim, some)));
        Gateway gateway = new Gateway(World.mqtt(List.of(broker.url())))) {
      Gateway.await("the end", 20, () -> gateway.told("uplink.down"));
      String told = details(gateway, "uplink.down");
      assertTrue(told.contains("bad_packet"), told);
      assertTrue(told.contains("lingtan/v1/gw/cmd/bomb"), told);
      assertDelivers(gateway, 20);
      assertEquals(1, gateway.step.snapshot().mishaps().badPackets());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"\u0001", "\u0000", "\u001f", "\u007f", "\u0085", "\ufdd0", "\uffff"})
  void aTextThatPahoTripsOverCostsItsMessageAlone(String bad) throws Exception {
    List<byte[]> messages =
        List.of(
            publish(COMMAND + bad, new byte[0], "{}"),
            publish(COMMAND, property(RESPONSE_TOPIC, "lingtan/v1/gw/reply/" + bad), "{}"),
            publish(COMMAND, property(USER_PROPERTY, "a" + bad, "b"), "{}"),
            publish(COMMAND, property(CONTENT_TYPE, "text" + bad), "{}"));
    byte[] good = publish(COMMAND, property(RESPONSE_TOPIC, "lingtan/v1/gw/reply/good"), "{}");
    byte[] all = joined(joined(messages.toArray(byte[][]::new)), good);
    try (ScriptedBroker broker = sending(new AtomicReference<>(all));
        Gateway gateway = new Gateway(World.mqtt(List.of(broker.url())))) {
      Gateway.await(
          "the answer to the good one",
          20,
          () ->
              broker.received(ScriptedBroker.PUBLISH).stream()
                  .anyMatch(p -> p.topic().equals("lingtan/v1/gw/reply/good")));
      Gateway.await("each PUBACK", 20, () -> broker.received(PUBACK).size() >= 5);
      assertEquals(5, broker.received(PUBACK).size());
      assertEquals(1, broker.received(ScriptedBroker.CONNECT).size());
      Gateway.await(
          "the count", 10, () -> gateway.step.snapshot().mishaps().commandsRefused() == 4);
      String told = details(gateway, "command.refused");
      assertTrue(told.contains("ping?") && told.contains("was thrown away"), told);
      assertDelivers(gateway, 20);
    }
  }

  /** The heap of a gateway has 16 MB. */
  @Test
  void ofAFloodOfDocumentsOnlyAFewAreHeld() throws Exception {
    byte[] one = publish("lingtan/v1/gw/desired/config", new byte[0], "x".repeat(300_000));
    byte[] flood = joined(Collections.nCopies(60, one).toArray(byte[][]::new));
    try (ScriptedBroker broker = sending(new AtomicReference<>(flood))) {
      Site.Centre centre = new Site.Centre("A".repeat(43), null, null, Duration.ofMinutes(10));
      PahoBroker paho = new PahoBroker(World.obeying(World.mqtt(List.of(broker.url())), centre));
      try {
        paho.connect(1, broker.url(), new Broker.Will("lingtan/v1/gw/status", new byte[] {1}));
        Caller.await(paho, new ArrayList<>(), 1, 40, "connecting");
        paho.subscribeToNew(List.of("lingtan/v1/gw/cmd/+"));
        Gateway.await("all of them", 30, () -> paho.arrivals().size() == 60);
        List<Signal.Arrived> held = new ArrayList<>();
        paho.arrivals().drain(held::add, 64);
        long whole = held.stream().filter(arrived -> arrived.flaw() == null).count();
        assertEquals(8, whole);
        assertEquals(8 * 300_000L, held.stream().mapToLong(a -> a.payload().length).sum());
      } finally {
        paho.close();
      }
    }
  }

  @Test
  void smallMessagesPushOutNoDocument() throws Exception {
    byte[] small = publish(COMMAND, new byte[0], "{}");
    byte[] document = publish("lingtan/v1/gw/desired/config", new byte[0], "x".repeat(200_000));
    byte[] all = joined(joined(Collections.nCopies(20, small).toArray(byte[][]::new)), document);
    try (ScriptedBroker broker = sending(new AtomicReference<>(all))) {
      Site.Centre centre = new Site.Centre("A".repeat(43), null, null, Duration.ofMinutes(10));
      PahoBroker paho = new PahoBroker(World.obeying(World.mqtt(List.of(broker.url())), centre));
      try {
        paho.connect(1, broker.url(), new Broker.Will("lingtan/v1/gw/status", new byte[] {1}));
        Caller.await(paho, new ArrayList<>(), 1, 40, "connecting");
        paho.subscribeToNew(List.of("lingtan/v1/gw/cmd/+"));
        Gateway.await("all of them", 30, () -> paho.arrivals().size() == 21);
        List<Signal.Arrived> held = new ArrayList<>();
        paho.arrivals().drain(held::add, 64);
        assertEquals(200_000, held.getLast().payload().length, held.getLast()::toString);
      } finally {
        paho.close();
      }
    }
  }

  @Test
  void aBrokerThatTakesNoMessageIsSaidToBeUnfit() throws Exception {
    ScriptedBroker.Script none =
        (packet, peer) -> {
          if (packet.type() == ScriptedBroker.CONNECT) {
            peer.connack(0, 0x21, 0, 0);
            return true;
          }
          return false;
        };
    try (ScriptedBroker broker = ScriptedBroker.start(none);
        Gateway gateway = new Gateway(World.mqtt(List.of(broker.url())))) {
      String problem = gateway.problem();
      assertTrue(problem.contains(broker.url()), problem);
      assertFalse(gateway.step.snapshot().connected());
    }
  }

  /** What comes in one session, by chance: packets, packets with a fault, and noise. */
  private static byte[] noise(RandomGenerator random) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = random.nextInt(1, 8); i > 0; i--) {
      int first = random.nextInt(4) == 0 ? 0x30 | random.nextInt(16) : random.nextInt(256);
      byte[] body =
          switch (random.nextInt(4)) {
            case 0 -> bytes(random, random.nextInt(60));
            case 1 ->
                joined(
                    text(random.nextBoolean() ? COMMAND : "lingtan/v1/gw/store"),
                    bytes(random, random.nextInt(20)));
            case 2 -> new byte[] {0, (byte) random.nextInt(6), (byte) random.nextInt(3)};
            default -> publish(COMMAND, bytes(random, random.nextInt(20)), "{}");
          };
      all.writeBytes(
          random.nextInt(5) == 0
              ? claiming(first, random.nextInt(random.nextBoolean() ? 300_000 : 200), body)
              : packet(first, body));
    }
    return all.toByteArray();
  }

  private static byte[] bytes(RandomGenerator random, int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  /**
   * Sessions in which a broker sends noise at a time by chance, and one as it should be at last.
   */
  private static void assertSurvives(long seed, int sessions) throws Exception {
    AtomicBoolean hostile = new AtomicBoolean(true);
    RandomGenerator random = Randomness.seeded(seed);
    ScriptedBroker.Script noisy =
        (packet, peer) -> {
          if (hostile.get() && random.nextInt(3) == 0) {
            if (packet.type() == ScriptedBroker.CONNECT || random.nextBoolean()) {
              peer.answer(packet);
            }
            peer.sendBytes(noise(random));
            if (random.nextInt(3) == 0) {
              throw new IOException("hung up");
            }
            return true;
          }
          return false;
        };
    Caller caller = new Caller();
    try (ScriptedBroker broker = ScriptedBroker.start(noisy)) {
      PahoBroker paho = new PahoBroker(World.mqtt(List.of(broker.url())), "noise-" + seed);
      try {
        for (long session = 1; session <= sessions; session++) {
          caller.play(paho, session, broker.url(), seed, 150);
        }
        hostile.set(false);
        boolean up = false;
        for (long session = sessions + 1L; !up && session < sessions + 20; session++) {
          up = caller.play(paho, session, broker.url(), seed, 20_000);
        }
        assertTrue(up, "seed " + seed + ": it connects no more");
      } finally {
        paho.close();
      }
    }
  }

  /** A session of whoever uses a connection: it ends in a bounded time, whatever comes. */
  private static final class Caller {
    private final List<Message> messages =
        List.of(Message.of("lingtan/v1/gw/event", "x"), Message.of("lingtan/v1/gw/data/a", "y"));

    boolean play(PahoBroker paho, long session, String url, long seed, int patienceMillis)
        throws InterruptedException {
      paho.connect(session, url, new Broker.Will("lingtan/v1/gw/status", new byte[] {1}));
      List<Signal> seen = new CopyOnWriteArrayList<>();
      String where = "seed " + seed + ", session " + session;
      await(paho, seen, session, 40, where);
      if (seen.getLast() instanceof Signal.Lost) {
        return false;
      }
      paho.subscribe(List.of("lingtan/v1/gw/store"));
      paho.subscribeToNew(List.of("lingtan/v1/gw/cmd/+"));
      for (int i = 0; i < messages.size(); i++) {
        paho.publish(session * 10 + i, messages.get(i));
      }
      long until = System.nanoTime() + Duration.ofMillis(patienceMillis).toNanos();
      int acked = 0;
      while (System.nanoTime() < until && acked < messages.size()) {
        Signal next = paho.signals().poll();
        if (next instanceof Signal.Acked ack && ack.connection() == session) {
          assertTrue(ack.id() / 10 == session && ack.id() % 10 < messages.size(), where);
          acked++;
        } else if (next instanceof Signal.Lost lost && lost.connection() == session) {
          break;
        } else if (next == null) {
          Thread.sleep(2);
        }
      }
      paho.arrivals().drain(arrived -> {}, 100);
      paho.cut();
      return acked == messages.size();
    }

    private static void await(
        PahoBroker paho, List<Signal> seen, long session, int seconds, String where)
        throws InterruptedException {
      long until = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
      while (true) {
        Signal next = paho.signals().poll();
        if (next != null && next.connection() == session) {
          seen.add(next);
          return;
        }
        if (System.nanoTime() > until) {
          throw new AssertionError(where + ": no end of connecting");
        }
        if (next == null) {
          Thread.sleep(2);
        }
      }
    }
  }

  @Test
  void noNoiseOfABrokerKeepsAnythingFromTheNextConnection() throws Exception {
    noise(20_261_129L, 8, 12);
  }

  /** -Dhostile.sessions=N for more. */
  @Test
  @Tag("campaign")
  void noNoiseOfABrokerKeepsAnythingFromTheNextConnectionAtLength() throws Exception {
    noise(7, 16, Integer.getInteger("hostile.sessions", 100));
  }

  private static void noise(long seed, int atOnce, int sessions) throws Exception {
    List<Throwable> failed = new CopyOnWriteArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < atOnce; i++) {
      long each = seed + i;
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      assertSurvives(each, sessions);
                    } catch (Throwable e) {
                      failed.add(e);
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    if (!failed.isEmpty()) {
      throw new AssertionError(failed.size() + " of " + atOnce + " seeds", failed.getFirst());
    }
    long until = System.nanoTime() + Duration.ofSeconds(40).toNanos();
    List<String> left = left();
    while (!left.isEmpty() && System.nanoTime() < until) {
      Thread.sleep(100);
      left = left();
    }
    assertEquals(List.of(), left, "threads of the library that do not end");
  }

  private static List<String> left() {
    return Thread.getAllStackTraces().entrySet().stream()
        .filter(thread -> thread.getKey().getName().contains("noise-"))
        .map(thread -> thread.getKey().getName() + " " + Arrays.toString(thread.getValue()))
        .toList();
  }
}
