package io.lingtan.agent.acquire.modbus;

import io.lingtan.agent.acquire.modbus.ModbusReply.Flaw;
import io.lingtan.agent.acquire.modbus.ModbusReply.NeedMore;
import io.lingtan.agent.acquire.modbus.ModbusReply.Refused;
import io.lingtan.agent.acquire.modbus.ModbusReply.Rejected;
import io.lingtan.agent.acquire.modbus.ModbusReply.Words;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Checks one reply at a time against the request that it must answer, fed with whatever chunks of
 * bytes come in. Over TCP several requests may be out at once: a reply belongs to the one whose
 * transaction id it has.
 *
 * <p>A reply counts only if unit, function, byte count, CRC (RTU) and transaction id (TCP) fit. The
 * end of an RTU frame is where its expected length says, never where the line falls silent. A TCP
 * frame with another transaction id is an answer to something given up: it is passed over whole and
 * counted. Bytes behind a complete reply are left in the buffer: they belong to nobody.
 *
 * <p>A gateway that cuts a TCP reply short still says in its header how long it should be: the
 * first bytes of the next frame, perhaps another unit's, would make it whole, and no check sum says
 * so. Such a reply is refused, because what stands behind it then begins in the middle of a frame,
 * or because the beginning of a reply that is still to come stands within it.
 *
 * <p>Never throws for bytes. Not thread-safe.
 */
public final class ModbusReplyParser {

  private static final int HEADER = 6;
  private static final int EXCEPTION = 0x80;

  /** No transaction id. */
  private static final int NOTHING = -1;

  private final Framing framing;
  private final byte[] frame = new byte[HEADER + 254];
  private int size;
  private final int[] units;
  private final int[] transactions;
  private final BlockRead[] reads;
  private final OpenRequests open = new OpenRequests();
  private int slot;
  private ModbusReply result = NeedMore.INSTANCE;
  private long foreignFrames;

  /** For one request at a time. */
  public ModbusReplyParser(Framing framing) {
    this(framing, 1);
  }

  /**
   * For several requests at a time, which only TCP can tell apart.
   *
   * @param slots most requests that are out at once, ≥ 1; 1 without transaction ids
   */
  public ModbusReplyParser(Framing framing, int slots) {
    if (slots < 1 || (slots > 1 && !framing.hasTransactions())) {
      throw new IllegalArgumentException(slots + " requests at once over " + framing);
    }
    this.framing = framing;
    this.units = new int[slots];
    this.transactions = new int[slots];
    this.reads = new BlockRead[slots];
    Arrays.fill(transactions, NOTHING);
    Arrays.fill(reads, new BlockRead(3, 0, 1));
  }

  /**
   * Waits for the answer to this request and no other. RTU bytes fed so far are forgotten; a TCP
   * frame that has begun is kept, because its end must be known to find the next one.
   *
   * @param transaction 0..65535; -1 if nothing is asked and each TCP frame is to be passed over
   */
  public void expect(int unit, int transaction, BlockRead read) {
    expect(0, unit, transaction, read);
  }

  /** The same for one of several requests: {@code place} is 0 to one below the most at a time. */
  public void expect(int place, int unit, int transaction, BlockRead read) {
    units[place] = unit;
    transactions[place] = transaction;
    reads[place] = read;
    if (framing == Framing.TCP && transaction != NOTHING) {
      open.add(transaction, unit, read.function());
    }
    more();
  }

  /** The request has been answered or given up: a TCP reply that comes still is passed over. */
  public void forget(int place) {
    transactions[place] = NOTHING;
    more();
  }

  private void more() {
    if (framing != Framing.TCP || !(result instanceof NeedMore)) {
      this.size = 0;
    }
    this.result = NeedMore.INSTANCE;
  }

  /** Forgets everything fed so far: the connection is a new one. */
  public void restart() {
    size = 0;
    open.clear();
    result = NeedMore.INSTANCE;
  }

  /** Whole TCP frames passed over since start because their transaction id was another's. */
  public long foreignFrames() {
    return foreignFrames;
  }

  /** Which of several requests the last reply belongs to. */
  public int slot() {
    return slot;
  }

  /** A copy of the present frame, as far as it came in. */
  public byte[] frame() {
    return Arrays.copyOf(frame, size);
  }

  /** Bytes of the present frame that came in so far. */
  public int received() {
    return size;
  }

  /**
   * Takes bytes up to the end of the reply. Once the result is not {@link NeedMore} it stays the
   * same, and nothing more is taken, until {@link #expect}.
   */
  public ModbusReply feed(ByteBuffer bytes) {
    while (result instanceof NeedMore) {
      int missing = needed() - size;
      int taken = Math.min(missing, bytes.remaining());
      bytes.get(frame, size, taken);
      size += taken;
      if (taken < missing) {
        return result;
      }
      result = framing == Framing.TCP ? checkTcp(bytes) : checkRtu();
    }
    return result;
  }

