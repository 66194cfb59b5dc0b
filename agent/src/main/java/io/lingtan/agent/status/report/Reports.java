package io.lingtan.agent.status.report;

import io.lingtan.agent.bill.MonthStatement;
import io.lingtan.agent.journal.History;
import io.lingtan.agent.journal.number.ChainSnapshot;
import io.lingtan.agent.reading.Indicators;
import io.lingtan.agent.site.Site;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.format.DateTimeParseException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The months of a site. Any thread. */
public final class Reports {

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
   * A month as a page or a table.
   *
   * @param name {@code 2026-06}, {@code 2026-06.csv}, or empty for the present month
   * @param language {@code zh} or {@code en}
   * @param nowMillis UTC ms
   * @return null if that is no month
   */
  public @Nullable String of(String name, String language, long nowMillis) {
    boolean csv = name.endsWith(".csv");
    String text = csv ? name.substring(0, name.length() - 4) : name;
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
    Month made = Month.of(site, listed, history, month, nowMillis, chain.get());
    Language in = Language.of(language);
    return csv ? ReportCsv.of(made, in) : ReportHtml.of(made, in);
  }
}
