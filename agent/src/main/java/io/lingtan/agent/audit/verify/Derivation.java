package io.lingtan.agent.audit.verify;

import io.lingtan.agent.seal.JsonValue;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a figure has to be, by the rules of {@code config/README.md}, from other figures of the same
 * record and factors that it names. A base interval's battery also follows from the interval
 * before. Written anew from the rules: it shares no code with what made the figures.
 */
final class Derivation {

  private static final int PLACES = 6;
  private static final BigDecimal HUNDRED = new BigDecimal(100);
  private static final BigDecimal NORMAL_DENSITY = new BigDecimal("0.0899");
  private static final BigDecimal HEATING_VALUE = new BigDecimal("33.33");
  private static final BigDecimal WATER = new BigDecimal(9);
  private static final BigDecimal CLEAN = new BigDecimal("4.9");
  private static final BigDecimal LOW_CARBON = new BigDecimal("14.51");
  private static final BigDecimal MILLIONTH = new BigDecimal("0.000001");

  /** Loads of which any may be an electrolyser; of more all ways to add them up are too many. */
  private static final int MOST_LOADS = 12;

  private static final String IMPORT = "elec.grid.import";
  private static final String EXPORT = "elec.grid.export";
  private static final String PV = "elec.pv.generation";
  private static final String CHP = "elec.chp.generation";
  private static final String CHARGE = "elec.battery.charge";
  private static final String DISCHARGE = "elec.battery.discharge";
  private static final String LOAD = "elec.load.total";
  private static final String PRODUCED = "h2.produced";

  // Of hybrid inverters: what is behind them, and what passed between them and the busbar.
  private static final String BEHIND_PV = "elec.hybrid.pv";
  private static final String BEHIND_CHARGE = "elec.hybrid.charge";
  private static final String BEHIND_DISCHARGE = "elec.hybrid.discharge";
  private static final String OUTPUT = "elec.hybrid.output";
  private static final String INPUT = "elec.hybrid.input";

  /** What buses are compared with. */
  private static final Pattern AGAINST =
      Pattern.compile("diesel at ([0-9]{1,12}(?:\\.[0-9]{1,12})?) L/100 km");

  /** By what energy from the battery is divided. */
  private static final Pattern ROUND_TRIP =
      Pattern.compile("battery / ((?:0\\.[0-9]{0,16}[1-9][0-9]{0,16})|1|1\\.0)");

  /** What was left of the month before. */
  private static final Pattern CARRIED =
      Pattern.compile("with ([0-9]{1,12}(?:\\.[0-9]{1,12})?) kWh of the month before");

  /** What a quotient is of. */
  private static final Map<String, List<String>> RATIOS =
      Map.of(
          "co2.per_load_kwh", List.of("co2.total", LOAD),
          "h2.sec", List.of("h2.energy", PRODUCED),
          "h2.ci", List.of("h2.co2", PRODUCED),
          "h2.dispensed_ci", List.of("h2.dispensed_co2", "h2.dispensed"),
          "storage.pool_ci", List.of("storage.pool_co2", "storage.pool_energy"));

  private static final Map<String, BigDecimal> CLASSES =
      Map.of(
          "none", BigDecimal.ZERO,
          "low-carbon", BigDecimal.ONE,
          "clean", BigDecimal.TWO,
          "renewable", new BigDecimal(3));

  private final JsonValue.Obj metrics;
  private final JsonValue.Obj factors;
  private final boolean base;
  private final @Nullable BaseFigures before;

  /**
   * @param before figures of the base interval that ends where this one begins; null if the file
   *     has none
   */
  Derivation(SealedRecord record, @Nullable BaseFigures before) {
    this.metrics = record.json().object("metrics");
    this.factors = record.json().object("factors");
    this.base = record.length().endsWith("m");
    this.before = before;
  }

  /**
   * What a figure may be.
   *
   * @param words how it follows
   */
  record Expected(BigDecimal least, BigDecimal most, String words) {

    boolean holds(BigDecimal value) {
      return least.compareTo(value) <= 0 && value.compareTo(most) <= 0;
    }

    private static Expected of(BigDecimal exact, String words) {
      BigDecimal rounded = exact.setScale(PLACES, RoundingMode.HALF_EVEN);
      return new Expected(rounded, rounded, words + " is " + rounded.toPlainString());
    }

