package io.lingtan.simulator.prove;

import java.util.ArrayList;
import java.util.List;

/**
 * The changes that a unified diff makes to one source file. Strict: what a hunk shows of the file,
 * context and removed lines, has to stand there word for word and in one place only. Line numbers
 * are not looked at, so that a change somewhere else in the file spoils nothing.
 *
 * @param file from the top of the repository
 */
record SourcePatch(String file, List<Hunk> hunks) {

  /**
   * One place.
   *
   * @param before lines that stand there
   * @param after lines that take their place
   */
  record Hunk(List<String> before, List<String> after) {
    Hunk {
      before = List.copyOf(before);
      after = List.copyOf(after);
    }
  }

  SourcePatch {
    hunks = List.copyOf(hunks);
  }

  /**
   * Reads a diff of one file or more, as {@code git diff} and {@code diff -u} write it.
   *
   * @throws IllegalArgumentException saying which line is none of a diff
   */
  static List<SourcePatch> read(List<String> diff) {
    List<SourcePatch> patches = new ArrayList<>();
    int at = 0;
    while (at < diff.size()) {
      if (!diff.get(at).startsWith("--- ") || !diff.get(at + 1).startsWith("+++ b/")) {
        throw new IllegalArgumentException("not the head of a file's diff: " + diff.get(at));
      }
      String file = diff.get(at + 1).substring("+++ b/".length());
      List<Hunk> hunks = new ArrayList<>();
      at += 2;
      while (at < diff.size() && diff.get(at).startsWith("@@")) {
        List<String> before = new ArrayList<>();
        List<String> after = new ArrayList<>();
        for (at++; at < diff.size() && !isHead(diff.get(at)); at++) {
          line(diff.get(at), before, after);
        }
        if (before.equals(after) || before.isEmpty()) {
          throw new IllegalArgumentException("a hunk of " + file + " changes nothing it shows");
        }
        hunks.add(new Hunk(before, after));
      }
      if (hunks.isEmpty()) {
        throw new IllegalArgumentException("no hunk of " + file);
      }
      patches.add(new SourcePatch(file, hunks));
    }
    return patches;
  }

  private static boolean isHead(String line) {
    return line.startsWith("@@") || line.startsWith("--- ");
  }

  private static void line(String line, List<String> before, List<String> after) {
    String text = line.isEmpty() ? "" : line.substring(1);
    switch (line.isEmpty() ? ' ' : line.charAt(0)) {
      case ' ' -> {
        before.add(text);
        after.add(text);
      }
      case '-' -> before.add(text);
      case '+' -> after.add(text);
      default -> throw new IllegalArgumentException("not a line of a hunk: " + line);
    }
  }

  /**
   * The file as it is after the changes.
   *
   * @throws IllegalArgumentException naming the first line of a hunk that does not fit
   */
  String apply(String source) {
    List<String> lines = new ArrayList<>(source.lines().toList());
    for (Hunk hunk : hunks) {
      int place = -1;
      int places = 0;
      for (int from = 0; from + hunk.before.size() <= lines.size(); from++) {
        if (lines.subList(from, from + hunk.before.size()).equals(hunk.before)) {
          place = from;
          places++;
        }
      }
      if (places != 1) {
        throw new IllegalArgumentException(
            "%s has %d places that look like the hunk beginning with '%s'"
                .formatted(file, places, hunk.before.getFirst().strip()));
      }
      List<String> there = lines.subList(place, place + hunk.before.size());
      there.clear();
      lines.addAll(place, hunk.after);
    }
    return String.join("\n", lines) + "\n";
  }
}
