package io.lingtan.agent.site.read;

import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.site.Coupling;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.FeedFile;
import io.lingtan.agent.site.Regions;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Site.Accuracy;
import io.lingtan.agent.site.Site.Allocation;
import io.lingtan.agent.site.Site.Chp;
import io.lingtan.agent.site.Site.Exchange;
import io.lingtan.agent.site.Site.Gas;
import io.lingtan.agent.site.Site.Meter;
import io.lingtan.agent.site.Site.Nozzle;
import io.lingtan.agent.site.SmallFile;
import io.lingtan.agent.site.Tariff;
import io.lingtan.agent.site.TariffUser;
import io.lingtan.agent.site.correction.CorrectionReader;
import io.lingtan.agent.site.correction.Corrections;
import io.lingtan.agent.site.correction.Substitution;
import io.lingtan.agent.site.yaml.Fields;
import io.lingtan.agent.site.yaml.Problem;
import io.lingtan.agent.site.yaml.Problems;
import io.lingtan.agent.site.yaml.Section;
import io.lingtan.agent.site.yaml.Words;
import io.lingtan.agent.site.yaml.Yaml;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads {@code metering}: which device measures what, and how registers become figures. */
final class MeteringReader {

  private static final Map<String, Role> ROLES =
      Stream.of(Role.values()).collect(Collectors.toMap(Role::word, role -> role));
  private static final Map<String, String> INTERVALS =
      Stream.of("1m", "5m", "10m", "15m", "30m").collect(Collectors.toMap(word -> word, w -> w));
  private static final Map<String, String> INPUTS =
      Stream.of(Meter.ALL_INPUTS, "dc1", "dc2", "dc3", "dc4")
          .collect(Collectors.toMap(word -> word, w -> w));
  private static final Map<String, Allocation> ALLOCATIONS =
      Map.of("priority", Allocation.PRIORITY, "proportional", Allocation.PROPORTIONAL);
  private static final List<String> GAS =
      List.of("gas_raw", "gas_kpa", "actual_celsius", "actual_kpa");

  /** Whether that is the gas in the vehicle's tank. */
  private static final Map<String, Boolean> TEMPERATURES = Map.of("vehicle", true, "nozzle", false);

  /** Classes that are letters, in percent (GB/T 17215.321, EN 50470-3). */
  private static final Map<String, String> LETTERS =
      Map.of("A", "2", "B", "1", "C", "0.5", "D", "0.2");

  private static final List<String> NOZZLE =
      List.of("nominal_mpa", "temperature_of", "fill_pause", "vent_mpa", "hose_l");
  private static final Set<Role> COUPLED = EnumSet.of(Role.PV, Role.BATTERY);
  private static final String INPUT_IS_FOR =
      "input is for role pv with coupling: dc, where an inverter counts its DC inputs apart";
  private static final Set<Role> SOURCES = EnumSet.of(Role.PV, Role.BATTERY, Role.CHP);
  private static final Duration USUAL_INTERPOLATION = Duration.ofMinutes(5);
  private static final Duration LEAST_CLOSE = Duration.ofSeconds(10);
  private static final Duration MOST_CLOSE = Duration.ofMinutes(2);
  private static final Duration WHOLE_YEAR = Duration.ofDays(366);
  private static final Duration MOST_KEEP = Duration.ofDays(36_500);

  private static final int LARGEST_CORRECTIONS = 1_000_000;

  private final Fields fields;
  private final Fields site;
  private final Map<String, DeviceReader.Declared> devices;
  private final Catalogue<Tariff> tariffs;
  private final @Nullable TariffUser user;
  private final String region;
  private final Problems problems;

  /**
   * A meter with where it stands.
   *
   * @param readable whether this version reads its device
   * @param clear whether its role could be understood
   */
  private record Placed(Meter meter, boolean readable, boolean clear, Fields fields) {

    Placed on(Coupling side) {
      return new Placed(meter.on(side), readable, clear, fields);
    }
  }

  MeteringReader(
      Fields site,
      Map<String, DeviceReader.Declared> devices,
      Catalogue<Tariff> tariffs,
      @Nullable TariffUser user,
      String region,
      Problems problems) {
    this.site = site;
    this.tariffs = tariffs;
    this.user = user;
    this.region = region;
    this.fields = site.group("metering", Section.METERING);
    this.devices = devices;
    this.problems = problems;
  }

  Site.Metering read() {
    String interval = fields.choice("interval", INTERVALS, "15m");
    Duration interpolated =
        fields.duration(
            "max_interpolation", Duration.ofSeconds(1), Duration.ofHours(2), USUAL_INTERPOLATION);
    return new Site.Metering(
        interval,
        fields.choice("allocation", ALLOCATIONS, Allocation.PRIORITY),
        interpolated,
        fields.duration(
            "close_after", Duration.ofSeconds(1), Duration.ofHours(1), usualCloseAfter()),
        tariff(interval),
        fields.flag("tariff_extras", user != null),
        meters(interval, interpolated),
        fields.flag("all_loads_metered", false),
        keep(),
        Corrections.NONE,
        fields.whole("closed", 2000, 2999, 0));
  }