  /** Bytes at which the next decision can be made. */
  private int needed() {
    if (framing == Framing.TCP) {
      return size < HEADER ? HEADER : HEADER + length();
    }
    if (size < 3) {
      return size + 1;
    }
    return (frame[1] & EXCEPTION) != 0 ? 5 : 5 + read().valueBytes();
  }

  private BlockRead read() {
    return reads[slot];
  }

  private int length() {
    return (frame[4] & 0xFF) << 8 | (frame[5] & 0xFF);
  }

  private ModbusReply checkTcp(ByteBuffer behind) {
    int protocol = (frame[2] & 0xFF) << 8 | (frame[3] & 0xFF);
    int length = length();
    if (protocol != 0 || length < 2 || length > 254) {
      return new Rejected(
          Flaw.FRAMING, "not a Modbus TCP header: protocol " + protocol + ", length " + length);
    }
    if (size < HEADER + length) {
      return NeedMore.INSTANCE;
    }
    int transaction = (frame[0] & 0xFF) << 8 | (frame[1] & 0xFF);
    boolean own = find(transaction);
    ModbusReply reply = own ? checkOwn(length, behind) : NeedMore.INSTANCE;
    open.answered(transaction);
    if (!own) {
      foreignFrames++;
      size = 0;
    }
    return reply;
  }

  private ModbusReply checkOwn(int length, ByteBuffer behind) {
    @Nullable ModbusReply flaw = checkHead(frame[HEADER] & 0xFF, frame[HEADER + 1] & 0xFF);
    if (flaw != null) {
      return flaw;
    }
    if (!OpenRequests.mayBeFrame(behind)) {
      return new Rejected(
          Flaw.FRAMING,
          "what came behind a reply begins in the middle: it may have been cut short, and its last"
              + " bytes another's");
    }
    // Also of this one itself: a reply that comes twice may be cut short the first time.
    if (open.beginWithin(frame, HEADER + 1, size, behind)) {
      return new Rejected(
          Flaw.FRAMING, "the beginning of another reply stands in this one: it was cut short");
    }
    if ((frame[HEADER + 1] & EXCEPTION) != 0) {
      return length == 3 ? refused(frame[HEADER + 2] & 0xFF) : wrongLength(length, 3);
    }
    if (length != 3 + read().valueBytes()) {
      return wrongLength(length, 3 + read().valueBytes());
    }
    @Nullable ModbusReply count = checkCount(frame[HEADER + 2] & 0xFF);
    return count != null ? count : words(HEADER + 3);
  }

  private boolean find(int transaction) {
    for (int i = 0; i < transactions.length; i++) {
      if (transactions[i] == transaction) {
        slot = i;
        return true;
      }
    }
    return false;
  }

  private ModbusReply checkRtu() {
    @Nullable ModbusReply flaw =
        switch (size) {
          case 1 -> checkUnit(frame[0] & 0xFF);
          case 2 -> checkHead(frame[0] & 0xFF, frame[1] & 0xFF);
          case 3 -> (frame[1] & EXCEPTION) != 0 ? null : checkCount(frame[2] & 0xFF);
          default -> checkWhole();
        };
    return flaw != null ? flaw : NeedMore.INSTANCE;
  }

  private ModbusReply checkWhole() {
    int crc = Crc.of(frame, size - 2);
    int seen = (frame[size - 2] & 0xFF) | (frame[size - 1] & 0xFF) << 8;
    if (crc != seen) {
      return new Rejected(
          Flaw.CRC, "CRC " + hex(seen) + " does not fit the frame, " + hex(crc) + " would");
    }
    return (frame[1] & EXCEPTION) != 0 ? refused(frame[2] & 0xFF) : words(3);
  }

  private @Nullable ModbusReply checkUnit(int seen) {
    return seen == units[slot]
        ? null
        : new Rejected(Flaw.UNIT, "unit " + seen + " answered, unit " + units[slot] + " was asked");
  }

  private @Nullable ModbusReply checkHead(int seenUnit, int seenFunction) {
    if (seenUnit != units[slot]) {
      return checkUnit(seenUnit);
    }
    return (seenFunction & ~EXCEPTION) == read().function()
        ? null
        : new Rejected(
            Flaw.FUNCTION,
            "function " + seenFunction + " answered, function " + read().function() + " was asked");
  }

  private @Nullable ModbusReply checkCount(int seen) {
    return seen == read().valueBytes()
        ? null
        : new Rejected(
            Flaw.BYTE_COUNT, seen + " value bytes came, " + read().valueBytes() + " were asked");
  }

  private static ModbusReply wrongLength(int seen, int expected) {
    return new Rejected(Flaw.LENGTH, "length " + seen + " came, " + expected + " was expected");
  }

  private static ModbusReply refused(int code) {
    return code == 0
        ? new Rejected(Flaw.EXCEPTION_CODE, "an exception without a code came")
        : new Refused(code);
  }

  private Words words(int from) {
    byte[] bytes = new byte[read().valueBytes()];
    System.arraycopy(frame, from, bytes, 0, bytes.length);
    return new Words(read(), bytes);
  }

  private static String hex(int word) {
    return "0x" + Integer.toHexString(0x10000 | word).substring(1);
  }
}
