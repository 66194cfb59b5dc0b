package io.lingtan.agent.run;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the kernel knows of its wall clock. */
final class KernelClock {

  private static final Logger log = LoggerFactory.getLogger(KernelClock.class);

  /**
   * Left by systemd-timesyncd once it has synchronised; there also where adjtimex is not allowed.
   */
  private static final Path TIMESYNCD = Path.of("/run/systemd/timesync/synchronized");

  /** 1 if the kernel set its clock from this real-time clock at boot (Linux rtc sysfs ABI). */
  private static final Path RTC = Path.of("/sys/class/rtc/rtc0/hctosys");

  /** Large enough for {@code struct timex} on every 64-bit Linux (208 bytes). */
  private static final long TIMEX_BYTES = 256;

  /** Return value of adjtimex(2) while the clock is not synchronised. */
  private static final int TIME_ERROR = 5;

  private KernelClock() {}

  /** Whether a time daemon keeps the clock: adjtimex(2) says so, or systemd-timesyncd does. */
  static boolean synchronised() {
    return Files.exists(TIMESYNCD) || (Adjtimex.state() >= 0 && Adjtimex.state() != TIME_ERROR);
  }

  static boolean startedFromRtc() {
    try {
      return Files.readString(RTC).strip().equals("1");
    } catch (IOException e) {
      return false; // no such clock on this machine
    }
  }

  /** Loaded only when asked, so that machines that trust something else do not pay for it. */
  private static final class Adjtimex {
    private static final Optional<MethodHandle> CALL = find();

    @SuppressWarnings("restricted") // The launcher enables native access.
    private static Optional<MethodHandle> find() {
      Linker linker = Linker.nativeLinker();
      return linker
          .defaultLookup()
          .find("adjtimex")
          .map(
              address ->
                  linker.downcallHandle(
                      address, FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS)));
    }

    /** The clock state, 0..5, or -1 if it cannot be asked. Reads only: {@code modes} is 0. */
    static int state() {
      if (CALL.isEmpty()) {
        return -1;
      }
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment timex = arena.allocate(TIMEX_BYTES, 8);
        return (int) CALL.get().invokeExact(timex);
      } catch (Throwable e) {
        log.debug("adjtimex cannot be asked", e);
        return -1;
      }
    }
  }
}
