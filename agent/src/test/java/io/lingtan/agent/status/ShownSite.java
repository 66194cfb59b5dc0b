package io.lingtan.agent.status;

import io.lingtan.agent.acquire.line.LineSnapshot;
import io.lingtan.agent.acquire.line.LineSnapshot.DeviceSnapshot;
import io.lingtan.agent.acquire.line.LineSnapshot.ReadSnapshot;
import io.lingtan.agent.acquire.line.LineSnapshot.ScheduleSnapshot;
import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.journal.RecordedSnapshot;
import io.lingtan.agent.journal.commit.ReceiptsSnapshot;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.ledger.LedgerSnapshot;
import io.lingtan.agent.publish.UplinkSnapshot;
import io.lingtan.agent.publish.ViewSnapshot;
import io.lingtan.agent.publish.lane.DeliverySnapshot;
import io.lingtan.agent.publish.lane.DeliverySnapshot.Mark;
import io.lingtan.agent.publish.lane.LatencySnapshot;
import io.lingtan.agent.publish.lane.RefusedTopicsSnapshot;
import io.lingtan.agent.publish.link.Failure;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.Loop;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time.Wall;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.agent.status.access.Access;
import io.lingtan.testing.Parts;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The demonstration site as the page may find it: all is well at first, and then what a test makes
 * of it. Its clock stands still. Thread-safe: a view is made of what a test has set until then.
 */
final class ShownSite {

  static final MonotonicInstant NOW = MonotonicInstant.ofMillis(7_200_000);

  /** 2026-11-27 12:03:04 in Shanghai. */
  private static final long WALL_MILLIS = Instant.parse("2026-11-27T04:03:04Z").toEpochMilli();

  private static final long DAY_MILLIS = 86_400_000;

  private final Site site;
  private static final String EPOCH = "5f1c09ab";
  private static final long LAST = 812_340;

  private final Map<String, DeviceSnapshot> devices = new LinkedHashMap<>();
  private final Map<String, LineSnapshot> lines = new LinkedHashMap<>();
  private final SequencedMap<String, Metric> today = new LinkedHashMap<>();
  private final Map<String, FactorUsed> moreFactors = new TreeMap<>();
  private final List<ViewSnapshot> views = new ArrayList<>();
  private @Nullable String linkProblem;
  private boolean isUnheard;
  private RefusedTopicsSnapshot refusing = RefusedTopicsSnapshot.NONE;
  private boolean isTrusted = true;
  private boolean isLate;
  private double perSecond = 8;
  private long waiting;
  private long oldestAgeMillis = -1;
  private @Nullable Sentence storeFailure;
  private @Nullable Integer certificateDays = 212;
  private boolean hasEnded;
  private long maxBytes = 2_000_000_000;
  private List<StoreSnapshot.Drop> drops = List.of();
  private LedgerSnapshot.@Nullable Demand demand;
  private final FakeActions actions = new FakeActions();

  private ShownSite(Site site) {
    this.site = site;
    for (Line line : site.lines()) {
      lines.put(line.id(), line(line, null, new ScheduleSnapshot(12, 96_000, 24)));
    }
  }

  /** With the present power the running 15 minutes exceed what was agreed, until so long ahead. */
  synchronized ShownSite nearLimit(long aheadMillis, boolean sliding) {
    demand =
        new LedgerSnapshot.Demand(
            WALL_MILLIS + aheadMillis,
            sliding,
            new BigDecimal("1050"),
            new BigDecimal("1097.7778"),
            new BigDecimal("873.5294"));
    return this;
  }

  /** One that nothing has been connected to yet. */
  static ShownSite empty(Path folder) throws IOException {
    Site site = good(folder).site;
    Site.Metering metering = site.metering();
    return new ShownSite(
        new Site(
            site.gateway(),
            site.place(),
            List.of(),
            Parts.metering(
                metering.interval(),
                metering.allocation(),
                metering.maxInterpolation(),
                metering.closeAfter(),
                metering.tariff(),
                metering.tariffExtras(),
                List.of()),
            site.carbon(),
            site.mqtt(),
            site.journal(),
            site.status(),
            site.clock(),
            site.file(),
            site.sha256(),
            null,
            null,
            null,
            null));
  }

  /** The demonstration site at noon: the sun shines, the battery is charged, hydrogen is made. */
  static ShownSite good(Path folder) throws IOException {
    return changed(folder, "", "");
  }

