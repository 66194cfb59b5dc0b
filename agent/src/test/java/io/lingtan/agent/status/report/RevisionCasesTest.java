package io.lingtan.agent.status.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.lingtan.agent.reading.Interval;
import io.lingtan.testing.TruthCases;
import io.lingtan.testing.WorkedExamples.Node;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Which revision counts, as all cases of the kind say: a report adds up days that came in the order
 * of a case's messages, each of its intervals on a day of its own.
 */
final class RevisionCasesTest {

  private static final LocalDate FIRST = LocalDate.of(2026, 6, 1);

  @TempDir private Path folder;

  static List<Node> cases() {
    List<Node> cases = TruthCases.of("revisions");
    assertFalse(cases.isEmpty());
    return cases;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theHighestRevisionOfEachIntervalCountsOnce(Node each) throws IOException {
    List<Node> messages = each.at("inputs").at("messages").list();
    List<String> starts =
        messages.stream().map(message -> message.at("start").text()).distinct().sorted().toList();
    try (KeptMonths kept = new KeptMonths(folder)) {
      for (Node message : messages) {
        kept.revision(
            FIRST.plusDays(starts.indexOf(message.at("start").text())),
            message.at("rev").decimal().intValueExact(),
            TruthCases.micros(message, "kWh"));
      }
      kept.pass(31 * 86_400_000L);
      Month month = kept.month(YearMonth.from(FIRST));
      Node expected = each.at("expected");
      assertEquals(expected.at("intervals").decimal().intValueExact(), month.days().size());
      assertEquals(
          expected.at("rev").list().stream().map(rev -> rev.decimal().intValueExact()).toList(),
          month.days().values().stream().map(Interval::rev).toList());
      Long bought = Objects.requireNonNull(month.figures().get("elec.grid.import")).micros();
      BigDecimal sum = BigDecimal.valueOf(Objects.requireNonNull(bought), 6);
      assertEquals(expected.at("sum_kWh").text(), TruthCases.like(expected.at("sum_kWh"), sum));
      for (String name : expected.names()) {
        if (name.startsWith("WRONG_")) {
          assertNotEquals(0, TruthCases.number(expected.at(name)).compareTo(sum), name);
        }
      }
    }
  }
}