    private static Expected about(BigDecimal exact, BigDecimal tolerance, String words) {
      BigDecimal least = exact.subtract(tolerance);
      BigDecimal most = exact.add(tolerance);
      String about = exact.setScale(PLACES, RoundingMode.HALF_EVEN).toPlainString();
      return new Expected(least, most, words + " is about " + about);
    }
  }

  /** What the figure has to be; null where the record does not say enough. */
  @Nullable Expected of(String name) {
    List<String> ratio = RATIOS.get(name);
    BigDecimal stored = value("storage.pool_energy");
    if (name.equals("storage.pool_ci") && stored != null && stored.signum() == 0) {
      return Expected.of(BigDecimal.ZERO, "the intensity of nothing");
    }
    if (ratio != null) {
      return ratio(BigDecimal.ONE, ratio.getFirst(), ratio.getLast());
    }
    if (name.startsWith("flow.")) {
      return flow(name.substring("flow.".length()));
    }
    if (name.startsWith(IMPORT + ".")) {
      return base && isPeriod(name) ? same(IMPORT) : null;
    }
    if (name.startsWith("co2.load.")) {
      return base ? loadCarbon(name.substring("co2.load.".length())) : null;
    }
    if (name.startsWith("fuel.mass.")
        || name.startsWith("refrigerant.loss.")
        || name.equals("heat.steam")
        || name.equals("heat.hot_water")
        || name.equals("h2.delivered")
        || name.equals("h2.delivered_co2")
        || name.equals("h2.vented")
        || name.equals("h2.boil_off")) {
      return documents(name);
    }
    if (name.startsWith("h2.from_")) {
      String flow = "flow." + name.substring("h2.from_".length()) + "_to_load";
      return base ? share(flow, "h2.energy", LOAD) : null;
    }
    return switch (name) {
      case LOAD -> load();
      case "elec.hybrid.loss" -> hybridLoss();
      case "elec.hybrid.efficiency" ->
          ratio(
              HUNDRED,
              sum(OUTPUT, BEHIND_CHARGE),
              sum(BEHIND_PV, BEHIND_DISCHARGE, INPUT),
              "(output + charge) / (pv + discharge + input)");
      case "balance.residual_pct" -> residual();
      case "kpi.self_consumption" -> selfConsumption();
      case "kpi.self_sufficiency" -> selfSufficiency();
      case "clean.score" ->
          ratio(
              HUNDRED,
              value("clean.matched"),
              sum(
                  "flow.grid_to_load",
                  "flow.pv_to_load",
                  "flow.chp_to_load",
                  "flow.battery_to_load"),
              "clean.matched / what flowed to loads");
      case "clean.battery_share" ->
          ratio(
              HUNDRED,
              value("flow.pv_to_battery"),
              sum("flow.pv_to_battery", "flow.grid_to_battery", "flow.chp_to_battery"),
              "PV to battery / all that charged it");
      case "demand.block" -> times(IMPORT, new BigDecimal(4));
      case "pf" -> powerFactor();
      case "grid.factor" -> gridFactor();
      case "co2.battery.to_load", "co2.battery.to_grid", "storage.pool_co2" -> battery(name);
      case "storage.rte_raw" -> ratio(HUNDRED, DISCHARGE, CHARGE);
      case "storage.rte_corrected" -> corrected();
      case "h2.energy" -> electrolysers("h2.energy", "elec.load.");
      case "h2.co2" -> electrolysers("h2.co2", "co2.load.");
      case "h2.stock_co2", "h2.dispensed_co2" -> nozzle(name);
      case "h2.sec_nm3" -> times("h2.sec", NORMAL_DENSITY);
      case "h2.eta_lhv" -> ratio(HEATING_VALUE, PRODUCED, "h2.energy");
      case "h2.water_split" -> times(PRODUCED, WATER);
      case "h2.ci_boundary" -> Expected.of(BigDecimal.ONE, "it");
      case "h2.ci_footprint" -> footprint();
      case "h2.class" -> hydrogenClass("h2.ci_footprint", name);
      case "h2.class_lower_bound" -> hydrogenClass("h2.ci", name);
      case "h2.clean_budget" -> budget(CLEAN, name);
      case "h2.low_carbon_budget" -> budget(LOW_CARBON, name);
      case "h2.ci_delivered" -> ratio(BigDecimal.ONE, "h2.delivered_co2", "h2.delivered");
      case "h2.supply_ci" ->
          ratio(
              BigDecimal.ONE,
              sum("h2.co2", "h2.delivered_co2"),
              sum(PRODUCED, "h2.delivered"),
              "(h2.co2 + h2.delivered_co2) / (h2.produced + h2.delivered)");
      case "h2.balance_residual" -> hydrogenBalance(value(PRODUCED), value("h2.dispensed"));
      case "h2.station_residual" ->
          hydrogenBalance(
              sum("h2.delivered", PRODUCED), sum("h2.dispensed", "h2.vented", "h2.boil_off"));
      case "heat.purchased" -> boughtHeat();
      case "cert.generated_kwh" -> panels(name);
      case "cert.issued_est" -> issued();
      case "cert.coverage" -> coverage();
      case "cert.unused" -> unused();
      case "tce.nonfossil_share" -> nonFossil();
      case "co2.chp.heat" -> forHeat();
      case "co2.scope1.refrigerants" -> refrigerants();
      case "bus.km" -> buses();
      case "h2.against_diesel" -> againstDiesel();
      case "bus.avoided", "bus.avoided_per_km" -> avoided(name);
      default -> null;
    };
  }

