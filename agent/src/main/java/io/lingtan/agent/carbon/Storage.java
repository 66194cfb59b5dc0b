package io.lingtan.agent.carbon;

import static io.lingtan.agent.carbon.sheet.Combining.value;
import static io.lingtan.agent.carbon.sheet.Listing.ALL;
import static io.lingtan.agent.carbon.sheet.Listing.DAYS;
import static io.lingtan.agent.carbon.sheet.Sheet.KWH;

import io.lingtan.agent.carbon.sheet.Chapter;
import io.lingtan.agent.carbon.sheet.Combining;
import io.lingtan.agent.carbon.sheet.Level;
import io.lingtan.agent.carbon.sheet.Level.Kind;
import io.lingtan.agent.carbon.sheet.Listing;
import io.lingtan.agent.carbon.sheet.Rounding;
import io.lingtan.agent.carbon.sheet.Sheet;
import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.Indicator.Rolling;
import io.lingtan.agent.reading.Indicator.Section;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.site.Figure;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is stored, and what storing costs: levels at the interval's end; by the day and longer the
 * battery's efficiency raw and corrected by the change of its state of charge, equivalent full
 * cycles and loss; and the hydrogen that the books cannot find in the tanks.
 */
final class Storage implements Chapter {

  /** Gauges are taken to read that much less than the density equation wants. */
  private static final String ASSUMED = "gauge pressure + 0.101325 MPa";

  private static final Set<String> LENGTHS = Set.of("1d", "1M", "1Y");

  private static final List<Figure> TOOK_AND_GAVE =
      List.of(Figure.BATTERY_CHARGE, Figure.BATTERY_DISCHARGE);

  static final List<Indicator> LISTED =
      new Listing()
          .lengths(ALL)
          .in(Section.STORAGE)
          .rolls(Rolling.LAST)
          .rule("at the end; with several batteries each with its id")
          .needs("battery soc")
          .add("storage.soc", "%", "期末荷电状态", "state of charge at the end")
          .needs("battery soh")
          .add("storage.soh", "%", "期末健康状态", "state of health at the end")
          .in(Section.H2)
          .rule("from pressure, temperature and volume", "Lemmon, Huber, Leachman 2008 (NIST)")
          .needs("h2_storage")
          .add("h2.storage_mass", Sheet.KG, "期末储氢量", "stored at the end")
          .rolls(Rolling.LINEAR)
          .rule("made − given − gained by the tanks")
          .from("h2.produced h2.dispensed h2.storage_mass")
          .needs("electrolyser hydrogen h2_dispenser h2_storage")
          .add("h2.balance_residual", Sheet.KG, "氢平衡差", "not found again")
          .in(Section.STORAGE)
          .lengths(DAYS)
          .rolls(Rolling.ANEW)
          .from("elec.battery.charge elec.battery.discharge")
          .needs("battery")
          .rule("discharge / charge")
          .add("storage.rte_raw", "%", "往返效率（原始）", "round trip, raw")
          .needs("battery capacity")
          .rule("discharge / usable capacity")
          .from("elec.battery.discharge")
          .add("storage.efc", "1", "等效满循环次数", "equivalent full cycles")
          .needs("battery capacity soc")
          .from("elec.battery.charge elec.battery.discharge storage.soc")
          .rule("(discharge + gained by the state of charge) / charge")
          .add("storage.rte_corrected", "%", "往返效率（荷电修正）", "round trip, corrected")
          .rolls(Rolling.LINEAR)
          .rule("charge − discharge − gained by the state of charge")
          .add("storage.loss", KWH, "储能损耗", "lost in the battery")
          .list();

  @Override
  public List<Indicator> listed() {
    return LISTED;
  }

  @Override
  public void base(Sheet sheet) {
    levels(sheet);
    hydrogen(sheet);
  }

  @Override
  public void rollUp(Sheet sheet) {
    levels(sheet);
    hydrogen(sheet);
    if (LENGTHS.contains(sheet.length())) {
      battery(sheet);
    }
  }

  private static void levels(Sheet sheet) {
    for (Kind kind : Kind.values()) {
      List<Level> all = sheet.levels(kind);
      if (all.isEmpty()) {
        continue;
      }
      if (kind == Kind.H2_MASS) {
        Metric sum = new Combining(all.stream().map(Level::end).toList()).sum(kind.ucum());
        sheet.put(kind.metric(), sum.micros() == null ? sum : sum.saying(ASSUMED));
      } else if (all.size() == 1) {
        sheet.put(kind.metric(), all.getFirst().end());
      }
      if (all.size() > 1) {
        all.forEach(level -> sheet.put(kind.metric() + "." + level.meter().id(), level.end()));
      }
    }
  }