  /** The same with another text in its site file. */
  static ShownSite changed(Path folder, String from, String to) throws IOException {
    String text = Files.readString(Path.of("../config/sites/demo-microgrid.yaml"));
    if (!text.contains(from)) {
      throw new IllegalArgumentException("the site file has no " + from);
    }
    ShownSite shown = new ShownSite(load(folder, from.isEmpty() ? text : text.replace(from, to)));
    shown.reads("gate", "power", 9_600, "energy_import", 104_222.647, "voltage_l1", 229.8);
    shown.reads("pv1", "power", 118_400, "energy_generated", 18_345.67, "temperature", 41.2);
    shown.reads("bat1", "power", -18_800, "soc", 64, "energy_charged", 9_120.5);
    shown.reads("house", "power", 32_100, "energy_import", 55_010.2, "frequency", 50.01);
    shown.reads("ely1", "power", 70_500, "mass", 1_204.6, "temperature", 62.4);
    shown.reads("comp", "power", 6_500, "energy_import", 2_310.4);
    shown.reads("tank1", "pressure", 18.6, "temperature", 21.5);
    shown.reads("disp1", "mass", 980.35, "flow", 0);
    shown.figure("elec.grid.import", 47.4, "kW.h");
    shown.figure("elec.grid.export", 12.1, "kW.h");
    shown.figure("elec.pv.generation", 412.6, "kW.h");
    shown.figure("elec.load.total", 447.9, "kW.h");
    shown.figure("kpi.self_consumption", 0.971, "1");
    shown.figure("kpi.self_sufficiency", 0.832, "1");
    shown.carbon("co2.total", 27.62);
    shown.carbon("co2.avoided.pv_self", 233.45);
    shown.carbon("co2.avoided.pv_export", 7.05);
    shown.figure("tce.total", 0.0102, "tce");
    shown.figure("h2.produced", 5.2, "kg");
    shown.figure("h2.storage_mass", 312.4, "kg");
    shown.figure("h2.sec", 54.2, "kW.h/kg");
    shown.figure("h2.sec_nm3", 4.87, "kW.h/m3");
    shown.figure("h2.ci", 2.31, "kg/kg");
    return shown;
  }

  private static Site load(Path folder, String text) throws IOException {
    Path file = folder.resolve("site.yaml");
    Files.writeString(file, text.replace("127.0.0.1:8080", "127.0.0.1:0"));
    var loaded = new SiteLoader().load(file);
    Site site = loaded.site();
    if (site == null) {
      throw new IllegalStateException(loaded.problems().toString());
    }
    return site;
  }

  Site site() {
    return site;
  }

  /** A device read these points, name and value in turn, 0.4 s ago. */
  synchronized ShownSite reads(String device, Object... values) {
    Values.Builder read = new Values.Builder();
    for (int i = 0; i < values.length; i += 2) {
      double value = ((Number) values[i + 1]).doubleValue();
      read.put(Point.of((String) values[i]), Math.round(value * Micros.ONE));
    }
    long at = NOW.nanos() - 400_000_000L;
    ReadSnapshot one = new ReadSnapshot(at, at + 10_000_000_000L, read.build());
    devices.put(device, device(device, at, List.of(one), Map.of(), null, null, false));
    return this;
  }

  /** Nothing has come of it for so long, without a failure. */
  synchronized ShownSite stale(String device, long millis) {
    return old(device, millis, null, null, false);
  }

  /** Its last polls failed; before that all was well. */
  synchronized ShownSite fault(String device, long millis, Reason why, String detail) {
    return old(device, millis, why, detail, false);
  }

  /** It was given up, and is asked from time to time. */
  synchronized ShownSite offline(String device, long millis) {
    return old(
        device, millis, Reason.TIMEOUT, "no answer to FC3 16+2 within 1000 ms (3 times)", true);
  }

  private ShownSite old(
      String device, long millis, @Nullable Reason why, @Nullable String detail, boolean offline) {
    DeviceSnapshot good = devices.get(device);
    long at = NOW.nanos() - millis * 1_000_000L;
    List<ReadSnapshot> reads = new ArrayList<>();
    Map<Point, Reason> bad = new HashMap<>();
    if (good != null) {
      for (ReadSnapshot read : good.reads()) {
        reads.add(new ReadSnapshot(at, at + 10_000_000_000L, read.values()));
        for (int i = 0; why != null && i < read.values().size(); i++) {
          bad.put(read.values().point(i), why);
        }
      }
    }
    devices.put(device, device(device, at, reads, bad, why, detail, offline));
    return this;
  }

