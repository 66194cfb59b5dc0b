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
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;

/** The gateways of the planned sites, by the agent's real stages, and what is true of them. */
final class Gateways implements AutoCloseable {

  private static final long PERIOD_MILLIS = 10_000;
  private static final long BASE_MILLIS = 60_000;
  private static final Duration LONGEST_STOP = Duration.ofSeconds(5);

  /** Three long tasks of the MQTT library for each connection, and some that come and go. */
  private static final int THREADS_PER_GATEWAY = 6;

  private final List<SitePlan> plans;
  private final Time time;
  private final ScheduledExecutorService threads;
  private final List<SiteMeters> meters = new ArrayList<>();
  private final List<FleetGateway> gateways = new ArrayList<>();
  private final List<Loop> loops = new ArrayList<>();

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
              Duration.ofMillis(PERIOD_MILLIS).toNanos(),
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

  boolean areConnected() {
    return gateways.stream().allMatch(gateway -> gateway.uplink().connected());
  }

  long connected() {
    return gateways.stream().filter(gateway -> gateway.uplink().connected()).count();
  }

  /** Why one of them is not connected, for a person. */
  String problem() {
    return gateways.stream()
        .map(gateway -> gateway.uplink().problem())
        .filter(problem -> problem != null)
        .findFirst()
        .orElse("no gateway says why");
  }

  /** Reads their meters from now on, spread over the period as so many cabinets are. */
  void read() {
    MonotonicInstant now = time.now();
    long nanos = Duration.ofMillis(PERIOD_MILLIS).toNanos();
    for (int i = 0; i < gateways.size(); i++) {
      gateways.get(i).readFrom(now.plusNanos(nanos / gateways.size() * i));
    }
  }

  void stopReading() {
    gateways.forEach(FleetGateway::stopReading);
  }

  void pause() {
    gateways.forEach(FleetGateway::pause);
  }

  /** Records that were numbered. */
  long numbered() {
    return gateways.stream().mapToLong(gateway -> gateway.journal().last()).sum();
  }

  /** Records that are not acknowledged by the broker and by the zone. */
  long waiting() {
    return gateways.stream().mapToLong(gateway -> gateway.journal().waiting()).sum();
  }

  /** Readings that were not made because this machine was late. */
  long missed() {
    return gateways.stream().mapToLong(FleetGateway::missed).sum();
  }

  /** Sent again after a connection ended, or because the zone did not acknowledge. */
  long resent() {
    return gateways.stream().mapToLong(gateway -> gateway.uplink().resent()).sum();
  }

  /** The first base interval that began with all meters being read. */
  long judgedFrom() {
    long first = meters.stream().mapToLong(SiteMeters::firstMillis).max().orElse(Long.MAX_VALUE);
    return first == Long.MAX_VALUE ? first : Math.ceilDiv(first, BASE_MILLIS) * BASE_MILLIS;
  }

  /** Up to where all meters have been read. */
  long judgedUntil() {
    long last = meters.stream().mapToLong(SiteMeters::lastMillis).min().orElse(Long.MIN_VALUE);
    return last == Long.MIN_VALUE ? last : Math.floorDiv(last, BASE_MILLIS) * BASE_MILLIS;
  }

  /** What each base interval of the zone has to be, by start and metric, in mWh and mg. */
  SortedMap<Long, SortedMap<String, Long>> truth(long from, long until) {
    SortedMap<String, Long> each = new TreeMap<>();
    for (SitePlan plan : plans) {
      plan.truth(BASE_MILLIS / 1_000)
          .forEach((metric, amount) -> each.merge(metric, amount, Math::addExact));
    }
    SortedMap<Long, SortedMap<String, Long>> truth = new TreeMap<>();
    for (long start = from; start < until; start += BASE_MILLIS) {
      truth.put(start, each);
    }
    return truth;
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
