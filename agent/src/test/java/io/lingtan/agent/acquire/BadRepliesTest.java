package io.lingtan.agent.acquire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.line.LineSnapshot;
import io.lingtan.agent.acquire.line.LineSnapshot.DeviceSnapshot;
import io.lingtan.agent.acquire.modbus.Framing;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.site.DeviceProfile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a line makes of each thing that can be wrong with a reply: no value, a reason and a counter,
 * and values again once it is over. The register that is read holds the number of the request that
 * asks for it, so that a value which another request's reply gave is seen.
 */
final class BadRepliesTest {

  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final long MILLI = 1_000_000L;
  private static final int UNIT = 7;

  /** A pause and seven characters at 9600 baud. */
  private static final long SERVER_MILLIS = 11;

  /** Where a flaw is counted. */
  enum Counter {
    TIMEOUT,
    CRC,
    EXCEPTION,
    FOREIGN,
    BREAK;

    long of(Bench bench) {
      LineSnapshot line = bench.step.snapshot();
      DeviceSnapshot device = line.devices().getFirst();
      return switch (this) {
        case TIMEOUT -> device.timeouts();
        case CRC -> device.crcErrors();
        case EXCEPTION -> device.exceptions();
        case FOREIGN -> line.foreign();
        case BREAK -> line.breaks();
      };
    }
  }

  /** What is wrong. */
  enum Flaw {
    WRONG_CRC("crc", Counter.CRC),
    SHORT("timeout", Counter.TIMEOUT),
    EMPTY_PDU("crc|timeout", Counter.CRC),
    LONG("crc", Counter.CRC),
    FOREIGN_UNIT("crc", Counter.CRC),
    WRONG_FUNCTION("crc", Counter.CRC),
    WRONG_BYTE_COUNT("crc", Counter.CRC),
    NOISE_BEFORE("crc", Counter.CRC),
    REPLY_TO_THE_PREVIOUS("timeout|crc", Counter.TIMEOUT),
    NEVER_ANSWERED("timeout", Counter.TIMEOUT),
    HALF_A_REPLY_AND_BROKEN_OFF("timeout", Counter.BREAK),
    BROKEN_OFF("timeout", Counter.BREAK),
    // These carry the answer all the same, and it counts once.
    SINGLE_BYTES("", null),
    NOISE_BEHIND("", Counter.FOREIGN),
    TWICE("", Counter.FOREIGN);

    final String reasons;
    final @Nullable Counter counter;

    Flaw(String reasons, @Nullable Counter counter) {
      this.reasons = reasons;
      this.counter = counter;
    }

    boolean isPossible(Framing framing) {
      boolean tcp = framing == Framing.TCP;
      return switch (this) {
        case WRONG_CRC -> !tcp;
        // A TCP frame says where it ends: what stands behind it is the next one, or noise.
        case NOISE_BEHIND, EMPTY_PDU -> tcp == (this == EMPTY_PDU);
        case HALF_A_REPLY_AND_BROKEN_OFF, BROKEN_OFF -> framing != Framing.RTU;
        default -> true;
      };
    }
  }

  /** Whoever answers, and the numbers of what it was asked. */
  private static final class OtherEnd {
    private final FakeUnits frames;
    private final Framing framing;
    private final List<Long> sentNanos = new ArrayList<>();
    private byte[] previous = {};

    OtherEnd(Framing framing) {
      this.framing = framing;
      this.frames = new FakeUnits(framing);
    }

    private record Asked(int transaction, int function, int words) {}

    Asked asked(byte[] frame) {
      int at = framing == Framing.TCP ? 6 : 0;
      int transaction = at == 0 ? 0 : word(frame, 0);
      return new Asked(transaction, frame[at + 1] & 0xFF, word(frame, at + 4));
    }

    private static int word(byte[] bytes, int at) {
      return (bytes[at] & 0xFF) << 8 | (bytes[at + 1] & 0xFF);
    }

