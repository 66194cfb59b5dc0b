package io.lingtan.agent.acquire.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.FakeChannel;
import io.lingtan.agent.acquire.wire.FramesSnapshot.Frame;
import io.lingtan.agent.acquire.wire.FramesSnapshot.Kind;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.run.Waiter;
import io.lingtan.agent.site.Line.CharacterFormat;
import io.lingtan.agent.site.Line.Parity;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class FrameLogTest {
  private static final long SECOND = 1_000_000_000L;

  private static byte[] request(int id, int register) {
    return new byte[] {0, (byte) id, 3, (byte) register};
  }

  private static List<String> told(FrameLog log) {
    return log.snapshot().frames().stream()
        .map(f -> f.atNanos() / SECOND + " " + f.kind() + " " + f.bytes()[f.bytes().length - 1])
        .toList();
  }

  @Test
  void everyByteOfTheLastTenMinutesIsThereWhereverTheRingBegins() {
    long seed = 20261125;
    RandomGenerator random = Randomness.seeded(seed);
    FrameLog log = new FrameLog("a", "x", 0, 10_000);
    List<byte[]> added = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      byte[] bytes = new byte[random.nextInt(300)];
      random.nextBytes(bytes);
      added.add(bytes);
      log.add(Kind.RECEIVED, i * SECOND, bytes);
      if (i % 97 == 0) {
        List<Frame> frames = log.snapshot().frames();
        assertTrue(frames.size() > 20 || i < 97, "seed " + seed + " holds " + frames.size());
        for (int k = 0; k < frames.size(); k++) {
          int which = i - (frames.size() - 1 - k);
          assertEquals(which * SECOND, frames.get(k).atNanos(), "seed " + seed);
          assertArrayEquals(added.get(which), frames.get(k).bytes(), "seed " + seed);
        }
      }
    }
    assertTrue(log.snapshot().dropped() > 2000, "the ring was too small, and that is counted");
  }

  @Test
  void whatIsOlderThanTenMinutesGoesWithoutBeingCounted() {
    FrameLog log = new FrameLog("a", "x", 2, 1 << 20);
    for (int second = 0; second < 1000; second += 10) {
      log.add(Kind.RECEIVED, second * SECOND, new byte[] {1});
    }
    FramesSnapshot snapshot = log.snapshot();
    assertEquals(390 * SECOND, snapshot.frames().getFirst().atNanos());
    assertEquals(61, snapshot.frames().size());
    assertEquals(0, snapshot.dropped());
  }

  @Test
  void theLastAnswerToWhatIsNotAskedAnyMoreIsKept() {
    FrameLog log = new FrameLog("a", "x", 2, 1 << 20);
    log.add(Kind.OPENED, 0, new byte[] {0});
    for (int second = 0; second < 3; second++) {
      log.add(Kind.SENT, second * SECOND, request(second, 7)); // the serial number, three times
      log.add(Kind.RECEIVED, second * SECOND, new byte[] {(byte) (70 + second)});
    }
    for (int second = 3; second < 800; second += 100) {
      log.add(Kind.SENT, second * SECOND, request(second, 9));
      log.add(Kind.RECEIVED, second * SECOND, new byte[] {90});
    }
    List<String> told = told(log);
    assertEquals(List.of("2 SENT 7", "2 RECEIVED 72"), told.subList(0, 2));
    assertEquals(703, log.snapshot().frames().getLast().atNanos() / SECOND);
    assertTrue(told.contains("3 SENT 9"), "the last before the ring of what is asked still");
    assertTrue(log.snapshot().sinceNanos() > 3 * SECOND);
  }

  @Test
  void whatIsKeptBesideTheRingIsBoundedToo() {
    FrameLog log = new FrameLog("a", "x", 0, 4096);
    for (int i = 0; i < 5000; i++) {
      log.add(Kind.SENT, i * SECOND, new byte[] {(byte) (i >> 8), (byte) i});
      log.add(Kind.RECEIVED, i * SECOND, new byte[100]);
    }
    int bytes = log.snapshot().frames().stream().mapToInt(f -> 11 + f.bytes().length).sum();
    assertTrue(bytes <= 4096 * 5 / 4, "it holds " + bytes);
  }

  /** Takes what it is given and answers with the same. */
  private static final class Echo implements Channel {
    private final ByteBuffer line = ByteBuffer.allocate(100);
    private boolean broken;

    @Override
    public String where() {
      return "echo";
    }

    @Override
    public Opening open() {
      return broken ? Opening.FAILED : Opening.OPEN;
    }

    @Override
    public int send(ByteBuffer bytes) {
      int count = bytes.remaining();
      line.put(bytes);
      return count;
    }

    @Override
    public int receive(ByteBuffer into) {
      if (broken) {
        return -1;
      }
      line.flip();
      int count = line.remaining();
      into.put(line);
      line.clear();
      return count;
    }

    @Override
    public Trouble trouble() {
      return new Trouble(Reason.TIMEOUT, new Sentence("pulled out", "被拔掉"));
    }

    @Override
    public void close() {}

    @Override
    public Waiter waiter() {
      return Waiter.parking();
    }
  }

  @Test
  void aChannelIsNotedWithItsTroubles() {
    VirtualTime time = new VirtualTime(0);
    FrameLog log = new FrameLog("a", "echo", 0, 4096);
    Echo echo = new Echo();
    Channel channel = new RecordedChannel(echo, log, time);
    channel.open();
    channel.open();
    time.advanceMillis(5);
    channel.send(ByteBuffer.wrap(new byte[] {1, 2, 3}));
    time.advanceMillis(5);
    ByteBuffer into = ByteBuffer.allocate(10).put((byte) 9);
    assertEquals(3, channel.receive(into));
    assertEquals(0, channel.receive(into));
    echo.broken = true;
    assertEquals(-1, channel.receive(into));
    channel.close();
    channel.open();
    List<Frame> frames = log.snapshot().frames();
    assertEquals(
        List.of(Kind.OPENED, Kind.SENT, Kind.RECEIVED, Kind.BROKEN, Kind.FAILED),
        frames.stream().map(Frame::kind).toList());
    assertEquals(5_000_000, frames.get(1).atNanos());
    assertArrayEquals(new byte[] {1, 2, 3}, frames.get(1).bytes());
    assertArrayEquals(new byte[] {1, 2, 3}, frames.get(2).bytes());
    assertEquals("timeout pulled out", new String(frames.get(3).bytes(), StandardCharsets.UTF_8));
  }

  @Test
  void everyWayToADeviceIsPassedOn() throws NoSuchMethodException {
    for (Method way : FieldPorts.class.getDeclaredMethods()) {
      if (!Modifier.isStatic(way.getModifiers()) && !way.isSynthetic()) {
        Method own = RecordedPorts.class.getMethod(way.getName(), way.getParameterTypes());
        assertEquals(RecordedPorts.class, own.getDeclaringClass(), way.getName());
      }
    }
  }

  /**
   * A default method that is not passed on does nothing: a port was never switched to 2400 baud.
   */
  @Test
  void everythingThatAChannelIsToldIsPassedOn() throws NoSuchMethodException {
    for (Method told : Channel.class.getDeclaredMethods()) {
      if (!Modifier.isStatic(told.getModifiers()) && !told.isSynthetic()) {
        Method own = RecordedChannel.class.getMethod(told.getName(), told.getParameterTypes());
        assertEquals(RecordedChannel.class, own.getDeclaringClass(), told.getName());
      }
    }
    VirtualTime time = new VirtualTime(0);
    FakeChannel port = new FakeChannel(time, (channel, frame) -> {});
    var form = new CharacterFormat(2400, Parity.EVEN, 1);
    assertTrue(new RecordedChannel(port, new FrameLog("a", "x", 0, 4096), time).format(form));
    assertEquals(form, port.format);
  }
}
