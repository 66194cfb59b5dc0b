package io.lingtan.agent.acquire.hand;

import io.lingtan.agent.acquire.plan.Identity;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.DeviceProfile;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * How well what a device answered fits a profile: registers read through the wrong table are
 * refused, or give voltages and frequencies that no grid has. Physics weighs most (a frequency near
 * 50 or 60 Hz, phases that add up), a name in the maker's own text more still; zeros say nothing.
 */
final class Plausibility {

  private static final Point STATE = Point.of(Quantity.STATE);
  private static final double ONE = 1e6;
  private static final String[] PHASES = {"_l1", "_l2", "_l3"};

  private final Values values;
  private final SortedMap<Point, Reason> bad;
  private final List<String> why = new ArrayList<>();
  private double got;
  private double most;
  private int plausible;
  private int looked;
  private int telling;

  private Plausibility(Values values, SortedMap<Point, Reason> bad) {
    this.values = values;
    this.bad = bad;
  }

  /** The guess that the device is of this kind; null where nothing speaks for it. */
  static @Nullable Guess of(DeviceProfile profile, DeviceReport report) {
    Plausibility judged = new Plausibility(report.values(), report.bad());
    for (DeviceProfile.RegisterPoint source : profile.allPoints()) {
      Point point = source.point();
      if (point != null) {
        judged.look(point);
        judged.state(source);
      }
    }
    judged.addUp();
    judged.names(profile, report.identity());
    return judged.guess(profile);
  }

  private @Nullable Guess guess(DeviceProfile profile) {
    if (telling < 2 || most == 0) {
      return null;
    }
    // Few values that are believable may be so by chance.
    double sure = telling / (telling + 2.0);
    int percent = (int) Math.round(100 * sure * Math.clamp(got / most, 0, 1));
    why.add(plausible + " of " + looked + " points plausible");
    return new Guess(profile.name(), percent, String.join(", ", why), profile.example());
  }

  private void weigh(double weight, double good) {
    most += weight;
    got += weight * good;
  }

  private void look(Point point) {
    looked++;
    double weight = weight(point.quantity());
    Reason reason = bad.get(point);
    if (reason != null) {
      // What a meter marks as absent may well be absent; what it refuses is not its register.
      boolean absent = reason.equals(Reason.SENTINEL);
      weigh(absent ? 0.2 * weight : weight, absent ? 0 : -1);
      plausible += absent ? 1 : 0;
      return;
    }
    if (!values.has(point) || point.quantity() == Quantity.STATE) {
      return;
    }
    double value = values.micros(point) / ONE;
    boolean cell = point.quantity() == Quantity.VOLTAGE && point.name().endsWith("_dc");
    double good = cell ? near(value, 10, 1600) : good(point.quantity(), value);
    if (good != 0) {
      weigh(weight, good);
    }
    if (good >= 0) {
      plausible++;
    }
    if (good > 0) {
      telling++;
      boolean first = point.name().equals("voltage_l1") || point.quantity() == Quantity.FREQUENCY;
      if (first) {
        why.add(point.quantity().key() + " " + text(point));
      }
    }
  }

  /** A number that the profile has no word for. */
  private void state(DeviceProfile.RegisterPoint source) {
    String state = values.state();
    if (STATE.equals(source.point()) && state != null && !source.texts().isEmpty()) {
      boolean known = source.texts().containsValue(state);
      weigh(1, known ? 0.5 : -1);
      plausible += known ? 1 : 0;
    }
  }

  private String text(Point point) {
    String symbol = point.quantity().symbol();
    return String.format(Locale.ROOT, "%.2f %s", values.micros(point) / ONE, symbol).strip();
  }

  private static double weight(Quantity quantity) {
    return switch (quantity) {
      case FREQUENCY -> 6;
      case VOLTAGE -> 3;
      case POWER_FACTOR, SOC -> 2;
      case TEMPERATURE, SOH -> 1;
      default -> 0.5;
    };
  }

  /** From -1, not to be believed, over 0, which says nothing, to 1. */
  private static double good(Quantity quantity, double value) {
    double size = Math.abs(value);
    if (size == 0) {
      return switch (quantity) {
        case FREQUENCY -> -0.5;
        case VOLTAGE -> -0.2;
        default -> 0;
      };
    }
    return switch (quantity) {
      case FREQUENCY -> near(value, 45, 65);
      case VOLTAGE -> value >= 80 && value <= 1500 ? 1 : value > 1500 && value < 400_000 ? 0 : -1;
      case CURRENT -> size >= 0.001 && size < 20_000 ? 1 : -1;
      case POWER, REACTIVE_POWER, APPARENT_POWER, DEMAND, DEMAND_MAX ->
          size >= 0.01 && size < 1e8 ? 1 : -1;
      case ENERGY_IMPORT,
          ENERGY_EXPORT,
          ENERGY_GENERATED,
          ENERGY_CHARGED,
          ENERGY_DISCHARGED,
          ENERGY_ABSORBED,
          REACTIVE_ENERGY_IMPORT,
          REACTIVE_ENERGY_EXPORT ->
          size >= 0.001 && value < 1e8 && value > -1e8 ? 1 : -1;
      case POWER_FACTOR -> size <= 1.001 ? 1 : -1;
      case SOC, SOH -> near(value, 0.1, 100);
      case TEMPERATURE -> near(value, -50, 150);
      case PRESSURE -> near(value, 0.001, 120);
      case MASS, VOLUME, FLOW, DISTANCE -> value > 0 && value < 1e8 ? 1 : -1;
      case STATE, PULSES, OWN -> 0;
    };
  }

  private static double near(double value, double least, double greatest) {
    return value >= least && value <= greatest ? 1 : -1;
  }

  /** Three phases make the whole: hardly ever so by chance. */
  private void addUp() {
    Double whole = number("power");
    if (whole == null) {
      return;
    }
    double sum = 0;
    for (String phase : PHASES) {
      Double part = number("power" + phase);
      if (part == null) {
        return;
      }
      sum += part;
    }
    if (Math.abs(whole) >= 1) {
      boolean adds = Math.abs(sum - whole) <= 0.03 * Math.abs(whole) + 1;
      if (adds) {
        weigh(6, 1);
        telling++;
        why.add("the phases add up to " + text(Point.of("power")));
      }
    }
  }

  private @Nullable Double number(String name) {
    Point point = Point.of(name);
    return values.has(point) ? values.micros(point) / ONE : null;
  }

  /** What the device says of itself. */
  private void names(DeviceProfile profile, Map<String, String> identity) {
    String model = identity.get(Identity.MODEL);
    if (model != null && isText(model)) {
      boolean maker =
          model.toUpperCase(Locale.ROOT).contains(profile.maker().toUpperCase(Locale.ROOT));
      weigh(maker ? 8 : 2, 1);
      why.addFirst("model " + model);
      telling++;
    }
    String serial = identity.get(Identity.SERIAL);
    boolean has = profile.identity().containsKey(Identity.SERIAL);
    if (has) {
      boolean good = serial != null && isText(serial);
      weigh(2, good ? 1 : -0.3);
      if (good) {
        why.addFirst("serial " + serial);
      }
    }
  }

  private static boolean isText(String told) {
    return told.length() >= 3
        && told.chars()
            .allMatch(each -> Character.isLetterOrDigit(each) || " .-_/:".indexOf(each) >= 0);
  }
}
