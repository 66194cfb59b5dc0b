package io.lingtan.agent.acquire.item;

import io.lingtan.agent.acquire.item.ItemReply.Flaw;
import io.lingtan.agent.acquire.item.ItemReply.Here;
import io.lingtan.agent.acquire.item.ItemReply.Item;
import io.lingtan.agent.acquire.item.ItemReply.NeedMore;
import io.lingtan.agent.acquire.item.ItemReply.Refused;
import io.lingtan.agent.acquire.item.ItemReply.Rejected;
import io.lingtan.agent.reading.MeterFamily;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Checks one reply of a DL/T 645 or CJ/T 188 meter at a time against the request that it must
 * answer, fed with whatever chunks of bytes come in.
 *
 * <p>A reply counts only if address, control code, length, check sum and data identifier fit. FEH
 * bytes before 68H wake the line up and are passed over; any other byte there, and the frame is not
 * believed. The end of a frame is where its length says. Bytes behind a complete reply are left in
 * the buffer: they belong to nobody.
 *
 * <p>Never throws for bytes. Not thread-safe.
 */
public final class ItemReplyParser {

  private static final int MOST_WAKE_UPS = 16;
  private static final int FROM_METER = 0x80;
  private static final int MORE = 0x20;
  private static final int ERROR = 0x40;
  private static final int LONGEST_HEAD = 11;

  /** A CJ/T 188 meter refuses with its status, which does not say why: as "other error". */
  private static final int OTHER_ERROR = 1;

  private final byte[] frame = new byte[LONGEST_HEAD + 255 + Frames.TAIL];
  private int size;
  private int wakeUps;
  private Frames frames = Frames.DLT645;
  private Address address = Address.any(MeterFamily.DLT645);
  private @Nullable ItemRead read;
  private ItemReply result = NeedMore.INSTANCE;

  /** Waits for the answer to this request. Bytes fed so far are forgotten. */
  public void expect(Address meter, ItemRead item) {
    frames = Frames.of(meter.family());
    address = meter;
    read = item;
    restart();
  }

  /** Waits for a meter of the protocol to tell its address. */
  public void expectAddress(MeterFamily family) {
    frames = Frames.of(family);
    address = Address.any(family);
    read = null;
    restart();
  }

  /** Forgets everything fed so far. */
  public void restart() {
    size = 0;
    wakeUps = 0;
    result = NeedMore.INSTANCE;
  }

  /** Bytes that came in so far, FEH in front included. */
  public int received() {
    return wakeUps + size;
  }

  /**
   * Takes bytes up to the end of the reply. Once the result is not {@link NeedMore} it stays the
   * same, and nothing more is taken, until something else is expected.
   */
  public ItemReply feed(ByteBuffer bytes) {
    while (result instanceof NeedMore && bytes.hasRemaining()) {
      byte next = bytes.get();
      if (size == 0 && (next & 0xFF) == Frames.WAKE_UP && wakeUps < MOST_WAKE_UPS) {
        wakeUps++;
        continue;
      }
      frame[size++] = next;
      ItemReply decided = check();
      if (decided != null) {
        result = decided;
      }
    }
    return result;
  }

  /** Null as long as everything so far may be the beginning of the answer. */
  private @Nullable ItemReply check() {
    if (size <= frames.head()) {
      return checkHead();
    }
    int whole = frames.head() + length() + Frames.TAIL;
    return size < whole ? null : checkWhole(whole);
  }

  private int control() {
    return frame[frames.controlAt()] & 0xFF;
  }

  private int length() {
    return frame[frames.lengthAt()] & 0xFF;
  }

  private @Nullable ItemReply checkHead() {
    if (size == 1) {
      return isStart(0) ? null : flaw(Flaw.NOISE, hex(frame[0]) + " came in front of 68H");
    }
    int controlAt = frames.controlAt();
    return size == controlAt
        ? checkAddress()
        : size == controlAt + 1 ? checkControl() : size == controlAt + 2 ? checkLength() : null;
  }

  private boolean isStart(int at) {
    return frame[at] == Frames.START;
  }

