package io.lingtan.agent.acquire.plan;

import io.lingtan.agent.acquire.item.ItemRead;
import io.lingtan.agent.acquire.wire.Ask;
import io.lingtan.agent.acquire.wire.WireCost;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Plans the reads of a meter that has data items: a request for each data item, or for the block of
 * its phases where at least two of them are wanted, which is always quicker. A meter that refuses a
 * block, or answers it with another length, is asked for its parts.
 */
final class ItemPlanner implements Planning {

  private final List<DataItem> items;
  private final Set<ItemRead> split = new HashSet<>();
  private final Set<DataItem> dead = new HashSet<>();
  private final SortedMap<Point, Reason> refused = new TreeMap<>();
  private WireCost cost;
  private List<Block> blocks;

  ItemPlanner(List<DataItem> items, WireCost cost) {
    this.items = List.copyOf(items);
    this.cost = cost;
    this.blocks = plan();
  }

  @Override
  public List<Block> blocks() {
    return blocks;
  }

  @Override
  public WireCost cost() {
    return cost;
  }

  @Override
  public SortedMap<Point, Reason> refused() {
    return refused;
  }

  @Override
  public void use(WireCost measured) {
    cost = measured;
  }

  @Override
  public List<Block> refuse(Block block, Reason reason) {
    List<Block> parts = new ArrayList<>();
    if (block.values().getFirst() instanceof DataItem first && first.isPart()) {
      // Its parts cannot be asked for one by one: the whole is asked again at the next poll.
      return parts;
    }
    if (block.values().size() > 1 && block.ask() instanceof Ask.Item asked) {
      split.add(asked.read());
      for (WireValue value : block.values()) {
        parts.add(alone((DataItem) value));
      }
    } else {
      for (WireValue value : block.values()) {
        dead.add((DataItem) value);
        refused.put(value.point(), reason);
      }
    }
    blocks = plan();
    return parts;
  }

  @Override
  public boolean hasRefusals() {
    return !split.isEmpty() || !dead.isEmpty();
  }

  @Override
  public void forget() {
    split.clear();
    dead.clear();
    refused.clear();
    blocks = plan();
  }

  private List<Block> plan() {
    Map<ItemRead, List<DataItem>> reads = new LinkedHashMap<>();
    for (DataItem item : items) {
      if (!dead.contains(item)) {
        ItemRead block = item.block();
        boolean whole = block != null && !split.contains(block);
        reads.computeIfAbsent(whole ? block : item.read(), any -> new ArrayList<>()).add(item);
      }
    }
    List<Block> planned = new ArrayList<>();
    reads.forEach(
        (read, members) ->
            planned.add(
                members.size() == 1
                    ? alone(members.getFirst())
                    : new Block(new Ask.Item(read), List.copyOf(members), 0)));
    return List.copyOf(planned);
  }

  private static Block alone(DataItem item) {
    return new Block(new Ask.Item(item.read()), List.of(item), 0);
  }
}