  // Arithmetic.

  private @Nullable BigDecimal value(String name) {
    String value = metrics.object(name).number("v");
    return value == null ? null : new BigDecimal(value);
  }

  private boolean has(String name) {
    return metrics.get(name) != null;
  }

  /** Zero for what the site does not have; null for what it has and does not know. */
  private @Nullable BigDecimal orNone(String name) {
    return has(name) ? value(name) : BigDecimal.ZERO;
  }

  private @Nullable Expected same(String name) {
    return times(name, BigDecimal.ONE);
  }

  private @Nullable Expected times(String name, BigDecimal by) {
    BigDecimal value = value(name);
    return value == null
        ? null
        : Expected.of(value.multiply(by), name + " × " + by.toPlainString());
  }

  private @Nullable Expected ratio(BigDecimal by, String above, String below) {
    return ratio(by, value(above), value(below), above + " / " + below);
  }

  private static @Nullable Expected ratio(
      BigDecimal by, @Nullable BigDecimal above, @Nullable BigDecimal below, String words) {
    return above == null || below == null || below.signum() == 0
        ? null
        : Expected.of(by.multiply(above).divide(below, PLACES, RoundingMode.HALF_EVEN), words);
  }

  private @Nullable Expected share(String part, String share, String whole) {
    BigDecimal a = value(part);
    BigDecimal b = value(share);
    BigDecimal c = value(whole);
    String words = part + " × " + share + " / " + whole;
    if (a == null || b == null || c == null) {
      return null;
    }
    return c.signum() <= 0
        ? b.signum() == 0 ? Expected.of(BigDecimal.ZERO, words) : null
        : Expected.of(a.multiply(b).divide(c, PLACES, RoundingMode.HALF_EVEN), words);
  }

  private @Nullable BigDecimal sum(String... names) {
    BigDecimal sum = BigDecimal.ZERO;
    for (String name : names) {
      BigDecimal value = orNone(name);
      if (value == null) {
        return null;
      }
      sum = sum.add(value);
    }
    return sum;
  }

  /** Those of the record whose name begins so, without that. */
  private List<String> ids(String beginning) {
    return metrics.members().keySet().stream()
        .filter(name -> name.startsWith(beginning) && !name.equals(LOAD))
        .map(name -> name.substring(beginning.length()))
        .toList();
  }

  // Electricity.

  private static boolean isPeriod(String name) {
    return List.of("sharp", "peak", "flat", "valley", "deep")
        .contains(name.substring(name.lastIndexOf('.') + 1));
  }

  private @Nullable Expected load() {
    BigDecimal load = loadValue();
    return load == null
        ? null
        : Expected.of(load, "import + pv + chp + discharge − export − charge");
  }

  private @Nullable BigDecimal loadValue() {
    BigDecimal in = sum(IMPORT, PV, CHP, DISCHARGE, OUTPUT, BEHIND_CHARGE);
    BigDecimal out = sum(EXPORT, CHARGE, INPUT, BEHIND_PV, BEHIND_DISCHARGE);
    return in == null || out == null || !has(IMPORT) ? null : in.subtract(out);
  }

  private @Nullable Expected hybridLoss() {
    BigDecimal in = sum(BEHIND_PV, BEHIND_DISCHARGE, INPUT);
    BigDecimal out = sum(BEHIND_CHARGE, OUTPUT);
    return in == null || out == null
        ? null
        : Expected.of(in.subtract(out), "hybrid pv + discharge + input − charge − output");
  }

