package io.lingtan.agent.status.report;

import io.lingtan.agent.reading.Indicators;
import io.lingtan.agent.site.yaml.Fields;
import io.lingtan.agent.site.yaml.Problems;
import io.lingtan.agent.site.yaml.Section;
import io.lingtan.agent.site.yaml.Words;
import io.lingtan.agent.site.yaml.Yaml;
import io.lingtan.agent.status.report.ReportForm.Cell;
import io.lingtan.agent.status.report.ReportForm.Column;
import io.lingtan.agent.status.report.ReportForm.Said;
import io.lingtan.agent.status.report.ReportForm.Term;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads a {@link ReportForm}. A column or a figure that there is not is a problem. */
final class FormReader {

  private static final int MOST_COLUMNS = 40;
  private static final int MOST_ROWS = 200;
  private static final int MOST_DIGITS = 6;
  private static final BigDecimal MOST_FACTOR = new BigDecimal("1000000000");

  private final Fields fields;
  private final Problems problems;
  private final Indicators listed;
  private final List<String> further;

  FormReader(Fields fields, Problems problems, Indicators listed) {
    this.fields = fields;
    this.problems = problems;
    this.listed = listed;
    this.further =
        fields.isWritten("each")
            ? Stream.concat(PeriodFigures.ALWAYS.stream(), PeriodFigures.OF_CERTIFICATE.stream())
                .toList()
            : PeriodFigures.ALWAYS;
  }

  /** What it says; of no use where there is an error. */
  ReportForm read(String name) {
    fields.require("name", "the same as the file's");
    if (!fields.text("name", name).equals(name)) {
      problems.error(fields.valueAt("name"), "the file's name is " + name + ": write the same");
    }
    fields.require("title", "{zh: ..., en: ...}");
    fields.require("source", "the document that asks for the form");
    fields.require("columns", "what stands beside what, in order");
    fields.require("rows", "what stands under what, in order");
    Yaml title = fields.value("title");
    List<Column> columns = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Fields each : fields.groups("columns", Section.FORM_COLUMN)) {
      Column column = column(each);
      if (!names.add(column.name())) {
        problems.error(each.valueAt("name"), column.name() + " is a column already");
      }
      columns.add(column);
    }
    most("columns", columns.size(), MOST_COLUMNS);
    List<Yaml> items = fields.items("rows");
    most("rows", items.size(), MOST_ROWS);
    return new ReportForm(
        name,
        title == null ? new Said(name, name) : said(title),
        fields.text("source", ""),
        fields.<ReportForm.@Nullable Each>choice(
            "each", Map.of("certificates", ReportForm.Each.CERTIFICATES), null),
        columns,
        items.stream().map(item -> row(item, columns)).toList());
  }

  private void most(String key, int size, int most) {
    if (size > most) {
      problems.error(fields.at(key), "there are %d %s: at most %d".formatted(size, key, most));
    }
  }

  private Column column(Fields of) {
    of.require("name", "what rows call it");
    String name = of.text("name", "");
    if (of.has("name") && !Words.isId(name)) {
      problems.error(of.valueAt("name"), "'" + name + "' is no id: 1 to 64 of A-Z a-z 0-9 _ -");
    }
    of.require("zh", "its heading");
    of.require("en", "its heading");
    return new Column(
        name,
        new Said(of.text("zh", name), of.text("en", name)),
        of.whole("digits", 0, MOST_DIGITS, -1),
        of.choice(
            "of",
            Map.of("quality", ReportForm.Of.QUALITY, "factors", ReportForm.Of.FACTORS),
            ReportForm.Of.ROWS));
  }

  private List<Cell> row(Yaml item, List<Column> columns) {
    if (!(item instanceof Yaml.Table table)) {
      problems.error(item, "a row has columns with what stands there, not " + item.kind());
      return List.of();
    }
    List<String> names =
        columns.stream().filter(one -> one.of() == ReportForm.Of.ROWS).map(Column::name).toList();
    Map<String, Cell> cells = new HashMap<>();
    for (Yaml.Entry entry : Fields.unique(table.entries(), problems)) {
      String name = entry.key().text();
      if (names.contains(name)) {
        cells.put(name, cell(entry.value()));
      } else {
        problems.error(
            entry.key(), "'" + name + "' is no column of this form" + Words.instead(name, names));
      }
    }
    return columns.stream().map(one -> cells.getOrDefault(one.name(), new Cell.Empty())).toList();
  }

  private Cell cell(Yaml value) {
    if (value instanceof Yaml.Text text) {
      return new Cell.Words(said(text));
    }
    if (value instanceof Yaml.Table table
        && !table.entries().isEmpty()
        && table.entries().stream().noneMatch(one -> isLanguage(one.key().text()))) {
      return new Cell.Sum(
          Fields.unique(table.entries(), problems).stream().map(this::term).toList());
    }
    return new Cell.Words(said(value));
  }

  private static boolean isLanguage(String key) {
    return key.equals("zh") || key.equals("en");
  }

  private Said said(Yaml value) {
    if (value instanceof Yaml.Text text) {
      return new Said(text.text(), text.text());
    }
    Map<String, String> texts = new HashMap<>();
    if (value instanceof Yaml.Table table) {
      for (Yaml.Entry entry : Fields.unique(table.entries(), problems)) {
        if (isLanguage(entry.key().text()) && entry.value() instanceof Yaml.Text text) {
          texts.put(entry.key().text(), text.text());
        } else {
          problems.error(entry.key(), "a text is {zh: ..., en: ...}, each one text");
        }
      }
    }
    String chinese = texts.get("zh");
    String english = texts.get("en");
    if (chinese == null || english == null) {
      problems.error(
          value, "write a text, {zh: ..., en: ...}, or figures with what they are multiplied by");
      return new Said("", "");
    }
    return new Said(chinese, english);
  }

  private Term term(Yaml.Entry entry) {
    String written = entry.key().text();
    boolean optional = written.endsWith("?");
    String figure = optional ? written.substring(0, written.length() - 1) : written;
    if (listed.find(figure) == null && !further.contains(figure)) {
      List<String> known =
          Stream.concat(listed.all().stream().map(one -> one.name()), further.stream()).toList();
      problems.error(entry.key(), "'" + figure + "' is no figure" + Words.instead(figure, known));
    }
    BigDecimal factor = entry.value() instanceof Yaml.Text text ? Words.decimal(text.text()) : null;
    if (factor == null || factor.signum() == 0 || factor.abs().compareTo(MOST_FACTOR) > 0) {
      problems.error(
          entry.value(),
          "%s is multiplied by a number, such as 0.001 for t of kg, not by %s"
              .formatted(figure, entry.value().kind()));
      return new Term(figure, BigDecimal.ONE, optional);
    }
    return new Term(figure, factor, optional);
  }
}
