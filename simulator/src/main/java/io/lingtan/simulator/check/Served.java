package io.lingtan.simulator.check;

import io.lingtan.agent.reading.Point;
import io.lingtan.simulator.device.Placed;
import java.util.List;

/** Values that a device put into one message. */
sealed interface Served {

  /** World time of the instant that they are of, UTC ms. */
  long at();

  /** Of which points. */
  int size();

  Point point(int place);

  /** Whether it said "not available". */
  boolean isAbsent(int place);

  /** What it said, in millionths of the point's unit. */
  long saidMicros(int place);

  /** One step of what it can say. */
  long stepMicros(int place);

  /** What the counter truly stood at; {@link Long#MIN_VALUE} for what is no counter. */
  long trueMicros(int place);

  /**
   * Registers of one reply.
   *
   * @param points where each lies in {@code registers}
   * @param registers as they were served
   * @param counted what each counter among the points truly stood at, in their order
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Registers(List<Placed> points, byte[] registers, long at, long[] counted)
      implements Served {

    @Override
    public int size() {
      return points.size();
    }

    @Override
    public Point point(int place) {
      return points.get(place).point();
    }

    @Override
    public boolean isAbsent(int place) {
      return points.get(place).isAbsent(registers, 0);
    }

    @Override
    public long saidMicros(int place) {
      return points.get(place).shownMicros(registers, 0);
    }

    @Override
    public long stepMicros(int place) {
      return points.get(place).stepMicros(registers, 0);
    }

    @Override
    public long trueMicros(int place) {
      return counted[place];
    }
  }

  /**
   * Values that were told by name, exactly.
   *
   * @param micros in the order of the points
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record ByName(List<Point> points, long[] micros, long at) implements Served {

    @Override
    public int size() {
      return points.size();
    }

    @Override
    public Point point(int place) {
      return points.get(place);
    }

    @Override
    public boolean isAbsent(int place) {
      return false;
    }

    @Override
    public long saidMicros(int place) {
      return micros[place];
    }

    @Override
    public long stepMicros(int place) {
      return 1;
    }

    @Override
    public long trueMicros(int place) {
      return Witness.isCounter(points.get(place)) ? micros[place] : Long.MIN_VALUE;
    }
  }
}
