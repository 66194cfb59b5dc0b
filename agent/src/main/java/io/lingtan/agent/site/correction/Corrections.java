package io.lingtan.agent.site.correction;

import io.lingtan.agent.reading.Correction;
import io.lingtan.agent.reading.Interval.Metric;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * All corrections of a site, from one file. What meters counted is kept as it was; these take its
 * place wherever figures are worked out, so that a value that comes late cannot undo them, and one
 * that is taken out of the file gives back what was counted, as a revision that names nobody.
 */
public final class Corrections {

  /** There are none. */
  public static final Corrections NONE = new Corrections("", "", List.of());

  private final String file;
  private final String text;
  private final List<Substitution> all;

  /** By meter and figure, each by its start: none is during another one. */
  private final Map<String, NavigableMap<Long, Substitution>> byFigure = new HashMap<>();

  /**
   * @param file its name, for a person
   * @param text of the file
   * @param all none during another one of the same meter and figure
   */
  Corrections(String file, String text, List<Substitution> all) {
    this.file = file;
    this.text = text;
    this.all = List.copyOf(all);
    for (Substitution one : all) {
      byFigure
          .computeIfAbsent(one.meter() + "/" + one.figure(), first -> new TreeMap<>())
          .put(one.startMillis(), one);
    }
  }

  /** The name of the file. */
  public String file() {
    return file;
  }

  /** The file as it was read. */
  public String text() {
    return text;
  }

  /** In the order of the file. */
  public List<Substitution> all() {
    return all;
  }

  public boolean isEmpty() {
    return all.isEmpty();
  }

  /** What counts of a meter's figure in a base interval. */
  public Metric of(String meter, String figure, long start, long end, Metric counted) {
    Metric now = counted;
    for (Substitution one : during(meter, figure, start, end)) {
      now = one.of(counted);
    }
    return now;
  }

  /** Whether anything of a meter's figure is corrected in a time. */
  public boolean isOf(String meter, String figure, long start, long end) {
    return !during(meter, figure, start, end).isEmpty();
  }

  private List<Substitution> during(String meter, String figure, long start, long end) {
    NavigableMap<Long, Substitution> own = byFigure.get(meter + "/" + figure);
    if (own == null) {
      return List.of();
    }
    Long first = own.floorKey(start);
    return own.subMap(first == null ? start : first, true, end, false).values().stream()
        .filter(one -> one.isDuring(start, end))
        .toList();
  }

  /** Those of a time, by their ids. */
  public SequencedMap<String, Correction> during(long start, long end) {
    if (all.isEmpty()) {
      return Collections.emptyNavigableMap();
    }
    NavigableMap<String, Correction> during = new TreeMap<>();
    for (Substitution one : all) {
      if (one.isDuring(start, end)) {
        during.put(one.by().id(), one.by());
      }
    }
    return during;
  }

  /** Lines of a time that are of these and say something else, or nothing, in the others. */
  public List<Substitution> without(Corrections others) {
    List<Substitution> rest = new ArrayList<>();
    for (Substitution one : all) {
      NavigableMap<Long, Substitution> own = others.byFigure.get(one.meter() + "/" + one.figure());
      Substitution other = own == null ? null : own.get(one.startMillis());
      if (other == null || !one.isLike(other)) {
        rest.add(one);
      }
    }
    return rest;
  }

  /** A number that differs, in practice always, when what they say of a time does; 0 of nothing. */
  public long digest(long start, long end) {
    long digest = 0;
    for (Substitution one : all) {
      if (one.isDuring(start, end)) {
        long hash = 0xcbf29ce484222325L;
        String said =
            String.join(
                "\n",
                one.by().toString(),
                one.meter(),
                one.figure(),
                String.valueOf(one.micros()),
                String.valueOf(one.factor()));
        for (int i = 0; i < said.length(); i++) {
          hash = (hash ^ said.charAt(i)) * 0x100000001b3L;
        }
        digest += hash == 0 ? 1 : hash;
      }
    }
    return digest;
  }

  /** Whether they are of the same text. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Corrections that && text.equals(that.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }
}
