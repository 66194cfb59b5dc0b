package io.lingtan.agent.status.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lingtan.agent.bill.MonthStatement;
import io.lingtan.agent.journal.History;
import io.lingtan.agent.journal.number.ChainSnapshot;
import io.lingtan.agent.reading.Indicators;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.Catalogue;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The months and years of a site. Any thread. */
public final class Reports {

  private static final Pattern YEAR = Pattern.compile("2\\d{3}");
  private static final String HTML = "text/html";
  private static final String CSV = "text/csv";
  private static final String CSV_FILE = ".csv";
  private static final String WORKBOOK =
      "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

  private final Site site;
  private final Indicators listed;
  private final History history;
  private final Supplier<@Nullable ChainSnapshot> chain;

  /**
   * @param listed every figure that there is
   * @param chain where the chain of signed records is, null if they are not signed
   */
  public Reports(
      Site site, Indicators listed, History history, Supplier<@Nullable ChainSnapshot> chain) {
    this.site = site;
    this.listed = listed;
    this.history = history;
    this.chain = chain;
  }

  /**
   * The bill of a month, as far as its figures tell it; null where the site has no prices of it.
   *
   * @param nowMillis UTC ms
   */
  public @Nullable MonthStatement bill(YearMonth month, long nowMillis) {
    return Month.of(site, listed, history, month, nowMillis, null).bill(Language.ENGLISH);
  }

  /**
   * What a month comes to that has its record.
   *
   * @param bill null where the site has no prices of it
   * @param files its tables in both languages, by the path at which each is served
   */
  public record Whole(@Nullable MonthStatement bill, SequencedMap<String, byte[]> files) {}

  /**
   * A month of which all was read; null if that was not possible in time.
   *
   * @param nowMillis UTC ms
   */
  public @Nullable Whole whole(YearMonth month, long nowMillis) {
    Month made = Month.of(site, listed, history, month, nowMillis, chain.get());
    if (!made.isRead()) {
      return null;
    }
    SequencedMap<String, byte[]> files = new LinkedHashMap<>();
    Forms forms = new Forms(site, listed);
    for (Language language : Language.values()) {
      files.put(path(month + CSV_FILE, language), ReportCsv.of(made, language).getBytes(UTF_8));
      for (String name : forms.names()) {
        ReportForm form = forms.load(name).value();
        if (form != null) {
          files.put(
              path(month + "/" + name + CSV_FILE, language),
              FormTable.of(form, made.told(), language).csv().getBytes(UTF_8));
        }
      }
    }
    return new Whole(made.bill(Language.ENGLISH), files);
  }

  private static String path(String name, Language language) {
    return "/report/" + name + "?lang=" + language.key();
  }

  /**
   * A page, a table or a workbook.
   *
   * @param code 200, or 422 for a form whose file is wrong, with what is wrong
   */
  public record Made(int code, String type, byte[] body) {
    private static Made of(String type, String text) {
      return new Made(200, type, text.getBytes(UTF_8));
    }
  }

  /**
   * A month or year, as a page, a table or a form.
   *
   * @param name {@code 2026-06}, {@code 2026-06.csv}, {@code 2026}, or empty for the present month;
   *     {@code 2026-06/FORM.xlsx}, {@code 2026/FORM.csv} for a form
   * @param language {@code zh} or {@code en}
   * @param nowMillis UTC ms
   * @return null if that is no month or year, or there is no such form
   */
  public @Nullable Made of(String name, String language, long nowMillis) {
    Language in = Language.of(language);
    int slash = name.indexOf('/');
    if (slash >= 0) {
      return form(name.substring(0, slash), name.substring(slash + 1), in, nowMillis);
    }
    if (YEAR.matcher(name).matches()) {
      Year year = Year.of(site, listed, history, Integer.parseInt(name), nowMillis);
      return Made.of(HTML, YearHtml.of(year, new Forms(site, listed).links(name, in), in));
    }
    boolean csv = name.endsWith(CSV_FILE);
    Month made = month(csv ? name.substring(0, name.length() - 4) : name, nowMillis);
    if (made == null) {
      return null;
    }
    return csv
        ? Made.of(CSV, ReportCsv.of(made, in))
        : Made.of(
            HTML,
            ReportHtml.of(made, new Forms(site, listed).links(made.month().toString(), in), in));
  }

  /** The page for what no meter sees. */
  public String activities(String language, long nowMillis) {
    return ActivitiesHtml.of(site, history, nowMillis, Language.of(language));
  }

  private @Nullable Made form(String span, String file, Language in, long nowMillis) {
    boolean csv = file.endsWith(CSV_FILE);
    String name = file.replaceFirst("\\.(csv|xlsx)$", "");
    Forms forms = new Forms(site, listed);
    if (!forms.has(name) || name.equals(file)) {
      return null;
    }
    Catalogue.Loaded<ReportForm> loaded = forms.load(name);
    ReportForm form = loaded.value();
    if (form == null) {
      return new Made(422, "text/plain", (Forms.wrong(loaded) + "\n").getBytes(UTF_8));
    }
    Month month = YEAR.matcher(span).matches() ? null : month(span, nowMillis);
    if (span.isEmpty() || (month == null && !YEAR.matcher(span).matches())) {
      return null;
    }
    PeriodFigures told =
        month == null
            ? Year.of(site, listed, history, Integer.parseInt(span), nowMillis).told()
            : month.told();
    FormTable table = FormTable.of(form, told, in);
    return csv ? Made.of(CSV, table.csv()) : new Made(200, WORKBOOK, Xlsx.of(table));
  }

  /** Null if that is none; the present one where nothing is written. */
  private @Nullable Month month(String text, long nowMillis) {
    YearMonth month;
    try {
      month =
          text.isEmpty()
              ? YearMonth.from(
                  LocalDate.ofInstant(Instant.ofEpochMilli(nowMillis), site.place().zone()))
              : YearMonth.parse(text);
    } catch (DateTimeParseException e) {
      return null;
    }
    return Month.of(site, listed, history, month, nowMillis, chain.get());
  }
}