  /** It answers, and has another ratio than the site file: nothing of it is believed. */
  synchronized ShownSite contradicted(String device) {
    DeviceSnapshot good = devices.get(device);
    if (good == null) {
      throw new IllegalArgumentException(device);
    }
    Map<Point, Reason> bad = new HashMap<>();
    for (ReadSnapshot read : good.reads()) {
      for (int i = 0; i < read.values().size(); i++) {
        bad.put(read.values().point(i), Reason.SUSPECT);
      }
    }
    devices.put(device, device(device, good.answeredNanos(), List.of(), bad, null, null, false));
    return this;
  }

  /** It has never answered. */
  synchronized ShownSite never(String device) {
    String detail = "no answer to FC3 0+2 within 1000 ms";
    devices.put(device, device(device, -1, List.of(), Map.of(), Reason.TIMEOUT, detail, true));
    return this;
  }

  /** One point has no value, for a reason of its own. */
  synchronized ShownSite lacks(String device, String point, Reason why) {
    DeviceSnapshot good = devices.get(device);
    if (good == null) {
      throw new IllegalArgumentException(device);
    }
    Map<Point, Reason> bad = new HashMap<>(good.bad());
    bad.put(Point.of(point), why);
    devices.put(device, device(device, good.answeredNanos(), good.reads(), bad, null, null, false));
    return this;
  }

  private DeviceSnapshot device(
      String id,
      long answered,
      List<ReadSnapshot> reads,
      Map<Point, Reason> bad,
      @Nullable Reason failure,
      @Nullable String detail,
      boolean offline) {
    var device = site.devices().stream().filter(each -> each.id().equals(id)).findFirst();
    String profile = device.orElseThrow().profile().name();
    return new DeviceSnapshot(
        id,
        profile,
        Integer.toString(device.orElseThrow().unit()),
        1000,
        answered,
        reads,
        bad,
        failure,
        detail,
        7200,
        failure == null ? 0 : 42,
        failure == null ? 0 : 3,
        0,
        answered < 0 ? 0 : 12_400,
        offline,
        answered < 0 ? 0 : 9_800,
        3,
        new TreeMap<>(answered < 0 ? Map.of() : Map.of("serial", "2309" + id.hashCode() % 10_000)),
        NOW.nanos() + (offline ? 27_000_000_000L : 700_000_000L),
        false);
  }

  private static LineSnapshot line(
      Line line, @Nullable Sentence problem, ScheduleSnapshot schedule) {
    return new LineSnapshot(
        line.id(),
        "modbus-tcp",
        "127.0.0.1:502",
        problem,
        24,
        0,
        0,
        0,
        0,
        0,
        1,
        0,
        schedule,
        null,
        null,
        List.of());
  }

  synchronized ShownSite lineProblem(String line, Sentence problem) {
    lines.put(line, line(one(line), problem, new ScheduleSnapshot(12, 96_000, 24)));
    return this;
  }

  synchronized ShownSite planned(String line, int percent) {
    lines.put(line, line(one(line), null, new ScheduleSnapshot(40, percent * 10_000L, percent)));
    return this;
  }

  private Line one(String id) {
    return site.lines().stream().filter(line -> line.id().equals(id)).findFirst().orElseThrow();
  }

  synchronized ShownSite figure(String name, double value, String ucum) {
    return figure(name, value, ucum, Quality.MEASURED, 0, null);
  }

  synchronized ShownSite carbon(String name, double kilograms) {
    return figure(name, kilograms, "kg", Quality.MEASURED, 0, "cn-elec/CN-JS/2023");
  }

  synchronized ShownSite estimated(String name, int percent) {
    Metric metric = today.get(name);
    if (metric == null || metric.micros() == null) {
      throw new IllegalArgumentException(name);
    }
    double value = metric.micros() / (double) Micros.ONE;
    return figure(name, value, metric.ucum(), Quality.EST_LINEAR, percent, metric.factor());
  }

  /** One more that the figures used. */
  synchronized ShownSite factor(String id, String value, String ucum) {
    moreFactors.put(id, new FactorUsed(value, ucum, "2020", false));
    return this;
  }

  /** Its register stood still or jumped. */
  synchronized ShownSite doubtful(String name) {
    today.put(name, new Metric(0L, "kW.h", Quality.SUSPECT, 100, 0, null, null, null));
    return this;
  }

  /** Known to within so much. */
  synchronized ShownSite within(String name, long micros) {
    today.computeIfPresent(name, (same, metric) -> metric.within(micros));
    return this;
  }

  synchronized ShownSite missing(String name, String why) {
    today.put(name, Metric.missing("kW.h", why));
    return this;
  }

