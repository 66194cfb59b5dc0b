package io.lingtan.agent.acquire;

import io.lingtan.agent.acquire.modbus.BlockRead;
import java.util.List;

/**
 * One request and the values that are taken out of its answer.
 *
 * @param first position of its first value in the planner's order
 */
record Block(BlockRead read, List<Register> registers, int first) {

  /** Whether a counter that intervals are made from is in it. */
  boolean counts() {
    for (int i = 0; i < registers.size(); i++) {
      if (registers.get(i).counts()) {
        return true;
      }
    }
    return false;
  }
}
