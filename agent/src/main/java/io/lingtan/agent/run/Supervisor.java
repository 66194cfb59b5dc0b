package io.lingtan.agent.run;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The service manager that started this process, told by datagrams to the socket that it names:
 * sd_notify(3). Java has no datagram sockets of this family, so the C library is called. Any
 * thread.
 */
public final class Supervisor {

  private static final Logger log = LoggerFactory.getLogger(Supervisor.class);

  private static final short AF_UNIX = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int MSG_NOSIGNAL = 0x4000;

  /** {@code sockaddr_un} of Linux: two bytes of family, 108 of path. */
  private static final int FAMILY_BYTES = 2;

  private static final int MOST_PATH = 108;

  private final byte @Nullable [] address;
  private final Duration watchdog;
  private boolean failed;

  private Supervisor(byte @Nullable [] address, Duration watchdog) {
    this.address = address;
    this.watchdog = watchdog;
  }

  /** The one that these environment variables name; one that nobody hears if they name none. */
  public static Supervisor of(Map<String, String> environment) {
    String socket = environment.getOrDefault("NOTIFY_SOCKET", "");
    byte[] path = socket.getBytes(StandardCharsets.UTF_8);
    boolean usable = (socket.startsWith("/") || socket.startsWith("@")) && path.length < MOST_PATH;
    if (!usable) {
      return new Supervisor(null, Duration.ZERO);
    }
    if (path[0] == '@') {
      path[0] = 0; // a name that is no file
    }
    String pid = environment.getOrDefault("WATCHDOG_PID", "");
    String micros = environment.getOrDefault("WATCHDOG_USEC", "");
    boolean ours = pid.isEmpty() || pid.equals(String.valueOf(ProcessHandle.current().pid()));
    boolean watched = ours && micros.matches("[0-9]{1,15}");
    return new Supervisor(
        path, watched ? Duration.ofNanos(Long.parseLong(micros) * 1000) : Duration.ZERO);
  }

  /** Whether anybody hears. */
  public boolean isThere() {
    return address != null;
  }

  /** After so long without {@code WATCHDOG=1} this process is ended; zero if it is not watched. */
  public Duration watchdog() {
    return watchdog;
  }

  /**
   * Tells something, such as {@code READY=1}. What cannot be told is logged once and costs nothing
   * else.
   */
  public void tell(String... words) {
    byte[] to = address;
    if (to == null) {
      return;
    }
    String trouble = send(to, String.join("\n", words).getBytes(StandardCharsets.UTF_8));
    if (trouble != null && !failed) {
      failed = true;
      log.warn("the service manager cannot be told anything: {}", trouble);
    }
  }

  /** Returns why it could not be sent, null if it was. */
  private static @Nullable String send(byte[] path, byte[] words) {
    try (Arena arena = Arena.ofConfined()) {
      int socket = (int) Calls.SOCKET.invokeExact((int) AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
      if (socket < 0) {
        return "no socket";
      }
      try {
        MemorySegment address = arena.allocate(FAMILY_BYTES + MOST_PATH, Short.BYTES);
        address.set(ValueLayout.JAVA_SHORT, 0, AF_UNIX);
        MemorySegment.copy(path, 0, address, ValueLayout.JAVA_BYTE, FAMILY_BYTES, path.length);
        MemorySegment text = arena.allocate(words.length);
        MemorySegment.copy(words, 0, text, ValueLayout.JAVA_BYTE, 0, words.length);
        long sent =
            (long)
                Calls.SENDTO.invokeExact(
                    socket,
                    text,
                    (long) words.length,
                    MSG_NOSIGNAL,
                    address,
                    FAMILY_BYTES + path.length);
        return sent == words.length ? null : "its socket does not take it";
      } finally {
        int _ = (int) Calls.CLOSE.invokeExact(socket);
      }
    } catch (Throwable e) {
      return String.valueOf(e);
    }
  }

  /** Loaded only where there is somebody to tell. */
  private static final class Calls {
    static final MethodHandle SOCKET =
        find(
            "socket",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT));
    static final MethodHandle SENDTO =
        find(
            "sendto",
            FunctionDescriptor.of(
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT));
    static final MethodHandle CLOSE =
        find("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    @SuppressWarnings("restricted") // The launcher enables native access.
    private static MethodHandle find(String name, FunctionDescriptor form) {
      Linker linker = Linker.nativeLinker();
      return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), form);
    }
  }
}
