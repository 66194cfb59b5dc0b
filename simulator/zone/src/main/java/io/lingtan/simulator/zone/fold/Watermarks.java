package io.lingtan.simulator.zone.fold;

import io.lingtan.agent.audit.message.Malformed;
import io.lingtan.agent.audit.message.Tree;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How far the members of a zone are covered in intervals of one length: how many of them up to each
 * time. The zone is closed up to the earliest, once every member has one: by what was delivered,
 * and not by a time that has passed.
 *
 * @param members by the end of the last interval that they are covered for, UTC ms
 */
public record Watermarks(SortedMap<Long, Long> members) {

  public static final Watermarks NONE = new Watermarks(new TreeMap<>());

  public Watermarks {
    members = new TreeMap<>(members);
  }

  /**
   * One member is covered further.
   *
   * @param before how far it was, null if it is told of for the first time
   */
  public Watermarks moved(@Nullable Long before, long until) {
    SortedMap<Long, Long> changed = new TreeMap<>(members);
    if (before != null) {
      changed.computeIfPresent(before, (end, count) -> count == 1 ? null : count - 1);
    }
    changed.merge(until, 1L, Long::sum);
    return new Watermarks(changed);
  }

  /** How many members are covered at all. */
  public long count() {
    return members.values().stream().mapToLong(Long::longValue).sum();
  }

  /**
   * Until when the zone is closed.
   *
   * @param of how many members it has
   * @return UTC ms, null while some are not covered at all
   */
  public @Nullable Long closedUntil(int of) {
    return members.isEmpty() || count() < of ? null : members.firstKey();
  }

  /** One line of JSON. */
  public byte[] json() {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    members.forEach((end, count) -> tree.put(Long.toString(end), count));
    return Tree.bytes(tree);
  }

  /**
   * Reads what {@link #json} wrote.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static Watermarks read(byte[] json) {
    try {
      SortedMap<Long, Long> members = new TreeMap<>();
      Tree tree = Tree.parse(json);
      for (String end : tree.names()) {
        members.put(Long.valueOf(end), tree.number(end));
      }
      return new Watermarks(members);
    } catch (Malformed e) {
      throw new IllegalArgumentException("not watermarks: " + e.getMessage(), e);
    }
  }
}
