package io.lingtan.simulator.campaign;

import io.lingtan.simulator.campaign.Stand.Needs;
import io.lingtan.testing.Child;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** What goes wrong in a round; each ends by itself, with everything as it was. */
@SuppressWarnings({
  "NullAway",
  "ImmutableEnumChecker"
}) // a member that is not there fails the round; nobody changes these lists
enum Fault {
  KILLED(Needs.NOTHING, List.of(), "agent.start") {
    @Override
    void play(Stand stand, RandomGenerator random) throws Exception {
      for (int kills = 1 + random.nextInt(3); kills > 0; kills--) {
        stand.kill();
        pause(random, 0, 1_500);
        stand.start();
        pause(random, 0, 2_000);
      }
    }
  },
  POWER_CUT(card(Card.Kind.EXT4), List.of("mkfs.ext4"), "journal.epoch") {
    @Override
    void play(Stand stand, RandomGenerator random) throws Exception {
      stand.signal("STOP");
      stand.card.cutPower();
      stand.kill();
      stand.card.mountAgain();
      if (random.nextBoolean()) {
        stand.card.tear(random);
      }
      stand.newBoot();
      stand.start();
    }
  },
  DISK_FULL(card(Card.Kind.TMPFS), List.of(), "journal.not_written") {
    @Override
    void play(Stand stand, RandomGenerator random) throws Exception {
      Path filler = stand.card.fill();
      pause(random, 4_000, 8_000);
      Files.delete(filler);
    }
  },
  READ_ONLY(card(Card.Kind.TMPFS), List.of(), "") {
    @Override
    void play(Stand stand, RandomGenerator random) throws Exception {
      stand.kill();
      stand.remount("ro");
      stand.start();
      pause(random, 2_000, 5_000);
      stand.remount("rw");
    }
  },
  DISK_FAILS_READ_ONLY(card(Card.Kind.EXT4), List.of("mkfs.ext4"), "agent.start") {
    @Override
    void play(Stand stand, RandomGenerator random) throws Exception {
      stand.card.failReadOnly();
      pause(random, 2_000, 5_000);
      stand.kill();
      stand.card.mountAgain();
      stand.start();
    }
  },
  WRITES_FAIL(Needs.NOTHING, List.of("strace"), "journal.not_written") {
    @Override
    void play(Stand stand, RandomGenerator random) throws Exception {
      inject(stand, "pwrite64", "EIO", random);
    }
  },
  SYNCS_FAIL(Needs.NOTHING, List.of("strace"), "journal.not_written") {
    @Override
    void play(Stand stand, RandomGenerator random) throws Exception {
      inject(stand, "fdatasync,fsync", "EIO", random);
    }
  },
  NO_SPACE(Needs.NOTHING, List.of("strace"), "journal.not_written") {
    @Override
    void play(Stand stand, RandomGenerator random) throws Exception {
      inject(stand, "pwrite64,ftruncate", "ENOSPC", random);
    }
  },
  PAGE_CORRUPT_AT_START(Needs.NOTHING, List.of(), "") {
    @Override
    void play(Stand stand, RandomGenerator random) throws Exception {
      stand.kill();
      stand.card.corrupt(random);
      stand.start();
    }
  },
  PAGE_CORRUPT_IN_USE(Needs.NOTHING, List.of(), "") {
    @Override
    void play(Stand stand, RandomGenerator random) throws Exception {
      stand.card.corrupt(random);
      pause(random, 3_000, 5_000);
    }
  },
  FILE_DELETED(Needs.NOTHING, List.of(), "journal.epoch") {
    @Override
    void play(Stand stand, RandomGenerator random) throws Exception {
      stand.kill();
      stand.card.delete();
      stand.start();
    }
  },
  FILE_DELETED_IN_USE(Needs.NOTHING, List.of(), "") {
    @Override
    void play(Stand stand, RandomGenerator random) throws Exception {
      stand.card.delete();
      pause(random, 2_000, 4_000);
      if (random.nextBoolean()) {
        stand.kill();
        stand.start();
      }
    }
  },
  BACKUP_RESTORED(Needs.NOTHING, List.of(), "journal.store_ahead") {
    @Override
    void play(Stand stand, RandomGenerator random) throws Exception {
      stand.stop();
      Path backup = stand.card.backUp();
      stand.start();
      pause(random, 2_000, 4_000);
      stand.settle(60);
      long given = stand.last();
      String epoch = stand.epoch();
      if (random.nextBoolean()) {
        stand.kill();
      } else {
        stand.stop();
      }
      stand.restore(backup);
      if (random.nextBoolean()) {
        stand.newBoot();
      }
      stand.gate.way(Gate.Way.REFUSING);
      stand.start();
      // In the same boot the agent knows by itself, and goes on under none of these numbers.
      for (int i = 0; stand.epoch().equals(epoch) && stand.last() <= given + 40; i++) {
        if (i == 300) {
          throw new AssertionError("the copy has not given out as many numbers");
        }
        Thread.sleep(200);
      }
      stand.gate.way(Gate.Way.OPEN);
    }
  },
  CLOCK_STEPPED(Needs.CLOCK, List.of("faketime"), "clock.step") {
    @Override
    void play(Stand stand, RandomGenerator random) throws Exception {
      for (int steps = 1 + random.nextInt(3); steps > 0; steps--) {
        stand.clock.step(random);
        // The library looks at its file once a second, and so does the agent at the clock.
        pause(random, 2_500, 5_000);
        if (random.nextBoolean()) {
          stand.clock.slip(random);
          pause(random, 2_500, 4_000);
        }
      }
    }
  },
  CLOCK_STEPPED_WHILE_AWAY(Needs.CLOCK, List.of("faketime"), "agent.start") {
    @Override
    void play(Stand stand, RandomGenerator random) throws Exception {
      // Once: killed again while it catches up, it loses what waits meanwhile.
      stand.kill();
      stand.clock.step(random);
      stand.start();
      pause(random, 1_000, 4_000);
    }
  },
  PROCESS_STOPPED(Needs.NOTHING, List.of(), "poll.late") {
    @Override
    void play(Stand stand, RandomGenerator random) throws Exception {
      for (int stops = 1 + random.nextInt(3); stops > 0; stops--) {
        stand.signal("STOP");
        pause(random, 3_000, 8_000);
        stand.signal("CONT");
        pause(random, 0, 2_000);
      }
    }
  },
  BROKER_FROZEN(Needs.NOTHING, List.of(), "") {
    @Override
    void play(Stand stand, RandomGenerator random) throws Exception {
      Shell.run("kill", "-STOP", "" + stand.broker.pid());
      pause(random, 2_000, 8_000);
      Shell.run("kill", "-CONT", "" + stand.broker.pid());
    }
  },
  BROKER_RESTARTED(Needs.NOTHING, List.of(), "uplink.down") {
    @Override
    void play(Stand stand, RandomGenerator random) throws Exception {
      stand.broker.stop();
      pause(random, 0, 5_000);
      stand.broker.restart();
    }
  },
  BROKER_REFUSES(Needs.NOTHING, List.of(), "uplink.down") {
    @Override
    void play(Stand stand, RandomGenerator random) throws Exception {
      gate(stand, Gate.Way.REFUSING, random, 5_000);
    }
  },
  PACKETS_LIMITED(Needs.NOTHING, List.of(), "uplink.down") {
    @Override
    void play(Stand stand, RandomGenerator random) throws Exception {
      Path conf = stand.folder.resolve("broker/conf.d/limit.conf");
      Files.writeString(conf, "max_packet_size 420\n");
      stand.broker.stop();
      stand.broker.restart();
      Thread.sleep(2_000);
      pause(random, 1_000, 4_000);
      Files.delete(conf);
      stand.broker.stop();
      stand.broker.restart();
    }
  },
  BROKER_NEVER_ANSWERS(Needs.NOTHING, List.of(), "uplink.down") {
    @Override
    void play(Stand stand, RandomGenerator random) throws Exception {
      gate(stand, Gate.Way.SILENT, random, 8_000);
      stand.gate.reset();
    }
  },
  PUBACK_WITHHELD(Needs.NOTHING, List.of(), "uplink.down") {
    @Override
    void play(Stand stand, RandomGenerator random) throws Exception {
      stand.gate.way(Gate.Way.WITHHOLDING);
      // Sometimes so long that the agent gives the connection up by itself.
      pause(random, 2_000, random.nextInt(4) == 0 ? 40_000 : 6_000);
      stand.gate.way(Gate.Way.OPEN);
      stand.gate.reset();
    }
  },
  WILL_REFUSED(Needs.NOTHING, List.of(), "uplink.down") {
    @Override
    void play(Stand stand, RandomGenerator random) throws Exception {
      acl(stand, "topic deny lingtan/v1/gw/status\n");
      stand.gate.reset();
      pause(random, 2_000, 5_000);
      acl(stand, "");
    }
  },
  TOPIC_REFUSED(Needs.NOTHING, List.of(), "uplink.refused") {
    @Override
    void play(Stand stand, RandomGenerator random) throws Exception {
      acl(stand, "topic deny lingtan/v1/gw/data/m" + (1 + random.nextInt(8)) + "\n");
      pause(random, 3_000, 6_000);
      acl(stand, "");
    }
  },
  WRONG_AUTHORITY(Needs.TLS, List.of("faketime"), "uplink.down") {
    @Override
    void play(Stand stand, RandomGenerator random) throws Exception {
      stand.authority.wrongAuthority(stand.folder.resolve("tls"));
      certificatesFor(stand, random);
    }
  },
  CERTIFICATE_EXPIRED(Needs.TLS, List.of("faketime"), "uplink.down") {
    @Override
    void play(Stand stand, RandomGenerator random) throws Exception {
      stand.authority.endedGateway(stand.folder.resolve("tls"));
      certificatesFor(stand, random);
    }
  },
  BROKERS_CERTIFICATE_EXPIRED(Needs.TLS, List.of("faketime"), "uplink.down") {
    @Override
    void play(Stand stand, RandomGenerator random) throws Exception {
      stand.authority.server(stand.folder.resolve("server"), true);
      stand.broker.stop();
      stand.broker.restart();
      pause(random, 2_000, 5_000);
      stand.authority.server(stand.folder.resolve("server"), false);
      stand.broker.stop();
      stand.broker.restart();
    }
  },
  SESSION_TAKEN_OVER(Needs.NOTHING, List.of(), "uplink.down") {
    @Override
    void play(Stand stand, RandomGenerator random) throws Exception {
      for (int times = 1 + random.nextInt(3); times > 0; times--) {
        publish(stand, List.of("-i", Stand.GATEWAY, "-t", "other/x", "-m", "x"));
        pause(random, 200, 1_500);
      }
    }
  },
  NETWORK_CUT(Needs.NOTHING, List.of("nft"), "") {
    @Override
    void play(Stand stand, RandomGenerator random) throws Exception {
      stand.network.cut();
      pause(random, 2_000, 8_000);
      stand.network.mend();
    }
  },
  SLOW_LINK(Needs.NOTHING, List.of("tc"), "") {
    @Override
    void play(Stand stand, RandomGenerator random) throws Exception {
      stand.network.slow(8 + random.nextInt(40));
      pause(random, 4_000, 8_000);
      stand.network.fast();
    }
  },
  CONNECTION_RESET(Needs.NOTHING, List.of(), "uplink.down") {
    @Override
    void play(Stand stand, RandomGenerator random) throws Exception {
      for (int times = 1 + random.nextInt(4); times > 0; times--) {
        stand.gate.reset();
        pause(random, 0, 1_500);
      }
    }
  },
  BAD_COMMANDS(Needs.NOTHING, List.of(), "command.refused") {
    @Override
    void play(Stand stand, RandomGenerator random) throws Exception {
      byte[] noise = new byte[random.nextInt(200)];
      random.nextBytes(noise);
      Path file = Files.write(stand.folder.resolve("noise"), noise);
      Path large =
          Files.writeString(
              stand.folder.resolve("large"), "{\"epoch\":\"" + "x".repeat(1_000_000) + "\"}");
      for (String name : List.of("ack", "replay", "feed", "ping", "rebirth", "nonsense")) {
        for (Path payload : List.of(file, large)) {
          publish(stand, List.of("-t", "lingtan/v1/gw/cmd/" + name, "-f", payload.toString()));
        }
        command(stand, name, "[[[[[[[[");
        command(stand, name, "{\"epoch\":-1,\"from\":1e99,\"to\":{},\"upto\":9223372036854775808}");
      }
    }
  },
  BAD_REPLAYS(Needs.NOTHING, List.of(), "command.refused") {
    @Override
    void play(Stand stand, RandomGenerator random) throws Exception {
      command(stand, "replay", "{\"epoch\":\"00000000\",\"from\":1,\"to\":10}");
      String epoch =
          String.valueOf(((java.util.Map<?, ?>) stand.snapshot().get("store")).get("epoch"));
      command(stand, "replay", "{\"epoch\":\"" + epoch + "\",\"from\":1,\"to\":9000000000000000}");
      command(stand, "replay", "{\"epoch\":\"" + epoch + "\",\"from\":5,\"to\":1}");
      for (int i = 0; i < 6; i++) {
        command(stand, "replay", "{\"epoch\":\"" + epoch + "\",\"from\":1,\"to\":null}");
      }
      pause(random, 1_000, 3_000);
    }
  },
  OVERSIZED_PACKET(Needs.NOTHING, List.of(), "uplink.down") {
    @Override
    void play(Stand stand, RandomGenerator random) throws Exception {
      for (int times = 1 + random.nextInt(3); times > 0; times--) {
        // PUBLISH that claims to have 200 MB, of which nothing more comes.
        say(
            stand,
            joined(
                new byte[] {0x30, (byte) 0x80, (byte) 0x84, (byte) 0xaf, 0x5f},
                text("lingtan/v1/gw/cmd/ping")));
        pause(random, 1_000, 3_000);
      }
    }
  },
  CONTROL_CHARACTER(Needs.NOTHING, List.of(), "command.refused") {
    @Override
    void play(Stand stand, RandomGenerator random) throws Exception {
      for (int times = 1 + random.nextInt(20); times > 0; times--) {
        char bad = (char) (1 + random.nextInt(31));
        String command = "lingtan/v1/gw/cmd/ping";
        byte[] inTopic = joined(text(command + bad), new byte[] {0});
        byte[] response = joined(new byte[] {8}, text("lingtan/v1/gw/reply/" + bad));
        byte[] inResponse = joined(text(command), new byte[] {(byte) response.length}, response);
        for (byte[] body : List.of(inTopic, inResponse)) {
          say(stand, joined(new byte[] {0x30, (byte) body.length}, body));
        }
      }
      pause(random, 1_000, 3_000);
    }
  };

