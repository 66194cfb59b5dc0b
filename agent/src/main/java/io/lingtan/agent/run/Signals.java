package io.lingtan.agent.run;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.Proxy;

/** What this process does at a signal. Any thread, one at a time. */
public final class Signals {

  /** The classical ones of Linux are 1 to 31; two of them cannot be handled. */
  private static final int MOST = 31;

  private static final int SIGKILL = 9;
  private static final int SIGSTOP = 19;

  /** More than the {@code struct sigaction} of any C library: glibc's has 152. */
  private static final long ACTION_BYTES = 256;

  private Signals() {}

  /**
   * Runs {@code action} each time the process gets SIGHUP, on a thread made for it. The JDK offers
   * this outside of what it supports for good, so it is looked for and may be missing.
   *
   * @return false if it is missing, or the signal was to be ignored when the process started
   */
  public static synchronized boolean atHangUp(Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object handling =
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (self, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  action.run();
                  return null;
                }
                return method.invoke(action, arguments); // what every object has
              });
      Object hangUp = signal.getConstructor(String.class).newInstance("HUP");
      Object before = signal.getMethod("handle", signal, handler).invoke(null, hangUp, handling);
      // The JVM leaves a signal alone that is ignored.
      return !handler.getField("SIG_IGN").get(null).equals(before);
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }

  /**
   * Runs {@code action}, after which each signal is handled as before: for native libraries.
   * jSerialComm, when it is loaded, has the whole process ignore SIGHUP and what the JVM may need
   * to hold its threads (its issues 612 and 631).
   */
  public static synchronized void keep(Runnable action) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment before = arena.allocate((MOST + 1) * ACTION_BYTES, Long.BYTES);
      boolean[] known = new boolean[MOST + 1];
      for (int signal = 1; signal <= MOST; signal++) {
        known[signal] =
            signal != SIGKILL
                && signal != SIGSTOP
                && call(signal, MemorySegment.NULL, at(before, signal)) == 0;
      }
      try {
        action.run();
      } finally {
        for (int signal = 1; signal <= MOST; signal++) {
          if (known[signal]) {
            int _ = call(signal, at(before, signal), MemorySegment.NULL);
          }
        }
      }
    }
  }

  private static MemorySegment at(MemorySegment all, int signal) {
    return all.asSlice(signal * ACTION_BYTES, ACTION_BYTES);
  }

  private static int call(int signal, MemorySegment now, MemorySegment before) {
    try {
      return (int) Calls.SIGACTION.invokeExact(signal, now, before);
    } catch (Throwable e) {
      throw new IllegalStateException("sigaction", e);
    }
  }

  /** Loaded only where a library is. */
  private static final class Calls {
    static final MethodHandle SIGACTION = find();

    @SuppressWarnings("restricted") // The launcher enables native access.
    private static MethodHandle find() {
      Linker linker = Linker.nativeLinker();
      return linker.downcallHandle(
          linker.defaultLookup().findOrThrow("sigaction"),
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.ADDRESS,
              ValueLayout.ADDRESS));
    }
  }
}
