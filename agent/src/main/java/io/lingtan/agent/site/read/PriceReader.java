package io.lingtan.agent.site.read;

import io.lingtan.agent.site.BillTerms.Basic;
import io.lingtan.agent.site.BillTerms.MonthPrices;
import io.lingtan.agent.site.FeedFile;
import io.lingtan.agent.site.Sha256;
import io.lingtan.agent.site.SmallFile;
import io.lingtan.agent.site.Tariff.Period;
import io.lingtan.agent.site.price.RetailCalendar;
import io.lingtan.agent.site.price.RetailCalendarReader;
import io.lingtan.agent.site.price.SpotPrices;
import io.lingtan.agent.site.yaml.Fields;
import io.lingtan.agent.site.yaml.Problems;
import io.lingtan.agent.site.yaml.Section;
import io.lingtan.agent.site.yaml.Words;
import io.lingtan.agent.site.yaml.Yaml;
import io.lingtan.agent.site.yaml.YamlReader;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads a file of prices: those of the site's voltage, for the periods that the site has. */
final class PriceReader {

  /** Words for periods. */
  private static final List<String> PERIODS =
      Arrays.stream(Period.values()).map(PriceReader::word).toList();

  /** Names of a bill's lines that are not for energy. */
  private static final Set<String> LINES =
      Set.of("capacity", "contract", "demand", "power_factor", "total");

  private static final BigDecimal MOST_YUAN = BigDecimal.TEN;
  private static final int LARGEST_SPOT = 512 * 1024;
  private static final String PURCHASE = "purchase";
  private static final int MOST_MONTHS = 120;

  private final Path file;
  private final @Nullable String voltage;
  private final Set<String> periods;
  private final Basic basic;
  private final ZoneId zone;
  private final Problems problems;
  private final List<MonthPrices> read = new ArrayList<>();
  private final SortedSet<String> voltages = new TreeSet<>();

  /**
   * @param voltage null where the file has one voltage only
   * @param periods of the site's tariff
   */
  PriceReader(
      Path file,
      @Nullable String voltage,
      Set<String> periods,
      Basic basic,
      ZoneId zone,
      Problems problems) {
    this.file = file;
    this.voltage = voltage;
    this.periods = periods;
    this.basic = basic;
    this.zone = zone;
    this.problems = problems;
  }

  static String word(Period period) {
    return period.name().toLowerCase(Locale.ROOT);
  }

  List<MonthPrices> read(Fields root) {
    root.require("prices", "what a kWh costs, by month");
    for (Fields fields : root.groups("prices", Section.PRICES)) {
      String of = fields.text("voltage");
      if (of == null || of.equals(voltage)) {
        prices(fields);
      } else {
        voltages.add(of);
      }
    }
    if (read.isEmpty() && problems.errors() == 0) {
      problems.error(
          root.at(),
          voltage == null
              ? "all prices here are of a voltage: write bill.voltage, one of "
                  + String.join(" ", voltages)
              : "has no prices for the voltage " + voltage + Words.instead(voltage, voltages));
    }
    return read;
  }

