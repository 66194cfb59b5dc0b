package io.lingtan.agent.acquire;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** DL/T 645 meters behind a {@link FakeChannel}, with an encoder of their own. */
public final class FakeMeters implements FakeChannel.Peer {

  /** One meter: values by data identifier, as they are on the wire less 33H. */
  public static final class Meter {
    final Map<Integer, byte[]> items = new HashMap<>();
    LongSupplier delayNanos = () -> 30_000_000L;
    boolean silent;
    int requests;
    private long busyUntilNanos;

    /** The item whose value is the number of the request that asks for it; -1 for none. */
    int numbered = -1;

    public Meter set(int item, String bytes) {
      items.put(item, HexFormat.of().parseHex(bytes.replace(" ", "")));
      return this;
    }
  }

  /**
   * A request that was answered, or will be.
   *
   * @param arrivesNanos when the answer is at the line's other end
   */
  record Served(String address, int item, long sentNanos, long arrivesNanos) {}

  final Map<String, Meter> meters = new HashMap<>();
  final List<Served> served = new ArrayList<>();

  /** What is asked, in order, such as {@code 000000000001/00010000}. */
  final List<String> asked = new ArrayList<>();

  /** What else is on the line, asked with what is no DL/T 645 frame. */
  public FakeChannel.@Nullable Peer others;

  /** Whether each reply is sent two times. */
  boolean twice;

  /** From a reply to its second copy. */
  long copyAfterNanos;

  public Meter meter(String address) {
    return meters.computeIfAbsent(address, any -> new Meter());
  }

  @Override
  public void request(FakeChannel channel, byte[] frame) {
    int at = 0;
    while (at < frame.length && (frame[at] & 0xFF) == 0xFE) {
      at++;
    }
    if (at == frame.length || frame[at] != 0x68 || frame[frame.length - 1] != 0x16) {
      FakeChannel.Peer peer = others;
      if (peer != null) {
        peer.request(channel, frame);
      }
      return;
    }
    if ((frame[at + 8] & 0xFF) == 0x13) {
      tellAddresses(channel);
      return;
    }
    StringBuilder address = new StringBuilder();
    for (int i = 6; i >= 1; i--) {
      address.append("%02X".formatted(frame[at + i]));
    }
    int item = 0;
    for (int i = 3; i >= 0; i--) {
      item = (item << 8) | ((frame[at + 10 + i] - 0x33) & 0xFF);
    }
    asked.add("%s/%08X".formatted(address, item));
    Meter meter = meters.get(address.toString());
    if (meter == null || meter.silent) {
      return;
    }
    meter.requests++;
    byte[] value = meter.items.get(item);
    if (item == meter.numbered) {
      value = digits(served.size(), 4);
    }
    byte[] reply =
        value == null
            ? frame(address.toString(), 0xD1, new byte[] {2})
            : frame(address.toString(), 0x91, joined(item, value));
    long now = channel.nowNanos();
    // A meter does one thing after the other.
    long arrives = Math.max(now + meter.delayNanos.getAsLong(), meter.busyUntilNanos + 1);
    long delay = arrives - now;
    meter.busyUntilNanos = arrives;
    served.add(new Served(address.toString(), item, now, now + delay));
    channel.deliver(delay, reply);
    if (twice) {
      channel.deliver(delay + copyAfterNanos, reply);
    }
  }

  /** Whoever hears it answers: what several say at once nobody can read. */
  private void tellAddresses(FakeChannel channel) {
    asked.add("any");
    List<byte[]> replies = new ArrayList<>();
    meters.forEach(
        (address, meter) -> {
          if (!meter.silent) {
            byte[] digits = HexFormat.of().parseHex(address);
            byte[] data = new byte[6];
            for (int i = 0; i < 6; i++) {
              data[i] = digits[5 - i];
            }
            replies.add(frame(address, 0x93, data));
          }
        });
    if (replies.isEmpty()) {
      return;
    }
    byte[] heard = replies.getFirst().clone();
    for (byte[] other : replies.subList(1, replies.size())) {
      for (int i = 0; i < heard.length; i++) {
        heard[i] &= other[i];
      }
    }
    channel.deliver(30_000_000L, heard);
  }

  /** A number as decimal digits, low byte first. */
  static byte[] digits(long number, int bytes) {
    byte[] digits = new byte[bytes];
    long rest = number;
    for (int i = 0; i < bytes; i++) {
      digits[i] = (byte) Integer.parseInt(Long.toString(rest % 100), 16);
      rest /= 100;
    }
    return digits;
  }

  private static byte[] joined(int item, byte[] value) {
    byte[] data = new byte[4 + value.length];
    for (int i = 0; i < 4; i++) {
      data[i] = (byte) (item >>> (8 * i));
    }
    System.arraycopy(value, 0, data, 4, value.length);
    return data;
  }

  /** A reply with two wake-up bytes in front. */
  static byte[] frame(String address, int control, byte[] data) {
    byte[] meter = HexFormat.of().parseHex(address);
    var out = new ByteArrayOutputStream();
    out.write(0x68);
    for (int i = 5; i >= 0; i--) {
      out.write(meter[i]);
    }
    out.write(0x68);
    out.write(control);
    out.write(data.length);
    for (byte each : data) {
      out.write(each + 0x33);
    }
    int sum = 0;
    for (byte each : out.toByteArray()) {
      sum += each;
    }
    out.write(sum);
    out.write(0x16);
    byte[] frame = out.toByteArray();
    byte[] awake = new byte[frame.length + 2];
    Arrays.fill(awake, 0, 2, (byte) 0xFE);
    System.arraycopy(frame, 0, awake, 2, frame.length);
    return awake;
  }
}
