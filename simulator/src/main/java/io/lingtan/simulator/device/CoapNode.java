package io.lingtan.simulator.device;

import io.lingtan.agent.reading.Point;
import io.lingtan.simulator.world.World;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/**
 * A device that tells what it sees of the world in SenML, under one path. Used on the thread that
 * drives the world.
 */
public final class CoapNode {

  /** The IANA registry "CoAP Content-Formats". */
  public static final int SENML_JSON = 110;

  /** The same in CBOR. */
  public static final int SENML_CBOR = 112;

  private final String id;
  private final String path;
  private final List<Shown> shown = new ArrayList<>();

  /** One value: 10^-{@code places} of its unit are one of the gauge's. */
  private record Shown(
      Point point, String name, String unit, int places, Measure measure, Gauge gauge) {}

  private CoapNode(String id, String path) {
    this.id = id;
    this.path = path;
  }

  /**
   * The depot's hydrogen tank: gauge pressure in Pa, temperature in K, as profile {@code senml}
   * reads them.
   *
   * @param path such as {@code /tank/1}
   */
  public static CoapNode tank(String id, String path) {
    CoapNode node = new CoapNode(id, path);
    node.shown.add(
        new Shown(
            Point.of("pressure"),
            "pressure",
            "Pa",
            0,
            Measure.PASCAL,
            (world, millis) -> world.tankGaugePascal(millis)));
    node.shown.add(
        new Shown(
            Point.of("temperature"),
            "temperature",
            "K",
            3,
            Measure.MILLICELSIUS,
            (world, millis) -> world.tankMillikelvin()));
    node.shown.add(
        new Shown(
            Point.of("mass"),
            "mass",
            "kg",
            6,
            Measure.MILLIGRAM,
            (world, millis) -> world.tankMilligrams(millis)));
    return node;
  }

  public String id() {
    return id;
  }

  public String path() {
    return path;
  }

  /** What it tells at an instant of the world's present step, as SenML. */
  public byte[] payload(World world, long millis, int contentFormat) {
    List<SenmlText.Entry> entries = new ArrayList<>();
    for (Shown each : shown) {
      BigDecimal value = BigDecimal.valueOf(each.gauge.at(world, millis), each.places);
      entries.add(new SenmlText.Entry(each.name, each.unit, value));
    }
    String base = "urn:dev:sim:" + id + ":";
    return contentFormat == SENML_CBOR
        ? SenmlText.cbor(base, entries)
        : SenmlText.json(base, entries);
  }

  /**
   * The truth behind a point, in millionths of its unit.
   *
   * @throws IllegalArgumentException if it has no such point
   */
  public long trueMicros(Point point, World world, long millis) {
    for (Shown each : shown) {
      if (each.point == point) {
        long value = each.gauge.at(world, millis);
        // A thermometer of absolute temperature: the point counts from the melting of ice.
        return each.measure.micros(each.unit.equals("K") ? value - 273_150 : value);
      }
    }
    throw new IllegalArgumentException(id + " has no " + point);
  }
}
