package io.lingtan.simulator.device;

import io.lingtan.agent.site.Line.CharacterFormat;
import io.lingtan.simulator.world.World;
import org.jspecify.annotations.Nullable;

/** A meter of a serial line that has an address of its own and answers with data items. */
sealed interface ItemMeter permits Dlt645Meter, Cjt188Meter, MbusMeter {

  Meter meter();

  /** Its address as a master names it. */
  String digits();

  /** Speed and form of its characters, where they differ from the line's. */
  @Nullable CharacterFormat format();

  /**
   * Length of a request of its protocol that begins at {@code from}, wake-up bytes included.
   *
   * @return 0 while that cannot be said; -1 if it is none
   */
  int requestLength(byte[] bytes, int from, int available);

  /** Whether these bytes are a good request of its protocol, to whomever. */
  boolean isRequest(byte[] bytes, int length);

  /** Bytes that a master must give an answer time for, because it cannot know how long it is. */
  default int unknownBytes() {
    return 0;
  }

  /** A good request has been made, to whomever. */
  default void hear(byte[] bytes, int length) {}

  /** Whether it is the one that such a request means. */
  boolean isMeant(byte[] bytes, int length);

  /**
   * The frame that it answers with.
   *
   * @param refuses whether it refuses what is asked
   * @param foreign whether it answers in another meter's name
   * @param log told of each value that is read, with its bits
   * @return null for no answer
   */
  byte @Nullable [] answer(
      byte[] bytes, int length, boolean refuses, boolean foreign, World world, long at, Log log);

  /** Told of each item that is read, with its bits. */
  @FunctionalInterface
  interface Log {
    void served(int item, long raw);
  }
}