  private void prices(Fields fields) {
    fields.require("month", "such as 2026-08 or 2026-08/2026-12");
    fields.require("source", "the table, notice or contract");
    YearMonth[] span = span(fields);
    SequencedMap<String, BigDecimal> floated = decimals(fields, "floated", null);
    SequencedMap<String, BigDecimal> fixed = decimals(fields, "fixed", null);
    boolean isSpot = fields.isWritten("spot");
    boolean isRetail = fields.isWritten("calendar");
    SequencedMap<String, BigDecimal> factors =
        isSpot
            ? new LinkedHashMap<>()
            : decimals(
                fields,
                isRetail || fields.isWritten("contract") ? "contract" : "factors",
                isRetail ? null : periods);
    if (isSpot
        && Stream.of("floated", "factors", "contract", "calendar", "row")
            .anyMatch(fields::isWritten)) {
      problems.error(
          fields.at("spot"),
          "spot has a price for each quarter of an hour: write it without floated, factors,"
              + " contract, calendar and row");
    }
    if (isRetail && (!fields.isWritten("contract") || fields.isWritten("row"))) {
      problems.error(
          fields.at("calendar"),
          "a calendar says when each price of the contract holds: write it with contract, and"
              + " without row");
    }
    if (fields.isWritten("contract")) {
      if (fields.isWritten("floated") || fields.isWritten("factors")) {
        problems.error(
            fields.at("contract"),
            "a contract has a price for each period: write it without floated and factors");
      }
      floated.put(PURCHASE, BigDecimal.ONE);
    }
    for (String name : floated.keySet()) {
      if (fixed.containsKey(name)) {
        problems.error(fields.valueAt("fixed"), name + " is floated, too: it is paid once");
      }
      for (String period : isRetail ? factors.keySet() : PERIODS) {
        String line = name + "_" + period;
        if (fixed.containsKey(line)) {
          problems.error(
              fields.valueAt("fixed"),
              "%s is the line of %s in the period %s: give it another name"
                  .formatted(line, name, period));
        }
      }
    }
    SequencedMap<String, BigDecimal> row = decimals(fields, "row", periods);
    if (!row.isEmpty()
        && (!factors.keySet().containsAll(row.keySet())
            || row.keySet().stream().noneMatch(period -> isFlat(factors.get(period)))
            || row.keySet().stream().allMatch(period -> isFlat(factors.get(period))))) {
      problems.error(
          fields.valueAt("row"), "a row has the period with the factor 1, and others with factors");
    }
    for (String period : isSpot || isRetail ? Set.<String>of() : periods) {
      if (!factors.containsKey(period)) {
        problems.error(
            fields.at(fields.isWritten("contract") ? "contract" : "factors"),
            "nothing is given for the period " + period + " of the site's tariff");
      }
    }
    BigDecimal capacity = fields.decimal("capacity", "0", "1000");
    BigDecimal demand = fields.decimal("demand", "0", "1000");
    if ((basic == Basic.CAPACITY && !fields.isWritten("capacity"))
        || ((basic == Basic.CONTRACT || basic == Basic.DEMAND) && !fields.isWritten("demand"))) {
      problems.error(
          fields.at(),
          basic == Basic.CAPACITY
              ? "capacity is missing: the site pays by kVA"
              : "demand is missing: the site pays by kW of demand");
    }
    if (span.length == 0) {
      return;
    }
    MonthPrices prices =
        new MonthPrices(
            span[0],
            span[1],
            fields.text("source", ""),
            file + ":" + fields.at().line(),
            floated,
            fixed,
            factors,
            row,
            capacity,
            demand,
            isSpot ? spot(fields, span) : null,
            isRetail ? calendar(fields, span, factors.keySet()) : null);
    for (MonthPrices other : read) {
      if (!other.from().isAfter(prices.to()) && !prices.from().isAfter(other.to())) {
        problems.error(
            fields.valueAt("month"), "these months have prices at " + other.place() + " already");
      }
    }
    read.add(prices);
  }

  /** Of one month; the file stands beside this one. */
  private @Nullable SpotPrices spot(Fields fields, YearMonth[] span) {
    String name = fields.text("spot");
    if (!span[0].equals(span[1])) {
      problems.error(fields.valueAt("month"), "spot prices are of one month, such as 2026-08");
    }
    if (name == null) {
      return null;
    }
    try {
      Path table = file.resolveSibling(name);
      String text = SmallFile.table(SmallFile.read(table, LARGEST_SPOT));
      SpotPrices prices =
          SpotPrices.read(
              text,
              Sha256.hex(text.getBytes(StandardCharsets.UTF_8)),
              span[0],
              zone,
              (line, column, why) -> FeedFile.error(problems, table, line, column, why));
      if (prices != null) {
        FeedFile.doubtEnd(problems, table, text);
      }
      return prices;
    } catch (IOException | InvalidPathException e) {
      problems.error(
          fields.valueAt("spot"),
          e instanceof NoSuchFileException
              ? name + " is not beside " + file.getFileName()
              : name + " cannot be read: " + e.getMessage());
      return null;
    }
  }

