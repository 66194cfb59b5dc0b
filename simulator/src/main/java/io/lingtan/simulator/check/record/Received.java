package io.lingtan.simulator.check.record;

import io.lingtan.simulator.json.Json;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A record as a subscriber got it. */
public sealed interface Received {

  /** No {@code ts}. */
  long UNDATED = Long.MIN_VALUE;

  Key key();

  /** Of which records it is the next: a device's readings, one interval length, the events. */
  String stream();

  /**
   * What every record has.
   *
   * @param ts UTC ms, {@link #UNDATED} if it has none
   * @param boot of an undated record, else empty
   * @param mono of an undated record, ms of its boot
   */
  record Key(String epoch, long seq, long after, long ts, String boot, long mono) {

    /** For a person. */
    public String words() {
      return "record " + epoch + "/" + seq;
    }
  }

  /** A number of a reading, in millionths of the point's unit. */
  record Value(String point, long micros) {}

  /**
   * A device's reading.
   *
   * @param words points whose value is a word
   * @param bad reasons by point, {@code *} for all
   */
  record Reading(
      Key key, String device, List<Value> values, Set<String> words, Map<String, String> bad)
      implements Received {
    public Reading {
      values = List.copyOf(values);
      words = Set.copyOf(words);
      bad = Map.copyOf(bad);
    }

    /** Whether it says nothing at all. */
    public boolean isEmpty() {
      return values.isEmpty() && words.isEmpty() && bad.isEmpty();
    }

    /** Whether it has a value of a point, or says why not. */
    public boolean speaksOf(String point) {
      for (Value value : values) {
        if (value.point().equals(point)) {
          return true;
        }
      }
      return bad.containsKey(point) || bad.containsKey("*") || words.contains(point);
    }

    @Override
    public String stream() {
      return "data/" + device;
    }
  }

  /**
   * A figure of an interval.
   *
   * @param micros millionths of its unit, null if it says that it is missing
   * @param quality the record's word for it
   * @param coverage percent
   * @param estimated percent
   * @param of the figure that it is made of, empty if none is named
   * @param factor name of its factor, empty if none is named
   * @param why it is missing, empty if it does not say
   */
  record Metric(
      @Nullable Long micros,
      String quality,
      long coverage,
      long estimated,
      String of,
      String factor,
      String why) {

    /** Whether the gateway vouches for it: then it must be right. */
    public boolean isGood() {
      return micros != null
          && estimated == 0
          && (quality.equals("measured") || quality.equals("derived"));
    }

    /** Whether every part of it was seen. */
    public boolean isWhole() {
      return isGood() && quality.equals("measured") && coverage == 100;
    }
  }

  /**
   * An interval's figures.
   *
   * @param factors values by name, as written
   */
  record Interval(
      Key key,
      String length,
      long start,
      long end,
      long rev,
      Map<String, Metric> metrics,
      Map<String, String> factors)
      implements Received {
    public Interval {
      metrics = Map.copyOf(metrics);
      factors = Map.copyOf(factors);
    }

    @Override
    public String stream() {
      return "interval/" + length;
    }
  }

  /** An event. */
  record Event(Key key, String name, @Nullable String device, Json detail) implements Received {
    @Override
    public String stream() {
      return "event";
    }
  }
}
