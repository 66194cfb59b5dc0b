package io.lingtan.agent.acquire.wire;

import io.lingtan.agent.acquire.item.Address;
import io.lingtan.agent.acquire.item.Frames;
import io.lingtan.agent.acquire.mbus.Readout;
import io.lingtan.agent.acquire.mbus.ReadoutReply;
import io.lingtan.agent.acquire.mbus.Telegrams;
import io.lingtan.agent.acquire.modbus.Framing;
import io.lingtan.agent.acquire.modbus.ModbusReply;
import io.lingtan.agent.acquire.modbus.ModbusReplyParser;
import io.lingtan.agent.acquire.wire.Channel.Trouble;
import io.lingtan.agent.acquire.wire.Outcome.Broken;
import io.lingtan.agent.acquire.wire.Outcome.Flaw;
import io.lingtan.agent.acquire.wire.Outcome.Garbled;
import io.lingtan.agent.acquire.wire.Outcome.Pending;
import io.lingtan.agent.acquire.wire.Outcome.Silent;
import io.lingtan.agent.reading.MeterFamily;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sentence;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Requests over an open channel, and what arrives when nothing was asked. One at a time, or as many
 * as there are slots where transaction ids tell their answers apart.
 */
public final class Exchange {

  private static final Garbled OWN_REQUEST =
      new Garbled(Flaw.ANY, "the request itself came back, and no answer to it");
  private static final int MOST_CHUNKS = 64;

  /**
   * How much less there is on the wire of a request with its acknowledgement than of a telegram.
   */
  private static final int LONG_TO_SHORT = 12;

  private static final int MOST_SEEN = 1024;
  private static final long RETRY_SEND_NANOS = 1_000_000L;

  private final Channel channel;
  private final Framing framing;
  private final boolean echo;
  private final long timeoutNanos;
  private final ModbusReplyParser modbus;
  private final io.lingtan.agent.acquire.item.ItemReplyParser items =
      new io.lingtan.agent.acquire.item.ItemReplyParser();
  private final Readout readout = new Readout();
  private final List<Long> arrivals = new ArrayList<>();
  private final Overheard overheard = new Overheard();
  private final byte[] request = new byte[Math.max(Framing.MAX_REQUEST, Frames.MAX_REQUEST)];
  private final ByteBuffer out = ByteBuffer.wrap(request).limit(0);
  private final ByteBuffer in = ByteBuffer.allocate(512).limit(0);
  private final boolean[] busy;
  private final long[] sentNanos;
  private final long[] deadlineNanos;
  private int inFlight;
  private int sending;
  private int slot;
  private Speech speech = Speech.REGISTERS;
  private long stepNanos;
  private int transaction;
  private int echoed;
  private long foreign;
  private boolean surplus;
  private int requested;

  // The first bytes that came in since the request, as many as it has itself.
  private final byte[] heard = new byte[Math.max(Framing.MAX_REQUEST, Frames.MAX_REQUEST)];
  private int heardBytes;

  /** Bytes of the last chunk that are behind those. */
  private int behind;

  private @Nullable Garbled maybeEcho;

  /** By what the present answer is understood. */
  private enum Speech {
    REGISTERS,
    ITEM,
    TELEGRAMS,
    /** Telegrams of whoever hears the question. */
    ANY_TELEGRAMS
  }

  /** Whether the request itself has come back and been taken off. */
  private boolean echoHeard;

  private Runnable expectAgain = () -> {};
  private long echoes;

  /** What came in since the last request, for whoever wants to see it. */
  private final ByteBuffer seen = ByteBuffer.allocate(MOST_SEEN).limit(0);

  private int watchedPlace = -1;

  /**
   * @param echo whether the port hears what it sends
   * @param timeoutNanos how long a device has to answer
   * @param slots most requests at once; 1 without transaction ids
   */
  public Exchange(Channel channel, Framing framing, boolean echo, long timeoutNanos, int slots) {
    this.channel = channel;
    this.framing = framing;
    this.echo = echo;
    this.timeoutNanos = timeoutNanos;
    this.modbus = new ModbusReplyParser(framing, slots);
    this.busy = new boolean[slots];
    this.sentNanos = new long[slots];
    this.deadlineNanos = new long[slots];
  }

