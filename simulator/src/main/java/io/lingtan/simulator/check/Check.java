package io.lingtan.simulator.check;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Site;
import io.lingtan.simulator.check.record.Decimals;
import io.lingtan.simulator.check.record.Received;
import io.lingtan.simulator.check.record.Received.Event;
import io.lingtan.simulator.check.record.Received.Interval;
import io.lingtan.simulator.check.record.Received.Reading;
import io.lingtan.simulator.check.record.Received.Value;
import io.lingtan.simulator.check.record.RecordReader;
import io.lingtan.simulator.device.CoapNode;
import io.lingtan.simulator.device.Measuring;
import io.lingtan.simulator.device.contact.PulseOutput;
import io.lingtan.simulator.json.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The subscriber: takes every message of one gateway in the order of arrival, and says in the end
 * what is wrong.
 */
public final class Check {

  /** The reason of a point of which the meter says that it has no number. */
  private static final String SENTINEL = "sentinel";

  private static final String LOST_PULSES = "lost_pulses";

  private final Findings findings = new Findings();
  private final Delivery delivery = new Delivery(findings);
  private final Seals seals = new Seals(findings);
  private final Silences silences;
  private final Intervals intervals;
  private final Touched touched = new Touched();
  private final Happened happened;
  private final Claims claims;
  private final Sites sites;

  /** Devices whose values come one by one, with refusals between that nobody writes down. */
  private final Set<String> items;

  /** Devices that tell by themselves. */
  private final Set<String> telling;

  private final Truth truth;
  private final Witness witness;
  private final Pulses pulses = new Pulses();
  private final Refuelled refuelled;
  private final Map<String, Long> patience = new HashMap<>();
  private final Clocks clocks;
  private final Truth.Wall wall;
  private final List<Undated> undated = new ArrayList<>();
  private final List<Tally> tallies = new ArrayList<>();
  private final Map<String, Integer> events = new TreeMap<>();
  private Consumer<byte[]> onRecord = bytes -> {};
  private long values;
  private long unjudged;

  /** The gateway's clocks, as the run knows them. */
  public interface Clocks {

    /**
     * World times at which its wall clock may have shown a time; more than one where it was set.
     */
    List<Long> worlds(long wallMillis);

    /**
     * World time of an instant of a boot.
     *
     * @param mono ms since that boot
     */
    long world(String boot, long mono);

    /**
     * Whether the machine learnt in a boot what time it was, and had time to write that down. What
     * was read in another one lies somewhere between two times, and beside no boundary.
     */
    boolean isDated(String boot);
  }

  /**
   * A pulse output's total as of a time: what it truly was, the next pulse will show.
   *
   * @param world time of the world
   */
  private record Tally(Received.Key key, String device, String point, long ts, long world) {}

  /** A counter read in a boot that did not know the time when its record was sent. */
  private record Undated(String boot, String device, String point, long ts, long counted) {}

  /**
   * @param meters the simulated ones, by device id
   * @param wall of the gateway
   */
  public Check(
      Site site, Map<String, Measuring> meters, Witness witness, Clocks clocks, Truth.Wall wall) {
    long baseMillis = site.metering().base().toMillis();
    this.sites = new Sites(site, meters);
    this.items =
        site.devices().stream()
            .filter(device -> device.address() != null)
            .map(Device::id)
            .collect(Collectors.toSet());
    this.happened = new Happened(site);
    this.claims = new Claims(happened, pulses, sites, findings);
    this.truth = new Truth(baseMillis, wall, sites.whole().book().counters());
    this.intervals = new Intervals(sites, truth, touched, happened, findings);
    for (Line line : site.lines()) {
      for (Device device : line.devices()) {
        if (meters.containsKey(device.id())) {
          patience.put(
              device.id(), 2 * device.every().toMillis() + line.timeout().toMillis() + 1_000);
        }
      }
    }
    for (Measuring meter : meters.values()) {
      if (meter instanceof PulseOutput output) {
        pulses.watch(output);
      }
    }
    this.telling =
        meters.values().stream()
            .filter(CoapNode.class::isInstance)
            .map(Measuring::id)
            .collect(Collectors.toSet());
    this.refuelled = new Refuelled(sites.whole().site());
    this.silences = new Silences(meters.keySet(), telling, pulses, sites, happened);
    this.witness = witness;
    this.clocks = clocks;
    this.wall = wall;
  }

