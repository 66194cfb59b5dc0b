package io.lingtan.simulator.scenario;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What on a site can be struck.
 *
 * @param points names of the points of each device, by its id
 * @param absent those of them that have a way to say "not available"
 * @param lines ids of the lines that carry frames of bytes
 */
public record Targets(
    SortedMap<String, List<String>> points,
    SortedMap<String, List<String>> absent,
    List<String> lines) {

  public Targets {
    points = copy(points);
    absent = copy(absent);
    lines = List.copyOf(lines);
  }

  private static SortedMap<String, List<String>> copy(SortedMap<String, List<String>> lists) {
    TreeMap<String, List<String>> copy = new TreeMap<>();
    for (Map.Entry<String, List<String>> device : lists.entrySet()) {
      copy.put(device.getKey(), List.copyOf(device.getValue()));
    }
    return Collections.unmodifiableSortedMap(copy);
  }

  /** Points of a device that a kind can strike. */
  List<String> points(Kind kind, String device) {
    List<String> all = points.getOrDefault(device, List.of());
    return switch (kind.strikes()) {
      case COUNTER -> all.stream().filter(point -> point.startsWith("energy_")).toList();
      case ABSENT -> absent.getOrDefault(device, List.of());
      case DEVICE, POINT, LINE, SITE -> all;
    };
  }

  /** Ids of everybody whom a kind can strike; one empty id for the site itself. */
  List<String> of(Kind kind) {
    return switch (kind.strikes()) {
      case DEVICE, POINT -> new ArrayList<>(points.keySet());
      case COUNTER, ABSENT ->
          points.keySet().stream().filter(id -> !points(kind, id).isEmpty()).toList();
      case LINE -> lines;
      case SITE -> List.of("");
    };
  }
}
