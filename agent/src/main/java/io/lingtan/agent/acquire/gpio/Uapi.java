package io.lingtan.agent.acquire.gpio;

import io.lingtan.agent.site.GpioInput.Pin;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The kernel's structures ({@code include/uapi/linux/gpio.h}, second version of the line calls).
 * They have one layout on every architecture: all members are of fixed size and padded by hand.
 */
final class Uapi {

  static final int LINE_EVENT_BYTES = 48;

  /** Events kept per line: the most that the kernel lets one ask for (64 lines × 16). */
  static final int EVENTS_KEPT = 1024;

  private static final int CHIP_INFO_BYTES = 68;
  private static final int LINE_INFO_BYTES = 256;
  private static final int LINE_REQUEST_BYTES = 592;
  private static final int LINE_VALUES_BYTES = 16;
  private static final int NAME_BYTES = 32;

  private static final int WRITE = 1;
  private static final int READ = 2;

  private static final long GET_CHIP_INFO = ioctl(READ, 0x01, CHIP_INFO_BYTES);
  private static final long GET_LINE_INFO = ioctl(READ | WRITE, 0x05, LINE_INFO_BYTES);
  private static final long GET_LINE = ioctl(READ | WRITE, 0x07, LINE_REQUEST_BYTES);
  private static final long GET_VALUES = ioctl(READ | WRITE, 0x0E, LINE_VALUES_BYTES);

  // enum gpio_v2_line_flag
  private static final long USED = 1;
  private static final long ACTIVE_LOW = 1 << 1;
  private static final long INPUT = 1 << 2;
  private static final long EDGE_RISING = 1 << 4;
  private static final long EDGE_FALLING = 1 << 5;
  private static final long PULL_UP = 1 << 8;
  private static final long PULL_DOWN = 1 << 9;
  private static final long BIAS_DISABLED = 1 << 10;

  // struct gpio_v2_line_request: offsets[64], consumer[32], config {flags, ...}, num_lines, ...
  private static final int REQUEST_CONSUMER = 256;
  private static final int REQUEST_FLAGS = 288;
  private static final int REQUEST_LINES = 560;
  private static final int REQUEST_BUFFER = 564;
  private static final int REQUEST_FD = 588;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

  private Uapi() {}

  /** {@code _IOC(direction, 0xB4, number, size)}. */
  private static long ioctl(int direction, int number, int size) {
    return ((long) direction << 30) | ((long) size << 16) | (0xB4L << 8) | number;
  }

  /**
   * @param name as under {@code /dev}
   * @param label what the driver calls it; the same on every machine of a kind
   */
  record Chip(String name, String label, int lines) {}

  /**
   * @param name of the line in the device tree, such as {@code GPIO17}; may be empty
   * @param consumer who has it; may be empty
   */
  record Line(String name, String consumer, boolean used) {}

  /** The chip behind a descriptor; null if it is none. */
  static @Nullable Chip chip(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = arena.allocate(CHIP_INFO_BYTES, 8);
      return Libc.ioctl(fd, GET_CHIP_INFO, info) < 0
          ? null
          : new Chip(text(info, 0), text(info, NAME_BYTES), info.get(INT, 64));
    }
  }

  static Line line(int fd, int offset) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = arena.allocate(LINE_INFO_BYTES, 8);
      info.set(INT, 64, offset);
      int result = Libc.ioctl(fd, GET_LINE_INFO, info);
      return result < 0
          ? new Line("", "", false)
          : new Line(text(info, 0), text(info, NAME_BYTES), (info.get(LONG, 72) & USED) != 0);
    }
  }

  /**
   * Takes a line for input with its edges: to the active level alone where nothing is debounced.
   *
   * @return the line's descriptor, or the negative errno
   */
  static int take(int fd, Pin pin, String consumer) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment request = arena.allocate(LINE_REQUEST_BYTES, 8);
      request.set(INT, 0, pin.offset());
      byte[] name = consumer.getBytes(StandardCharsets.UTF_8);
      int bytes = Math.min(name.length, NAME_BYTES - 1);
      MemorySegment.copy(name, 0, request, ValueLayout.JAVA_BYTE, REQUEST_CONSUMER, bytes);
      request.set(LONG, REQUEST_FLAGS, flags(pin));
      request.set(INT, REQUEST_LINES, 1);
      request.set(INT, REQUEST_BUFFER, EVENTS_KEPT);
      int result = Libc.ioctl(fd, GET_LINE, request);
      return result < 0 ? result : request.get(INT, REQUEST_FD);
    }
  }

  private static long flags(Pin pin) {
    long flags = INPUT | EDGE_RISING;
    if (!pin.debounce().isZero()) {
      flags |= EDGE_FALLING;
    }
    if (pin.activeLow()) {
      flags |= ACTIVE_LOW;
    }
    return flags
        | switch (pin.bias()) {
          case AS_IS -> 0;
          case PULL_UP -> PULL_UP;
          case PULL_DOWN -> PULL_DOWN;
          case NONE -> BIAS_DISABLED;
        };
  }

  /** 1 if the line is active, 0 if not, or the negative errno. */
  static int level(int lineFd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment values = arena.allocate(LINE_VALUES_BYTES, 8);
      values.set(LONG, 8, 1);
      int result = Libc.ioctl(lineFd, GET_VALUES, values);
      return result < 0 ? result : (int) (values.get(LONG, 0) & 1);
    }
  }

  /** Hands on one event of a buffer that was read: struct gpio_v2_line_event. */
  static void event(MemorySegment events, long at, InputLine.Edges to) {
    long nanos = events.get(LONG, at);
    boolean active = events.get(INT, at + 8) == 1;
    long number = Integer.toUnsignedLong(events.get(INT, at + 20));
    to.edge(nanos, active, number);
  }

  private static String text(MemorySegment info, long at) {
    int length = 0;
    while (length < NAME_BYTES && info.get(ValueLayout.JAVA_BYTE, at + length) != 0) {
      length++;
    }
    byte[] bytes = new byte[length];
    MemorySegment.copy(info, ValueLayout.JAVA_BYTE, at, bytes, 0, length);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