  /** What people put in place of what these meters counted; a file that is named must be there. */
  Corrections corrections(Site.Metering metering, ZoneId zone, SiteFiles files) {
    Path file = files.path(fields, "corrections");
    if (file == null) {
      return Corrections.NONE;
    }
    try {
      Corrections read =
          CorrectionReader.read(
              file.getFileName().toString(),
              SmallFile.table(SmallFile.read(file, LARGEST_CORRECTIONS)),
              metering.grounds(zone),
              (line, column, message) -> FeedFile.error(problems, file, line, column, message));
      if (read != null) {
        problems.addAll(tooMuch(read, metering, file));
      }
      return read == null ? Corrections.NONE : read;
    } catch (IOException e) {
      problems.error(
          fields.valueAt("corrections"),
          "corrections: "
              + file
              + " cannot be read ("
              + e.getMessage()
              + "): without it what it corrected would be taken back");
      return Corrections.NONE;
    }
  }

  /** Lines that put more in an interval than a meter can count in it. */
  private static List<Problem> tooMuch(Corrections read, Site.Metering metering, Path file) {
    List<Problem> found = new ArrayList<>();
    double hours = metering.base().toMinutes() / 60.0;
    for (Substitution each : read.all()) {
      for (Meter meter : metering.meters()) {
        double most = meter.role().isElectric() ? meter.ratedKw() : meter.maxRate();
        Long micros = each.micros();
        if (meter.id().equals(each.meter())
            && micros != null
            && micros / 1e6 > 1.2 * most * hours) {
          String message =
              "%s in %s is more than %s can count: it is for %s in an hour"
                  .formatted(
                      Micros.text(micros),
                      metering.interval(),
                      meter.id(),
                      Micros.text((long) (most * 1e6)));
          found.add(new Problem(Problem.Severity.WARNING, file, each.line(), 1, message));
        }
      }
    }
    return found;
  }

  private Duration keep() {
    Duration keep =
        fields.duration("keep", Duration.ofDays(1), MOST_KEEP, Site.Metering.USUAL_KEEP);
    if (keep.compareTo(WHOLE_YEAR) < 0) {
      problems.warning(
          fields.valueAt("keep"),
          "energies of less than a year are kept: years cannot be told again when a factor"
              + " changes");
    }
    return keep;
  }

  /** Those that are named, each until the next one's first day. */
  private @Nullable Tariff tariff(String interval) {
    List<Tariff> named = new ArrayList<>();
    Yaml written = fields.valueAt("tariff");
    if (written instanceof Yaml.Items) {
      fields.words("tariff").forEach(word -> tariff(word.text(), word, interval, named));
    } else {
      String name = fields.text("tariff");
      if (name != null) {
        tariff(name, written, interval, named);
      }
    }
    named.sort(Comparator.comparing(Tariff::validFrom).reversed());
    Tariff chain = null;
    for (Tariff tariff : named) {
      LocalDate last = tariff.validTo();
      if (chain != null && chain.validFrom().equals(tariff.validFrom())) {
        problems.error(
            written,
            "%s and %s both begin on %s".formatted(tariff.name(), chain.name(), chain.validFrom()));
      } else if (chain != null && last != null && last.plusDays(1).isBefore(chain.validFrom())) {
        problems.error(
            written,
            "no tariff holds from %s to %s, between %s and %s"
                .formatted(
                    last.plusDays(1), chain.validFrom().minusDays(1), tariff.name(), chain.name()));
      }
      chain = tariff.until(chain);
    }
    return chain;
  }

