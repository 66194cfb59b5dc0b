package io.lingtan.agent.journal.code;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lingtan.agent.journal.Bench;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import io.lingtan.agent.run.Randomness;
import io.lingtan.testing.fuzz.Bytes;
import io.lingtan.testing.fuzz.FuzzTarget;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Segments of a damaged journal: {@link DamagedSegment}, or records that are the same when they are
 * written and read again. The check sum is put right, because a fuzzer would never guess it.
 */
public final class SegmentFuzz implements FuzzTarget {

  private static final String EPOCH = "5f1c09ab";
  private static final long FIRST = 1000;

  @Override
  public List<byte[]> seeds() throws DamagedSegment {
    RandomGenerator random = Randomness.seeded(7);
    List<byte[]> seeds = new ArrayList<>();
    for (int size = 1; size <= 5; size++) {
      List<DataRecord> data = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        long ts = i == 3 ? JournalRecord.UNDATED : Bench.START + i;
        data.add(
            new DataRecord(
                EPOCH, FIRST + i, i, ts, Bench.anySample(random, "boot-1", 1_000_000_000L * i)));
      }
      // Full, so that names are spelt out and stand in the input.
      byte[] packed = new DataCodec(full()).encode(data);
      seeds.add(Bytes.of(Packing.unpack(place(size), packed), 0, size));
    }
    Event event =
        Event.of("meter.reset", Event.Severity.ALARM, "pv1")
            .with("before", new Event.Decimal(-18_345_670_000L))
            .with("after", 0L)
            .with("sure", true)
            .with("说明", "复位");
    List<JournalRecord> reports =
        List.of(
            new EventRecord(EPOCH, FIRST, 0, "boot-1", 123, JournalRecord.UNDATED, event),
            new IntervalRecord(EPOCH, FIRST + 1, 3, Bench.START, "15m", "{\"any\":\"文字\"}"));
    byte[] packed = new ReportCodec(full()).encode(reports);
    seeds.add(Bytes.of(Packing.unpack(place(reports.size()), packed), 1, reports.size()));
    seeds.add(Bytes.of(packed, 3, reports.size()));
    return seeds;
  }

  private static Packing.Place place(int count) {
    return new Packing.Place(EPOCH, FIRST, count);
  }

  private static Names full() {
    Names names = new Names();
    ByteSink sink = new ByteSink();
    for (int i = 0; i < Names.MOST; i++) {
      names.put(sink, "n" + i);
    }
    return names;
  }

  private static Names some() {
    Names names = new Names();
    ByteSink sink = new ByteSink();
    for (String name :
        List.of("gate", "boot-1", "power energy_import", "power", "", "timeout", "INFO", "state")) {
      names.put(sink, name);
    }
    return names;
  }

  @Override
  public void take(byte[] input) throws DamagedSegment {
    Bytes bytes = new Bytes(input);
    int chosen = bytes.take();
    int count = bytes.take();
    byte[] rest = bytes.rest();
    if (rest.length > Packing.MOST) {
      return;
    }
    byte[] packed = (chosen & 2) == 0 ? Packing.pack(place(count), rest) : rest;
    Names names = some();
    if ((chosen & 1) == 0) {
      DataCodec codec = new DataCodec(names);
      List<DataRecord> records;
      try {
        records = codec.decode(EPOCH, FIRST, count, packed);
      } catch (DamagedSegment e) {
        return;
      }
      assertEquals(count, records.size());
      assertEquals(records, codec.decode(EPOCH, FIRST, count, codec.encode(records)));
    } else {
      ReportCodec codec = new ReportCodec(names);
      List<JournalRecord> records;
      try {
        records = codec.decode(EPOCH, FIRST, count, packed);
      } catch (DamagedSegment e) {
        return;
      }
      assertEquals(count, records.size());
      assertEquals(records, codec.decode(EPOCH, FIRST, count, codec.encode(records)));
    }
  }
}
