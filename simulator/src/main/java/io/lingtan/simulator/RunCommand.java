package io.lingtan.simulator;

import io.lingtan.agent.run.Loop;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.run.Threads;
import io.lingtan.agent.run.Time;
import io.lingtan.simulator.device.DemoMicrogrid;
import io.lingtan.simulator.device.Endpoint;
import io.lingtan.simulator.device.Meter;
import io.lingtan.simulator.device.TcpStep;
import io.lingtan.simulator.device.WorldClock;
import io.lingtan.simulator.world.Scenario;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
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
        "Serves the demonstration microgrid on Modbus TCP until stopped, for any master to read."
            + " Its world starts at 10:30 on a part-cloudy June day.",
    footer = {"", "Exit code 1: a port could not be listened on, or the site file not written."})
final class RunCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

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
          "Port of the first line; the others take the next ones. 0: any free ports. Default:"
              + " ${DEFAULT-VALUE}.")
  private int port = 15_021;

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
      description = "Time from request to reply, 0..10000. Default: ${DEFAULT-VALUE}.")
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
    if (port < 0 || port > 65_532) {
      throw new ParameterException(spec.commandLine(), "--port must be 0..65532, was " + port);
    }
    if (replyDelay < 0 || replyDelay > 10_000) {
      throw new ParameterException(
          spec.commandLine(), "--reply-delay must be 0..10000, was " + replyDelay);
    }
    DemoMicrogrid site = new DemoMicrogrid(Scenario.demo(seed), replyDelay);
    Time time = new SystemTime(List.of("system"));
    MonotonicInstant now = time.now();
    WorldClock clock = WorldClock.realTime(now, site.world().stepStart());
    TcpStep step = new TcpStep(site.world(), clock, now);
    try {
      List<Integer> ports = listen(step, site.endpoints());
      write(ports);
      print(site.endpoints(), ports);
    } catch (IOException e) {
      step.close();
      spec.commandLine().getErr().println("lingtan-sim run: " + e.getMessage());
      return 1;
    }
    return serve(new Loop(step, time));
  }

  private List<Integer> listen(TcpStep step, List<Endpoint> endpoints) throws IOException {
    InetAddress address = InetAddress.ofLiteral(host);
    List<Integer> ports = new ArrayList<>();
    for (Endpoint endpoint : endpoints) {
      int wanted = port == 0 ? 0 : port + ports.size();
      try {
        ports.add(step.listen(endpoint, new InetSocketAddress(address, wanted)));
      } catch (IOException e) {
        throw new IOException(
            "cannot listen on %s port %d for line %s (%s); name other ports with --port, or 0 for"
                    .formatted(host, wanted, endpoint.id(), e.getMessage())
                + " any free ones",
            e);
      }
    }
    return ports;
  }

  private void write(List<Integer> ports) throws IOException {
    Path file = siteFile;
    if (file == null) {
      return;
    }
    try {
      Files.writeString(file, DemoMicrogrid.siteFile(ports, broker, Path.of("journal.db"), 8_080));
    } catch (IOException e) {
      throw new IOException(
          "cannot write " + file + " (" + e.getMessage() + "); name another file with --site-file",
          e);
    }
  }

  private void print(List<Endpoint> endpoints, List<Integer> ports) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf("%-12s %-21s %4s  %-6s %s%n", "line", "address", "unit", "meter", "profile");
    for (int i = 0; i < endpoints.size(); i++) {
      for (Map.Entry<Integer, Meter> unit : endpoints.get(i).units().entrySet()) {
        out.printf(
            "%-12s %-21s %4d  %-6s %s%n",
            endpoints.get(i).id(),
            host + ":" + ports.get(i),
            unit.getKey(),
            unit.getValue().id(),
            unit.getValue().profile());
      }
    }
    out.printf(
        "%nFor example: mbpoll -m tcp -a 1 -0 -r 0 -t 4:int -B -c 1 -p %d %s    (battery, W)%n",
        ports.get(1), host);
    out.println("Ctrl-C ends it.");
    out.flush();
  }

  private static int serve(Loop loop) {
    CountDownLatch end = new CountDownLatch(1);
    Threads.atShutdown(
        "end of the site",
        () -> {
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
