package io.lingtan.agent.site.activity;

import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.site.activity.Activity.Kind;
import io.lingtan.agent.site.yaml.Words;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes an {@link Activity} of a line of a feed. The unit of each number is written, in a cell or
 * in the header: none is guessed, and a density is the delivery's own.
 */
public final class ActivityReader {

  public static final String FUEL = "date,fuel,amount,unit,density_kg_per_l,by,document";
  public static final String REFRIGERANT = "date,refrigerant,charged_kg,recovered_kg,by,document";
  public static final String HEAT =
      "date,heat,tonnes,enthalpy_kj_per_kg,return_kj_per_kg,temperature_c,gj,by,document";

  public static final String CURTAILED = "date,curtailed,kwh,by,document";

  public static final String HYDROGEN = "date,hydrogen,kg,kgco2e_per_kg,supplier,by,document";

  /** Units of fuels: how many kg, or litres where a density makes kg of them. */
  private static final Map<String, BigDecimal> UNITS =
      Map.of(
          "kg",
          BigDecimal.ONE,
          "t",
          BigDecimal.valueOf(1000),
          "L",
          BigDecimal.ONE,
          "m3",
          BigDecimal.valueOf(1000));

  private static final List<String> VOLUMES = List.of("L", "m3");
  private static final String DELIVERED = "delivered";
  private static final List<String> HYDROGENS = List.of(DELIVERED, "vented", "boil_off");
  private static final String STEAM = "steam";
  private static final String HOT_WATER = "hot_water";

  /** Water at 20 °C, from which purchased heat is counted where nothing is told to go back. */
  private static final BigDecimal WATER = new BigDecimal("83.74");

  private static final BigDecimal WATER_CELSIUS = BigDecimal.valueOf(20);
  private static final BigDecimal HEAT_CAPACITY = new BigDecimal("4.1868");

  private static final BigDecimal DRY_STEAM = BigDecimal.valueOf(2500);

  private static final BigDecimal MOST = BigDecimal.valueOf(10_000_000);

  /** Nobody sees characters that only format others, and with them two names look like one. */
  private static final String NAME = "[^;()\\p{Cc}\\p{Cf}\u2028\u2029]{1,64}";

  private final Cells cells;

  /** The cells of one line, and where a problem of one goes. */
  public interface Cells {

    String text(int cell);

    void wrong(int cell, String message);

    /** What may be meant, and most likely is not. */
    void doubt(int cell, String message);
  }

  private ActivityReader(Cells cells) {
    this.cells = cells;
  }

  /**
   * What a line tells under one of the headers; nothing if a problem was told.
   *
   * @param day of its first cell
   */
  public static List<Activity> read(String header, LocalDate day, Cells cells) {
    ActivityReader reader = new ActivityReader(cells);
    return switch (header) {
      case FUEL -> one(reader.fuel(day));
      case REFRIGERANT -> one(reader.refrigerant(day));
      case HEAT -> one(reader.heat(day));
      case CURTAILED -> one(reader.curtailed(day));
      case HYDROGEN -> reader.hydrogen(day);
      default -> throw new IllegalArgumentException(header);
    };
  }

  private static List<Activity> one(@Nullable Activity activity) {
    return activity == null ? List.of() : List.of(activity);
  }

  /** A trailer's mass and its carbon are two amounts; what is lost has mass alone. */
  private List<Activity> hydrogen(LocalDate day) {
    String what = cells.text(1);
    if (!HYDROGENS.contains(what)) {
      cells.wrong(1, "'" + what + "' is nothing of hydrogen" + Words.instead(what, HYDROGENS));
      return List.of();
    }
    boolean delivered = what.equals(DELIVERED);
    for (int cell : delivered ? new int[0] : new int[] {3, 4}) {
      if (!cells.text(cell).isEmpty()) {
        cells.wrong(cell, "what is " + what + " has no such thing: leave this empty");
        return List.of();
      }
    }
    BigDecimal mass = number(2, "kg");
    BigDecimal each =
        delivered ? between(3, "a carbon intensity", "0", "100", "kg CO2e/kg") : BigDecimal.ZERO;
    if (delivered && !cells.text(4).matches(NAME)) {
      cells.wrong(4, "supplier is who delivered, 1 to 64 characters without ; ( and )");
      return List.of();
    }
    if (!named(5) || mass == null || each == null) {
      return List.of();
    }
    String told = mass.toPlainString() + " kg";
    Activity of = of(day, Kind.HYDROGEN, mass, told, 5);
    if (of == null || !delivered) {
      return one(of);
    }
    String by = cells.text(4) + ", " + of.by();
    return List.of(
        new Activity(day, of.kind(), what, of.micros(), told, by, of.document()),
        new Activity(
            day,
            Kind.HYDROGEN_CO2,
            DELIVERED + "_co2",
            Micros.of(mass.multiply(each)),
            told + " × " + each.toPlainString() + " kg/kg",
            by,
            of.document()));
  }

