package io.lingtan.agent.site.read;

import io.lingtan.agent.site.Combustion;
import io.lingtan.agent.site.Combustion.Potentials;
import io.lingtan.agent.site.FactorTable;
import io.lingtan.agent.site.FactorTable.Factor;
import io.lingtan.agent.site.Regions;
import io.lingtan.agent.site.yaml.Fields;
import io.lingtan.agent.site.yaml.Problems;
import io.lingtan.agent.site.yaml.Section;
import io.lingtan.agent.site.yaml.Words;
import io.lingtan.agent.site.yaml.Yaml;
import io.lingtan.agent.site.yaml.Yaml.Entry;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes a {@link FactorTable} of a factor file's keys. */
final class FactorReader {

  static final Set<String> BASES =
      Set.of(
          "location",
          "residual",
          "fossil",
          "footprint",
          "project_om",
          "project_bm",
          "supplier",
          "instrument",
          "combustion",
          "public_institution",
          "purchased_heat",
          "equivalent",
          "equal_value",
          FactorTable.GWP100);
  static final Set<String> STATUSES =
      Set.of("official", "provisional", "non-official", "unconfirmed", "demo");
  private static final Set<String> GASES = Set.of("CO2", "CO2e", "none");

  private static final String PER_KWH = "kg/(kW.h)";

  /** Units that a factor may have; whoever multiplies converts nothing but these. */
  private static final Set<String> UNITS =
      Set.of(
          PER_KWH,
          "kg/m3",
          "kg/kg",
          "kg/L",
          "kg/t",
          "t/GJ",
          "kg{ce}/(kW.h)",
          "kg{ce}/MJ",
          "kg{ce}/m3",
          "kg{ce}/kg",
          "kg{ce}/t");

  /** No grid that is measured in kilograms emits less or more per kilowatt-hour. */
  private static final BigDecimal LEAST_PER_KWH = new BigDecimal("0.005");

  private static final BigDecimal MOST_PER_KWH = new BigDecimal("2");

  /** Bases whose electricity comes from a grid or a power station. */
  private static final Set<String> GRIDS =
      Set.of("location", "residual", "fossil", "project_om", "project_bm");

  private static final String ELECTRICITY = "electricity";

  /**
   * What a factor can be at all, with room for every fuel and edition: a unit or a digit that
   * slipped is outside.
   */
  private record Range(
      String carrier, Set<String> bases, String unit, String least, String most, String hint) {

    boolean isOf(String ofCarrier, String basis, String ofUnit) {
      return carrier.equals(ofCarrier) && bases.contains(basis) && unit.equals(ofUnit);
    }

    boolean holds(BigDecimal value) {
      return value.compareTo(new BigDecimal(least)) >= 0
          && value.compareTo(new BigDecimal(most)) <= 0;
    }
  }

  private static final Set<String> EQUIVALENT = Set.of("equivalent");
  private static final Set<String> BURNT = Set.of("combustion", "public_institution");

  private static final List<Range> RANGES =
      List.of(
          new Range(
              ELECTRICITY,
              EQUIVALENT,
              "kg{ce}/(kW.h)",
              "0.12",
              "0.13",
              "; what power stations burn for it is basis equal_value"),
          new Range(
              ELECTRICITY,
              Set.of("equal_value"),
              "kg{ce}/(kW.h)",
              "0.2",
              "0.5",
              "; 4.04 is for 10 kWh, and 0.1229 is basis equivalent"),
          new Range("heat", EQUIVALENT, "kg{ce}/MJ", "0.033", "0.036", ""),
          new Range("natural_gas", EQUIVALENT, "kg{ce}/m3", "1", "1.5", ""),
          new Range("diesel", EQUIVALENT, "kg{ce}/kg", "1.3", "1.6", ""),
          new Range("petrol", EQUIVALENT, "kg{ce}/kg", "1.3", "1.6", ""),
          new Range("lpg", EQUIVALENT, "kg{ce}/kg", "1.5", "1.9", ""),
          new Range("natural_gas", BURNT, "kg/m3", "1.6", "2.6", ""),
          new Range("diesel", BURNT, "kg/kg", "2.8", "3.4", "; gas's 56,100 kg/TJ is not diesel's"),
          new Range("diesel", BURNT, "kg/L", "2.3", "3", ""),
          new Range("petrol", BURNT, "kg/kg", "2.7", "3.4", ""),
          new Range("petrol", BURNT, "kg/L", "2", "2.6", ""),
          new Range("lpg", BURNT, "kg/kg", "2.5", "3.4", ""),
          new Range("heat", Set.of("purchased_heat"), "t/GJ", "0", "0.3", "; is it kg/GJ?"),
          new Range(ELECTRICITY, Set.of("footprint"), PER_KWH, "0.005", "2", "; is it g/(kW.h)?"));