  /** What panels behind hybrid inverters charged the battery with, without passing the busbar. */
  private BigDecimal direct() {
    return known(BEHIND_PV).min(known(BEHIND_CHARGE));
  }

  /** Of what hybrid inverters gave, the panels' part: in the ratio of what was left behind them. */
  private BigDecimal panels() {
    BigDecimal left = known(BEHIND_PV).subtract(direct());
    BigDecimal both = left.add(known(BEHIND_DISCHARGE));
    return both.signum() == 0
        ? BigDecimal.ZERO
        : known(OUTPUT).multiply(left).divide(both, PLACES, RoundingMode.HALF_EVEN);
  }

  private @Nullable Expected residual() {
    return ratio(
        HUNDRED,
        value("balance.residual"),
        sum(IMPORT, PV, CHP, DISCHARGE),
        "balance.residual / all that came in");
  }

  private @Nullable Expected selfConsumption() {
    BigDecimal own = sum("flow.pv_to_load", "flow.pv_to_battery");
    return ratio(BigDecimal.ONE, own, value(PV), "(PV to load + PV to battery) / PV");
  }

  private @Nullable Expected selfSufficiency() {
    BigDecimal load = value(LOAD);
    BigDecimal bought = value("flow.grid_to_load");
    BigDecimal own = load == null || bought == null ? null : load.subtract(bought);
    return ratio(BigDecimal.ONE, own, load, "1 − grid to load / load");
  }

  private @Nullable Expected powerFactor() {
    BigDecimal active = value(IMPORT);
    BigDecimal reactive = sum("reactive.import", "reactive.export");
    if (active == null || reactive == null) {
      return null;
    }
    BigDecimal apparent = active.pow(2).add(reactive.pow(2)).sqrt(MathContext.DECIMAL64);
    return apparent.signum() == 0
        ? null
        : Expected.about(
            active.divide(apparent, MathContext.DECIMAL64),
            MILLIONTH,
            IMPORT + " / √(active² + reactive²)");
  }

  /** Who fed whom, of a base interval: by the rule that the figure names. */
  private @Nullable Expected flow(String flow) {
    String rule = metrics.object("flow." + flow).text("text");
    BigDecimal load = loadValue();
    BigDecimal all = sum(IMPORT, PV, CHP, DISCHARGE);
    if (flow.endsWith("_to_loss")) {
      return lost(flow);
    }
    int to = flow.indexOf("_to_");
    int source =
        List.of("grid", "pv", "chp", "battery").indexOf(flow.substring(0, Math.max(0, to)));
    int sink = List.of("load", "battery", "grid").indexOf(flow.substring(to + 4));
    if (!base || rule == null || load == null || all == null || source < 0 || sink < 0) {
      return null;
    }
    BigDecimal[] sources = {
      known(IMPORT),
      known(PV).subtract(known(BEHIND_PV)).add(panels()),
      known(CHP),
      known(DISCHARGE).subtract(known(BEHIND_DISCHARGE)).add(known(OUTPUT)).subtract(panels()),
    };
    BigDecimal[] sinks = {
      load.max(BigDecimal.ZERO),
      known(CHARGE).subtract(known(BEHIND_CHARGE)).add(known(INPUT)),
      known(EXPORT)
    };
    all = Arrays.stream(sources).reduce(BigDecimal.ZERO, BigDecimal::add);
    BigDecimal direct = flow.equals("pv_to_battery") ? direct() : BigDecimal.ZERO;
    String words = "by " + rule + " allocation it";
    if (rule.equals("priority")) {
      return Expected.of(byPriority(sources, sinks)[source][sink].add(direct), words);
    }
    BigDecimal taken = Arrays.stream(sinks).reduce(BigDecimal.ZERO, BigDecimal::add).max(all);
    return !rule.equals("proportional")
        ? null
        : taken.signum() == 0
            ? Expected.of(direct, words)
            : Expected.about(
                sources[source]
                    .multiply(sinks[sink])
                    .divide(taken, MathContext.DECIMAL64)
                    .add(direct),
                // What rounding leaves over is dealt out among sources and sinks.
                MILLIONTH.multiply(new BigDecimal(sources.length * sinks.length)),
                words);
  }

  /** What got lost in hybrid inverters, of panels or of the battery. */
  private @Nullable Expected lost(String flow) {
    boolean panels = flow.startsWith("pv_");
    BigDecimal left =
        panels
            ? known(BEHIND_PV).subtract(direct())
            : known(BEHIND_DISCHARGE).subtract(known(OUTPUT));
    return Expected.of(
        panels ? left.subtract(panels()) : left.add(panels()),
        "what is behind hybrid inverters and did not get out");
  }

