package io.lingtan.simulator.hostile;

import io.lingtan.testing.ScriptedBroker.Packet;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a client to the hostile broker. What comes is read to its end by a thread of
 * its own, also while this one says nothing or nonsense: whatever was sent is known.
 */
final class BrokerSession {

  private static final int CONNECT = 1;
  private static final int PUBLISH = 3;
  private static final int PUBREL = 6;
  private static final int SUBSCRIBE = 8;
  private static final int UNSUBSCRIBE = 10;
  private static final int PING = 12;
  private static final int MOST_PACKET = 4_000_000;
  private static final String ROOT = "lingtan/v1/gw-witness/";

  private final Socket socket;
  private final OutputStream out;
  private final Chance chance;
  private final Got got;
  private final LinkedBlockingQueue<Packet> packets = new LinkedBlockingQueue<>();
  private final Thread reader;
  private int nextId = 1;
  private final HostileBroker.Sent sent;

  /** How often, in percent, an answer or a spontaneous packet is a wrong one. */
  private int malice;

  BrokerSession(Socket socket, Chance chance, Got got, HostileBroker.Sent sent) throws IOException {
    this.socket = socket;
    this.out = socket.getOutputStream();
    this.chance = chance;
    this.got = got;
    this.sent = sent;
    this.reader = got.start("broker", this::read);
  }

  private void read() {
    try (DataInputStream in = new DataInputStream(socket.getInputStream())) {
      while (true) {
        int first = in.readUnsignedByte();
        int length = 0;
        for (int shift = 0, more = 0x80; (more & 0x80) != 0; shift += 7) {
          more = in.readUnsignedByte();
          length |= (more & 0x7f) << shift;
        }
        if (length < 0 || length > MOST_PACKET) {
          got.fault("the agent sent a packet of " + length + " bytes");
          return;
        }
        byte[] body = new byte[length];
        in.readFully(body);
        Packet packet = new Packet(first >> 4, first & 15, body);
        if (packet.type() == PUBLISH) {
          got.take(packet.topic(), payload(packet));
        }
        packets.add(packet);
      }
    } catch (IOException | RuntimeException e) {
      if (e instanceof RuntimeException) {
        got.fault("the agent sent nonsense: " + e);
      }
    }
  }

  private static int idAt(Packet packet) {
    return packet.type() == PUBLISH ? 2 + (ByteBuffer.wrap(packet.body()).getShort() & 0xffff) : 0;
  }

  private static byte[] payload(Packet publish) {
    byte[] body = publish.body();
    int at = idAt(publish) + ((publish.flags() & 6) == 0 ? 0 : 2);
    int properties = 0;
    for (int shift = 0, more = 0x80; (more & 0x80) != 0; shift += 7) {
      more = body[at++] & 0xff;
      properties |= (more & 0x7f) << shift;
    }
    return Arrays.copyOfRange(body, at + properties, body.length);
  }

  private static int id(Packet packet) {
    return ByteBuffer.wrap(packet.body()).getShort(idAt(packet)) & 0xffff;
  }

  // An honest broker.

  /**
   * Does everything right.
   *
   * @param refuses whether the first that it is to acknowledge is refused; cleared with it
   */
  void honest(AtomicBoolean refuses) throws IOException, InterruptedException {
    for (Packet packet; (packet = next(60_000)) != null; ) {
      boolean isAsked = packet.type() == PUBLISH && (packet.flags() & 6) == 2;
      if (isAsked && refuses.getAndSet(false)) {
        send(new MqttBytes().u16(id(packet)).u8(0x97).u8(0).packet(0x40)); // quota exceeded
        sent.refusals().incrementAndGet();
      } else {
        right(packet);
      }
    }
  }

  private @Nullable Packet next(int millis) throws InterruptedException {
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (true) {
      Packet packet = packets.poll(5, TimeUnit.MILLISECONDS);
      if (packet != null || System.nanoTime() > until) {
        return packet;
      }
      if (!reader.isAlive() && packets.isEmpty()) {
        return null;
      }
    }
  }