  public boolean busy() {
    return inFlight > 0;
  }

  /** A slot in which nothing is asked; -1 if there is none, or a request has still to leave. */
  public int freeSlot() {
    if (out.hasRemaining()) {
      return -1;
    }
    for (int i = 0; i < busy.length; i++) {
      if (!busy[i]) {
        return i;
      }
    }
    return -1;
  }

  public boolean isBusy(int place) {
    return busy[place];
  }

  /**
   * Whether a TCP frame that nobody waits for any more has begun and not ended: whatever comes next
   * would be taken for the rest of it.
   */
  public boolean isWithinFrame() {
    return framing == Framing.TCP && inFlight == 0 && modbus.received() > 0;
  }

  /** When a request is given up, or must be sent on. */
  public long dueNanos() {
    long due = out.hasRemaining() ? sentNanos[sending] + RETRY_SEND_NANOS : Long.MAX_VALUE;
    for (int i = 0; i < busy.length; i++) {
      if (busy[i]) {
        due = Math.min(due, deadlineNanos[i]);
      }
    }
    return due;
  }

  /** Whose outcome the last one was. */
  public int slot() {
    return slot;
  }

  /** When the present or last request of the last outcome's slot was sent. */
  public long sentNanos() {
    return sentNanos[slot];
  }

  /** Frames (TCP) and bytes (serial) that were no answer to anything asked, since start. */
  public long foreign() {
    return foreign + modbus.foreignFrames();
  }

  /** Requests of another master that were heard, since start. */
  public long strangers() {
    return overheard.requests();
  }

  /** Whether bytes stood behind the last reply although nothing more was asked. */
  public boolean surplus() {
    return surplus;
  }

  /** A new connection: nothing of the old one counts any more. */
  public void restart() {
    java.util.Arrays.fill(busy, false);
    inFlight = 0;
    for (int i = 0; i < busy.length; i++) {
      modbus.forget(i);
    }
    modbus.restart();
    overheard.clear();
    in.clear().limit(0);
    out.clear().limit(0);
    watchedPlace = -1;
    maybeEcho = null;
  }

  /**
   * Sends a request. On a serial line what has come in unasked is thrown away before.
   *
   * @param place a free slot
   * @param address of a meter that has one; null of a Modbus unit
   * @param wireNanos time that request and reply need on the wire, beside the device's own
   */
  public void begin(
      int place, int unit, @Nullable Address address, Ask ask, long wireNanos, long now) {
    begin(place, unit, address, ask, wireNanos, timeoutNanos, false, now);
  }