  /** Faults that may strike while another one lasts. */
  static final List<Fault> COMPANIONS =
      List.of(
          NETWORK_CUT,
          BROKER_RESTARTED,
          BROKER_FROZEN,
          CONNECTION_RESET,
          SLOW_LINK,
          BROKER_NEVER_ANSWERS);

  private final Needs needs;
  private final List<String> tools;
  private final String event;

  Fault(Needs needs, List<String> tools, String event) {
    this.needs = needs;
    this.tools = tools;
    this.event = event;
  }

  abstract void play(Stand stand, RandomGenerator random) throws Exception;

  Needs needs() {
    return needs;
  }

  List<String> missingTools() {
    return tools.stream().filter(tool -> !Tools.has(tool)).toList();
  }

  /** The event that it must leave behind, empty where it depends on the moment. */
  String event() {
    return event;
  }

  /** Whether it does something to the broker's side, so that another such fault would hide it. */
  boolean isOfTheBroker() {
    return compareTo(BROKER_FROZEN) >= 0;
  }

  /** Says something to the gateway that its broker never said. */
  private static void say(Stand stand, byte[] packet) throws InterruptedException {
    for (int i = 0; !stand.gate.say(packet); i++) {
      if (i == 600) {
        throw new AssertionError("the gateway is not connected");
      }
      Thread.sleep(100);
    }
  }