  private void right(Packet packet) throws IOException {
    switch (packet.type()) {
      case CONNECT -> send(new MqttBytes().u8(0).u8(0).u8(0).packet(0x20));
      case PUBLISH -> {
        if ((packet.flags() & 6) == 2) {
          send(new MqttBytes().u16(id(packet)).u8(0).u8(0).packet(0x40));
        }
      }
      case PUBREL -> send(new MqttBytes().u16(id(packet)).u8(0).u8(0).packet(0x70));
      case SUBSCRIBE -> {
        MqttBytes answer = new MqttBytes().u16(id(packet)).u8(0);
        packet.filters().forEach(each -> answer.u8(1));
        send(answer.packet(0x90));
        if (packet.filters().contains(ROOT + "store") && got.storeBytes().length > 0) {
          send(publish(0x31, ROOT + "store", new MqttBytes(), got.storeBytes()));
        }
      }
      case UNSUBSCRIBE -> {
        MqttBytes answer = new MqttBytes().u16(id(packet)).u8(0);
        packet.filters().forEach(each -> answer.u8(0));
        send(answer.packet(0xb0));
      }
      case PING -> send(new byte[] {(byte) 0xd0, 0});
      default -> {}
    }
  }

  private byte[] publish(int first, String topic, MqttBytes properties, byte[] payload) {
    MqttBytes packet = new MqttBytes().text(topic);
    if ((first & 6) != 0) {
      packet.u16(nextId++ & 0xffff);
    }
    return packet.block(properties).raw(payload).packet(first);
  }

  private void send(byte[] packet) throws IOException {
    out.write(packet);
    out.flush();
  }

  // A hostile one.

  void hostile() throws IOException, InterruptedException {
    malice = chance.one(0, 5, 20, 60);
    Packet first = next(5_000);
    if (first == null || !greeted()) {
      end();
      return;
    }
    long until =
        System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(chance.one(30, 100, 300, 1000, 2500));
    long pings = 0;
    while (System.nanoTime() < until && reader.isAlive()) {
      Packet packet = next(chance.one(1, 5, 20));
      if (packet != null) {
        answer(packet);
        pings += packet.type() == PING ? 1 : 0;
      }
      if (chance.in(packet == null ? 15 : 5)) {
        spontaneous();
      }
      if (pings > 1000) {
        got.fault("the agent floods its broker with PINGREQ");
      }
    }
    end();
  }

  /** Returns whether to go on. */
  private boolean greeted() throws IOException, InterruptedException {
    if (!chance.in(30)) {
      MqttBytes properties = chance.in(50) ? properties(chance.upTo(3)) : new MqttBytes();
      send(new MqttBytes().u8(0).u8(0).block(properties).packet(0x20));
      return true;
    }
    switch (chance.upTo(9)) {
      case 0 -> { // refused, with a reason that may be none
        send(new MqttBytes().u8(0).u8(chance.from(1, 255)).block(properties(2)).packet(0x20));
        return false;
      }
      case 1 -> send(new MqttBytes().u8(1).u8(0).u8(0).packet(0x20)); // a session, at a clean start
      case 2 -> send(new MqttBytes().u8(chance.upTo(255)).u8(0).u8(0).packet(0x20));
      case 3 -> send(new MqttBytes().u8(0).u8(0).length(chance.upTo(100_000)).packet(0x20));
      case 4 -> send(new MqttBytes().u8(0).u8(0).packet(0x20)); // without properties
      case 5 -> drip(new MqttBytes().u8(0).u8(0).block(properties(3)).packet(0x20));
      case 6 -> spontaneous(); // before any CONNACK
      case 7 -> {
        garbage();
        return false;
      }
      case 8 -> {
        return false; // nothing at all
      }
      default -> {
        byte[] twice = new MqttBytes().u8(0).u8(0).u8(0).packet(0x20);
        send(twice);
        send(twice);
      }
    }
    return true;
  }

  /** Properties that belong to some packet, or to none (section 2.2.2). */
  private MqttBytes properties(int count) {
    MqttBytes all = new MqttBytes();
    for (int i = 0; i < count; i++) {
      property(all);
      if (chance.in(malice / 4)) {
        all.u8(chance.upTo(255)).raw(chance.bytes(20));
      }
    }
    return all;
  }

