package io.lingtan.simulator.zone.fold;

import io.lingtan.agent.audit.message.Arrived;
import io.lingtan.agent.audit.message.Arrived.Numbered;
import io.lingtan.agent.audit.message.Malformed;
import io.lingtan.agent.audit.message.MessageReader;
import io.lingtan.agent.audit.message.NumberSet;
import io.lingtan.agent.audit.message.Range;
import io.lingtan.agent.audit.message.ReplayReply;
import io.lingtan.agent.audit.message.Tree;
import io.lingtan.agent.seal.CanonicalJson;
import io.lingtan.agent.seal.Digest;
import io.lingtan.agent.seal.JsonValue;
import io.lingtan.agent.seal.JsonValue.NotJson;
import io.lingtan.agent.seal.VerifyingKey;
import io.lingtan.simulator.zone.fold.Outcome.Covered;
import io.lingtan.simulator.zone.fold.Outcome.Dead;
import io.lingtan.simulator.zone.fold.Outcome.Kept;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the zone knows of one gateway. The same messages leave the same state and let the same
 * records and newest figures out, in whatever order and however often they come.
 *
 * <p>A number counts as received when its record was taken. An interval record is taken only with
 * the member's signature, so that nobody can put another one in its place; it comes again where the
 * gateway has {@code mqtt.require_app_ack}, and is a hole otherwise. Samples and events bear no
 * signature: of these the first content counts, and where one has the number of an interval record
 * both are kept, with a dead letter.
 *
 * <p>Limits: {@value #MOST_EPOCHS} epochs that are not whole, and {@value #MOST_UNNAMED} that no
 * signed message named; records of another one are not taken. Of those that are whole {@value
 * #MOST_OPEN} are known in full, and of {@value #MOST_FINISHED} more the last number; then the
 * oldest is forgotten. State above {@value #MOST_UNSIGNED_STATE} bytes grows by signed messages
 * alone, and above {@value #MOST_STATE} by a {@code store} alone, up to {@value #MOST_TOLD_STATE}:
 * a change of it has to fit into a request to Kafka, 1 MB. What comes next in its epoch is always
 * taken. One thread.
 */
public final class GatewayFold {

  private static final int MOST_EPOCHS = 1_000;
  private static final int MOST_UNNAMED = 16;
  static final int MOST_OPEN = 16;
  private static final int MOST_FINISHED = 2_048;
  private static final int MOST_UNSIGNED_STATE = 256 * 1024;
  private static final int MOST_STATE = 512 * 1024;
  static final int MOST_TOLD_STATE = 768 * 1024;

  /** A gateway's own limit is 256 kB, in its batches. */
  public static final int MOST_BYTES = 512 * 1024;

  /** The answer to a {@code cmd/replay} without a response topic. */
  private static final String ANSWER = "reply/replay";

  private static final long DAY_MILLIS = 86_400_000L;
  private static final int ID_BYTES = 4;
  private static final String INTERVAL = "interval/";
  private static final int VERSION = 2;

  private final String gateway;
  private final SortedMap<String, EpochFold> epochs = new TreeMap<>();
  private final SortedMap<String, Long> coveredUntil = new TreeMap<>();

  /** The epoch that the newest {@code store} is of, and when that was written. */
  private String current = "";

  private long currentTs;

  /** The last number of epochs that are over and whole, the oldest first. */
  private final Map<String, Long> finished = new LinkedHashMap<>();

  /** How far those were covered, how many records they had, and links that did not fit. */
  private final SortedMap<String, Long> finishedUntil = new TreeMap<>();

  private long finishedCount;
  private long finishedBroken;
  private int weight;
  private Beginning beginning = new Beginning();

  public GatewayFold(String gateway) {
    this.gateway = gateway;
  }

  /**
   * Takes a message in.
   *
   * @param reader of the calling thread
   * @param keys the member's keys, empty if the gateway is none
   */
  public List<Outcome> take(Incoming message, MessageReader reader, List<VerifyingKey> keys) {
    String topic = message.topic();
    byte[] payload = message.payload();
    if (keys.isEmpty()) {
      return List.of(Dead.of(Refusal.NOT_A_MEMBER, topic, gateway, payload));
    }
    if (payload.length > MOST_BYTES) {
      return List.of(Dead.of(Refusal.TOO_LARGE, topic, payload.length + " bytes", payload));
    }
    List<Outcome> outcomes = new ArrayList<>();
    beginning.decide(message.arrivedMillis(), epochs);
    if (topic.equals(ANSWER)) {
      takeAnswer(payload);
    }
    switch (reader.read(topic, payload)) {
      case Arrived.Records records -> {
        for (Numbered record : records.records()) {
          take(record, message, keys, outcomes);
        }
        records
            .broken()
            .forEach((what, count) -> outcomes.add(Dead.of(Refusal.GARBAGE, topic, what, payload)));
      }
      case Arrived.Store store -> take(store, message, keys, outcomes);
      case Arrived.Meta meta -> outcomes.add(SignedContent.meta(message, keys));
      case Arrived.Device device -> outcomes.add(new Kept(topic, payload));
      case Arrived.DeviceGone gone -> outcomes.add(new Kept(topic, payload));
      case Arrived.Garbage garbage ->
          outcomes.add(Dead.of(Refusal.GARBAGE, topic, garbage.what(), payload));
      case Arrived.Status status -> {}
      case Arrived.Other other -> {}
    }
    cover(outcomes);
    finish();
    return outcomes;
  }

  /** A message at which this program failed. */
  public static Dead failed(Incoming message, RuntimeException failure) {
    return Dead.of(Refusal.GARBAGE, message.topic(), failure.toString(), message.payload());
  }

  /** A message of which a figure is not added up. */
  public static Dead refused(Refusal why, Incoming message) {
    return Dead.of(why, message.topic(), why.word(), message.payload());
  }

  /** Keeps what the gateway no longer has, so that it is not asked again. */
  private void takeAnswer(byte[] payload) {
    try {
      EpochFold epoch = epochs.get(Tree.parse(payload).text("epoch"));
      if (epoch != null && ReplayReply.read(payload) instanceof ReplayReply.Queued queued) {
        int before = epoch.weight();
        epoch.gone(queued.gone());
        weight += epoch.weight() - before;
      }
    } catch (Malformed e) {
      // It is asked again, and answers again.
    }
  }

  private void take(
      Numbered record, Incoming message, List<VerifyingKey> keys, List<Outcome> outcomes) {
    if (record.seq() <= finished.getOrDefault(record.epoch(), 0L)) {
      return;
    }
    boolean isInterval = record.stream().startsWith(INTERVAL);
    EpochFold epoch = epochs.get(record.epoch());
    if (epoch == null) {
      if (!hasRoomForEpoch(isInterval)) {
        outcomes.add(
            Dead.of(Refusal.TOO_MANY_EPOCHS, message.topic(), record.epoch(), record.json()));
        return;
      }
      epoch = EpochFold.after(finished.getOrDefault(record.epoch(), 0L));
    }
    boolean isLight = weight < (isInterval ? MOST_STATE : MOST_UNSIGNED_STATE);
    if (epoch.has(record.seq())
        && !(isInterval
            && !epoch.hasInterval(record.seq(), record.stream().substring(INTERVAL.length())))) {
      return;
    }
    if (!epoch.isNext(record.seq()) && !(isLight && epoch.hasRoomFor(record.seq(), isInterval))) {
      outcomes.add(
          Dead.of(Refusal.TOO_MANY_HOLES, message.topic(), "seq " + record.seq(), record.json()));
      return;
    }
    int before = epoch.weight();
    if (isInterval) {
      if (!takeInterval(epoch, record, message, keys, outcomes)) {
        return;
      }
    } else if (epoch.isIntervals(record.seq())) {
      outcomes.add(
          Dead.of(Refusal.UNSIGNED, message.topic(), numberOfAnInterval(record), record.json()));
      return;
    } else {
      if (record.tsMillis() > message.arrivedMillis() + DAY_MILLIS) {
        outcomes.add(clockAhead(record, message.topic(), record.tsMillis()));
      }
      epoch.add(record.seq(), record.after(), record.stream(), isLight);
    }
    put(record.epoch(), epoch, before);
    outcomes.add(new Kept(Kept.RECORD, record.json()));
  }

  private boolean hasRoomForEpoch(boolean isNamed) {
    return epochs.values().stream().filter(epoch -> epoch.isNamed() == isNamed).count()
        < (isNamed ? MOST_EPOCHS : MOST_UNNAMED);
  }

  /**
   * @param before its weight before it was changed
   */
  private void put(String id, EpochFold epoch, int before) {
    if (epochs.put(id, epoch) == null) {
      finished.remove(id);
      weight += epoch.weight() + ID_BYTES * id.length();
    } else {
      weight += epoch.weight() - before;
    }
  }

  /** Of epochs that are over keeps the newest in full, and of others the last number. */
  private void finish() {
    if (epochs.size() <= MOST_OPEN) {
      return;
    }
    List<String> over =
        epochs.entrySet().stream()
            .filter(epoch -> !epoch.getKey().equals(current) && epoch.getValue().isOver())
            .sorted(Comparator.comparingLong(epoch -> epoch.getValue().told().tsMillis()))
            .map(Map.Entry::getKey)
            .toList();
    for (String id : over.subList(0, Math.min(over.size(), epochs.size() - MOST_OPEN))) {
      EpochFold epoch = epochs.get(id);
      if (epoch != null) {
        epochs.remove(id);
        finished.put(id, epoch.last());
        epoch
            .coveredUntil()
            .forEach((length, until) -> finishedUntil.merge(length, until, Math::max));
        finishedCount += epoch.count();
        finishedBroken += epoch.broken();
      }
    }
    while (finished.size() > MOST_FINISHED) {
      finished.remove(finished.keySet().iterator().next());
    }
    weight = weigh();
  }

  private int weigh() {
    int all = 0;
    for (Map.Entry<String, EpochFold> epoch : epochs.entrySet()) {
      all += epoch.getValue().weight() + ID_BYTES * epoch.getKey().length();
    }
    for (String id : finished.keySet()) {
      all += EpochFold.NUMBER_BYTES + ID_BYTES * id.length();
    }
    return all;
  }

  private static String numberOfAnInterval(Numbered record) {
    return "seq " + record.seq() + " is that of a signed interval record";
  }

  private static Dead clockAhead(Numbered record, String topic, long millis) {
    return Dead.of(Refusal.CLOCK_AHEAD, topic, millis + " ms", record.json());
  }

  /** Returns whether it was taken. */
  private boolean takeInterval(
      EpochFold epoch,
      Numbered record,
      Incoming message,
      List<VerifyingKey> keys,
      List<Outcome> outcomes) {
    JsonValue.Obj json;
    long start;
    long end;
    String length;
    String prev;
    String hash;
    try {
      json = SignedContent.read(record.json());
      Refusal refusal = SignedContent.refusal(json, keys);
      if (refusal != null) {
        outcomes.add(Dead.of(refusal, message.topic(), "seq " + record.seq(), record.json()));
        return false;
      }
      length = String.valueOf(json.text("interval"));
      start = SignedContent.whole(json, "start");
      end = SignedContent.whole(json, "end");
      prev = String.valueOf(json.text("prev"));
      hash = Digest.of(CanonicalJson.of(json));
      Figure.check(length, start, end);
      if (prev.length() != hash.length()) {
        throw new IllegalArgumentException("prev is no hash");
      }
    } catch (NotJson | IllegalArgumentException | ArithmeticException e) {
      outcomes.add(
          Dead.of(Refusal.GARBAGE, message.topic(), String.valueOf(e.getMessage()), record.json()));
      return false;
    }
    boolean isAhead = end > message.arrivedMillis() + DAY_MILLIS;
    if (epoch.has(record.seq())) {
      outcomes.add(
          Dead.of(
              Refusal.UNSIGNED,
              message.topic(),
              numberOfAnInterval(record) + ", and something else came under it",
              record.json()));
    }
    epoch.addInterval(record.seq(), record.after(), length, isAhead ? 0 : end, prev, hash);
    if (isAhead) {
      outcomes.add(clockAhead(record, message.topic(), end));
      return true;
    }
    try {
      outcomes.add(Figure.of(gateway, record.epoch(), record.seq(), start, end, hash, json));
    } catch (IllegalArgumentException | ArithmeticException e) {
      outcomes.add(
          Dead.of(Refusal.INEXACT, message.topic(), String.valueOf(e.getMessage()), record.json()));
    }
    return true;
  }

  private void take(
      Arrived.Store store, Incoming message, List<VerifyingKey> keys, List<Outcome> outcomes) {
    byte[] payload = message.payload();
    long ts;
    try {
      JsonValue.Obj json = SignedContent.read(payload);
      Refusal refusal = SignedContent.refusal(json, keys);
      if (refusal != null) {
        outcomes.add(Dead.of(refusal, message.topic(), store.epoch(), payload));
        return;
      }
      ts = json.number("ts") == null ? 0 : SignedContent.whole(json, "ts");
    } catch (NotJson | IllegalArgumentException | ArithmeticException e) {
      outcomes.add(
          Dead.of(Refusal.GARBAGE, message.topic(), String.valueOf(e.getMessage()), payload));
      return;
    }
    if (store.dropped() == null || store.ahead() == null) {
      return; // The packet had no room for them, and without them nothing can be called missing.
    }
    if (ts > message.arrivedMillis() + DAY_MILLIS) {
      outcomes.add(Dead.of(Refusal.CLOCK_AHEAD, message.topic(), ts + " ms", payload));
      ts = 0;
    }
    if (!tell(
        store.epoch(),
        new StoreState(store.last(), store.acked(), ts, store.ahead(), store.dropped()))) {
      outcomes.add(Dead.of(Refusal.TOO_MANY_EPOCHS, message.topic(), store.epoch(), payload));
      return;
    }
    List<Arrived.Previous> previous = store.previous();
    if (previous != null) {
      for (Arrived.Previous earlier : previous) {
        tell(
            earlier.epoch(),
            new StoreState(earlier.last(), earlier.acked(), ts, List.of(), earlier.dropped()));
      }
    }
    Set<String> known = new TreeSet<>(Set.of(store.epoch()));
    if (previous != null) {
      previous.forEach(earlier -> known.add(earlier.epoch()));
    }
    lose(payload, known);
    beginning.tell(store, ts, message.arrivedMillis());
    if (ts > currentTs || (ts == currentTs && store.epoch().compareTo(current) > 0)) {
      current = store.epoch();
      currentTs = ts;
    }
    outcomes.add(new Kept(message.topic(), payload));
  }

  /** Of epochs that stand in {@code used} alone nothing more will come. */
  private void lose(byte[] payload, Set<String> known) {
    try {
      for (Tree used : Tree.parse(payload).trees("used")) {
        String id = String.valueOf(used.textOrNull("epoch"));
        EpochFold epoch = epochs.get(id);
        if (epoch != null && !known.contains(id)) {
          epoch.lose();
        }
      }
    } catch (Malformed e) {
      // The reader has read it already, and not this list: nothing is lost by it.
    }
  }

  private boolean tell(String id, StoreState told) {
    long last = finished.getOrDefault(id, 0L);
    if (last > 0 && told.last() <= last) {
      return true;
    }
    EpochFold epoch = epochs.get(id);
    if (epoch == null) {
      if (!hasRoomForEpoch(true)) {
        return false;
      }
      epoch = EpochFold.after(last);
    }
    if (weight + told.weight() - epoch.told().weight() > MOST_TOLD_STATE) {
      return false;
    }
    int before = epoch.weight();
    epoch.tell(told);
    put(id, epoch, before);
    return true;
  }

  /**
   * Tells of each length that is covered further. What an epoch does not cover yet, of those of
   * which a {@code store} has told, no other one covers for it.
   */
  private void cover(List<Outcome> outcomes) {
    SortedMap<String, Long> now = new TreeMap<>(finishedUntil);
    epochs.values().stream()
        .filter(epoch -> epoch.told().last() > 0)
        .forEach(
            epoch ->
                epoch
                    .coveredUntil()
                    .forEach((length, until) -> now.merge(length, until, Math::max)));
    for (Map.Entry<String, EpochFold> epoch : epochs.entrySet()) {
      EpochFold fold = epoch.getValue();
      if (!epoch.getKey().equals(current) && fold.told().last() > 0 && !fold.isWhole()) {
        now.replaceAll(
            (length, until) -> Math.min(until, fold.coveredUntil().getOrDefault(length, 0L)));
      }
    }
    now.forEach(
        (length, until) -> {
          if (until > coveredUntil.getOrDefault(length, 0L)) {
            coveredUntil.put(length, until);
            outcomes.add(new Covered(gateway, length, until));
          }
        });
  }

  /** Delivered by the gateway's word, not here, and not declared dropped; by epoch. */
  public SortedMap<String, List<Range>> holes() {
    SortedMap<String, List<Range>> holes = new TreeMap<>();
    epochs.forEach(
        (id, epoch) -> {
          List<Range> missing = epoch.holes();
          if (!missing.isEmpty()) {
            holes.put(id, missing);
          }
        });
    return holes;
  }

  /**
   * By epoch, the lowest numbers that left the gateway by all that is known, are not here and not
   * declared dropped. If they stay away they were lost on the way, whether or not the gateway calls
   * them delivered.
   */
  public SortedMap<String, Range> absent() {
    SortedMap<String, Range> absent = new TreeMap<>();
    epochs.forEach(
        (id, epoch) -> {
          Range lowest = epoch.absent(beginning.of(id, epoch));
          if (lowest != null) {
            absent.put(id, lowest);
          }
        });
    return absent;
  }

  /**
   * By epoch and stream, records that a later one names as the one before it and that are absent.
   */
  public SortedMap<String, SortedMap<String, List<Long>>> loose() {
    SortedMap<String, SortedMap<String, List<Long>>> loose = new TreeMap<>();
    epochs.forEach(
        (id, epoch) -> {
          SortedMap<String, List<Long>> streams = epoch.loose();
          if (!streams.isEmpty()) {
            loose.put(id, streams);
          }
        });
    return loose;
  }

  /**
   * What the gateway waits to be told: of each epoch whose newest {@code store} does not call all
   * numbers delivered that are here, or declared dropped, those that are.
   */
  public List<Settled> waitedFor() {
    List<Settled> waitedFor = new ArrayList<>();
    epochs.forEach(
        (id, epoch) -> {
          NumberSet delivered = epoch.told().delivered();
          NumberSet settled = epoch.settled();
          if (settled.all().stream()
              .anyMatch(range -> !delivered.missing(range.from(), range.to()).isEmpty())) {
            waitedFor.add(Settled.of(id, settled));
          }
        });
    return waitedFor;
  }

  /** How many records came, each counted once. */
  public long count() {
    return epochs.values().stream().mapToLong(EpochFold::count).sum() + finishedCount;
  }

  /** Links of the chain of interval records that do not fit. */
  public long broken() {
    return epochs.values().stream().mapToLong(EpochFold::broken).sum() + finishedBroken;
  }

  /** By length, until when every number is here or declared dropped, UTC ms. */
  public SortedMap<String, Long> coveredUntil() {
    return new TreeMap<>(coveredUntil);
  }

  /** All of it, for {@link #from}. */
  public byte[] save() {
    StateBytes.Writer to = new StateBytes.Writer();
    to.number(VERSION).text(current).number(currentTs);
    to.number(coveredUntil.size());
    coveredUntil.forEach((length, until) -> to.text(length).number(until));
    beginning.save(to);
    to.number(finished.size());
    finished.forEach((id, last) -> to.text(id).number(last));
    to.number(finishedUntil.size());
    finishedUntil.forEach((length, until) -> to.text(length).number(until));
    to.number(finishedCount).number(finishedBroken);
    to.number(epochs.size());
    epochs.forEach(
        (id, epoch) -> {
          to.text(id);
          epoch.save(to);
        });
    return to.bytes();
  }

  /** Takes up again what {@link #save} wrote. */
  public static GatewayFold from(String gateway, byte[] saved) {
    StateBytes.Reader in = new StateBytes.Reader(saved);
    GatewayFold fold = new GatewayFold(gateway);
    if (in.number() != VERSION) {
      throw new IllegalArgumentException("state of another version of gateway " + gateway);
    }
    fold.current = in.text();
    fold.currentTs = in.number();
    for (int left = in.count(); left > 0; left--) {
      fold.coveredUntil.put(in.text(), in.number());
    }
    fold.beginning = Beginning.from(in);
    for (int left = in.count(); left > 0; left--) {
      fold.finished.put(in.text(), in.number());
    }
    for (int left = in.count(); left > 0; left--) {
      fold.finishedUntil.put(in.text(), in.number());
    }
    fold.finishedCount = in.number();
    fold.finishedBroken = in.number();
    for (int left = in.count(); left > 0; left--) {
      fold.epochs.put(in.text(), EpochFold.from(in));
    }
    fold.weight = fold.weigh();
    return fold;
  }
}