  /**
   * The same, with a time of its own.
   *
   * @param patienceNanos how long the answer is waited for beside its time on the wire
   * @param watched whether {@link #received} is asked for
   */
  public void begin(
      int place,
      int unit,
      @Nullable Address address,
      Ask ask,
      long wireNanos,
      long patienceNanos,
      boolean watched,
      long now) {
    // 65,536 ids in turn: none comes back within 65,535 requests, and a reconnection does not begin
    // anew, because a gateway may still hold what an earlier connection asked.
    transaction = (transaction + 1) & 0xFFFF;
    if (framing != Framing.TCP) {
      discard();
      overheard.clear();
    }
    int length =
        switch (ask) {
          case Ask.Registers(var read) -> {
            speech = Speech.REGISTERS;
            int id = transaction;
            expectAgain = () -> modbus.expect(place, unit, id, read);
            expectAgain.run();
            yield framing.encode(unit, transaction, read, request);
          }
          case Ask.Item(var read) -> {
            speech = Speech.ITEM;
            Address meter = java.util.Objects.requireNonNull(address, "an item is a meter's");
            expectAgain = () -> items.expect(meter, read);
            expectAgain.run();
            yield Frames.encode(meter, read, request);
          }
          case Ask.Telegrams telegrams -> {
            speech = Speech.TELEGRAMS;
            yield expectTelegrams(address);
          }
          case Ask.AnyMeter(var family) when family == MeterFamily.MBUS -> {
            speech = Speech.ANY_TELEGRAMS;
            yield expectTelegrams(null);
          }
          case Ask.AnyMeter(var family) -> {
            speech = Speech.ITEM;
            expectAgain = () -> items.expectAddress(family);
            expectAgain.run();
            yield Frames.encodeAddressQuestion(family, request);
          }
        };
    put(length);
    if (watched) {
      watchedPlace = place;
      seen.clear();
    }
    surplus = false;
    sending = place;
    slot = place;
    busy[place] = true;
    inFlight++;
    sentNanos[place] = now;
    stepNanos = wireNanos + patienceNanos;
    // An acknowledgement is short: who is not there is known before a telegram could have come.
    boolean telegrams = speech == Speech.TELEGRAMS || speech == Speech.ANY_TELEGRAMS;
    deadlineNanos[place] =
        now + (telegrams ? wireNanos / LONG_TO_SHORT + patienceNanos : stepNanos);
  }

  private int expectTelegrams(@Nullable Address meter) {
    readout.expect(meter);
    arrivals.clear();
    expectAgain = readout::again;
    return readout.request(request);
  }

  /** The request, of so many bytes, is ready to leave. */
  private void put(int length) {
    requested = length;
    heardBytes = 0;
    maybeEcho = null;
    echoHeard = false;
    out.clear().limit(length);
    echoed = echo ? 0 : length;
  }

  private void discard() {
    foreign += in.remaining();
    overheard.hear(in);
    in.clear().limit(0);
  }

  /** Goes on with the requests that are out; {@link #slot} says whose outcome it is. */
  public Outcome advance(long now) {
    if (out.hasRemaining()) {
      if (channel.send(out) < 0) {
        return broken();
      }
      if (out.hasRemaining()) {
        return now < deadlineNanos[sending] ? Pending.INSTANCE : stuck();
      }
    }
    // Bounded, so that a peer that floods the line does not keep its thread here.
    for (int chunks = 0; chunks < MOST_CHUNKS; chunks++) {
      if (in.hasRemaining()) {
        Outcome outcome = skipEcho() ? take(now) : echoDiffers();
        if (outcome != null) {
          return outcome;
        }
      }
      int count = fill();
      if (count < 0) {
        return broken();
      }
      if (count == 0) {
        break;
      }
    }
    for (int i = 0; i < busy.length; i++) {
      if (busy[i] && now >= deadlineNanos[i]) {
        return silent(i);
      }
    }
    return Pending.INSTANCE;
  }

  /** Half a request would be taken for the beginning of the next one. */
  private Outcome stuck() {
    return framing == Framing.RTU ? silent(sending) : broken();
  }

  private @Nullable Outcome take(long now) {
    if (maybeEcho != null) {
      return hearOwnRequest(now);
    }
    return switch (speech) {
      case REGISTERS -> takeRegisters(now);
      case ITEM -> takeItem(now);
      case TELEGRAMS, ANY_TELEGRAMS -> takeTelegrams(now);
    };
  }

  // A port that hears itself although nobody said so: what came is thrown away only once it turns
  // out to be anything else than the whole request.

  private boolean isEchoSoFar() {
    return framing != Framing.TCP
        && !echo
        && !echoHeard
        && java.util.Arrays.equals(heard, 0, heardBytes, request, 0, heardBytes);
  }

  /**
   * Whether what looks like an answer is the whole request: that of 17 to 24 bits at 0x0300 to
   * 0x03FF has the form of its own reply. The first one to come is the echo.
   */
  private boolean isOwnRequest() {
    return heardBytes == requested && isEchoSoFar();
  }

