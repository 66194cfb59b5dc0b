package io.lingtan.agent.status.trace;

import io.lingtan.agent.journal.History;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.Span;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile.Ratio;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.Figure;
import io.lingtan.agent.site.RegisterText;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Site.Meter;
import io.lingtan.agent.status.trace.Trace.Kind;
import io.lingtan.agent.status.trace.Trace.Rule;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Figures that meters counted: down to registers at the interval's ends, and samples beside. */
final class Registers {

  /** How far from a boundary a sample is looked for. */
  private static final long NEAR_MILLIS = 15 * 60_000L;

  private static final int MOST_SAMPLES = 4_000;
  private static final BigDecimal GIGAJOULES = new BigDecimal("0.0036");
  private static final DateTimeFormatter WHEN = DateTimeFormatter.ofPattern("HH:mm:ss.SSS");

  private final Site site;
  private final History history;

  Registers(Site site, History history) {
    this.site = site;
    this.history = history;
  }

  /** The figure with the meters that counted it; null if it is none that meters count. */
  @Nullable Trace counted(Trace trace, String name, Interval interval) {
    for (Figure figure : Figure.values()) {
      boolean whole = name.equals(figure.metric());
      boolean one = name.startsWith(figure.metric() + ".");
      if (!whole && !one) {
        continue;
      }
      String id = whole ? "" : name.substring(figure.metric().length() + 1);
      List<Meter> meters = meters(figure, id);
      if (!meters.isEmpty()) {
        return counted(trace, figure, meters, interval);
      }
    }
    return null;
  }

  private Trace counted(Trace trace, Figure figure, List<Meter> meters, Interval interval) {
    List<Trace> parts = new ArrayList<>();
    for (Meter meter : meters) {
      parts.add(meter(figure, meter, interval));
    }
    if (figure != Figure.HEAT) {
      return trace.of(Rule.SUM, parts);
    }
    BigDecimal sum = BigDecimal.ZERO;
    for (Trace part : parts) {
      sum = part.value() == null ? sum : sum.add(part.value());
    }
    Trace counted = Trace.given(Kind.FIGURE, "heat counted", sum, "kW.h", "").of(Rule.SUM, parts);
    Trace each = Trace.given(Kind.CONSTANT, "1 kWh", GIGAJOULES, "GJ", "exactly");
    return trace.of(Rule.PRODUCT, List.of(counted, each));
  }

  /** The meters whose count a figure adds up: none that is behind another of them. */
  private List<Meter> meters(Figure figure, String id) {
    List<Meter> all =
        site.metering().meters().stream()
            .filter(meter -> isOf(figure, meter.role()))
            .filter(meter -> !isBridge(figure) || meter.isBehindInverter())
            .filter(meter -> id.isEmpty() || meter.id().equals(id))
            .toList();
    return all.stream()
        .filter(meter -> all.stream().noneMatch(other -> other.id().equals(meter.parent())))
        .toList();
  }

  private static boolean isBridge(Figure figure) {
    return figure == Figure.HYBRID_OUTPUT || figure == Figure.HYBRID_INPUT;
  }

  private static boolean isOf(Figure figure, Role role) {
    return switch (figure) {
      case GRID_IMPORT, GRID_EXPORT, REACTIVE_IMPORT, REACTIVE_EXPORT -> role == Role.GRID;
      case PV_GENERATION, HYBRID_OUTPUT, HYBRID_INPUT -> role == Role.PV;
      case CHP_GENERATION -> role == Role.CHP;
      case BATTERY_CHARGE, BATTERY_DISCHARGE -> role == Role.BATTERY;
      case LOAD -> role.isLoad();
      case GAS -> role == Role.GAS;
      case HEAT -> role == Role.HEAT;
      case H2_PRODUCED -> role == Role.ELECTROLYSER;
      case H2_DISPENSED -> role == Role.H2_DISPENSER;
    };
  }

  private Trace meter(Figure figure, Meter meter, Interval interval) {
    String what = "meter " + meter.id() + " (" + meter.device() + ")";
    String input = Quantity.ENERGY_GENERATED.key() + "_" + meter.input();
    List<String> keys =
        figure == Figure.PV_GENERATION && meter.isBehindInverter()
            ? List.of(input)
            : keys(figure, meter.reverse());
    for (String key : keys) {
      Span span = interval.registers().get(meter.id() + "/" + key);
      if (span == null) {
        continue;
      }
      BigDecimal counted = new BigDecimal(Micros.text(span.end() - span.start()));
      Trace end = register(meter, key, span.end(), interval.endMillis(), "end");
      Trace start = register(meter, key, span.start(), interval.startMillis(), "start").taken();
      return Trace.given(
              Kind.METER, what, counted, figure.ucum(), read(meter.device(), Point.of(key)))
          .of(Rule.SUM, List.of(end, start));
    }
    return Trace.given(
        Kind.METER, what, null, figure.ucum(), "no register is known at both ends of the interval");
  }

