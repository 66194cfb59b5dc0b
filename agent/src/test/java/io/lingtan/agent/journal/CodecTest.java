package io.lingtan.agent.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.journal.code.ByteSink;
import io.lingtan.agent.journal.code.ByteSource;
import io.lingtan.agent.journal.code.DamagedSegment;
import io.lingtan.agent.journal.code.DataCodec;
import io.lingtan.agent.journal.code.Names;
import io.lingtan.agent.journal.code.Packing;
import io.lingtan.agent.journal.code.ReportCodec;
import io.lingtan.agent.reading.Caption;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Form;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.RecordJson;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.Randomness;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** What goes into a segment comes out of it, and nothing else ever does. */
final class CodecTest {
  private static final long SEED = 20_251;

  private final RandomGenerator random = Randomness.seeded(SEED);

  private List<DataRecord> anyData(long first) {
    List<DataRecord> records = new ArrayList<>();
    int size = 1 + random.nextInt(60);
    long nanos = random.nextLong(0, 1L << 50);
    for (int i = 0; i < size; i++) {
      nanos += random.nextLong(0, 2_000_000_000L);
      long ts =
          random.nextInt(8) == 0
              ? JournalRecord.UNDATED
              : Bench.START + nanos / 1_000_000L + random.nextInt(3);
      records.add(
          new DataRecord(
              "5f1c09ab",
              first + i,
              random.nextLong(0, first + i),
              ts,
              Bench.anySample(random, "boot-" + random.nextInt(2), nanos)));
    }
    return records;
  }

  @Test
  void anyDataComesBackAsItWas() throws DamagedSegment {
    Names names = new Names();
    DataCodec codec = new DataCodec(names);
    for (int round = 0; round < 500; round++) {
      long first = 1 + random.nextLong(1L << 39);
      List<DataRecord> records = anyData(first);
      byte[] bytes = codec.encode(records);
      assertEquals(
          records,
          codec.decode("5f1c09ab", first, records.size(), bytes),
          "seed " + SEED + ", round " + round);
    }
  }

  private static DataRecord own(long seq, Values values, Point refused) {
    TreeMap<Point, Reason> bad = new TreeMap<>(Map.of(refused, Reason.RANGE));
    Sample sample = new Sample("roof", "boot", seq, values, new TreeMap<>(), bad, null);
    return new DataRecord("5f1c09ab", seq, 0, Bench.START + seq, sample);
  }

  @Test
  void pointsOfAProfilesOwnAreReadWithoutTheProfile() throws DamagedSegment {
    Caption sun = new Caption("Irradiance", "辐照度");
    Point irradiance = Point.own("irradiance", new Form.Decimals(1, "W/m2"), sun, Map.of());
    Point leak = Point.own("leak", new Form.Binary("A"), null, Map.of());
    Point mode = Point.own("mode", new Form.Texts(new TreeMap<>(Map.of(1L, "on"))), null, Map.of());
    Point alarms = Point.own("alarms", new Form.Bits(9), null, Map.of(0, sun));
    Values values =
        new Values.Builder()
            .put(alarms, 9)
            .put(Point.of("power"), 5_000_000)
            .put(leak, java.util.Objects.requireNonNull(leak.form()).held(new BigDecimal("2e-9")))
            .put(mode, 1)
            .put(irradiance, 8_125)
            .build();
    Point wind = Point.own("wind", new Form.Decimals(2, "m/s"), null, Map.of());
    List<DataRecord> records = List.of(own(1, values, wind), own(2, values, leak));
    for (boolean isFull : new boolean[] {false, true}) {
      Names names = new Names();
      for (int i = 0; isFull && i < Names.MOST; i++) {
        names.put(new ByteSink(), "word " + i);
      }
      byte[] bytes = new DataCodec(names).encode(records);
      // Another process, which has no profile: all that it knows is the dictionary of the file.
      Names later = new Names();
      ByteSink dictionary = new ByteSink();
      names.put(dictionary, 0);
      later.takeUp(new ByteSource(dictionary.toBytes()));
      List<DataRecord> read = new DataCodec(later).decode("5f1c09ab", 1, 2, bytes);
      assertEquals(records, read);
      assertEquals("W/m2", read.getFirst().sample().values().point(2).ucum());
      String json = RecordJson.of(read.getFirst());
      assertEquals(RecordJson.of(records.getFirst()), json);
      assertTrue(
          json.contains(
              "\"values\":{\"power\":5.0,\"alarms\":[0,3],\"irradiance\":812.5,"
                  + "\"leak\":0.000000002,\"mode\":\"on\"},\"bad\":{\"wind\":\"range\"}"),
          json);
    }
  }

