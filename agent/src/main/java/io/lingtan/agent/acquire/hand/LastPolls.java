package io.lingtan.agent.acquire.hand;

import io.lingtan.agent.acquire.item.Address;
import io.lingtan.agent.acquire.item.Frames;
import io.lingtan.agent.acquire.item.ItemRead;
import io.lingtan.agent.acquire.mbus.Readout;
import io.lingtan.agent.acquire.mbus.ReadoutReply;
import io.lingtan.agent.acquire.modbus.BlockRead;
import io.lingtan.agent.acquire.modbus.Framing;
import io.lingtan.agent.acquire.modbus.ModbusReply;
import io.lingtan.agent.acquire.modbus.ModbusReplyParser;
import io.lingtan.agent.acquire.wire.Ask;
import io.lingtan.agent.acquire.wire.FramesSnapshot;
import io.lingtan.agent.acquire.wire.FramesSnapshot.Frame;
import io.lingtan.agent.acquire.wire.WireCost;
import io.lingtan.agent.reading.Answer;
import io.lingtan.agent.reading.Answer.Wire;
import io.lingtan.agent.reading.Inquiry;
import io.lingtan.agent.reading.MeterFamily;
import io.lingtan.agent.reading.Request;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.Line;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a device's values came from: what its last polls sent and got, out of the frames that are
 * kept of its line, decoded as {@link DeviceReport} does. Nobody is asked. What came when nobody
 * waited for it any more is no answer, as it was none for the poll. What was asked in a longer read
 * is cut out of that.
 *
 * @param report of the newest answer to each request; of the newest silence where there is no
 *     answer
 * @param ageMillis of the oldest answer that a point rests on; -1 if none does. What the device
 *     says of itself is asked once an hour, and does not count
 * @param newest what went over the wire for the device last, answered or not; null if nothing did
 */
public record LastPolls(DeviceReport report, long ageMillis, @Nullable Wire newest) {

  /** Asked at the start and once an hour: see {@link DeviceReport.Step}. */
  private static final Set<String> OF_ITSELF = Set.of("serial", "model", "ct", "pt", "SunSpec");

  private static final Answer NOTHING =
      new Answer.NotAsked(
          new Sentence("none of the polls that are kept asked for it", "保留的报文里没有这次读取"));

  /**
   * @param line a serial one, Modbus TCP, or RTU over TCP
   * @param frames of that line
   * @param nowNanos monotonic; what was asked so lately that its answer may still come is left out
   */
  public static LastPolls of(Line line, Device device, FramesSnapshot frames, long nowNanos) {
    Framing framing =
        switch (line) {
          case Line.ModbusTcp tcp -> Framing.TCP;
          case Line.ModbusRtuTcp tcp -> Framing.RTU_OVER_TCP;
          default -> Framing.RTU;
        };
    List<Polled> all = framing == Framing.TCP ? numbered(frames) : inTurn(frames);
    if (device.profile().protocol() == DeviceProfile.Protocol.MBUS) {
      all = readouts(all);
    }
    long answered = nowNanos - line.timeout().toNanos();
    List<Polled> polls =
        all.reversed().stream()
            .filter(each -> each.isOf(framing, device))
            .filter(each -> each.received.length > 0 || each.atNanos < answered)
            .toList();
    Memory memory = new Memory(framing, line.timeout().toNanos(), WireCost.of(line, device), polls);
    try {
      DeviceReport report =
          DeviceReport.read(line, device, memory, (int) line.timeout().toMillis(), null);
      long age = -1;
      for (DeviceReport.Step step : report.steps()) {
        Long at = memory.atNanos.get(step.answer());
        if (at != null && !OF_ITSELF.contains(step.what())) {
          age = Math.max(age, nowNanos - at);
        }
      }
      return new LastPolls(
          report, age < 0 ? -1 : age / 1_000_000, polls.isEmpty() ? null : polls.getFirst().wire());
    } catch (InterruptedException e) {
      throw new IllegalStateException("a memory is not waited for", e);
    }
  }

  /** A request and all that came in for it. */
  private record Polled(byte[] sent, byte[] received, long atNanos, long nanos) {

    private static final int UNIT_OF_TCP = 6;

    Wire wire() {
      return new Wire(sent, received, nanos / 1000);
    }

    boolean isOf(Framing framing, Device device) {
      String meter = device.address();
      if (meter != null) {
        byte[] any = new byte[Frames.MAX_REQUEST];
        Address address = Address.of(meter);
        if (address.family() == MeterFamily.MBUS) {
          return beginsWith(address);
        }
        Frames.encode(address, new ItemRead(0, 1), any);
        int end = Frames.addressEnd(address.family());
        return sent.length > end && Arrays.equals(sent, 0, end, any, 0, end);
      }
      int at = framing == Framing.TCP ? UNIT_OF_TCP : 0;
      return sent.length >= at + 6 && (sent[at] & 0xFF) == device.unit();
    }

