package io.lingtan.simulator.demo;

import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.run.Threads;
import io.lingtan.simulator.beside.Apps;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lingtan-sim demo}. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Brings up a whole site (simulated microgrid, broker, the real agent, its page), sabotages"
            + " it at the press of a key, and sets what was delivered against the truth.",
    footer = {
      "",
      "Without a terminal, or with --seconds, the story plays by itself.",
      "Exit code 0: everything agrees. 1: it does not, or something could not be started.",
      "LINGTAN_AGENT names another agent than the one beside this program."
    })
public final class DemoCommand implements Callable<Integer> {

  /** For the rest to be delivered and the table to be written after Ctrl-C. */
  private static final long ENDING_SECONDS = 90;

  @Spec private CommandSpec spec;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description =
          "Play the story by itself for N seconds, 20..86000, and on until two minutes have ended.")
  private long seconds;

  @Option(
      names = "--listen",
      paramLabel = "HOST[:PORT]",
      defaultValue = "127.0.0.1",
      description =
          "Address for the page; 0.0.0.0 lets a phone in your network see it. Default:"
              + " ${DEFAULT-VALUE}, any free port.")
  private String listen = "127.0.0.1";

  @Option(
      names = "--svg",
      paramLabel = "FILE",
      description =
          "Where the picture goes. Default: simulator/target/demo.svg, else demo.svg here.")
  private @Nullable Path svg;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "Work in this empty or new folder, and keep it. Default: a temporary one.")
  private @Nullable Path dir;

  @Option(names = "--keep", description = "Keep the temporary folder, and say where it is.")
  private boolean keep;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "699",
      description =
          "Seed of the site's weather and use. Default: ${DEFAULT-VALUE}, a morning whose first"
              + " minutes see clouds.")
  private long seed = 699;

  @Override
  public Integer call() {
    if (seconds != 0 && (seconds < 20 || seconds > 86_000)) {
      throw new ParameterException(
          spec.commandLine(), "--seconds must be 20..86000, was " + seconds);
    }
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    try {
      Path home = Apps.home();
      Path agent = Apps.agent(home, System.getenv());
      DemoOptions options = options(home);
      Path folder = folder();
      boolean terminal = isTerminal();
      Demo demo =
          new Demo(
              options,
              home,
              agent,
              folder,
              new SystemTime(List.of("system")),
              new Screen(out, terminal ? Keys.columns() : 0));
      return play(demo, folder, out);
    } catch (IOException e) {
      System.err.println("lingtan-sim demo: " + e.getMessage());
      return 1;
    }
  }

  @SuppressWarnings("SystemConsoleNull") // It is null again from 25 on where there is no terminal.
  private static boolean isTerminal() {
    return System.console() != null && System.console().isTerminal();
  }

  /** A signal ends the demo in order, with its own exit code. */
  private int play(Demo demo, Path folder, PrintStream out) throws IOException {
    CountDownLatch ended = new CountDownLatch(1);
    int[] code = {1};
    Threads.atShutdown(
        "end of the demo",
        () -> {
          boolean early = ended.getCount() > 0;
          demo.askToEnd();
          if (early && await(ended)) {
            out.flush();
            Runtime.getRuntime().halt(code[0]);
          }
        });
    try {
      code[0] = demo.run() ? 0 : 1;
      if (keep || dir != null) {
        out.println("kept    " + folder);
      }
      return code[0];
    } finally {
      // Here and nowhere else: once this is counted down, a signal's hook ends the process.
      if (!keep && dir == null) {
        delete(folder);
      }
      ended.countDown();
    }
  }

  private static boolean await(CountDownLatch ended) {
    try {
      return ended.await(ENDING_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private DemoOptions options(Path home) throws IOException {
    int colon = listen.lastIndexOf(':');
    String host = colon < 0 ? listen : listen.substring(0, colon);
    int port = 0;
    if (colon >= 0) {
      try {
        port = Integer.parseInt(listen.substring(colon + 1));
      } catch (NumberFormatException e) {
        port = -1;
      }
    }
    if (host.isEmpty() || port < 0 || port > 65_535) {
      throw new ParameterException(
          spec.commandLine(), "--listen must be HOST or HOST:PORT, was " + listen);
    }
    return new DemoOptions(
        host,
        port,
        host.equals("0.0.0.0") ? ownAddress() : host,
        seconds,
        svg == null ? Apps.picture(home) : svg,
        seed);
  }

  /** An address of this machine in its network; the loopback address if it has none. */
  private static String ownAddress() throws IOException {
    try (Stream<NetworkInterface> interfaces = NetworkInterface.networkInterfaces()) {
      return interfaces
          .flatMap(NetworkInterface::inetAddresses)
          .filter(Inet4Address.class::isInstance)
          .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
          .map(InetAddress::getHostAddress)
          .findFirst()
          .orElse("127.0.0.1");
    }
  }

  private Path folder() throws IOException {
    Path wanted = dir;
    if (wanted == null) {
      return Files.createTempDirectory("lingtan-demo-");
    }
    Files.createDirectories(wanted);
    try (Stream<Path> inside = Files.list(wanted)) {
      if (inside.findAny().isPresent()) {
        throw new IOException(wanted + " is not empty: name a new folder with --dir");
      }
    }
    return wanted.toAbsolutePath();
  }

  private static void delete(Path folder) {
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException | UncheckedIOException e) {
      System.err.println("could not delete " + folder + ": " + e.getMessage());
    }
  }
}