  private void tariff(String name, Yaml at, String interval, List<Tariff> named) {
    Catalogue.Loaded<Tariff> loaded = tariffs.load(name);
    Tariff tariff = loaded.value();
    if (tariff == null) {
      problems.error(
          at,
          tariffs.names().contains(name)
              ? "tariff " + name + " has errors of its own"
              : "no tariff is called '" + name + "'" + Words.instead(name, tariffs.names()));
      if (tariffs.names().contains(name)) {
        problems.addAll(loaded.problems());
      }
      return;
    }
    problems.addAll(loaded.problems());
    String holds = tariff.region();
    if (!Regions.widening(region).contains(holds) && !Regions.widening(holds).contains(region)) {
      problems.warning(
          at,
          new Sentence(
              "tariff %s holds in %s, and site.region is %s: is it another place's?"
                  .formatted(name, holds, region),
              "分时电价 %s 用于 %s，而 site.region 是 %s：是否用错了地区".formatted(name, holds, region)));
    }
    int minutes = Integer.parseInt(interval.substring(0, interval.length() - 1));
    Stream<Tariff.Slot> slots =
        Stream.concat(
            tariff.seasons().stream().flatMap(season -> season.slots().stream()),
            tariff.extras().stream().flatMap(extra -> extra.slots().stream()));
    if (slots.anyMatch(s -> s.fromMinute() % minutes != 0 || s.toMinute() % minutes != 0)) {
      problems.error(
          at,
          "periods of "
              + name
              + " change within an interval of "
              + interval
              + ": take a shorter one");
    }
    if (user == null && !tariff.extras().isEmpty() && !fields.isWritten("tariff_extras")) {
      problems.warning(
          fields.at("tariff"),
          name
              + " has sharp peak or deep valley: say tariff_extras: true if they apply to this"
              + " site, or false");
    }
    named.add(user == null ? tariff : tariff.of(user));
  }

  /** Twice the slowest record period, so that one late sample does not make a revision. */
  private Duration usualCloseAfter() {
    Duration slowest = Duration.ZERO;
    for (DeviceReader.Declared declared : devices.values()) {
      Device device = declared.device();
      if (device != null && device.record().compareTo(slowest) > 0) {
        slowest = device.record();
      }
    }
    Duration twice = slowest.multipliedBy(2);
    if (twice.compareTo(LEAST_CLOSE) < 0) {
      return LEAST_CLOSE;
    }
    return twice.compareTo(MOST_CLOSE) > 0 ? MOST_CLOSE : twice;
  }

  private List<Meter> meters(String interval, Duration interpolated) {
    Map<String, Placed> meters = new LinkedHashMap<>();
    for (Fields meter : fields.groups("meters", Section.METER)) {
      Placed placed = meter(meter);
      Placed first = meters.putIfAbsent(placed.meter().id(), placed);
      if (first != null && meter.has("id")) {
        problems.error(
            meter.valueAt("id"),
            "meter "
                + placed.meter().id()
                + " is here for the second time; the first is in line "
                + first.fields().at().line());
      }
    }
    if (meters.isEmpty()) {
      if (fields.items("meters").isEmpty() && !devices.isEmpty()) {
        problems.warning(
            fields.isWritten("meters") ? fields.at("meters") : site.at("metering"),
            "no meters: readings are kept and sent, but no energy or carbon figures are made");
      }
      return List.of();
    }
    couplings(meters);
    grid(meters);
    exports(meters);
    parents(meters);
    registers(meters);
    chps(meters);
    rare(meters, interval, interpolated);
    List<Meter> readable = new ArrayList<>();
    for (Placed placed : meters.values()) {
      if (placed.readable()) {
        readable.add(placed.meter());
      }
    }
    return Meter.withOwnHeat(readable);
  }

  /** Readings that are farther apart than an interval, and than what is interpolated. */
  private void rare(Map<String, Placed> meters, String interval, Duration interpolated) {
    Duration base = Objects.requireNonNull(Words.duration(interval));
    for (Placed placed : meters.values()) {
      Device device = device(placed);
      Duration record = device == null ? Duration.ZERO : device.record();
      if (device != null
          && device.groups().isEmpty()
          && record.compareTo(base) > 0
          && record.compareTo(interpolated) > 0) {
        problems.warning(
            placed.fields().valueAt("device"),
            new Sentence(
                "%s has a reading every %s only: no interval of %s is measured; ask it more often, or make interval longer"
                    .formatted(device.id(), Words.text(record), interval),
                "%s 每 %s 才有一个读数，%s 的时段都无法实测：请缩短采集周期，或加长 interval"
                    .formatted(device.id(), Words.text(record), interval)));
      }
    }
  }

  private boolean own(Fields meter, Role role) {
    if (meter.has("own") && role != Role.HEAT) {
      problems.error(meter.at("own"), "own is for role heat, not " + role.word());
    }
    return meter.flag("own", false);
  }