  private final Fields file;
  private final Problems problems;
  private final Map<String, Publication> publications = new LinkedHashMap<>();

  /** Sets of potentials that gases other than CO2 count by. */
  private final Set<String> sets = new TreeSet<>();

  /** Of the gases that were read so far. */
  private final Map<String, BigDecimal> warming = new LinkedHashMap<>();

  private record Publication(String document, String url) {}

  private record Placed(Factor factor, Yaml at) {}

  FactorReader(Fields file, Problems problems) {
    this.file = file;
    this.problems = problems;
  }

  /** The table; to be used only if no error was told. */
  FactorTable read(String name) {
    if (file.require("name", "the same as the file's name")
        && !name.equals(file.text("name", name))) {
      problems.error(
          file.valueAt("name"),
          "name is '" + file.text("name") + "', but the file is called '" + name + ".yaml'");
    }
    file.require("version", "it names this state of the table in every record");
    readPublications();
    Fields defaults = file.group("defaults", Section.FACTOR_DEFAULTS);
    List<Placed> factors = new ArrayList<>();
    file.require("factors", "the list of factors");
    for (Fields fields : file.groups("factors", Section.FACTOR)) {
      Factor factor = factor(fields, defaults);
      if (factor != null) {
        factors.add(new Placed(factor, fields.at()));
      }
    }
    ids(factors);
    spans(factors);
    if (sets.size() > 1) {
      problems.error(file.at(), "gwp_set is one for a file, not " + String.join(" and ", sets));
    }
    return new FactorTable(
        name,
        file.text("version", ""),
        factors.stream().map(Placed::factor).toList(),
        sets.isEmpty() ? null : sets.iterator().next());
  }

  private void readPublications() {
    file.require("publications", "where the values were published, by a short name");
    for (Entry entry : file.entries("publications")) {
      Fields fields = Fields.of(Section.PUBLICATION, entry.value(), problems);
      fields.require("document", "title, number and date of the publication");
      fields.day("published_on");
      fields.day("retrieved_on");
      String hash = fields.text("sha256");
      if (hash != null && !hash.matches("[0-9a-f]{64}")) {
        problems.error(fields.valueAt("sha256"), "sha256 has 64 digits 0-9 a-f");
      }
      publications.put(
          entry.key().text(), new Publication(fields.text("document", ""), fields.text("url", "")));
    }
  }