  private BigDecimal known(String name) {
    BigDecimal value = orNone(name);
    return value == null ? BigDecimal.ZERO : value;
  }

  private static BigDecimal[][] byPriority(BigDecimal[] sources, BigDecimal[] sinks) {
    BigDecimal[][] moved = new BigDecimal[4][3];
    for (BigDecimal[] row : moved) {
      Arrays.fill(row, BigDecimal.ZERO);
    }
    move(moved, sources, sinks, 0, 1, sources[0].subtract(sinks[0]).max(BigDecimal.ZERO));
    int[][] order = {
      {1, 1}, {1, 2}, {2, 1}, {2, 2}, {3, 2}, {0, 1}, {1, 0}, {2, 0}, {3, 0}, {0, 0}, {0, 2}, {3, 1}
    };
    for (int[] each : order) {
      move(moved, sources, sinks, each[0], each[1], sources[each[0]]);
    }
    return moved;
  }

  private static void move(
      BigDecimal[][] moved,
      BigDecimal[] sources,
      BigDecimal[] sinks,
      int source,
      int sink,
      BigDecimal most) {
    BigDecimal energy = most.min(sources[source]).min(sinks[sink]);
    moved[source][sink] = moved[source][sink].add(energy);
    sources[source] = sources[source].subtract(energy);
    sinks[sink] = sinks[sink].subtract(energy);
  }

  // Carbon.

  private @Nullable Expected gridFactor() {
    BigDecimal factor = factor(metrics.object("grid.factor").text("factor"), "kW.h");
    return factor == null ? null : Expected.of(factor, "the factor that it names");
  }

  /** A factor's kilograms for one unit; null if the record does not have it. */
  private @Nullable BigDecimal factor(@Nullable String id, String per) {
    JsonValue.Obj factor = id == null ? null : factors.object(id);
    String value = factor == null ? null : factor.text("value");
    String unit = factor == null ? null : factor.text("u");
    return value == null || unit == null ? null : FactorUnits.kilograms(value, unit, per);
  }

  private @Nullable BigDecimal gridFactorValue() {
    return factor(metrics.object("grid.factor").text("factor"), "kW.h");
  }

  /** What the grid gave with its factor, rounded to the milligram. */
  private @Nullable BigDecimal bought(String flow) {
    BigDecimal energy = orNone(flow);
    BigDecimal factor = gridFactorValue();
    return energy == null || factor == null
        ? null
        : energy.multiply(factor).setScale(PLACES, RoundingMode.HALF_EVEN);
  }

  private @Nullable Expected loadCarbon(String id) {
    BigDecimal grid = bought("flow.grid_to_load");
    BigDecimal stored = orNone("co2.battery.to_load");
    BigDecimal energy = value("elec.load." + id);
    BigDecimal load = value(LOAD);
    return grid == null || stored == null
        ? null
        : energy == null || load == null || load.signum() <= 0
            ? null
            : Expected.of(
                grid.add(stored).multiply(energy).divide(load, PLACES, RoundingMode.HALF_EVEN),
                "the CO2 of all loads × elec.load." + id + " / " + LOAD);
  }

  /**
   * What was in the battery and came in is what went out and is in it now, and goes to loads and
   * the grid in the ratio of the energy.
   */
  private @Nullable Expected battery(String name) {
    BigDecimal was = before == null ? null : before.value("storage.pool_co2");
    BigDecimal came = bought("flow.grid_to_battery");
    BigDecimal is = value("storage.pool_co2");
    BigDecimal toLoad = value("co2.battery.to_load");
    BigDecimal toGrid = value("co2.battery.to_grid");
    if (!base || was == null || came == null || is == null || toLoad == null || toGrid == null) {
      return null;
    }
    BigDecimal self = orNone("flow.battery_to_battery");
    BigDecimal given =
        has(OUTPUT) ? sum("flow.battery_to_load", "flow.battery_to_grid") : value(DISCHARGE);
    BigDecimal load = value("flow.battery_to_load");
    BigDecimal out = was.add(came).subtract(is);
    if (name.equals("storage.pool_co2")) {
      return Expected.of(
          was.add(came).subtract(toLoad).subtract(toGrid),
          "what was in it before and came in, less what went out,");
    }
    if (self == null || self.signum() != 0 || given == null || load == null) {
      return null;
    }
    BigDecimal share =
        given.signum() == 0
            ? BigDecimal.ZERO
            : out.multiply(load).divide(given, PLACES, RoundingMode.HALF_EVEN);
    return name.equals("co2.battery.to_load")
        ? Expected.of(share, "its share of what left the battery")
        : Expected.of(out.subtract(share), "its share of what left the battery");
  }

