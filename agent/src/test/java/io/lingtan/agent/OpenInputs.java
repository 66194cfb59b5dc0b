package io.lingtan.agent;

import io.lingtan.agent.acquire.gpio.GpioChip;
import io.lingtan.agent.acquire.gpio.InputLine;
import io.lingtan.agent.acquire.wire.Channel;
import io.lingtan.agent.acquire.wire.FieldPorts;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.run.Waiter;
import io.lingtan.agent.site.GpioInput.Pin;
import io.lingtan.agent.site.Line;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Inputs in memory on which pulses come, whether somebody has taken them or not: as with the
 * kernel's, an edge is kept while the input is taken, and what is kept is gone when it is given
 * back. All else is reached as it really is. Any thread.
 */
final class OpenInputs implements FieldPorts {

  private final Time time;
  private final Map<String, Input> inputs = new ConcurrentHashMap<>();

  OpenInputs(Time time) {
    this.time = time;
  }

  @Override
  public Channel channel(Line line) {
    return FieldPorts.real().channel(line);
  }

  @Override
  public GpioChip chip(Line.Gpio line) {
    return new Chip(line.chip());
  }

  /** One of a chip's inputs, from the first pulse or the first time that it is taken. */
  Input input(String chip, int offset) {
    return inputs.computeIfAbsent(chip + "/" + offset, key -> new Input());
  }

  /** The wire to it. */
  final class Input {
    private final Deque<Long> kept = new ArrayDeque<>();
    private final List<Long> missed = new ArrayList<>();
    private @Nullable Taken by;
    private long given;
    private long handed;

    /** It becomes active for a moment. */
    synchronized void pulse() {
      given++;
      long now = time.now().nanos();
      Taken taken = by;
      if (taken == null) {
        missed.add(now);
      } else {
        kept.add(now);
        taken.waiter.wake();
      }
    }

    /** Whether somebody counts. */
    synchronized boolean isTaken() {
      return by != null;
    }

    /** Pulses so far. */
    synchronized long given() {
      return given;
    }

    /** Those that whoever had taken it was told of. */
    synchronized long handed() {
      return handed;
    }

    /** When there were those that nobody was told of, on the clock of {@link Time#now()}. */
    synchronized List<Long> missed() {
      return List.copyOf(missed);
    }
  }

  private final class Chip implements GpioChip {
    private final String name;
    private final Waiter waiter = Waiter.parking();

    Chip(String name) {
      this.name = name;
    }

    @Override
    public String where() {
      return name;
    }

    @Override
    public Claim claim(String device, Pin pin) {
      Input input = input(name, pin.offset());
      synchronized (input) {
        if (input.by != null) {
          return new Claim.Refused(
              new Sentence("offset " + pin.offset() + " is in use", "偏移 " + pin.offset() + " 被占用"));
        }
        Taken taken = new Taken(input, waiter);
        input.by = taken;
        return new Claim.Claimed(taken);
      }
    }

    @Override
    public Waiter waiter() {
      return waiter;
    }

    @Override
    public void release() {}
  }

  private static final class Taken implements InputLine {
    private final Input input;
    private final Waiter waiter;
    private long numbered;

    Taken(Input input, Waiter waiter) {
      this.input = input;
      this.waiter = waiter;
    }

    @Override
    public State level() {
      return State.INACTIVE;
    }

    @Override
    public int drain(Edges to, int most) {
      synchronized (input) {
        int drained = 0;
        for (Long at; drained < most && (at = input.kept.poll()) != null; drained++) {
          to.edge(at, true, ++numbered);
        }
        input.handed += drained;
        return drained;
      }
    }

    @Override
    public void close() {
      synchronized (input) {
        if (input.by == this) {
          input.missed.addAll(input.kept);
          input.kept.clear();
          input.by = null;
        }
      }
    }
  }
}