  /** To be told of each step of the world. */
  public Truth truth() {
    return truth;
  }

  /** To be told of each end of the gateway. */
  public Pulses pulses() {
    return pulses;
  }

  /** To be told of each fault. */
  public Touched touched() {
    return touched;
  }

  /** To be told of what the run does to the gateway and its devices. */
  public Happened happened() {
    return happened;
  }

  /** To be told of each site file. */
  public Sites sites() {
    return sites;
  }

  /** Who gets the bytes of each message that carries records. */
  public void onRecord(Consumer<byte[]> action) {
    onRecord = action;
  }

  /** Something broke that is no record: a stage threw, or the protocol was violated. */
  public void broke(long worldMillis, String what) {
    findings.add(Verdict.BROKEN, worldMillis, what);
  }

  /** Takes a message. Topics other than {@code lingtan/v1/GATEWAY/...} are left aside. */
  public void take(String topic, byte[] payload) {
    String[] levels = topic.split("/", 5);
    if (levels.length < 4) {
      return;
    }
    try {
      switch (levels[3]) {
        case "data", "interval", "event", "batch", "undated" -> {
          byte[] records = topic.endsWith("/batch/gz") ? inflated(payload) : payload;
          onRecord.accept(records);
          RecordReader.read(records, this::record);
        }
        case "store" -> {
          if (payload.length > 0) {
            delivery.store(Json.read(payload), truth.now());
          }
        }
        case "meta" -> {
          if (levels.length == 4 && payload.length > 0) {
            seals.meta(Json.read(payload));
          }
        }
        default -> {}
      }
    } catch (JsonProcessingException e) {
      findings.add(Verdict.UNREADABLE, Long.MAX_VALUE, topic + " (" + e.getOriginalMessage() + ")");
    } catch (IOException e) {
      findings.add(Verdict.UNREADABLE, Long.MAX_VALUE, topic + " (" + e.getMessage() + ")");
    }
  }

