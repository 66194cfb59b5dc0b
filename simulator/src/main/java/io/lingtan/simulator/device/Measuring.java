package io.lingtan.simulator.device;

import io.lingtan.agent.reading.Point;
import io.lingtan.simulator.world.World;
import java.util.List;

/** A device that measures something of the world, in whatever way it tells of it. */
public interface Measuring {

  /** Id in the site file. */
  String id();

  /** Name of the profile that an agent reads it with. */
  String profile();

  /** What it measures. */
  List<Point> points();

  /**
   * The truth behind a point at an instant of the world's present step, before anything rounds it,
   * in millionths of the point's unit.
   *
   * @throws IllegalArgumentException if it has no such point
   */
  long trueMicros(Point point, World world, long millis);

  /**
   * How far what two readings show may be from what was counted between them, by the device alone,
   * in millionths of the point's unit.
   */
  long resolutionMicros(Point point, World world, long millis);
}
