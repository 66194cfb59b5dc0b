package io.lingtan.simulator.zone.fold;

import io.lingtan.agent.audit.zone.ZoneNode;
import java.util.ArrayList;
import java.util.List;

/** The Merkle sum tree over a zone's leaves, of the shape of RFC 9162, section 2.1. */
public final class ZoneTree {

  private final List<ZoneNode> leaves;

  /**
   * @param leaves in the order of the gateways' names, at least one
   */
  public ZoneTree(List<ZoneNode> leaves) {
    if (leaves.isEmpty()) {
      throw new IllegalArgumentException("a tree has at least one leaf");
    }
    this.leaves = List.copyOf(leaves);
  }

  public ZoneNode top() {
    return top(leaves);
  }

  private static ZoneNode top(List<ZoneNode> part) {
    if (part.size() == 1) {
      return part.getFirst();
    }
    int left = left(part.size());
    return ZoneNode.above(top(part.subList(0, left)), top(part.subList(left, part.size())));
  }

  /** The largest power of two below a number. */
  private static int left(int size) {
    return Integer.highestOneBit(size - 1);
  }

  /** The nodes beside the way from a leaf to the top, from the leaf upwards. */
  public List<String> path(int leaf) {
    List<String> path = new ArrayList<>();
    List<ZoneNode> part = leaves;
    int at = leaf;
    while (part.size() > 1) {
      int left = left(part.size());
      List<ZoneNode> lower = part.subList(0, left);
      List<ZoneNode> upper = part.subList(left, part.size());
      path.addFirst(top(at < left ? upper : lower).text());
      part = at < left ? lower : upper;
      at = at < left ? at : at - left;
    }
    return path;
  }
}