  /** What came is no answer, unless it is the request itself. */
  private @Nullable Outcome flawed(int place, Garbled garbled, long now) {
    if (!isEchoSoFar()) {
      return over(place, garbled);
    }
    slot = place;
    maybeEcho = garbled;
    return hearOwnRequest(now);
  }

  private @Nullable Outcome hearOwnRequest(long now) {
    Garbled garbled = maybeEcho;
    in.position(in.limit());
    if (garbled != null && !isEchoSoFar()) {
      maybeEcho = null;
      return over(slot, garbled);
    }
    if (heardBytes < requested) {
      return null;
    }
    maybeEcho = null;
    echoHeard = true;
    echoes++;
    expectAgain.run();
    // What came behind it in one go is the beginning of the reply.
    in.position(in.limit() - behind);
    return in.hasRemaining() ? take(now) : null;
  }

  /** Requests that the port heard itself make although {@code echo} is not set, since start. */
  public long echoes() {
    return echoes;
  }

  private @Nullable Outcome takeRegisters(long now) {
    ModbusReply reply = modbus.feed(in);
    return switch (reply) {
      case ModbusReply.NeedMore() -> null;
      case ModbusReply.Words words when isOwnRequest() -> flawed(modbus.slot(), OWN_REQUEST, now);
      case ModbusReply.Words words -> over(modbus.slot(), new Outcome.Registers(words));
      case ModbusReply.Refused(int code) -> over(modbus.slot(), new Outcome.Refused(code));
      case ModbusReply.Rejected(var flaw, var what) ->
          flaw == ModbusReply.Flaw.FRAMING
              ? over(askedFor(modbus.slot()), new Garbled(Flaw.FRAMING, what))
              : flawed(modbus.slot(), new Garbled(Flaw.ANY, what), now);
    };
  }

  private @Nullable Outcome takeTelegrams(long now) {
    return switch (readout.feed(in)) {
      case ReadoutReply.NeedMore() -> null;
      case ReadoutReply.Further() -> {
        arrivals.add(now);
        put(readout.request(request));
        deadlineNanos[slot] = now + stepNanos;
        yield null;
      }
      case ReadoutReply.Complete(var told) when speech == Speech.ANY_TELEGRAMS ->
          over(slot, new Outcome.Here(teller(told)));
      case ReadoutReply.Complete(var told) -> {
        arrivals.add(now);
        // The first is that of the acknowledgement.
        yield over(slot, new Outcome.Telegrams(told, arrivals.subList(1, arrivals.size())));
      }
      case ReadoutReply.Refused(int error) -> over(slot, new Outcome.Refused(error));
      case ReadoutReply.Rejected(var flaw, var what) ->
          flawed(slot, new Garbled(Flaw.ANY, what), now);
    };
  }

  /** By its primary address; who has not been given one, by the secondary. */
  private static Address teller(Telegrams told) {
    int primary = told.first().address();
    String identification = told.first().identification();
    return Address.of(
        primary > 0 && primary <= 250
            ? "mbus-" + primary
            : "mbus-" + (identification.isEmpty() ? "0" : identification));
  }

  private @Nullable Outcome takeItem(long now) {
    return switch (items.feed(in)) {
      case io.lingtan.agent.acquire.item.ItemReply.NeedMore() -> null;
      case io.lingtan.agent.acquire.item.ItemReply.Item reply ->
          over(slot, new Outcome.Item(reply));
      case io.lingtan.agent.acquire.item.ItemReply.Refused(int error) ->
          over(slot, new Outcome.Refused(error));
      case io.lingtan.agent.acquire.item.ItemReply.Here(var address) ->
          over(slot, new Outcome.Here(address));
      case io.lingtan.agent.acquire.item.ItemReply.Rejected(var flaw, var what) ->
          flawed(
              slot,
              new Garbled(
                  switch (flaw) {
                    case LENGTH, MORE -> Flaw.LENGTH;
                    default -> Flaw.ANY;
                  },
                  what),
              now);
    };
  }

  /** Whose reply lost its framing, if that is known. */
  private int askedFor(int place) {
    return busy[place] ? place : firstBusy();
  }