  private void property(MqttBytes to) {
    switch (chance.in(malice) ? chance.upTo(16) : chance.upTo(9)) { // CONNACK's are the first ten
      case 0 -> to.u8(0x21).u16(chance.one(0, 1, 2, 16, 65_535)); // Receive Maximum
      case 1 -> to.u8(0x27).u32(chance.one(0, 1, 20, 200, 255, 65_536, -1)); // Maximum Packet
      case 2 -> to.u8(0x13).u16(chance.one(0, 1, 2, 60, 65_535)); // Server Keep Alive
      case 3 -> to.u8(0x22).u16(chance.one(0, 1, 65_535)); // Topic Alias Maximum
      case 4 -> to.u8(0x24).u8(chance.upTo(3)); // Maximum QoS
      case 5 -> to.u8(0x25).u8(chance.upTo(2)); // Retain Available
      case 6 -> to.u8(0x28).u8(chance.upTo(2)); // Wildcard Subscription Available
      case 7 -> to.u8(0x12).text(text(200)); // Assigned Client Identifier
      case 8 -> to.u8(0x1f).text(text(60_000)); // Reason String
      case 9 -> to.u8(0x26).text(text(200)).text(text(200)); // User Property
      case 10 -> to.u8(0x1c).text(text(100)); // Server Reference
      case 11 -> to.u8(0x15).text(text(20)).u8(0x16).binary(chance.bytes(200)); // authentication
      case 12 -> to.u8(0x23).u16(chance.one(0, 1, 7, 65_535)); // Topic Alias
      case 13 -> to.u8(0x08).text(topic()); // Response Topic
      case 14 -> to.u8(0x09).binary(chance.bytes(60_000)); // Correlation Data
      case 15 -> to.u8(0x0b).length(chance.one(0, 1, 268_435_455)); // Subscription Identifier
      default -> to.u8(0x11).u32(chance.one(0, 1, -1)); // Session Expiry
    }
  }

  /** Text with everything that UTF-8 can say, and now and then more. */
  private String text(int most) {
    StringBuilder text = new StringBuilder();
    int length = chance.upTo(chance.upTo(most));
    while (text.length() < length) {
      text.append(chance.one("a", "gw", "/", "é", "零碳"));
      if (chance.in(malice)) {
        text.append(chance.one("\u0000", "\u0001\u001f", "\u007f", "\ufeff", "\uffff", "+", "#"));
      }
    }
    return text.toString();
  }

  private String topic() {
    return switch (chance.upTo(7)) {
      case 0 -> text(100);
      case 1 -> ROOT + "reply/" + text(20);
      case 2 -> ROOT + chance.one("store", "status", "data/m1", "cmd/ping", "batch", "event");
      case 3 -> "$SYS/" + text(10);
      case 4 -> "answers/gw\u0001x";
      case 5 -> "lingtan/v1/other/" + chance.one("store", "reply/ping", "cmd/rebirth");
      case 6 -> "";
      default -> "answers/gw";
    };
  }

  private void answer(Packet packet) throws IOException {
    if (!chance.in(malice)) {
      if (packet.type() == SUBSCRIBE && chance.in(20)) {
        send(publish(0x31, ROOT + "store", new MqttBytes(), store()));
      }
      right(packet);
      return;
    }
    switch (packet.type()) {
      case PUBLISH -> answerPublish(packet);
      case SUBSCRIBE -> {
        MqttBytes answer = new MqttBytes().u16(id(packet)).block(properties(chance.upTo(1)));
        int reasons = chance.in(50) ? packet.filters().size() : chance.upTo(300);
        for (int i = 0; i < reasons; i++) {
          answer.u8(chance.one(0, 1, 2, 0x80, 0x87, 0x8f, 0xa2, chance.upTo(255)));
        }
        send(answer.packet(0x90));
      }
      default -> {
        if (chance.in(50)) {
          right(packet);
          right(packet);
        }
      }
    }
  }