    private static byte[] pdu(int function, int byteCount, int bytes, int number) {
      byte[] pdu = new byte[2 + bytes];
      pdu[0] = (byte) function;
      pdu[1] = (byte) byteCount;
      for (int i = 2; i + 1 < pdu.length; i += 2) {
        pdu[i] = (byte) (number >>> 8);
        pdu[i + 1] = (byte) number;
      }
      return pdu;
    }

    /** The answer as it should be, to the request that was sent last. */
    byte[] good(Asked asked) {
      int bytes = 2 * asked.words;
      byte[] pdu = pdu(asked.function, bytes, bytes, sentNanos.size() - 1);
      return frames.frame(asked.transaction, UNIT, pdu);
    }

    void answer(FakeChannel channel, byte[] frame, Flaw flaw) {
      Asked asked = asked(frame);
      byte[] good = good(asked);
      int bytes = 2 * asked.words;
      int number = sentNanos.size() - 1;
      long delay = 10 * MILLI;
      switch (flaw) {
        case WRONG_CRC -> {
          good[good.length - 1] ^= 1;
          channel.deliver(delay, good);
        }
        case SHORT -> channel.deliver(delay, Arrays.copyOf(good, good.length - 1));
        case EMPTY_PDU ->
            channel.deliver(delay, frames.frame(asked.transaction, UNIT, new byte[] {3}));
        case LONG ->
            channel.deliver(
                delay,
                frames.frame(
                    asked.transaction, UNIT, pdu(asked.function, bytes, bytes + 2, number)));
        case FOREIGN_UNIT ->
            channel.deliver(
                delay,
                frames.frame(
                    asked.transaction, UNIT + 1, pdu(asked.function, bytes, bytes, number)));
        case WRONG_FUNCTION ->
            channel.deliver(
                delay,
                frames.frame(
                    asked.transaction, UNIT, pdu(asked.function + 1, bytes, bytes, number)));
        case WRONG_BYTE_COUNT ->
            channel.deliver(
                delay,
                frames.frame(
                    asked.transaction, UNIT, pdu(asked.function, bytes + 2, bytes, number)));
        case NOISE_BEFORE -> {
          channel.deliver(delay, new byte[] {0x55, (byte) 0xAA, 0x12});
          channel.deliver(delay, good);
        }
        case NOISE_BEHIND -> {
          channel.deliver(delay, good);
          channel.deliver(delay, new byte[] {0x55, (byte) 0xAA, 0x12});
        }
        case REPLY_TO_THE_PREVIOUS -> {
          if (previous.length > 0) {
            channel.deliver(delay, previous);
          }
          previous = good;
        }
        case NEVER_ANSWERED -> {}
        case HALF_A_REPLY_AND_BROKEN_OFF -> {
          channel.deliver(0, Arrays.copyOf(good, good.length / 2));
          channel.breakOff(delay);
        }
        case BROKEN_OFF -> channel.breakOff(0);
        case SINGLE_BYTES -> {
          for (int i = 0; i < good.length; i++) {
            channel.deliver(delay + i * MILLI, new byte[] {good[i]});
          }
        }
        case TWICE -> {
          channel.deliver(delay, good);
          channel.deliver(delay + 5 * MILLI, good);
        }
      }
    }

    Bench bench(FakeChannel.Peer peer) {
      var profile = Bench.profile(Bench.register("power", 3, 100, DeviceProfile.Type.UINT16, "1"));
      return new Bench(
          Bench.line(framing, SECOND, Bench.device("gate", UNIT, profile, SECOND, SECOND)),
          frames,
          (channel, frame) -> {
            sentNanos.add(channel.nowNanos());
            peer.request(channel, frame);
          });
    }