  /** UTF-8 encoded string: MQTT 5.0, section 1.5.4. */
  private static byte[] text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return joined(new byte[] {0, (byte) bytes.length}, bytes);
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    List.of(parts).forEach(all::writeBytes);
    return all.toByteArray();
  }

  private static Needs card(Card.Kind kind) {
    return new Needs(kind, false, false);
  }

  static void pause(RandomGenerator random, int from, int to) throws InterruptedException {
    Thread.sleep(from + random.nextInt(Math.max(1, to - from)));
  }

  /**
   * Has calls that write the journal fail. A round in which none failed proves nothing, and fails.
   */
  private static void inject(Stand stand, String calls, String error, RandomGenerator random)
      throws Exception {
    Path traced = stand.folder.resolve("strace.txt");
    String rule =
        "inject=%s:error=%s:when=%d+%d"
            .formatted(calls, error, 1 + random.nextInt(3), 1 + random.nextInt(3));
    List<String> command =
        new ArrayList<>(List.of("strace", "-f", "-qq", "-o", traced.toString(), "-e", rule));
    for (String end : List.of("", "-wal")) {
      command.add("-P");
      command.add(stand.card.journal() + end);
    }
    command.addAll(List.of("-e", "trace=" + calls, "-p", "" + stand.pid()));
    try (Child strace =
        Child.start(stand.folder.resolve("strace.log"), Map.of(), List.copyOf(command))) {
      pause(random, 3_000, 6_000);
      strace.await("a call made to fail by " + rule, 10, () -> hasInjected(traced));
      strace.stop(10);
    }
  }

  private static boolean hasInjected(Path traced) {
    try {
      return Files.exists(traced) && Files.readString(traced).contains("(INJECTED)");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void gate(Stand stand, Gate.Way way, RandomGenerator random, int most)
      throws Exception {
    stand.gate.way(way);
    stand.gate.reset();
    pause(random, 2_000, most);
    stand.gate.way(Gate.Way.OPEN);
  }

  private static void acl(Stand stand, String more) throws IOException, InterruptedException {
    Files.writeString(
        stand.folder.resolve("broker/acl"),
        "topic readwrite #\npattern readwrite #\n" + more,
        StandardCharsets.UTF_8,
        StandardOpenOption.TRUNCATE_EXISTING);
    Shell.run("kill", "-HUP", "" + stand.broker.pid());
    Thread.sleep(300);
  }

  private static void certificatesFor(Stand stand, RandomGenerator random) throws Exception {
    stand.gate.reset();
    pause(random, 2_000, 5_000);
    stand.authority.gateway(stand.folder.resolve("tls"));
  }

  private static void command(Stand stand, String name, String payload)
      throws IOException, InterruptedException {
    publish(stand, List.of("-t", "lingtan/v1/gw/cmd/" + name, "-m", payload));
  }

  private static void publish(Stand stand, List<String> what)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "mosquitto_pub",
                "-V",
                "5",
                "-q",
                "1",
                "-h",
                "127.0.0.1",
                "-p",
                "" + stand.broker.port()));
    command.addAll(what);
    Shell.attempt(command.toArray(String[]::new));
  }
}