  private Placed meter(Fields meter) {
    meter.require("id", "the meter's name in metric names");
    String id = meter.text("id", "?" + meter.at().line());
    if (meter.has("id") && !Words.isId(id)) {
      problems.error(meter.valueAt("id"), "'" + id + "' is no id: 1 to 64 of A-Z a-z 0-9 _ -");
    }
    meter.require("role", "one of " + String.join(" ", ROLES.keySet().stream().sorted().toList()));
    Role role = meter.<@Nullable Role>choice("role", ROLES, null);
    Device device = null;
    boolean readable = false;
    if (meter.require("device", "the id of the device that measures it")) {
      String name = meter.text("device", "?");
      DeviceReader.Declared declared = devices.get(name);
      if (declared == null) {
        problems.error(
            meter.valueAt("device"),
            new Sentence(
                "no device is called '" + name + "'" + Words.instead(name, devices.keySet()),
                "没有叫 " + name + " 的仪表"));
      } else {
        device = declared.device();
        readable = device != null;
      }
    }
    boolean reverse = meter.flag("reverse", false);
    if (role != null) {
      sizes(meter, role);
      rate(meter, role, device);
      if (device != null) {
        suits(meter, role, device.profile(), reverse);
      }
    }
    if (device != null && reverse && device.profile().kind().isSource()) {
      problems.warning(
          meter.at("reverse"),
          "reverse is for a meter whose CT is the wrong way round; "
              + device.id()
              + " reports its own power");
    }
    Role used = role == null ? Role.LOAD : role;
    return new Placed(
        new Meter(
            id,
            meter.text("device", "?"),
            used,
            number(meter, "rated_kw"),
            reverse,
            meter.text("parent"),
            number(meter, "capacity_kwh"),
            number(meter, "round_trip", "0.3", "1"),
            number(meter, "volume_m3"),
            number(meter, "gas_celsius", "-20", "40"),
            number(meter, "max_rate", "0.000001", "1000000000"),
            chp(meter, used),
            exchanges(meter),
            Coupling.AC,
            input(meter),
            nozzle(meter, used, device),
            gas(meter, used, device),
            accuracy(meter, used, device),
            own(meter, used)),
        readable,
        role != null,
        meter);
  }

  private Nozzle nozzle(Fields meter, Role role, @Nullable Device device) {
    if (role != Role.H2_DISPENSER) {
      NOZZLE.stream()
          .filter(meter::has)
          .forEach(
              key ->
                  problems.error(
                      meter.at(key), key + " is for role h2_dispenser, not " + role.word()));
      return Nozzle.USUAL;
    }
    double nominal = number(meter, "nominal_mpa", "10", "100");
    boolean inVehicle = meter.choice("temperature_of", TEMPERATURES, false);
    boolean tells = device != null && RoleNeeds.tellsFullness(device.profile());
    if (tells && inVehicle && Double.isNaN(nominal)) {
      problems.warning(
          meter.at("role"),
          new Sentence(
              "without nominal_mpa, 35 or 70, nobody knows how full a vehicle is that was"
                  + " refuelled",
              "未设 nominal_mpa（35 或 70），无法判断车辆加满程度"));
    } else if (tells && !Double.isNaN(nominal) && !meter.has("temperature_of")) {
      problems.warning(
          meter.at("nominal_mpa"),
          new Sentence(
              "by the temperature at the nozzle nobody knows how full a vehicle is: set"
                  + " temperature_of: vehicle if it is that of the gas in the vehicle's tank, else"
                  + " temperature_of: nozzle",
              "枪口温度不能说明车辆加满程度：若设备报的是车载储罐内气体的温度，请设"
                  + " temperature_of: vehicle，否则设 temperature_of: nozzle"));
    }
    double vent = number(meter, "vent_mpa", "0.1", "10");
    double hose = number(meter, "hose_l", "0", "100");
    return new Nozzle(
        inVehicle ? nominal : Double.NaN,
        meter.duration(
            "fill_pause", Duration.ofSeconds(10), Duration.ofHours(1), Nozzle.USUAL.pause()),
        Double.isNaN(vent) ? Nozzle.USUAL.ventMpa() : vent,
        Double.isNaN(hose) ? 0 : hose);
  }

  /** What its classes say; null where nothing is written. */
  private @Nullable Accuracy accuracy(Fields meter, Role role, @Nullable Device device) {
    boolean transformed = meter.has("ct_class");
    if (!meter.has("class")) {
      if (transformed) {
        meter.require("class", "the meter's own, beside ct_class");
      }
      return null;
    }
    double own = accuracyClass(meter, "class");
    double transformers = transformed ? accuracyClass(meter, "ct_class") : 0;
    if (role == Role.H2_STORAGE) {
      problems.error(meter.at("class"), "class is for what counts, not for role h2_storage");
    } else if (transformed && !role.isElectric()) {
      problems.error(meter.at("ct_class"), "ct_class is for electricity, not role " + role.word());
    } else if (!transformed && device != null && device.ct().compareTo(BigDecimal.ONE) > 0) {
      problems.warning(
          meter.at("class"),
          new Sentence(
              device.id()
                  + " has current transformers (ct "
                  + device.ct().toPlainString()
                  + "): set ct_class, or the uncertainty leaves them out",
              device.id() + " 配有电流互感器：请设 ct_class，否则不确定度不含互感器误差"));
    }
    return new Accuracy(own, transformers);
  }

