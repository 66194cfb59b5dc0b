package io.lingtan.simulator.scenario;

import io.lingtan.agent.reading.Point;
import io.lingtan.simulator.fault.BrokerFault;
import io.lingtan.simulator.fault.ClockFault;
import io.lingtan.simulator.fault.CoapFault;
import io.lingtan.simulator.fault.Fault;
import io.lingtan.simulator.fault.HostFault;
import io.lingtan.simulator.fault.MeterFault;
import io.lingtan.simulator.fault.PulseFault;
import io.lingtan.simulator.fault.WireFault;
import io.lingtan.simulator.scenario.Kind.Maker;
import io.lingtan.simulator.scenario.Kind.Strikes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Every kind of fault there is, by name. A new kind is an entry here. */
public final class Kinds {

  private static final long SECOND = 1_000;
  private static final long MINUTE = 60 * SECOND;
  private static final long HOUR = 60 * MINUTE;
  private static final long DAY = 24 * HOUR;

  private static final Knob EVERY = Knob.number("every", 1, 1_000_000, 3, 30);

  /** Longer than a line's timeout of 1 s. */
  private static final Knob LATE = Knob.millis("delay", 1, MINUTE, 1_100, 4_000);

  /** Shorter than that. */
  private static final Knob SLOW = Knob.millis("delay", 1, MINUTE, 50, 900);

  private static final List<HostFault.SiteChanged.Change> CHANGES =
      List.of(HostFault.SiteChanged.Change.values());

  private static final Map<String, Kind> ALL = new LinkedHashMap<>();

  static {
    onTheWire();
    inTheMeter();
    betweenNodes();
    atTheInput();
    atTheClock();
    atTheBroker();
    atTheMachine();
  }

  private Kinds() {}

  private static void onTheWire() {
    device("silence", 5 * SECOND, 10 * MINUTE, of(WireFault.Silence::new));
    device("unit_dead", 3 * HOUR, 8 * HOUR, of(WireFault.UnitDead::new));
    device("slow", MINUTE, 20 * MINUTE, of(WireFault.Slow::new, "delay"), SLOW);
    device(
        "late_reply",
        MINUTE,
        20 * MINUTE,
        of(WireFault.LateReplies::new, "every", "delay"),
        EVERY,
        LATE);
    device(
        "exception",
        5 * SECOND,
        5 * MINUTE,
        of(WireFault.Refusal::new, "code"),
        Knob.number("code", 1, 255, 4, 6));
    every("corrupt", WireFault.CorruptByte::new);
    every("truncated", WireFault.Truncated::new);
    every("foreign_unit", WireFault.ForeignUnit::new);
    every("duplicate", WireFault.DuplicateReply::new);
    every("glued_noise", WireFault.GluedNoise::new);
    device(
        "split",
        MINUTE,
        10 * MINUTE,
        of(WireFault.SplitReply::new, "every", "gap"),
        EVERY,
        Knob.number("gap", 0, 100_000, 0, 2_000));
    line(
        "line_noise",
        MINUTE,
        10 * MINUTE,
        of(WireFault.LineNoise::new, "every", "after"),
        EVERY,
        Knob.millis("after", 1, MINUTE, 30, 900));
    line("black_hole", 5 * SECOND, 10 * MINUTE, of(WireFault.BlackHole::new));
    line("tcp_reset", MINUTE, 10 * MINUTE, of(WireFault.ConnectionReset::new, "every"), EVERY);
    line(
        "single_client",
        30 * SECOND,
        3 * MINUTE,
        (p, from, until) ->
            new WireFault.SingleClient(p.target(), from, until, p.number("newest") == 1),
        Knob.yes("newest"));
  }

