package io.lingtan.agent.acquire.plan;

import io.lingtan.agent.acquire.wire.Ask;
import io.lingtan.agent.acquire.wire.WireCost;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** The plan of an M-Bus meter, which tells everything at once or nothing. */
final class TelegramPlanner implements Planning {

  private final List<Block> blocks;
  private WireCost cost;

  TelegramPlanner(List<RecordValue> values, WireCost cost) {
    this.blocks = List.of(new Block(new Ask.Telegrams(), List.copyOf(values), 0));
    this.cost = cost;
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
    return Collections.unmodifiableSortedMap(new TreeMap<>());
  }

  @Override
  public void use(WireCost measured) {
    cost = measured;
  }

  @Override
  public List<Block> refuse(Block block, Reason reason) {
    return List.of();
  }

  @Override
  public boolean hasRefusals() {
    return false;
  }

  @Override
  public void forget() {}
}
