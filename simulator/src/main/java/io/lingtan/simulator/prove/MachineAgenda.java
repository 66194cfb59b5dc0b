package io.lingtan.simulator.prove;

import io.lingtan.agent.run.Randomness;
import io.lingtan.simulator.fault.ClockFault;
import io.lingtan.simulator.fault.HostFault;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What happens to the machine of a run, and when: losses of power, cards, other site files. */
final class MachineAgenda {

  /** After the start there is a journal to copy. */
  private static final long FIRST_IMAGE_MILLIS = 60_000;

  /** From a loss of power to the agent's start, where the fault is another. */
  private static final long RESTART_MILLIS = 30_000;

  /** From the end of the agent to its start with another site file. */
  static final long RELOAD_MILLIS = 8_000;

  private final Gateway gateway;
  private final MachineClock clock;
  private final Ends ends;
  private final Map<String, Long> worldAtBoot;
  private final long start;
  private final long seed;
  private final SortedMap<String, Long> strikes = new TreeMap<>();
  private final PriorityQueue<Action> agenda =
      new PriorityQueue<>(Comparator.comparingLong(Action::at).thenComparingLong(Action::number));
  private long numbered;

  /** Something that happens at a time of the world. */
  record Action(long at, long number, Runnable run) {}

  /**
   * @param worldAtBoot when each boot began, UTC ms of the world; those to come are added
   * @param start of the run, UTC ms of the world
   */
  MachineAgenda(
      Gateway gateway,
      MachineClock clock,
      Ends ends,
      Map<String, Long> worldAtBoot,
      long start,
      long seed) {
    this.gateway = gateway;
    this.clock = clock;
    this.ends = ends;
    this.worldAtBoot = worldAtBoot;
    this.start = start;
    this.seed = seed;
  }

  /** What comes next, taken out; null if nothing more will happen. */
  @Nullable Action take() {
    return agenda.poll();
  }

  /** How often each kind of fault has struck. */
  SortedMap<String, Long> strikes() {
    return strikes;
  }

  /** Has something happen at a time of the world. */
  void act(long at, Runnable run) {
    agenda.add(new Action(at, numbered++, run));
  }

  void plan(HostFault fault) {
    long from = fault.fromMillis();
    switch (fault) {
      case HostFault.Killed killed -> end(fault, 0, gateway::kill, gateway::start);
      case HostFault.PowerCut cut -> end(fault, 0, () -> gateway.cut(cut, dice(fault)), this::boot);
      case HostFault.ForgetfulCard card -> {
        Images images = new Images(gateway);
        act(imageAt(start, from, card.forgottenMillis()), images::take);
        end(
            fault,
            from - imageAt(start, from, card.forgottenMillis()),
            () -> images.use(gateway::loseTo),
            this::boot);
      }
      case HostFault.Restored restored -> {
        Images images = new Images(gateway);
        long at = imageAt(start, from, restored.ageMillis());
        act(
            at,
            () -> {
              boolean stopped = restored.clean() && gateway.isRunning();
              if (stopped) {
                ends.around(gateway::stop, 0);
                act(at + RELOAD_MILLIS, gateway::start);
              }
              images.take();
            });
        end(
            fault,
            from - imageAt(start, from, restored.ageMillis()),
            () -> {
              gateway.stop();
              images.use(gateway::put);
            },
            this::boot);
      }
      case HostFault.Cloned cloned ->
          end(
              fault,
              0,
              () -> {
                gateway.stop();
                gateway.moveTo(cloned.machine());
              },
              this::boot);
      case HostFault.DiskFull full -> {}
      case HostFault.ReadOnly readOnly -> {}
      case HostFault.IoError error -> {}
      case HostFault.SiteChanged changed -> {}
    }
  }

  void plan(HostFault.SiteChanged changed, SiteVersions versions) {
    Runnable restart =
        () -> {
          gateway.siteChanged(versions.now().site());
          strikes.merge(changed.kind(), 1L, Long::sum);
          if (gateway.isRunning()) {
            ends.around(gateway::stop, 0);
            act(clock.worldMillis() + RELOAD_MILLIS, gateway::start);
          }
        };
    act(
        changed.fromMillis(),
        () -> {
          versions.with(changed);
          restart.run();
        });
    act(
        changed.untilMillis(),
        () -> {
          versions.without(changed);
          restart.run();
        });
  }

  /** Only a machine that boots has to ask what time it is: so its power goes. */
  void plan(ClockFault.Absent absent) {
    long from = absent.fromMillis();
    long back = Math.min(from + RESTART_MILLIS, absent.untilMillis() - 1);
    HostFault.PowerCut cut = new HostFault.PowerCut(from, back, false);
    act(
        from,
        () -> {
          if (gateway.isRunning()) {
            ends.around(() -> gateway.cut(cut, dice(cut)), 0);
            act(back, this::boot);
          }
        });
  }

  /** When the image is taken: not of a card that is blank still. */
  static long imageAt(long start, long from, long ageMillis) {
    return Math.max(from - ageMillis, Math.min(from - 1, start + FIRST_IMAGE_MILLIS));
  }

  /**
   * When the fault begins ends the agent if there is one, and brings it back when the fault is
   * over.
   *
   * @param forgottenMillis how far back the card is then
   */
  private void end(HostFault fault, long forgottenMillis, Runnable end, Runnable back) {
    act(
        fault.fromMillis(),
        () -> {
          if (gateway.isRunning()) {
            strikes.merge(fault.kind(), 1L, Long::sum);
            ends.around(end, forgottenMillis);
            act(fault.untilMillis(), back);
          }
        });
  }

  private void boot() {
    clock.reboot(clock.worldMillis());
    worldAtBoot.put(clock.boot(), clock.worldMillis());
    gateway.start();
  }

  private RandomGenerator dice(HostFault fault) {
    return Randomness.seeded(seed ^ fault.fromMillis());
  }

  /** The image of a card that will be wanted later. */
  private static final class Images {
    private final Gateway gateway;
    private final List<Card.Image> taken = new ArrayList<>();

    Images(Gateway gateway) {
      this.gateway = gateway;
    }

    void take() {
      taken.add(gateway.image());
    }

    void use(Consumer<Card.Image> action) {
      for (Card.Image image : taken) {
        action.accept(image);
        image.forget();
      }
      taken.clear();
    }
  }
}