  private @Nullable ItemReply checkAddress() {
    int behind = 1 + frames.addressBytes();
    if (frames.hasSecondStart() && !isStart(behind)) {
      return flaw(Flaw.FRAME, hex(frame[behind]) + " stands where the second 68H should");
    }
    if (read == null || address.isAt(frame, 1)) {
      return null;
    }
    Address other = Address.at(frames.family(), frame, 1, 0);
    return flaw(
        Flaw.ADDRESS,
        (other == null ? "no address" : "meter " + other)
            + " answered, meter "
            + address
            + " was asked");
  }

  private @Nullable ItemReply checkControl() {
    int control = control();
    if ((control & FROM_METER) == 0) {
      return flaw(Flaw.CONTROL, "a request came: another master is on the line, or an echo");
    }
    int value = FROM_METER | frames.read();
    if (control == (value | MORE) && read != null) {
      return flaw(Flaw.MORE, "the value of " + read + " goes on in further frames");
    }
    boolean fits =
        read == null
            ? control == (FROM_METER | frames.readAddress())
            : control == value || control == (value | ERROR);
    return fits
        ? null
        : flaw(Flaw.CONTROL, "control code " + hex((byte) control) + " is no answer to a read");
  }

  private boolean isRefusal() {
    return (control() & ERROR) != 0;
  }

  private @Nullable ItemReply checkLength() {
    int expected = frames.addressReplyData();
    ItemRead item = read;
    if (item != null) {
      int refusal = frames.hasSerial() ? 3 : 1;
      expected = isRefusal() ? refusal : frames.inFrontOfValue() + item.bytes();
    }
    return length() == expected
        ? null
        : flaw(Flaw.LENGTH, length() + " bytes of data came, " + expected + " were expected");
  }

  private ItemReply checkWhole(int whole) {
    int end = whole - Frames.TAIL;
    int sum = Frames.sum(frame, 0, end);
    if (sum != (frame[end] & 0xFF)) {
      return flaw(
          Flaw.SUM,
          "check sum "
              + hex(frame[end])
              + " does not fit the frame, "
              + hex((byte) sum)
              + " would");
    }
    if (frame[whole - 1] != Frames.END) {
      return flaw(Flaw.FRAME, hex(frame[whole - 1]) + " stands where 16H should");
    }
    ItemRead item = read;
    return item == null ? checkHere() : isRefusal() ? checkRefusal(item) : checkItem(item);
  }

  private ItemReply checkHere() {
    boolean inData = !frames.hasSerial();
    if (!inData && identifier() != Frames.ADDRESS_ITEM) {
      return flaw(Flaw.ITEM, "DI %04X came, the address was asked".formatted(identifier()));
    }
    int at = inData ? frames.head() : 1;
    Address here = Address.at(frames.family(), frame, at, inData ? frames.offset() : 0);
    return here == null
        ? flaw(Flaw.ADDRESS, "an address that is no decimal number came")
        : new Here(here);
  }

  private ItemReply checkRefusal(ItemRead item) {
    if (frames.hasSerial()) {
      return (frame[frames.head()] & 0xFF) == item.serial()
          ? new Refused(OTHER_ERROR)
          : flaw(Flaw.ITEM, "a refusal of another request came");
    }
    int error = (frame[frames.head()] - frames.offset()) & 0xFF;
    return error == 0
        ? flaw(Flaw.ERROR_BYTE, "an error reply without an error came")
        : new Refused(error);
  }

  private int identifier() {
    int id = 0;
    for (int i = frames.identifierBytes() - 1; i >= 0; i--) {
      id = (id << 8) | ((frame[frames.head() + i] - frames.offset()) & 0xFF);
    }
    return id;
  }

  private ItemReply checkItem(ItemRead item) {
    int id = identifier();
    if (id != item.id()) {
      return flaw(Flaw.ITEM, "DI %08X came, %s was asked".formatted(id, item));
    }
    int at = frames.head() + frames.inFrontOfValue();
    if (frames.hasSerial() && (frame[at - 1] & 0xFF) != item.serial()) {
      return flaw(
          Flaw.ITEM, "serial %d came, %d was asked".formatted(frame[at - 1] & 0xFF, item.serial()));
    }
    byte[] value = new byte[item.bytes()];
    for (int i = 0; i < value.length; i++) {
      value[i] = (byte) (frame[at + i] - frames.offset());
    }
    return new Item(item, value);
  }

  private static Rejected flaw(Flaw flaw, String what) {
    return new Rejected(flaw, what);
  }

  private static String hex(byte value) {
    return "%02XH".formatted(value);
  }
}
