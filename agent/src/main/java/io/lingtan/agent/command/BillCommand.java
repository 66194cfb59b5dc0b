package io.lingtan.agent.command;

import io.lingtan.agent.bill.MonthStatement;
import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.journal.History;
import io.lingtan.agent.journal.file.JournalUnavailable;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.BillTerms;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.status.report.BillForm;
import io.lingtan.agent.status.report.Reports;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.format.DateTimeParseException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/**
 * {@code lingtan bill}: a month's electricity bill, worked out from the journal on this machine.
 */
@Command(
    name = "bill",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = "Works out the electricity bill of a month, line by line.",
    footer = {
      "",
      "Reads the journal beside a running agent, or without one. Terms are under bill in the",
      "site file, prices in the file that it names. What is not known is shown as —, and then",
      "there is no total; nor while the month is not over or not wholly in the journal.",
      "",
      "Exit codes: 0 a total, 1 none, 2 wrong usage or configuration."
    })
public final class BillCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(names = "--config", required = true, paramLabel = "site.yaml", description = "The site.")
  private Path config;

  @Option(
      names = "--month",
      paramLabel = "YYYY-MM",
      converter = Month.class,
      description = "Such as 2026-07; without it the month that was last over.")
  private @Nullable YearMonth month;

  @Option(names = "--json", description = "One line of JSON, money in fen.")
  private boolean json;

  private final Time time;

  BillCommand(Time time) {
    this.time = time;
  }

  /** A month as people write it. */
  static final class Month implements ITypeConverter<YearMonth> {
    @Override
    public YearMonth convert(String text) {
      try {
        return YearMonth.parse(text);
      } catch (DateTimeParseException e) {
        throw new TypeConversionException("'" + text + "' is no month, such as 2026-07");
      }
    }
  }

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    Site site = SiteFile.load(config, System.err);
    if (site == null) {
      return ExitCode.WRONG_USAGE;
    }
    long now = time.wall().millisAt(time.now());
    YearMonth asked =
        month == null
            ? YearMonth.from(LocalDate.ofInstant(Instant.ofEpochMilli(now), site.place().zone()))
                .minusMonths(1)
            : month;
    BillTerms terms = site.bill();
    if (terms == null || terms.prices(asked) == null) {
      err.println(
          terms == null
              ? config + ": says nothing under bill: by which prices is the site billed?"
              : "%s: there are no prices of %s, only of %s: add an entry with its month"
                  .formatted(config, asked, terms.months()));
      return ExitCode.WRONG_USAGE;
    }
    try (History history = History.readOnly(site.journal().path(), time, Randomness.system())) {
      MonthStatement made =
          new Reports(site, SiteFigures.LISTED, history, () -> null).bill(asked, now);
      if (made == null) {
        return ExitCode.WRONG_USAGE;
      }
      PrintWriter out = spec.commandLine().getOut();
      if (json) {
        out.println(BillForm.json(made));
      } else {
        out.print(BillForm.text(made));
      }
      out.flush();
      return made.bill() == null ? ExitCode.FAILED : ExitCode.GOOD;
    } catch (JournalUnavailable e) {
      err.println(e.getMessage());
      return ExitCode.FAILED;
    }
  }
}
