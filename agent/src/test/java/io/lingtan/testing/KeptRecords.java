package io.lingtan.testing;

import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.JournalOptions;
import io.lingtan.agent.journal.Outbox;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.JournalRecord.Kind;
import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.PulseTotal;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.VirtualTime;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a gateway that has ended has in its journal, of which this is a copy, and what a meter of
 * {@code pymodbus_meter.py} says that it served.
 */
public final class KeptRecords {

  /** {@code energy_import} of an Eastron SDM630, the maker's input register 30073, kWh. */
  private static final String ENERGY_REGISTER = "72";

  private static final Point ENERGY = Point.of("energy_import");

  private final Map<String, List<JournalRecord>> epochs = new LinkedHashMap<>();
  private final Map<String, PulseTotal> totals;

  /** Opened as by another machine, which ends its epoch. */
  public KeptRecords(Path journalFile) {
    try (Journal journal =
        Journal.open(
            new JournalOptions(journalFile, 64_000_000, "reader"),
            new VirtualTime(System.currentTimeMillis()),
            Randomness.seeded(1))) {
      totals = Map.copyOf(journal.totals());
      try (Outbox outbox = journal.outbox()) {
        journal
            .state()
            .previous()
            .forEach(epoch -> epochs.put(epoch.epoch(), read(outbox, epoch.epoch())));
      }
    }
  }

  private static List<JournalRecord> read(Outbox outbox, String epoch) {
    List<JournalRecord> records = new ArrayList<>();
    long from = 1;
    List<JournalRecord> some;
    do {
      some = outbox.read(epoch, EnumSet.allOf(Kind.class), from, 1000);
      records.addAll(some);
      from = some.isEmpty() ? from : some.getLast().seq() + 1;
    } while (!some.isEmpty());
    return records;
  }

  /** Of each epoch, from the oldest one of which something is to be delivered. */
  public Map<String, List<JournalRecord>> epochs() {
    return epochs;
  }

  /** Of the last epoch. */
  public List<JournalRecord> records() {
    return epochs.isEmpty() ? List.of() : List.copyOf(List.copyOf(epochs.values()).getLast());
  }

  /** By device, of those that ever had one. */
  public Map<String, PulseTotal> totals() {
    return totals;
  }

  /** All of a kind, in their order. */
  public List<Event> events(String name) {
    return records().stream()
        .filter(EventRecord.class::isInstance)
        .map(record -> ((EventRecord) record).event())
        .filter(event -> event.name().equals(name))
        .toList();
  }

  /** Energies that a meter was read to have, in micro kWh, in their order. */
  public List<Long> energies(String device) {
    return records().stream()
        .filter(DataRecord.class::isInstance)
        .map(record -> ((DataRecord) record).sample())
        .filter(sample -> sample.device().equals(device) && sample.values().has(ENERGY))
        .map(sample -> sample.values().micros(ENERGY))
        .toList();
  }

  /** The energies that left the meter, in micro kWh. */
  public static List<Long> served(String log) {
    return log.lines()
        .map(line -> line.split(" "))
        .filter(word -> word.length == 4 && word[2].equals(ENERGY_REGISTER))
        .map(word -> Float.intBitsToFloat(Integer.parseUnsignedInt(word[3], 16)))
        .map(value -> Micros.of(new BigDecimal(Float.toString(value))))
        .toList();
  }
}
