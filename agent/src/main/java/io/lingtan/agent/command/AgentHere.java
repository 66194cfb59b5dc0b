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
 * An agent that runs on this machine, found among its processes, and what it has. What a process
 * says is believed only of this user, root and the service: anybody can start one that looks like
 * an agent, with a site file that leads to a listener of his own.
 *
 * @param pid its process
 * @param site that it was started with, as the file is now
 */
public record AgentHere(long pid, Site site) {

  /** Where this machine shows its processes. */
  static final Path PROCESSES = Path.of("/proc");

  private static final String MAIN = "io.lingtan.agent.Main";

  /** Of the package's service. */
  private static final String SERVICE_USER = "lingtan";

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
      Site site = running.site();
      if (site != null) {
        agents.add(new AgentHere(running.pid(), site));
      }
    }
    return agents;
  }

  /**
   * An agent and the site file that it was started with.
   *
   * @param believed whether its word counts
   */
  public record Running(long pid, Path file, boolean believed) {
    private @Nullable Site site() {
      return believed ? new SiteLoader().load(file).site() : null;
    }
  }

  /**
   * Agents whose site file cannot be read now or is not to be believed: nobody can say which lines
   * they have.
   */
  public static List<Running> unknown(Path processes) {
    return unknown(processes, ProcessHandle.current().pid());
  }

  public static List<Running> unknown(Path processes, long self) {
    return running(processes, self).stream().filter(running -> running.site() == null).toList();
  }

  private static List<Running> running(Path processes, long self) {
    List<Running> agents = new ArrayList<>();
    try (DirectoryStream<Path> each = Files.newDirectoryStream(processes, "[0-9]*")) {
      for (Path process : each) {
        long pid = Long.parseLong(process.getFileName().toString());
        Path config = pid == self ? null : config(process);
        if (config != null) {
          agents.add(new Running(pid, config, isBelieved(process)));
        }
      }
    } catch (IOException e) {
      // Not a Linux machine, or one without /proc: nobody can be seen.
      return agents;
    }
    return agents;
  }

  /** A program that becomes root by itself may have been given any words: it is no Java. */
  private static boolean isBelieved(Path process) {
    try {
      int owner = (int) Files.getAttribute(process, "unix:uid");
      boolean ours =
          owner == 0
              || owner == (int) Files.getAttribute(PROCESSES.resolve("self"), "unix:uid")
              || Files.getOwner(process).getName().equals(SERVICE_USER);
      Path program = process.resolve("exe");
      return ours
          && Files.isSymbolicLink(program)
          && Files.readSymbolicLink(program).endsWith("java");
    } catch (IOException e) {
      return false;
    }
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
