package io.lingtan.agent.publish.sparkplug;

import io.lingtan.agent.publish.sparkplug.NewestValues.Known;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a session says, in the order that Sparkplug wants: the node's birth, the devices' births,
 * and only then values and deaths of devices. Every message but the node's death has the next seq.
 */
final class Conversation {

  private static final int MOST_PAYLOAD = 60_000;

  private record Late(String topic, List<Metric> metrics) {}

  private final SparkplugTopics names;
  private final NodeMetrics catalogue;
  private final NewestValues latest;
  private final Births births;
  private final Numbering numbering;
  private final Outgoing out;
  private final SentRecords told;
  private final Time time;

  private boolean nodeDue = true;
  private final ArrayDeque<String> devicesDue = new ArrayDeque<>();
  private final Set<String> born = new LinkedHashSet<>();

  /** Devices whose birth is larger than the broker takes: nothing is told of them. */
  private final Set<String> unbearable = new HashSet<>();

  private final ArrayDeque<Late> late = new ArrayDeque<>();
  private List<JournalRecord> laterOnes = List.of();

  /** Devices whose last late record was a failure: another one changes nothing. */
  private final Set<String> failedThen = new HashSet<>();

  private long bornTimes;
  private long lateRecords;
  private long passed;
  private @Nullable String unfit;

  Conversation(
      SparkplugTopics names,
      NodeMetrics catalogue,
      NewestValues latest,
      Births births,
      Numbering numbering,
      Outgoing out,
      SentRecords told,
      Time time) {
    this.names = names;
    this.catalogue = catalogue;
    this.latest = latest;
    this.births = births;
    this.numbering = numbering;
    this.out = out;
    this.told = told;
    this.time = time;
  }

  /** Everything is born, again. */
  void begin() {
    nodeDue = true;
    devicesDue.clear();
    born.clear();
    unbearable.clear();
    unfit = null;
  }

  /** The connection is gone, and with it what was on its way. */
  void lost() {
    begin();
    late.clear();
    laterOnes = List.of();
    failedThen.clear();
  }

  /** Whether values may be told. */
  boolean isBorn() {
    return !nodeDue && devicesDue.isEmpty();
  }

  /** Why the node cannot be born, for a person; null if it can. */
  @Nullable String unfit() {
    return unfit;
  }

  private long nowMillis(MonotonicInstant now) {
    return time.wall().millisAt(now);
  }

  /** Sends births that are due; returns how many. */
  int bear(MonotonicInstant now) {
    int sent = 0;
    if (nodeDue && out.hasRoom()) {
      Payload payload = births.node(numbering.birthDeath(), nowMillis(now));
      if (!out.fits(names.nodeBirth(), payload.size())) {
        unfit =
            "the node's birth of %d bytes is larger than the broker takes: allow larger packets there"
                .formatted(payload.size());
        return sent;
      }
      if (!out.send(names.nodeBirth(), payload.numbered(numbering.born()), now)) {
        return sent;
      }
      nodeDue = false;
      bornTimes++;
      sent++;
      catalogue.devices().stream().filter(latest::isThere).forEach(devicesDue::add);
    }
    while (!nodeDue && !devicesDue.isEmpty() && out.hasRoom()) {
      if (!bear(devicesDue.removeFirst(), now)) {
        return sent;
      }
      sent++;
    }
    return sent;
  }

  private boolean bear(String device, MonotonicInstant now) {
    Payload payload = births.device(device, nowMillis(now));
    if (!out.fits(names.deviceBirth(device), payload.size())) {
      unbearable.add(device);
      passed++;
      return true;
    }
    born.add(device);
    return out.send(names.deviceBirth(device), payload.numbered(numbering.next()), now);
  }

  /** Returns false if the connection did not take it. What is too large is passed over. */
  private boolean send(String topic, Payload payload, MonotonicInstant now) {
    if (!out.fits(topic, payload.size())) {
      passed++;
      return true;
    }
    return out.send(topic, payload.numbered(numbering.next()), now);
  }

  /** Takes a record as news without sending it: what it says is known when something is born. */
  void learn(JournalRecord record) {
    switch (record) {
      case DataRecord data when data.tsMillis() != JournalRecord.UNDATED -> {
        if (catalogue.learn(data.sample().device(), mentioned(data.sample()))) {
          bearAgain(data.sample().device());
        }
        latest.take(data);
      }
      case IntervalRecord interval ->
          NewestValues.figures(interval)
              .forEach(
                  (metric, known) -> {
                    String name = NodeMetrics.figure(interval.length(), metric);
                    if (catalogue.learnFigure(name)) {
                      begin();
                    }
                    latest.take(name, known);
                  });
      default -> {}
    }
  }

