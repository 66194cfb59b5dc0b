package io.lingtan.agent.acquire.plan;

import io.lingtan.agent.acquire.item.ItemRead;
import io.lingtan.agent.acquire.item.ItemReply;
import io.lingtan.agent.acquire.mbus.Telegrams;
import io.lingtan.agent.acquire.modbus.BlockRead;
import io.lingtan.agent.acquire.modbus.ModbusReply.Words;
import io.lingtan.agent.acquire.wire.Ask;
import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a meter says of itself: serial number, model, transformer ratios. Read before the first
 * values, each hour, before the first values after a silence of 10 s or more, because a meter is
 * exchanged while it is silent, and before values that are less than it had counted. Another serial
 * number is believed when it has been read twice.
 *
 * <p>A state machine without I/O: {@link #next} says what to read, {@link #read}, {@link #refused}
 * and {@link #silent} take the answer.
 */
public final class Identity {

  public static final String SERIAL = "serial";
  public static final String MODEL = "model";
  public static final String CT = "ct";
  public static final String PT = "pt";

  private static final List<String> ORDER = List.of(SERIAL, MODEL, CT, PT);
  private static final long EVERY_NANOS = 3_600_000_000_000L;

  /** A meter that does not answer such a request is read all the same, and asked again later. */
  private static final long AGAIN_NANOS = 60_000_000_000L;

  /** It is asked on account of a counter that fell, but not more often. */
  private static final long DOUBT_NANOS = 60_000_000_000L;

  /** It is read first when it did not answer such a request so often in a row. */
  private static final int MOST_IN_VAIN = 2;

  /** Then it is asked again only so much later, however slowly it is polled. */
  private static final long DEAF_NANOS = 600_000_000_000L;

  /** Where a number is decoded into; what it is called makes no difference. */
  private static final Point NUMBER = Point.of(Quantity.DISTANCE);

  /**
   * @param source null where the device says it beside all its values
   */
  private record Part(String name, @Nullable RegisterPoint source, int base) {
    Ask ask() {
      return source == null
          ? new Ask.Telegrams()
          : source.function() == RegisterPoint.ITEM
              ? new Ask.Item(new ItemRead(source.address(), source.words()))
              : new Ask.Registers(
                  new BlockRead(source.function(), base + source.address(), source.words()));
    }
  }

  /**
   * What has changed.
   *
   * @param oldSerial the serial number before; null if the meter is not another one
   */
  public record Change(@Nullable String oldSerial, String newSerial) {}

  private final List<Part> parts = new ArrayList<>();
  private final SortedMap<String, String> reading = new TreeMap<>();
  private SortedMap<String, String> known = new TreeMap<>();
  private @Nullable String claimed;
  private @Nullable String kept;
  private long dueNanos = Long.MIN_VALUE;
  private long doubtedNanos = Long.MIN_VALUE;
  private int next;
  private int inVain;

  /**
   * @param base what the addresses count from: 0, or where SunSpec model 1 begins
   */
  public Identity(DeviceProfile profile, int base) {
    if (profile.protocol() == DeviceProfile.Protocol.MBUS) {
      parts.add(new Part(SERIAL, null, 0));
    }
    for (String name : ORDER) {
      RegisterPoint source = profile.identity().get(name);
      if (source != null) {
        parts.add(new Part(name, source, base));
      }
    }
  }

  /** Takes over what another object knew of the same place. */
  public Identity after(Identity before) {
    known = before.known;
    kept = before.kept;
    return this;
  }

  /**
   * What an earlier run of the agent has kept of the place: a meter that was exchanged meanwhile is
   * noticed by it. Only until the meter has said who it is.
   */
  public void keep(String serial) {
    kept = serial;
  }

  public boolean isDue(long now) {
    return !parts.isEmpty() && now >= dueNanos && inVain < MOST_IN_VAIN;
  }

  /** The device was silent, or its line was: it is to be read before anything else. */
  public void renew() {
    dueNanos = Long.MIN_VALUE;
    inVain = 0;
    restart();
  }

  /**
   * A counter fell: another meter may hang there. It is to say so before the fall is judged; one
   * that falls again and again is asked once a minute.
   */
  public void doubt(long now) {
    if (doubtedNanos == Long.MIN_VALUE || now - doubtedNanos >= DOUBT_NANOS) {
      doubtedNanos = now;
      dueNanos = Long.MIN_VALUE;
      restart();
    }
  }

  /**
   * The device was silent for a while. Where it was this question that had no answer it is asked
   * once more: then it is the question, and not the device, that nobody answers.
   */
  public void unheard() {
    if (inVain == 0) {
      renew();
    } else {
      dueNanos = Long.MIN_VALUE;
    }
  }

  /** Values came. */
  public void answered(long now) {
    if (inVain == MOST_IN_VAIN) {
      dueNanos = now + DEAF_NANOS;
    }
    inVain = 0;
  }

  private void restart() {
    next = 0;
    reading.clear();
  }

  /** What to read next; meaningful while it is due. */
  public Ask next() {
    return parts.get(next).ask();
  }

  /** What {@link #next} reads: {@code serial model ct pt}. */
  public String nextName() {
    return parts.get(next).name;
  }

  /** The answer to {@link #next}, or to a longer read around it. */
  public @Nullable Change read(Words words, long now) {
    Part part = parts.get(next);
    RegisterPoint source = Objects.requireNonNull(part.source);
    Register register = new Register(source, NUMBER, part.base, BigDecimal.ONE, false);
    if (source.type() == DeviceProfile.Type.STRING) {
      return took(part, printable(register.text(words)), now);
    }
    Values.Builder values = new Values.Builder();
    return took(part, register.decode(words, values) == null ? number(values) : null, now);
  }

  /** The answer to {@link #next}. */
  public @Nullable Change read(ItemReply.Item item, long now) {
    Part part = parts.get(next);
    RegisterPoint source = Objects.requireNonNull(part.source);
    if (source.type() != DeviceProfile.Type.STRING) {
      Values.Builder values = new Values.Builder();
      Reason why = new DataItem(source, NUMBER, BigDecimal.ONE).decode(item, values);
      return took(part, why == null ? number(values) : null, now);
    }
    byte[] text = item.bytes().clone();
    for (int i = 0; i < text.length / 2; i++) {
      byte low = text[i];
      text[i] = text[text.length - 1 - i];
      text[text.length - 1 - i] = low;
    }
    return took(part, printable(new String(text, StandardCharsets.ISO_8859_1)), now);
  }

  /** The answer to {@link #next}: the identification that each telegram has. */
  public @Nullable Change read(Telegrams told, long now) {
    return took(parts.get(next), told.first().identification(), now);
  }

  /** The device has no such part. */
  public @Nullable Change refused(long now) {
    return took(parts.get(next), null, now);
  }

  /** No usable answer came: it is tried again later, and what was known holds on. */
  public void silent(long now) {
    inVain++;
    dueNanos = now + AGAIN_NANOS;
    restart();
  }

  private static String number(Values.Builder values) {
    return Micros.text(values.build().micros(NUMBER));
  }

  /** Printable characters without the blanks around them. */
  private static String printable(String told) {
    StringBuilder text = new StringBuilder(told.length());
    for (int i = 0; i < told.length(); i++) {
      char each = told.charAt(i);
      if (each >= ' ' && each < 0x7F) {
        text.append(each);
      }
    }
    return text.toString().strip();
  }

  /** Zeros are what a meter says that has not been told its own number or ratio. */
  private static boolean isEmpty(String value) {
    return value.chars().allMatch(each -> each == '0' || each == '.' || each == ' ');
  }

  private @Nullable Change took(Part part, @Nullable String value, long now) {
    if (value != null && !isEmpty(value)) {
      reading.put(part.name, value);
    }
    next++;
    return next < parts.size() ? null : complete(now);
  }

  private @Nullable Change complete(long now) {
    String serial = reading.get(SERIAL);
    String told = known.get(SERIAL);
    String before = told == null ? kept : told;
    if (serial != null && before != null && !serial.equals(before) && !serial.equals(claimed)) {
      claimed = serial;
      restart();
      return null;
    }
    boolean exchanged = serial != null && before != null && !serial.equals(before);
    SortedMap<String, String> all = new TreeMap<>(reading);
    if (serial == null && told != null) {
      // A part that was not readable this time has not changed.
      all.put(SERIAL, told);
    }
    if (serial != null) {
      kept = null;
    }
    known = all;
    claimed = null;
    inVain = 0;
    dueNanos = now + EVERY_NANOS;
    restart();
    return new Change(exchanged ? before : null, serial == null ? "" : serial);
  }

  /** What was read last, by {@code serial model ct pt}; without what the meter does not have. */
  public SortedMap<String, String> known() {
    return Collections.unmodifiableSortedMap(known);
  }

  /** A ratio that the meter tells; null if it does not. */
  @Nullable BigDecimal ratio(String name) {
    String text = known.get(name);
    return text == null ? null : new BigDecimal(text);
  }
}