  /** Produced less dispensed less what the tanks gained. */
  private static void hydrogen(Sheet sheet) {
    Metric produced = sheet.get(Figure.H2_PRODUCED.metric());
    Metric dispensed = sheet.get(Figure.H2_DISPENSED.metric());
    List<Level> tanks = sheet.levels(Kind.H2_MASS);
    if (produced == null || dispensed == null || tanks.isEmpty()) {
      return;
    }
    List<Metric> inputs = new ArrayList<>(List.of(produced, dispensed));
    tanks.forEach(tank -> inputs.addAll(List.of(tank.start(), tank.end())));
    Combining all = new Combining(inputs);
    if (all.why() != null) {
      sheet.put("h2.balance_residual", all.figure(0, Sheet.KG));
      return;
    }
    long gained = tanks.stream().mapToLong(tank -> value(tank.end()) - value(tank.start())).sum();
    sheet.put(
        "h2.balance_residual",
        all.compared(value(produced) - value(dispensed) - gained, Sheet.KG, sheet.length()));
  }

  private static void battery(Sheet sheet) {
    Metric charge = sheet.get(Figure.BATTERY_CHARGE.metric());
    Metric discharge = sheet.get(Figure.BATTERY_DISCHARGE.metric());
    if (charge == null || discharge == null) {
      return;
    }
    Combining both = new Combining(List.of(charge, discharge));
    String why = both.why();
    sheet.put(
        "storage.rte_raw",
        why != null
            ? Metric.missing("%", why)
            : sheet.ratio(both, 100 * value(discharge), value(charge), "%", "nothing was charged"));
    cycles(sheet, discharge);
    Metric gained = gained(sheet);
    if (gained == null) {
      return;
    }
    Combining all = new Combining(List.of(charge, discharge, gained));
    why = all.why();
    if (why != null) {
      sheet.put("storage.rte_corrected", Metric.missing("%", why));
      sheet.put("storage.loss", Metric.missing(KWH, why));
      return;
    }
    long kept = value(discharge) + value(gained);
    // Charge is shown in percents, at both ends half a one off.
    long tolerance =
        Math.round(sheet.capacityKwh() * 1e4)
            + Contradiction.tolerance(sheet, value(charge), TOOK_AND_GAVE, 0);
    boolean wrong =
        Contradiction.isJudged(List.of(charge, discharge))
            && Contradiction.isRoundTrip(value(charge), value(discharge), value(gained), tolerance);
    if (wrong) {
      all = new Combining(List.of(Combining.suspect(charge), Combining.suspect(discharge), gained));
      sheet.put(Figure.BATTERY_CHARGE.metric(), Combining.suspect(charge));
      sheet.put(Figure.BATTERY_DISCHARGE.metric(), Combining.suspect(discharge));
    }
    sheet.put(
        "storage.rte_corrected",
        sheet.ratio(all, 100 * kept, value(charge), "%", "nothing was charged"));
    sheet.put("storage.loss", all.compared(value(charge) - kept, KWH, sheet.length()));
  }

  private static void cycles(Sheet sheet, Metric discharge) {
    double capacity = sheet.capacityKwh();
    if (capacity > 0) {
      Combining input = new Combining(List.of(discharge));
      sheet.put(
          "storage.efc",
          input.why() != null
              ? Metric.missing("1", discharge.why() == null ? "" : discharge.why())
              : input.figure(
                  Rounding.millionths(value(discharge), Math.round(capacity * 1e6)), "1"));
    }
  }

  /** Stored energy gained, by state of charge; null where a battery's capacity is not known. */
  private static @Nullable Metric gained(Sheet sheet) {
    List<Level> charges = sheet.levels(Kind.SOC);
    if (charges.isEmpty()) {
      return null;
    }
    List<Metric> inputs = new ArrayList<>();
    BigDecimal gained = BigDecimal.ZERO;
    for (Level level : charges) {
      if (!(level.meter().capacityKwh() > 0)) {
        return null;
      }
      inputs.add(level.start());
      inputs.add(level.end());
      if (level.start().micros() != null && level.end().micros() != null) {
        gained =
            gained.add(
                BigDecimal.valueOf(level.meter().capacityKwh())
                    .multiply(BigDecimal.valueOf(value(level.end()) - value(level.start())))
                    .movePointLeft(2));
      }
    }
    return new Combining(inputs).figure(Rounding.whole(gained), KWH);
  }
}