    /** Each value is the answer to the last request that was out when it came, and counts once. */
    void assertOwnAnswers(Bench bench) {
      long last = -1;
      for (Sample sample : bench.samples) {
        if (sample.values().isEmpty()) {
          continue;
        }
        long number = sample.values().micros(0) / 1_000_000L;
        assertTrue(number > last, () -> "taken twice: " + sample);
        last = number;
        long sent = sentNanos.get((int) number);
        assertTrue(sample.atNanos() >= sent && sample.atNanos() <= sent + 1_100 * MILLI);
        boolean newest =
            number + 1 >= sentNanos.size() || sentNanos.get((int) number + 1) >= sample.atNanos();
        assertTrue(newest, () -> "another request's: " + sample);
      }
    }
  }

  static Stream<Arguments> flaws() {
    return Stream.of(Flaw.values())
        .flatMap(
            flaw ->
                Stream.of(Framing.values())
                    .filter(flaw::isPossible)
                    .map(framing -> Arguments.of(flaw, framing)));
  }

  @ParameterizedTest
  @MethodSource("flaws")
  void aFlawedReplyGivesNoValueAReasonAndACount(Flaw flaw, Framing framing) {
    var end = new OtherEnd(framing);
    @Nullable Flaw[] present = {null};
    Bench bench =
        end.bench(
            (channel, frame) -> {
              Flaw now = present[0];
              if (now == null) {
                channel.deliver(10 * MILLI, end.good(end.asked(frame)));
              } else {
                end.answer(channel, frame, now);
              }
            });
    bench.run(Duration.ofSeconds(10));
    assertTrue(isGood(bench, 0));
    assertEquals(0, Counter.CRC.of(bench) + Counter.TIMEOUT.of(bench));
    present[0] = flaw;
    int before = bench.samples.size();
    bench.run(Duration.ofSeconds(65));
    List<Sample> during = bench.samples.subList(before, bench.samples.size());
    assertFalse(during.isEmpty());
    if (flaw.reasons.isEmpty()) {
      assertTrue(during.size() >= 60 && isGood(bench, before), during::toString);
    } else {
      for (Sample sample : during.subList(1, during.size())) {
        assertTrue(sample.values().isEmpty(), sample::toString);
      }
      assertTrue(
          during.stream()
              .anyMatch(s -> s.failed() != null && s.failed().code().matches(flaw.reasons)),
          during::toString);
    }
    Counter counter = flaw.counter;
    if (counter != null) {
      assertTrue(counter.of(bench) > 0, () -> counter + " of " + bench.step.snapshot());
    }
    end.assertOwnAnswers(bench);
    present[0] = null;
    bench.run(Duration.ofSeconds(90));
    assertTrue(bench.samples.getLast().failed() == null, "it is read again");
    assertFalse(bench.samples.getLast().values().isEmpty());
    end.assertOwnAnswers(bench);
  }

  /**
   * Two blocks of one length, each answer sent again as a serial server would: when the next
   * request is out. Each register holds the number of its request, even for the one, odd for the
   * other.
   */
  @Test
  void anAnswerThatComesAgainBehindAServerIsNoneToTheNextQuestion() {
    FakeUnits frames = new FakeUnits(Framing.RTU_OVER_TCP);
    var profile =
        Bench.profile(
            Bench.register("power", 3, 100, DeviceProfile.Type.UINT16, "1"),
            Bench.register("voltage_l1", 3, 5_000, DeviceProfile.Type.UINT16, "1"));
    int[] asked = {0};
    Bench bench =
        new Bench(
            Bench.line(
                Framing.RTU_OVER_TCP, SECOND, Bench.device("gate", UNIT, profile, SECOND, SECOND)),
            frames,
            (channel, frame) -> {
              asked[0]++;
              int value = 2 * asked[0] + (OtherEnd.word(frame, 2) == 100 ? 0 : 1);
              byte[] good = frames.frame(0, UNIT, OtherEnd.pdu(3, 2, 2, value));
              channel.deliver(10 * MILLI, good);
              channel.deliver(10 * MILLI + SERVER_MILLIS * MILLI, good);
            });
    bench.run(Duration.ofSeconds(60));
    assertTrue(bench.samples.size() > 50);
    for (Sample sample : bench.samples) {
      assertEquals(2, sample.values().size(), sample::toString);
      assertEquals(0, sample.values().micros(Point.of("power")) / 1_000_000 % 2, sample::toString);
      assertEquals(
          1, sample.values().micros(Point.of("voltage_l1")) / 1_000_000 % 2, sample::toString);
    }
    assertTrue(bench.step.snapshot().foreign() > 50, "the copies were seen");
  }

