package io.lingtan.agent.acquire.gpio;

import com.pi4j.context.Context;
import com.pi4j.exception.ShutdownException;
import com.pi4j.io.gpio.digital.DigitalInput;
import com.pi4j.io.gpio.digital.DigitalInputBase;
import com.pi4j.io.gpio.digital.DigitalInputConfig;
import com.pi4j.io.gpio.digital.DigitalInputProvider;
import com.pi4j.io.gpio.digital.DigitalState;
import com.pi4j.io.gpio.digital.DigitalStateChangeEvent;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A Pi4J digital input over a line of the kernel's character device. {@link #state} asks the
 * kernel. Edges stay in the kernel's buffer until they are taken with {@link #drain}, which keeps
 * their time stamps and numbers; Pi4J's listeners are told of each on the way, on the thread that
 * takes them.
 */
final class KernelInput extends DigitalInputBase implements InputLine {

  /** So many are read from the kernel at once. */
  private static final int MOST_AT_ONCE = 64;

  private final int fd;
  private final Runnable onClose;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment buffer =
      arena.allocate((long) MOST_AT_ONCE * Uapi.LINE_EVENT_BYTES, Long.BYTES);
  private boolean closed;

  /**
   * @param fd descriptor of the line, which never waits
   * @param onClose called once, before the descriptor is closed
   */
  KernelInput(DigitalInputProvider provider, DigitalInputConfig config, int fd, Runnable onClose) {
    super(provider, config);
    this.fd = fd;
    this.onClose = onClose;
  }

  @Override
  public State level() {
    int level = closed ? -Libc.ENODEV : Uapi.level(fd);
    return level < 0 ? State.GONE : level == 1 ? State.ACTIVE : State.INACTIVE;
  }

  /** High or low, whatever the active level is. */
  @Override
  public DigitalState state() {
    return switch (level()) {
      case ACTIVE -> config().onState();
      case INACTIVE -> inverse(config().onState());
      case GONE -> DigitalState.UNKNOWN;
    };
  }

  private static DigitalState inverse(DigitalState state) {
    return state.isHigh() ? DigitalState.LOW : DigitalState.HIGH;
  }

  @Override
  public int drain(Edges to, int most) {
    int drained = 0;
    while (drained < most) {
      int room = Math.min(most - drained, MOST_AT_ONCE);
      long read =
          closed
              ? -Libc.ENODEV
              : Libc.read(fd, buffer.asSlice(0, (long) room * Uapi.LINE_EVENT_BYTES));
      if (read == -Libc.EAGAIN) {
        return drained;
      }
      if (read <= 0) {
        return drained > 0 ? drained : -1;
      }
      int events = Math.toIntExact(read / Uapi.LINE_EVENT_BYTES);
      for (int i = 0; i < events; i++) {
        Uapi.event(
            buffer,
            (long) i * Uapi.LINE_EVENT_BYTES,
            (at, active, number) -> hand(to, at, active, number));
      }
      drained += events;
    }
    return drained;
  }

  private void hand(Edges to, long atNanos, boolean active, long number) {
    to.edge(atNanos, active, number);
    if (hasListenersOrBindings()) {
      DigitalState on = config().onState();
      dispatch(new DigitalStateChangeEvent<>(this, active ? on : inverse(on)));
    }
  }

  /** Gives the line back to the kernel; Pi4J calls it when the input is shut down. */
  @Override
  public DigitalInput shutdown(Context context) throws ShutdownException {
    super.shutdown(context);
    if (!closed) {
      closed = true;
      onClose.run();
      Libc.close(fd);
      arena.close();
    }
    return this;
  }

  @Override
  public void close() {
    if (!closed) {
      provider().context().shutdown(id());
    }
  }
}