  /** A class in percent: {@code 0.5}, {@code 0.2S}, {@code B}. */
  private double accuracyClass(Fields meter, String key) {
    String text = meter.text(key, "");
    String percent = LETTERS.getOrDefault(text, text.replaceFirst("(?<=^0\\.[125])S$", ""));
    BigDecimal number = Words.decimal(percent);
    if (number == null
        || number.compareTo(new BigDecimal("0.01")) < 0
        || number.compareTo(BigDecimal.TEN) > 0) {
      problems.error(
          meter.valueAt(key),
          new Sentence(
              "'" + text + "' is no accuracy class: write 0.2S, 0.5S, 1, B or its percent",
              "“" + text + "”不是准确度等级：请写 0.2S、0.5S、1、B 或百分数"));
      return 1;
    }
    return number.doubleValue();
  }

  private Gas gas(Fields meter, Role role, @Nullable Device device) {
    if (role != Role.GAS) {
      GAS.stream()
          .filter(meter::has)
          .forEach(
              key -> problems.error(meter.at(key), key + " is for role gas, not " + role.word()));
      return Gas.AS_COUNTED;
    }
    boolean raw = meter.flag("gas_raw", false);
    double kilopascals = number(meter, "gas_kpa", "90", "110");
    double celsius = number(meter, "actual_celsius", "-40", "80");
    double gauge = number(meter, "actual_kpa", "0", "10000");
    if (raw && device != null) {
      state(meter, "actual_celsius", "temperature", device, Quantity.TEMPERATURE);
      state(meter, "actual_kpa", "pressure", device, Quantity.PRESSURE);
    }
    if (raw ? meter.has("gas_kpa") : meter.has("actual_celsius") || meter.has("actual_kpa")) {
      problems.error(
          meter.at("role"),
          "gas_kpa is for a meter that corrects, actual_celsius and actual_kpa for one with"
              + " gas_raw: true");
    }
    return new Gas(
        raw, Double.isNaN(kilopascals) ? Site.Place.STANDARD_KPA : kilopascals, celsius, gauge);
  }

  /** What corrects a raw volume is measured by the device, or written down. */
  private void state(Fields meter, String key, String what, Device device, Quantity quantity) {
    if (!meter.has(key) && !RoleNeeds.measures(device.profile(), quantity)) {
      problems.error(
          meter.at("gas_raw"),
          new Sentence(
              "gas_raw needs the gas's "
                  + what
                  + ": "
                  + device.id()
                  + " has no such point, so set "
                  + key,
              "gas_raw 需要气体的" + quantity.chinese() + "：" + device.id() + " 没有该测点，请设 " + key));
    }
  }

  private static String input(Fields meter) {
    return meter.choice("input", INPUTS, Meter.ALL_INPUTS);
  }

  private static double number(Fields meter, String key) {
    return number(meter, key, "0.001", "10000000");
  }

  private static double number(Fields meter, String key, String least, String most) {
    BigDecimal number = meter.decimal(key, least, most);
    return number == null ? Double.NaN : number.doubleValue();
  }

  private void sizes(Fields meter, Role role) {
    if (role.isElectric()) {
      meter.require("rated_kw", "the greatest power it can have, to tell a wrong reading");
    }
    if (role == Role.H2_STORAGE) {
      meter.require("volume_m3", "the vessel's volume, for the mass in it");
    } else if (meter.has("volume_m3")) {
      problems.error(meter.at("volume_m3"), "volume_m3 is for role h2_storage, not " + role.word());
    }
    for (String key : List.of("capacity_kwh", "round_trip")) {
      if (role != Role.BATTERY && meter.has(key)) {
        problems.error(meter.at(key), key + " is for role battery, not " + role.word());
      }
    }
    if (role == Role.GAS) {
      meter.require(
          "gas_celsius", "the temperature that its volume refers to, 20 on most meters, 0 for Nm3");
    } else if (meter.has("gas_celsius")) {
      problems.error(meter.at("gas_celsius"), "gas_celsius is for role gas, not " + role.word());
    }
  }