  /** Where a device's point is read, and what one step of that is; empty of one without a place. */
  private String read(String device, Point point) {
    for (Device each : site.devices()) {
      for (RegisterPoint register : each.profile().allPoints()) {
        if (each.id().equals(device) && point.equals(register.point())) {
          return RegisterText.place(register)
              + ": "
              + RegisterText.meaning(register)
              + ratios(each, register.ratio());
        }
      }
    }
    return "";
  }

  private static String ratios(Device device, Ratio ratio) {
    return ratio == Ratio.NONE ? "" : ", CT " + text(device.ct()) + ", PT " + text(device.pt());
  }

  private static String text(BigDecimal ratio) {
    return ratio.stripTrailingZeros().toPlainString();
  }

  /** What a figure may be read from, as {@code meter.Roles} has it. */
  private static List<String> keys(Figure figure, boolean reverse) {
    Quantity in = reverse ? Quantity.ENERGY_EXPORT : Quantity.ENERGY_IMPORT;
    Quantity out = reverse ? Quantity.ENERGY_IMPORT : Quantity.ENERGY_EXPORT;
    List<Quantity> quantities =
        switch (figure) {
          case GRID_IMPORT, LOAD, HEAT -> List.of(in);
          case GRID_EXPORT -> List.of(out);
          case PV_GENERATION, CHP_GENERATION -> List.of(Quantity.ENERGY_GENERATED, out);
          case HYBRID_OUTPUT -> List.of(Quantity.ENERGY_GENERATED);
          case HYBRID_INPUT -> List.of(Quantity.ENERGY_ABSORBED);
          case BATTERY_CHARGE ->
              List.of(reverse ? Quantity.ENERGY_DISCHARGED : Quantity.ENERGY_CHARGED, in);
          case BATTERY_DISCHARGE ->
              List.of(reverse ? Quantity.ENERGY_CHARGED : Quantity.ENERGY_DISCHARGED, out);
          case REACTIVE_IMPORT ->
              List.of(reverse ? Quantity.REACTIVE_ENERGY_EXPORT : Quantity.REACTIVE_ENERGY_IMPORT);
          case REACTIVE_EXPORT ->
              List.of(reverse ? Quantity.REACTIVE_ENERGY_IMPORT : Quantity.REACTIVE_ENERGY_EXPORT);
          case GAS -> List.of(Quantity.VOLUME);
          case H2_PRODUCED, H2_DISPENSED -> List.of(Quantity.MASS);
        };
    return quantities.stream().map(Quantity::key).toList();
  }

  private Trace register(Meter meter, String key, long micros, long atMillis, String which) {
    Trace register =
        Trace.given(
            Kind.REGISTER,
            meter.id() + "/" + key + " at the " + which,
            new BigDecimal(Micros.text(micros)),
            Point.of(key).quantity().ucum(),
            "");
    List<Trace> samples = beside(meter.device(), Point.of(key), atMillis);
    return samples.isEmpty()
        ? register.noted("the samples beside it are no longer kept")
        : register
            .of(Rule.SHOWN, samples)
            .noted("on the straight line between the readings beside it");
  }

  /** The last reading at or before an instant, and the first at or after it. */
  private List<Trace> beside(String device, Point point, long atMillis) {
    DataRecord before = null;
    DataRecord after = null;
    for (DataRecord sample :
        history
            .samples(device, atMillis - NEAR_MILLIS, atMillis + NEAR_MILLIS, MOST_SAMPLES)
            .records()) {
      if (!sample.sample().values().has(point)) {
        continue;
      }
      if (sample.tsMillis() <= atMillis) {
        before = sample;
      }
      if (sample.tsMillis() >= atMillis) {
        after = sample;
        break;
      }
    }
    List<Trace> samples = new ArrayList<>();
    if (before != null) {
      samples.add(sample(before, point));
    }
    if (after != null && (before == null || after.seq() != before.seq())) {
      samples.add(sample(after, point));
    }
    return samples;
  }

  private Trace sample(DataRecord record, Point point) {
    String when = WHEN.format(Instant.ofEpochMilli(record.tsMillis()).atZone(site.place().zone()));
    return Trace.given(
        Kind.SAMPLE,
        record.sample().device() + " " + when,
        new BigDecimal(Micros.text(record.sample().values().micros(point))),
        point.quantity().ucum(),
        "seq " + record.seq());
  }
}