  private static void inTheMeter() {
    absent("sentinel", 5 * SECOND, 10 * MINUTE, at(MeterFault.Sentinel::new));
    point("stuck", MINUTE, 20 * MINUTE, at(MeterFault.Stuck::new));
    point(
        "spike",
        MINUTE,
        10 * MINUTE,
        (p, from, until) ->
            new MeterFault.Spike(
                p.target(),
                Point.of(p.point()),
                from,
                until,
                (int) p.number("every"),
                p.number("counts")),
        Knob.number("every", 2, 1_000_000, 15, 60),
        Knob.number("counts", -1_000_000_000, 1_000_000_000, 1_000_000, 100_000_000));
    counter("counter_reset", SECOND, MINUTE, at(MeterFault.CounterReset::new));
    add(
        new Kind(
            "rollover",
            Strikes.ROUND,
            new Range(HOUR, DAY),
            List.of(Knob.number("counts", 1, 1_000_000_000, 10, 1_000)),
            (p, from, until) ->
                new MeterFault.Rollover(
                    p.target(), Point.of(p.point()), from, until, p.number("counts"))));
    device(
        "meter_exchange",
        SECOND,
        MINUTE,
        of(MeterFault.Exchange::new, "reading"),
        Knob.number("reading", 0, 1_000_000_000, 0, 100_000));
    device("reversed_ct", MINUTE, HOUR, of(MeterFault.ReversedCt::new));
    device(
        "ratio_twice",
        MINUTE,
        HOUR,
        of(MeterFault.RatioTwice::new, "ratio"),
        Knob.number("ratio", 2, 10_000, 2, 80));
    device("swapped_phase", MINUTE, HOUR, of(MeterFault.SwappedPhase::new));
    device("uncounted_phases", 10 * MINUTE, HOUR, of(MeterFault.UncountedPhases::new));
    device("asleep", HOUR, 12 * HOUR, of(MeterFault.Asleep::new));
    device(
        "slow_update",
        MINUTE,
        HOUR,
        of(MeterFault.SlowUpdate::new, "period"),
        Knob.millis("period", 1, HOUR, 2 * SECOND, MINUTE));
  }

  private static void betweenNodes() {
    node("coap_loss", Strikes.NODE, of(CoapFault.Loss::new, "every"), EVERY);
    node(
        "coap_reordering",
        Strikes.OBSERVED,
        of(CoapFault.Reordering::new, "every", "delay"),
        Knob.number("every", 2, 1_000_000, 3, 30),
        Knob.millis("delay", 0, MINUTE, 0, 20 * SECOND));
    node("coap_duplicate", Strikes.NODE, of(CoapFault.Duplicate::new, "every"), EVERY);
    node("coap_stale", Strikes.NODE, of(CoapFault.Stale::new));
    node(
        "coap_max_age",
        Strikes.ASKED,
        (p, from, until) -> new CoapFault.WrongMaxAge(p.target(), from, until, p.number("seconds")),
        Knob.number("seconds", 0, 0xFFFF_FFFFL, 0, 100_000));
    node("coap_restarted", Strikes.OBSERVED, of(CoapFault.Restarted::new));
    node("coap_session_lost", Strikes.ASKED, of(CoapFault.SessionLost::new));
  }

  private static void node(String name, Strikes strikes, Maker maker, Knob... knobs) {
    add(new Kind(name, strikes, new Range(MINUTE, 10 * MINUTE), List.of(knobs), maker));
  }

  private static void atTheInput() {
    input(
        "pulse_bounce",
        Strikes.PULSES,
        of(PulseFault.Bounce::new, "times"),
        Knob.number("times", 1, 4, 1, 4));
    input(
        "pulse_hum",
        Strikes.PULSES,
        of(PulseFault.Hum::new, "hertz"),
        Knob.number("hertz", 50, 1_000, 100, 100));
    input(
        "pulse_lost_events",
        Strikes.PULSES,
        of(PulseFault.LostEvents::new, "every"),
        Knob.number("every", 2, 1_000_000, 2, 10));
    input("pulse_input_gone", Strikes.INPUT, of(PulseFault.Gone::new));
  }

