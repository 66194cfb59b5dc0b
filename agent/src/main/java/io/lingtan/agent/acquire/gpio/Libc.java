package io.lingtan.agent.acquire.gpio;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;

/**
 * The few calls of the C library that a character device needs. Each returns what the call does, or
 * the negative {@code errno} (errno(3), the numbers of Linux on amd64 and arm64, which are the
 * same). A call that a signal interrupted is made again.
 */
final class Libc {

  static final int ENOENT = 2;
  static final int EINTR = 4;
  static final int ENXIO = 6;
  static final int EAGAIN = 11;
  static final int EACCES = 13;
  static final int EBUSY = 16;
  static final int ENODEV = 19;
  static final int EINVAL = 22;
  static final int ENOTTY = 25;
  static final int EPERM = 1;

  private static final int O_RDONLY = 0;
  private static final int O_NONBLOCK = 0x800;
  private static final int O_CLOEXEC = 0x80000;
  private static final int F_SETFL = 4;
  private static final short POLLIN = 1;
  private static final int POLLFD_BYTES = 8;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO = STATE.varHandle(PathElement.groupElement("errno"));
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

  private static final MethodHandle OPEN =
      call("open", FunctionDescriptor.of(INT, ValueLayout.ADDRESS, INT), 2);
  private static final MethodHandle CLOSE = call("close", FunctionDescriptor.of(INT, INT), -1);
  private static final MethodHandle IOCTL =
      call("ioctl", FunctionDescriptor.of(INT, INT, LONG, ValueLayout.ADDRESS), 2);
  private static final MethodHandle FCNTL =
      call("fcntl", FunctionDescriptor.of(INT, INT, INT, INT), 2);
  private static final MethodHandle READ =
      call("read", FunctionDescriptor.of(LONG, INT, ValueLayout.ADDRESS, LONG), -1);
  private static final MethodHandle WRITE =
      call("write", FunctionDescriptor.of(LONG, INT, ValueLayout.ADDRESS, LONG), -1);
  private static final MethodHandle POLL =
      call("poll", FunctionDescriptor.of(INT, ValueLayout.ADDRESS, LONG, INT), -1);
  private static final MethodHandle EVENTFD =
      call("eventfd", FunctionDescriptor.of(INT, INT, INT), -1);

  private Libc() {}

  // Whoever runs this names the module that may call natively: --enable-native-access.
  @SuppressWarnings("restricted")
  private static MethodHandle call(String name, FunctionDescriptor shape, int firstVariadic) {
    Linker.Option errno = Linker.Option.captureCallState("errno");
    MemorySegment address = LINKER.defaultLookup().findOrThrow(name);
    return firstVariadic < 0
        ? LINKER.downcallHandle(address, shape, errno)
        : LINKER.downcallHandle(
            address, shape, errno, Linker.Option.firstVariadicArg(firstVariadic));
  }

  /** Opens a device for reading, not for children to inherit. */
  static int open(Path path) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      MemorySegment name = arena.allocateFrom(path.toString());
      int result;
      do {
        result = (int) OPEN.invokeExact(state, name, O_RDONLY | O_CLOEXEC);
      } while (result < 0 && errno(state) == EINTR);
      return result < 0 ? -errno(state) : result;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static void close(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      int ignored = (int) CLOSE.invokeExact(arena.allocate(STATE), fd);
      assert ignored <= 0;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static int ioctl(int fd, long request, MemorySegment argument) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      int result;
      do {
        result = (int) IOCTL.invokeExact(state, fd, request, argument);
      } while (result < 0 && errno(state) == EINTR);
      return result < 0 ? -errno(state) : result;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Lets reads of {@code fd} return {@link #EAGAIN} where they would wait. */
  static int neverWait(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      int result = (int) FCNTL.invokeExact(state, fd, F_SETFL, O_NONBLOCK);
      return result < 0 ? -errno(state) : result;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static long read(int fd, MemorySegment into) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      long result;
      do {
        result = (long) READ.invokeExact(state, fd, into, into.byteSize());
      } while (result < 0 && errno(state) == EINTR);
      return result < 0 ? -errno(state) : result;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Adds one to an event counter, which ends a {@link #poll}. */
  static void signal(int eventFd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment one = arena.allocateFrom(LONG, 1);
      long ignored = (long) WRITE.invokeExact(arena.allocate(STATE), eventFd, one, LONG.byteSize());
      assert ignored <= LONG.byteSize();
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** A counter that {@link #signal} adds to, and a read sets to 0. */
  static int eventFd() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      int result = (int) EVENTFD.invokeExact(state, 0, O_CLOEXEC | O_NONBLOCK);
      return result < 0 ? -errno(state) : result;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Waits until one of the descriptors can be read, is broken, or the time is over. */
  static void poll(int[] fds, int count, int millis) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment polled = arena.allocate((long) POLLFD_BYTES * Math.max(1, count), 4);
      for (int i = 0; i < count; i++) {
        polled.set(INT, (long) POLLFD_BYTES * i, fds[i]);
        polled.set(ValueLayout.JAVA_SHORT, (long) POLLFD_BYTES * i + 4, POLLIN);
      }
      // Whatever it returns: who waited looks for itself.
      int ignored = (int) POLL.invokeExact(arena.allocate(STATE), polled, (long) count, millis);
      assert ignored <= count;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private static int errno(MemorySegment state) {
    return (int) ERRNO.get(state, 0L);
  }

  private static IllegalStateException unexpected(Throwable e) {
    if (e instanceof Error error) {
      throw error;
    }
    return new IllegalStateException("a call of the C library cannot be made: " + e, e);
  }
}
