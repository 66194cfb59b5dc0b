package io.lingtan.simulator.zone.trial;

import io.lingtan.agent.journal.file.JournalUnavailable;
import io.lingtan.agent.run.Loop;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.Threads;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.seal.Signing;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.Loaded;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.simulator.fleet.FleetGateway;
import io.lingtan.simulator.fleet.GatewayGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;

/** Gateways of planned sites, by the agent's real stages. */
final class Gateways implements AutoCloseable {

  private static final Duration LONGEST_STOP = Duration.ofSeconds(5);

  /** Three long tasks of the MQTT library for each connection, and some that come and go. */
  private static final int THREADS_PER_GATEWAY = 6;

  private final List<SitePlan> plans;
  private final Time time;
  private final ScheduledExecutorService threads;
  private final List<SiteMeters> meters = new ArrayList<>();
  private final List<FleetGateway> gateways = new ArrayList<>();
  private final List<Loop> loops = new ArrayList<>();
  private volatile boolean isPaused;

  private Gateways(List<SitePlan> plans, Time time) {
    this.plans = plans;
    this.time = time;
    this.threads = Threads.virtualPool("mqtt", THREADS_PER_GATEWAY * plans.size() + 16);
  }

  /**
   * Opens their journals and lets them connect; nothing is read yet.
   *
   * @param folder for site files and journals
   */
  static Gateways start(List<SitePlan> plans, String brokerUrl, Path folder, Time time)
      throws IOException {
    Gateways started = new Gateways(plans, time);
    try {
      started.open(brokerUrl, folder);
    } catch (IOException | JournalUnavailable e) {
      started.close();
      throw e instanceof IOException io ? io : new IOException(e.getMessage(), e);
    }
    return started;
  }

  private void open(String brokerUrl, Path folder) throws IOException {
    for (SitePlan plan : plans) {
      Path file = folder.resolve(plan.gateway() + ".yaml");
      Files.writeString(file, plan.siteFile(brokerUrl, plan.gateway() + ".db"));
      Loaded loaded = new SiteLoader().load(file);
      Site site = loaded.site();
      if (site == null) {
        throw new IOException("the trial's own site file is refused: " + loaded.problems());
      }
      SiteMeters shown = new SiteMeters(plan, time);
      meters.add(shown);
      gateways.add(
          FleetGateway.open(
              site,
              shown,
              new Signing(plan.key(), null, Signing.Origin.KEPT),
              Duration.ofMillis(SitePlan.PERIOD_MILLIS).toNanos(),
              time,
              Randomness.system(),
              threads));
    }
    int count = Math.min(Runtime.getRuntime().availableProcessors(), gateways.size());
    for (int group = 0; group < count; group++) {
      List<FleetGateway> some = new ArrayList<>();
      for (int i = group; i < gateways.size(); i += count) {
        some.add(gateways.get(i));
      }
      loops.add(new Loop(new GatewayGroup("gateways " + (group + 1), some, time), time));
    }
    loops.forEach(Loop::start);
  }

  /**
   * Reads their meters from an instant on.
   *
   * @param spreadNanos from the first gateway's to the last one's, as so many cabinets are
   */
  void read(MonotonicInstant from, long spreadNanos) {
    for (int i = 0; i < gateways.size(); i++) {
      gateways.get(i).readFrom(from.plusNanos(spreadNanos / gateways.size() * i));
    }
  }

  void stopReading() {
    gateways.forEach(FleetGateway::stopReading);
  }

  void pause() {
    gateways.forEach(FleetGateway::pause);
    isPaused = true;
  }

  GatewaysState state() {
    return new GatewaysState(
        gateways.stream().filter(gateway -> gateway.uplink().connected()).count(),
        gateways.stream().mapToLong(gateway -> gateway.journal().last()).sum(),
        gateways.stream().mapToLong(gateway -> gateway.journal().waiting()).sum(),
        gateways.stream().mapToLong(FleetGateway::missed).sum(),
        gateways.stream().mapToLong(gateway -> gateway.uplink().records().resent()).sum(),
        meters.stream().mapToLong(SiteMeters::firstMillis).max().orElse(Long.MAX_VALUE),
        meters.stream().mapToLong(SiteMeters::lastMillis).min().orElse(Long.MIN_VALUE),
        isPaused,
        gateways.stream()
            .map(gateway -> gateway.uplink().link().problem())
            .filter(problem -> problem != null)
            .findFirst()
            .orElse("no gateway says why"));
  }

  @Override
  public void close() {
    loops.forEach(Loop::askToStop);
    boolean stopped = true;
    for (Loop loop : loops) {
      stopped &= loop.stop(LONGEST_STOP);
    }
    if (stopped) {
      try (ExecutorService closing = Threads.virtual("closing")) {
        gateways.forEach(gateway -> closing.execute(gateway::close));
      }
    }
    threads.shutdownNow();
  }
}
