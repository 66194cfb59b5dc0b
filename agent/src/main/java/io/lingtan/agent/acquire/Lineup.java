package io.lingtan.agent.acquire;

import io.lingtan.agent.acquire.line.LineSnapshot;
import io.lingtan.agent.acquire.line.LineStep;
import io.lingtan.agent.acquire.share.ShareStep;
import io.lingtan.agent.acquire.share.SharedLine;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.share.Share;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The site that runs and the steps of its lines, which change together.
 *
 * @param steps one of each line of the site, in its order
 * @param shares by line id, of those that are lent to other masters
 */
public record Lineup(Site site, List<LineStep> steps, Map<String, ShareStep> shares) {

  public Lineup {
    steps = List.copyOf(steps);
    shares = Map.copyOf(shares);
    if (steps.size() != site.lines().size()) {
      throw new IllegalArgumentException(
          "%d steps of %d lines".formatted(steps.size(), site.lines().size()));
    }
  }

  /** The same, each line that is lent by a step that has not begun. */
  public Lineup(Site site, List<LineStep> steps) {
    this(site, steps, Map.of(), steps);
  }

  /**
   * The same, where some are lent already.
   *
   * @param before by line id
   * @param fresh steps whose lines are lent anew, if they are
   */
  public Lineup(
      Site site, List<LineStep> steps, Map<String, ShareStep> before, List<LineStep> fresh) {
    this(site, steps, lent(site, steps, before, fresh));
  }

  private static Map<String, ShareStep> lent(
      Site site, List<LineStep> steps, Map<String, ShareStep> before, List<LineStep> fresh) {
    Map<String, ShareStep> lent = new LinkedHashMap<>();
    for (int i = 0; i < steps.size(); i++) {
      Line line = site.lines().get(i);
      Share share = line.share();
      SharedLine shared = steps.get(i).shared();
      ShareStep same = fresh.contains(steps.get(i)) ? null : before.get(line.id());
      if (share != null && shared != null) {
        lent.put(line.id(), same != null ? same : new ShareStep(line, share, shared));
      }
    }
    return lent;
  }

  /** Every line as it is now. Any thread. */
  public List<LineSnapshot> snapshots() {
    List<LineSnapshot> all = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      LineSnapshot shown = steps.get(i).snapshot();
      ShareStep lent = shares.get(line(i).id());
      all.add(lent == null ? shown : shown.with(lent.snapshot()));
    }
    return all;
  }

  /** The steps by the ids of their lines. */
  public Map<String, LineStep> byId() {
    Map<String, LineStep> all = new LinkedHashMap<>();
    for (int i = 0; i < steps.size(); i++) {
      all.put(line(i).id(), steps.get(i));
    }
    return all;
  }

  public Line line(int place) {
    return site.lines().get(place);
  }
}