  /** The log of exchanged devices. */
  private List<Exchange> exchanges(Fields meter) {
    List<Exchange> exchanges = new ArrayList<>();
    for (Fields fields : meter.groups("exchange", Section.EXCHANGE)) {
      fields.require("at", "local time, such as 2026-06-18T10:30");
      fields.require("point", "the register, such as energy_import");
      fields.require("old", "what the old device read in the end");
      fields.require("new", "what the new one began with");
      LocalDateTime at = localTime(fields);
      Point point = Point.find(fields.text("point", ""));
      if (fields.has("point") && point == null) {
        problems.error(
            fields.valueAt("point"), "'" + fields.text("point") + "' is no point of a device");
      }
      BigDecimal old = fields.decimal("old", "0", "1000000000000");
      BigDecimal fresh = fields.decimal("new", "0", "1000000000000");
      if (at != null && point != null && old != null && fresh != null) {
        exchanges.add(new Exchange(at, point, Micros.of(old), Micros.of(fresh)));
      }
    }
    exchanges.sort(Comparator.comparing(Exchange::at).thenComparing(each -> each.point().name()));
    for (int i = 1; i < exchanges.size(); i++) {
      Exchange each = exchanges.get(i);
      if (each.at().equals(exchanges.get(i - 1).at())
          && each.point().equals(exchanges.get(i - 1).point())) {
        problems.error(
            meter.at("exchange"),
            new Sentence(
                "exchange has %s at %s twice: leave the wrong one out"
                    .formatted(each.point().name(), each.at()),
                "exchange 里 %s 在 %s 写了两次：请删掉错的一条".formatted(each.point().name(), each.at())));
      }
    }
    return exchanges;
  }

  private @Nullable LocalDateTime localTime(Fields fields) {
    String text = fields.text("at");
    if (text == null) {
      return null;
    }
    try {
      return LocalDateTime.parse(text);
    } catch (DateTimeException e) {
      problems.error(
          fields.valueAt("at"), "'" + text + "' is no local time such as 2026-06-18T10:30");
      return null;
    }
  }

  /** How its fuel is shared; null if the file does not say. */
  private @Nullable Chp chp(Fields meter, Role role) {
    List<String> keys = List.of("fuel", "heat", "heat_efficiency", "power_efficiency");
    List<String> written = keys.stream().filter(meter::has).toList();
    if (written.isEmpty()) {
      return null;
    }
    if (role != Role.CHP) {
      problems.error(
          meter.at(written.getFirst()),
          written.getFirst() + " is for role chp, not " + role.word());
      return null;
    }
    meter.require("fuel", "id of the gas meter that counts what it burns");
    meter.require("heat", "id of the heat meter that counts what it gives");
    meter.require("heat_efficiency", "of a boiler that would make the heat, such as 0.8");
    meter.require("power_efficiency", "of a power station that would make the rest, such as 0.35");
    BigDecimal heat = meter.decimal("heat_efficiency", "0.01", "1");
    BigDecimal power = meter.decimal("power_efficiency", "0.01", "1");
    String fuel = meter.text("fuel");
    String heatMeter = meter.text("heat");
    return heat == null || power == null || fuel == null || heatMeter == null
        ? null
        : new Chp(fuel, heatMeter, heat, power);
  }

  /** The fuel is gas and the heat is heat. */
  private void chps(Map<String, Placed> meters) {
    for (Placed placed : meters.values()) {
      Chp chp = placed.meter().chp();
      if (chp != null) {
        belongs(placed, "fuel", meters.get(chp.fuel()), Role.GAS, meters);
        belongs(placed, "heat", meters.get(chp.heat()), Role.HEAT, meters);
      }
    }
  }

  private void belongs(
      Placed chp, String key, @Nullable Placed other, Role role, Map<String, Placed> meters) {
    String id = chp.fields().text(key, "?");
    if (other == null) {
      problems.error(
          chp.fields().valueAt(key),
          "no meter is called '" + id + "'" + Words.instead(id, meters.keySet()));
    } else if (other.meter().role() != role) {
      problems.error(
          chp.fields().valueAt(key), "meter " + id + " does not have role " + role.word());
    }
  }

  private void rate(Fields meter, Role role, @Nullable Device device) {
    boolean counts = role == Role.GAS || role == Role.HEAT || role == Role.H2_DISPENSER;
    boolean bound = meter.has("max_rate") || meter.has("rated_kw");
    if (counts && device != null && !bound && !RoleNeeds.isBound(role, device.profile())) {
      problems.warning(
          meter.at("role"),
          new Sentence(
              "without max_rate a wrong reading shows only against the register's own history: set"
                  + " max_rate to the most that it can count in an hour",
              "未设 max_rate，异常读数只能靠历史判断：请设为每小时最大增量"));
    }
    if (meter.has("max_rate") && !counts) {
      problems.error(
          meter.at("max_rate"),
          "max_rate is for roles gas, heat and h2_dispenser; "
              + role.word()
              + (role.isElectric() ? " has rated_kw" : " counts nothing"));
    }
  }

  private void suits(Fields meter, Role role, DeviceProfile profile, boolean reverse) {
    String lacks = RoleNeeds.lacking(role, profile, reverse);
    if (lacks != null) {
      problems.error(
          meter.valueAt("role"),
          "role " + role.word() + " does not suit profile " + profile.name() + ": " + lacks);
    }
  }