  private @Nullable Factor factor(Fields fields, Fields defaults) {
    int before = problems.errors();
    fields.require("id", "such as cn-elec/CN-JS/2023");
    Combustion combustion = combustion(fields, defaults);
    BigDecimal blend = blend(fields);
    if (combustion == null && blend == null) {
      fields.require("value", "the number as published, or ncv and carbon");
    }
    String id = fields.text("id", "?");
    if (fields.has("id") && !id.matches("[A-Za-z0-9_./-]{1,100}")) {
      problems.error(fields.valueAt("id"), "an id has letters, digits and _ . / - only");
    }
    String carrier = either(fields, defaults, "carrier", null);
    String region = either(fields, defaults, "region", null);
    if (!region.isEmpty() && !Regions.isKnown(region)) {
      problems.error(
          (fields.isWritten("region") ? fields : defaults).valueAt("region"),
          "'" + region + "' is no region" + Words.instead(region, Regions.chinese()));
    }
    String basis = either(fields, defaults, "basis", BASES);
    String gas = either(fields, defaults, "gas", GASES);
    String unit = either(fields, defaults, "unit", null);
    String status = either(fields, defaults, "status", STATUSES);
    String publication = either(fields, defaults, "publication", publications.keySet());
    value(fields, carrier, unit, basis);
    if (basis.equals(FactorTable.GWP100)) {
      warms(fields, defaults, carrier, blend);
    }
    fields.require("data_year", "the year that the data describe");
    BigDecimal u95Percent = fields.decimal("u95_pct", "0.001", "200");
    int year = fields.whole("data_year", 1990, 2100, 2000);
    LocalDate from = fields.day("valid_from");
    LocalDate to = fields.day("valid_to");
    if (from == null) {
      // A factor that says nothing else holds for the year that its data describe.
      from = LocalDate.of(year, 1, 1);
      to = to == null ? LocalDate.of(year, 12, 31) : to;
    }
    if (to != null && to.isBefore(from)) {
      problems.error(fields.at("valid_to"), "valid_to is before valid_from");
    }
    if (problems.errors() > before) {
      return null;
    }
    Publication source = publications.getOrDefault(publication, new Publication("", ""));
    return new Factor(
        id,
        carrier,
        region,
        basis,
        gas.equals("none") ? "" : gas,
        fields.text("value", derived(combustion, blend)),
        unit,
        year,
        from,
        to,
        source.document(),
        source.url(),
        status,
        u95Percent == null ? null : u95Percent.toPlainString());
  }

  /** A fuel's parameters; null if none are given. A value beside them must be theirs. */
  private @Nullable Combustion combustion(Fields fields, Fields defaults) {
    BigDecimal heat = fields.decimal("ncv", "0.000001", "1000");
    BigDecimal carbon = fields.decimal("carbon", "0.000001", "1");
    BigDecimal oxidation = fields.decimal("oxidation", "0.01", "1");
    BigDecimal perHeat = fields.decimal("co2_per_gj", "0.001", "1000");
    BigDecimal density = fields.decimal("density", "0.01", "10");
    BigDecimal methane = fields.decimal("ch4_per_tj", "0", "1000");
    BigDecimal nitrousOxide = fields.decimal("n2o_per_tj", "0", "100");
    if (Stream.of(heat, carbon, oxidation, perHeat, density, methane, nitrousOxide)
        .allMatch(Objects::isNull)) {
      return null;
    }
    fields.require("ncv", "GJ for one unit of the fuel, beside carbon or co2_per_gj");
    if (perHeat == null) {
      fields.require("carbon", "t of carbon in a GJ, beside ncv");
    } else if (carbon != null || oxidation != null) {
      problems.error(
          fields.valueAt("co2_per_gj"),
          "co2_per_gj says it all: leave carbon and oxidation out, or it");
      return null;
    }
    if (heat == null || (carbon == null && perHeat == null)) {
      return null;
    }
    Combustion burnt =
        perHeat == null
            ? new Combustion(
                heat,
                Objects.requireNonNull(carbon),
                oxidation == null ? BigDecimal.ONE : oxidation)
            : Combustion.ofHeat(heat, perHeat);
    Combustion all = burnt;
    if (methane != null || nitrousOxide != null) {
      Potentials potentials = potentials(fields, defaults);
      if (potentials == null) {
        return null;
      }
      all =
          burnt.with(
              methane == null ? BigDecimal.ZERO : methane,
              nitrousOxide == null ? BigDecimal.ZERO : nitrousOxide,
              potentials);
    }
    Combustion combustion = density == null ? all : all.perLitre(density);
    String text = fields.text("value");
    BigDecimal value = text == null ? null : Words.decimal(text);
    if (value != null && !combustion.isAbout(value)) {
      problems.error(
          fields.valueAt("value"),
          text
              + " is not what the parameters beside it make: "
              + combustion.kilograms().round(new MathContext(6)).toPlainString());
    }
    return combustion;
  }

  private static String derived(@Nullable Combustion combustion, @Nullable BigDecimal blend) {
    return combustion != null
        ? combustion.kilograms().toPlainString()
        : blend == null ? "" : blend.toPlainString();
  }

