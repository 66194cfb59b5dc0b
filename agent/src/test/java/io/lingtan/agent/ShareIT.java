package io.lingtan.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.wire.FieldPorts;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.Supervisor;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.testing.Child;
import io.lingtan.testing.Json;
import io.lingtan.testing.Ports;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Other masters, of foreign make and of ill will, read a line through the agent. */
@Timeout(120)
@SuppressWarnings("unchecked") // JSON of our own
final class ShareIT {

  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
  private static final String PYTHON = "/usr/bin/python3";

  private static final String PROFILE =
      """
      name: numbered
      kind: meter
      defaults: {function: 4, type: uint32}
      points:
        power: {address: 0, unit: W}
        energy_import: {address: 2, unit: kW.h}
        energy_export: {address: 4, unit: kW.h}
      """;

  @TempDir Path folder;
  private int page;
  private int port;
  private @Nullable Child meter;
  private @Nullable Child pair;
  private @Nullable RunningAgent agent;

  @AfterEach
  void stop() {
    if (agent != null) {
      assertTrue(agent.stop());
    }
    for (Child each : new Child[] {meter, pair}) {
      if (each != null) {
        each.close();
      }
    }
  }

  private Path script() throws IOException {
    Path script = folder.resolve("pymodbus_share.py");
    if (!Files.exists(script)) {
      try (InputStream in = ShareIT.class.getResourceAsStream("pymodbus_share.py")) {
        Files.write(script, Objects.requireNonNull(in).readAllBytes());
      }
    }
    return script;
  }

