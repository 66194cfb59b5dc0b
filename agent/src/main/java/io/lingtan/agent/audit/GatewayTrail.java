package io.lingtan.agent.audit;

import io.lingtan.agent.audit.GatewayReport.Link;
import io.lingtan.agent.audit.message.Arrived;
import io.lingtan.agent.audit.message.Arrived.Device;
import io.lingtan.agent.audit.message.Arrived.DeviceGone;
import io.lingtan.agent.audit.message.Arrived.Garbage;
import io.lingtan.agent.audit.message.Arrived.Meta;
import io.lingtan.agent.audit.message.Arrived.Numbered;
import io.lingtan.agent.audit.message.Arrived.Other;
import io.lingtan.agent.audit.message.Arrived.Previous;
import io.lingtan.agent.audit.message.Arrived.Records;
import io.lingtan.agent.audit.message.Arrived.Status;
import io.lingtan.agent.audit.message.Arrived.Store;
import io.lingtan.agent.audit.message.Drop;
import io.lingtan.agent.audit.message.Malformed;
import io.lingtan.agent.audit.message.Tree;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one gateway, as far as an audit remembers them.
 *
 * <p>Bounds: {@value #MOST_EPOCHS} epochs, beyond that the oldest is judged and forgotten; {@value
 * #MOST_GARBAGE} kinds of garbage, further ones are counted together. One thread.
 */
final class GatewayTrail {

  private static final int MOST_EPOCHS = 16;
  private static final int MOST_GARBAGE = 32;
  private static final int MOST_FORGOTTEN = 64;
  private static final long NOTHING_LEFT_OUT = 1;

  private final String gateway;
  private final OnRecord onRecord;

  /** Earlier epochs first, as the gateway tells. */
  private final LinkedHashMap<String, EpochTrail> epochs = new LinkedHashMap<>();

  /** Names of epochs that are no longer followed, the latest ones. */
  private final LinkedHashSet<String> forgotten = new LinkedHashSet<>();

  private Gaps gaps = new Gaps();
  private IntervalContents intervals = new IntervalContents(0);
  private final Map<String, Long> garbage = new TreeMap<>();
  private String current = "";
  private Link link = Link.UNKNOWN;
  private long offlineSinceMillis;
  private long lastHeardMillis;
  private long storeHeardMillis;
  private @Nullable Long blockedSinceMillis;
  private long keptStoreMillis;
  private boolean storeSinceListening;
  private long forgottenEpochs;
  private long forgottenMissing;
  private long forgottenUnjudged;
  private long shortened;
  private long freshStores;
  private @Nullable String whyNotFresh;

  /** Told of each record that could be read. */
  public interface OnRecord {
    /**
     * @param isNew whether it came for the first time
     */
    void got(String gateway, Numbered record, boolean isNew);
  }

  GatewayTrail(String gateway, OnRecord onRecord) {
    this.gateway = gateway;
    this.onRecord = onRecord;
  }

  /**
   * @param steady whether listening had been going on for long enough that nothing published before
   *     it began can still be on its way
   */
  void take(Arrived arrived, boolean retained, long arrivalMillis, boolean steady) {
    if (!retained) {
      lastHeardMillis = Math.max(lastHeardMillis, arrivalMillis);
    }
    switch (arrived) {
      case Status(boolean online) -> {
        if (!online && link != Link.OFFLINE) {
          // A retained word may be old: then nothing is known since the last that was heard.
          offlineSinceMillis = retained && lastHeardMillis > 0 ? lastHeardMillis : arrivalMillis;
        }
        link = online ? Link.ONLINE : Link.OFFLINE;
        offlineSinceMillis = online ? 0 : offlineSinceMillis;
      }
      case Meta(List<Device> devices, boolean complete) -> {
        devices.forEach(device -> gaps.device(device.id(), device.periodMillis(), arrivalMillis));
        if (complete) {
          gaps.onlyThese(devices.stream().map(Device::id).toList(), arrivalMillis);
        }
      }
      case Device(String id, long periodMillis) -> gaps.device(id, periodMillis, arrivalMillis);
      case DeviceGone(String id) -> gaps.gone(id, arrivalMillis);
      case Store store -> {
        keptStoreMillis = retained ? arrivalMillis : keptStoreMillis;
        freshStores += retained ? 0 : 1;
        store(store, arrivalMillis, !retained && steady);
      }
      case Records(List<Numbered> records, boolean live, Map<String, Long> broken) -> {
        records.forEach(record -> record(record, live, steady));
        broken.forEach(this::garbage);
      }
      case Garbage(String what) -> garbage(what, 1);
      case Other() -> {}
    }
  }

  private boolean record(Numbered record, boolean live, boolean steady) {
    String device = record.isData() ? record.stream().substring("data/".length()) : "";
    AfterLinks.Neighbours neighbours =
        device.isEmpty()
            ? (earlier, later) -> {}
            : (earlier, later) -> gaps.neighbours(device, earlier, later);
    boolean isNew = epoch(record.epoch()).add(record, live, steady, neighbours);
    if (isNew) {
      gaps.record(record);
      intervals.add(record);
    }
    onRecord.got(gateway, record, isNew);
    return isNew;
  }

  /** Takes in records that were asked for; returns how many of them had been missing. */
  long takeReplayed(Records records, long arrivalMillis) {
    lastHeardMillis = Math.max(lastHeardMillis, arrivalMillis);
    records.broken().forEach(this::garbage);
    return records.records().stream().filter(record -> record(record, false, false)).count();
  }

  private EpochTrail epoch(String id) {
    EpochTrail known = epochs.get(id);
    if (known != null) {
      return known;
    }
    // What the gateway had not named when this audit began has begun since.
    EpochTrail trail = new EpochTrail(id, storeSinceListening && !forgotten.contains(id));
    epochs.put(id, trail);
    if (epochs.size() > MOST_EPOCHS) {
      forgetOne(id);
    }
    return trail;
  }

  private boolean forgetOne(String except) {
    for (String id : epochs.keySet()) {
      if (!id.equals(current) && !id.equals(except)) {
        forgotten.remove(id);
        forgotten.add(id);
        if (forgotten.size() > MOST_FORGOTTEN) {
          forgotten.removeFirst();
        }
        EpochReport oldest = epochs.remove(id).report(false, NOTHING_LEFT_OUT);
        forgottenEpochs++;
        forgottenMissing = GatewayReport.sum(forgottenMissing, oldest.missing());
        forgottenUnjudged =
            GatewayReport.sum(forgottenUnjudged, oldest.unseen() + oldest.inTransit());
        return true;
      }
    }
    return false;
  }

  /** About how many bytes of memory it takes. */
  long weight() {
    long weight = gaps.weight() + intervals.weight() + 200L * garbage.size() + 1_000;
    for (EpochTrail epoch : epochs.values()) {
      weight += epoch.weight();
    }
    return weight;
  }

  /**
   * Remembers less: the oldest epoch no longer, or where there is none but the present one, half of
   * what is listed of that, judged early.
   */
  void lighten() {
    shortened++;
    if (epochs.size() < 2 || !forgetOne(epochs.lastEntry().getKey())) {
      epochs.values().forEach(EpochTrail::lighten);
      gaps.lighten();
      intervals.lighten();
    }
  }

  private void store(Store store, long arrivalMillis, boolean settles) {
    EpochTrail named = epochs.get(store.epoch());
    if (named != null && named.isSaid() && !store.epoch().equals(current)) {
      // An epoch that has ended does not come back: this is old news, kept by a broker or a queue.
      return;
    }
    storeHeardMillis = arrivalMillis;
    blockedSinceMillis = store.blockedSinceMillis();
    List<Drop> dropped = store.dropped();
    if (dropped == null) {
      // Without its drops nothing can be called missing.
      epoch(store.epoch()).existsUpTo(store.last());
      return;
    }
    List<Previous> previous = store.previous();
    for (Previous earlier : previous == null ? List.<Previous>of() : previous) {
      if (forgotten.contains(earlier.epoch()) && !epochs.containsKey(earlier.epoch())) {
        continue; // its account is closed
      }
      epoch(earlier.epoch())
          .saidBriefly(earlier.last(), earlier.acked(), earlier.dropped(), settles);
      epochs.putLast(earlier.epoch(), epoch(earlier.epoch()));
    }
    epoch(store.epoch()).said(store.last(), store.acked(), store.ahead(), dropped, settles);
    epochs.putLast(store.epoch(), epoch(store.epoch()));
    current = store.epoch();
    storeSinceListening = true;
    if (previous == null) {
      return;
    }
    for (EpochTrail trail : epochs.values()) {
      boolean spokenOf =
          trail.id.equals(current) || previous.stream().anyMatch(e -> e.epoch().equals(trail.id));
      if (!spokenOf && trail.isSaid()) {
        trail.over();
      }
    }
  }

  /** Something came that cannot be read. */
  void unreadable(String what) {
    garbage(what, 1);
  }

  private void garbage(String what, long count) {
    boolean full = garbage.size() >= MOST_GARBAGE && !garbage.containsKey(what);
    garbage.merge(full ? "other" : what, count, Long::sum);
  }

  /** Nobody listened for a while. */
  void interrupted() {
    epochs.values().forEach(EpochTrail::interrupted);
    storeSinceListening = false;
  }

  /**
   * UTC ms at which the broker gave what it has kept of {@code store}, 0 if never. It does so once
   * for each subscription, behind everything that it had kept for a session before; a store that
   * was published is one of those, and newer records may follow it.
   */
  long keptStoreMillis() {
    return keptStoreMillis;
  }

  /** How often it has said what it has since this program runs, what the broker had kept apart. */
  long freshStores() {
    return freshStores;
  }

  /**
   * @param why what it has delivered of late is not known, null if it is
   */
  void notFresh(@Nullable String why) {
    whyNotFresh = why;
  }

  /** Numbers between what the gateway calls delivered and what came, which its next word tells. */
  boolean isBetweenWords() {
    return epochs.values().stream().anyMatch(EpochTrail::isBetweenWords);
  }

  /**
   * @param sinceListening whether what was delivered before this audit ever listened is left out
   */
  GatewayReport report(boolean sinceListening) {
    List<EpochReport> reports = new ArrayList<>();
    boolean isHeard = !sinceListening;
    for (EpochTrail epoch : epochs.values()) {
      long from = isHeard ? NOTHING_LEFT_OUT : epoch.concernsFrom();
      isHeard |= epoch.isHeard();
      reports.add(epoch.report(epoch.id.equals(current), from));
    }
    Gaps.Found found = gaps.find(gapsBetweenAndAfter());
    List<Gap> listed = found.unexplained();
    return new GatewayReport(
        gateway,
        link,
        offlineSinceMillis,
        lastHeardMillis,
        storeHeardMillis,
        blockedSinceMillis,
        reports,
        listed.subList(0, Math.min(listed.size(), EpochReport.MOST_LISTED)),
        listed.size() + found.judgedEarly(),
        found.withoutPeriod(),
        intervals.twice(),
        garbage,
        forgottenEpochs,
        forgottenMissing,
        forgottenUnjudged,
        shortened,
        whyNotFresh);
  }

  /**
   * Gaps that no link within one epoch shows: from one epoch to the next, and of devices whose
   * records ended. Only where no number is outstanding that might fill them.
   */
  private List<Gap> gapsBetweenAndAfter() {
    List<Gap> found = new ArrayList<>();
    EpochTrail before = null;
    for (EpochTrail trail : epochs.values()) {
      if (before != null) {
        for (String stream : before.dataStreams()) {
          AfterLinks.End last = before.latest(stream);
          AfterLinks.End first = trail.beginning(stream);
          if (last != null && first != null && before.isWholeAbove(last.seq())) {
            gaps.across(device(stream), last, first, found);
          }
        }
      }
      before = trail;
    }
    if (before != null && before.id.equals(current)) {
      for (String stream : before.dataStreams()) {
        AfterLinks.End last = before.latest(stream);
        if (last != null && before.isWholeAbove(last.seq())) {
          gaps.since(device(stream), last, found);
        }
      }
    }
    return found;
  }

  private static String device(String stream) {
    return stream.substring("data/".length());
  }

  /** Whether a command may reach it, as far as its status tells. */
  boolean isReachable() {
    return link != Link.OFFLINE;
  }

  /**
   * What the gateway calls delivered and what is not here, earlier epochs first.
   *
   * @param all false for only what concerns this audit: what is newer than the first that it ever
   *     got
   */
  List<Wanted> absent(boolean all) {
    List<Wanted> absent = new ArrayList<>();
    forEachConcerning(
        all,
        (epoch, from) ->
            epoch.absent(from).forEach(range -> absent.add(new Wanted(epoch.id, range))));
    return absent;
  }

  /** What of an epoch no declared drop explains. */
  record Missing(String epoch, Hole hole) {}

  /** What of {@link #absent} no declared drop explains. */
  List<Missing> unexplained(boolean all) {
    List<Missing> missing = new ArrayList<>();
    forEachConcerning(
        all,
        (epoch, from) ->
            epoch
                .unexplained(epoch.absent(from))
                .forEach(hole -> missing.add(new Missing(epoch.id, hole))));
    return missing;
  }

  private void forEachConcerning(boolean all, ObjLongConsumer<EpochTrail> action) {
    boolean isKnown = all;
    for (EpochTrail epoch : epochs.values()) {
      long from = isKnown ? 1 : epoch.concernsFrom();
      if (from != Long.MAX_VALUE) {
        action.accept(epoch, from);
      }
      // What came after something that was heard has begun since.
      isKnown |= epoch.isHeard();
    }
  }

  Map<String, @Nullable Object> save() {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("epochs", epochs.values().stream().map(EpochTrail::save).toList());
    tree.put("gaps", gaps.save());
    tree.put("told_twice", intervals.twice());
    tree.put("garbage", garbage);
    tree.put("current", current);
    tree.put("link", link.name());
    tree.put("offline_since", offlineSinceMillis);
    tree.put("last_heard", lastHeardMillis);
    tree.put("store_heard", storeHeardMillis);
    tree.put("blocked_since", blockedSinceMillis);
    tree.put("store_since_listening", storeSinceListening);
    tree.put("forgotten_epochs", forgottenEpochs);
    tree.put("forgotten_missing", forgottenMissing);
    tree.put("forgotten_unjudged", forgottenUnjudged);
    tree.put("forgotten", List.copyOf(forgotten));
    tree.put("shortened", shortened);
    return tree;
  }

  static GatewayTrail from(String gateway, OnRecord onRecord, Tree tree) throws Malformed {
    GatewayTrail trail = new GatewayTrail(gateway, onRecord);
    for (Tree epoch : tree.trees("epochs")) {
      EpochTrail taken = EpochTrail.from(epoch);
      trail.epochs.put(taken.id, taken);
    }
    trail.gaps = Gaps.from(tree.object("gaps"));
    trail.intervals = new IntervalContents(tree.number("told_twice", 0));
    Tree garbage = tree.object("garbage");
    for (String what : garbage.names()) {
      trail.garbage.put(what, garbage.count(what));
    }
    trail.current = String.valueOf(tree.textOrNull("current"));
    trail.link =
        switch (tree.text("link")) {
          case "ONLINE" -> Link.ONLINE;
          case "OFFLINE" -> Link.OFFLINE;
          default -> Link.UNKNOWN;
        };
    trail.offlineSinceMillis = tree.number("offline_since");
    trail.lastHeardMillis = tree.number("last_heard");
    trail.storeHeardMillis = tree.number("store_heard");
    trail.blockedSinceMillis = tree.has("blocked_since") ? tree.number("blocked_since") : null;
    trail.storeSinceListening = tree.isTrue("store_since_listening");
    trail.forgottenEpochs = tree.count("forgotten_epochs");
    trail.forgottenMissing = tree.count("forgotten_missing");
    trail.forgottenUnjudged = tree.number("forgotten_unjudged", 0);
    tree.list("forgotten").forEach(id -> trail.forgotten.add(String.valueOf(id)));
    trail.shortened = tree.number("shortened", 0);
    return trail;
  }
}