  /** What a blend warms, by the mass shares of gases above it in the file; null if it is none. */
  private @Nullable BigDecimal blend(Fields fields) {
    if (!fields.isWritten("shares")) {
      return null;
    }
    int before = problems.errors();
    BigDecimal sum = BigDecimal.ZERO;
    BigDecimal warms = BigDecimal.ZERO;
    for (Entry entry : fields.entries("shares")) {
      String gas = entry.key().text();
      BigDecimal potential = warming.get(gas);
      BigDecimal share =
          entry.value() instanceof Yaml.Text text ? Words.decimal(text.text()) : null;
      if (potential == null) {
        problems.error(
            entry.key(),
            "no gas above is called '" + gas + "'" + Words.instead(gas, warming.keySet()));
      } else if (share == null || share.signum() <= 0) {
        problems.error(entry.value(), "a share is a number above 0, such as 0.52");
      } else {
        sum = sum.add(share);
        warms = warms.add(share.multiply(potential));
      }
    }
    if (problems.errors() == before && sum.compareTo(BigDecimal.ONE) != 0) {
      problems.error(fields.valueAt("shares"), "shares of the mass add up to 1, not " + sum);
    }
    BigDecimal blend = warms.stripTrailingZeros();
    String text = fields.text("value");
    BigDecimal value = text == null ? null : Words.decimal(text);
    if (value != null && value.compareTo(blend) != 0) {
      problems.error(
          fields.valueAt("value"),
          text + " is not what the shares beside it make: " + blend.toPlainString());
    }
    return blend;
  }

  /** Of a gas or a blend: its set is named, and it is a mass for a mass. */
  private void warms(Fields fields, Fields defaults, String carrier, @Nullable BigDecimal blend) {
    String set = (fields.isWritten("gwp_set") ? fields : defaults).text("gwp_set");
    String gas = (fields.isWritten("gas") ? fields : defaults).text("gas");
    String unit = (fields.isWritten("unit") ? fields : defaults).text("unit");
    if (set == null || !"CO2e".equals(gas) || !"kg/kg".equals(unit)) {
      problems.error(
          fields.at(), "a factor of basis gwp100 is CO2e in kg/kg, and gwp_set names its set");
      return;
    }
    sets.add(set);
    BigDecimal value = blend == null ? Words.decimal(fields.text("value", "")) : blend;
    if (value != null) {
      warming.put(carrier, value);
    }
  }

  /** The set that CH4 and N2O count by: it is named, and the sum is no CO2. */
  private @Nullable Potentials potentials(Fields fields, Fields defaults) {
    String set = (fields.isWritten("gwp_set") ? fields : defaults).text("gwp_set");
    String gas = (fields.isWritten("gas") ? fields : defaults).text("gas");
    Yaml at = fields.valueAt(fields.isWritten("ch4_per_tj") ? "ch4_per_tj" : "n2o_per_tj");
    if (gas != null && !gas.equals("CO2e")) {
      problems.error(at, "with CH4 or N2O the gas is CO2e, not " + gas);
    } else if (!Set.of("AR5", "AR6").contains(String.valueOf(set))) {
      problems.error(at, "CH4 and N2O need gwp_set: AR5 or AR6, by which they count");
    } else {
      sets.add(String.valueOf(set));
      return Potentials.valueOf(String.valueOf(set));
    }
    return null;
  }

  /** The factor's own word, else the file's default. */
  private String either(Fields fields, Fields defaults, String key, @Nullable Set<String> words) {
    Fields from = fields.isWritten(key) ? fields : defaults;
    String word = from.text(key);
    if (word == null) {
      if (!from.isWritten(key)) {
        fields.require(key, "here or in defaults");
      }
      return "";
    }
    if (words != null && !words.contains(word)) {
      problems.error(from.valueAt(key), "'" + word + "' is no " + key + Words.instead(word, words));
    }
    return word;
  }

  /** Whether what is counted of the carrier can be multiplied with a factor in that unit. */
  private static boolean suits(String carrier, String unit) {
    return switch (carrier) {
      case "electricity", "electricity_pv", "electricity_wind", "electricity_biomass" ->
          unit.endsWith("/(kW.h)");
      case "natural_gas" -> unit.endsWith("/m3");
      case "heat" -> unit.endsWith("/GJ") || unit.endsWith("/MJ");
      case "diesel", "petrol", "lpg" ->
          unit.endsWith("/kg") || unit.endsWith("/L") || unit.endsWith("/t");
      default -> true;
    };
  }