  private void grid(Map<String, Placed> meters) {
    List<Placed> gates =
        meters.values().stream().filter(placed -> placed.meter().role() == Role.GRID).toList();
    if (gates.isEmpty() && meters.values().stream().allMatch(Placed::clear)) {
      problems.error(
          fields.at("meters"),
          new Sentence(
              "no meter has role grid: exactly one measures the site's gate; meters that are only"
                  + " to be read need no metering",
              "没有关口表：要有且只有一个用途为 grid 的计量点；只采集不计算的仪表不必写进 metering"));
    }
    for (int i = 1; i < gates.size(); i++) {
      problems.error(
          gates.get(i).fields().valueAt("role"),
          new Sentence(
              "meter "
                  + gates.get(i).meter().id()
                  + " has role grid, as "
                  + gates.getFirst().meter().id()
                  + " in line "
                  + gates.getFirst().fields().at().line()
                  + " has: exactly one measures the site's gate",
              "关口表只能有一个：%s 和第 %d 行的 %s 都是 grid"
                  .formatted(
                      gates.get(i).meter().id(),
                      gates.getFirst().fields().at().line(),
                      gates.getFirst().meter().id())));
    }
  }

  /** What a source gives to the grid is told by the gate alone; not told, it is not zero. */
  private void exports(Map<String, Placed> meters) {
    Placed source =
        meters.values().stream()
            .filter(placed -> placed.clear() && SOURCES.contains(placed.meter().role()))
            .findFirst()
            .orElse(null);
    if (source == null) {
      return;
    }
    for (Placed gate : meters.values()) {
      DeviceReader.Declared declared = devices.get(gate.meter().device());
      Device device = declared == null ? null : declared.device();
      if (device == null || !gate.clear() || gate.meter().role() != Role.GRID) {
        continue;
      }
      String lacks = RoleNeeds.cannotExport(device.profile(), gate.meter().reverse());
      if (lacks != null) {
        problems.error(
            gate.fields().valueAt("device"),
            "meter %s, role %s in line %d, may give to the grid, and profile %s cannot tell: %s;"
                    .formatted(
                        source.meter().id(),
                        source.meter().role().word(),
                        source.fields().at().line(),
                        device.profile().name(),
                        lacks)
                + " take a gate meter that counts both directions");
      }
    }
  }

  /**
   * On which side of an inverter sources are counted: as the site file says, else as the profile
   * does. An inverter that shares its unit id with a battery behind it is a hybrid.
   */
  private void couplings(Map<String, Placed> meters) {
    List<Placed> batteries = new ArrayList<>();
    for (Placed placed : meters.values()) {
      if (placed.meter().role() == Role.BATTERY && side(placed) == Coupling.DC) {
        batteries.add(placed);
      }
    }
    List<Placed> panels = new ArrayList<>();
    for (Placed placed : meters.values()) {
      if (placed.meter().role() == Role.PV && side(placed, batteries) == Coupling.DC) {
        panels.add(placed);
      } else if (placed.fields().isWritten("input")) {
        problems.error(placed.fields().at("input"), INPUT_IS_FOR);
      }
      if (placed.fields().isWritten("coupling") && !COUPLED.contains(placed.meter().role())) {
        problems.error(
            placed.fields().at("coupling"),
            "coupling is for roles pv and battery, not " + placed.meter().role().word());
      }
    }
    batteries.removeIf(battery -> !isBehind(battery, panels));
    for (Placed each : panels) {
      if (isBalanced(each, !batteries.isEmpty())) {
        meters.put(each.meter().id(), each.on(Coupling.DC));
      }
    }
    batteries.forEach(each -> meters.put(each.meter().id(), each.on(Coupling.DC)));
  }

  /** What the site file says, else the profile; null if neither does. */
  private @Nullable Coupling side(Placed placed) {
    Device device = device(placed);
    Coupling usual = device == null ? null : device.profile().coupling();
    return placed.fields().<@Nullable Coupling>choice("coupling", ProfileReader.COUPLINGS, usual);
  }

  private @Nullable Coupling side(Placed panels, List<Placed> batteries) {
    Coupling said = side(panels);
    DeviceReader.Declared inverter = devices.get(panels.meter().device());
    boolean shares =
        inverter != null
            && batteries.stream()
                .map(battery -> devices.get(battery.meter().device()))
                .anyMatch(battery -> battery != null && battery.isOneUnitWith(inverter));
    if (said == Coupling.AC && shares) {
      problems.warning(
          panels.fields().at("coupling"),
          new Sentence(
              "the AC of this inverter is its battery's as well: with coupling: ac what the battery"
                  + " gives counts twice, as PV and as discharge",
              "该逆变器的交流侧也包含储能放电：coupling: ac 会把放电既算成光伏又算成放电，重复计算"));
    }
    return said == null && shares ? Coupling.DC : said;
  }

