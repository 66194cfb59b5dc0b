package io.lingtan.agent.audit.verify;

import java.util.ArrayList;
import java.util.List;

/**
 * Records that lack in a file, and a drop that an event declares. Of fifty records and more each
 * fifth is an hour's, the others are its quarters'.
 *
 * @param from the first line that lacks, from 1
 * @param to the last one
 * @param first line of the lowest number of the drop
 * @param last line of the highest
 * @param explains whether it may be the drop that these records lack for
 */
public record DeclaredDrop(
    int from,
    int to,
    int first,
    int last,
    int count,
    String kind,
    String reason,
    boolean explains) {

  public static List<DeclaredDrop> cases() {
    return List.of(
        new DeclaredDrop(12, 12, 12, 12, 1, "interval", "space", true),
        // Told together with others.
        new DeclaredDrop(12, 12, 9, 14, 1, "interval", "space", true),
        // A damage hid its row: of which kind it was nobody can tell.
        new DeclaredDrop(12, 12, 12, 12, 1, "data", "damaged", true),
        new DeclaredDrop(12, 12, 12, 12, 1, "data", "space", false),
        new DeclaredDrop(12, 12, 12, 12, 1, "event", "space", false),
        new DeclaredDrop(12, 12, 12, 12, 0, "interval", "space", false),
        new DeclaredDrop(12, 12, 11, 11, 1, "interval", "space", false),
        new DeclaredDrop(12, 12, 13, 13, 1, "interval", "space", false),
        new DeclaredDrop(12, 15, 12, 15, 4, "interval", "space", true),
        new DeclaredDrop(11, 40, 12, 12, 1, "interval", "space", false),
        new DeclaredDrop(11, 40, 40, 40, 1, "interval", "space", false),
        new DeclaredDrop(11, 40, 11, 40, 1, "interval", "space", false),
        new DeclaredDrop(11, 40, 11, 40, 30, "interval", "space", true));
  }

  /** The file. */
  public List<String> of(List<String> all) {
    List<String> lines = new ArrayList<>(all);
    lines.subList(from - 1, to).clear();
    lines.add(event(all, 900));
    return lines;
  }

  /**
   * @param seq of the event
   */
  String event(List<String> all, int seq) {
    String epoch = all.getFirst().replaceFirst(".*?\"epoch\":\"([^\"]*).*", "$1");
    return "{\"epoch\":\"%s\",\"seq\":%d,\"after\":0,\"ts\":1,\"event\":\"journal.dropped\",\"severity\":\"alarm\",\"detail\":{\"epoch\":\"%s\",\"from\":%d,\"to\":%d,\"count\":%d,\"kind\":\"%s\",\"reason\":\"%s\"}}"
        .formatted(epoch, seq, epoch, seq(all, first), seq(all, last), count, kind, reason);
  }

  private static long seq(List<String> all, int line) {
    return Long.parseLong(all.get(line - 1).replaceFirst(".*?\"seq\":(\\d+).*", "$1"));
  }
}
