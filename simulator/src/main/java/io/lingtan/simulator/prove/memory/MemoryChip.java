package io.lingtan.simulator.prove.memory;

import io.lingtan.agent.acquire.gpio.GpioChip;
import io.lingtan.agent.acquire.gpio.InputLine;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.run.Waiter;
import io.lingtan.agent.site.GpioInput.Pin;
import io.lingtan.simulator.device.WorldClock;
import io.lingtan.simulator.device.contact.Contact;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * A GPIO chip in memory with contacts at its inputs. Keeps edges as the kernel does: at most 1,024
 * of each input that is taken, numbered from when it was taken.
 */
public final class MemoryChip implements GpioChip {

  /** Edges kept for each input (Linux, gpiolib-cdev: 16 for each of 64 lines). */
  private static final int KEPT = 1024;

  private final Map<Integer, Contact> contacts;
  private final Map<Integer, Taken> taken = new HashMap<>();
  private final Time time;
  private final WorldClock clock;
  private final Waiter waiter = Waiter.parking();

  /**
   * @param contacts by the offset of the input that they are wired to
   * @param time that the agent's steps are driven by
   */
  public MemoryChip(Map<Integer, ? extends Contact> contacts, Time time, WorldClock clock) {
    this.contacts = Map.copyOf(contacts);
    this.time = time;
    this.clock = clock;
  }

  @Override
  public String where() {
    return "memory";
  }

  @Override
  public Claim claim(String device, Pin pin) {
    Contact contact = contacts.get(pin.offset());
    if (contact == null) {
      return new Claim.Refused(
          new Sentence(
              "nothing is wired to offset " + pin.offset(), "偏移 " + pin.offset() + " 没有接线"));
    }
    if (!contact.isWired(clock.millisAt(time.now()))) {
      return new Claim.Refused(new Sentence("the chip is gone; plug it in", "芯片不见了：请插好"));
    }
    Taken line = new Taken(pin, contact);
    if (taken.putIfAbsent(pin.offset(), line) != null) {
      return new Claim.Refused(
          new Sentence("offset " + pin.offset() + " is in use", "偏移 " + pin.offset() + " 被占用"));
    }
    // What came before is nobody's.
    contact.run(time.now(), clock, (at, closed, lost) -> {});
    line.active = contact.isClosed();
    return new Claim.Claimed(line);
  }

  @Override
  public Waiter waiter() {
    return waiter;
  }

  @Override
  public MonotonicInstant arrival() {
    MonotonicInstant next = MonotonicInstant.NEVER;
    for (Taken line : taken.values()) {
      next = next.min(line.contact.next(time.now(), clock));
    }
    return next;
  }

  /** Whoever had the inputs is gone: they are free again, and nobody keeps their edges. */
  @Override
  public void release() {
    taken.clear();
  }

  private record Edge(long atNanos, boolean active, long number) {}

  private final class Taken implements InputLine, Contact.Wiring {
    private final Pin pin;
    private final Contact contact;
    private final Deque<Edge> kept = new ArrayDeque<>();
    private long numbered;
    private boolean active;

    Taken(Pin pin, Contact contact) {
      this.pin = pin;
      this.contact = contact;
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

    private boolean isGone() {
      return !contact.isWired(clock.millisAt(time.now()));
    }

    @Override
    public State level() {
      if (isGone()) {
        return State.GONE;
      }
      contact.run(time.now(), clock, this);
      return active ? State.ACTIVE : State.INACTIVE;
    }

    @Override
    public int drain(Edges to, int most) {
      if (isGone()) {
        return -1;
      }
      contact.run(time.now(), clock, this);
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
