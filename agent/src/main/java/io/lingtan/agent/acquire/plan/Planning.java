package io.lingtan.agent.acquire.plan;

import io.lingtan.agent.acquire.wire.WireCost;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/**
 * Packs a device's values into the requests that take the line the least time, and remembers what
 * the device refused.
 */
public sealed interface Planning permits Planner, ItemPlanner, TelegramPlanner {

  /**
   * A plan for the values given, which all are of one protocol.
   *
   * @param maxWords most registers in one request
   */
  static Planning of(List<WireValue> values, int maxWords, WireCost cost) {
    List<Register> registers = new ArrayList<>();
    List<DataItem> items = new ArrayList<>();
    List<RecordValue> records = new ArrayList<>();
    for (WireValue value : values) {
      switch (value) {
        case Register register -> registers.add(register);
        case DataItem item -> items.add(item);
        case RecordValue record -> records.add(record);
      }
    }
    if (!records.isEmpty()) {
      return new TelegramPlanner(records, cost);
    }
    return items.isEmpty() ? new Planner(registers, maxWords, cost) : new ItemPlanner(items, cost);
  }

  /** The requests to make, in order. */
  List<Block> blocks();

  WireCost cost();

  /** Values that the device refused by themselves, with the exception. */
  SortedMap<Point, Reason> refused();

  /** Plans anew with what has been measured. */
  void use(WireCost measured);

  /**
   * The device said that it has not all that the block asks for.
   *
   * @return what to ask instead: parts, or nothing if it was a single value, which is given up
   */
  List<Block> refuse(Block block, Reason reason);

  /** Whether the device has refused anything. */
  boolean hasRefusals();

  /** Takes everything as readable again: the device may be another one, or have changed. */
  void forget();

  /** Time that one round of all blocks takes where the device takes as long as this says. */
  default long nanos(WireCost measured) {
    long sum = 0;
    List<Block> blocks = blocks();
    for (int i = 0; i < blocks.size(); i++) {
      sum += measured.nanos(blocks.get(i).ask());
    }
    return sum;
  }
}
