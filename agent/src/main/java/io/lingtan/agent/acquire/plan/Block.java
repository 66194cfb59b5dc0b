package io.lingtan.agent.acquire.plan;

import io.lingtan.agent.acquire.wire.Ask;
import java.util.List;

/**
 * One request and the values that are taken out of its answer.
 *
 * @param first position of its first value in the planner's order
 */
public record Block(Ask ask, List<? extends WireValue> values, int first) {

  /** Whether a counter that intervals are made from is in it. */
  public boolean counts() {
    for (int i = 0; i < values.size(); i++) {
      if (values.get(i).counts()) {
        return true;
      }
    }
    return false;
  }
}
