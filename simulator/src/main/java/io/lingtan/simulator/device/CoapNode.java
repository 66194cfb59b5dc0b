package io.lingtan.simulator.device;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.site.CoapResource;
import io.lingtan.agent.site.NamedPoint;
import io.lingtan.simulator.device.measure.Installed;
import io.lingtan.simulator.device.measure.Instrument;
import io.lingtan.simulator.device.measure.View;
import io.lingtan.simulator.world.World;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A device that tells what it sees of the world under one path: in SenML, or one value of it as
 * plain text. Used on the thread that drives the world.
 */
public final class CoapNode implements Measuring {

  /** The IANA registry "CoAP Content-Formats". */
  public static final int TEXT_PLAIN = 0;

  /** SenML in JSON. */
  public static final int SENML_JSON = 110;

  /** The same in CBOR. */
  public static final int SENML_CBOR = 112;

  /** 0 °C. */
  private static final BigDecimal MELTING_KELVIN = new BigDecimal("273.15");

  private final String id;
  private final String profile;
  private final String path;
  private final @Nullable Point plain;
  private final List<Shown> shown;

  /** One value, and how it is written. */
  private record Shown(Point point, String name, String unit, Instrument instrument) {

    long micros(World world, long millis) {
      return instrument.measure().micros(instrument.gauge().at(world, millis));
    }
  }

  private CoapNode(
      String id, String profile, String path, @Nullable Point plain, List<Shown> shown) {
    this.id = id;
    this.profile = profile;
    this.path = path;
    this.plain = plain;
    this.shown = List.copyOf(shown);
  }

  /**
   * The depot's hydrogen tank, as profile {@code senml} reads it.
   *
   * @param path such as {@code /tank/1}
   */
  public static CoapNode tank(String id, String path) {
    List<Shown> shown = new ArrayList<>();
    for (String name : List.of("pressure", "temperature", "mass")) {
      Point point = Point.of(name);
      Instrument instrument = Instrument.hydrogen(View.TANK, point);
      if (instrument != null) {
        shown.add(new Shown(point, name, registered(point.quantity(), "kg"), instrument));
      }
    }
    return new CoapNode(id, "senml", path, null, shown);
  }

  /**
   * A device of a CoAP line where it stands: of the points that its profile names those that there
   * are at its place.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static CoapNode of(Installed installed, CoapResource resource) {
    List<Shown> shown = new ArrayList<>();
    for (NamedPoint named : installed.device().profile().named()) {
      Instrument instrument = Instrument.of(installed, named.point());
      if (instrument != null && !named.sum() && !named.reverse()) {
        String unit = registered(named.point().quantity(), named.unit());
        shown.add(new Shown(named.point(), named.name(), unit, instrument));
      }
    }
    if (shown.isEmpty()) {
      throw new IllegalArgumentException(
          installed.id() + " tells nothing of what it sees at " + installed.view());
    }
    return new CoapNode(
        installed.id(),
        installed.device().profile().name(),
        resource.path(),
        resource.point(),
        shown);
  }

  /** Nodes write these two as RFC 8428, section 12.1, has them. */
  private static String registered(Quantity quantity, String otherwise) {
    return switch (quantity) {
      case PRESSURE -> "Pa";
      case TEMPERATURE -> "K";
      default -> otherwise;
    };
  }

  /** A value in millionths of the point's own unit, as it is written in another. */
  private static BigDecimal written(long micros, String unit) {
    BigDecimal own = BigDecimal.valueOf(micros, 6);
    return switch (unit) {
      case "Pa" -> own.movePointRight(6).setScale(0);
      case "kPa", "g", "l", "L", "Wh", "W.h" -> own.movePointRight(3);
      case "K" -> own.add(MELTING_KELVIN);
      case "kW", "kvar", "kVA", "mV" -> own.movePointLeft(3);
      default -> own;
    };
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public String profile() {
    return profile;
  }

  public String path() {
    return path;
  }

  @Override
  public List<Point> points() {
    return shown.stream().map(Shown::point).toList();
  }

  /** The content format that it answers with where none is asked for. */
  public int usualFormat() {
    return plain == null ? SENML_CBOR : TEXT_PLAIN;
  }

  /** What it tells at an instant of the world's present step. */
  public byte[] payload(World world, long millis, int contentFormat) {
    if (contentFormat == TEXT_PLAIN) {
      Shown one = plain == null ? shown.getFirst() : of(plain);
      return written(one.micros(world, millis), plain == null ? one.unit : "")
          .toPlainString()
          .getBytes(StandardCharsets.UTF_8);
    }
    List<SenmlText.Entry> entries = new ArrayList<>();
    for (Shown each : shown) {
      BigDecimal value = written(each.micros(world, millis), each.unit);
      entries.add(new SenmlText.Entry(each.name, each.unit, value));
    }
    String base = "urn:dev:sim:" + id + ":";
    return contentFormat == SENML_CBOR
        ? SenmlText.cbor(base, entries)
        : SenmlText.json(base, entries);
  }

  /** What it tells of each of its points, in millionths of their units. */
  public long[] values(World world, long millis) {
    return shown.stream().mapToLong(each -> each.micros(world, millis)).toArray();
  }

  /** What it tells is the truth, to the millionth. */
  @Override
  public long trueMicros(Point point, World world, long millis) {
    return of(point).micros(world, millis);
  }

  @Override
  public long resolutionMicros(Point point, World world, long millis) {
    return 1;
  }

  private Shown of(Point point) {
    for (Shown each : shown) {
      if (each.point.equals(point)) {
        return each;
      }
    }
    throw new IllegalArgumentException(id + " has no " + point);
  }
}
