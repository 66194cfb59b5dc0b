package io.lingtan.agent.site;

import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.reading.Standing;
import io.lingtan.agent.site.Certificates.Applied;
import io.lingtan.agent.site.Feeds.BusDay;
import io.lingtan.agent.site.Feeds.Output;
import io.lingtan.agent.site.activity.Activity;
import io.lingtan.agent.site.activity.ActivityReader;
import io.lingtan.agent.site.yaml.Words;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.Year;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads a feed: CSV whose first line tells what it is about.
 *
 * <ul>
 *   <li>{@code date,bus,km} or {@code date,bus,km,kg}: what each bus drove, and the hydrogen that
 *       it took
 *   <li>{@code month,output_cny,denominator,price_basis}: what the site's output was worth
 *   <li>{@code month,certificates,vintage,reference}: certificates applied to a month
 *   <li>{@link ActivityReader#FUEL}, {@link ActivityReader#REFRIGERANT}, {@link
 *       ActivityReader#HEAT}: what no meter sees and emits
 * </ul>
 *
 * <p>One wrong line spoils the feed: a sum of the rest would look right.
 */
public final class FeedReader {

  private static final Set<String> HEADERS =
      Set.of(
          "date,bus,km",
          "date,bus,km,kg",
          "month,output_cny,denominator,price_basis",
          "month,certificates,vintage,reference",
          ActivityReader.FUEL,
          ActivityReader.REFRIGERANT,
          ActivityReader.HEAT,
          ActivityReader.CURTAILED,
          ActivityReader.HYDROGEN);

  /** Denominators that published intensities have. They never share an axis. */
  public static final Set<String> DENOMINATORS =
      Set.of("gdp", "industrial_value_added", "gross_output", "revenue");

  /** A city bus drives 300 km on a day; a thousand is a slip of the hand. */
  private static final BigDecimal MOST_KM = BigDecimal.valueOf(2000);

  private static final BigDecimal MOST_KG = BigDecimal.valueOf(500);
  private static final BigDecimal MOST_CNY = new BigDecimal("1000000000000");

  /** A day of an earlier year is a slip of the hand: it would count nowhere. */
  private static final int FIRST_YEAR = 2000;

  /** A command's word of an older day would be in no record. */
  static final int MOST_DAYS = 400;

  /** Certificates expire after two years. */
  private static final int MOST_MONTHS = 24;

  /** Where a problem goes. */
  public interface Sink {

    /**
     * @param line from 1
     * @param column from 1
     */
    void problem(int line, int column, String message);

    /** The same of what is taken all the same. */
    default void doubt(int line, int column, String message) {}
  }

  /**
   * What a feed's lines of activities are held against.
   *
   * @param fuels with a factor for a kilogram burnt; null where any will do
   * @param refrigerants with a warming potential; null where any will do
   * @param heat whether there is a factor of heat that is bought
   * @param told before, by other files
   * @param last day of which anything can be told by now
   */
  public record Known(
      @Nullable Set<String> fuels,
      @Nullable Set<String> refrigerants,
      boolean heat,
      Feeds told,
      LocalDate last) {

    /** Holds nothing against them. */
    public static final Known ANY = new Known(null, null, true, Feeds.NONE, LocalDate.MAX);

    /**
     * By the factors that count at a place.
     *
     * @param accepted standings beside official ones
     */
    public static Known of(List<FactorTable> tables, String region, Set<Standing> accepted) {
      List<String> regions = Regions.widening(region);
      Set<String> fuels = new TreeSet<>();
      Set<String> refrigerants = new TreeSet<>();
      boolean heat = false;
      for (FactorTable table : tables) {
        for (FactorTable.Factor factor : table.factors()) {
          if (!factor.isTaken(accepted) || regions.stream().noneMatch(factor::isOf)) {
            continue;
          }
          if (factor.basis().equals("combustion") && factor.ucum().matches("kg/(kg|t)")) {
            fuels.add(factor.carrier());
          } else if (factor.basis().equals(FactorTable.GWP100)) {
            refrigerants.add(factor.carrier());
          }
          heat |= factor.carrier().equals("heat") && factor.basis().equals("purchased_heat");
        }
      }
      return new Known(fuels, refrigerants, heat, Feeds.NONE, LocalDate.MAX);
    }

    /** The same after another feed. */
    public Known and(Feeds feeds) {
      return new Known(fuels, refrigerants, heat, told.and(feeds), last);
    }

    /** The same on a day. */
    public Known on(LocalDate today) {
      return new Known(fuels, refrigerants, heat, told, today);
    }
  }

  private final Known known;
  private final Sink sink;
  private final Map<String, Integer> lineOf = new HashMap<>();
  private final List<BusDay> buses = new ArrayList<>();
  private final List<Output> outputs = new ArrayList<>();
  private final List<Applied> certificates = new ArrayList<>();
  private final Map<Activity.Key, Activity> activities = new LinkedHashMap<>();
  private boolean spoilt;

  private FeedReader(Known known, Sink sink) {
    this.known = known;
    this.sink = sink;
  }

  /** What the text tells; null if a problem was told. */
  public static @Nullable Feeds read(String text, Sink sink) {
    return read(text, Known.ANY, sink);
  }

  /** The same, held against what is known. */
  public static @Nullable Feeds read(String text, Known known, Sink sink) {
    return new FeedReader(known, sink).read(text);
  }

  private @Nullable Feeds read(String text) {
    List<String> lines = text.lines().toList();
    String header = lines.isEmpty() ? "" : lines.getFirst().replaceAll("^\uFEFF| ", "");
    if (!HEADERS.contains(header)) {
      problem(1, 1, "the first line is " + rightHeader(header));
      return null;
    }
    int cells = header.split(",").length;
    for (int i = 1; i < lines.size(); i++) {
      if (!lines.get(i).replace(',', ' ').isBlank()) {
        row(header, new Row(lines.get(i), i + 1), cells);
      }
    }
    Feeds feeds =
        Feeds.of(buses, outputs, new Certificates(certificates))
            .with(List.copyOf(activities.values()));
    if (!spoilt && feeds.size() == 0) {
      problem(1, 1, "there is no line below the first");
    }
    return spoilt ? null : feeds;
  }

  /** What to write in place of it: the one that is meant, where that can be seen. */
  private static String rightHeader(String header) {
    String meant =
        header.replaceAll("[;\t，]", ",").replaceAll("\"|,+$", "").toLowerCase(Locale.ROOT);
    return HEADERS.contains(meant)
        ? meant + " exactly: commas between cells, none behind the last, no quotes"
        : "one of " + String.join("; ", HEADERS.stream().sorted().toList());
  }

  private void row(String header, Row row, int cells) {
    if (row.size() != cells) {
      problem(
          row.line,
          1,
          "has %d cells (%s), not %d: no cell holds a comma, and a number no separator of thousands"
              .formatted(cells, header, row.size()));
      return;
    }
    switch (header.substring(0, header.indexOf(',', header.indexOf(',') + 1))) {
      case "date,bus" -> bus(row, cells == 4);
      case "month,output_cny" -> output(row);
      case "date,fuel", "date,refrigerant", "date,heat", "date,curtailed", "date,hydrogen" ->
          activity(header, row);
      default -> certificate(row);
    }
  }

  /** The cells of one line. */
  private final class Row implements ActivityReader.Cells {
    private final String[] cells;
    private final int[] columns;
    private final int line;

    Row(String text, int line) {
      this.cells = text.split(",", -1);
      this.columns = new int[cells.length];
      this.line = line;
      int column = 1;
      for (int i = 0; i < cells.length; i++) {
        columns[i] = column + cells[i].length() - cells[i].stripLeading().length();
        column += cells[i].length() + 1;
        cells[i] = cells[i].strip();
      }
    }

    int size() {
      return cells.length;
    }

    @Override
    public String text(int i) {
      return cells[i];
    }

    @Override
    public void wrong(int i, String message) {
      problem(line, columns[i], message);
    }

    @Override
    public void doubt(int i, String message) {
      sink.doubt(line, columns[i], message);
    }

    @Nullable LocalDate day(int i) {
      try {
        LocalDate day = LocalDate.parse(cells[i]);
        if (!known.last.equals(LocalDate.MAX) && day.isBefore(known.last.minusDays(MOST_DAYS))) {
          wrong(
              i,
              "%s is more than %d days ago: a wrong year, or a row for a file of carbon.feeds"
                  .formatted(day, MOST_DAYS));
          return null;
        }
        if (day.getYear() >= FIRST_YEAR) {
          return day;
        }
      } catch (DateTimeException e) {
        // Told below.
      }
      wrong(i, "'" + cells[i] + "' is no day such as 2025-06-01");
      return null;
    }

    @Nullable YearMonth month(int i) {
      try {
        YearMonth month = YearMonth.parse(cells[i]);
        if (month.getYear() >= FIRST_YEAR) {
          return month;
        }
      } catch (DateTimeException e) {
        // Told below.
      }
      wrong(i, "'" + cells[i] + "' is no month such as 2025-06");
      return null;
    }

    /** A number of {@code what}, from 0 to {@code most}; null if it is none. */
    @Nullable Long micros(int i, String what, BigDecimal most) {
      BigDecimal number = Words.decimal(cells[i]);
      if (number == null || number.signum() < 0 || number.compareTo(most) > 0) {
        wrong(i, "%s is a number from 0 to %s, not '%s'".formatted(what, most, cells[i]));
        return null;
      }
      return Micros.of(number);
    }

    /** Whether nobody has said this before in the feed. */
    boolean isNew(int i, String key) {
      Integer first = lineOf.putIfAbsent(key, line);
      if (first != null) {
        wrong(i, key + " is in line " + first + " already");
      }
      return first == null;
    }
  }

  private void bus(Row row, boolean withHydrogen) {
    LocalDate day = row.day(0);
    String bus = row.text(1);
    if (!Words.isId(bus)) {
      row.wrong(1, "'" + bus + "' is no id of a bus: 1 to 64 of A-Z a-z 0-9 _ -");
    }
    Long kilometres = row.micros(2, "km", MOST_KM);
    boolean told = withHydrogen && !row.text(3).isEmpty();
    Long kilograms = told ? row.micros(3, "kg", MOST_KG) : null;
    if (day != null && row.isNew(1, bus + " on " + day) && kilometres != null && !spoilt) {
      buses.add(new BusDay(day, bus, kilometres, kilograms));
    }
  }

  private void output(Row row) {
    YearMonth month = row.month(0);
    Long output = row.micros(1, "output_cny", MOST_CNY);
    if (output != null && output == 0) {
      row.wrong(1, "an output of 0 makes no intensity: leave the line out");
    }
    String denominator = row.text(2);
    if (!DENOMINATORS.contains(denominator)) {
      row.wrong(
          2, "'" + denominator + "' is no denominator" + Words.instead(denominator, DENOMINATORS));
    }
    String basis = row.text(3);
    if (!basis.equals("current") && !isYear(basis)) {
      row.wrong(3, "price_basis is current or a year such as 2020, not '" + basis + "'");
    }
    if (month != null && row.isNew(0, denominator + " of " + month) && output != null && !spoilt) {
      outputs.add(new Output(month, denominator, basis, output));
    }
  }

  private static boolean isYear(String text) {
    return text.matches("[12][0-9]{3}") && !Year.parse(text).isBefore(Year.of(1978));
  }

  private void certificate(Row row) {
    YearMonth month = row.month(0);
    Long count = Words.whole(row.text(1));
    if (count == null || count < 1 || count > 100_000_000) {
      row.wrong(1, "certificates is a whole number from 1, not '" + row.text(1) + "'");
    }
    YearMonth vintage = row.month(2);
    String reference = row.text(3);
    String number = Words.number(reference);
    if (number.isEmpty()) {
      row.wrong(3, "reference is the number in the registry; without one it proves nothing");
    } else if (number.matches("[0-9][.][0-9]+e[+][0-9]+")) {
      row.wrong(
          3,
          reference
              + " is what a spreadsheet made of a long number: format the column as text and write"
              + " the number again");
    } else if (lineOf.containsKey(number)) {
      row.wrong(
          3,
          reference + " is used in line " + lineOf.get(number) + " already: energy claimed twice");
    }
    lineOf.putIfAbsent(number, row.line);
    if (month != null
        && vintage != null
        && (vintage.isAfter(month) || vintage.plusMonths(MOST_MONTHS).isBefore(month))) {
      row.wrong(
          2,
          "vintage %s cannot cover %s: certificates are used within %d months of being made"
              .formatted(vintage, month, MOST_MONTHS));
    }
    if (!spoilt && month != null && count != null && vintage != null) {
      certificates.add(new Applied(month, count, vintage, reference));
    }
  }

  private void activity(String header, Row row) {
    LocalDate day = row.day(0);
    if (header.equals(ActivityReader.FUEL)) {
      isOne(row, known.fuels, "factor for a kilogram burnt", "");
    } else if (header.equals(ActivityReader.REFRIGERANT)) {
      isOne(
          row,
          known.refrigerants,
          "warming potential",
          ": ipcc-gwp-ar5 and ipcc-gwp-ar6 have some");
    } else if (header.equals(ActivityReader.HEAT) && !known.heat) {
      row.wrong(
          1, "the files of carbon.factors have no factor of heat that is bought: cn-fuels has one");
    }
    if (day != null && day.isAfter(known.last)) {
      row.wrong(0, day + " is still to come: by " + known.last + " nobody can tell of it");
    }
    if (day != null) {
      for (Activity told : ActivityReader.read(header, day, row)) {
        if (!take(told, row)) {
          return;
        }
      }
    }
  }

  /** Whether nobody told it before. */
  private boolean take(Activity told, Row row) {
    Activity first = activities.putIfAbsent(told.key(), told);
    if (first == null) {
      lineOf.put(told.key().toString(), row.line);
      first = known.told.activity(told.key());
      if (first != null) {
        row.wrong(1, told.key() + " is told by another file already" + otherwise(first, told));
      }
    } else {
      String key = first.key().toString();
      row.wrong(1, key + " is in line " + lineOf.get(key) + " already" + otherwise(first, told));
    }
    return first == null;
  }

  private static String otherwise(Activity first, Activity second) {
    return first.equals(second) ? "" : ", otherwise: " + first.words();
  }

  /** Whether the second cell names one of those that have a factor. */
  private static void isOne(Row row, @Nullable Set<String> all, String lacking, String hint) {
    String what = row.text(1);
    if (!Words.isId(what)) {
      row.wrong(1, "'" + what + "' is no name: 1 to 64 of A-Z a-z 0-9 _ -");
    } else if (all != null && !all.contains(what)) {
      row.wrong(
          1,
          "the files of carbon.factors have no "
              + lacking
              + " of '"
              + what
              + "'"
              + hint
              + (all.isEmpty() ? "" : Words.instead(what, all)));
    }
  }

  private void problem(int line, int column, String message) {
    spoilt = true;
    sink.problem(line, column, message);
  }
}
