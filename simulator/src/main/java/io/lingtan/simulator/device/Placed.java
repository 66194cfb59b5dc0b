package io.lingtan.simulator.device;

import io.lingtan.agent.reading.Point;
import io.lingtan.simulator.world.World;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Where a point lies in a block of registers, to read it back out of what was served. */
public final class Placed {

  private final Field field;
  private final int offset;
  private final @Nullable Long absent;

  /**
   * @param offset of its first byte in the block
   * @param absent the bits that say "not available", null if none do
   */
  Placed(Field field, int offset, @Nullable Long absent) {
    this.field = field;
    this.offset = offset;
    this.absent = absent;
  }

  public Point point() {
    return Objects.requireNonNull(field.point());
  }

  /**
   * What the registers say, in millionths of the point's unit.
   *
   * @param registers a block as on the wire, from {@code at}
   */
  public long shownMicros(byte[] registers, int at) {
    return field.shownMicros(raw(registers, at));
  }

  /** Whether the registers say "not available". */
  public boolean isAbsent(byte[] registers, int at) {
    return absent != null && absent == raw(registers, at);
  }

  /** One step of the register as it stands there, in millionths of the point's unit. */
  public long stepMicros(byte[] registers, int at) {
    return field.stepMicros(raw(registers, at));
  }

  /** The true value before any register rounds it, at an instant of the world's present step. */
  public long trueMicros(World world, long millis) {
    return field.trueMicros(world, millis);
  }

  private long raw(byte[] registers, int at) {
    int words = field.coding().words();
    long raw = 0;
    for (int i = 0; i < words; i++) {
      int byteAt = at + offset + 2 * i;
      int word = (registers[byteAt] & 0xFF) << 8 | (registers[byteAt + 1] & 0xFF);
      if (field.order().isLowByteFirst()) {
        word = (word & 0xFF) << 8 | word >>> 8;
      }
      int place = field.order().isLowWordFirst() ? i : words - 1 - i;
      raw |= (long) word << (16 * place);
    }
    return raw;
  }
}
