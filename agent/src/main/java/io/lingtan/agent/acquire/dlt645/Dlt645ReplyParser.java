package io.lingtan.agent.acquire.dlt645;

import io.lingtan.agent.acquire.dlt645.Dlt645Reply.Flaw;
import io.lingtan.agent.acquire.dlt645.Dlt645Reply.Here;
import io.lingtan.agent.acquire.dlt645.Dlt645Reply.Item;
import io.lingtan.agent.acquire.dlt645.Dlt645Reply.NeedMore;
import io.lingtan.agent.acquire.dlt645.Dlt645Reply.Refused;
import io.lingtan.agent.acquire.dlt645.Dlt645Reply.Rejected;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Checks one reply at a time against the request that it must answer, fed with whatever chunks of
 * bytes come in.
 *
 * <p>A reply counts only if address, control code, length, check sum and data identifier fit. FEH
 * bytes before 68H wake the line up and are passed over; any other byte there, and the frame is not
 * believed. The end of a frame is where its length says. Bytes behind a complete reply are left in
 * the buffer: they belong to nobody.
 *
 * <p>Never throws for bytes. Not thread-safe.
 */
public final class Dlt645ReplyParser {

  private static final int MOST_WAKE_UPS = 16;
  private static final int FROM_METER = 0x80;
  private static final int VALUE = FROM_METER | Frames.READ;
  private static final int VALUE_AND_MORE = VALUE | 0x20;
  private static final int ERROR = VALUE | 0x40;
  private static final int ADDRESS = FROM_METER | Frames.READ_ADDRESS;

  private static final int CONTROL_AT = 8;
  private static final int LENGTH_AT = 9;

  private final byte[] frame = new byte[Frames.HEAD + 255 + Frames.TAIL];
  private int size;
  private int wakeUps;
  private Address address = Address.ANY;
  private @Nullable ItemRead read;
  private Dlt645Reply result = NeedMore.INSTANCE;

  /** Waits for the answer to this request. Bytes fed so far are forgotten. */
  public void expect(Address meter, ItemRead item) {
    address = meter;
    read = item;
    restart();
  }

  /** Waits for a meter to tell its address. */
  public void expectAddress() {
    address = Address.ANY;
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
  public Dlt645Reply feed(ByteBuffer bytes) {
    while (result instanceof NeedMore && bytes.hasRemaining()) {
      byte next = bytes.get();
      if (size == 0 && (next & 0xFF) == Frames.WAKE_UP && wakeUps < MOST_WAKE_UPS) {
        wakeUps++;
        continue;
      }
      frame[size++] = next;
      Dlt645Reply decided = check();
      if (decided != null) {
        result = decided;
      }
    }
    return result;
  }

  /** Null as long as everything so far may be the beginning of the answer. */
  private @Nullable Dlt645Reply check() {
    if (size <= LENGTH_AT + 1) {
      return checkHead();
    }
    int whole = Frames.HEAD + (frame[LENGTH_AT] & 0xFF) + Frames.TAIL;
    return size < whole ? null : checkWhole(whole);
  }

  private @Nullable Dlt645Reply checkHead() {
    return switch (size) {
      case 1 -> isStart(0) ? null : flaw(Flaw.NOISE, hex(frame[0]) + " came in front of 68H");
      case CONTROL_AT -> checkAddress();
      case CONTROL_AT + 1 -> checkControl(frame[CONTROL_AT] & 0xFF);
      case LENGTH_AT + 1 -> checkLength(frame[LENGTH_AT] & 0xFF);
      default -> null;
    };
  }

  private boolean isStart(int at) {
    return frame[at] == Frames.START;
  }

  private @Nullable Dlt645Reply checkAddress() {
    if (!isStart(7)) {
      return flaw(Flaw.FRAME, hex(frame[7]) + " stands where the second 68H should");
    }
    if (read == null || address.isAt(frame, 1)) {
      return null;
    }
    long digits = Address.digitsAt(frame, 1, 0);
    return flaw(
        Flaw.ADDRESS,
        (digits < 0 ? "no address" : "meter " + new Address(digits))
            + " answered, meter "
            + address
            + " was asked");
  }

  private @Nullable Dlt645Reply checkControl(int control) {
    if ((control & FROM_METER) == 0) {
      return flaw(Flaw.CONTROL, "a request came: another master is on the line, or an echo");
    }
    if (control == VALUE_AND_MORE && read != null) {
      return flaw(Flaw.MORE, "the value of " + read + " goes on in further frames");
    }
    boolean fits = read == null ? control == ADDRESS : control == VALUE || control == ERROR;
    return fits
        ? null
        : flaw(Flaw.CONTROL, "control code " + hex((byte) control) + " is no answer to a read");
  }

  private @Nullable Dlt645Reply checkLength(int length) {
    int expected = Address.BYTES;
    ItemRead item = read;
    if (item != null) {
      expected = (frame[CONTROL_AT] & 0xFF) == ERROR ? 1 : Frames.IDENTIFIER_BYTES + item.bytes();
    }
    return length == expected
        ? null
        : flaw(Flaw.LENGTH, length + " bytes of data came, " + expected + " were expected");
  }

  private Dlt645Reply checkWhole(int whole) {
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
    if (item == null) {
      long digits = Address.digitsAt(frame, Frames.HEAD, Frames.OFFSET);
      return digits < 0
          ? flaw(Flaw.ADDRESS, "an address that is no decimal number came")
          : new Here(new Address(digits));
    }
    if ((frame[CONTROL_AT] & 0xFF) == ERROR) {
      int error = (frame[Frames.HEAD] - Frames.OFFSET) & 0xFF;
      return error == 0
          ? flaw(Flaw.ERROR_BYTE, "an error reply without an error came")
          : new Refused(error);
    }
    return checkItem(item);
  }

  private Dlt645Reply checkItem(ItemRead item) {
    int id = 0;
    for (int i = Frames.IDENTIFIER_BYTES - 1; i >= 0; i--) {
      id = (id << 8) | ((frame[Frames.HEAD + i] - Frames.OFFSET) & 0xFF);
    }
    if (id != item.id()) {
      return flaw(Flaw.ITEM, "DI %08X came, %s was asked".formatted(id, item));
    }
    byte[] value = new byte[item.bytes()];
    for (int i = 0; i < value.length; i++) {
      value[i] = (byte) (frame[Frames.HEAD + Frames.IDENTIFIER_BYTES + i] - Frames.OFFSET);
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
