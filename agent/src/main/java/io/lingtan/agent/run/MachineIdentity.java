package io.lingtan.agent.run;

import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * What tells one machine from another, as one line of text: {@code name:value,value} with blanks
 * between. The first of the names that two such lines have both decides: they are of one machine if
 * a value under it is the same. So what is added, such as a network adapter, or can no longer be
 * read makes no other machine, and a card that is put into another one does.
 *
 * <p>A line without a name is of a version that knew one value only; it is compared with what is
 * under {@code id}.
 */
public final class MachineIdentity {

  /** What the version before knew, and the last to decide. */
  public static final String EARLIER = "id";

  /**
   * Most lasting first: the board's serial number, its number in the firmware, the network adapters
   * that are part of it, and the card. The card comes late: it is exchanged, and copied, while the
   * machine stays.
   */
  public static final List<String> NAMES = List.of("board", "dmi", "mac", "cid", EARLIER);

  private MachineIdentity() {}

  /**
   * The line.
   *
   * @param values under names of {@link #NAMES}; a name without a value is left out
   */
  public static String of(Map<String, ? extends Iterable<String>> values) {
    Map<String, String> named = new LinkedHashMap<>();
    for (String name : NAMES) {
      Iterable<String> under = values.get(name);
      if (under != null && under.iterator().hasNext()) {
        named.put(name, String.join(",", under));
      }
    }
    return named.entrySet().stream()
        .map(each -> each.getKey() + ":" + each.getValue().replaceAll("\\s+", "_"))
        .collect(Collectors.joining(" "));
  }

  private static Map<String, Set<String>> parsed(String line) {
    Map<String, Set<String>> values = new LinkedHashMap<>();
    for (String each : line.split(" ")) {
      int colon = each.indexOf(':');
      if (colon < 1 || !NAMES.contains(each.substring(0, colon))) {
        return Map.of();
      }
      values.put(
          each.substring(0, colon),
          new HashSet<>(Arrays.asList(each.substring(colon + 1).split(","))));
    }
    return values;
  }

  /**
   * Whether both are of one machine.
   *
   * @param kept what was written down earlier
   * @param now what the machine says
   */
  public static boolean isSame(String kept, String now) {
    if (kept.equals(now)) {
      return true;
    }
    Map<String, Set<String>> before = parsed(kept);
    Map<String, Set<String>> after = parsed(now);
    if (before.isEmpty()) {
      return after.getOrDefault(EARLIER, Set.of()).contains(kept.replaceAll("\\s+", "_"));
    }
    for (String name : NAMES) {
      if (before.containsKey(name) && after.containsKey(name)) {
        return !Collections.disjoint(before.get(name), after.get(name));
      }
    }
    return false;
  }

  /** The line with something else in the place of each value, such as its hash. */
  public static String mapped(String line, UnaryOperator<String> to) {
    Map<String, Set<String>> values = parsed(line);
    if (values.isEmpty()) {
      return to.apply(line);
    }
    Map<String, List<String>> mapped = new LinkedHashMap<>();
    values.forEach((name, under) -> mapped.put(name, under.stream().map(to).sorted().toList()));
    return of(mapped);
  }
}
