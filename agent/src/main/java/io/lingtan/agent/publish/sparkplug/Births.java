package io.lingtan.agent.publish.sparkplug;

import io.lingtan.agent.publish.sparkplug.Latest.Known;
import io.lingtan.agent.publish.sparkplug.Metric.Good;
import io.lingtan.agent.publish.sparkplug.Metric.Value;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Makes births, which name everything, and metrics, which name nothing that a birth has named. */
final class Births {

  private static final Point STATE = Point.of(Quantity.STATE);

  private final Catalogue catalogue;
  private final Latest latest;
  private final String software;
  private final String configuration;

  /** Aliases whose last quality told was not good: a good one has to be told. */
  private final Set<Long> notGood = new HashSet<>();

  Births(Catalogue catalogue, Latest latest, String software, String configuration) {
    this.catalogue = catalogue;
    this.latest = latest;
    this.software = software;
    this.configuration = configuration;
  }

  /** The Will, and what is published before leaving in good order: nothing but the bdSeq. */
  static byte[] nodeDeath(int bdSeq, long nowMillis) {
    return new Payload(nowMillis).add(bdSeq(bdSeq, Metric.NONE, nowMillis)).unnumbered();
  }

  private static Metric bdSeq(int bdSeq, long alias, long nowMillis) {
    return new Metric(
        Names.BDSEQ,
        alias,
        nowMillis,
        Metric.Type.INT64,
        false,
        new Value.Whole(bdSeq),
        null,
        null);
  }

  Payload node(int bdSeq, long nowMillis) {
    Payload payload = new Payload(nowMillis);
    payload.add(bdSeq(bdSeq, catalogue.alias(Names.BDSEQ), nowMillis));
    // Without an alias: tck-id-operational-behavior-data-commands-rebirth-name-aliases.
    payload.add(
        new Metric(
            Names.REBIRTH,
            Metric.NONE,
            nowMillis,
            Metric.Type.BOOLEAN,
            false,
            new Value.Flag(false),
            null,
            null));
    property(payload, "Properties/Software", software, nowMillis);
    property(payload, "Properties/Configuration", configuration, nowMillis);
    for (Map.Entry<String, String> figure : catalogue.figures().entrySet()) {
      payload.add(
          born(
              figure.getKey(),
              catalogue.alias(figure.getKey()),
              Metric.Type.DOUBLE,
              latest.figure(figure.getKey()),
              figure.getValue(),
              nowMillis));
    }
    return payload;
  }

  private void property(Payload payload, String name, String text, long nowMillis) {
    payload.add(
        new Metric(
            name,
            catalogue.alias(name),
            nowMillis,
            Metric.Type.STRING,
            false,
            new Value.Text(text),
            null,
            null));
  }

  Payload device(String device, long nowMillis) {
    Payload payload = new Payload(nowMillis);
    SortedMap<Point, Known> known = latest.of(device);
    for (Point point : catalogue.points(device)) {
      payload.add(
          born(
              point.name(),
              catalogue.alias(device, point),
              type(point),
              known.get(point),
              point.quantity().symbol(),
              nowMillis));
    }
    return payload;
  }

  /** What was never told is null and stale. */
  private Metric born(
      String name,
      long alias,
      Metric.Type type,
      @Nullable Known known,
      String unit,
      long nowMillis) {
    Known shown = known == null ? new Known(null, Good.STALE, nowMillis) : known;
    remember(alias, shown.quality());
    return new Metric(
        name,
        alias,
        shown.tsMillis(),
        type,
        false,
        shown.value(),
        shown.quality(),
        unit.isEmpty() ? null : unit);
  }

  private void remember(long alias, Good quality) {
    if (quality == Good.GOOD) {
      notGood.remove(alias);
    } else {
      notGood.add(alias);
    }
  }

  /** What values of a point are. */
  static Metric.Type type(Point point) {
    return point == STATE ? Metric.Type.STRING : Metric.Type.DOUBLE;
  }

  /**
   * The present value of what has been born. Its quality is told unless it is still good. Its type
   * is told although tck-id-payloads-metric-datatype-not-req would rather not: two bytes, without
   * which the decoder that most JavaScript hosts use finds no value (sparkplug-payload 1.0.3,
   * decodeMetric).
   */
  Metric now(long alias, Metric.Type type, Known known) {
    boolean isTold = known.quality() != Good.GOOD || notGood.contains(alias);
    remember(alias, known.quality());
    return new Metric(
        null,
        alias,
        known.tsMillis(),
        type,
        false,
        known.value(),
        isTold ? known.quality() : null,
        null);
  }

  /** A late value, which says nothing about the present. */
  static Metric then(long alias, Metric.Type type, Known known) {
    return new Metric(
        null, alias, known.tsMillis(), type, true, known.value(), known.quality(), null);
  }
}