  private ShownSite figure(
      String name, double value, String ucum, Quality quality, int est, @Nullable String factor) {
    long micros = Math.round(value * Micros.ONE);
    today.put(name, new Metric(micros, ucum, quality, 100, est, null, factor, null));
    return this;
  }

  /** The broker is there and refuses these topics, which are tried again in 21 s. */
  synchronized ShownSite refusing(String... topics) {
    refusing =
        new RefusedTopicsSnapshot(List.of(topics), topics.length, NOW.nanos() + 21_000_000_000L);
    return this;
  }

  /** The broker has acknowledged nothing yet. */
  synchronized ShownSite unheard() {
    isUnheard = true;
    return this;
  }

  synchronized ShownSite linkDown(String why) {
    linkProblem = why;
    waiting = 48_213;
    oldestAgeMillis = 4 * 3_600_000;
    return this;
  }

  synchronized ShownSite backlog(long records, long ageMillis, double recordsPerSecond) {
    waiting = records;
    oldestAgeMillis = ageMillis;
    perSecond = recordsPerSecond;
    isLate = true;
    return this;
  }

  synchronized ShownSite clockLost() {
    isTrusted = false;
    return this;
  }

  synchronized ShownSite storeFails(@Nullable Sentence why) {
    storeFailure = why;
    return this;
  }

  synchronized ShownSite certificate(@Nullable Integer days) {
    certificateDays = days;
    return this;
  }

  synchronized ShownSite view(
      String kind, boolean online, @Nullable String problem, @Nullable String why) {
    views.add(
        new ViewSnapshot(
            kind, "mqtt://127.0.0.1:1884", 1, online, 12, 1, 3, 4_120, 5, 0, 0, 0, problem, why));
    return this;
  }

  /** Somebody scans, has done so for 12 s, and 48 s are left. */
  ShownSite scanned(String line) {
    actions.busy = new Actions.Busy(Actions.Action.SCAN, line, 12_000, 48_000);
    return this;
  }

  synchronized ShownSite dropped(StoreSnapshot.Drop... those) {
    drops = List.of(those);
    return this;
  }

  /** There is room for about a day. */
  synchronized ShownSite full() {
    maxBytes = 150_000_000;
    return this;
  }

  synchronized ShownSite ended() {
    hasEnded = true;
    return this;
  }

  /** As it is now. */
  synchronized SiteView view() {
    return view(recorded(), deliveries());
  }

  /** The same with other records, and what became of them. */
  synchronized SiteView view(
      Map<String, RecordedSnapshot> recorded, @Nullable DeliverySnapshot deliveries) {
    List<LineSnapshot> shown = new ArrayList<>();
    for (Line line : site.lines()) {
      LineSnapshot head = lines.get(line.id());
      List<DeviceSnapshot> on = new ArrayList<>();
      for (Device device : line.devices()) {
        DeviceSnapshot one = devices.get(device.id());
        if (one != null) {
          on.add(one);
        }
      }
      if (head != null) {
        shown.add(with(head, on));
      }
    }
    long midnight = WALL_MILLIS + 8 * 3_600_000L;
    midnight = midnight - midnight % DAY_MILLIS - 8 * 3_600_000L;
    Interval day =
        new Interval(
            "1d",
            midnight,
            WALL_MILLIS,
            0,
            today,
            new LinkedHashMap<>(),
            new LinkedHashMap<>(factors()));
    Interval shownDay = today.isEmpty() ? null : day;
    long offset = WALL_MILLIS - NOW.millis();
    return new SiteView(
        site,
        SiteFigures.LISTED,
        "0.1.0",
        MonotonicInstant.ofMillis(0),
        NOW,
        new Wall(offset, isTrusted, isTrusted ? "ntp" : "none"),
        shown,
        new LedgerSnapshot(
            shownDay,
            shownDay,
            0,
            0,
            0,
            0,
            0,
            0,
            57_600,
            120,
            14,
            7_200,
            0,
            null,
            false,
            Long.MIN_VALUE,
            demand),
        store(),
        new ReceiptsSnapshot(5, 0, 1),
        uplink(),
        recorded,
        deliveries,
        views,
        List.of(new Loop.Health("ledger", !hasEnded, NOW, 0, null, null)),
        null);
  }

  private Map<String, FactorUsed> factors() {
    Map<String, FactorUsed> all = new LinkedHashMap<>();
    all.put("cn-elec/CN-JS/2023", new FactorUsed("0.5827", "kg/(kW.h)", "2025-47", true));
    all.putAll(moreFactors);
    return all;
  }

