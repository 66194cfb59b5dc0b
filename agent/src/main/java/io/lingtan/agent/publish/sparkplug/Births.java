package io.lingtan.agent.publish.sparkplug;

import io.lingtan.agent.publish.sparkplug.Metric.Good;
import io.lingtan.agent.publish.sparkplug.Metric.Value;
import io.lingtan.agent.publish.sparkplug.NewestValues.Known;
import io.lingtan.agent.reading.Form;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import java.util.Arrays;
import java.util.Objects;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Makes births, which name everything, and metrics, which name nothing that a birth has named. */
final class Births {

  private static final Point STATE = Point.of(Quantity.STATE);

  private final NodeMetrics catalogue;
  private final NewestValues latest;
  private final Properties properties;

  /** What hosts were told last for the present, by alias. */
  private @Nullable Known[] told = new @Nullable Known[64];

  Births(NodeMetrics catalogue, NewestValues latest, Properties properties) {
    this.catalogue = catalogue;
    this.latest = latest;
    this.properties = properties;
  }

  /** The Will, and what is published before leaving in good order: nothing but the bdSeq. */
  static byte[] nodeDeath(int bdSeq, long nowMillis) {
    return new Payload(nowMillis).add(bdSeq(bdSeq, Metric.NONE, nowMillis)).unnumbered();
  }

  private static Metric bdSeq(int bdSeq, long alias, long nowMillis) {
    return new Metric(
        SparkplugTopics.BDSEQ,
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
    payload.add(bdSeq(bdSeq, catalogue.alias(SparkplugTopics.BDSEQ), nowMillis));
    // Without an alias: tck-id-operational-behavior-data-commands-rebirth-name-aliases.
    payload.add(
        new Metric(
            SparkplugTopics.REBIRTH,
            Metric.NONE,
            nowMillis,
            Metric.Type.BOOLEAN,
            false,
            new Value.Flag(false),
            null,
            null));
    properties
        .ofNode()
        .forEach(
            (name, text) -> payload.add(property(name, catalogue.alias(name), text, nowMillis)));
    catalogue
        .figures()
        .forEach(
            (figure, named) ->
                payload.add(
                    born(
                        named.name(),
                        catalogue.alias(figure),
                        Metric.Type.DOUBLE,
                        latest.figure(figure),
                        named.unit(),
                        nowMillis)));
    return payload;
  }

  private static Metric property(String name, long alias, String text, long nowMillis) {
    return new Metric(
        name, alias, nowMillis, Metric.Type.STRING, false, new Value.Text(text), null, null);
  }

  Payload device(String device, long nowMillis) {
    Payload payload = new Payload(nowMillis);
    properties
        .tell(device)
        .forEach(
            (name, text) ->
                payload.add(property(name, catalogue.alias(device, name), text, nowMillis)));
    SortedMap<Point, Known> known = latest.of(device);
    for (Point point : catalogue.points(device)) {
      payload.add(
          born(
              point.name(),
              catalogue.alias(device, point.name()),
              type(point),
              known.get(point),
              point.symbol(),
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
    remember(alias, shown);
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

  private @Nullable Known told(long alias) {
    return alias < told.length ? told[(int) alias] : null;
  }

  private void remember(long alias, Known known) {
    if (alias >= told.length) {
      told = Arrays.copyOf(told, (int) alias * 2);
    }
    told[(int) alias] = known;
  }

  /**
   * Whether hosts do not have this value yet (tck-id-principles-rbe-recommended). It is compared
   * with what they were told, not with what was known before: what was passed over on a slow link
   * is told as historical only, and is news until it is told for the present.
   */
  boolean isNews(long alias, Known known) {
    Known before = told(alias);
    return before == null
        || before.quality() != known.quality()
        || !Objects.equals(before.value(), known.value());
  }

  /** The same of a figure: that of another interval is news, be it as great as the one before. */
  boolean isNewFigure(long alias, Known known) {
    return !known.equals(told(alias));
  }

  /** Whether a device's properties are others than hosts were told. */
  boolean isOtherNow(String device) {
    return properties.isOtherNow(device);
  }

  /** What values of a point are. */
  static Metric.Type type(Point point) {
    return point.equals(STATE) || point.form() instanceof Form.Texts
        ? Metric.Type.STRING
        : point.form() instanceof Form.Bits ? Metric.Type.INT64 : Metric.Type.DOUBLE;
  }

  /**
   * The present value of what has been born. Its quality is told unless it is still good. Its type
   * is told although tck-id-payloads-metric-datatype-not-req would rather not: two bytes, without
   * which the decoder that most JavaScript hosts use finds no value (sparkplug-payload 1.0.3,
   * decodeMetric).
   */
  Metric now(long alias, Metric.Type type, Known known) {
    Known before = told(alias);
    boolean isTold =
        known.quality() != Good.GOOD || (before != null && before.quality() != Good.GOOD);
    remember(alias, known);
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
