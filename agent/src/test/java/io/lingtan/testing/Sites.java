package io.lingtan.testing;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.Certificates;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.Kind;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.FactorTable;
import io.lingtan.agent.site.FactorTable.Factor;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Site.Allocation;
import io.lingtan.agent.site.Site.Meter;
import io.lingtan.agent.site.Site.Nozzle;
import io.lingtan.agent.site.Tariff;
import io.lingtan.agent.site.correction.Corrections;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Puts a site together for a test, meter by meter. */
public final class Sites {

  private final List<Device> devices = new ArrayList<>();
  private final List<Meter> meters = new ArrayList<>();
  private List<String> methods = List.of("location");
  private Certificates certificates = Certificates.NONE;
  private final List<FactorTable> tables = new ArrayList<>();
  private String base = "15m";
  private ZoneId zone = ZoneId.of("Asia/Shanghai");
  private Allocation allocation = Allocation.PRIORITY;
  private Duration closeAfter = Duration.ofSeconds(30);
  private double airKpa = Site.Place.STANDARD_KPA;
  private Path journal = Path.of("journal.db");
  private @Nullable Tariff tariff;
  private Duration keep = Site.Metering.USUAL_KEEP;
  private int closed;

  /** A site with a gate, PV, a battery, two loads, an electrolyser and a dispenser. */
  public static Sites microgrid() {
    return new Sites()
        .meter("grid", Role.GRID, Kind.METER, 400, "energy_import", "energy_export", "power")
        .meter("pv", Role.PV, Kind.INVERTER, 160, "energy_generated", "power")
        .meter("bat", Role.BATTERY, Kind.BATTERY, 250, "energy_charged", "energy_discharged")
        .meter("hall", Role.LOAD, Kind.METER, 200, "energy_import")
        .meter("ely", Role.ELECTROLYSER, Kind.METER, 100, "energy_import", "mass")
        .meter("nozzle", Role.H2_DISPENSER, Kind.SENSOR, 0, "mass")
        .jiangsu();
  }

  /** The pressure of the air, where the site is not at sea level. */
  public Sites air(double kilopascals) {
    airKpa = kilopascals;
    return this;
  }

  /** A dispenser of hydrogen, {@code nozzle} at {@code nozzle-dev}. */
  public Sites nozzle(Nozzle nozzle, String... points) {
    List<RegisterPoint> registers = new ArrayList<>();
    for (String point : points) {
      registers.add(register(point, registers.size() * 2));
    }
    var parts = new MeterParts();
    parts.nozzle = nozzle;
    Meter meter = parts.meter("nozzle", "nozzle-dev", Role.H2_DISPENSER);
    return meter(meter, Kind.SENSOR, registers);
  }

  /** A meter and its device, which has the same id with {@code -dev} behind it. */
  public Sites meter(String id, Role role, Kind kind, double ratedKw, String... points) {
    List<RegisterPoint> registers = new ArrayList<>();
    for (String point : points) {
      registers.add(register(point, registers.size() * 2));
    }
    return meter(
        Parts.meter(id, id + "-dev", role, ratedKw, false, null, 0, Double.NaN, 0, Double.NaN),
        kind,
        registers);
  }

  public Sites meter(Meter meter, Kind kind, List<RegisterPoint> registers) {
    return meter(meter, kind, registers, Map.of());
  }

  /** One whose device holds back what stays within these deadbands. */
  public Sites meter(
      Meter meter, Kind kind, List<RegisterPoint> registers, Map<Point, Long> deadband) {
    DeviceProfile profile =
        Parts.profile(
            "test",
            kind,
            DeviceProfile.Protocol.MODBUS,
            "nobody",
            "none",
            "none",
            true,
            registers,
            new LinkedHashMap<>(),
            Map.of(),
            125,
            Duration.ZERO,
            false);
    devices.add(
        Parts.device(
            meter.device(),
            profile,
            devices.size() + 1,
            null,
            Duration.ofSeconds(1),
            Duration.ofSeconds(10),
            BigDecimal.ONE,
            BigDecimal.ONE,
            deadband,
            null,
            List.of(),
            null,
            null,
            null));
    meters.add(meter);
    return this;
  }

