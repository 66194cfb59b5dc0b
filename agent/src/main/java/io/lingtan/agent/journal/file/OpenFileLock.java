package io.lingtan.agent.journal.file;

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
import java.util.Set;

/**
 * A lock of an open file description (fcntl(2), {@code F_OFD_SETLK}, Linux 3.15): unlike that of a
 * process, which Java takes, it is not lost when anything else in the process opens and closes the
 * same file. It conflicts with locks of both kinds.
 */
final class OpenFileLock implements AutoCloseable {

  /** What came of asking for a lock. */
  enum Answer {
    TAKEN,
    HELD_BY_ANOTHER,
    /** Not on this kernel, machine or file system. */
    NOT_POSSIBLE
  }

  private static final int O_RDWR = 2;
  private static final int O_CLOEXEC = 0x80000;
  private static final int F_OFD_SETLK = 37;
  private static final short F_WRLCK = 1;
  private static final int EAGAIN = 11;
  private static final int EACCES = 13;

  /** {@code struct flock} where a {@code long} has 64 bits. */
  private static final int FLOCK_BYTES = 32;

  private static final Set<String> WIDE = Set.of("amd64", "aarch64", "riscv64");
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final int NOT_OPEN = -1;

  private int fd = NOT_OPEN;

  /**
   * Asks for the lock of a file that is there.
   *
   * @return at once, whatever came of it
   */
  Answer take(Path file) {
    if (!System.getProperty("os.name").equals("Linux")
        || !WIDE.contains(System.getProperty("os.arch"))) {
      return Answer.NOT_POSSIBLE;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Calls.STATE);
      MemorySegment name = arena.allocateFrom(file.toString());
      int opened = (int) Calls.OPEN.invokeExact(state, name, O_RDWR | O_CLOEXEC);
      if (opened < 0) {
        return Answer.NOT_POSSIBLE;
      }
      fd = opened;
      MemorySegment whole = arena.allocate(FLOCK_BYTES, 8);
      whole.set(ValueLayout.JAVA_SHORT, 0, F_WRLCK);
      if ((int) Calls.FCNTL.invokeExact(state, opened, F_OFD_SETLK, whole) >= 0) {
        return Answer.TAKEN;
      }
      int error = (int) Calls.ERRNO.get(state, 0L);
      close();
      return error == EAGAIN || error == EACCES ? Answer.HELD_BY_ANOTHER : Answer.NOT_POSSIBLE;
    } catch (Throwable e) {
      close();
      return Answer.NOT_POSSIBLE;
    }
  }

  /** Lets go. Nothing if it was not taken. */
  @Override
  public void close() {
    int open = fd;
    fd = NOT_OPEN;
    if (open == NOT_OPEN) {
      return;
    }
    try {
      int ignored = (int) Calls.CLOSE.invokeExact(open);
      assert ignored <= 0;
    } catch (Throwable e) {
      throw new IllegalStateException("a call of the C library cannot be made: " + e, e);
    }
  }

  /** Looked up when first used. */
  private static final class Calls {
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(PathElement.groupElement("errno"));
    private static final Linker.Option ASK = Linker.Option.captureCallState("errno");
    private static final Linker.Option VARIADIC = Linker.Option.firstVariadicArg(2);
    private static final MethodHandle OPEN =
        call("open", FunctionDescriptor.of(INT, ValueLayout.ADDRESS, INT), ASK, VARIADIC);
    private static final MethodHandle FCNTL =
        call("fcntl", FunctionDescriptor.of(INT, INT, INT, ValueLayout.ADDRESS), ASK, VARIADIC);
    private static final MethodHandle CLOSE = call("close", FunctionDescriptor.of(INT, INT));

    private Calls() {}

    // Whoever runs this names the module that may call natively: --enable-native-access.
    @SuppressWarnings("restricted")
    private static MethodHandle call(
        String name, FunctionDescriptor shape, Linker.Option... options) {
      Linker linker = Linker.nativeLinker();
      return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), shape, options);
    }
  }
}
