package io.lingtan.agent.ledger.code;

import io.lingtan.agent.meter.CheckpointReader;
import io.lingtan.agent.meter.CheckpointWriter;
import io.lingtan.agent.site.Certificates;
import io.lingtan.agent.site.Certificates.Applied;
import io.lingtan.agent.site.Feeds;
import io.lingtan.agent.site.Feeds.BusDay;
import io.lingtan.agent.site.Feeds.Output;
import io.lingtan.agent.site.activity.Activity;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes down what people told, in as few bytes as it takes. Activities come first, behind a number
 * that is no count: without any the bytes are those that older software wrote and reads.
 */
public final class FeedCodec {

  private static final long ACTIVITIES = -1;
  private static final List<Activity.Kind> KINDS = List.of(Activity.Kind.values());

  private FeedCodec() {}

  public static void write(Feeds feeds, CheckpointWriter to) {
    if (!feeds.activities().isEmpty()) {
      to.number(ACTIVITIES).number(feeds.activities().size());
      for (Activity row : feeds.activities()) {
        to.number(row.day().toEpochDay()).number(KINDS.indexOf(row.kind())).text(row.what());
        to.number(row.micros()).text(row.told()).text(row.by()).text(row.document());
      }
    }
    to.number(feeds.buses().size());
    for (BusDay row : feeds.buses()) {
      Long kilograms = row.kilogramsMicros();
      to.number(row.day().toEpochDay()).text(row.bus()).number(row.kilometresMicros());
      to.number(kilograms == null ? -1 : kilograms);
    }
    to.number(feeds.outputs().size());
    for (Output row : feeds.outputs()) {
      to.number(row.month().atDay(1).toEpochDay()).text(row.denominator());
      to.text(row.priceBasis()).number(row.cnyMicros());
    }
    to.number(feeds.certificates().applied().size());
    for (Applied row : feeds.certificates().applied()) {
      to.number(row.month().atDay(1).toEpochDay()).number(row.count());
      to.number(row.vintage().atDay(1).toEpochDay()).text(row.reference());
    }
  }

  public static Feeds read(CheckpointReader from) {
    List<Activity> activities = new ArrayList<>();
    long first = from.number();
    if (first == ACTIVITIES) {
      for (int left = from.count(); left > 0; left--) {
        activities.add(
            new Activity(
                LocalDate.ofEpochDay(from.number()),
                KINDS.get((int) from.number()),
                from.text(),
                from.number(),
                from.text(),
                from.text(),
                from.text()));
      }
      first = from.number();
    }
    List<BusDay> buses = new ArrayList<>();
    for (long left = first; left > 0; left--) {
      LocalDate day = LocalDate.ofEpochDay(from.number());
      String bus = from.text();
      long kilometres = from.number();
      long kilograms = from.number();
      buses.add(new BusDay(day, bus, kilometres, kilograms < 0 ? null : (Long) kilograms));
    }
    List<Output> outputs = new ArrayList<>();
    for (int left = from.count(); left > 0; left--) {
      outputs.add(new Output(month(from), from.text(), from.text(), from.number()));
    }
    List<Applied> certificates = new ArrayList<>();
    for (int left = from.count(); left > 0; left--) {
      certificates.add(new Applied(month(from), from.number(), month(from), from.text()));
    }
    return Feeds.of(buses, outputs, new Certificates(certificates)).with(activities);
  }

  private static YearMonth month(CheckpointReader from) {
    return YearMonth.from(LocalDate.ofEpochDay(from.number()));
  }
}