  private void answerPublish(Packet packet) throws IOException {
    if ((packet.flags() & 6) != 2) {
      return;
    }
    int id = id(packet);
    switch (chance.upTo(9)) {
      case 0, 1, 2 -> {
        int reason = chance.one(0, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99, 1, 255);
        send(new MqttBytes().u16(id).u8(reason).block(properties(chance.upTo(2))).packet(0x40));
        sent.refusals().addAndGet(reason >= 0x80 ? 1 : 0);
      }
      case 3 -> send(new MqttBytes().u16(id).packet(0x40)); // the short form
      case 4 -> { // twice
        right(packet);
        right(packet);
      }
      case 5 -> send(new MqttBytes().u16(id).u8(0).u8(0).packet(0x50)); // PUBREC: that is QoS 2
      case 6 -> send(new MqttBytes().u16(id).u8(0).length(chance.from(1, 90)).packet(0x40));
      case 7 -> send(new MqttBytes().u16(id + chance.from(1, 5)).u8(0).u8(0).packet(0x40));
      case 8 -> drip(new MqttBytes().u16(id).u8(0).u8(0).packet(0x40));
      default -> {} // never
    }
  }

  private void spontaneous() throws IOException {
    if (!chance.in(Math.max(malice, 2))) {
      command(false);
      return;
    }
    switch (chance.upTo(15)) {
      case 0, 1, 2, 3 -> command(true);
      case 4 -> send(publish(0x31, ROOT + "store", new MqttBytes(), store()));
      case 5 ->
          send(publish(0x31, ROOT + "meta/" + text(30), new MqttBytes(), chance.bytes(2_000)));
      case 6 -> { // PUBACKs for what was not sent
        for (int i = 0, from = chance.upTo(65_535); i < 64; i++) {
          send(new MqttBytes().u16(from + i).u8(0).u8(0).packet(0x40));
        }
      }
      case 7 ->
          send(new MqttBytes().u8(chance.upTo(255)).block(properties(2)).packet(0xf0)); // AUTH
      case 8 -> { // a length that lies
        int claimed = chance.one(5, 1_000, 70_000, 20_000_000, 200_000_000, 268_435_455);
        send(
            new MqttBytes()
                .u8(chance.one(0x30, 0x31, 0x32, 0x40, 0x20, 0x90))
                .length(claimed)
                .text(ROOT + "cmd/ping")
                .raw(chance.bytes(100))
                .take());
      }
      case 9 -> send(new MqttBytes().u8(0x30).raw(new byte[] {-1, -1, -1, -1, 1}).take());
      case 10 -> flood();
      case 11 -> garbage();
      case 12 -> { // types and flags that no broker may send
        send(chance.bytes(40).length == 0 ? new byte[] {(byte) 0xc0, 0} : typed());
      }
      case 13 -> {
        int reason = chance.one(0, 4, 0x80, 0x82, 0x93, 0x95, 0x97, 0x9c, 0x9d, 0xa0);
        send(new MqttBytes().u8(reason).block(properties(chance.upTo(2))).packet(0xe0));
      }
      case 14 -> drip(publish(0x30, ROOT + "cmd/ping", new MqttBytes(), new byte[0]));
      default ->
          send(publish(0x32, ROOT + "cmd/ping", new MqttBytes(), new byte[chance.upTo(300_000)]));
    }
  }

  private byte[] typed() {
    return new MqttBytes().raw(chance.bytes(60)).packet(chance.upTo(255));
  }

  private void command(boolean wrong) throws IOException {
    String name = chance.one("ping", "rebirth", "replay", "ack", "feed");
    byte[] payload = (wrong ? nonsense() : sense(name)).getBytes(StandardCharsets.UTF_8);
    MqttBytes properties = new MqttBytes();
    if (chance.in(60)) {
      properties.u8(0x08).text(wrong ? topic() : "answers/gw");
      properties.u8(0x09).binary(chance.bytes(wrong ? 60_000 : 20));
    }
    if (wrong && chance.in(40)) {
      properties.raw(properties(2).take());
    }
    if (wrong && chance.in(30)) {
      name = text(40);
    }
    int flags = wrong ? chance.one(0x30, 0x31, 0x32, 0x33, 0x34, 0x3a, 0x36, 0x3f) : 0x30;
    send(publish(flags, ROOT + "cmd/" + name, properties, payload));
    sent.badCommands().addAndGet(wrong ? 1 : 0);
  }

