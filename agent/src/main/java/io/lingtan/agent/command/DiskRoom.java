package io.lingtan.agent.command;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a file system has left (statvfs(3); the structure is the same on 64-bit Linux of all kinds).
 *
 * @param freeBytes that an ordinary user may still write
 * @param freeInodes files that may still be made; -1 where the file system does not count them
 */
record DiskRoom(long freeBytes, long freeInodes) {

  // struct statvfs: f_bsize f_frsize f_blocks f_bfree f_bavail f_files f_ffree f_favail, ...
  private static final int BYTES = 256;
  private static final int FRAGMENT = 8;
  private static final int AVAILABLE = 32;
  private static final int FILES = 40;
  private static final int FREE_FILES = 56;

  /** What is left where {@code path} is; null if that cannot be asked. */
  @SuppressWarnings("restricted") // The launcher enables native access.
  static @Nullable DiskRoom at(Path path) {
    Linker linker = Linker.nativeLinker();
    MemorySegment symbol = linker.defaultLookup().find("statvfs").orElse(null);
    if (symbol == null) {
      return null;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment room = arena.allocate(BYTES, 8);
      var call =
          linker.downcallHandle(
              symbol,
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
      MemorySegment name = arena.allocateFrom(path.toString());
      if ((int) call.invokeExact(name, room) != 0) {
        return null;
      }
      long fragment = room.get(ValueLayout.JAVA_LONG, FRAGMENT);
      long files = room.get(ValueLayout.JAVA_LONG, FILES);
      return new DiskRoom(
          fragment * room.get(ValueLayout.JAVA_LONG, AVAILABLE),
          files == 0 ? -1 : room.get(ValueLayout.JAVA_LONG, FREE_FILES));
    } catch (Throwable e) {
      return null;
    }
  }
}
