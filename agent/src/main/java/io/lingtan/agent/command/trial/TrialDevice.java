package io.lingtan.agent.command.trial;

import io.lingtan.agent.acquire.line.Recorder;
import io.lingtan.agent.acquire.poll.Phase;
import io.lingtan.agent.acquire.poll.ReadPlan;
import io.lingtan.agent.acquire.poll.ReadPlan.Request;
import io.lingtan.agent.acquire.poll.ReadPlan.Round;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.GpioInput;
import io.lingtan.agent.site.Line;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * A device that is not there: it answers each of its polls at once, with values that wander as
 * those of a meter under load do, in the steps of its registers, and is recorded as the real one.
 */
final class TrialDevice {

  private static final double KILOWATTS = 10;
  private static final double HOUR_NANOS = 3.6e12;
  private static final double MICROS = 1e6;
  private static final long SECOND_NANOS = 1_000_000_000L;

  /** By which a load differs from one poll to the next. */
  private static final double RESTLESS = 0.003;

  private final Device device;
  private final String boot;
  private final RandomGenerator random;
  private final Recorder recorder;
  private final List<Turn> turns = new ArrayList<>();
  private final Map<Point, RegisterPoint> registers = new HashMap<>();
  private final double begun;
  private double load = 1;

  /** The device's own points, or one of its groups. */
  private static final class Turn {
    private final int group;
    private final List<Point> points;
    private final long everyNanos;
    private final long phaseNanos;
    private final long takesNanos;
    private long dueNanos;

    /**
     * @param group -1 of its own points
     */
    Turn(int group, List<Point> points, long every, long phase, long first, long takes) {
      this.group = group;
      this.points = points;
      this.everyNanos = every;
      this.phaseNanos = phase;
      this.takesNanos = takes;
      this.dueNanos = first;
    }

    void next() {
      dueNanos = phaseNanos + (Math.floorDiv(dueNanos - phaseNanos, everyNanos) + 1) * everyNanos;
    }
  }

  private TrialDevice(Device device, String boot, Phase phase, RandomGenerator random) {
    this.device = device;
    this.boot = boot;
    this.random = random;
    this.recorder = new Recorder(device, boot, phase.ofNanos(device.every().toNanos()));
    this.begun = random.nextDouble() * 200_000;
    for (RegisterPoint register : device.profile().allPoints()) {
      if (register.point() != null) {
        registers.putIfAbsent(register.point(), register);
      }
    }
  }

  /**
   * The devices of a line that starts now. On lines that are not polled each tells all that its
   * profile has once in a period.
   */
  static List<TrialDevice> of(Line line, String boot, long now, RandomGenerator random) {
    List<Round> rounds = line.isPolled() ? ReadPlan.of(line).rounds() : List.of();
    List<TrialDevice> all = new ArrayList<>();
    for (int i = 0; i < line.devices().size(); i++) {
      Device device = line.devices().get(i);
      Phase phase = Phase.of(line.devices(), i, now);
      TrialDevice made = new TrialDevice(device, boot, phase, random);
      long own = device.every().toNanos();
      long first = phase.firstNanos();
      if (!line.isPolled()) {
        List<Point> told = new ArrayList<>(device.profile().pointsGiven());
        device.profile().named().forEach(named -> told.add(named.point()));
        made.turns.add(new Turn(-1, told, own, first, first, 0));
      }
      int group = -1;
      for (Round round : rounds) {
        if (round.device().equals(device.id())) {
          List<Point> points =
              round.requests().stream().map(Request::points).flatMap(List::stream).toList();
          long every = round.every().toNanos();
          long usual = group < 0 ? phase.ofNanos(own) : phase.ofGroupNanos(every, own);
          made.turns.add(new Turn(group, points, every, usual, first, round.time().toNanos()));
          group++;
        }
      }
      all.add(made);
    }
    return all;
  }

  /** When something of it arrives next. */
  long dueNanos() {
    return turns.stream().mapToLong(turn -> turn.dueNanos + turn.takesNanos).min().orElseThrow();
  }

  /** What comes to the ledger of what has arrived at the line. */
  List<Arrival> arrivals(long now) {
    List<Arrival> arrivals = new ArrayList<>();
    for (Turn turn : turns) {
      if (turn.dueNanos + turn.takesNanos <= now) {
        long scheduled = turn.dueNanos;
        turn.next();
        load = Math.clamp(load * (1 + RESTLESS * random.nextGaussian()), 0.2, 2);
        Values values = values(turn.points, now);
        boolean counters = turn.points.stream().anyMatch(p -> p.quantity().isRegister());
        if (turn.group < 0) {
          for (Sample sample :
              recorder.answered(
                  scheduled, now, counters, values, Collections.emptySortedMap(), turn.dueNanos)) {
            arrivals.add(new Arrival.Recorded(sample));
            if (device.gpio() instanceof GpioInput.Pulses) {
              arrivals.add(new Arrival.Counted(device.id(), boot, now, now / SECOND_NANOS));
            }
          }
        } else {
          recorder.answeredGroup(turn.group, now, counters, values, Collections.emptySortedMap());
        }
      }
    }
    return arrivals;
  }

  private Values values(List<Point> points, long now) {
    Values.Builder values = new Values.Builder();
    for (Point point : points) {
      if (point.quantity() == Quantity.STATE) {
        values.state("on");
      } else if (point.isOwn()) {
        values.put(point, 1);
      } else {
        values.put(point, stepped(point, value(point, now)));
      }
    }
    return values.build();
  }

  /** In the point's unit. */
  private double value(Point point, long now) {
    double noise = random.nextGaussian();
    double share = point.suffix().startsWith("_l") ? (1 + RESTLESS * noise) / 3 : 1;
    double watts = KILOWATTS * 1_000 * load;
    return switch (point.quantity()) {
      case POWER, APPARENT_POWER, DEMAND -> watts * share;
      case REACTIVE_POWER -> 0.4 * watts * share;
      case CURRENT -> watts / 690 * (1 + RESTLESS * noise);
      case VOLTAGE -> 230 + 0.3 * noise;
      case FREQUENCY -> 50 + 0.01 * noise;
      case POWER_FACTOR -> 0.9 + RESTLESS * noise;
      case PULSES -> Math.floor(begun + now / 1e9);
      case FLOW -> 10 * load;
      // Slow ones, and those that stand still most of the day.
      case SOC, SOH, DEMAND_MAX, TEMPERATURE, PRESSURE, ENERGY_EXPORT, REACTIVE_ENERGY_EXPORT -> 25;
      default -> begun + KILOWATTS * now / HOUR_NANOS;
    };
  }

  /** In millionths, as the register has it: a float as near as it comes to thousandths. */
  private long stepped(Point point, double value) {
    RegisterPoint register = registers.get(point);
    if (register == null || register.type() == DeviceProfile.Type.FLOAT32) {
      return Math.round((float) (Math.rint(value * 1_000) / 1_000) * MICROS);
    }
    double step =
        register.scale().abs().doubleValue() * device.ratio(register.ratio()).doubleValue();
    return Math.round(Math.rint(value / step) * step * MICROS);
  }
}
