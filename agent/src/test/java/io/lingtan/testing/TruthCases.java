package io.lingtan.testing;

import io.lingtan.testing.WorkedExamples.Node;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;

/**
 * The cases of measured truths: every case of a kind, whatever their number, from {@code
 * truth-cases.json}. Numbers there are texts, exact to their last digit.
 */
public final class TruthCases {

  private static final String FILE = "/io/lingtan/agent/truth-cases.json";

  private TruthCases() {}

  /** All cases of bills, whatever their kinds. */
  public static List<Node> ofBills() {
    return WorkedExamples.tree("/io/lingtan/agent/bill-cases.json").at("cases").list();
  }

  /** All cases of a kind. */
  public static List<Node> of(String kind) {
    return WorkedExamples.tree(FILE).at("cases").list().stream()
        .filter(node -> node.at("kind").text().equals(kind))
        .toList();
  }

  public static BigDecimal number(Node node) {
    return new BigDecimal(node.text());
  }

  /** Millionths; 0 of what is not there. */
  public static long micros(Node node, String name) {
    return node.has(name) ? number(node.at(name)).movePointRight(6).longValueExact() : 0;
  }

  /** A number as the case prints it: as many digits, rounded half-up on the magnitude. */
  public static String like(Node expected, BigDecimal value) {
    int digits = number(expected).scale();
    return value.setScale(Math.max(0, digits), RoundingMode.HALF_UP).toPlainString();
  }
}
