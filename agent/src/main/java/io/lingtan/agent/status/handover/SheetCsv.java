package io.lingtan.agent.status.handover;

import io.lingtan.agent.reading.Csv;
import io.lingtan.agent.status.handover.HandoverSheet.Cell;
import io.lingtan.agent.status.handover.HandoverSheet.Fact;
import io.lingtan.agent.status.handover.HandoverSheet.Section;
import io.lingtan.agent.status.report.Language;
import java.util.ArrayList;
import java.util.List;

/** A sheet as a table (RFC 4180) with the mark that spreadsheets ask for. */
final class SheetCsv {

  private static final String MARK = "\ufeff";

  private final StringBuilder csv = new StringBuilder(MARK);

  private SheetCsv() {}

  static String of(HandoverSheet sheet, Language language) {
    SheetCsv table = new SheetCsv();
    table.row(List.of(sheet.title(), sheet.subject()));
    table.row(List.of(language.of("结论", "Verdict"), SheetVerdict.of(sheet, language).shown()));
    for (Section section : sheet.sections()) {
      table.row(List.of());
      table.row(List.of(section.title()));
      for (Fact fact : section.facts()) {
        table.row(List.of(fact.name(), fact.cell().shown()));
      }
      if (!section.rows().isEmpty()) {
        table.row(section.head());
      }
      for (List<Cell> row : section.rows()) {
        table.row(row.stream().map(Cell::shown).toList());
      }
    }
    table.row(List.of());
    sheet.foot().forEach(line -> table.row(List.of(line)));
    return table.csv.toString();
  }

  private void row(List<String> cells) {
    List<String> quoted = new ArrayList<>();
    cells.forEach(each -> quoted.add(Csv.cell(each.replace("\n", "; "))));
    csv.append(String.join(",", quoted)).append("\r\n");
  }
}
