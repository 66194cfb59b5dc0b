package io.lingtan.simulator.prove;

import io.lingtan.agent.acquire.gpio.GpioChip;
import io.lingtan.agent.acquire.gpio.InputLine;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.run.Waiter;
import io.lingtan.agent.site.GpioInput.Pin;
import io.lingtan.simulator.device.PulseOutput;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * A GPIO chip in memory with pulse outputs at its inputs. Keeps edges as the kernel does: at most
 * 1,024 of each input that is taken, numbered from when it was taken. Nobody is woken by an edge:
 * whoever counts looks when its time has come.
 */
public final class MemoryChip implements GpioChip {

  /** Edges kept for each input (Linux, gpiolib-cdev: 16 for each of 64 lines). */
  private static final int KEPT = 1024;

  private final Map<Integer, PulseOutput> outputs;
  private final Map<Integer, Taken> taken = new HashMap<>();
  private final Time time;
  private final Waiter waiter = Waiter.parking();

  /**
   * @param outputs by the offset of the input that they are wired to
   * @param time that the agent's steps are driven by
   */
  public MemoryChip(Map<Integer, PulseOutput> outputs, Time time) {
    this.outputs = Map.copyOf(outputs);
    this.time = time;
  }

  @Override
  public String where() {
    return "memory";
  }

  @Override
  public Claim claim(String device, Pin pin) {
    PulseOutput output = outputs.get(pin.offset());
    if (output == null) {
      return new Claim.Refused("nothing is wired to offset " + pin.offset());
    }
    Taken line = new Taken(pin, output);
    if (taken.putIfAbsent(pin.offset(), line) != null) {
      return new Claim.Refused("offset " + pin.offset() + " is in use");
    }
    // What came before is nobody's.
    output.run(time.now(), (at, closed, lost) -> {});
    return new Claim.Claimed(line);
  }

  @Override
  public Waiter waiter() {
    return waiter;
  }

  /** Whoever had the inputs is gone: they are free again, and nobody keeps their edges. */
  @Override
  public void release() {
    taken.clear();
  }

  private record Edge(long atNanos, boolean active, long number) {}

  private final class Taken implements InputLine, PulseOutput.Wiring {
    private final Pin pin;
    private final PulseOutput output;
    private final Deque<Edge> kept = new ArrayDeque<>();
    private long numbered;
    private boolean active;

    Taken(Pin pin, PulseOutput output) {
      this.pin = pin;
      this.output = output;
    }

    @Override
    public void turned(long atNanos, boolean closed, boolean lost) {
      active = closed;
      if (!closed && pin.debounce().isZero()) {
        return;
      }
      numbered++;
      if (lost) {
        return;
      }
      if (kept.size() == KEPT) {
        kept.removeFirst();
      }
      kept.addLast(new Edge(atNanos, closed, numbered));
    }

    @Override
    public State level() {
      output.run(time.now(), this);
      return active ? State.ACTIVE : State.INACTIVE;
    }

    @Override
    public int drain(Edges to, int most) {
      output.run(time.now(), this);
      int drained = 0;
      for (; drained < most && !kept.isEmpty(); drained++) {
        Edge edge = kept.removeFirst();
        to.edge(edge.atNanos(), edge.active(), edge.number());
      }
      return drained;
    }

    @Override
    public void close() {
      taken.remove(pin.offset(), this);
    }
  }
}