  private static LineSnapshot with(LineSnapshot line, List<DeviceSnapshot> devices) {
    return new LineSnapshot(
        line.id(),
        line.kind(),
        line.where(),
        line.problem(),
        line.busyPercent(),
        line.skipped(),
        line.refusedSamples(),
        line.droppedEvents(),
        line.foreign(),
        line.strangers(),
        line.openings(),
        line.breaks(),
        line.schedule(),
        line.share(),
        line.pulses(),
        devices);
  }

  /** Each device's reads are in a record of their own. */
  private Map<String, RecordedSnapshot> recorded() {
    Map<String, RecordedSnapshot> all = new HashMap<>();
    devices.forEach(
        (id, device) -> {
          if (!device.reads().isEmpty()) {
            all.put(id, new RecordedSnapshot(record(device), holding(device)));
          }
        });
    return all;
  }

  private static Map<Point, DataRecord> holding(DeviceSnapshot device) {
    DataRecord record = record(device);
    Map<Point, DataRecord> holding = new HashMap<>();
    for (int i = 0; i < device.values().size(); i++) {
      holding.put(device.values().point(i), record);
    }
    return holding;
  }

  private static DataRecord record(DeviceSnapshot device) {
    long at = device.reads().getFirst().atNanos();
    Sample sample = Sample.of(device.device(), "boot", at, device.values());
    long seq = LAST - Math.floorMod(device.device().hashCode(), 8);
    return new DataRecord(EPOCH, seq, 0, WALL_MILLIS - (NOW.nanos() - at) / 1_000_000L, sample);
  }

  /** Of what does not wait the broker has told. */
  private DeliverySnapshot deliveries() {
    String root = "lingtan/v1/" + site.gateway();
    Map<String, List<Mark>> marks = new HashMap<>();
    if (waiting == 0) {
      recorded()
          .forEach(
              (id, each) -> {
                long sent = NOW.nanos() - 350_000_000L;
                String topic = root + "/data/" + id;
                long seq = each.newest().seq();
                marks.put(id, List.of(new Mark(EPOCH, seq, topic, sent, sent + 41_000_000L, 0)));
              });
    }
    return new DeliverySnapshot(root, root + "/batch", false, false, marks);
  }

  private StoreSnapshot store() {
    long last = LAST;
    return new StoreSnapshot(
        EPOCH,
        WALL_MILLIS - DAY_MILLIS,
        500_000,
        last,
        last - waiting,
        List.of(),
        drops,
        waiting,
        0,
        oldestAgeMillis < 0 ? JournalRecord.UNDATED : WALL_MILLIS - oldestAgeMillis,
        List.of(),
        41_000_000,
        maxBytes,
        9_000_000,
        storeFailure,
        StoreSnapshot.NOT_BLOCKED);
  }

  private UplinkSnapshot uplink() {
    boolean away = linkProblem != null;
    return new UplinkSnapshot(
        new UplinkSnapshot.Link(
            "mqtts://broker.example:8883",
            away ? -1 : NOW.nanos() - 3_600_000_000_000L,
            away ? NOW.nanos() + 8_000_000_000L : -1,
            1,
            linkProblem,
            linkProblem == null ? null : Failure.Kind.UNREACHABLE.word(),
            certificateDays,
            refusing),
        new UplinkSnapshot.Delivery(
            2,
            812,
            waiting,
            isLate,
            perSecond,
            perSecond * 90,
            isUnheard ? -1 : NOW.nanos() - (away ? 14_400_000_000_000L : 300_000_000L),
            14),
        LatencySnapshot.NONE,
        new UplinkSnapshot.RecordCounts(812_400, 812_340 - waiting, 0, 0, 0, 0),
        UplinkSnapshot.Mishaps.NONE,
        UplinkSnapshot.ReplayCounts.NONE);
  }

  /** A server of it with this time between live messages, which has no journal. */
  StatusServer serve(Duration livePeriod) throws IOException {
    return serve(livePeriod, null);
  }

  /** The same with what is read from a journal. */
  StatusServer serve(Duration livePeriod, @Nullable HistoryPages pages) throws IOException {
    return serve(livePeriod, pages, TestAccess.open());
  }

  /** The same for whom somebody lets see it. */
  StatusServer serve(Duration livePeriod, @Nullable HistoryPages pages, Access access)
      throws IOException {
    return StatusServer.start(
        site.status(),
        null,
        this::view,
        () -> new Bundle(view(), "boot-1", List::of, List.of()),
        pages,
        actions,
        access,
        livePeriod);
  }

  /** Applies a change; for tables of states. */
  ShownSite but(UnaryOperator<ShownSite> change) {
    return change.apply(this);
  }
}