  private @Nullable Device device(Placed placed) {
    DeviceReader.Declared declared = devices.get(placed.meter().device());
    return declared == null ? null : declared.device();
  }

  /** Whether a battery's inverter is there, whose own AC it needs; a problem says if not. */
  private boolean isBehind(Placed battery, List<Placed> panels) {
    DeviceReader.Declared declared = devices.get(battery.meter().device());
    boolean written = battery.fields().isWritten("coupling");
    boolean shares =
        declared != null
            && panels.stream()
                .map(each -> devices.get(each.meter().device()))
                .anyMatch(inverter -> inverter != null && inverter.isOneUnitWith(declared));
    if (declared == null || shares || (written && !panels.isEmpty())) {
      return true;
    }
    Sentence why =
        new Sentence(
            "battery %s is counted behind a hybrid inverter, and no meter of role pv is that"
                    .formatted(battery.meter().id())
                + " inverter: what it loses counts as load; add one, with coupling: dc",
            "储能 %s 计在混合逆变器的直流侧，但没有用途为 pv 的计量点指向该逆变器：逆变损耗会算进用电；请加上，并写 coupling: dc"
                .formatted(battery.meter().id()));
    if (written) {
      problems.error(battery.fields().valueAt("coupling"), why);
    } else {
      problems.warning(battery.fields().valueAt("device"), why);
    }
    return false;
  }

  /** Whether a hybrid inverter tells enough for the balance; a problem says what it lacks. */
  private boolean isBalanced(Placed panels, boolean charges) {
    Device device = device(panels);
    if (device == null) {
      return false;
    }
    Yaml at =
        panels.fields().isWritten("coupling")
            ? panels.fields().valueAt("coupling")
            : panels.fields().valueAt("device");
    Sentence lacks = RoleNeeds.lackingBehindInverter(device.profile(), panels.meter().input());
    if (lacks != null) {
      problems.error(
          at,
          new Sentence(
              "%s is a hybrid inverter here, and profile %s cannot be balanced: %s"
                  .formatted(device.id(), device.profile().name(), lacks.english()),
              "%s 在这里是混合逆变器，型号文件 %s 的数据无法平衡：%s"
                  .formatted(device.id(), device.profile().name(), lacks.chinese())));
      return false;
    }
    if (charges && RoleNeeds.cannotAbsorb(device.profile())) {
      problems.warning(
          at,
          new Sentence(
              "%s does not tell what it takes from the busbar: intervals in which its battery is"
                      .formatted(device.id())
                  + " charged from there are suspect",
              "%s 没有从母线吸收电量的数据：由电网给储能充电的时段会标为可疑".formatted(device.id())));
    }
    return true;
  }

  private void parents(Map<String, Placed> meters) {
    for (Placed placed : meters.values()) {
      String parent = placed.meter().parent();
      if (parent == null) {
        continue;
      }
      Placed above = meters.get(parent);
      Yaml at = placed.fields().valueAt("parent");
      if (above == null) {
        problems.error(
            at, "no meter is called '" + parent + "'" + Words.instead(parent, meters.keySet()));
      } else if (placed.meter().role() == Role.GRID) {
        problems.error(
            at,
            new Sentence(
                "role grid measures the gate, which has nothing above it: leave parent out",
                "用途为 grid 的是关口表，上面没有别的表：请删掉 parent"));
      } else if (above.meter().role().isElectric() != placed.meter().role().isElectric()) {
        problems.error(at, "meter " + parent + " does not measure the same thing");
      } else if (comesRound(placed.meter(), meters)) {
        problems.error(at, "meter " + placed.meter().id() + " would be its own parent");
      }
    }
  }

  private static boolean comesRound(Meter meter, Map<String, Placed> meters) {
    Set<String> seen = new HashSet<>();
    Placed next = meters.get(meter.id());
    while (next != null && next.meter().parent() != null) {
      if (!seen.add(next.meter().id())) {
        return true;
      }
      next = meters.get(next.meter().parent());
    }
    return false;
  }

  /** The same registers under two meters would be counted twice. */
  private void registers(Map<String, Placed> meters) {
    Map<String, Placed> taken = new LinkedHashMap<>();
    for (Placed placed : meters.values()) {
      Meter meter = placed.meter();
      String side = meter.isBehindInverter() && meter.role() == Role.PV ? meter.input() : "";
      String registers = meter.device() + " " + RoleNeeds.registers(meter.role()) + side;
      Placed first = taken.putIfAbsent(registers, placed);
      if (first != null && placed.fields().has("device")) {
        problems.error(
            placed.fields().valueAt("device"),
            "meter "
                + meter.id()
                + " counts the same registers of "
                + meter.device()
                + " as "
                + first.meter().id()
                + " in line "
                + first.fields().at().line());
      }
    }
  }
}
