package io.lingtan.agent.reading;

import java.util.Arrays;
import java.util.Collection;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The values of one reading, in point order. Numbers are millionths of the point's unit, of an own
 * point what its {@link Form} says; the one text is {@code state}.
 */
public final class Values {

  public static final Values NONE = new Builder().build();
  private static final Point STATE = Point.of(Quantity.STATE);

  private final Point[] points;
  private final long[] micros;
  private final @Nullable String state;

  private Values(Point[] points, long[] micros, @Nullable String state) {
    this.points = points;
    this.micros = micros;
    this.state = state;
  }

  /** How many numbers there are; {@code state} is not one. */
  public int size() {
    return points.length;
  }

  /** The point of number {@code i}, 0 ≤ i < size, ascending by point. */
  public Point point(int i) {
    return points[i];
  }

  /** Number {@code i} in millionths of its point's unit. */
  public long micros(int i) {
    return micros[i];
  }

  /** Where the point's number is, or a negative value if it is absent. */
  public int indexOf(Point point) {
    return Arrays.binarySearch(points, point);
  }

  public boolean has(Point point) {
    return point.equals(STATE) ? state != null : indexOf(point) >= 0;
  }

  /**
   * The point's number in millionths of its unit.
   *
   * @throws IllegalArgumentException if it is absent: ask {@link #has} first
   */
  public long micros(Point point) {
    int i = indexOf(point);
    if (i < 0) {
      throw new IllegalArgumentException("no value of " + point);
    }
    return micros[i];
  }

  public @Nullable String state() {
    return state;
  }

  /** These values but for those of the points given. */
  public Values without(Collection<Point> gone) {
    return of(point -> !gone.contains(point));
  }

  /** Those of these values whose points are {@code wanted}. */
  public Values of(Predicate<Point> wanted) {
    Builder rest = new Builder();
    for (int i = 0; i < points.length; i++) {
      if (wanted.test(points[i])) {
        rest.put(points[i], micros[i]);
      }
    }
    if (state != null && wanted.test(STATE)) {
      rest.state(state);
    }
    return rest.build();
  }

  public boolean isEmpty() {
    return points.length == 0 && state == null;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Values that
        && Arrays.equals(points, that.points)
        && Arrays.equals(micros, that.micros)
        && java.util.Objects.equals(state, that.state);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(points) + Arrays.hashCode(micros);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("{");
    for (int i = 0; i < points.length; i++) {
      text.append(i == 0 ? "" : ", ").append(points[i]).append('=');
      text.append(points[i].text(micros[i]));
    }
    return text.append(state == null ? "" : " state=" + state).append('}').toString();
  }

  /** Collects values in any order; a later value of a point replaces the earlier. */
  public static final class Builder {
    private Point[] points = new Point[8];
    private long[] micros = new long[8];
    private int size;
    private @Nullable String state;

    public Builder put(Point point, long value) {
      if (point.equals(STATE)) {
        throw new IllegalArgumentException("state is a text");
      }
      int at = size;
      while (at > 0 && points[at - 1].compareTo(point) >= 0) {
        at--;
      }
      int same = at > 0 && points[at - 1].isNamedAs(point) ? at - 1 : at;
      if (same < size && points[same].isNamedAs(point)) {
        points[same] = point;
        micros[same] = value;
        return this;
      }
      if (size == points.length) {
        points = Arrays.copyOf(points, size * 2);
        micros = Arrays.copyOf(micros, size * 2);
      }
      System.arraycopy(points, at, points, at + 1, size - at);
      System.arraycopy(micros, at, micros, at + 1, size - at);
      points[at] = point;
      micros[at] = value;
      size++;
      return this;
    }

    public Builder state(String text) {
      state = text;
      return this;
    }

    /** Takes over all values of {@code other}. */
    public Builder putAll(Values other) {
      for (int i = 0; i < other.points.length; i++) {
        put(other.points[i], other.micros[i]);
      }
      if (other.state != null) {
        state = other.state;
      }
      return this;
    }

    public Values build() {
      return new Values(Arrays.copyOf(points, size), Arrays.copyOf(micros, size), state);
    }
  }
}
