package io.lingtan.agent.status.handover;

import io.lingtan.agent.run.PackedFile;
import io.lingtan.agent.status.handover.HandoverSheet.Cell;
import io.lingtan.agent.status.handover.HandoverSheet.Fact;
import io.lingtan.agent.status.handover.HandoverSheet.Mark;
import io.lingtan.agent.status.handover.HandoverSheet.Section;
import io.lingtan.agent.status.report.Html;
import io.lingtan.agent.status.report.Language;
import java.util.List;
import java.util.Locale;

/** A sheet as one file of HTML that needs nothing beside it: for a phone, and for A4. */
final class SheetHtml {

  private static final String STYLE = "/io/lingtan/agent/status/sheet.css";

  private final StringBuilder html = new StringBuilder(16 * 1024);
  private final Language language;

  private SheetHtml(Language language) {
    this.language = language;
  }

  /**
   * The whole file.
   *
   * @param foot what each printed page says which record it is of, letters, digits, _ and -
   */
  static String of(HandoverSheet sheet, String foot, Language language) {
    SheetHtml page = new SheetHtml(language);
    page.put(
        """
        <!doctype html>
        <html lang="%s"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light">
        <title>%s · %s</title>
        <style>%s@page{@bottom-center{content:"%s · " counter(page) "/" counter(pages)}}</style></head><body><main>
        <header><h1>%s</h1><p>%s</p></header>
        """,
        language.tag(),
        Html.escaped(sheet.title()),
        Html.escaped(sheet.subject()),
        PackedFile.text(SheetHtml.class, STYLE),
        foot,
        Html.escaped(sheet.title()),
        Html.escaped(sheet.subject()));
    page.verdict(sheet);
    sheet.sections().forEach(page::section);
    page.signatures();
    page.put("<footer>\n");
    sheet.foot().forEach(line -> page.put("<p>%s</p>\n", Html.escaped(line)));
    return page.put("</footer></main></body></html>\n").html.toString();
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation is in a library that is not here
  private SheetHtml put(String text, Object... with) {
    html.append(text.formatted(with));
    return this;
  }

  private void verdict(HandoverSheet sheet) {
    Cell verdict = SheetVerdict.of(sheet, language);
    put("<p class=\"verdict %s\">%s</p>\n", css(verdict.mark()), Html.escaped(verdict.shown()));
  }

  private void section(Section section) {
    put("<section><h2>%s</h2>\n", Html.escaped(section.title()));
    if (!section.facts().isEmpty()) {
      put("<dl>\n");
      for (Fact fact : section.facts()) {
        put(
            "<div><dt>%s</dt><dd class=\"%s\">%s</dd></div>\n",
            Html.escaped(fact.name()), css(fact.cell().mark()), Html.escaped(fact.cell().shown()));
      }
      put("</dl>\n");
    }
    if (!section.rows().isEmpty()) {
      put("<table><thead><tr>");
      section.head().forEach(name -> put("<th scope=\"col\">%s</th>", Html.escaped(name)));
      put("</tr></thead><tbody>\n");
      section.rows().forEach(row -> row(section.head(), row));
      put("</tbody></table>\n");
    }
    put("</section>\n");
  }

  private void row(List<String> head, List<Cell> row) {
    put("<tr>");
    for (int i = 0; i < row.size(); i++) {
      put(
          i == 0
              ? "<th scope=\"row\" class=\"%s\" data-name=\"%s\">%s</th>"
              : "<td class=\"%s\" data-name=\"%s\">%s</td>",
          css(row.get(i).mark()),
          Html.escaped(head.get(i)),
          Html.escaped(row.get(i).shown()).replace("\n", "<br>"));
    }
    put("</tr>\n");
  }

  private void signatures() {
    put(
        "<div class=\"hands\"><p>%s</p><p>%s</p><p>%s</p></div>\n",
        language.of("调试人员签字", "Technician"),
        language.of("业主签字", "Site owner"),
        language.of("日期", "Date"));
  }

  private static String css(Mark mark) {
    return mark.name().toLowerCase(Locale.ROOT);
  }
}