  private int firstBusy() {
    int first = 0;
    while (first < busy.length - 1 && !busy[first]) {
      first++;
    }
    return first;
  }

  private Outcome over(int place, Outcome outcome) {
    if (framing == Framing.TCP && place == watchedPlace) {
      seen.clear().put(modbus.frame());
    }
    end(place);
    if (framing != Framing.TCP && in.hasRemaining()) {
      surplus = true;
      discard();
    }
    return outcome;
  }

  private void end(int place) {
    slot = place;
    if (busy[place]) {
      busy[place] = false;
      inFlight--;
    }
    modbus.forget(place);
  }

  /** Takes the echo of the request off; false if it is not what was sent. */
  private boolean skipEcho() {
    int length = out.limit();
    while (echoed < length && in.hasRemaining()) {
      if (in.get() != request[echoed]) {
        return false;
      }
      echoed++;
    }
    return true;
  }

  private Outcome echoDiffers() {
    return over(
        sending,
        new Garbled(
            Flaw.ANY,
            "the port did not hear its own request unchanged: two senders, or echo: false"));
  }

  private Outcome silent(int place) {
    Garbled garbled = maybeEcho;
    if (garbled != null) {
      maybeEcho = null;
      return over(place, garbled);
    }
    out.limit(out.position());
    int received =
        switch (speech) {
          case REGISTERS -> modbus.received();
          case ITEM -> items.received();
          case TELEGRAMS, ANY_TELEGRAMS -> readout.received();
        };
    end(place);
    return new Silent(received);
  }

  private Outcome broken() {
    slot = firstBusy();
    restart();
    return new Broken(trouble());
  }

  private Trouble trouble() {
    Trouble trouble = channel.trouble();
    return trouble != null
        ? trouble
        : new Trouble(
            Reason.TIMEOUT,
            new Sentence(
                channel.where() + " broke off; it will be opened again",
                channel.where() + " 断开了，会自动重新打开"));
  }

  private int fill() {
    in.clear();
    int count = channel.receive(in);
    in.flip();
    if (count > 0 && framing != Framing.TCP && inFlight > 0) {
      int own = Math.min(count, requested - heardBytes);
      System.arraycopy(in.array(), 0, heard, heardBytes, own);
      heardBytes += own;
      behind = count - own;
    }
    if (count > 0 && watchedPlace >= 0 && framing != Framing.TCP) {
      seen.put(in.array(), 0, Math.min(count, seen.remaining()));
    }
    return count;
  }

  /** A copy of the last request's frame. */
  public byte[] request() {
    return java.util.Arrays.copyOf(request, requested);
  }

  /**
   * What came in for the request that was watched and has come to {@code outcome}: over TCP its own
   * frame, on a serial line all bytes since it was sent.
   */
  public byte[] received(Outcome outcome) {
    boolean nothing = framing == Framing.TCP && outcome instanceof Silent;
    byte[] all = nothing ? new byte[0] : java.util.Arrays.copyOf(seen.array(), seen.position());
    seen.clear().limit(0);
    watchedPlace = -1;
    return all;
  }

  /**
   * Takes what arrives while nothing is asked. Serial bytes are thrown away; TCP frames are passed
   * over whole.
   *
   * @return {@link Pending} if nothing came, {@link Silent} with the bytes that did, or {@link
   *     Broken}; {@link Garbled} if framing is lost
   */
  public Outcome idle() {
    int total = 0;
    do {
      int count = in.hasRemaining() ? in.remaining() : fill();
      if (count < 0) {
        return broken();
      }
      if (count == 0) {
        return total == 0 ? Pending.INSTANCE : new Silent(total);
      }
      total += count;
      if (framing == Framing.TCP) {
        if (modbus.feed(in) instanceof ModbusReply.Rejected(var flaw, var what)) {
          return new Garbled(Flaw.FRAMING, what);
        }
      } else {
        discard();
      }
    } while (total < 4096);
    return new Silent(total);
  }
}