  /** Takes an interval's figures as those of the past, as far as there is still such a figure. */
  void remember(IntervalRecord interval) {
    NewestValues.figures(interval)
        .forEach(
            (metric, known) -> {
              String name = NodeMetrics.figure(interval.length(), metric);
              if (catalogue.figures().containsKey(name)) {
                latest.take(name, known);
              }
            });
  }

  private Set<Point> mentioned(Sample sample) {
    Set<Point> points = new TreeSet<>();
    if (!catalogue.isDiscovered(sample.device())) {
      points.addAll(sample.bad().keySet());
    }
    Values values = sample.values();
    for (int i = 0; i < values.size(); i++) {
      points.add(values.point(i));
    }
    if (values.state() != null) {
      points.add(Point.of(Quantity.STATE));
    }
    return points;
  }

  /** Tells a record as news. Returns false if the connection did not take it. */
  boolean tell(JournalRecord record, MonotonicInstant now) {
    boolean isTaken =
        switch (record) {
          case DataRecord data when data.tsMillis() == JournalRecord.UNDATED -> {
            passed++;
            yield true;
          }
          case DataRecord data -> tell(data, now);
          case IntervalRecord interval -> tell(interval, now);
          case EventRecord event -> true;
        };
    if (isTaken) {
      told.sent(record.epoch(), record.seq(), record.seq(), now);
    }
    return isTaken;
  }

  private boolean tell(DataRecord data, MonotonicInstant now) {
    String device = data.sample().device();
    boolean isNew = catalogue.learn(device, mentioned(data.sample()));
    boolean isNewest = latest.take(data);
    if (unbearable.contains(device) || !catalogue.knows(device)) {
      passed++;
      return true;
    }
    if (isNew || !born.contains(device)) {
      // A birth names all that is ever told; this one tells what the record said, too.
      boolean isGone = !latest.isThere(device);
      if (isGone || !bear(device, now) || isNewest || unbearable.contains(device)) {
        return isGone || !out.isBroken();
      }
    }
    Payload payload = new Payload(nowMillis(now));
    if (isNewest) {
      SortedMap<Point, Known> present = latest.of(device);
      for (Point point : catalogue.points(device)) {
        long alias = catalogue.alias(device, point.name());
        Known known = present.get(point);
        if (known != null && births.isNews(alias, known)) {
          payload.add(births.now(alias, Births.type(point), known));
        }
      }
    } else {
      payload.addAll(then(data));
    }
    return payload.isEmpty() || send(names.deviceValues(device), payload, now);
  }

  /** Bears devices again that say now who they are, or say otherwise. */
  void lookAtProperties() {
    born.stream().filter(births::isOtherNow).forEach(this::bearAgain);
  }

  /** A device that is born has more to say than its birth did: it is born again before it does. */
  private void bearAgain(String device) {
    if (born.contains(device) && !devicesDue.contains(device)) {
      devicesDue.add(device);
    }
  }

  private boolean tell(IntervalRecord interval, MonotonicInstant now) {
    Payload payload = new Payload(nowMillis(now));
    boolean isNew = false;
    for (Map.Entry<String, Known> figure : NewestValues.figures(interval).entrySet()) {
      String name = NodeMetrics.figure(interval.length(), figure.getKey());
      isNew |= catalogue.learnFigure(name);
      boolean isNewest = latest.take(name, figure.getValue());
      if (catalogue.figures().containsKey(name)) {
        long alias = catalogue.alias(name);
        if (!isNewest) {
          payload.add(Births.then(alias, Metric.Type.DOUBLE, figure.getValue()));
        } else if (births.isNewFigure(alias, figure.getValue())) {
          payload.add(births.now(alias, Metric.Type.DOUBLE, figure.getValue()));
        }
      }
    }
    if (isNew) {
      begin();
      return true;
    }
    return payload.isEmpty() || send(names.nodeValues(), payload, now);
  }

  private List<Metric> then(DataRecord data) {
    String device = data.sample().device();
    List<Metric> metrics = new ArrayList<>();
    NewestValues.said(data, catalogue.points(device))
        .forEach(
            (point, known) -> {
              if (catalogue.points(device).contains(point)) {
                metrics.add(
                    Births.then(catalogue.alias(device, point.name()), Births.type(point), known));
              }
            });
    return metrics;
  }

  /** Whether {@link #tellLate} has something to do. */
  boolean hasLate() {
    return !laterOnes.isEmpty();
  }

