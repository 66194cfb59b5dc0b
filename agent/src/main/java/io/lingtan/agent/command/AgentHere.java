package io.lingtan.agent.command;

import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An agent that runs on this machine, found among its processes, and what it has.
 *
 * @param pid its process
 * @param site that it was started with, as the file is now
 */
public record AgentHere(long pid, Site site) {

  /** Where this machine shows its processes. */
  static final Path PROCESSES = Path.of("/proc");

  private static final String MAIN = "io.lingtan.agent.Main";

  /** All of a folder of processes that can be seen by this user, but for this one. */
  public static List<AgentHere> in(Path processes) {
    return in(processes, ProcessHandle.current().pid());
  }

  /**
   * The same.
   *
   * @param self who does not count
   */
  public static List<AgentHere> in(Path processes, long self) {
    List<AgentHere> agents = new ArrayList<>();
    for (Running running : running(processes, self)) {
      Site site = new SiteLoader().load(running.file()).site();
      if (site != null) {
        agents.add(new AgentHere(running.pid(), site));
      }
    }
    return agents;
  }

  /** An agent and the site file that it was started with. */
  public record Running(long pid, Path file) {}

  /** Agents whose site file cannot be read now: nobody can say which lines they have. */
  public static List<Running> unknown(Path processes) {
    return unknown(processes, ProcessHandle.current().pid());
  }

  public static List<Running> unknown(Path processes, long self) {
    return running(processes, self).stream()
        .filter(running -> new SiteLoader().load(running.file()).site() == null)
        .toList();
  }

  private static List<Running> running(Path processes, long self) {
    List<Running> agents = new ArrayList<>();
    try (DirectoryStream<Path> each = Files.newDirectoryStream(processes, "[0-9]*")) {
      for (Path process : each) {
        long pid = Long.parseLong(process.getFileName().toString());
        Path config = pid == self ? null : config(process);
        if (config != null) {
          agents.add(new Running(pid, config));
        }
      }
    } catch (IOException e) {
      // Not a Linux machine, or one without /proc: nobody can be seen.
      return agents;
    }
    return agents;
  }

  /** The site file of a process that is an agent, else null. */
  private static @Nullable Path config(Path process) {
    try {
      byte[] line = Files.readAllBytes(process.resolve("cmdline"));
      List<String> words = Arrays.asList(new String(line, StandardCharsets.UTF_8).split("\0"));
      int main = words.indexOf(MAIN);
      if (main < 0 || main + 1 >= words.size() || !words.get(main + 1).equals("run")) {
        return null;
      }
      String last = words.getLast();
      String name = last.startsWith("--config=") ? last.substring("--config=".length()) : last;
      Path file = Path.of(name);
      return file.isAbsolute() ? file : folder(process).resolve(file);
    } catch (IOException e) {
      // It has ended meanwhile, or is another user's whose folder cannot be seen.
      return null;
    }
  }

  /** Where a process stands; of another user's that is not told. */
  private static Path folder(Path process) {
    try {
      return process.resolve("cwd").toRealPath();
    } catch (IOException e) {
      return process.resolve("cwd");
    }
  }

  /** The line of it that uses the same port or endpoint; null if it has none. */
  public @Nullable Line line(Line wanted) {
    for (Line own : site.lines()) {
      if (isSame(own, wanted)) {
        return own;
      }
    }
    return null;
  }

  /** Whether a CoAP server of it listens there. */
  boolean listensAt(String listen) {
    return site.lines().stream()
        .anyMatch(own -> own instanceof Line.CoapServer server && server.listen().equals(listen));
  }

  static boolean isSame(Line one, Line other) {
    return switch (one) {
      case Line.Serial serial ->
          other instanceof Line.Serial its && real(serial.port()).equals(real(its.port()));
      case Line.ModbusTcp tcp -> isAt(tcp.host(), tcp.port(), other);
      case Line.ModbusRtuTcp tcp -> isAt(tcp.host(), tcp.port(), other);
      case Line.Coap coap -> false;
      case Line.CoapServer server -> false;
      case Line.Gpio gpio -> false;
    };
  }

  private static boolean isAt(String host, int port, Line other) {
    return switch (other) {
      case Line.ModbusTcp tcp -> port == tcp.port() && isSameHost(host, tcp.host());
      case Line.ModbusRtuTcp tcp -> port == tcp.port() && isSameHost(host, tcp.host());
      default -> false;
    };
  }

  private static boolean isSameHost(String one, String other) {
    if (one.equals(other)) {
      return true;
    }
    try {
      return InetAddress.getByName(one).equals(InetAddress.getByName(other));
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /** Where links such as {@code /dev/serial/by-id/...} lead. */
  private static Path real(String port) {
    try {
      return Path.of(port).toRealPath();
    } catch (IOException e) {
      return Path.of(port);
    }
  }
}
