package io.lingtan.agent.status.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lingtan.agent.status.report.FormTable.Entry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.LocalDateTime;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A filled form as a workbook of one sheet (ECMA-376, SpreadsheetML): values, no formulas. */
final class Xlsx {

  private static final String HEAD =
      "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>";
  private static final String MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
  private static final String OFFICE =
      "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
  private static final String PACKAGE = "http://schemas.openxmlformats.org/package/2006/";
  private static final String TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.";

  /** Of a form the same bytes each time: the earliest that a ZIP file knows. */
  private static final LocalDateTime WHEN = LocalDateTime.of(1980, 1, 1, 0, 0);

  private static final int BOLD = 1;

  private final StringBuilder rows = new StringBuilder();
  private int row;

  private Xlsx() {}

  static byte[] of(FormTable form) {
    Xlsx sheet = new Xlsx();
    sheet.texts(List.of(form.title()), BOLD);
    sheet.texts(List.of(form.subject()), 0);
    sheet.texts(form.head(), BOLD);
    form.rows().forEach(row -> sheet.row(row, 0));
    sheet.texts(List.of(form.state()), 0);
    return sheet.zipped(form.head().size());
  }

  private void texts(List<String> cells, int style) {
    row(cells.stream().map(text -> new Entry(text, false)).toList(), style);
  }

  private void row(List<Entry> cells, int style) {
    row++;
    rows.append("<row r=\"%d\">".formatted(row));
    for (int i = 0; i < cells.size(); i++) {
      Entry cell = cells.get(i);
      String place = column(i) + row;
      if (cell.number()) {
        rows.append("<c r=\"%s\"><v>%s</v></c>".formatted(place, cell.shown()));
      } else if (!cell.shown().isEmpty()) {
        rows.append(
            "<c r=\"%s\" s=\"%d\" t=\"inlineStr\"><is><t xml:space=\"preserve\">%s</t></is></c>"
                .formatted(place, style, escaped(cell.shown())));
      }
    }
    rows.append("</row>");
  }

  /** A to Z, AA and so on. */
  private static String column(int index) {
    String last = String.valueOf((char) ('A' + index % 26));
    return index < 26 ? last : column(index / 26 - 1) + last;
  }

  /** XML has no word for most control characters. */
  private static String escaped(String text) {
    return Html.escaped(text.replaceAll("[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\uFFFE\\uFFFF]", ""));
  }

  private byte[] zipped(int columns) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      put(
          zip,
          "[Content_Types].xml",
          "<Types xmlns=\"%scontent-types\">".formatted(PACKAGE)
              + "<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package"
              + ".relationships+xml\"/>"
              + override("xl/workbook.xml", "sheet.main")
              + override("xl/worksheets/sheet1.xml", "worksheet")
              + override("xl/styles.xml", "styles")
              + "</Types>");
      put(zip, "_rels/.rels", relations(relation(1, "officeDocument", "xl/workbook.xml")));
      put(
          zip,
          "xl/workbook.xml",
          ("<workbook xmlns=\"%s\" xmlns:r=\"%s\"><sheets><sheet name=\"Sheet1\" sheetId=\"1\""
                  + " r:id=\"rId1\"/></sheets></workbook>")
              .formatted(MAIN, OFFICE));
      put(
          zip,
          "xl/_rels/workbook.xml.rels",
          relations(
              relation(1, "worksheet", "worksheets/sheet1.xml")
                  + relation(2, "styles", "styles.xml")));
      put(
          zip,
          "xl/styles.xml",
          ("<styleSheet xmlns=\"%s\"><fonts count=\"2\"><font><sz val=\"11\"/></font><font><b/><sz"
                  + " val=\"11\"/></font></fonts><fills count=\"2\"><fill><patternFill"
                  + " patternType=\"none\"/></fill><fill><patternFill patternType=\"gray125\"/>"
                  + "</fill></fills><borders count=\"1\"><border/></borders><cellStyleXfs"
                  + " count=\"1\"><xf/></cellStyleXfs><cellXfs count=\"2\"><xf fontId=\"0\"/><xf"
                  + " fontId=\"1\" applyFont=\"1\"/></cellXfs><cellStyles count=\"1\"><cellStyle"
                  + " name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></cellStyles></styleSheet>")
              .formatted(MAIN));
      put(
          zip,
          "xl/worksheets/sheet1.xml",
          ("<worksheet xmlns=\"%s\"><cols><col min=\"1\" max=\"%d\" width=\"18\""
                  + " customWidth=\"1\"/></cols><sheetData>%s</sheetData></worksheet>")
              .formatted(MAIN, Math.max(1, columns), rows));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static String override(String part, String type) {
    return "<Override PartName=\"/%s\" ContentType=\"%s%s+xml\"/>".formatted(part, TYPE, type);
  }

  private static String relations(String all) {
    return "<Relationships xmlns=\"%srelationships\">%s</Relationships>".formatted(PACKAGE, all);
  }

  private static String relation(int id, String type, String target) {
    return "<Relationship Id=\"rId%d\" Type=\"%s/%s\" Target=\"%s\"/>"
        .formatted(id, OFFICE, type, target);
  }

  private static void put(ZipOutputStream zip, String name, String xml) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setTimeLocal(WHEN);
    zip.putNextEntry(entry);
    zip.write((HEAD + xml).getBytes(UTF_8));
    zip.closeEntry();
  }
}
