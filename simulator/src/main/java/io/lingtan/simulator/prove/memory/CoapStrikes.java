package io.lingtan.simulator.prove.memory;

import io.lingtan.simulator.device.CoapNode;
import io.lingtan.simulator.fault.CoapFault;
import io.lingtan.simulator.fault.Fault;
import io.lingtan.simulator.fault.FaultPlan;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Says which of the faults planned for CoAP nodes strike, and counts them. */
final class CoapStrikes {

  private final FaultPlan faults;
  private final Map<Fault, Integer> turns = new HashMap<>();

  CoapStrikes(FaultPlan faults) {
    this.faults = faults;
  }

  /** Whether a fault of this kind strikes the node now; counts it if so. */
  boolean strikes(CoapNode node, Class<? extends CoapFault> kind, long millis) {
    return struck(node, kind, millis) != null;
  }

  /** The same, with the fault; null if none strikes. */
  <F extends CoapFault> @Nullable F struck(CoapNode node, Class<F> kind, long millis) {
    F holding = holding(node, kind, millis);
    if (holding == null || !isTurn(holding)) {
      return null;
    }
    faults.count(holding, millis);
    return holding;
  }

  /** The fault of this kind that holds, if one does. Counts nothing. */
  <F extends CoapFault> @Nullable F holding(CoapNode node, Class<F> kind, long millis) {
    for (Fault fault : faults.at(node.id(), millis)) {
      if (kind.isInstance(fault)) {
        return kind.cast(fault);
      }
    }
    return null;
  }

  void count(CoapFault fault, long millis) {
    faults.count(fault, millis);
  }

  private boolean isTurn(CoapFault fault) {
    int every =
        switch (fault) {
          case CoapFault.Loss loss -> loss.every();
          case CoapFault.Reordering reordering -> reordering.every();
          case CoapFault.Duplicate duplicate -> duplicate.every();
          case CoapFault.Stale stale -> 1;
          case CoapFault.WrongMaxAge wrong -> 1;
          case CoapFault.Restarted restarted -> 1;
          case CoapFault.SessionLost lost -> 1;
        };
    int turn = Objects.requireNonNull(turns.merge(fault, 1, Integer::sum));
    return turn % every == 0;
  }
}