    /** Whether it begins as the readout of an M-Bus meter does. */
    boolean beginsWith(Address meter) {
      byte[] request = new byte[Readout.MAX_REQUEST];
      Readout readout = new Readout();
      readout.expect(meter);
      int length = readout.request(request);
      return sent.length >= length && Arrays.equals(sent, 0, length, request, 0, length);
    }

    /** Whether it asks an M-Bus meter for a telegram, which goes on with what was asked before. */
    boolean goesOn() {
      return sent.length == Readout.SHORT && (sent[1] & 0xDF) == 0x5B;
    }

    Polled and(Polled next) {
      return new Polled(
          joined(sent, next.sent),
          joined(received, next.received),
          atNanos,
          Math.max(nanos, next.nanos));
    }

    /** What it asks of a Modbus unit; null if that is no read. */
    @Nullable BlockRead read(Framing framing) {
      int at = framing == Framing.TCP ? UNIT_OF_TCP : 0;
      if (sent.length < at + 6) {
        return null;
      }
      int function = sent[at + 1] & 0xFF;
      int count = word(at + 4);
      return function < 1 || function > 4 || count < 1 || count > BlockRead.MAX_WORDS
          ? null
          : new BlockRead(function, word(at + 2), count);
    }

    private int word(int at) {
      return (sent[at] & 0xFF) << 8 | (sent[at + 1] & 0xFF);
    }
  }

  /** On lines where one thing is asked at a time whatever comes in belongs to it. */
  private static List<Polled> inTurn(FramesSnapshot frames) {
    List<Polled> all = new ArrayList<>();
    Frame sent = null;
    ByteArrayOutputStream received = new ByteArrayOutputStream();
    long lastNanos = 0;
    for (Frame frame : frames.frames()) {
      switch (frame.kind()) {
        case SENT -> {
          if (sent != null) {
            all.add(polled(sent, received.toByteArray(), lastNanos));
          }
          sent = frame;
          received.reset();
          lastNanos = frame.atNanos();
        }
        case RECEIVED -> {
          received.writeBytes(frame.bytes());
          lastNanos = frame.atNanos();
        }
        case OPENED, FAILED, BROKEN -> {}
      }
    }
    if (sent != null) {
      all.add(polled(sent, received.toByteArray(), lastNanos));
    }
    return all;
  }

  /** Less the request itself, which some ports hear. */
  private static Polled polled(Frame sent, byte[] received, long lastNanos) {
    byte[] request = sent.bytes();
    boolean echo =
        received.length > request.length
            && Arrays.equals(received, 0, request.length, request, 0, request.length);
    byte[] answer = echo ? Arrays.copyOfRange(received, request.length, received.length) : received;
    return new Polled(request, answer, sent.atNanos(), lastNanos - sent.atNanos());
  }

  /** The requests of one readout as one. */
  private static List<Polled> readouts(List<Polled> polls) {
    List<Polled> all = new ArrayList<>();
    for (Polled poll : polls) {
      if (poll.goesOn() && !all.isEmpty()) {
        all.add(all.removeLast().and(poll));
      } else {
        all.add(poll);
      }
    }
    return all;
  }

  /** On Modbus TCP the transaction ids tell which answer is whose. */
  private static List<Polled> numbered(FramesSnapshot frames) {
    List<Polled> all = new ArrayList<>();
    Map<Integer, Frame> open = new LinkedHashMap<>();
    byte[] rest = {};
    for (Frame frame : frames.frames()) {
      switch (frame.kind()) {
        case SENT -> {
          if (open.isEmpty()) {
            rest = new byte[0];
          }
          if (frame.bytes().length > 1) {
            Frame unanswered = open.put(transaction(frame.bytes(), 0), frame);
            if (unanswered != null) {
              all.add(new Polled(unanswered.bytes(), new byte[0], unanswered.atNanos(), 0));
            }
          }
        }
        case RECEIVED -> {
          rest = joined(rest, frame.bytes());
          int at = 0;
          while (rest.length - at >= 6 && rest.length - at >= 6 + transaction(rest, at + 4)) {
            int end = at + 6 + transaction(rest, at + 4);
            Frame asked = open.remove(transaction(rest, at));
            if (asked != null) {
              byte[] answer = Arrays.copyOfRange(rest, at, end);
              long nanos = frame.atNanos() - asked.atNanos();
              all.add(new Polled(asked.bytes(), answer, asked.atNanos(), nanos));
            }
            at = end;
          }
          rest = Arrays.copyOfRange(rest, at, rest.length);
        }
        case OPENED, FAILED, BROKEN -> rest = new byte[0];
      }
    }
    open.values()
        .forEach(each -> all.add(new Polled(each.bytes(), new byte[0], each.atNanos(), 0)));
    all.sort((one, other) -> Long.compare(one.atNanos, other.atNanos));
    return all;
  }

  private static int transaction(byte[] bytes, int at) {
    return (bytes[at] & 0xFF) << 8 | (bytes[at + 1] & 0xFF);
  }

  private static byte[] joined(byte[] one, byte[] other) {
    byte[] both = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }

  /** Answers by what came for the same question, newest first. */
  private static final class Memory implements LineAccess {
    private final Framing framing;
    private final long timeoutNanos;
    private final WireCost cost;
    private final List<Polled> polls;
    private final IdentityHashMap<Answer, Long> atNanos = new IdentityHashMap<>();

    Memory(Framing framing, long timeoutNanos, WireCost cost, List<Polled> polls) {
      this.framing = framing;
      this.timeoutNanos = timeoutNanos;
      this.cost = cost;
      this.polls = polls;
    }

    @Override
    public Answer ask(Request request, int timeoutMillis, Inquiry.@Nullable Form form) {
      Answer first = null;
      for (Polled poll : polls) {
        Answer answer =
            switch (request) {
              case Request.Registers wanted -> registers(poll, wanted);
              case Request.Item wanted -> item(poll, wanted);
              case Request.AnyMeter any -> null;
              case Request.Telegrams wanted -> telegrams(poll, wanted);
            };
        if (answer instanceof Answer.Value) {
          atNanos.put(answer, poll.atNanos);
          return answer;
        }
        first = first == null ? answer : first;
      }
      return Objects.requireNonNullElse(first, NOTHING);
    }

    private boolean isLate(Polled poll, Ask ask) {
      return poll.nanos > timeoutNanos + cost.wireNanos(ask);
    }

    private @Nullable Answer registers(Polled poll, Request.Registers wanted) {
      BlockRead want = new BlockRead(wanted.function(), wanted.address(), wanted.count());
      BlockRead read = poll.read(framing);
      if (read == null || !read.covers(want) || (want.function() <= 2 && !read.equals(want))) {
        return null;
      }
      if (isLate(poll, new Ask.Registers(read))) {
        return new Answer.Silent(poll.wire());
      }
      ModbusReplyParser parser = new ModbusReplyParser(framing);
      parser.expect(wanted.unit(), transaction(poll.sent, 0), read);
      return switch (parser.feed(ByteBuffer.wrap(poll.received))) {
        case ModbusReply.Words words -> {
          int from = 2 * (want.address() - read.address());
          boolean whole = read.equals(want);
          byte[] value =
              whole
                  ? words.bytes()
                  : Arrays.copyOfRange(words.bytes(), from, from + want.valueBytes());
          yield new Answer.Value(poll.wire(), value);
        }
        case ModbusReply.Refused(int code) -> new Answer.Refused(poll.wire(), code);
        case ModbusReply.Rejected(var flaw, var what) -> new Answer.Garbled(poll.wire(), what);
        case ModbusReply.NeedMore more -> new Answer.Silent(poll.wire());
      };
    }

    private @Nullable Answer telegrams(Polled poll, Request.Telegrams wanted) {
      Address address = Address.of(wanted.meter());
      if (!poll.beginsWith(address)) {
        return null;
      }
      if (isLate(poll, new Ask.Telegrams())) {
        return new Answer.Silent(poll.wire());
      }
      Readout readout = new Readout();
      readout.expect(address);
      // One byte at a time: what follows an answer belongs to the next request.
      for (byte each : poll.received) {
        switch (readout.feed(ByteBuffer.wrap(new byte[] {each}))) {
          case ReadoutReply.Complete(var told) -> {
            return new Answer.Value(poll.wire(), told.frames());
          }
          case ReadoutReply.Rejected(var flaw, var what) -> {
            return new Answer.Garbled(poll.wire(), what);
          }
          case ReadoutReply.Refused(int error) -> {
            return new Answer.Refused(poll.wire(), error);
          }
          case ReadoutReply.NeedMore more -> {}
          case ReadoutReply.Further further -> {}
        }
      }
      return new Answer.Silent(poll.wire());
    }

    private @Nullable Answer item(Polled poll, Request.Item wanted) {
      Address address = Address.of(wanted.meter());
      ItemRead read = new ItemRead(wanted.id(), wanted.bytes());
      byte[] request = new byte[Frames.MAX_REQUEST];
      int length = Frames.encode(address, read, request);
      if (!Arrays.equals(poll.sent, 0, poll.sent.length, request, 0, length)) {
        return null;
      }
      if (isLate(poll, new Ask.Item(read))) {
        return new Answer.Silent(poll.wire());
      }
      var parser = new io.lingtan.agent.acquire.item.ItemReplyParser();
      parser.expect(address, read);
      return switch (parser.feed(ByteBuffer.wrap(poll.received))) {
        case io.lingtan.agent.acquire.item.ItemReply.Item(var of, var bytes) ->
            new Answer.Value(poll.wire(), bytes);
        case io.lingtan.agent.acquire.item.ItemReply.Refused(int error) ->
            new Answer.Refused(poll.wire(), error);
        case io.lingtan.agent.acquire.item.ItemReply.Rejected(var flaw, var what) ->
            new Answer.Garbled(poll.wire(), what);
        case io.lingtan.agent.acquire.item.ItemReply.Here(var meter) -> null;
        case io.lingtan.agent.acquire.item.ItemReply.NeedMore more ->
            new Answer.Silent(poll.wire());
      };
    }
  }
}
