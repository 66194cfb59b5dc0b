package io.lingtan.agent.bill;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lingtan.testing.TruthCases;
import io.lingtan.testing.WorkedExamples.Node;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a case expects, and what it says must not come out: its keys that begin with WRONG_. */
record Expectation(String id, Node expected) {

  private static final String WRONG = "WRONG_";

  void check(Map<String, @Nullable Object> produced) {
    assertEquals(List.of(), differences(produced), id);
  }

  List<String> differences(Map<String, @Nullable Object> produced) {
    List<String> differences = new ArrayList<>();
    for (String name : expected.names()) {
      Node node = expected.at(name);
      if (name.startsWith(WRONG)) {
        if (isAnywhere(node, produced) && !isExpected(node)) {
          differences.add(name + " was produced");
        }
      } else if (!produced.containsKey(name)) {
        differences.add("nothing was worked out for " + name);
      } else if (!isLike(node, produced.get(name), true)) {
        differences.add(name + " should be " + node.value() + ", was " + produced.get(name));
      }
    }
    return differences;
  }

  private boolean isExpected(Node wrong) {
    return expected.names().stream()
        .filter(name -> !name.startsWith(WRONG))
        .anyMatch(name -> isAnywhere(wrong, expected.at(name).value()));
  }

  private static boolean isAnywhere(Node wrong, @Nullable Object value) {
    return isLike(wrong, value, false)
        || switch (value) {
          case Map<?, ?> map -> map.values().stream().anyMatch(each -> isAnywhere(wrong, each));
          case List<?> list -> list.stream().anyMatch(each -> isAnywhere(wrong, each));
          case null, default -> false;
        };
  }

  /**
   * @param whole whether a group of amounts may have no member that is not expected
   */
  private static boolean isLike(Node node, @Nullable Object value, boolean whole) {
    return switch (node.value()) {
      case Map<?, ?> members ->
          value instanceof Map<?, ?> map
              && (!whole || map.keySet().equals(members.keySet()))
              && node.names().stream()
                  .allMatch(
                      name -> map.containsKey(name) && isLike(node.at(name), map.get(name), whole));
      case List<?> elements ->
          value instanceof List<?> list
              && list.size() == elements.size()
              // A month among others may expect less than is known of it.
              && Stream.iterate(0, at -> at + 1)
                  .limit(list.size())
                  .allMatch(at -> isLike(node.list().get(at), list.get(at), false));
      case BigDecimal number -> value instanceof Number it && number.compareTo(decimal(it)) == 0;
      case String text when value instanceof Number it ->
          isNumber(text) && text.equals(TruthCases.like(node, decimal(it)));
      case String text -> text.equals(value == null ? "absent" : value);
      case null, default -> false;
    };
  }

  private static BigDecimal decimal(Number number) {
    return number instanceof BigDecimal exact ? exact : BigDecimal.valueOf(number.longValue());
  }

  private static boolean isNumber(String text) {
    return text.matches("-?[0-9]+(\\.[0-9]+)?");
  }
}