  private void value(Fields fields, String carrier, String unit, String basis) {
    String text = fields.text("value");
    BigDecimal value = text == null ? null : Words.decimal(text);
    if (text != null && (value == null || value.signum() < 0)) {
      problems.error(fields.valueAt("value"), "value is a number from 0, not '" + text + "'");
    }
    if (!unit.isEmpty() && !UNITS.contains(unit)) {
      String hint =
          switch (unit) {
            case "g/kW.h" ->
                "; g/kW.h is read as (g/kW)·h, and grams want a thousandth: " + PER_KWH;
            case "t/(MW.h)", "t/MWh", "kg/kWh" -> "; the same number in " + PER_KWH;
            case "t/(kW.h)", "t/kWh" -> "; a thousand times the number in " + PER_KWH;
            case "g/(kW.h)", "g/kWh" -> "; a thousandth of the number in " + PER_KWH;
            default -> Words.instead(unit, UNITS);
          };
      problems.error(
          fields.isWritten("unit") ? fields.valueAt("unit") : fields.at(),
          "'" + unit + "' is no unit of a factor" + hint);
    }
    if (UNITS.contains(unit) && !suits(carrier, unit)) {
      problems.error(
          fields.isWritten("unit") ? fields.valueAt("unit") : fields.at(),
          "a factor of " + carrier + " cannot be in " + unit);
    }
    if (value != null && unit.equals(PER_KWH) && GRIDS.contains(basis)) {
      if (value.compareTo(LEAST_PER_KWH) < 0) {
        problems.error(
            fields.valueAt("value"), text + " kg/(kW.h) is too little for a grid: is it t/(kW.h)?");
      } else if (value.compareTo(MOST_PER_KWH) > 0) {
        problems.error(
            fields.valueAt("value"), text + " kg/(kW.h) is too much for a grid: is it g/(kW.h)?");
      }
      return;
    }
    for (Range range : RANGES) {
      // Parameters beside a value are the closer check.
      if (value != null
          && !fields.isWritten("ncv")
          && range.isOf(carrier, basis, unit)
          && !range.holds(value)) {
        problems.error(
            fields.valueAt("value"),
            "%s %s cannot be: %s of %s is %s..%s"
                    .formatted(text, unit, basis, carrier, range.least, range.most)
                + range.hint);
      }
    }
  }

  private void ids(List<Placed> factors) {
    Map<String, Placed> seen = new LinkedHashMap<>();
    for (Placed placed : factors) {
      Placed first = seen.putIfAbsent(placed.factor().id(), placed);
      if (first != null) {
        problems.error(
            placed.at(),
            "factor "
                + placed.factor().id()
                + " is here for the second time; the first is in line "
                + first.at().line());
      }
    }
  }

  /**
   * Two factors for one day would make the figure a matter of luck; on a day with none an old one
   * would hold.
   */
  private void spans(List<Placed> factors) {
    Map<List<String>, List<Placed>> series =
        factors.stream()
            .collect(
                Collectors.groupingBy(
                    placed -> series(placed.factor()), LinkedHashMap::new, Collectors.toList()));
    for (List<Placed> one : series.values()) {
      List<Placed> sorted =
          one.stream()
              .sorted(java.util.Comparator.comparing(placed -> placed.factor().validFrom()))
              .toList();
      for (int i = 1; i < sorted.size(); i++) {
        Placed before = sorted.get(i - 1);
        Placed next = sorted.get(i);
        LocalDate end = before.factor().validTo();
        LocalDate begin = next.factor().validFrom();
        String both = before.factor().id() + " and " + next.factor().id();
        if (end == null || !end.isBefore(begin)) {
          problems.error(next.at(), both + " both hold on " + begin);
        } else if (!end.plusDays(1).equals(begin)) {
          problems.error(
              next.at(),
              "no factor holds from "
                  + end.plusDays(1)
                  + " to "
                  + begin.minusDays(1)
                  + ", between "
                  + both);
        }
      }
    }
  }

  private static List<String> series(Factor factor) {
    return List.of(factor.carrier(), factor.region(), factor.basis());
  }
}