  /** Records that are late: they are told as historical, device by device. */
  void takeLate(List<JournalRecord> records) {
    laterOnes = records;
    Map<String, List<Metric>> byTopic = new LinkedHashMap<>();
    for (JournalRecord record : records) {
      switch (record) {
        case DataRecord data when data.tsMillis() == JournalRecord.UNDATED -> passed++;
        case DataRecord data -> late(data, byTopic);
        case IntervalRecord interval ->
            NewestValues.figures(interval)
                .forEach((metric, known) -> late(interval, metric, known, byTopic));
        case EventRecord event -> {}
      }
    }
    byTopic.forEach(this::split);
  }

  private void late(DataRecord data, Map<String, List<Metric>> byTopic) {
    Sample sample = data.sample();
    boolean isFirstFailure = sample.failed() == null || failedThen.add(sample.device());
    if (sample.failed() == null) {
      failedThen.remove(sample.device());
    }
    if (catalogue.learn(sample.device(), mentioned(sample))) {
      bearAgain(sample.device());
    }
    if (isFirstFailure) {
      byTopic
          .computeIfAbsent(names.deviceValues(sample.device()), topic -> new ArrayList<>())
          .addAll(then(data));
    }
  }

  private void late(
      IntervalRecord interval, String metric, Known known, Map<String, List<Metric>> byTopic) {
    String name = NodeMetrics.figure(interval.length(), metric);
    if (catalogue.learnFigure(name)) {
      begin();
    }
    if (catalogue.figures().containsKey(name)) {
      byTopic
          .computeIfAbsent(names.nodeValues(), topic -> new ArrayList<>())
          .add(Births.then(catalogue.alias(name), Metric.Type.DOUBLE, known));
    }
  }

  /** So that no message is larger than the broker takes. */
  private void split(String topic, List<Metric> metrics) {
    List<Metric> some = new ArrayList<>();
    int bytes = 0;
    for (Metric metric : metrics) {
      int size = metric.encoded().size() + Long.BYTES;
      if (!some.isEmpty()
          && (bytes + size > MOST_PAYLOAD || !out.fits(topic, bytes + size + 2 * Long.BYTES))) {
        late.add(new Late(topic, some));
        some = new ArrayList<>();
        bytes = 0;
      }
      some.add(metric);
      bytes += size;
    }
    if (!some.isEmpty()) {
      late.add(new Late(topic, some));
    }
  }

  /** Sends what {@link #takeLate} took, as far as there is room; returns how many messages. */
  int tellLate(MonotonicInstant now) {
    int sent = 0;
    while (!late.isEmpty() && out.hasRoom()) {
      String device = unborn(late.getFirst().topic());
      if (device != null) {
        if (!bear(device, now)) {
          return sent;
        }
        sent++;
        continue;
      }
      Late next = late.getFirst();
      if (unbearable.contains(device(next.topic()))) {
        late.removeFirst();
        continue;
      }
      if (!send(next.topic(), new Payload(nowMillis(now)).addAll(next.metrics()), now)) {
        return sent;
      }
      late.removeFirst();
      sent++;
    }
    if (late.isEmpty()) {
      for (JournalRecord record : laterOnes) {
        told.sent(record.epoch(), record.seq(), record.seq(), now);
      }
      lateRecords += laterOnes.size();
      laterOnes = List.of();
    }
    return sent;
  }

  /** The device of this topic, if it has not been born. */
  private @Nullable String unborn(String topic) {
    String device = device(topic);
    boolean isFit = topic.equals(names.nodeValues()) || born.contains(device);
    return isFit || unbearable.contains(device) ? null : device;
  }

  private static String device(String topic) {
    return topic.substring(topic.lastIndexOf('/') + 1);
  }

  /** Tells that devices are gone, once nothing late has to be told of them; returns how many. */
  int bury(MonotonicInstant now) {
    int sent = 0;
    for (String device : List.copyOf(born)) {
      if (!latest.isThere(device) && out.hasRoom()) {
        Payload death = new Payload(nowMillis(now));
        if (!out.send(names.deviceDeath(device), death.numbered(numbering.next()), now)) {
          return sent;
        }
        born.remove(device);
        sent++;
      }
    }
    return sent;
  }

  /** Publishes the node's death, before leaving in good order. */
  void die(MonotonicInstant now) {
    out.send(names.nodeDeath(), Births.nodeDeath(numbering.birthDeath(), nowMillis(now)), now);
  }

  /** How often everything was born. */
  long bornTimes() {
    return bornTimes;
  }

  long lateRecords() {
    return lateRecords;
  }

  long passed() {
    return passed;
  }
}
