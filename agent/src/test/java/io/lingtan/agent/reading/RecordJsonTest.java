package io.lingtan.agent.reading;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Interval.Span;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The examples of the contract, to the byte. */
final class RecordJsonTest {

  private static final String EPOCH = "5f1c09ab";

  @Test
  void aDataRecordIsWrittenAsTheContractShows() throws IOException {
    Point power = Point.of("power");
    Values values =
        new Values.Builder()
            .put(Point.of("energy_generated"), Micros.parse("18345.67"))
            .put(power, Micros.parse("48215"))
            .build();
    TreeMap<Point, Sample.Stat> stats = new TreeMap<>();
    stats.put(
        power,
        new Sample.Stat(Micros.parse("47910"), Micros.parse("48120.4"), Micros.parse("48310")));
    TreeMap<Point, Reason> bad = new TreeMap<>();
    bad.put(Point.of("temperature"), Reason.SENTINEL);
    Sample sample = new Sample("pv1", "b1", 5, values, stats, bad, null);
    assertGolden("data", new DataRecord(EPOCH, 812340, 812327, 1764060000123L, sample));
  }

  @Test
  void aWhollyFailedPollHasNoValuesAndOneReason() throws IOException {
    Sample sample = Sample.failed("pv1", "b1", 5, Reason.TIMEOUT);
    assertGolden("data-failed", new DataRecord(EPOCH, 812341, 812340, 1764060010123L, sample));
  }

  @Test
  void anUndatedRecordHasBootAndMonotonicMillisecondsInPlaceOfTs() throws IOException {
    Values values =
        new Values.Builder().put(Point.of("power"), 0).state("fault \"E1\"\n停机").build();
    Sample sample = Sample.of("pv1", "b1", 4_321_999_999L, values);
    assertGolden("data-undated", new DataRecord(EPOCH, 7, 0, JournalRecord.UNDATED, sample));
  }

  @Test
  void anIntervalRecordIsWrittenAsTheContractShows() throws IOException {
    String factor = "cn-elec/CN-JS/2023";
    SequencedMap<String, Metric> metrics = new LinkedHashMap<>();
    metrics.put(
        "elec.grid.import",
        new Metric(12_534_000L, "kW.h", Quality.MEASURED, 100, 0, null, null, null));
    metrics.put(
        "co2.scope2.location",
        new Metric(7_303_562L, "kg", Quality.MEASURED, 100, 0, "elec.grid.import", factor, null));
    metrics.put("elec.pv.generation", Metric.missing("kW.h", "pv1: timeout"));
    SequencedMap<String, Span> registers = new LinkedHashMap<>();
    registers.put(
        "grid/energy_import", new Span(Micros.parse("104210.113"), Micros.parse("104222.647")));
    SequencedMap<String, FactorUsed> factors = new LinkedHashMap<>();
    factors.put(factor, new FactorUsed("0.5827", "kg/(kW.h)", "2025-47", true));
    Interval interval =
        new Interval("15m", 1764059400000L, 1764060300000L, 0, metrics, registers, factors);
    String json =
        RecordJson.interval(
            EPOCH,
            812341,
            803118,
            1764060300214L,
            interval,
            new RecordJson.ChainLink("<base64url SHA-256>", null, null));
    String signed = RecordJson.signed(json, "<base64url Ed25519>");
    assertGolden(
        "interval", new IntervalRecord(EPOCH, 812341, 803118, 1764060300214L, "15m", signed));
  }

  @Test
  void anEventRecordIsWrittenAsTheContractShows() throws IOException {
    Event event =
        Event.of("meter.reset", Severity.WARNING, "pv1")
            .with("before", new Event.Decimal(Micros.parse("18345.67")))
            .with("after", new Event.Decimal(0));
    assertGolden("event", new EventRecord(EPOCH, 812342, 811904, "b1", 7, 1764060301000L, event));
  }

  private static void assertGolden(String name, JournalRecord record) throws IOException {
    assertEquals(golden(name), RecordJson.of(record));
  }

  private static String golden(String name) throws IOException {
    try (var in = RecordJsonTest.class.getResourceAsStream(name + ".json")) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8)
          .strip();
    }
  }
}
