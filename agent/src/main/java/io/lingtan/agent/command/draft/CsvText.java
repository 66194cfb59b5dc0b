package io.lingtan.agent.command.draft;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The cells of a table that a person saved: CSV as RFC 4180 has it, with any separator. A byte
 * order mark decides the encoding, then whether it is UTF-8, then GB 18030, which has all of GBK.
 *
 * @param encoding for a person
 */
record CsvText(String text, String encoding) {

  static final List<Character> SEPARATORS = List.of(',', ';', '\t', '|');

  private static final int MOST_RECORDS = 20_000;

  /** Cells of one record, and the line of the file where it begins. */
  record Cells(int line, List<String> cells) {}

  static CsvText of(byte[] bytes) throws Unusable {
    if (begins(bytes, 0xEF, 0xBB, 0xBF)) {
      return new CsvText(decode(bytes, 3, StandardCharsets.UTF_8), "UTF-8");
    }
    if (begins(bytes, 0xFF, 0xFE) || begins(bytes, 0xFE, 0xFF)) {
      return new CsvText(decode(bytes, 0, StandardCharsets.UTF_16), "UTF-16");
    }
    try {
      return new CsvText(strict(bytes, 0, StandardCharsets.UTF_8), "UTF-8");
    } catch (CharacterCodingException e) {
      return new CsvText(decode(bytes, 0, Charset.forName("GB18030")), "GBK");
    }
  }

  private static boolean begins(byte[] bytes, int... with) {
    for (int i = 0; i < with.length; i++) {
      if (i >= bytes.length || (bytes[i] & 0xFF) != with[i]) {
        return false;
      }
    }
    return true;
  }

  private static String decode(byte[] bytes, int from, Charset charset) throws Unusable {
    try {
      return strict(bytes, from, charset);
    } catch (CharacterCodingException e) {
      throw new Unusable(
          0, "is neither UTF-8 nor GBK nor UTF-16: save the table as CSV UTF-8 and try again");
    }
  }

  private static String strict(byte[] bytes, int from, Charset charset)
      throws CharacterCodingException {
    return charset
        .newDecoder()
        .onMalformedInput(CodingErrorAction.REPORT)
        .onUnmappableCharacter(CodingErrorAction.REPORT)
        .decode(ByteBuffer.wrap(bytes, from, bytes.length - from))
        .toString();
  }

  /** The records, empty ones too. */
  List<Cells> records(char separator) throws Unusable {
    List<Cells> records = new ArrayList<>();
    List<String> cells = new ArrayList<>();
    StringBuilder cell = new StringBuilder();
    boolean quoted = false;
    int line = 1;
    int begun = 1;
    for (int i = 0; i < text.length(); i++) {
      char at = text.charAt(i);
      if (at == '\n') {
        line++;
      }
      if (quoted) {
        if (at != '"') {
          cell.append(at == '\n' || at == '\r' ? ' ' : at);
        } else if (i + 1 < text.length() && text.charAt(i + 1) == '"') {
          cell.append(at);
          i++;
        } else {
          quoted = false;
        }
      } else if (at == '"' && cell.toString().isBlank()) {
        cell.setLength(0);
        quoted = true;
      } else if (at == separator) {
        cells.add(cell.toString().strip());
        cell.setLength(0);
      } else if (at == '\n') {
        end(records, begun, cells, cell);
        begun = line;
      } else if (at != '\r') {
        cell.append(at);
      }
      if (records.size() > MOST_RECORDS) {
        throw new Unusable(line, "has more than " + MOST_RECORDS + " lines: no table of a device");
      }
    }
    if (quoted) {
      throw new Unusable(begun, "a quotation mark that opens here is never closed");
    }
    if (!cells.isEmpty() || !cell.isEmpty()) {
      end(records, begun, cells, cell);
    }
    return records;
  }

  private static void end(List<Cells> records, int line, List<String> cells, StringBuilder cell) {
    cells.add(cell.toString().strip());
    cell.setLength(0);
    records.add(new Cells(line, List.copyOf(cells)));
    cells.clear();
  }
}