  /** Each fifth reply of one unit lacks its end: the next one is another unit's, and whole. */
  @Test
  void aReplyThatWasCutShortCostsItsNeighbourNothing() {
    FakeUnits frames = new FakeUnits(Framing.TCP);
    var profile = Bench.profile(Bench.register("power", 3, 100, DeviceProfile.Type.UINT16, "1"));
    int[] asked = {0};
    Bench bench =
        new Bench(
            Bench.line(
                Framing.TCP,
                SECOND,
                Bench.device("cut", UNIT, profile, SECOND, SECOND),
                Bench.device("whole", UNIT + 1, profile, SECOND, SECOND)),
            frames,
            (channel, frame) -> {
              int unit = frame[6];
              byte[] good = frames.frame(OtherEnd.word(frame, 0), unit, OtherEnd.pdu(3, 2, 2, 7));
              boolean isCut = unit == UNIT && ++asked[0] % 5 == 0;
              channel.deliver(10 * MILLI, isCut ? Arrays.copyOf(good, good.length - 1) : good);
            });
    bench.run(Duration.ofMinutes(2));
    List<Sample> whole = bench.samplesOf("whole");
    assertTrue(whole.stream().allMatch(sample -> sample.failed() == null), whole::toString);
    assertTrue(whole.size() > 60, () -> whole.size() + " samples");
    assertTrue(
        bench.samplesOf("cut").stream().anyMatch(sample -> sample.failed() != null),
        "some were cut short");
    assertTrue(
        bench.step.snapshot().devices().stream()
            .filter(device -> device.device().equals("whole"))
            .allMatch(device -> device.crcErrors() == 0 && device.timeouts() == 0));
  }

  static Stream<Arguments> exceptions() {
    return IntStream.rangeClosed(1, 11)
        .boxed()
        .flatMap(code -> Stream.of(Framing.values()).map(framing -> Arguments.of(code, framing)));
  }

  @ParameterizedTest
  @MethodSource("exceptions")
  void anExceptionGivesNoValueItsCodeAndACount(int code, Framing framing) {
    var end = new OtherEnd(framing);
    boolean[] refuses = {false};
    Bench bench =
        end.bench(
            (channel, frame) -> {
              OtherEnd.Asked asked = end.asked(frame);
              byte[] refusal = {(byte) (asked.function | 0x80), (byte) code};
              channel.deliver(
                  10 * MILLI,
                  refuses[0]
                      ? end.frames.frame(asked.transaction, UNIT, refusal)
                      : end.good(asked));
            });
    bench.run(Duration.ofSeconds(10));
    refuses[0] = true;
    int before = bench.samples.size();
    bench.run(Duration.ofSeconds(20));
    List<Sample> during = bench.samples.subList(before + 1, bench.samples.size());
    assertFalse(during.isEmpty());
    assertTrue(during.stream().allMatch(sample -> sample.values().isEmpty()), during::toString);
    String reason = "exception_" + code;
    assertTrue(
        during.stream()
            .anyMatch(
                s ->
                    (s.failed() != null && s.failed().code().equals(reason))
                        || s.bad().values().stream().anyMatch(r -> r.code().equals(reason))),
        during::toString);
    assertTrue(Counter.EXCEPTION.of(bench) > 0);
    // A gateway that speaks for a unit which does not: the unit was silent.
    assertEquals(code >= 10, Counter.TIMEOUT.of(bench) > 0, "timeouts");
    end.assertOwnAnswers(bench);
  }

  private static boolean isGood(Bench bench, int from) {
    return bench.samples.subList(from, bench.samples.size()).stream()
        .allMatch(sample -> sample.failed() == null && sample.values().size() == 1);
  }
}