  private String sense(String name) {
    String epoch = got.epoch();
    long last = got.lastSeq();
    return switch (name) {
      case "replay" -> {
        long from = 1L + chance.upTo((int) Math.min(last, 100_000));
        yield "{\"epoch\":\"%s\",\"from\":%d,\"to\":%d}"
            .formatted(epoch, from, from + chance.upTo(50));
      }
      case "ack" -> "{\"epoch\":\"%s\",\"upto\":%d}".formatted(epoch, last);
      case "feed" -> "{\"by\":\"fleet\",\"csv\":\"time,km\\n\"}";
      default -> "";
    };
  }

  private String nonsense() {
    return switch (chance.upTo(8)) {
      case 0 -> "[".repeat(chance.upTo(50_000));
      case 1 -> "{\"a\":".repeat(chance.upTo(10_000));
      case 2 ->
          "{\"epoch\":\""
              + got.epoch()
              + "\",\"from\":1,\"to\":"
              + "9".repeat(chance.upTo(5_000))
              + "}";
      case 3 ->
          "{\"epoch\":\"" + got.epoch() + "\",\"upto\":9223372036854775807,\"ranges\":[[1,9e999]]}";
      case 4 -> "{\"epoch\":\"" + text(1_000) + "\",\"from\":-1,\"to\":null}";
      case 5 -> "{\"epoch\":\"" + got.epoch() + "\",\"from\":1,\"to\":9223372036854775807}";
      case 6 -> text(5_000);
      case 7 -> new String(chance.bytes(2_000), StandardCharsets.ISO_8859_1);
      default -> "";
    };
  }

  /** A {@code store} that this agent never published: of what waits nothing is dropped for it. */
  private byte[] store() {
    String text =
        switch (chance.upTo(8)) {
          case 0 -> "{\"epoch\":\"0000beef\",\"last\":9223372036854775807,\"acked\":0}";
          case 1 -> "{\"epoch\":\"%s\",\"last\":9223372036854775807}".formatted(got.epoch());
          case 2 -> "{\"epoch\":\"%s\",\"last\":-5,\"acked\":-9}".formatted(got.epoch());
          case 3 -> "{\"epoch\":\"" + text(50) + "\",\"last\":7,\"acked\":3,\"since\":1e400}";
          case 4 -> nonsense();
          case 5 -> "{\"epoch\":\"%s\",\"last\":%d}".formatted(got.epoch(), got.lastSeq() / 2);
          case 6 -> retouched("\"last\":\\d+", "\"last\":" + chance.upTo(1_000_000));
          case 7 -> retouched("-\\d+\",", "-" + chance.from(100, 999_999) + "\",");
          default -> "{\"epoch\":\"0000dead\",\"last\":100,\"acked\":100,\"ts\":1}";
        };
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Its last one, with one thing changed. */
  private String retouched(String what, String by) {
    return new String(got.storeBytes(), StandardCharsets.UTF_8).replaceFirst(what, by);
  }

  private void flood() throws IOException {
    MqttBytes many = new MqttBytes();
    byte[] one =
        switch (chance.upTo(3)) {
          case 0 -> new byte[] {(byte) 0xd0, 0}; // PINGRESP
          case 1 -> publish(0x30, ROOT + "cmd/ping", new MqttBytes(), new byte[0]);
          case 2 -> publish(0x30, text(30), new MqttBytes(), new byte[chance.upTo(5_000)]);
          default -> new byte[] {(byte) 0xe0, 0};
        };
    for (int i = 0; i < 500; i++) {
      many.raw(one);
    }
    send(many.take());
  }

  private void garbage() throws IOException {
    byte[] bytes = new byte[chance.from(1, 5_000)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) chance.upTo(255);
    }
    send(bytes);
  }

  /** One byte at a time. */
  private void drip(byte[] packet) throws IOException {
    int most = Math.min(packet.length, 40);
    for (int i = 0; i < most; i++) {
      out.write(packet[i]);
      out.flush();
    }
    send(Arrays.copyOfRange(packet, most, packet.length));
  }

  private void end() throws IOException, InterruptedException {
    if (chance.in(20)) {
      socket.setSoLinger(true, 0); // RST
      return;
    }
    // Half-closed: what the agent still sends is got.
    socket.shutdownOutput();
    reader.join(2_000);
  }
}
