package io.lingtan.agent.acquire.hand;

import io.lingtan.agent.acquire.modbus.BlockRead;
import io.lingtan.agent.acquire.modbus.ModbusReply.Words;
import io.lingtan.agent.acquire.plan.Identity;
import io.lingtan.agent.acquire.plan.Register;
import io.lingtan.agent.reading.Answer;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.reading.Request;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile.Protocol;
import io.lingtan.agent.site.DeviceProfile.Ratio;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.DeviceProfile.WordOrder;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was read beside what the meter's own display shows: by which factor it is wrong, and what
 * would explain that. Explanations are proposals, the likeliest first; nothing is changed here.
 *
 * @param point what was compared
 * @param readMicros what the site file makes of the registers, in millionths of the point's unit
 * @param shownMicros what the display shows, in the same
 * @param causes empty if nothing usual explains it
 * @param isByPlate whether the display agrees whatever the size of the ratio is, and the meter does
 *     not tell it either: only the plate of the transformers does
 */
public record DisplayCheck(
    Point point, long readMicros, long shownMicros, List<Cause> causes, boolean isByPlate) {

  /** Still values agree better than those that move while a person types. */
  private static final double STILL = 0.02;

  private static final double MOVING = 0.12;

  /** A display that shows next to nothing tells no factor. */
  private static final long LEAST_MICROS = 10_000;

  /** Current transformers for 5 A or 1 A, IEC 61869-2, and usual voltage ratios. */
  private static final int[] USUAL = {
    2, 3, 4, 5, 6, 8, 10, 12, 15, 16, 20, 24, 25, 30, 32, 40, 50, 60, 75, 80, 100, 110, 120, 125,
    150, 160, 200, 240, 250, 300, 320, 350, 400, 500, 600, 750, 800, 1000, 1200, 1500, 2000
  };

  /** What a {@link Cause} is. */
  public enum Kind {
    /** Nothing is wrong. */
    AGREES,
    /**
     * Nothing is wrong: the display and the registers are secondary, and the site file's ratio
     * makes the primary figure. The value is the ratio.
     */
    SECONDARY,
    /**
     * The display times the ratio is what was read. That is right where the display is secondary,
     * and counts the ratio twice where it is primary: whoever stands there is asked. The value is
     * the ratio.
     */
    WHICH,
    /** Another ratio would explain it, but the meter itself tells that of the site file. */
    TOLD,
    /** The same with the other sign: a transformer, or the profile, the wrong way round. */
    SIGN,
    /** The site file's ratio is another than the meter's transformers have. */
    RATIO,
    /** The meter multiplies by a ratio itself, and should not, or by another. */
    METER_RATIO,
    /** A power of ten: another unit or decimal point than the profile says. */
    DECIMALS,
    /** Registers in another order. */
    ORDER
  }

  /** Which side of the transformers the display shows. */
  public enum Display {
    UNKNOWN,
    PRIMARY,
    SECONDARY
  }

  /**
   * What would explain it.
   *
   * @param key of the device in the site file that would have to be another; null where none is
   * @param value of that key; else a number or word that goes with the kind, such as {@code CDAB}
   */
  public record Cause(Kind kind, @Nullable String key, String value) {}

  public DisplayCheck {
    causes = List.copyOf(causes);
  }

  /** By which what was read is greater than what is shown. */
  public double factor() {
    return (double) readMicros / shownMicros;
  }

  /** Whether the display says the same. */
  public boolean isGood() {
    return is(Kind.AGREES) || is(Kind.SECONDARY);
  }

  /** Whether the likeliest is of this kind. */
  public boolean is(Kind kind) {
    return !causes.isEmpty() && causes.getFirst().kind() == kind;
  }

  /**
   * Compares.
   *
   * @param report of the device, just read
   * @param shownMicros what the display shows, in millionths of the point's unit
   * @param display what whoever reads it says of it
   * @return null if the point was not read
   * @throws IllegalArgumentException if such a display tells nothing; the message says why
   */
  public static @Nullable DisplayCheck of(
      Device device, DeviceReport report, Point point, long shownMicros, Display display) {
    if (point.quantity() == Quantity.STATE || !report.values().has(point)) {
      return null;
    }
    requireTelling(shownMicros);
    long read = report.values().micros(point);
    Search search = new Search(device, report, point, read, shownMicros, display);
    List<Cause> causes = search.causes();
    return new DisplayCheck(point, read, shownMicros, causes, search.isByPlate());
  }

  /**
   * Refuses a display from which no factor can be told.
   *
   * @throws IllegalArgumentException if it shows next to nothing
   */
  public static void requireTelling(long shownMicros) {
    if (Math.abs(shownMicros) < LEAST_MICROS) {
      throw new IllegalArgumentException(
          "a display that shows next to nothing tells no factor: wait until something flows, or"
              + " take another value, such as the energy");
    }
  }

  private static final class Search {
    private final Device device;
    private final DeviceReport report;
    private final Point point;
    private final long shown;
    private final Display display;
    private final double factor;
    private final double tolerance;
    private final List<Cause> causes = new ArrayList<>();

    Search(
        Device device, DeviceReport report, Point point, long read, long shown, Display display) {
      this.device = device;
      this.report = report;
      this.point = point;
      this.shown = shown;
      this.display = display;
      this.factor = (double) read / shown;
      this.tolerance = isStill(point.quantity()) ? STILL : MOVING;
    }

    private static boolean isStill(Quantity quantity) {
      return quantity.isRegister()
          || switch (quantity) {
            case VOLTAGE, FREQUENCY, SOC, SOH, PRESSURE, TEMPERATURE -> true;
            default -> false;
          };
    }

    private boolean isNear(double seen, double wanted) {
      return wanted != 0 && Math.abs(seen / wanted - 1) <= tolerance;
    }

    List<Cause> causes() {
      if (isNear(factor, 1)) {
        causes.add(new Cause(Kind.AGREES, null, "1"));
        return causes;
      }
      if (isNear(factor, -1)) {
        causes.add(new Cause(Kind.SIGN, null, "-1"));
        return causes;
      }
      double times = device.ratio(ratio()).doubleValue();
      if (times != 1 && isNear(factor, times)) {
        secondary(times);
        return causes;
      }
      if (factor > 0) {
        switch (ratio()) {
          case NONE -> meterRatio();
          case CT, CT_PT -> siteRatio(Identity.CT, device.ct());
          case PT -> siteRatio(Identity.PT, device.pt());
        }
      }
      decimals();
      orders();
      return causes;
    }

    private Ratio ratio() {
      RegisterPoint source = source();
      return source == null ? Ratio.NONE : source.ratio();
    }

    private @Nullable RegisterPoint source() {
      for (RegisterPoint each : device.profile().allPoints()) {
        if (point.equals(each.point())) {
          return each;
        }
      }
      return null;
    }

    /** The ratios that the point is multiplied by: those that are not 1, or else all. */
    private List<String> keys() {
      Ratio ratio = ratio();
      List<String> keys = new ArrayList<>();
      if (ratio == Ratio.CT || ratio == Ratio.CT_PT) {
        keys.add(Identity.CT);
      }
      if (ratio == Ratio.PT || ratio == Ratio.CT_PT) {
        keys.add(Identity.PT);
      }
      List<String> declared = keys.stream().filter(key -> !isOne(key)).toList();
      return declared.isEmpty() ? keys : declared;
    }

    private boolean isOne(String key) {
      BigDecimal ratio = key.equals(Identity.CT) ? device.ct() : device.pt();
      return ratio.compareTo(BigDecimal.ONE) == 0;
    }

    /** Told is never another than the site file's: then the point has no value. */
    private boolean isTold() {
      return !keys().isEmpty() && keys().stream().allMatch(this::isTold);
    }

    private boolean isTold(String key) {
      String told = report.identity().get(key);
      // A meter without transformers may tell 0.
      return told != null && !told.matches("[0.]*");
    }

    boolean isByPlate() {
      if (causes.isEmpty()) {
        return false;
      }
      boolean agrees = causes.getFirst().kind() == Kind.AGREES;
      boolean isOne = device.ratio(ratio()).compareTo(BigDecimal.ONE) == 0;
      return !keys().isEmpty()
          && !isTold()
          && (agrees ? isOne : causes.getFirst().kind() == Kind.SECONDARY);
    }

    /** The display is what stands in the registers, which the profile calls secondary. */
    private void secondary(double times) {
      String ratio = BigDecimal.valueOf(times).stripTrailingZeros().toPlainString();
      boolean canTell = keys().stream().anyMatch(device.profile().identity()::containsKey);
      if (isTold() || (display == Display.SECONDARY && !canTell)) {
        causes.add(new Cause(Kind.SECONDARY, null, ratio));
      } else if (display == Display.PRIMARY && !canTell && keys().size() == 1) {
        causes.add(new Cause(Kind.RATIO, keys().getFirst(), "1"));
      } else {
        causes.add(new Cause(Kind.WHICH, null, ratio));
      }
    }

    /** The profile's registers are secondary: which ratio would have been right? */
    private void siteRatio(String key, BigDecimal declared) {
      int usual = nearest(declared.doubleValue() / factor);
      if (usual > 0) {
        causes.add(
            isTold(key)
                ? new Cause(Kind.TOLD, null, Integer.toString(usual))
                : new Cause(Kind.RATIO, key, Integer.toString(usual)));
      }
    }

    /** The profile's registers are primary: the meter's own ratio is wrong, or counted twice. */
    private void meterRatio() {
      boolean counted =
          switch (point.quantity()) {
            case POWER, REACTIVE_POWER, APPARENT_POWER, CURRENT, VOLTAGE -> true;
            default -> point.quantity().isRegister();
          };
      int usual = nearest(factor > 1 ? factor : 1 / factor);
      if (counted && usual > 0) {
        causes.add(new Cause(Kind.METER_RATIO, null, (factor > 1 ? "" : "1/") + usual));
      }
    }

    private int nearest(double ratio) {
      int best = -1;
      for (int usual : USUAL) {
        boolean closer =
            best < 0 || Math.abs(ratio / usual - 1) < Math.abs(ratio / (double) best - 1);
        if (isNear(ratio, usual) && closer) {
          best = usual;
        }
      }
      return best;
    }

    private void decimals() {
      double size = Math.abs(factor);
      int tens = (int) Math.round(Math.log10(size));
      if (tens != 0 && Math.abs(tens) <= 9 && isNear(size, Math.pow(10, tens))) {
        causes.add(new Cause(Kind.DECIMALS, null, Integer.toString(tens)));
      }
    }

    private void orders() {
      RegisterPoint source = source();
      if (source == null
          || device.profile().protocol() != Protocol.MODBUS
          || source.words() < 2
          || source.function() <= 2) {
        return;
      }
      for (DeviceReport.Step step : report.steps()) {
        if (step.request() instanceof Request.Registers(int unit, int function, int from, int count)
            && step.answer() instanceof Answer.Value(var wire, var value)
            && function == source.function()
            && from <= source.address()
            && source.address() + source.words() <= from + count) {
          Words words = new Words(new BlockRead(function, from, count), value);
          for (WordOrder order : WordOrder.values()) {
            if (order != source.order() && isShown(source, order, words)) {
              causes.add(new Cause(Kind.ORDER, null, letters(order)));
            }
          }
          return;
        }
      }
    }

    private boolean isShown(RegisterPoint source, WordOrder order, Words words) {
      RegisterPoint other =
          new RegisterPoint(
              source.point(),
              source.function(),
              source.address(),
              source.type(),
              source.words(),
              order,
              source.scale(),
              source.scaleFrom(),
              source.ratio(),
              source.sentinels(),
              source.modulus(),
              source.updatePeriod(),
              Long.MIN_VALUE,
              Long.MAX_VALUE,
              source.texts(),
              source.offset(),
              source.bit(),
              source.bits(),
              source.mostPerHour(),
              null);
      Values.Builder values = new Values.Builder();
      BigDecimal ratio = device.ratio(source.ratio());
      if (source.scaleFrom() >= 0
          || new Register(other, point, 0, ratio, false).decode(words, values) != null) {
        return false;
      }
      return isNear((double) values.build().micros(point), (double) shown);
    }

    private static String letters(WordOrder order) {
      return switch (order) {
        case BIG -> "ABCD";
        case LITTLE -> "CDAB";
        case BIG_SWAPPED -> "BADC";
        case LITTLE_SWAPPED -> "DCBA";
      };
    }
  }
}