  private static void input(String name, Strikes strikes, Maker maker, Knob... knobs) {
    add(new Kind(name, strikes, new Range(MINUTE, 20 * MINUTE), List.of(knobs), maker));
  }

  private static void atTheClock() {
    site(
        "clock_absent",
        10 * MINUTE,
        2 * HOUR,
        (p, from, until) -> new ClockFault.Absent(from, until, p.number("wrong")),
        Knob.millis("wrong", -3_650 * DAY, 3_650 * DAY, -3_650 * DAY, -DAY));
    site(
        "clock_step",
        2 * MINUTE,
        30 * MINUTE,
        during(ClockFault.Stepped::new, "by"),
        Knob.millis("by", -DAY, DAY, -20 * MINUTE, 20 * MINUTE));
    site(
        "clock_drift",
        HOUR,
        6 * HOUR,
        during(ClockFault.Drift::new, "ppm"),
        Knob.number("ppm", -1_000, 1_000, 1, 200));
  }

  private static void atTheBroker() {
    site("broker_down", 5 * SECOND, HOUR, during(BrokerFault.Down::new));
    site(
        "broker_slow",
        MINUTE,
        20 * MINUTE,
        during(BrokerFault.Slow::new, "delay"),
        Knob.millis("delay", 1, MINUTE, 50, 3_000));
    site(
        "broker_refuses_connection",
        MINUTE,
        10 * MINUTE,
        during(BrokerFault.RefusesConnection::new, "code"),
        Knob.number("code", 0x80, 0xA2, 0x87, 0x8A));
    site(
        "broker_refuses_messages",
        MINUTE,
        10 * MINUTE,
        (p, from, until) ->
            new BrokerFault.RefusesMessages(
                from, until, (int) p.number("code"), (int) p.number("every")),
        EVERY,
        Knob.number("code", 0x80, 0x99, 0x87, 0x87));
    site("broker_frozen", 20 * SECOND, 10 * MINUTE, during(BrokerFault.Frozen::new));
    site("broker_forgets", 5 * SECOND, MINUTE, during(BrokerFault.Forgets::new));
    site(
        "broker_loses_puback",
        MINUTE,
        10 * MINUTE,
        during(BrokerFault.LosesAcknowledgements::new, "every"),
        Knob.number("every", 1, 1_000_000, 10, 100));
  }

  private static void atTheMachine() {
    site("killed", 3 * SECOND, 3 * MINUTE, during(HostFault.Killed::new));
    site(
        "power_cut",
        20 * SECOND,
        20 * MINUTE,
        (p, from, until) -> new HostFault.PowerCut(from, until, p.number("torn") == 1),
        Knob.yes("torn"));
    site(
        "card_forgets",
        20 * SECOND,
        5 * MINUTE,
        during(HostFault.ForgetfulCard::new, "forgotten"),
        Knob.millis("forgotten", 1, DAY, SECOND, 30 * SECOND));
    site(
        "card_restored",
        MINUTE,
        10 * MINUTE,
        (p, from, until) ->
            new HostFault.Restored(from, until, p.number("age"), p.number("clean") == 1),
        Knob.millis("age", 1, DAY, MINUTE, 2 * HOUR),
        Knob.yes("clean"));
    site(
        "card_cloned",
        MINUTE,
        10 * MINUTE,
        (p, from, until) -> new HostFault.Cloned(from, until, "machine-" + p.number("machine")),
        Knob.number("machine", 1, 1_000_000, 1, 1_000_000));
    site("disk_full", 10 * SECOND, 10 * MINUTE, during(HostFault.DiskFull::new));
    site("disk_read_only", 10 * SECOND, 10 * MINUTE, during(HostFault.ReadOnly::new));
    site("disk_io_error", 10 * SECOND, 5 * MINUTE, during(HostFault.IoError::new));
    device(
        "site_changed",
        10 * MINUTE,
        6 * HOUR,
        (p, from, until) ->
            new HostFault.SiteChanged(
                from, until, p.target(), CHANGES.get((int) p.number("change"))),
        Knob.choice("change", CHANGES.stream().map(HostFault.SiteChanged.Change::word).toList()));
  }