  /** What the contract calls its parts, and when each holds; the file stands beside this one. */
  private @Nullable RetailCalendar calendar(Fields fields, YearMonth[] span, Set<String> priced) {
    String name = fields.text("calendar");
    if (name == null) {
      return null;
    }
    try {
      Path of = file.resolveSibling(name);
      byte[] bytes = SmallFile.read(of, YamlReader.LARGEST);
      Problems own = new Problems(of);
      Yaml root = YamlReader.read(bytes, own);
      RetailCalendar calendar =
          root == null
              ? null
              : new RetailCalendarReader(Fields.of(Section.CALENDAR, root, own), own)
                  .read(Sha256.hex(bytes));
      problems.addAll(own.list());
      if (calendar != null) {
        fits(fields, span, priced, calendar);
      }
      return calendar;
    } catch (IOException | InvalidPathException e) {
      problems.error(
          fields.valueAt("calendar"),
          e instanceof NoSuchFileException
              ? name + " is not beside " + file.getFileName()
              : name + " cannot be read: " + e.getMessage());
      return null;
    }
  }

  /** Each part has a price, each price a part, and each day of the months a kind. */
  private void fits(Fields fields, YearMonth[] span, Set<String> priced, RetailCalendar calendar) {
    for (String part : calendar.parts()) {
      if (!priced.contains(part)) {
        problems.error(
            fields.at("contract"),
            "nothing is given for the part %s of the calendar %s".formatted(part, calendar.name()));
      }
    }
    for (String part : priced) {
      if (!calendar.parts().contains(part)) {
        problems.error(
            fields.valueAt("contract"),
            "the calendar %s has no part %s%s"
                .formatted(calendar.name(), part, Words.instead(part, calendar.parts())));
      }
    }
    if (span[0].plusMonths(MOST_MONTHS).isBefore(span[1])) {
      problems.error(
          fields.valueAt("month"), "a calendar is for at most " + MOST_MONTHS + " months");
      return;
    }
    span[0]
        .atDay(1)
        .datesUntil(span[1].plusMonths(1).atDay(1))
        .filter(day -> calendar.on(day) == null)
        .findFirst()
        .ifPresent(
            day ->
                problems.error(
                    fields.valueAt("calendar"),
                    "the calendar %s says nothing of %s".formatted(calendar.name(), day)));
  }

  private static boolean isFlat(@Nullable BigDecimal factor) {
    return factor != null && factor.compareTo(BigDecimal.ONE) == 0;
  }

  private YearMonth[] span(Fields fields) {
    String text = fields.text("month");
    if (text != null) {
      String[] ends = text.split("/", 2);
      try {
        YearMonth[] span = {YearMonth.parse(ends[0]), YearMonth.parse(ends[ends.length - 1])};
        if (!span[1].isBefore(span[0])) {
          return span;
        }
      } catch (DateTimeException e) {
        // Told below with what it should be.
      }
      problems.error(
          fields.valueAt("month"),
          "a month is such as 2026-08 or 2026-08/2026-12, not '" + text + "'");
    }
    return new YearMonth[0];
  }

  /**
   * @param known names that there may be, null for any
   */
  private SequencedMap<String, BigDecimal> decimals(
      Fields fields, String key, @Nullable Collection<String> known) {
    SequencedMap<String, BigDecimal> decimals = new LinkedHashMap<>();
    for (Yaml.Entry entry : fields.entries(key)) {
      String name = entry.key().text();
      if (!Words.isId(name) || (known != null && !PERIODS.contains(name))) {
        problems.error(
            entry.key(),
            "'%s' is no %s%s"
                .formatted(
                    name,
                    known == null ? "name of a part of a price" : "period",
                    known == null ? "" : Words.instead(name, PERIODS)));
      }
      if (known == null && LINES.contains(name)) {
        problems.error(
            entry.key(),
            name + " is a line of the bill that is no part of a price: name it otherwise");
      }
      BigDecimal value =
          entry.value() instanceof Yaml.Text text ? Words.decimal(text.text()) : null;
      if (value == null || value.signum() < 0 || value.compareTo(MOST_YUAN) > 0) {
        problems.error(
            entry.value(),
            "%s is a number from 0 to %s, in yuan for a price, not %s"
                .formatted(name, MOST_YUAN, entry.value().kind()));
      } else {
        if (key.equals("factors") && value.signum() == 0) {
          problems.error(
              entry.value(),
              "the factor of %s is above 0: with 0 what was bought then would cost nothing"
                  .formatted(name));
        }
        decimals.put(name, value);
      }
    }
    return decimals;
  }
}
