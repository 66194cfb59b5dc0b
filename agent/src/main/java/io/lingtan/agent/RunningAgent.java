package io.lingtan.agent;

import io.lingtan.agent.acquire.FieldPorts;
import io.lingtan.agent.publish.PahoBroker;
import io.lingtan.agent.publish.sparkplug.SparkplugStep;
import io.lingtan.agent.run.Loop;
import io.lingtan.agent.run.Step;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Site.StatusSettings;
import io.lingtan.agent.status.StatusServer;
import io.lingtan.agent.status.access.Access;
import io.lingtan.agent.status.access.PinFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An agent whose steps each have a thread, with its page. */
final class RunningAgent {

  private static final Logger log = LoggerFactory.getLogger(RunningAgent.class);

  /**
   * Longer than the slowest clean end of a step, shorter than a supervisor's patience (systemd: 90
   * s). After days away, or a clock set forward, one step of the ledger signs hundreds of
   * intervals.
   */
  private static final Duration LONGEST_STOP = Duration.ofSeconds(20);

  private static final Set<String> ALL_ADDRESSES = Set.of("0.0.0.0", "::");

  private final Site site;
  private final Agent agent;
  private final Time time;
  private final RandomGenerator random;
  private final List<Loop> loops = new ArrayList<>();
  private final @Nullable StatusServer status;

  private RunningAgent(Site site, Agent agent, Time time, RandomGenerator random) {
    this.site = site;
    this.agent = agent;
    this.time = time;
    this.random = random;
    for (Step step : agent.steps()) {
      loops.add(new Loop(step, time));
    }
    this.status = openPage();
    loops.forEach(Loop::start);
  }

  /**
   * Starts everything.
   *
   * @throws io.lingtan.agent.journal.JournalUnavailable if the journal cannot be opened
   */
  static RunningAgent start(Site site, Time time, RandomGenerator random) {
    Agent agent =
        Agent.assemble(
            site,
            time,
            random,
            FieldPorts.real(),
            new PahoBroker(site),
            view ->
                PahoBroker.forView(
                    site.mqtt().over(view.link()), SparkplugStep.clientId(site.gateway())));
    return new RunningAgent(site, agent, time, random);
  }

  /** A page that cannot be shown is said, and costs nobody a reading. */
  private @Nullable StatusServer openPage() {
    if (!site.status().enabled()) {
      return null;
    }
    try {
      return StatusServer.start(
          site.status(),
          () -> agent.view(health()),
          () -> agent.bundle(health()),
          agent.pages(),
          agent.actions(),
          access(site.status()));
    } catch (IOException e) {
      log.error("{}; everything else goes on", e.getMessage());
      return null;
    }
  }

  /** Everybody needs the PIN to act; {@code view: pin} asks for it to see, too. */
  private Access access(StatusSettings settings) {
    Path file = settings.pinFile();
    String pin = file == null ? null : new PinFile(file, Machine.identity()).open(random);
    Set<String> names = new HashSet<>(settings.hosts());
    names.add(settings.host());
    for (String name : Machine.names()) {
      names.add(name);
      names.add(name + ".local");
    }
    return new Access(settings.open(), pin, names, time, random);
  }

  private List<Loop.Health> health() {
    return loops.stream().map(Loop::health).toList();
  }

  /** One line for whoever started it. */
  String greeting() {
    String page =
        status == null
            ? "no status page"
            : ALL_ADDRESSES.contains(site.status().host())
                ? "page on port %d of every address of this machine".formatted(status.port())
                : "page http://%s:%d/".formatted(site.status().host(), status.port());
    return "lingtan %s: gateway %s, %d lines, %s"
        .formatted(Main.version(), site.gateway(), site.lines().size(), page);
  }

  /**
   * Stops in flow order: what the lines still hold reaches the journal before it is closed. A
   * journal whose writer does not end is left as a crash would leave it, which it is made for.
   *
   * @return whether everything ended and everything read is on the card
   */
  boolean stop() {
    if (status != null) {
      status.close();
    }
    loops.subList(0, site.lines().size()).forEach(Loop::askToStop);
    boolean ended = true;
    for (Loop loop : loops) {
      if (!loop.stop(LONGEST_STOP)) {
        ended = false;
        log.warn("{} did not end within {} s", loop.health().name(), LONGEST_STOP.toSeconds());
      }
    }
    if (!ended) {
      return false;
    }
    boolean kept = agent.view(health()).ledger().uncommitted() == 0;
    agent.close();
    return kept;
  }
}