  private @Nullable Expected forHeat() {
    BigDecimal share = value("chp.heat_share");
    BigDecimal heat = value("co2.chp.heat");
    BigDecimal power = value("co2.chp.power");
    if (share == null || heat == null || power == null) {
      return null;
    }
    BigDecimal all = heat.add(power);
    return Expected.about(
        all.multiply(share), all.multiply(MILLIONTH).add(MILLIONTH), "its share of the fuel");
  }

  private @Nullable Expected corrected() {
    BigDecimal charged = value(CHARGE);
    BigDecimal loss = value("storage.loss");
    return charged == null || loss == null
        ? null
        : ratio(HUNDRED, charged.subtract(loss), charged, "(charge − loss) / charge");
  }

  // Hydrogen.

  /** Which loads are electrolysers the record does not say: some of them add up to it. */
  private @Nullable Expected electrolysers(String name, String beginning) {
    List<String> ids = ids("elec.load.");
    BigDecimal energy = value("h2.energy");
    BigDecimal told = value(name);
    if (energy == null || told == null || ids.isEmpty() || ids.size() > MOST_LOADS) {
      return null;
    }
    List<BigDecimal> possible = new ArrayList<>();
    boolean unknown = false;
    for (int some = 1; some < 1 << ids.size(); some++) {
      BigDecimal taken = BigDecimal.ZERO;
      BigDecimal sum = BigDecimal.ZERO;
      for (int i = 0; i < ids.size() && taken != null; i++) {
        if ((some >> i & 1) != 0) {
          BigDecimal each = value("elec.load." + ids.get(i));
          BigDecimal own = value(beginning + ids.get(i));
          taken = each == null ? null : taken.add(each);
          sum = own == null || sum == null ? null : sum.add(own);
        }
      }
      if (taken != null && (taken.compareTo(energy) == 0 || name.equals("h2.energy"))) {
        unknown |= sum == null;
        if (sum != null) {
          possible.add(sum);
        }
      }
    }
    if (possible.stream().anyMatch(each -> each.compareTo(told) == 0)) {
      return Expected.of(told, "it");
    }
    return unknown || possible.isEmpty()
        ? null
        : Expected.of(nearest(possible, told), "what electrolysers have of " + beginning + "{id}");
  }

  private static BigDecimal nearest(List<BigDecimal> possible, BigDecimal to) {
    BigDecimal best = possible.getFirst();
    for (BigDecimal each : possible) {
      best = each.subtract(to).abs().compareTo(best.subtract(to).abs()) < 0 ? each : best;
    }
    return best;
  }

  /** Of tanks that are measured: what left them is a share of all that was given or is left. */
  private @Nullable Expected nozzle(String name) {
    BigDecimal was = before == null ? null : before.value("h2.stock_co2");
    BigDecimal made = value("h2.co2");
    BigDecimal given = value("h2.dispensed");
    BigDecimal left = value("h2.storage_mass");
    BigDecimal told = value(name);
    List<String> ids = ids("co2.load.");
    if (!base
        || was == null
        || made == null
        || given == null
        || left == null
        || told == null
        || ids.size() > MOST_LOADS) {
      return null;
    }
    BigDecimal all = was.add(made);
    BigDecimal whole = given.add(left);
    BigDecimal out =
        whole.signum() == 0
            ? BigDecimal.ZERO
            : all.multiply(given).divide(whole, PLACES, RoundingMode.HALF_EVEN);
    if (name.equals("h2.stock_co2")) {
      return Expected.of(all.subtract(out), "what came with it, less its share of what was given,");
    }
    // Which loads are compressors the record does not say.
    List<BigDecimal> possible = new ArrayList<>(List.of(out));
    for (String id : ids) {
      BigDecimal own = value("co2.load." + id);
      if (own == null) {
        return null;
      }
      possible.addAll(possible.stream().map(own::add).toList());
    }
    return Expected.of(nearest(possible, told), "its share of the stock, and compressors' CO2,");
  }

  private @Nullable Expected footprint() {
    List<String> used = Recomputation.texts(metrics.object("h2.ci_footprint").get("factors"));
    return used.size() != 2
        ? null
        : ratio(
            BigDecimal.ONE,
            footprint(used),
            value(PRODUCED),
            "energy of each origin × its footprint / hydrogen");
  }