  private static void device(String name, long least, long most, Maker maker, Knob... knobs) {
    add(new Kind(name, Strikes.DEVICE, new Range(least, most), List.of(knobs), maker));
  }

  private static void every(String name, Numbered fault) {
    device(name, MINUTE, 10 * MINUTE, of(fault, "every"), EVERY);
  }

  private static void point(String name, long least, long most, Maker maker, Knob... knobs) {
    add(new Kind(name, Strikes.POINT, new Range(least, most), List.of(knobs), maker));
  }

  /** One of the points that can say "not available". */
  private static void absent(String name, long least, long most, Maker maker, Knob... knobs) {
    add(new Kind(name, Strikes.ABSENT, new Range(least, most), List.of(knobs), maker));
  }

  /** One of the registers that count energy. */
  private static void counter(String name, long least, long most, Maker maker, Knob... knobs) {
    add(new Kind(name, Strikes.COUNTER, new Range(least, most), List.of(knobs), maker));
  }

  private static void line(String name, long least, long most, Maker maker, Knob... knobs) {
    add(new Kind(name, Strikes.LINE, new Range(least, most), List.of(knobs), maker));
  }

  private static void site(String name, long least, long most, Maker maker, Knob... knobs) {
    add(new Kind(name, Strikes.SITE, new Range(least, most), List.of(knobs), maker));
  }

  /** Makes a fault of a target and its time. */
  private interface OfTarget {
    Fault make(String target, long from, long until);
  }

  /** Makes one of a point. */
  private interface OfPoint {
    Fault make(String target, Point point, long from, long until);
  }

  /** Makes one with a number of at most 31 bits. */
  private interface Numbered {
    Fault make(String target, long from, long until, int number);
  }

  /** Makes one with two. */
  private interface Twofold {
    Fault make(String target, long from, long until, int first, long second);
  }

  /** Makes one of the site. */
  private interface OfSite {
    Fault make(long from, long until);
  }

  /** Makes one of the site with a number of at most 31 bits. */
  private interface NumberedOfSite {
    Fault make(long from, long until, int number);
  }

  private static Maker of(OfTarget fault) {
    return (p, from, until) -> fault.make(p.target(), from, until);
  }

  private static Maker of(Numbered fault, String knob) {
    return (p, from, until) -> fault.make(p.target(), from, until, (int) p.number(knob));
  }

  private static Maker of(Twofold fault, String first, String second) {
    return (p, from, until) ->
        fault.make(p.target(), from, until, (int) p.number(first), p.number(second));
  }

  private static Maker at(OfPoint fault) {
    return (p, from, until) -> fault.make(p.target(), Point.of(p.point()), from, until);
  }

  private static Maker during(OfSite fault) {
    return (p, from, until) -> fault.make(from, until);
  }

  private static Maker during(NumberedOfSite fault, String knob) {
    return (p, from, until) -> fault.make(from, until, (int) p.number(knob));
  }

  private static void add(Kind kind) {
    ALL.put(kind.name(), kind);
  }

  /** In the order of the list above. */
  public static Collection<String> names() {
    return List.copyOf(ALL.keySet());
  }

  /** The kind of this name, null if there is none. */
  public static @Nullable Kind find(String name) {
    return ALL.get(name);
  }

  /** Every key that any kind has beside its time. */
  static List<String> knobNames() {
    List<String> names = new ArrayList<>();
    for (Kind kind : ALL.values()) {
      for (Knob knob : kind.knobs()) {
        if (!names.contains(knob.name())) {
          names.add(knob.name());
        }
      }
    }
    return names;
  }
}
