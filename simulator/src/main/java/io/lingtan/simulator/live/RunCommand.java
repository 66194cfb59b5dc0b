package io.lingtan.simulator.live;

import io.lingtan.agent.run.Loop;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.run.Threads;
import io.lingtan.agent.run.Time;
import io.lingtan.simulator.device.Endpoint;
import io.lingtan.simulator.device.TcpStep;
import io.lingtan.simulator.device.WorldClock;
import io.lingtan.simulator.device.site.SimulatedSite;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lingtan-sim run}. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Serves a simulated site until stopped, for any master to read: Modbus TCP and RTU over TCP"
            + " on sockets, serial lines (Modbus, DL/T 645, CJ/T 188, M-Bus) on pseudo-terminals,"
            + " each with the timing of its wire; CoAP nodes on UDP; contacts at a chip of"
            + " gpio-sim.",
    footer = {
      "",
      "Exit code 1: a port could not be listened on, a serial port not made, or the site file not"
          + " written. 2: wrong use, or a site that cannot be built."
    })
public final class RunCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(
      names = "--site",
      paramLabel = "NAME|FILE",
      defaultValue = "demo-microgrid",
      description =
          "demo-microgrid, all-lines, heat-and-water, hydrogen-depot, pv-rooftop or storage, or a"
              + " site file of your own with its NAME.world.yaml beside it. Default:"
              + " ${DEFAULT-VALUE}.")
  private String siteName = "demo-microgrid";

  @Option(
      names = "--scenario",
      paramLabel = "FILE",
      description =
          "What goes wrong on the wires and in the meters, such as"
              + " config/scenarios/late-replies.yaml. Default: nothing.")
  private @Nullable Path scenario;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description = "Address to listen on. Default: ${DEFAULT-VALUE}.")
  private String host = "127.0.0.1";

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "15021",
      description =
          "Port of the first line on TCP; the others take the next ones. 0: any free ports."
              + " Default: ${DEFAULT-VALUE}.")
  private int port = 15_021;

  @Option(
      names = "--coap-psk",
      paramLabel = "IDENTITY:KEY",
      description =
          "Serve CoAP lines with DTLS too, to whoever has this key, on the UDP port after the plain"
              + " one.")
  private @Nullable String coapPsk;

  @Option(
      names = "--pty-dir",
      paramLabel = "FOLDER",
      description =
          "Where serial ports get their names, one for each serial line. Default: a new folder.")
  private @Nullable Path ptyFolder;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "760",
      description = "Seed of weather, use and timetable. Default: ${DEFAULT-VALUE}.")
  private long seed = 760;

  @Option(
      names = "--reply-delay",
      paramLabel = "MS",
      defaultValue = "0",
      description =
          "Time from the end of a request to its reply, 0..10000. Default: ${DEFAULT-VALUE}.")
  private long replyDelay;

  @Option(
      names = "--site-file",
      paramLabel = "FILE",
      description = "Also write a site file for the agent that reads these meters.")
  private @Nullable Path siteFile;

  @Option(
      names = "--broker",
      paramLabel = "URL",
      defaultValue = "mqtt://127.0.0.1:1883",
      description = "Broker in that site file. Default: ${DEFAULT-VALUE}.")
  private String broker = "mqtt://127.0.0.1:1883";

  @Override
  public Integer call() {
    try {
      InetAddress.ofLiteral(host);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(), "--host must be an IP address, was " + host, e);
    }
    if (port < 0 || port > 65_520) {
      throw new ParameterException(spec.commandLine(), "--port must be 0..65520, was " + port);
    }
    if (replyDelay < 0 || replyDelay > 10_000) {
      throw new ParameterException(
          spec.commandLine(), "--reply-delay must be 0..10000, was " + replyDelay);
    }
    Psk psk = coapPsk == null ? null : Psk.of(coapPsk);
    if (coapPsk != null && psk == null) {
      throw new ParameterException(
          spec.commandLine(), "--coap-psk is IDENTITY:KEY, each of 1 to 64 characters");
    }
    SimulatedSite site = site();
    if (site == null || !isPlayed(site)) {
      return 2;
    }
    Time time = new SystemTime(List.of("system"));
    MonotonicInstant now = time.now();
    WorldClock clock = WorldClock.realTime(now, site.world().stepStart());
    TcpStep tcp = new TcpStep(site.world(), clock, now);
    SiteStep step = new SiteStep(tcp);
    LiveLines lines = null;
    try {
      lines = new LiveLines(tcp, InetAddress.ofLiteral(host), port, folder());
      Map<String, String> places = new LinkedHashMap<>();
      for (Endpoint endpoint : site.endpoints()) {
        places.put(endpoint.id(), lines.open(endpoint));
      }
      LiveParts parts = new LiveParts(site, clock, step, lines, InetAddress.ofLiteral(host), psk);
      parts.open();
      write(site, lines.ports());
      print(site, places, parts);
    } catch (IOException e) {
      if (lines != null) {
        lines.close();
      }
      step.close();
      spec.commandLine().getErr().println("lingtan-sim run: " + e.getMessage());
      return 1;
    }
    return serve(new Loop(step, time), lines);
  }

  /** The site that is asked for; null if it cannot be built, which is then told. */
  private @Nullable SimulatedSite site() {
    if (SimulatedSite.NAMES.contains(siteName)) {
      return SimulatedSite.of(siteName, seed, replyDelay);
    }
    Path file = Path.of(siteName);
    if (!Files.exists(file)) {
      throw new ParameterException(
          spec.commandLine(),
          "--site: there is no file "
              + siteName
              + ", and no site of that name; there are "
              + String.join(" ", SimulatedSite.NAMES));
    }
    try {
      SimulatedSite.Built built = SimulatedSite.load(file, seed, replyDelay);
      built.problems().forEach(problem -> spec.commandLine().getErr().println(problem));
      return built.site();
    } catch (IOException e) {
      throw new ParameterException(
          spec.commandLine(),
          "--site: cannot read "
              + e.getMessage()
              + "; a site file has its NAME.world.yaml beside it, config/sites has some to start"
              + " from",
          e);
    }
  }

  /** Adds the scenario's faults; false if they cannot be played, which is then told. */
  private boolean isPlayed(SimulatedSite site) {
    Path file = scenario;
    if (file == null) {
      return true;
    }
    LiveFaults faults = LiveFaults.add(file, site, seed);
    faults.problems().forEach(problem -> spec.commandLine().getErr().println(problem));
    if (faults.isPlayed()) {
      spec.commandLine()
          .getOut()
          .printf(
              "%d faults of wires and meters are planned%s.%n%n",
              faults.planned(),
              faults.leftOut() == 0
                  ? ""
                  : "; %d of a broker, clock, machine, CoAP node or input are not played here"
                      .formatted(faults.leftOut()));
    }
    return faults.isPlayed();
  }

  private Path folder() throws IOException {
    Path folder = ptyFolder;
    if (folder == null) {
      folder = Files.createTempDirectory("lingtan-sim");
      folder.toFile().deleteOnExit();
    } else if (!Files.isDirectory(folder)) {
      throw new IOException(folder + " is no folder; make it, or name another one with --pty-dir");
    }
    return folder.toAbsolutePath().normalize(); // which a site file wants
  }

  private void write(SimulatedSite site, Map<String, String> ports) throws IOException {
    Path file = siteFile;
    if (file == null) {
      return;
    }
    String text;
    try {
      text = site.siteFile(ports, broker, Path.of("journal.db"), 8_080);
    } catch (IllegalStateException e) {
      throw new IOException(
          "cannot write %s: %s; write it by hand from %s and the places in the table, or leave out"
                  .formatted(file, e.getMessage(), siteName)
              + " --site-file",
          e);
    }
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new IOException(
          "cannot write " + file + " (" + e.getMessage() + "); name another file with --site-file",
          e);
    }
  }

  private void print(SimulatedSite site, Map<String, String> places, LiveParts parts) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf("%-12s %-28s %-12s  %-8s %s%n", "line", "where", "unit", "meter", "profile");
    for (Endpoint endpoint : site.endpoints()) {
      endpoint
          .unitNames()
          .forEach(
              (unit, meter) ->
                  out.printf(
                      "%-12s %-28s %-12s  %-8s %s%n",
                      endpoint.id(), places.get(endpoint.id()), unit, meter.id(), meter.profile()));
    }
    parts.places().forEach(out::println);
    out.println();
    for (Endpoint endpoint : site.endpoints()) {
      out.println("  " + endpoint.id() + ": " + example(endpoint, places.get(endpoint.id())));
    }
    parts.words().forEach(words -> out.println("  " + words));
    out.println("Ctrl-C ends it.");
    out.flush();
  }

  /** How mbpoll asks the first unit of a line, or what the line is where mbpoll cannot. */
  private static String example(Endpoint endpoint, @Nullable String place) {
    String where = place == null ? "" : place;
    int unit = endpoint.units().isEmpty() ? 1 : endpoint.units().firstKey();
    var format = endpoint.wiring().format();
    return switch (endpoint.wiring().framing()) {
      case TCP ->
          "mbpoll -m tcp -a %d -0 -r 0 -t 4 -c 4 -1 -p %s %s"
              .formatted(
                  unit,
                  where.substring(where.lastIndexOf(':') + 1),
                  where.substring(0, where.lastIndexOf(':')));
      case RTU ->
          "mbpoll -m rtu -a %d -0 -r 0 -t 4 -c 4 -1 -b %d -P %s %s"
              .formatted(
                  unit,
                  format.baud(),
                  format.parity().name().toLowerCase(java.util.Locale.ROOT),
                  where);
      case RTU_OVER_TCP -> "RTU frames through TCP, at %d baud".formatted(format.baud());
    };
  }

  private static int serve(Loop loop, LiveLines lines) {
    CountDownLatch end = new CountDownLatch(1);
    Threads.atShutdown(
        "end of the site",
        () -> {
          lines.close();
          loop.stop(Duration.ofSeconds(2));
          end.countDown();
        });
    loop.start();
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return 0;
  }
}