  /**
   * What the hydrogen's energy emitted by the footprints of the grid and of PV. Software that does
   * not say what it divides the battery's part by has not divided it.
   */
  private @Nullable BigDecimal footprint(List<String> used) {
    BigDecimal grid = factor(used.getFirst(), "kW.h");
    BigDecimal pv = factor(used.getLast(), "kW.h");
    BigDecimal bought = sum("h2.from_grid");
    BigDecimal stored = sum("h2.from_battery");
    BigDecimal solar = sum("h2.from_pv");
    String text = metrics.object("h2.ci_footprint").text("text");
    Matcher lost = ROUND_TRIP.matcher(text == null ? "battery / 1" : text);
    if (grid == null
        || pv == null
        || bought == null
        || stored == null
        || solar == null
        || !lost.matches()) {
      return null;
    }
    return bought
        .add(stored.divide(new BigDecimal(lost.group(1)), PLACES, RoundingMode.HALF_EVEN))
        .multiply(grid)
        .setScale(PLACES, RoundingMode.HALF_EVEN)
        .add(solar.multiply(pv).setScale(PLACES, RoundingMode.HALF_EVEN));
  }

  private @Nullable Expected hydrogenClass(String from, String name) {
    BigDecimal intensity = value(from);
    String word = metrics.object(name).text("text");
    if (intensity == null || word == null) {
      return null;
    }
    BigDecimal other =
        from.equals("h2.ci") ? value("h2.co2") : sum("h2.from_grid", "h2.from_battery");
    boolean whole = !"partial".equals(metrics.object(from).text("q"));
    String reached =
        intensity.compareTo(LOW_CARBON) > 0
            ? "none"
            : intensity.compareTo(CLEAN) > 0
                ? "low-carbon"
                : word.equals("renewable") && other != null && other.signum() == 0 && whole
                    ? "renewable"
                    : "clean";
    BigDecimal code = CLASSES.get(reached);
    // A day of which part is unknown is at best clean, and only who made it knows that it is one.
    boolean allowed = word.equals(reached);
    return code == null
        ? null
        : Expected.of(
            allowed ? code : code.add(MILLIONTH), from + " allows \"" + reached + "\", which");
  }

  private @Nullable Expected budget(BigDecimal limit, String name) {
    BigDecimal produced = value(PRODUCED);
    List<String> used = Recomputation.texts(metrics.object(name).get("factors"));
    if (used.size() == 2) {
      BigDecimal emitted = footprint(used);
      BigDecimal grid = factor(used.getFirst(), "kW.h");
      BigDecimal pv = factor(used.getLast(), "kW.h");
      return produced == null
              || emitted == null
              || grid == null
              || pv == null
              || grid.compareTo(pv) <= 0
          ? null
          : Expected.of(
              limit
                  .multiply(produced)
                  .subtract(emitted)
                  .divide(grid.subtract(pv), MathContext.DECIMAL64),
              "(" + limit.toPlainString() + " × h2.produced − its footprint) / (grid's − PV's)");
    }
    BigDecimal carbon = value("h2.co2");
    BigDecimal factor = factor(metrics.object(name).text("factor"), "kW.h");
    return produced == null || carbon == null || factor == null || factor.signum() == 0
        ? null
        : Expected.of(
            limit.multiply(produced).subtract(carbon).divide(factor, MathContext.DECIMAL64),
            "(" + limit.toPlainString() + " × h2.produced − h2.co2) / factor");
  }

  private @Nullable Expected hydrogenBalance(
      @Nullable BigDecimal made, @Nullable BigDecimal given) {
    BigDecimal was = before == null ? null : before.value("h2.storage_mass");
    BigDecimal is = value("h2.storage_mass");
    return was == null || is == null || made == null || given == null
        ? null
        : Expected.of(
            made.subtract(given).subtract(is).add(was),
            "what came in − what went out − gained by the tanks");
  }

  // What people tell, and standard coal.

  private @Nullable BigDecimal covered() {
    BigDecimal bought = value(IMPORT);
    BigDecimal applied = value("cert.applied");
    return bought == null || applied == null
        ? null
        : bought.min(applied.multiply(new BigDecimal(1000)));
  }