  @Test
  void moreWordsThanTheDictionaryTakesAreSpeltOut() throws DamagedSegment {
    Names names = new Names();
    ByteSink to = new ByteSink();
    for (int i = 0; i < Names.MOST + 100; i++) {
      names.put(to, "word " + i);
    }
    ByteSource from = new ByteSource(to.toBytes());
    for (int i = 0; i < Names.MOST + 100; i++) {
      assertEquals("word " + i, names.take(from));
    }
    from.end();
  }

  @Test
  void intervalsAndEventsComeBackAsTheyWere() throws DamagedSegment {
    ReportCodec codec = new ReportCodec(new Names());
    Event event =
        Event.of("meter.reset", Event.Severity.ALARM, "pv1")
            .with("before", new Event.Decimal(-18_345_670_000L))
            .with("after", 0L)
            .with("sure", true)
            .with("again", false)
            .with("说明", "复位");
    List<JournalRecord> records =
        List.of(
            new EventRecord("e", 7, 0, "boot-1", 123, JournalRecord.UNDATED, event),
            new IntervalRecord("e", 8, 3, Bench.START, "15m", "{\"any\":\"文字\"}"),
            new EventRecord("e", 9, 7, "boot-1", 1L << 62, Bench.START, event));
    assertEquals(records, codec.decode("e", 7, 3, codec.encode(records)));
  }

  @Test
  void damagedBytesAreAnOrdinaryErrorAndNeverAnotherRecord() {
    DataCodec data = new DataCodec(new Names());
    List<DataRecord> records = anyData(1);
    int count = records.size();
    byte[] whole = data.encode(records);
    assertThrows(DamagedSegment.class, () -> data.decode("5f1c09ab", 1, count + 1, whole));
    int refused = 0;
    for (int round = 0; round < 3000; round++) {
      byte[] bytes = damaged(whole);
      try {
        // A few bits of the last byte mean nothing, and may be anything.
        assertEquals(records, data.decode("5f1c09ab", 1, count, bytes), "seed " + SEED);
      } catch (DamagedSegment e) {
        refused++;
      }
    }
    assertTrue(refused > 2900, refused + " refused");
  }

  private byte[] damaged(byte[] whole) {
    byte[] bytes = whole.clone();
    switch (random.nextInt(4)) {
      case 0 -> {
        return Arrays.copyOf(bytes, random.nextInt(bytes.length));
      }
      case 1 -> {
        return Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(8));
      }
      case 2 -> random.nextBytes(bytes);
      default -> bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return bytes;
  }

  /** The CRC keeps chance out; this goes behind it, for what a fault of ours might write. */
  @Test
  void nonsenseWithAGoodCrcIsAnOrdinaryErrorToo() {
    Names names = new Names();
    DataCodec data = new DataCodec(names);
    ReportCodec reports = new ReportCodec(names);
    data.encode(anyData(1));
    int refused = 0;
    for (int round = 0; round < 20_000; round++) {
      byte[] nonsense = new byte[random.nextInt(80)];
      random.nextBytes(nonsense);
      if (nonsense.length > 0) {
        nonsense[0] = 2;
      }
      byte[] packed = Packing.pack(new Packing.Place("e", 1, 1), nonsense);
      try {
        data.decode("e", 1, 2, packed);
      } catch (DamagedSegment e) {
        refused++;
      }
      try {
        reports.decode("e", 1, 2, packed);
      } catch (DamagedSegment e) {
        refused++;
      }
    }
    assertEquals(40_000, refused, "seed " + SEED);
  }

  @Test
  void aSegmentThatClaimsToBeHugeIsRefusedBeforeItIsUnpacked() {
    ByteSink to = new ByteSink();
    to.put(1);
    to.putVarint(1L << 40);
    to.putVarint(0);
    assertThrows(
        DamagedSegment.class, () -> Packing.unpack(new Packing.Place("e", 1, 1), to.toBytes()));
  }
}
