package io.lingtan.agent.ledger;

import io.lingtan.agent.carbon.sheet.Count;
import io.lingtan.agent.ledger.code.MetricsCodec;
import io.lingtan.agent.meter.CheckpointReader;
import io.lingtan.agent.meter.CheckpointWriter;
import io.lingtan.agent.site.Coupling;
import io.lingtan.agent.site.Figure;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Site.Accuracy;
import io.lingtan.agent.site.Site.Allocation;
import io.lingtan.agent.site.Site.Chp;
import io.lingtan.agent.site.Site.Meter;
import io.lingtan.agent.site.correction.Corrections;
import java.math.BigDecimal;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;

/**
 * Whose numbers a kept row holds, and what of the site file figures are worked out by beside
 * factors: the meters as they were then, which the file may not name any more.
 *
 * @param zone in which days begin
 * @param base length of the base interval
 * @param meters all of them; what only concerns readings is left out
 * @param columns what is counted, in the order of the numbers
 */
record Layout(
    ZoneId zone, String base, Allocation allocation, List<Meter> meters, List<Column> columns) {

  /** A meter, by its place, what it counts, and one step of its register in millionths. */
  record Column(int meter, Figure figure, long step) {}

  Layout {
    meters = List.copyOf(meters);
    columns = List.copyOf(columns);
  }

  /**
   * The layout of a site.
   *
   * @param counts of any of its intervals
   */
  static Layout of(Site site, List<Count> counts) {
    List<Meter> meters = site.metering().meters().stream().map(Layout::plain).toList();
    List<String> ids = meters.stream().map(Meter::id).toList();
    return new Layout(
        site.place().zone(),
        site.metering().interval(),
        site.metering().allocation(),
        meters,
        counts.stream()
            .map(count -> new Column(ids.indexOf(count.meter().id()), count.figure(), count.step()))
            .toList());
  }

  private static Meter plain(Meter meter) {
    // Without the state of the gas nobody would know that the class says too little of it.
    return Meter.plain(
            meter.id(),
            meter.device(),
            meter.role(),
            meter.parent(),
            meter.capacityKwh(),
            meter.roundTrip(),
            meter.volumeM3(),
            meter.gasCelsius(),
            meter.chp())
        .with(
            meter.coupling(),
            meter.input(),
            meter.gas().isRaw() ? null : meter.accuracy(),
            meter.own());
  }

  Meter meter(int place) {
    return meters.get(place);
  }

  /** The site as it is now, with the meters and rules of this layout. */
  Site on(Site now) {
    Site.Metering metering = now.metering();
    return new Site(
        now.gateway(),
        new Site.Place(
            now.place().name(), zone, now.place().region(), now.place().lat(), now.place().lon()),
        now.lines(),
        new Site.Metering(
            base,
            allocation,
            metering.maxInterpolation(),
            metering.closeAfter(),
            metering.tariff(),
            metering.tariffExtras(),
            meters,
            metering.allLoadsMetered(),
            metering.keep(),
            Corrections.NONE,
            0),
        now.carbon(),
        now.mqtt(),
        now.journal(),
        now.status(),
        now.clock(),
        now.file(),
        now.sha256(),
        null,
        null,
        null,
        null);
  }

  /**
   * Which meters are behind hybrid inverters, and at which input, and how coarse registers are:
   * older software wrote none of it.
   */
  void writeMore(CheckpointWriter to) {
    for (Meter meter : meters) {
      to.flag(meter.isBehindInverter()).text(meter.input());
    }
    columns.forEach(column -> to.number(column.step));
  }

  /** The same layout with what {@link #writeMore} wrote. */
  Layout readMore(CheckpointReader from) {
    List<Meter> sided = new ArrayList<>();
    for (Meter meter : meters) {
      Coupling side = from.flag() ? Coupling.DC : Coupling.AC;
      sided.add(meter.with(side, from.text(), meter.accuracy(), meter.own()));
    }
    List<Column> stepped =
        columns.stream()
            .map(column -> new Column(column.meter, column.figure, from.number()))
            .toList();
    return new Layout(zone, base, allocation, sided, stepped);
  }

  /** How far meters may be off: software before it wrote nothing of it. */
  void writeAccuracy(CheckpointWriter to) {
    for (Meter meter : meters) {
      Accuracy accuracy = meter.accuracy();
      to.text(accuracy == null ? "" : Double.toString(accuracy.meterPercent()));
      to.text(accuracy == null ? "" : Double.toString(accuracy.transformerPercent()));
    }
  }

  /** The same layout with what {@link #writeAccuracy} wrote. */
  Layout readAccuracy(CheckpointReader from) {
    List<Meter> classed = new ArrayList<>();
    for (Meter meter : meters) {
      String own = from.text();
      String transformers = from.text();
      classed.add(
          own.isEmpty()
              ? meter
              : meter.of(new Accuracy(Double.parseDouble(own), Double.parseDouble(transformers))));
    }
    return new Layout(zone, base, allocation, classed, columns);
  }

  /** Which meters count own heat: software before it wrote nothing of it. */
  void writeOwn(CheckpointWriter to) {
    meters.forEach(meter -> to.flag(meter.own()));
  }

  /** The same layout with what {@link #writeOwn} wrote. */
  Layout readOwn(CheckpointReader from) {
    List<Meter> told =
        meters.stream().map(meter -> from.flag() ? meter.ofOwnHeat() : meter).toList();
    return new Layout(zone, base, allocation, told, columns);
  }

  void write(CheckpointWriter to) {
    to.text(zone.getId()).text(base).text(allocation.name());
    to.number(meters.size());
    for (Meter meter : meters) {
      to.text(meter.id()).text(meter.device()).text(meter.role().name());
      String parent = meter.parent();
      to.text(parent == null ? "" : parent);
      for (double each :
          new double[] {
            meter.capacityKwh(), meter.roundTrip(), meter.volumeM3(), meter.gasCelsius()
          }) {
        to.text(Double.toString(each));
      }
      Chp chp = meter.chp();
      to.flag(chp != null);
      if (chp != null) {
        to.text(chp.fuel()).text(chp.heat());
        to.text(chp.heatEfficiency().toString()).text(chp.powerEfficiency().toString());
      }
    }
    to.number(columns.size());
    columns.forEach(column -> to.number(column.meter).text(column.figure.name()));
  }

  /**
   * @throws IllegalArgumentException if the bytes are torn
   */
  static Layout read(CheckpointReader from) {
    ZoneId zone = ZoneId.of(from.text());
    String base = from.text();
    Allocation allocation = Allocation.valueOf(from.text());
    List<Meter> meters = new ArrayList<>();
    for (int left = from.count(); left > 0; left--) {
      meters.add(
          Meter.plain(
              from.text(),
              from.text(),
              Role.valueOf(from.text()),
              MetricsCodec.orNull(from.text()),
              Double.parseDouble(from.text()),
              Double.parseDouble(from.text()),
              Double.parseDouble(from.text()),
              Double.parseDouble(from.text()),
              from.flag()
                  ? new Chp(
                      from.text(),
                      from.text(),
                      new BigDecimal(from.text()),
                      new BigDecimal(from.text()))
                  : null));
    }
    List<Column> columns = new ArrayList<>();
    for (int left = from.count(); left > 0; left--) {
      columns.add(new Column((int) from.number(), Figure.valueOf(from.text()), 0));
    }
    return new Layout(zone, base, allocation, Meter.withOwnHeat(meters), columns);
  }
}
