package io.lingtan.agent.site;

import io.lingtan.agent.reading.Caption;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Standing;
import io.lingtan.agent.site.correction.CorrectionReader.Grounds;
import io.lingtan.agent.site.correction.Corrections;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A site file, checked.
 *
 * @param gateway {@code [A-Za-z0-9_-]{1,64}}: MQTT client id, topic level and certificate name
 * @param sha256 of the site file's bytes, hex: the configuration's name in {@code meta}
 * @param profiles folder of profiles of the operator's own, null for none
 * @param bill how its electricity is billed, null where nothing is said of it
 * @param fleet who may change this file from afar, null for nobody
 * @param reports folder of forms of the operator's own, null for none
 */
public record Site(
    String gateway,
    Place place,
    List<Line> lines,
    Metering metering,
    Carbon carbon,
    Mqtt mqtt,
    JournalSettings journal,
    StatusSettings status,
    ClockSettings clock,
    Path file,
    String sha256,
    @Nullable Path profiles,
    @Nullable BillTerms bill,
    @Nullable Centre fleet,
    @Nullable Path reports) {

  public Site {
    lines = List.copyOf(lines);
  }

  /** The same with other corrections. */
  public Site correctedBy(Corrections others) {
    return new Site(
        gateway,
        place,
        lines,
        metering.correctedBy(others),
        carbon,
        mqtt,
        journal,
        status,
        clock,
        file,
        sha256,
        profiles,
        bill,
        fleet,
        reports);
  }

  /** Every device of every line, in the file's order. */
  public List<Device> devices() {
    return lines.stream().flatMap(line -> line.devices().stream()).toList();
  }

  /**
   * Where it stands; latitude and longitude in degrees, NaN where not given.
   *
   * @param simulated whether nothing stands there: its meters are software
   * @param airKpa pressure of the air there, by which gauges read less than absolute pressure, kPa
   * @param labels what people call a device by its id, {@code line:ID}, {@code meter:ID}
   */
  public record Place(
      String name,
      ZoneId zone,
      String region,
      double lat,
      double lon,
      boolean simulated,
      double airKpa,
      Map<String, Caption> labels) {

    /** The standard atmosphere, kPa. */
    public static final double STANDARD_KPA = 101.325;

    public Place {
      labels = Map.copyOf(labels);
    }

    /** A real one at sea level. */
    public Place(String name, ZoneId zone, String region, double lat, double lon) {
      this(name, zone, region, lat, lon, false, STANDARD_KPA, Map.of());
    }

    /** Absolute temperature, K. */
    public static double kelvin(double celsius) {
      return celsius + 273.15;
    }

    /** Absolute pressure where a gauge reads so much, MPa. */
    public double absoluteMpa(double gaugeMpa) {
      return gaugeMpa + airKpa / 1000;
    }
  }

  /**
   * How registers become figures.
   *
   * @param interval base interval: {@code 1m 5m 10m 15m 30m}
   * @param maxInterpolation longest gap across which a boundary value counts as measured
   * @param closeAfter how long after its end an interval waits for late samples
   * @param tariff time-of-use periods, null for none
   * @param tariffExtras whether sharp peak and deep valley apply to the site
   * @param allLoadsMetered whether the loads are all metered, so that what they leave over is a
   *     fault
   * @param keep how long energies of base intervals are kept beside the records
   * @param corrections what people put in place of what meters counted
   * @param closed the last year in which nothing is corrected any more, 0 for none
   */
  public record Metering(
      String interval,
      Allocation allocation,
      Duration maxInterpolation,
      Duration closeAfter,
      @Nullable Tariff tariff,
      boolean tariffExtras,
      List<Meter> meters,
      boolean allLoadsMetered,
      Duration keep,
      Corrections corrections,
      int closed) {

    /** Five years, and the days that may be leap days. */
    public static final Duration USUAL_KEEP = Duration.ofDays(5 * 365 + 2);

    public Metering {
      meters = List.copyOf(meters);
    }

    /** The same with other corrections. */
    public Metering correctedBy(Corrections others) {
      return new Metering(
          interval,
          allocation,
          maxInterpolation,
          closeAfter,
          tariff,
          tariffExtras,
          meters,
          allLoadsMetered,
          keep,
          others,
          closed);
    }

    /** What a file of corrections may name. */
    public Grounds grounds(ZoneId zone) {
      return new Grounds(
          zone,
          (int) base().toMinutes(),
          meters.stream().map(Meter::id).toList(),
          Stream.of(Figure.values()).map(Figure::metric).toList());
    }

    /** Length of the base interval. */
    public Duration base() {
      return Duration.ofMinutes(Long.parseLong(interval.substring(0, interval.length() - 1)));
    }
  }

  /** How a source's energy is shared among what takes it. */
  public enum Allocation {
    PRIORITY,
    PROPORTIONAL
  }

  /**
   * A place in the site's energy picture that a device measures.
   *
   * @param id as in metric names and {@code registers}
   * @param device id of the device that measures it
   * @param ratedKw greatest power it can have, in kW: the ceiling for plausibility; NaN for roles
   *     without electricity, if not given
   * @param reverse the CT is wired the wrong way round: import and export change places
   * @param parent id of the meter upstream, whose energy contains this one's
   * @param capacityKwh usable energy of a battery, NaN if not given
   * @param roundTrip what a battery gives per energy taken, AC to AC, 0..1; NaN if not given
   * @param volumeM3 volume of a hydrogen vessel, NaN for other roles
   * @param gasCelsius temperature that a gas meter's volume refers to (at 101.325 kPa), °C; NaN for
   *     other roles
   * @param maxRate the most that it counts in an hour: m³ of gas, kg of hydrogen, kWh of heat; NaN
   *     if not given
   * @param chp how the fuel of combined heat and power is shared; null if that is not declared
   * @param exchanges of the device that were written down, in their order
   * @param coupling on which side of an inverter it counts; {@code AC} for all that is not PV or a
   *     battery
   * @param nozzle of a hydrogen dispenser; the usual one for all other meters
   * @param gas how a gas meter's counts are brought to {@code gasCelsius} and 101.325 kPa
   * @param input of PV counted on the DC side which input: {@code dc} for all of them together,
   *     {@code dc1} to {@code dc4}; {@code dc} for all other meters
   * @param accuracy how far it may be off, null where nothing is said of it
   * @param own of heat, whether it is made at the site of energy that counts already, and not
   *     bought
   */
  public record Meter(
      String id,
      String device,
      Role role,
      double ratedKw,
      boolean reverse,
      @Nullable String parent,
      double capacityKwh,
      double roundTrip,
      double volumeM3,
      double gasCelsius,
      double maxRate,
      @Nullable Chp chp,
      List<Exchange> exchanges,
      Coupling coupling,
      String input,
      Nozzle nozzle,
      Gas gas,
      @Nullable Accuracy accuracy,
      boolean own) {

    /** All the DC inputs of an inverter together. */
    public static final String ALL_INPUTS = "dc";

    public Meter {
      exchanges = List.copyOf(exchanges);
    }

    /**
     * One as its figures need it, at the busbar: without a rating, corrections of its counts and
     * classes; heat that it counts is bought.
     */
    public static Meter plain(
        String id,
        String device,
        Role role,
        @Nullable String parent,
        double capacityKwh,
        double roundTrip,
        double volumeM3,
        double gasCelsius,
        @Nullable Chp chp) {
      return new Meter(
          id,
          device,
          role,
          Double.NaN,
          false,
          parent,
          capacityKwh,
          roundTrip,
          volumeM3,
          gasCelsius,
          Double.NaN,
          chp,
          List.of(),
          Coupling.AC,
          ALL_INPUTS,
          Nozzle.USUAL,
          Gas.AS_COUNTED,
          null,
          false);
    }

    /** The same meters, with the heat of each that combined heat and power names as own. */
    public static List<Meter> withOwnHeat(List<Meter> meters) {
      return meters.stream()
          .map(
              meter ->
                  meters.stream()
                          .map(Meter::chp)
                          .anyMatch(chp -> chp != null && chp.heat().equals(meter.id()))
                      ? meter.ofOwnHeat()
                      : meter)
          .toList();
    }

    /** The same meter of heat that is made at the site. */
    public Meter ofOwnHeat() {
      return with(coupling, input, accuracy, true);
    }

    /** Whether it counts behind a hybrid inverter, and not at the busbar. */
    public boolean isBehindInverter() {
      return coupling == Coupling.DC;
    }

    /** The same meter, counting on that side. */
    public Meter on(Coupling side) {
      return with(side, input, accuracy, own);
    }

    /** The same meter of these classes. */
    public Meter of(@Nullable Accuracy classes) {
      return with(coupling, input, classes, own);
    }

    /** The same meter on that side, at that input, of these classes and of such heat. */
    public Meter with(Coupling side, String at, @Nullable Accuracy classes, boolean ownHeat) {
      return new Meter(
          id,
          device,
          role,
          ratedKw,
          reverse,
          parent,
          capacityKwh,
          roundTrip,
          volumeM3,
          gasCelsius,
          maxRate,
          chp,
          exchanges,
          side,
          at,
          nozzle,
          gas,
          classes,
          ownHeat);
    }
  }

  /**
   * How far a meter may be off, as its classes say: each is the most that it may be off at its
   * rated range, taken as half the width of a rectangular distribution (JCGM 100:2008, 4.3.7).
   *
   * @param meterPercent of the meter
   * @param transformerPercent of its current transformers, 0 where it has none
   */
  public record Accuracy(double meterPercent, double transformerPercent) {

    /** Relative standard uncertainty of what it counts, 1 for all of it. */
    public double relative() {
      return Math.hypot(meterPercent, transformerPercent) / Math.sqrt(3) / 100;
    }
  }

  /**
   * In which state a gas meter counts.
   *
   * @param isRaw whether it counts the gas as it flows: its own or these temperature and pressure
   *     correct it
   * @param kilopascals absolute pressure that the counts of a meter that is not raw refer to
   * @param celsius temperature of the gas where the device does not measure it, NaN if not given
   * @param gaugeKilopascals the same of its pressure above the air's
   */
  public record Gas(boolean isRaw, double kilopascals, double celsius, double gaugeKilopascals) {

    /** At its reference temperature and 101.325 kPa already. */
    public static final Gas AS_COUNTED = new Gas(false, Place.STANDARD_KPA, Double.NaN, Double.NaN);
  }

  /**
   * Where vehicles are refuelled with hydrogen.
   *
   * @param nominalMpa nominal pressure of the vehicles' tanks, 35 or 70; NaN if not given, or if
   *     the temperature that is measured is not said to be that of the gas in the vehicle
   * @param pause a vehicle is gone when nothing was given for so long
   * @param ventMpa pressure of a hose that was vented, because a vehicle leaves, is below this
   * @param hoseLitres what is vented of, where the meter has counted it; 0 if it has not
   */
  public record Nozzle(double nominalMpa, Duration pause, double ventMpa, double hoseLitres) {

    public static final Nozzle USUAL = new Nozzle(Double.NaN, Duration.ofMinutes(2), 1, 0);
  }

  /**
   * Another device was put in the place of a meter's, and somebody wrote down what both read.
   *
   * @param at local time
   * @param point the register
   * @param oldMicros what the old one read in the end, millionths of its unit
   * @param newMicros what the new one began with
   */
  public record Exchange(LocalDateTime at, Point point, long oldMicros, long newMicros) {}

  /**
   * What combined heat and power burns and gives beside electricity.
   *
   * @param fuel id of the gas meter that counts its fuel
   * @param heat id of the heat meter
   * @param heatEfficiency of the boiler that would have made the heat, above 0, at most 1
   * @param powerEfficiency of the power station that would have made the electricity
   */
  public record Chp(
      String fuel, String heat, BigDecimal heatEfficiency, BigDecimal powerEfficiency) {}

  /**
   * Emission factors in use.
   *
   * @param factors names of factor files
   * @param methods {@code location}, {@code market}
   * @param accepted standings of factors that may be used beside official ones
   * @param certificates applied to what was bought
   * @param feeds files of what no meter knows
   * @param dieselLitresPer100Km what the bus would burn that a hydrogen bus stands for; null if not
   *     given
   * @param green what else is told of clean electricity
   */
  public record Carbon(
      List<String> factors,
      List<String> methods,
      List<FactorTable> tables,
      Set<Standing> accepted,
      Certificates certificates,
      List<FeedFile> feeds,
      @Nullable BigDecimal dieselLitresPer100Km,
      Green green) {

    public Carbon {
      accepted = Set.copyOf(accepted);
      factors = List.copyOf(factors);
      methods = List.copyOf(methods);
      tables = List.copyOf(tables);
      feeds = List.copyOf(feeds);
    }

    /** Everything that files tell. */
    public Feeds fed() {
      Feeds all = Feeds.NONE;
      for (FeedFile each : feeds) {
        all = all.and(each.feeds());
      }
      return all;
    }

    /** Whether scope 2 is worked out by this method. */
    public boolean isWorkedOut(String method) {
      return !tables.isEmpty()
          && (methods.isEmpty() ? method.equals("location") : methods.contains(method));
    }
  }

  /**
   * What is told of clean electricity where it is asked for.
   *
   * @param hourly whether load and clean energy are matched hour by hour
   * @param certifiedFrom first hour of each local day that certificates are spread over by the hour
   * @param certifiedTo the hour behind the last
   * @param direct shares that green direct supply (绿电直连) has to keep; null where it is none
   */
  public record Green(
      boolean hourly, int certifiedFrom, int certifiedTo, @Nullable DirectLimits direct) {

    public static final Green NOTHING = new Green(false, 0, 24, null);
  }

  /**
   * Shares that green direct supply has to keep over a year, in percent.
   *
   * @param selfOfAvailable at least, self-used of what was available
   * @param selfOfUse at least, self-used of all that was used
   * @param export at most, exported of what was available
   */
  public record DirectLimits(BigDecimal selfOfAvailable, BigDecimal selfOfUse, BigDecimal export) {}

  /**
   * The broker.
   *
   * @param servers {@code mqtt://host:1883} or {@code mqtts://host:8883}, tried in order; none
   *     where the site file has no {@code mqtt}
   * @param batch 0: data live; else the period in which data travels in batches only
   * @param maxPayload greatest size of a batch in bytes
   * @param state whether {@code state/{device}} is published
   * @param views other forms in which the same values are published
   * @param gzip whether batches are gzipped, to {@code batch/gz}
   * @param spread most that the first connection waits on a machine that has just started
   * @param replyPrefixes beginnings of topics where answers may go beside {@code reply}
   * @param est the EST server that renews {@code cert}, which holds the key too; null for none
   */
  public record Mqtt(
      List<String> servers,
      @Nullable Path ca,
      @Nullable Path cert,
      @Nullable Path key,
      @Nullable String user,
      @Nullable Path passwordFile,
      Duration batch,
      int maxPayload,
      boolean requireAppAck,
      boolean state,
      List<View> views,
      boolean gzip,
      Duration spread,
      List<String> replyPrefixes,
      @Nullable URI est) {
    public Mqtt {
      replyPrefixes = List.copyOf(replyPrefixes);
      servers = List.copyOf(servers);
      views = List.copyOf(views);
    }

    /** Whether there is a broker to send to; else records are kept and shown here alone. */
    public boolean isConfigured() {
      return !servers.isEmpty();
    }

    /** The same on another way. */
    public Mqtt over(Link link) {
      return with(link, views);
    }

    /** What is said on the connection of the records: without the views that have their own. */
    public Mqtt withoutSparkplug() {
      return with(
          new Link(servers, ca, cert, key, user, passwordFile),
          views.stream().filter(view -> !(view instanceof View.Sparkplug)).toList());
    }

    private Mqtt with(Link link, List<View> others) {
      return new Mqtt(
          link.servers(),
          link.ca(),
          link.cert(),
          link.key(),
          link.user(),
          link.passwordFile(),
          batch,
          maxPayload,
          requireAppAck,
          state,
          others,
          gzip,
          spread,
          replyPrefixes,
          est);
    }
  }

  /** A form that others read; it never counts as delivery. */
  public sealed interface View {

    /**
     * Descriptions by which Home Assistant finds the devices of {@code state/{device}}.
     *
     * @param prefix the first level of their topics, as Home Assistant is set
     */
    record HomeAssistant(String prefix) implements View {}

    /**
     * Sparkplug B 3.0, on a connection of its own.
     *
     * @param group Sparkplug's group id; the gateway is the edge node
     * @param primaryHost the host without which nothing is sent; null to ask for none
     * @param link its servers and how it shows who it is: those of the records unless the view has
     *     its own
     */
    record Sparkplug(String group, @Nullable String primaryHost, Link link) implements View {}
  }

  /**
   * A way to brokers of one's own.
   *
   * @param servers in the order in which they are tried, at least one unless the file has errors
   */
  public record Link(
      List<String> servers,
      @Nullable Path ca,
      @Nullable Path cert,
      @Nullable Path key,
      @Nullable String user,
      @Nullable Path passwordFile) {
    public Link {
      servers = List.copyOf(servers);
    }
  }

  /**
   * Where records are kept, most bytes on disk, and how often a transaction is made.
   *
   * @param keyFile where the key lies that interval records are signed with
   */
  public record JournalSettings(Path path, long maxSize, Duration commit, Path keyFile) {}

  /**
   * The status page.
   *
   * @param host address to listen on
   * @param port 0: any free one
   * @param pinFile where the technician's PIN lies
   * @param open whether it is shown without the PIN
   * @param hosts names that the page may be called by beside the machine's own
   * @param tls what it shows over HTTPS; null: it speaks HTTP
   */
  public record StatusSettings(
      boolean enabled,
      String host,
      int port,
      @Nullable Path pinFile,
      boolean open,
      List<String> hosts,
      @Nullable PageTls tls) {
    public StatusSettings {
      hosts = List.copyOf(hosts);
    }

    /** The first part of the page's URL. */
    public String scheme() {
      return tls == null ? "http" : "https";
    }
  }

  /**
   * What the status page shows over HTTPS.
   *
   * @param cert PEM, with the certificates between it and its authority behind it
   * @param key its private key
   */
  public record PageTls(Path cert, Path key) {}

  /**
   * Who may change the site file from afar: whoever signs with the fleet's key.
   *
   * @param key the fleet's public key: 32 bytes of Ed25519, base64url
   * @param keyFile the file that it was read from, null where it stands in the site file
   * @param group the group that this gateway belongs to beside itself, null for none
   * @param confirm how long a change from afar has to show that records still arrive
   */
  public record Centre(
      String key, @Nullable Path keyFile, @Nullable String group, Duration confirm) {}

  /**
   * What vouches for the wall clock.
   *
   * @param trust of {@code ntp rtc phone system}
   */
  public record ClockSettings(List<String> trust, Duration maxHold) {
    public ClockSettings {
      trust = List.copyOf(trust);
    }
  }
}