  /** Whole megawatt-hours of what was generated and what the figure says was left before. */
  private @Nullable Expected issued() {
    String text = metrics.object("cert.issued_est").text("text");
    BigDecimal generated = value("cert.generated_kwh");
    Matcher left = CARRIED.matcher(text == null ? "" : text);
    return generated == null || !left.matches()
        ? null
        : Expected.of(
            generated
                .add(new BigDecimal(left.group(1)))
                .movePointLeft(3)
                .setScale(0, RoundingMode.DOWN),
            "what was generated and left before, in whole MWh,");
  }

  private @Nullable Expected coverage() {
    return isMonth() ? ratio(HUNDRED, covered(), value(IMPORT), "covered / " + IMPORT) : null;
  }

  private @Nullable Expected unused() {
    BigDecimal covered = covered();
    BigDecimal applied = value("cert.applied");
    return covered == null || applied == null || !isMonth()
        ? null
        : Expected.of(
            applied.multiply(new BigDecimal(1000)).subtract(covered),
            "cert.applied × 1000 − what they cover");
  }

  /** A year's certificates are of its months. */
  private boolean isMonth() {
    return has("cert.generated_kwh");
  }

  private @Nullable Expected nonFossil() {
    String id = metrics.object("tce.by_carrier.pv").text("factor");
    BigDecimal factor = factor(id, "kW.h");
    BigDecimal own = sum("flow.pv_to_load", "flow.pv_to_battery");
    if (factor == null || own == null) {
      return null;
    }
    BigDecimal tonnes =
        own.multiply(factor).movePointLeft(3).setScale(PLACES, RoundingMode.HALF_EVEN);
    return ratio(HUNDRED, tonnes, value("tce.total"), "PV used here / tce.total");
  }

  private @Nullable Expected panels(String name) {
    BigDecimal made = Recomputation.panels(metrics, metrics.object(name));
    return made == null ? null : Expected.of(made, "PV without what got lost in its inverters");
  }

  private @Nullable Expected boughtHeat() {
    BigDecimal all = value("heat.energy");
    BigDecimal own = value("heat.own");
    return all == null || own == null
        ? null
        : Expected.of(all.subtract(own), "heat.energy − heat.own");
  }

  /** The sum of the documents that its text names; of too many it names none. */
  private @Nullable Expected documents(String name) {
    BigDecimal sum = DocumentSum.of(metrics.object(name).text("text"));
    return sum == null ? null : Expected.of(sum, "the sum of its documents");
  }

  /** What a kilogram lost warms, of all gases. */
  private Expected refrigerants() {
    BigDecimal sum = BigDecimal.ZERO;
    for (String gas : ids("refrigerant.co2e.")) {
      sum = sum.add(known("refrigerant.co2e." + gas));
    }
    return Expected.of(sum, "the sum of refrigerant.co2e.{gas}");
  }

  private @Nullable Expected buses() {
    BigDecimal sum = BigDecimal.ZERO;
    for (String id : ids("bus.km.")) {
      sum = sum.add(known("bus.km." + id));
    }
    return Expected.of(sum, "the sum of bus.km.{id}");
  }

  private @Nullable Expected againstDiesel() {
    BigDecimal breakEven = value("bus.break_even_ci");
    BigDecimal produced = value(PRODUCED);
    BigDecimal emitted = value("h2.co2");
    return breakEven == null || produced == null || emitted == null
        ? null
        : Expected.of(
            breakEven.multiply(produced).subtract(emitted),
            "bus.break_even_ci × h2.produced − h2.co2");
  }

  /** Diesel's less the hydrogen's, for a kilometre or all of them, by the litres that it names. */
  private @Nullable Expected avoided(String name) {
    String text = metrics.object(name).text("text");
    BigDecimal diesel = factor(metrics.object(name).text("factor"), "L");
    BigDecimal hydrogen = value("bus.kg_per_100km");
    String nozzle = has("h2.dispensed_ci") ? "h2.dispensed_ci" : "h2.ci";
    BigDecimal intensity = value(nozzle);
    BigDecimal kilometres = name.equals("bus.avoided") ? value("bus.km") : BigDecimal.ONE;
    Matcher litres = AGAINST.matcher(text == null ? "" : text);
    return diesel == null
            || hydrogen == null
            || intensity == null
            || kilometres == null
            || !litres.matches()
        ? null
        : Expected.of(
            new BigDecimal(litres.group(1))
                .multiply(diesel)
                .subtract(hydrogen.multiply(intensity))
                .movePointLeft(2)
                .multiply(kilometres),
            "(litres × factor − bus.kg_per_100km × " + nozzle + ") / 100 for each kilometre");
  }
}
