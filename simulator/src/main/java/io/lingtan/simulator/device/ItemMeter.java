package io.lingtan.simulator.device;

import io.lingtan.agent.site.Line.CharacterFormat;
import io.lingtan.simulator.device.measure.Installed;
import io.lingtan.simulator.world.World;
import org.jspecify.annotations.Nullable;

/** A meter of a serial line that has an address of its own and answers with data items. */
public abstract sealed class ItemMeter permits Dlt645Meter, Cjt188Meter, MbusMeter {

  final Meter meter;
  final String digits;
  private final @Nullable CharacterFormat format;

  ItemMeter(Meter meter, String digits, @Nullable CharacterFormat format) {
    this.meter = meter;
    this.digits = digits;
    this.format = format;
  }

  /**
   * The address of a device.
   *
   * @throws IllegalArgumentException if it has none
   */
  static String address(Installed installed) {
    String digits = installed.device().address();
    if (digits == null) {
      throw new IllegalArgumentException(installed.id() + " has no address");
    }
    return digits;
  }

  public final Meter meter() {
    return meter;
  }

  /** Its address as a master names it. */
  public final String digits() {
    return digits;
  }

  /** Speed and form of its characters, where they differ from the line's. */
  final @Nullable CharacterFormat format() {
    return format;
  }

  /**
   * Length of a request of its protocol that begins at {@code from}, wake-up bytes included.
   *
   * @return 0 while that cannot be said; -1 if it is none
   */
  abstract int requestLength(byte[] bytes, int from, int available);

  /** Whether these bytes are a good request of its protocol, to whomever. */
  abstract boolean isRequest(byte[] bytes, int length);

  /** Bytes that a master must give an answer time for, because it cannot know how long it is. */
  int unknownBytes() {
    return 0;
  }

  /** A good request has been made, to whomever. */
  void hear(byte[] bytes, int length) {}

  /** Whether it is the one that such a request means. */
  abstract boolean isMeant(byte[] bytes, int length);

  /**
   * The frame that it answers with.
   *
   * @param refuses whether it refuses what is asked
   * @param foreign whether it answers in another meter's name
   * @param log told of each value that is read, with its bits
   * @return null for no answer
   */
  abstract byte @Nullable [] answer(
      byte[] bytes, int length, boolean refuses, boolean foreign, World world, long at, Log log);

  /** Told of each item that is read, with its bits. */
  @FunctionalInterface
  interface Log {
    void served(int item, long raw);
  }
}
