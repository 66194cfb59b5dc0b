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
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import io.lingtan.agent.run.Randomness;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
