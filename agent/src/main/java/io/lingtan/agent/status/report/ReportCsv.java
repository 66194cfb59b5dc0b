package io.lingtan.agent.status.report;

import io.lingtan.agent.bill.DayCharge;
import io.lingtan.agent.bill.MonthBill;
import io.lingtan.agent.bill.MonthStatement;
import io.lingtan.agent.journal.number.ChainSnapshot;
import io.lingtan.agent.reading.Csv;
import io.lingtan.agent.reading.Indicator.Section;
import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.FactorTable;
import io.lingtan.agent.site.FactorTable.Factor;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The month as a table (RFC 4180), one figure a line, with the mark that spreadsheets ask for. */
final class ReportCsv {

  /** Without it spreadsheets take UTF-8 for something else. */
  private static final String MARK = "\ufeff";

  /** Between the cells of several factors of one figure. */
  private static final String SEVERAL = "; ";

  private static final String HEAD =
      "chapter,metric,name,value,unit,quality,covered_pct,estimated_pct,why,factor,factor_value,"
          + "factor_unit,factor_version,factor_year,factor_provisional,factor_source,factor_url,status,pm";

  private static final int COLUMNS = HEAD.split(",").length;

  private final Month month;
  private final Language language;
  private final StringBuilder csv = new StringBuilder(MARK);

  private ReportCsv(Month month, Language language) {
    this.month = month;
    this.language = language;
  }

  static String of(Month month, Language language) {
    ReportCsv table = new ReportCsv(month, language);
    table.csv.append(HEAD).append("\r\n");
    table.about();
    for (Section section : Section.values()) {
      table.chapter(section, section.id());
    }
    table.chapter(null, FigureNames.OTHER);
    table.bill();
    if (month.figures().containsKey("tce.total")) {
      Reference.ALL.forEach(table::reference);
    }
    return table.csv.toString();
  }

  private void about() {
    about("gateway", month.site().gateway());
    about("site", month.site().place().name());
    about("region", month.site().place().region());
    about("month", month.month().toString());
    about("complete", String.valueOf(month.isComplete()));
    IntervalRecord record = month.record();
    about("record", record == null ? "" : record.epoch() + "/" + record.seq());
    ChainSnapshot chain = month.chain();
    about("key", chain == null ? "" : chain.key());
    about("chain_head", chain == null ? "" : chain.head());
  }

  private void about(String name, String value) {
    line("report", name, "", value);
  }

  private void reference(Reference of) {
    line(
        "reference",
        of.figure(),
        language.of(of.chinese(), of.english()),
        of.value(),
        "t{ce}/(10*4.{CNY})");
  }

  private void bill() {
    MonthStatement of = month.bill(language);
    if (of == null) {
      return;
    }
    for (MonthStatement.Line line : of.lines()) {
      bill(
          line.name(),
          BillNames.of(line.name(), language),
          money(line.fen()),
          "{CNY}",
          line.quality(),
          String.valueOf(line.estimated()),
          line.why(),
          "");
    }
    for (DayCharge day : of.days()) {
      bill(
          "energy_" + day.day(),
          language.of("当日电量电费", "energy of the day"),
          money(day.fen()),
          "{CNY}",
          day.quality(),
          String.valueOf(day.estimated()),
          day.why(),
          "");
    }
    MonthStatement.Demand demand = of.demand();
    if (demand != null) {
      kilowatts("demand_kw", language.of("最大需量", "greatest demand"), demand.greatestKw(), demand);
      kilowatts("agreed_kw", language.of("合同需量", "agreed demand"), demand.agreedKw(), demand);
      kilowatts(
          "beyond_kw",
          language.of("超过合同需量 105 % 的部分", "beyond 105 % of the agreed demand"),
          demand.beyondKw(),
          demand);
    }
    MonthBill bill = of.bill();
    bill(
        "total",
        language.of("合计", "total"),
        money(bill == null ? null : bill.totalFen()),
        "{CNY}",
        of.quality(),
        "",
        String.join(SEVERAL, of.wanting()),
        of.prices().source());
  }

  private static String money(@Nullable Long fen) {
    return fen == null ? "" : BillForm.money(fen);
  }

  private void kilowatts(
      String name, String said, @Nullable BigDecimal kw, MonthStatement.Demand of) {
    if (kw != null) {
      bill(name, said, kw.toPlainString(), "kW", of.quality(), "", null, "");
    }
  }

  private void bill(
      String name,
      String said,
      String value,
      String unit,
      Quality quality,
      String estimated,
      @Nullable String why,
      String source) {
    line(
        "bill",
        name,
        said,
        value,
        unit,
        quality.word(),
        "",
        estimated,
        why,
        "",
        "",
        "",
        "",
        "",
        "",
        source);
  }

  private void chapter(@Nullable Section section, String id) {
    SequencedMap<String, Metric> figures = month.figures();
    for (String name : month.catalogue().of(section, figures.sequencedKeySet())) {
      Metric metric = figures.get(name);
      if (metric != null) {
        figure(id, name, metric);
      }
    }
  }

  private void figure(String chapter, String name, Metric metric) {
    Long micros = metric.micros();
    List<String> ids = metric.allFactors();
    line(
        chapter,
        name,
        month.catalogue().name(name, language),
        micros == null ? "" : Micros.text(micros),
        metric.ucum(),
        metric.quality().word(),
        String.valueOf(metric.coverage()),
        micros == null ? "" : String.valueOf(metric.estimated()),
        metric.why(),
        String.join(SEVERAL, ids),
        used(ids, FactorUsed::value),
        used(ids, FactorUsed::ucum),
        used(ids, FactorUsed::version),
        source(ids, factor -> String.valueOf(factor.dataYear())),
        used(ids, factor -> String.valueOf(factor.provisional())),
        source(ids, Factor::document),
        source(ids, Factor::url),
        metric.standing().word(),
        metric.pm() == null ? "" : Micros.text(metric.pm()));
  }

  private String used(List<String> ids, Function<FactorUsed, String> cell) {
    List<String> cells = new ArrayList<>();
    for (String id : ids) {
      FactorUsed used = month.factors().get(id);
      cells.add(used == null ? "" : cell.apply(used));
    }
    return String.join(SEVERAL, cells);
  }

  private String source(List<String> ids, Function<Factor, String> cell) {
    List<String> cells = new ArrayList<>();
    for (String id : ids) {
      Factor source = source(id);
      cells.add(source == null ? "" : cell.apply(source));
    }
    return String.join(SEVERAL, cells);
  }

  private @Nullable Factor source(String id) {
    for (FactorTable table : month.site().carbon().tables()) {
      for (Factor factor : table.factors()) {
        if (factor.id().equals(id)) {
          return factor;
        }
      }
    }
    return null;
  }

  /** Fewer cells than the head has names are the first of them. */
  private void line(@Nullable String... cells) {
    for (int i = 0; i < COLUMNS; i++) {
      String cell = i < cells.length ? cells[i] : null;
      csv.append(i == 0 ? "" : ",").append(cell == null ? "" : Csv.numberOrText(cell));
    }
    csv.append("\r\n");
  }
}
