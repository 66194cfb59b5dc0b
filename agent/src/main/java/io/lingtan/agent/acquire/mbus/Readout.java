package io.lingtan.agent.acquire.mbus;

import io.lingtan.agent.acquire.item.Address;
import io.lingtan.agent.acquire.mbus.ReadoutReply.Complete;
import io.lingtan.agent.acquire.mbus.ReadoutReply.Flaw;
import io.lingtan.agent.acquire.mbus.ReadoutReply.Further;
import io.lingtan.agent.acquire.mbus.ReadoutReply.NeedMore;
import io.lingtan.agent.acquire.mbus.ReadoutReply.Rejected;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The exchange by which a meter tells all its values: its link is reset (SND_NKE), or it is
 * selected by its secondary address; it acknowledges with E5H; then REQ_UD2 asks for one telegram
 * after the other, with the frame count bit turned each time, as long as the meter says that more
 * records follow, at most {@value #MOST_TELEGRAMS}.
 *
 * <p>Each readout begins with a question that only E5H answers: a telegram that comes late for an
 * earlier readout is known by that, because a meter answers in the order in which it was asked. A
 * telegram counts only if both lengths, the C, A and CI fields, the check sum and, of a meter that
 * was selected, its identification fit; one with encrypted data never.
 *
 * <p>Never throws for bytes. Not thread-safe.
 */
public final class Readout {

  /** A meter that says that even more follow is read no further. */
  public static final int MOST_TELEGRAMS = 4;

  /** Most bytes of any request. */
  public static final int MAX_REQUEST = 17;

  /** Bytes of a request without data. */
  public static final int SHORT = 5;

  /** Longest answer. */
  public static final int MAX_REPLY = 255 + LongFrame.HEAD + LongFrame.TAIL;

  /** Who was selected answers to it. */
  private static final int SELECTED = 253;

  /** Everybody answers to it. */
  private static final int ANYBODY = 254;

  private static final int ACKNOWLEDGED = 0xE5;
  private static final int SHORT_START = 0x10;
  private static final int RESET_LINK = 0x40;
  private static final int SEND_DATA = 0x53;
  private static final int SELECT = 0x52;
  private static final int ASK_DATA = 0x5B;
  private static final int COUNT_BIT = 0x20;
  private static final int ANSWER = 0x08;

  /** Access demand and data flow control say nothing of what is in the frame. */
  private static final int ANSWER_BITS = 0x30;

  private static final int APPLICATION_ERROR = 0x70;
  private static final int UNSPECIFIED = 255;
  private static final int FIXED_DATA = 0x73;

  /** Five bits of the configuration word that say how the data are encrypted. */
  private static final int ENCRYPTION = 0x1F;

  private final byte[] frame = new byte[MAX_REPLY];
  private int size;
  private @Nullable Address meter;
  private boolean linked;
  private final List<byte[]> frames = new ArrayList<>();
  private ReadoutReply result = NeedMore.INSTANCE;

  /**
   * Begins anew.
   *
   * @param who null for whoever hears it, of which there may be one alone
   */
  public void expect(@Nullable Address who) {
    meter = who;
    linked = false;
    frames.clear();
    again();
  }

  /** Forgets what came for the present request. */
  public void again() {
    size = 0;
    result = NeedMore.INSTANCE;
  }

  /** Bytes that came in for the present request. */
  public int received() {
    return size;
  }

  /**
   * Writes the present request.
   *
   * @param into at least {@link #MAX_REQUEST} bytes
   * @return bytes written
   */
  public int request(byte[] into) {
    Address who = meter;
    int to = who == null ? ANYBODY : who.isPrimary() ? who.wire()[0] & 0xFF : SELECTED;
    if (linked) {
      int count = frames.size() % 2 == 0 ? COUNT_BIT : 0;
      return shortFrame(ASK_DATA | count, to, into);
    }
    return who == null || who.isPrimary()
        ? shortFrame(RESET_LINK, to, into)
        : select(who.wire(), into);
  }

  private static int shortFrame(int control, int to, byte[] into) {
    into[0] = SHORT_START;
    into[1] = (byte) control;
    into[2] = (byte) to;
    into[3] = (byte) (control + to);
    into[4] = LongFrame.END;
    return SHORT;
  }

  private static int select(byte[] who, byte[] into) {
    int length = 3 + who.length;
    into[0] = LongFrame.START;
    into[1] = (byte) length;
    into[2] = (byte) length;
    into[3] = LongFrame.START;
    into[LongFrame.C_AT] = SEND_DATA;
    into[LongFrame.A_AT] = (byte) SELECTED;
    into[LongFrame.CI_AT] = SELECT;
    System.arraycopy(who, 0, into, LongFrame.HEAD + 3, who.length);
    int end = LongFrame.HEAD + length;
    into[end] = (byte) LongFrame.sum(into, LongFrame.HEAD, end);
    into[end + 1] = LongFrame.END;
    return end + LongFrame.TAIL;
  }

  /**
   * Takes bytes up to the end of the answer to the present request. After {@link Further} the next
   * request is to be sent; what comes then is fed as before.
   */
  public ReadoutReply feed(ByteBuffer bytes) {
    if (result instanceof Further) {
      again();
    }
    while (result instanceof NeedMore && bytes.hasRemaining()) {
      frame[size++] = bytes.get();
      ReadoutReply decided = linked ? check() : acknowledged();
      if (decided != null) {
        result = decided;
      }
    }
    if (result instanceof Further && bytes.hasRemaining()) {
      result = flaw(Flaw.LATE, "more came than one answer, before anything further was asked");
    }
    return result;
  }

  private ReadoutReply acknowledged() {
    int first = frame[0] & 0xFF;
    if (first == ACKNOWLEDGED) {
      linked = true;
      return Further.INSTANCE;
    }
    return first == LongFrame.START
        ? flaw(Flaw.LATE, "a telegram came where E5H was due: a late answer")
        : flaw(Flaw.NOISE, hex(first) + " came where E5H was due");
  }

  /** Null as long as everything so far may be the beginning of the answer. */
  private @Nullable ReadoutReply check() {
    int last = frame[size - 1] & 0xFF;
    int length = frame[1] & 0xFF;
    return switch (size) {
      case 1 ->
          last == LongFrame.START
              ? null
              : last == ACKNOWLEDGED
                  ? flaw(Flaw.LATE, "E5H came where a telegram was due: a late answer")
                  : flaw(Flaw.NOISE, hex(last) + " came in front of 68H");
      case 2 ->
          last >= LongFrame.LEAST
              ? null
              : flaw(Flaw.LENGTH, "a length of " + last + " is no telegram's: 3 to 255");
      case 3 ->
          last == length
              ? null
              : flaw(Flaw.LENGTH, "two lengths came that differ: " + length + " and " + last);
      case LongFrame.HEAD ->
          last == LongFrame.START
              ? null
              : flaw(Flaw.FRAME, hex(last) + " stands where the second 68H should");
      case LongFrame.C_AT + 1 ->
          (last & ~ANSWER_BITS) == ANSWER
              ? null
              : flaw(Flaw.CONTROL, "C field " + hex(last) + " is no answer to REQ_UD2");
      case LongFrame.A_AT + 1 -> checkAddress(last);
      default -> {
        int whole = LongFrame.HEAD + length + LongFrame.TAIL;
        yield size < whole ? null : checkWhole(Arrays.copyOf(frame, whole));
      }
    };
  }

  private @Nullable ReadoutReply checkAddress(int from) {
    Address who = meter;
    return who == null || !who.isPrimary() || (who.wire()[0] & 0xFF) == from
        ? null
        : flaw(
            Flaw.ADDRESS,
            "meter " + from + " answered, meter " + (who.wire()[0] & 0xFF) + " was asked");
  }

  private ReadoutReply checkWhole(byte[] came) {
    int end = came.length - LongFrame.TAIL;
    int sum = LongFrame.sum(came, LongFrame.HEAD, end);
    if (sum != (came[end] & 0xFF)) {
      return flaw(
          Flaw.SUM,
          "check sum %s does not fit the telegram, %s would"
              .formatted(hex(came[end] & 0xFF), hex(sum)));
    }
    if (came[end + 1] != LongFrame.END) {
      return flaw(Flaw.FRAME, hex(came[end + 1] & 0xFF) + " stands where 16H should");
    }
    int ci = came[LongFrame.CI_AT] & 0xFF;
    if (ci == APPLICATION_ERROR) {
      int error = end > LongFrame.CI_AT + 1 ? came[LongFrame.CI_AT + 1] & 0xFF : 0;
      return new ReadoutReply.Refused(error == 0 ? UNSPECIFIED : error);
    }
    Rejected content = checkContent(came, end, ci);
    return content == null ? take(came) : content;
  }

  private @Nullable Rejected checkContent(byte[] came, int end, int ci) {
    if (ci != LongFrame.LONG_HEADER && ci != LongFrame.SHORT_HEADER) {
      return flaw(
          Flaw.CONTENT,
          "CI field %s is not read: only 72H and 7AH, variable data low byte first%s"
              .formatted(hex(ci), ci == FIXED_DATA ? "; this is the old fixed structure" : ""));
    }
    if (end < LongFrame.CI_AT + 1 + LongFrame.headerBytes(ci)) {
      return flaw(
          Flaw.LENGTH, "a telegram of " + came.length + " bytes has no room for its header");
    }
    if ((came[LongFrame.accessAt(came) + 3] & ENCRYPTION) != 0) {
      return flaw(Flaw.CONTENT, "the telegram's data are encrypted");
    }
    return checkName(came, ci);
  }

  /** Who was selected says so; and all telegrams of a readout are one meter's. */
  private @Nullable Rejected checkName(byte[] came, int ci) {
    Address who = meter;
    String told = ci == LongFrame.LONG_HEADER ? LongFrame.selection(came) : "";
    if (who != null && !who.isPrimary() && !who.selects(told)) {
      return flaw(
          Flaw.ADDRESS,
          "meter "
              + (told.isEmpty() ? "without a name" : told)
              + " answered, "
              + who
              + " was asked");
    }
    if (!frames.isEmpty()) {
      byte[] first = frames.getFirst();
      boolean named = (first[LongFrame.CI_AT] & 0xFF) == LongFrame.LONG_HEADER;
      if (!told.equals(named ? LongFrame.selection(first) : "")) {
        return flaw(Flaw.ADDRESS, "the telegram that follows is another meter's, " + told);
      }
      if (Arrays.equals(frames.getLast(), came)) {
        return flaw(Flaw.LATE, "the same telegram came again");
      }
    }
    return null;
  }

  private ReadoutReply take(byte[] came) {
    if (!frames.isEmpty() && isRepeated(came)) {
      // A meter that does not know the frame count bit tells its first telegram for ever.
      return new Complete(Telegrams.of(frames));
    }
    frames.add(came);
    return LongFrame.telegram(came).more() && frames.size() < MOST_TELEGRAMS
        ? Further.INSTANCE
        : new Complete(Telegrams.of(frames));
  }

  private boolean isRepeated(byte[] came) {
    byte[] last = frames.getLast();
    int from = LongFrame.accessAt(came) + 1;
    return came.length == last.length
        && Arrays.equals(came, from, came.length - 2, last, from, last.length - 2);
  }

  private static Rejected flaw(Flaw flaw, String what) {
    return new Rejected(flaw, what);
  }

  private static String hex(int value) {
    return "%02XH".formatted(value);
  }
}