  private static byte[] inflated(byte[] payload) throws IOException {
    try (GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(payload))) {
      return gzip.readAllBytes();
    }
  }

  /**
   * Takes what the broker keeps of the gateway in the end.
   *
   * @param retained payloads by topic
   */
  public void retained(Map<String, byte[]> retained) {
    Births births = new Births();
    retained.forEach(
        (topic, payload) -> {
          String[] levels = topic.split("/", 5);
          if (levels.length < 4 || !levels[3].equals("meta")) {
            return;
          }
          if (levels.length == 5) {
            births.device(levels[4]);
            return;
          }
          try {
            births.meta(Json.read(payload));
          } catch (IOException e) {
            findings.add(Verdict.UNREADABLE, Long.MAX_VALUE, topic + " (" + e.getMessage() + ")");
          }
        });
    births.finish(sites.last(), findings);
  }

  private void record(Received record, byte[] message, int from, int length) throws IOException {
    if (!delivery.take(record, message, from, length, truth.now())) {
      return;
    }
    switch (record) {
      case Reading reading -> reading(reading);
      case Interval interval -> {
        intervals.take(interval, sites.of(worlds(interval.key())));
        seals.take(interval, message, from, length);
      }
      case Event event -> event(event);
    }
  }

  private void event(Event event) {
    seals.take(event);
    events.merge(event.name(), 1, Integer::sum);
    long ts = millis(event.key());
    List<Long> worlds = worlds(event.key());
    String told = event.device();
    String device = told == null ? null : sites.meant(told, worlds);
    if (told != null && device == null) {
      unknown("event " + event.name() + " of " + told + " at " + ts, event.key(), ts);
      return;
    }
    silences.take(event, device, worlds, ts);
    claims.take(event, device, worlds, ts);
    if (event.name().equals("agent.figures_failed")) {
      findings.add(
          Verdict.BROKEN,
          ts,
          "%s of an interval %s (%s)"
              .formatted(
                  event.detail().text("figures"),
                  event.detail().text("interval"),
                  event.detail().text("why")));
    }
    if (event.name().equals("journal.told_again")) {
      intervals.toldAgain(
          event.detail().number("since", Long.MIN_VALUE), event.detail().number("until", 0));
    }
    if (event.name().equals("agent.no_intervals")) {
      intervals.untold(event.detail().number("from", 0), event.detail().number("to", 0));
    }
    if (event.name().equals("meter.refuelled") && device != null) {
      refuelled.told(device, ts, event.detail());
    }
    pulses(event, device, worlds);
  }

  private void unknown(String what, Received.Key key, long ts) {
    findings.add(
        Verdict.UNFOUNDED, ts, what + " (" + key.words() + "), which is in no site file then,");
  }

  private void pulses(Event event, @Nullable String device, List<Long> worlds) {
    if (event.name().equals("journal.set_aside")) {
      pulses.setAside(worlds);
    }
    if (device == null || !pulses.has(device)) {
      return;
    }
    switch (event.name()) {
      case "meter.counting", "meter.uncounted" -> {
        long since = event.detail().number("since", Long.MIN_VALUE);
        pulses.begins(
            device,
            worlds,
            event.detail().number("pulses", 0),
            event.name().equals("meter.uncounted"),
            since == Long.MIN_VALUE ? List.of() : clocks.worlds(since));
      }
      case "meter.lost_pulses" ->
          pulses.lost(
              device, event.detail().number("pulses", event.detail().number("pulses_at_most", 0)));
      default -> {}
    }
  }

  /** World times that a record may be of; more than one where the clock was set. */
  private List<Long> worlds(Received.Key key) {
    if (key.ts() == Received.UNDATED) {
      return List.of(millis(key));
    }
    List<Long> usual = clocks.worlds(key.ts());
    // A poll may take seconds, and is dated when it is over: by then the clock may have been set.
    List<Long> afterPoll = clocks.worlds(key.ts() + Witness.POLL_MILLIS);
    if (usual.size() == 1 && afterPoll.size() == 1) {
      return usual; // nothing is wrong with the clock for hours around
    }
    List<Long> all = new ArrayList<>();
    for (long later : afterPoll) {
      long before = later - Witness.POLL_MILLIS;
      if (usual.stream().allMatch(world -> Math.abs(world - before) > Witness.STAMP_MILLIS)) {
        all.add(before);
      }
    }
    all.addAll(usual);
    return all;
  }

  /** Wall time of a record; of an undated one the world's. */
  private long millis(Received.Key key) {
    return key.ts() == Received.UNDATED ? clocks.world(key.boot(), key.mono()) : key.ts();
  }

  private void reading(Reading told) {
    long ts = millis(told.key());
    List<Long> worlds = worlds(told.key());
    String device = sites.meant(told.device(), worlds);
    if (device == null) {
      unknown("reading of " + told.device() + " at " + ts, told.key(), ts);
      return;
    }
    Reading reading = new Reading(told.key(), device, told.values(), told.words(), told.bad());
    silences.take(reading, ts);
    reasons(reading, worlds, ts);
    whole(reading, worlds, ts);
    if (pulses.has(reading.device()) && reading.bad().containsValue(LOST_PULSES)) {
      // From here on its total goes on from where it was.
      reading.bad().keySet().forEach(point -> tally(reading, point, worlds, ts));
    }
    if (reading.values().isEmpty() && !reading.bad().containsValue(SENTINEL)) {
      fresh(reading, worlds, ts);
      return;
    }
    if (pulses.has(reading.device())) {
      totals(reading, worlds, ts);
      return;
    }
    List<Witness.Scene> stamped = new ArrayList<>();
    for (long world : worlds) {
      Witness.Scene scene = scene(reading.device(), world);
      if (scene.isForgotten() && isKeptBack(world)) {
        unjudged++;
        return;
      }
      if (scene.isStamped()) {
        stamped.add(scene);
      }
    }
    if (stamped.isEmpty()) {
      findings.add(
          Verdict.WRONG_TIME,
          ts,
          words(reading, ts) + ": " + scene(reading.device(), worlds.getFirst()).words());
      return;
    }
    reading
        .bad()
        .forEach(
            (point, reason) -> {
              if (reason.equals(SENTINEL)
                  && Point.find(point) != null
                  && stamped.stream().anyMatch(scene -> scene.isAbsent(Point.of(point)))) {
                touched.absent(reading.device(), point, ts);
              }
            });
    values += reading.values().size();
    reading.values().stream()
        .filter(value -> value.point().equals("mass"))
        .forEach(value -> refuelled.reading(reading.device(), ts, value.micros()));
    // Where a clock was set a time may have been twice, and is meant where its values were.
    List<Witness.Judged> judged = List.of();
    for (int i = stamped.size() - 1; i >= 0; i--) {
      judged = judge(reading, stamped.get(i));
      if (judged.stream().allMatch(one -> one.finding() == Witness.Finding.TRUE)) {
        break;
      }
    }
    for (int i = 0; i < judged.size(); i++) {
      tell(reading, reading.values().get(i), judged.get(i), ts);
    }
  }

  /** Whether there was a reason for most of the time from a reading until it came. */
  private boolean isKeptBack(long world) {
    return 2 * happened.keptBackMillis(world, truth.now()) >= truth.now() - world;
  }

  /** Every point that is asked for is there, or a reason why not. */
  private void whole(Reading reading, List<Long> worlds, long ts) {
    Sites.Version version = sites.of(worlds);
    if (version == null || (reading.isEmpty() && telling.contains(reading.device()))) {
      return;
    }
    for (Point point : sites.expected(version, reading.device())) {
      if (!reading.speaksOf(point.name())) {
        findings.add(
            Verdict.UNDECLARED, ts, "%s of the %s".formatted(point.name(), words(reading, ts)));
      }
    }
  }

  private boolean isFresh(String device, long world) {
    long until = witness.freshUntil(device, world);
    return until <= 0 || world <= until + patience.getOrDefault(device, 0L);
  }

  /** That nothing has changed may be said as long as what was told last holds. */
  private void fresh(Reading reading, List<Long> worlds, long ts) {
    if (!reading.bad().isEmpty() || worlds.isEmpty()) {
      return;
    }
    long until = witness.freshUntil(reading.device(), worlds.getLast());
    if (worlds.stream().noneMatch(world -> isFresh(reading.device(), world))) {
      findings.add(
          Verdict.WRONG_BUT_GOOD,
          ts,
          "no change in the %s (what was told last held until %d)"
              .formatted(words(reading, ts), until));
    }
  }

  private void totals(Reading reading, List<Long> worlds, long ts) {
    values += reading.values().size();
    for (Value value : reading.values()) {
      if (value.point().equals("pulses")) {
        pulses.reading(reading.device(), worlds, value.micros() / 1_000_000, words(reading, ts));
      } else if (value.point().equals("power")) {
        pulses.power(reading.device(), worlds, value.micros(), words(reading, ts));
      } else {
        tally(reading, value.point(), worlds, ts);
      }
    }
  }

  private void tally(Reading reading, String point, List<Long> worlds, long ts) {
    if (!worlds.isEmpty()) {
      tallies.add(new Tally(reading.key(), reading.device(), point, ts, worlds.getLast()));
    }
  }

  private Witness.Scene scene(String device, long world) {
    long tolerance =
        happened.isClockWrong(world, world)
            ? Witness.STAMP_MILLIS + happened.driftedMillis(world)
            : Witness.EXACT_MILLIS;
    boolean disturbed = happened.isDisturbed(device, world);
    boolean byItem = items.contains(device);
    Witness.Lasts lasts =
        disturbed && byItem
            ? Witness.Lasts.LONGEST
            : disturbed || byItem ? Witness.Lasts.LONGER : Witness.Lasts.USUAL;
    return witness.scene(device, world, new Witness.Sight(tolerance, lasts));
  }

  /** Whether a device has a point, or all of it is meant. What it has not it may refuse. */
  private boolean has(String device, String point) {
    Measuring meter = sites.whole().book().meters().get(device);
    Point known = Point.find(point);
    return point.equals("*") || (meter != null && known != null && meter.points().contains(known));
  }

  private void reasons(Reading reading, List<Long> worlds, long ts) {
    if (reading.bad().isEmpty()) {
      return;
    }
    reading.bad().entrySet().stream()
        .filter(entry -> has(reading.device(), entry.getKey()))
        .forEach(
            entry -> {
              String point = entry.getKey();
              String reason = entry.getValue();
              claims.reason(
                  reading.device(),
                  point,
                  reason,
                  worlds,
                  reason.equals(SENTINEL)
                      && worlds.stream()
                          .anyMatch(
                              world -> scene(reading.device(), world).isAbsent(Point.of(point))),
                  ts);
            });
  }

  private List<Witness.Judged> judge(Reading reading, Witness.Scene scene) {
    List<Witness.Judged> judged = new ArrayList<>(reading.values().size());
    Sites.Version version = sites.at(scene.at());
    for (Value value : reading.values()) {
      Point point = Point.of(value.point());
      judged.add(
          scene.judge(point, value.micros(), sites.believed(version, reading.device(), point)));
    }
    return judged;
  }

  private void tell(Reading reading, Value value, Witness.Judged judged, long ts) {
    if (judged.finding() != Witness.Finding.TRUE) {
      findings.add(
          judged.finding() == Witness.Finding.MISTIMED
              ? Verdict.WRONG_TIME
              : Verdict.WRONG_BUT_GOOD,
          ts,
          "%s %s of %s (%s)"
              .formatted(
                  value.point(),
                  Decimals.text(value.micros()),
                  words(reading, ts),
                  judged.words()));
    } else if (judged.counted() != Long.MIN_VALUE) {
      counted(reading.key(), reading.device(), value.point(), ts, judged.counted());
    }
  }

  private void counted(Received.Key key, String device, String point, long ts, long counted) {
    if (key.ts() == Received.UNDATED) {
      undated.add(new Undated(key.boot(), device, point, ts, counted));
    } else {
      intervals.read(device, point, ts, counted);
    }
  }

  private static String words(Reading reading, long ts) {
    return "reading of " + reading.device() + " at " + ts + " (" + reading.key().words() + ")";
  }

  private Seals.Gaps gaps() {
    return new Seals.Gaps() {
      @Override
      public boolean isDropped(String epoch, long after, long before) {
        return delivery.isDroppedBetween(epoch, after, before);
      }

      @Override
      public boolean isTurnedBack(long ts) {
        return clocks.worlds(ts).stream()
            .anyMatch(at -> claims.isTurnedBack(at, Claims.HOUR_MILLIS));
      }
    };
  }

  /**
   * The account, when there has been time for everything to come.
   *
   * @param from wall time from which on there have to be readings
   * @param until wall time until which the gateway ran
   */
  public Account account(long from, long until, long baseMillis) {
    delivery.finish(
        new Drops(
            happened,
            sites.whole().site().journal().maxSize(),
            (until - from) / Math.max(1, delivery.records())));
    pulses.finish(happened, until, findings);
    refuelled.finish(happened, findings);
    for (Tally tally : tallies) {
      long counted = pulses.countedMicros(tally.device, tally.world);
      counted(tally.key, tally.device, tally.point, tally.ts, counted);
    }
    undated.stream()
        .filter(one -> clocks.isDated(one.boot))
        .forEach(one -> intervals.read(one.device, one.point, one.ts, one.counted));
    Set<String> counted =
        sites.whole().book().counters().stream()
            .map(counter -> counter.meter().id() + "/" + counter.point().name())
            .collect(Collectors.toSet());
    Set<String> named =
        sites.whole().site().devices().stream()
            .filter(device -> device.profile().identity().containsKey("serial"))
            .map(Device::id)
            .collect(Collectors.toSet());
    claims.finish(
        witness.struck()::contains,
        counted::contains,
        named::contains,
        delivery.gone(),
        from,
        until);
    seals.finish(gaps());
    silences.finish(from + 30_000, until - 30_000, wall, delivery.gone(), findings);
    long first = Math.ceilDiv(from + 60_000, baseMillis) * baseMillis;
    long last = Math.floorDiv(until - 120_000, baseMillis) * baseMillis;
    Intervals.Sums sums = intervals.finish(first, last, wall, delivery.gone());
    return new Account(
        delivery.records(),
        delivery.again(),
        delivery.epochs(),
        values,
        unjudged,
        sums.unchecked(),
        sums.longer(),
        sums.rows(),
        sums.series(),
        findings.counts(),
        findings.list(),
        events);
  }
}