  private @Nullable Activity fuel(LocalDate day) {
    BigDecimal amount = number(2, "amount");
    String unit = cells.text(3);
    BigDecimal each = UNITS.get(unit);
    BigDecimal density = null;
    if (each == null) {
      cells.wrong(3, "'" + unit + "' is no unit of a fuel: kg, t, L or m3");
    } else if (VOLUMES.contains(unit)) {
      density = density(unit);
    } else if (!cells.text(4).isEmpty()) {
      cells.wrong(4, "a density is for L and m3: leave it empty beside " + unit);
      return null;
    }
    if (!named(5)
        || amount == null
        || each == null
        || (VOLUMES.contains(unit) && density == null)) {
      return null;
    }
    BigDecimal kilograms = amount.multiply(each);
    String told = amount.toPlainString() + " " + unit;
    return density == null
        ? of(day, Kind.FUEL, kilograms, told, 5)
        : of(
            day,
            Kind.FUEL,
            kilograms.multiply(density),
            told + " × " + density.toPlainString() + " kg/L",
            5);
  }

  /** Of a liquid: heavy oil has 0.98, liquefied natural gas 0.42. */
  private @Nullable BigDecimal density(String unit) {
    if (cells.text(4).isEmpty()) {
      cells.wrong(4, unit + " needs the density of the delivery in kg/L: a litre is no kilogram");
      return null;
    }
    return between(4, "a density", "0.3", "1.2", "kg/L");
  }

  private @Nullable Activity curtailed(LocalDate day) {
    if (!Words.isId(cells.text(1))) {
      cells.wrong(1, "'" + cells.text(1) + "' is no id of a plant: 1 to 64 of A-Z a-z 0-9 _ -");
      return null;
    }
    BigDecimal energy = number(2, "kwh");
    return !named(3) || energy == null
        ? null
        : of(day, Kind.CURTAILED, energy, energy.toPlainString() + " kWh", 3);
  }

  private @Nullable Activity refrigerant(LocalDate day) {
    BigDecimal charged = number(2, "charged_kg");
    BigDecimal recovered = number(3, "recovered_kg");
    if (!named(4) || charged == null || recovered == null) {
      return null;
    }
    if (recovered.compareTo(charged) > 0) {
      cells.wrong(
          3, "more was recovered than charged: what was in the machine before is not known here");
      return null;
    }
    return of(
        day,
        Kind.REFRIGERANT,
        charged.subtract(recovered),
        charged.toPlainString() + " − " + recovered.toPlainString() + " kg",
        4);
  }

  private @Nullable Activity heat(LocalDate day) {
    String what = cells.text(1);
    if (!what.equals(STEAM) && !what.equals(HOT_WATER)) {
      cells.wrong(1, "'" + what + "' is no heat: steam or hot_water");
      return null;
    }
    boolean counted = !cells.text(6).isEmpty();
    int state = what.equals(STEAM) ? 3 : 5;
    for (int cell : new int[] {2, 3, 4, 5}) {
      boolean wanted = !counted && (cell == 2 || cell == state || (cell == 4 && state == 3));
      if (!wanted && !cells.text(cell).isEmpty()) {
        cells.wrong(
            cell,
            counted
                ? "gj says it all: leave this empty"
                : what + " has no such state: leave this empty");
        return null;
      }
    }
    if (counted) {
      BigDecimal heat = number(6, "gj");
      return !named(7) || heat == null
          ? null
          : of(day, Kind.HEAT, heat, heat.toPlainString() + " GJ", 7);
    }
    BigDecimal tonnes = number(2, "tonnes");
    BigDecimal each = what.equals(STEAM) ? steam() : water();
    if (!named(7) || tonnes == null || each == null) {
      return null;
    }
    return of(
        day,
        Kind.HEAT,
        tonnes.multiply(each).movePointLeft(3),
        tonnes.toPlainString() + " t × " + state(what),
        7);
  }