  /** A uint32 register in thousandths of the point's unit, renewed every second. */
  public static RegisterPoint register(String point, int address) {
    return Parts.register(
        Point.of(point),
        3,
        address,
        DeviceProfile.Type.UINT32,
        2,
        DeviceProfile.WordOrder.BIG,
        new BigDecimal("0.001"),
        -1,
        DeviceProfile.Ratio.NONE,
        List.of(),
        BigDecimal.valueOf(1L << 32),
        Duration.ofSeconds(1),
        Long.MIN_VALUE,
        Long.MAX_VALUE,
        Map.of());
  }

  public Sites jiangsu() {
    return factors(
        "2025-47", factor("cn-elec/CN-JS/2023", "CN-JS", "location", "0.5827", 2023, null));
  }

  public Sites factors(String version, Factor... factors) {
    tables.add(new FactorTable("test", version, List.of(factors), null));
    return this;
  }

  /** Takes the factors away that it has. */
  public Sites withoutFactors() {
    tables.clear();
    return this;
  }

  /** Scope 2 by the market, too, with these certificates. */
  public Sites market(Certificates.Applied... applied) {
    methods = List.of("location", "market");
    certificates = new Certificates(List.of(applied));
    return this;
  }

  public static Factor factor(
      String id, String region, String basis, String value, int year, @Nullable LocalDate to) {
    return new Factor(
        id,
        "electricity",
        region,
        basis,
        "CO2",
        value,
        "kg/(kW.h)",
        year,
        LocalDate.of(year, 1, 1),
        to,
        "a document",
        "",
        "official",
        null);
  }

  public Sites base(String length) {
    base = length;
    return this;
  }

  public Sites zone(String id) {
    zone = ZoneId.of(id);
    return this;
  }

  public Sites allocation(Allocation rule) {
    allocation = rule;
    return this;
  }

  public Sites closeAfter(Duration after) {
    closeAfter = after;
    return this;
  }

  /** Sharp peak and deep valley apply. */
  public Sites tariff(Tariff periods) {
    tariff = periods;
    return this;
  }

  public Sites keep(Duration energies) {
    keep = energies;
    return this;
  }

  /** The last year whose account is closed. */
  public Sites closed(int year) {
    closed = year;
    return this;
  }

  public Sites journal(Path file) {
    journal = file;
    return this;
  }

  public Site site() {
    Line line =
        new Line.ModbusTcp(
            "line", "127.0.0.1", 502, false, false, 1, false, Duration.ofSeconds(1), devices, null);
    return new Site(
        "gw-test",
        new Site.Place("Test", zone, "CN-JS", Double.NaN, Double.NaN, false, airKpa, Map.of()),
        List.of(line),
        new Site.Metering(
            base,
            allocation,
            Duration.ofMinutes(5),
            closeAfter,
            tariff,
            tariff != null,
            meters,
            false,
            keep,
            Corrections.NONE,
            closed),
        Parts.carbon(List.of(), methods, tables, certificates),
        Parts.mqtt(
            List.of(),
            null,
            null,
            null,
            null,
            null,
            Duration.ZERO,
            60_000,
            false,
            false,
            List.of()),
        new Site.JournalSettings(
            journal, 64_000_000, Duration.ofSeconds(1), journal.resolveSibling("signing.key")),
        new Site.StatusSettings(false, "127.0.0.1", 0, null, true, List.of(), null),
        new Site.ClockSettings(List.of("system"), Duration.ofMinutes(10)),
        Path.of("site.yaml"),
        "0".repeat(64),
        null,
        null,
        null,
        null);
  }
}
