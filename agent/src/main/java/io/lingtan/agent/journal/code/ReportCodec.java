package io.lingtan.agent.journal.code;

import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Interval and event records as bytes. An interval is kept as the very text that is published and
 * signed; an event as its parts, because its time stamp may only become known later.
 *
 * <p>Decoding checks everything and throws {@link DamagedSegment}, nothing else.
 */
public final class ReportCodec {

  /** Most records in a segment. */
  public static final int MOST = 64;

  private static final int INTERVAL = 1;
  private static final int EVENT = 2;

  private static final int TEXT = 1;
  private static final int NUMBER = 2;
  private static final int YES = 3;
  private static final int NO = 4;
  private static final int DECIMAL = 5;

  private final Names names;

  public ReportCodec(Names names) {
    this.names = names;
  }

  public byte[] encode(List<? extends JournalRecord> records) {
    ByteSink to = new ByteSink();
    to.putVarint(records.size());
    for (JournalRecord record : records) {
      switch (record) {
        case IntervalRecord interval -> {
          to.put(INTERVAL);
          to.putVarint(interval.seq() - interval.after());
          to.putSigned(interval.tsMillis());
          names.put(to, interval.length());
          to.putText(interval.json());
        }
        case EventRecord event -> {
          to.put(EVENT);
          to.putVarint(event.seq() - event.after());
          putEvent(to, event);
        }
        case DataRecord data ->
            throw new IllegalArgumentException("data records have segments of their own");
      }
    }
    JournalRecord first = records.getFirst();
    return Packing.pack(
        new Packing.Place(first.epoch(), first.seq(), records.size()), to.toBytes());
  }

  private void putEvent(ByteSink to, EventRecord record) {
    names.put(to, record.boot());
    to.putVarint(record.atNanos());
    to.putSigned(record.tsMillis());
    Event event = record.event();
    names.put(to, event.name());
    names.put(to, event.severity().name());
    to.put(event.device() == null ? 0 : 1);
    if (event.device() != null) {
      names.put(to, event.device());
    }
    to.putVarint(event.detail().size());
    for (Map.Entry<String, Object> entry : event.detail().entrySet()) {
      names.put(to, entry.getKey());
      switch (entry.getValue()) {
        case String text -> {
          to.put(TEXT);
          to.putText(text);
        }
        case Long number -> {
          to.put(NUMBER);
          to.putSigned(number);
        }
        case Boolean yes -> to.put(yes ? YES : NO);
        case Event.Decimal decimal -> {
          to.put(DECIMAL);
          to.putSigned(decimal.micros());
        }
        default -> throw new IllegalStateException("Event checks its details");
      }
    }
  }

  /**
   * The records of a segment.
   *
   * @param count how many its row says there are
   */
  public List<JournalRecord> decode(String epoch, long first, int count, byte[] bytes)
      throws DamagedSegment {
    try {
      ByteSource from =
          new ByteSource(Packing.unpack(new Packing.Place(epoch, first, count), bytes));
      int size = from.takeCount(MOST);
      if (size != count || size == 0) {
        throw new DamagedSegment("holds " + size + " records where " + count + " are expected");
      }
      List<JournalRecord> records = new ArrayList<>(size);
      for (int i = 0; i < size; i++) {
        long seq = first + i;
        int kind = from.take();
        long after = seq - from.takeVarint();
        records.add(
            switch (kind) {
              case INTERVAL -> takeInterval(from, epoch, seq, after);
              case EVENT -> takeEvent(from, epoch, seq, after);
              default -> throw new DamagedSegment("a record of kind " + kind);
            });
      }
      from.end();
      return records;
    } catch (IllegalArgumentException e) {
      throw new DamagedSegment("holds what cannot be: " + e.getMessage(), e);
    }
  }

  private IntervalRecord takeInterval(ByteSource from, String epoch, long seq, long after)
      throws DamagedSegment {
    long ts = from.takeSigned();
    String length = names.take(from);
    return new IntervalRecord(epoch, seq, after, ts, length, from.takeText());
  }

  private EventRecord takeEvent(ByteSource from, String epoch, long seq, long after)
      throws DamagedSegment {
    String boot = names.take(from);
    long atNanos = from.takeVarint();
    long ts = from.takeSigned();
    String name = names.take(from);
    Severity severity = Severity.valueOf(names.take(from));
    String device =
        switch (from.take()) {
          case 0 -> null;
          case 1 -> names.take(from);
          default -> throw new DamagedSegment("neither with nor without a device");
        };
    SequencedMap<String, Object> detail = new LinkedHashMap<>();
    int details = from.takeCount(Packing.MOST);
    for (int i = 0; i < details; i++) {
      String key = names.take(from);
      detail.put(key, takeDetail(from));
    }
    Event event = new Event(name, severity, device, detail);
    return new EventRecord(epoch, seq, after, boot, atNanos, ts, event);
  }

  private static Object takeDetail(ByteSource from) throws DamagedSegment {
    int kind = from.take();
    return switch (kind) {
      case TEXT -> from.takeText();
      case NUMBER -> from.takeSigned();
      case YES -> true;
      case NO -> false;
      case DECIMAL -> new Event.Decimal(from.takeSigned());
      default -> throw new DamagedSegment("a detail of kind " + kind);
    };
  }
}