  /** kJ/kg over what goes back, or over water at 20 °C. */
  private @Nullable BigDecimal steam() {
    BigDecimal enthalpy = between(3, "enthalpy", "419", "4000", "kJ/kg");
    BigDecimal back =
        cells.text(4).isEmpty() ? WATER : between(4, "what returns", "0", "900", "kJ/kg");
    if (enthalpy == null || back == null) {
      return null;
    }
    if (back.compareTo(enthalpy) >= 0) {
      cells.wrong(4, "no more can return than the steam brought: less than its enthalpy, in kJ/kg");
      return null;
    }
    if (enthalpy.compareTo(DRY_STEAM) < 0) {
      cells.doubt(
          3,
          "steam of %s kJ/kg is wet or water, dry steam has 2500 and more: is it kcal/kg, of which each is 4.1868 kJ/kg?"
              .formatted(enthalpy.toPlainString()));
    }
    return enthalpy.subtract(back);
  }

  private @Nullable BigDecimal water() {
    BigDecimal celsius = between(5, "a temperature", "20", "200", "°C");
    return celsius == null ? null : celsius.subtract(WATER_CELSIUS).multiply(HEAT_CAPACITY);
  }

  private String state(String what) {
    return what.equals(STEAM)
        ? "(%s − %s) kJ/kg"
            .formatted(
                new BigDecimal(cells.text(3)).toPlainString(),
                cells.text(4).isEmpty()
                    ? WATER.toPlainString()
                    : new BigDecimal(cells.text(4)).toPlainString())
        : "(%s − %s) K × %s kJ/(kg·K)"
            .formatted(
                new BigDecimal(cells.text(5)).toPlainString(),
                WATER_CELSIUS.toPlainString(),
                HEAT_CAPACITY.toPlainString());
  }

  /** A number from 0 to {@link #MOST}. */
  private @Nullable BigDecimal number(int cell, String what) {
    BigDecimal number = Words.decimal(cells.text(cell));
    if (number == null || number.signum() < 0 || number.compareTo(MOST) > 0) {
      cells.wrong(
          cell, "%s is a number from 0 to %s, not '%s'".formatted(what, MOST, cells.text(cell)));
      return null;
    }
    return number;
  }

  private @Nullable BigDecimal between(
      int cell, String what, String least, String most, String unit) {
    BigDecimal number = Words.decimal(cells.text(cell));
    if (number == null
        || number.compareTo(new BigDecimal(least)) < 0
        || number.compareTo(new BigDecimal(most)) > 0) {
      cells.wrong(
          cell, "%s is %s..%s %s, not '%s'".formatted(what, least, most, unit, cells.text(cell)));
      return null;
    }
    return number;
  }

  /** Whether who says so and the document are there, the first of them in this cell. */
  private boolean named(int cell) {
    boolean good = true;
    for (int each : new int[] {cell, cell + 1}) {
      if (!cells.text(each).matches(NAME)) {
        cells.wrong(
            each,
            (each == cell
                    ? "by is who says so"
                    : "document is the number of the delivery note or invoice")
                + ", 1 to 64 characters without ; ( and )");
        good = false;
      }
    }
    return good;
  }

  /** Null where it is too little to be counted: it would take back what was told. */
  private @Nullable Activity of(LocalDate day, Kind kind, BigDecimal amount, String told, int by) {
    long micros = Micros.of(amount);
    if (micros == 0 && amount.signum() > 0) {
      cells.wrong(2, told + " is less than a millionth of a " + kind.ucum() + ": in another unit?");
      return null;
    }
    return new Activity(day, kind, cells.text(1), micros, told, cells.text(by), cells.text(by + 1));
  }
}