  private Child run(String name, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(PYTHON, script().toString()));
    command.addAll(List.of(arguments));
    return Child.start(folder.resolve(name + ".log"), Map.of(), command);
  }

  /** A meter, and the agent that reads and lends it. */
  private void start(String kind, String allow) throws Exception {
    page = Ports.free();
    port = Ports.free();
    String line;
    if (kind.equals("rtu")) {
      Path ours = folder.resolve("ours");
      Path theirs = folder.resolve("theirs");
      pair =
          Child.start(
              folder.resolve("socat.log"),
              Map.of(),
              List.of("socat", "pty,raw,echo=0,link=" + ours, "pty,raw,echo=0,link=" + theirs));
      pair.await("ports", 10, () -> Files.exists(ours) && Files.exists(theirs));
      meter = run("meter", kind, theirs.toString());
      line = "serial: {port: %s, baud: 19200, timeout: 500ms}".formatted(ours);
    } else {
      int at = Ports.free();
      meter = run("meter", kind, Integer.toString(at));
      meter.await("pymodbus to listen", 20, () -> Ports.answers(at));
      line =
          (kind.equals("tcp") ? "modbus-tcp" : "modbus-rtu-tcp")
              + ": {host: 127.0.0.1, port: %d, timeout: 500ms}".formatted(at);
    }
    Files.createDirectories(folder.resolve("own"));
    Files.writeString(folder.resolve("own/numbered.yaml"), PROFILE);
    Path file = folder.resolve("site.yaml");
    Files.writeString(
        file,
        """
        gateway: share
        site: {name: Share, zone: Asia/Shanghai, region: CN-JS}
        profiles: own
        lines:
          - id: roof
            %s
            share: {listen: "127.0.0.1:%d", allow: [%s]}
            devices:
              - {id: pv, profile: numbered, unit: 1, every: 200ms, record: 1s}
        status: {listen: "127.0.0.1:%d"}
        clock: {trust: [system]}
        """
            .formatted(line, port, allow, page));
    var loaded = new SiteLoader().load(file);
    Site site = Objects.requireNonNull(loaded.site(), () -> loaded.problems().toString());
    agent =
        RunningAgent.start(
            site,
            new SystemTime(site.clock().trust()),
            Randomness.seeded(20261130),
            Supervisor.of(Map.of()),
            Duration.ofSeconds(2),
            FieldPorts.real());
    Objects.requireNonNull(meter)
        .await("readings", 30, () -> Ports.answers(port) && number(device(), "polls") > 5);
  }

  private String get(String path) throws IOException {
    try (InputStream in = URI.create("http://127.0.0.1:" + page + path).toURL().openStream()) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  private Map<String, Object> first(String of) {
    try {
      List<?> all = (List<?>) Json.object(get("/api/snapshot")).get(of);
      return (Map<String, Object>) Objects.requireNonNull(all).getFirst();
    } catch (IOException e) {
      return Map.of(); // not open yet
    }
  }

  private Map<String, Object> device() {
    return first("devices");
  }

  private long shared(String group, String what) {
    Map<String, Object> share = (Map<String, Object>) first("lines").get("share");
    return number((Map<String, Object>) Objects.requireNonNull(share).get(group), what);
  }

  private static long number(@Nullable Map<String, Object> of, String what) {
    return of != null && of.get(what) instanceof BigDecimal number ? number.longValue() : 0;
  }

  @ParameterizedTest
  @ValueSource(strings = {"tcp", "rtu-tcp", "rtu"})
  @RequiresTool({"python3", "socat", "mbpoll"})
  void aForeignMasterReadsAllFourKindsWhileTheAgentPolls(String kind) throws Exception {
    start(kind, "127.0.0.1");
    long polls = number(device(), "polls");
    long timeouts = number(device(), "timeouts"); // a meter at a serial line begins when it does
    Child master = run("master", "ask", Integer.toString(port), "300");
    master.await("pymodbus to have read", 60, () -> !master.isAlive());
    String told = master.output();
    for (String expected :
        List.of(
            "all four kinds are as served",
            "write_register exception 1",
            "write_registers exception 1",
            "write_coil exception 1",
            "mask_write exception 1",
            "other_unit exception 10",
            "no_such_register exception 2")) {
      assertTrue(told.contains(expected), told);
    }
    assertTrue(number(device(), "polls") > polls + 3, "the agent polls meanwhile");
    assertEquals(timeouts, number(device(), "timeouts"));
    assertEquals(0, number(device(), "crc"));
    assertEquals(0, number(first("lines"), "skipped"));
    assertTrue(shared("answers", "memory") >= 250, () -> first("lines").toString());
    assertEquals(4, shared("answers", "not_a_read"));
    assertEquals(1, shared("answers", "no_device"));
    assertEquals(1, shared("answers", "device_exception"));
    String metrics = get("/metrics");
    assertTrue(
        metrics.contains("lingtan_share_answers_total{line=\"roof\",how=\"not_a_read\"} 4\n"),
        metrics);
    assertTrue(get("/text").contains("not_a_read 4"), get("/text"));

    for (String[] read :
        new String[][] {
          {"4:hex", "100", "0x044C"}, {"0", "99", "1"}, {"1", "100", "1"}, {"3", "1", ""}
        }) {
      assertTrue(mbpoll(read[0], read[1]).contains("[" + read[1] + "]: \t" + read[2]), read[0]);
    }
    assertTrue(mbpoll("4", "100", "7").contains("Illegal function"), "mbpoll wrote");
  }

  private String mbpoll(String type, String at, String... written) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of("mbpoll", "-0", "-1", "-a", "1", "-t", type, "-r", at, "-p", "" + port));
    command.addAll(List.of("-o", "8", "127.0.0.1"));
    command.addAll(List.of(written));
    Path output = Files.createTempFile(folder, "mbpoll", ".log");
    try (Child asked = Child.start(output, Map.of(), command)) {
      asked.await("mbpoll", 20, () -> !asked.isAlive());
      return asked.output();
    }
  }

  private static byte[] frame(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(LOOPBACK, port);
    socket.setSoTimeout(8000);
    return socket;
  }

  private static String ask(Socket socket, String hex, int bytes) throws IOException {
    socket.getOutputStream().write(frame(hex));
    return HexFormat.of().formatHex(socket.getInputStream().readNBytes(bytes));
  }

  @Test
  @RequiresTool("python3")
  void whoIsNotAllowedAndWhatIsNoRequestIsRefusedAndCounted() throws Exception {
    start("tcp", "127.0.0.1");
    try (Socket stranger = new Socket()) {
      stranger.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.3"), 0));
      stranger.setSoTimeout(5000);
      stranger.connect(new InetSocketAddress(LOOPBACK, port));
      assertTrue(isEnded(stranger));
    }
    assertEquals(1, shared("connections", "not_allowed"));
    try (Socket master = connect()) {
      // Of nothing, of too many, behind the last register, of a PDU that is too long.
      assertEquals("000100000003018303", ask(master, "000100000006010300000000", 9));
      assertEquals("00020000000301" + "8403", ask(master, "00020000000601040000007e", 9));
      assertEquals("000300000003018302", ask(master, "0003000000060103ffff0002", 9));
      assertEquals("000400000003018303", ask(master, "00040000000701030000000100", 9));
      assertEquals("000500000003018103", ask(master, "0005000000060101000007d1", 9));
      // Report server id, read file record, read device identification, an exception.
      assertEquals("000600000003019101", ask(master, "0006000000020111", 9));
      assertEquals("000700000003019401", ask(master, "000700000003011400", 9));
      assertEquals("00080000000301ab01", ask(master, "000800000005012b0e0100", 9));
      assertEquals("000900000003018301", ask(master, "000900000003018302", 9));
      // Unit 0 would be everybody on a serial line, and answers nothing.
      assertEquals("000a0000000300830a", ask(master, "000a00000006000300000001", 9));
      // Two at once, and one in three pieces.
      assertEquals(
          "000b00000005010302044c" + "000c00000005010302044d",
          ask(master, "000b00000006010300640001" + "000c00000006010300650001", 22)
              .replaceFirst("^(000c.{18})(000b.{18})$", "$2$1"));
      master.getOutputStream().write(frame("000d"));
      master.getOutputStream().flush();
      Thread.sleep(50); // so that it comes as a piece of its own
      master.getOutputStream().write(frame("0000000601030064"));
      master.getOutputStream().flush();
      Thread.sleep(50);
      assertEquals("000d00000005010302044c", ask(master, "0001", 11));
    }
    try (Socket master = connect()) {
      master.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(UTF_8));
      assertTrue(isEnded(master));
    }
    assertEquals(1, shared("connections", "garbage"));
    assertEquals(5, shared("answers", "malformed"));
    assertEquals(4, shared("answers", "not_a_read"));
  }

  private static boolean isEnded(Socket socket) throws IOException {
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketException e) {
      return true; // reset is as good
    }
  }

  /**
   * A thousand connections, half frames, garbage, and questions without end whose answers nobody
   * takes: polls go on as before, and who behaves is served again at once afterwards.
   */
  @Test
  @RequiresTool("python3")
  void hostileCallersDisturbNoPoll() throws Exception {
    start("tcp", "127.0.0.1");
    long seed = 20261130L;
    Random random = new Random(seed);
    List<SocketChannel> open = new ArrayList<>();
    long polls = number(device(), "polls");
    long begun = System.nanoTime();
    try {
      for (int i = 0; i < 1000; i++) {
        SocketChannel one = SocketChannel.open();
        one.configureBlocking(false);
        one.connect(new InetSocketAddress(LOOPBACK, port));
        open.add(one);
      }
      byte[] questions = new byte[12 * 200];
      for (int i = 0; i < questions.length; i += 12) {
        System.arraycopy(frame("00010000000601030100007d"), 0, questions, i, 12);
        questions[i + 9] = (byte) random.nextInt(256);
      }
      boolean[] begunFrame = new boolean[open.size()];
      while (System.nanoTime() - begun < 12_000_000_000L) {
        for (int i = 0; i < open.size(); i++) {
          SocketChannel one = open.get(i);
          byte[] garbage = new byte[1 + random.nextInt(300)];
          random.nextBytes(garbage);
          try {
            if (one.finishConnect() && !begunFrame[i]) {
              begunFrame[i] = i % 4 == 1;
              one.write(
                  ByteBuffer.wrap(
                      switch (i % 4) {
                        case 0 -> garbage;
                        case 1 -> frame("0001000000");
                        default -> questions;
                      }));
            }
          } catch (IOException e) {
            one.close();
            SocketChannel next = SocketChannel.open();
            next.configureBlocking(false);
            next.connect(new InetSocketAddress(LOOPBACK, port));
            open.set(i, next);
            begunFrame[i] = false;
          }
        }
        Thread.sleep(10); // as fast as a thousand clients are, and leaves the meter a core
      }
    } finally {
      for (SocketChannel one : open) {
        one.close();
      }
    }
    double seconds = (System.nanoTime() - begun) / 1e9;
    long done = number(device(), "polls") - polls;
    assertTrue(done >= 4.75 * seconds, () -> done + " polls in " + seconds + " s, seed " + seed);
    assertEquals(0, number(device(), "timeouts"));
    for (String how : List.of("full", "garbage", "slow")) {
      assertTrue(shared("connections", how) > 0, how + " " + first("lines"));
    }
    assertTrue(shared("answers", "busy") > 0 || shared("answers", "line") > 0);
    long lineMillis = number((Map<String, Object>) first("lines").get("share"), "line_ms");
    assertTrue(lineMillis <= 260 * seconds + 1000, () -> lineMillis + " ms of " + seconds + " s");
    awaitRoom();
    try (Socket master = connect()) {
      assertEquals("000b00000005010302044c", ask(master, "000b00000006010300640001", 11));
    }
    assertFalse(get("/healthz").isEmpty());
  }

  private void awaitRoom() throws InterruptedException {
    long until = System.nanoTime() + 20_000_000_000L;
    while (System.nanoTime() < until
        && number((Map<String, Object>) first("lines").get("share"), "callers") > 0) {
      Thread.sleep(100);
    }
  }
}
