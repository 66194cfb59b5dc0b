package io.lingtan.agent.acquire.plan;

import io.lingtan.agent.acquire.modbus.BlockRead;
import io.lingtan.agent.acquire.wire.Ask;
import io.lingtan.agent.acquire.wire.WireCost;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Packs a device's values into the requests that take the line the least time. Exact, by dynamic
 * programming over the values in order of address: a best plan always exists in which each block is
 * a run of neighbours. A value is never split, nor parted from its scale factor. Remembers what the
 * device refused.
 */
final class Planner implements Planning {

  private static final long IMPOSSIBLE = Long.MAX_VALUE / 4;

  private final List<Register> registers;
  private final int maxWords;
  private final boolean[] cutBefore;
  // Cuts in the middle of a block, made only to find out which of its registers is refused.
  private final boolean[] searchCut;
  private final boolean[] dead;
  private final SortedMap<Point, Reason> refused = new TreeMap<>();
  private WireCost cost;
  private boolean learned;
  private List<Block> blocks;

  /**
   * @param maxWords most registers in one request; a single longer value is still asked for
   */
  Planner(List<Register> registers, int maxWords, WireCost cost) {
    this.registers = new ArrayList<>(registers);
    this.registers.sort(
        Comparator.comparingInt(Register::function)
            .thenComparingInt(Register::start)
            .thenComparingInt(Register::end));
    this.maxWords = Math.min(maxWords, BlockRead.MAX_WORDS);
    this.cost = cost;
    this.cutBefore = new boolean[registers.size() + 1];
    this.searchCut = new boolean[registers.size() + 1];
    this.dead = new boolean[registers.size()];
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
    blocks = plan();
  }

  @Override
  public List<Block> refuse(Block block, Reason reason) {
    learned = true;
    int first = block.first();
    int size = block.values().size();
    List<Register> members = registers.subList(first, first + size);
    if (size == 1) {
      dead[first] = true;
      refused.put(registers.get(first).point(), reason);
      // The culprit is known: what was cut only to find it may grow together again around it.
      Arrays.fill(searchCut, false);
      blocks = plan();
      return List.of();
    }
    int cut = widestHole(members, first);
    if (cut > 0) {
      cutBefore[cut] = true;
    } else {
      cut = first + size / 2;
      searchCut[cut] = true;
    }
    blocks = plan();
    return List.of(
        block(first, cut - 1, members.subList(0, cut - first)),
        block(cut, first + size - 1, members.subList(cut - first, size)));
  }

  @Override
  public boolean hasRefusals() {
    return learned;
  }

  @Override
  public void forget() {
    learned = false;
    refused.clear();
    Arrays.fill(dead, false);
    Arrays.fill(cutBefore, false);
    Arrays.fill(searchCut, false);
    blocks = plan();
  }

  /** Position behind the widest unused stretch inside the block; 0 if there is none. */
  private static int widestHole(List<Register> members, int first) {
    int widest = 0;
    int at = 0;
    int end = members.getFirst().end();
    for (int i = 1; i < members.size(); i++) {
      Register next = members.get(i);
      if (next.start() - end > widest) {
        widest = next.start() - end;
        at = first + i;
      }
      end = Math.max(end, next.end());
    }
    return at;
  }

  private List<Block> plan() {
    int n = registers.size();
    long[] best = new long[n + 1];
    int[] from = new int[n + 1];
    for (int last = 0; last < n; last++) {
      best[last + 1] = IMPOSSIBLE;
      if (dead[last]) {
        best[last + 1] = best[last];
        from[last + 1] = last;
        continue;
      }
      int end = 0;
      for (int first = last; first >= 0; first--) {
        if (dead[first] || registers.get(first).function() != registers.get(last).function()) {
          break;
        }
        end = Math.max(end, registers.get(first).end());
        int words = end - registers.get(first).start();
        if (words > maxWords && first < last) {
          break;
        }
        long total =
            best[first]
                + cost.nanos(
                    new Ask.Registers(
                        new BlockRead(
                            registers.get(first).function(), registers.get(first).start(), words)));
        if (total < best[last + 1]) {
          best[last + 1] = total;
          from[last + 1] = first;
        }
        if (cutBefore[first] || searchCut[first]) {
          break;
        }
      }
    }
    List<Block> planned = new ArrayList<>();
    for (int last = n; last > 0; last = from[last]) {
      if (!dead[last - 1]) {
        planned.addFirst(block(from[last], last - 1, registers.subList(from[last], last)));
      }
    }
    return List.copyOf(planned);
  }

  private static Block block(int first, int last, List<Register> members) {
    int start = members.getFirst().start();
    int end = 0;
    for (Register member : members) {
      end = Math.max(end, member.end());
    }
    assert last - first + 1 == members.size();
    return new Block(
        new Ask.Registers(new BlockRead(members.getFirst().function(), start, end - start)),
        List.copyOf(members),
        first);
  }
}
