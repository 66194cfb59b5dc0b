package io.lingtan.agent.reading;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class CsvTest {

  @Test
  void whatASpreadsheetTakesForAFormulaIsAText() {
    for (String sign : "= + - @ \uFF1D \uFF0B \uFF0D \uFF20 \t".split(" ")) {
      assertEquals("'" + sign + "cmd|x", Csv.cell(sign + "cmd|x"));
      assertEquals("'" + sign + "cmd|x", Csv.numberOrText(sign + "cmd|x"));
    }
    assertEquals("\"'=a,b\"", Csv.cell("=a,b"));
    assertEquals("\u7535\u8868 1=2", Csv.cell("\u7535\u8868 1=2"));
  }

  @Test
  void aNumberBelowZeroStaysOne() {
    assertEquals("-12.5", Csv.numberOrText("-12.5"));
    assertEquals("'-12.5", Csv.cell("-12.5"));
    assertEquals("'\uFF0D12.5", Csv.numberOrText("\uFF0D12.5"));
  }
}
