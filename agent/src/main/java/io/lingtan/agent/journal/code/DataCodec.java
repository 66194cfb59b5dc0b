package io.lingtan.agent.journal.code;

import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Sample.Stat;
import io.lingtan.agent.reading.Values;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Data records as bytes: column after column, because like numbers side by side deflate best.
 *
 * <p>Numbers of one point lose the zeros they all end with (a voltage in steps of 0.1 V is held in
 * millionths), and are written as differences: to the same device's number before, else to the
 * number before. Differences may wrap around; adding them wraps back. Words and lists of points are
 * numbers of the {@link Names}.
 *
 * <p>Epoch and first seq are the segment's key and not in here. Decoding checks everything and
 * throws {@link DamagedSegment}, nothing else.
 */
public final class DataCodec {

  /** Most records in a segment. */
  public static final int MOST = 512;

  private static final int UNDATED = 1;
  private static final int STATS = 2;
  private static final int BAD = 4;
  private static final int FAILED = 8;
  private static final int STATE = 16;

  private static final long[] POWERS_OF_TEN = powersOfTen();

  private final Names names;

  public DataCodec(Names names) {
    this.names = names;
  }

  public byte[] encode(List<DataRecord> records) {
    ByteSink to = new ByteSink();
    to.putVarint(records.size());
    for (DataRecord record : records) {
      to.put(flags(record));
    }
    for (DataRecord record : records) {
      names.put(to, record.sample().device());
    }
    for (DataRecord record : records) {
      names.put(to, record.sample().boot());
    }
    List<String> shapes = records.stream().map(r -> shape(r.sample().values())).toList();
    for (String shape : shapes) {
      names.put(to, shape);
    }
    long[] column = new long[records.size()];
    for (int i = 0; i < column.length; i++) {
      column[i] = records.get(i).seq() - records.get(i).after();
    }
    putColumn(to, column);
    for (int i = 0; i < column.length; i++) {
      column[i] = records.get(i).sample().atNanos();
    }
    putColumn(to, column);
    for (int i = 0; i < column.length; i++) {
      DataRecord record = records.get(i);
      column[i] =
          record.tsMillis() == JournalRecord.UNDATED
              ? 0
              : record.tsMillis() - record.sample().atNanos() / 1_000_000L;
    }
    putColumn(to, column);
    putValues(to, records, shapes);
    putStats(to, records);
    for (DataRecord record : records) {
      putWords(to, record.sample());
    }
    DataRecord first = records.getFirst();
    return Packing.pack(
        new Packing.Place(first.epoch(), first.seq(), records.size()), to.toBytes());
  }

  private static int flags(DataRecord record) {
    Sample sample = record.sample();
    return (record.tsMillis() == JournalRecord.UNDATED ? UNDATED : 0)
        | (sample.stats().isEmpty() ? 0 : STATS)
        | (sample.bad().isEmpty() ? 0 : BAD)
        | (sample.failed() == null ? 0 : FAILED)
        | (sample.values().state() == null ? 0 : STATE);
  }

  private String shape(Values values) {
    List<Point> points = new ArrayList<>(values.size());
    for (int i = 0; i < values.size(); i++) {
      points.add(values.point(i));
    }
    return names.shape(points);
  }

  /** Rows with the same points, together; each point a column. */
  private static void putValues(ByteSink to, List<DataRecord> records, List<String> shapes) {
    for (Map.Entry<String, List<Integer>> group : groups(shapes).entrySet()) {
      List<Integer> rows = group.getValue();
      int[] previous = previousOfDevice(records, rows);
      int points = records.get(rows.getFirst()).sample().values().size();
      long[] column = new long[rows.size()];
      for (int point = 0; point < points; point++) {
        for (int i = 0; i < column.length; i++) {
          column[i] = records.get(rows.get(i)).sample().values().micros(point);
        }
        putColumn(to, column, previous);
      }
    }
  }

  private void putStats(ByteSink to, List<DataRecord> records) {
    List<DataRecord> with = records.stream().filter(r -> !r.sample().stats().isEmpty()).toList();
    List<String> shapes = with.stream().map(r -> names.shape(r.sample().stats().keySet())).toList();
    for (String shape : shapes) {
      names.put(to, shape);
    }
    for (List<Integer> rows : groups(shapes).values()) {
      int[] previous = previousOfDevice(with, rows);
      long[] mean = new long[rows.size()];
      long[] below = new long[rows.size()];
      long[] above = new long[rows.size()];
      for (Point point : with.get(rows.getFirst()).sample().stats().keySet()) {
        for (int i = 0; i < mean.length; i++) {
          Stat stat = Objects.requireNonNull(with.get(rows.get(i)).sample().stats().get(point));
          mean[i] = stat.mean();
          below[i] = stat.mean() - stat.min();
          above[i] = stat.max() - stat.mean();
        }
        putColumn(to, mean, previous);
        putColumn(to, below, previous);
        putColumn(to, above, previous);
      }
    }
  }

  private void putWords(ByteSink to, Sample sample) {
    if (!sample.bad().isEmpty()) {
      names.put(to, names.shape(sample.bad().keySet()));
      for (Reason reason : sample.bad().values()) {
        names.put(to, reason.code());
      }
    }
    if (sample.failed() != null) {
      names.put(to, sample.failed().code());
    }
    if (sample.values().state() != null) {
      names.put(to, sample.values().state());
    }
  }

  /** Rows by what they have in common, in order of first appearance: the same on both sides. */
  private static Map<String, List<Integer>> groups(List<String> shapes) {
    Map<String, List<Integer>> groups = new LinkedHashMap<>();
    for (int i = 0; i < shapes.size(); i++) {
      groups.computeIfAbsent(shapes.get(i), shape -> new ArrayList<>()).add(i);
    }
    return groups;
  }

  /** For each row of a group the row of the same device before it, else the row before it. */
  private static int[] previousOfDevice(List<DataRecord> records, List<Integer> rows) {
    return previousOf(rows.stream().map(row -> records.get(row).sample().device()).toList());
  }

  private static int[] previousOf(List<String> devices) {
    int[] previous = new int[devices.size()];
    Map<String, Integer> last = new HashMap<>();
    for (int i = 0; i < previous.length; i++) {
      Integer before = last.put(devices.get(i), i);
      previous[i] = before == null ? i - 1 : before;
    }
    return previous;
  }

  private static void putColumn(ByteSink to, long[] column) {
    int[] previous = new int[column.length];
    for (int i = 0; i < previous.length; i++) {
      previous[i] = i - 1;
    }
    putColumn(to, column, previous);
  }

  private static void putColumn(ByteSink to, long[] column, int[] previous) {
    int zeros = commonZeros(column);
    long unit = POWERS_OF_TEN[zeros];
    to.put(zeros);
    for (int i = 0; i < column.length; i++) {
      long before = previous[i] < 0 ? 0 : column[previous[i]] / unit;
      to.putSigned(column[i] / unit - before);
    }
  }

  /** How many zeros all decimal numbers of the column end with. */
  private static int commonZeros(long[] column) {
    int zeros = POWERS_OF_TEN.length - 1;
    for (long number : column) {
      while (zeros > 0 && number % POWERS_OF_TEN[zeros] != 0) {
        zeros--;
      }
    }
    return zeros;
  }

  private static long[] powersOfTen() {
    long[] powers = new long[19];
    powers[0] = 1;
    for (int i = 1; i < powers.length; i++) {
      powers[i] = powers[i - 1] * 10;
    }
    return powers;
  }

  /**
   * The records of a segment.
   *
   * @param count how many its row says there are
   */
  public List<DataRecord> decode(String epoch, long first, int count, byte[] bytes)
      throws DamagedSegment {
    return decode(epoch, first, count, bytes, null);
  }

  /**
   * Those of its records that are of some devices.
   *
   * @param wanted null for all
   */
  public List<DataRecord> decode(
      String epoch, long first, int count, byte[] bytes, @Nullable Set<String> wanted)
      throws DamagedSegment {
    try {
      return new Decoding(
              new ByteSource(Packing.unpack(new Packing.Place(epoch, first, count), bytes)))
          .records(epoch, first, count, wanted);
    } catch (IllegalArgumentException | IllegalStateException | ArithmeticException e) {
      // Values that check themselves: a reason with a space in it, min above max.
      throw new DamagedSegment("holds what cannot be: " + e.getMessage(), e);
    }
  }

  private final class Decoding {
    private final ByteSource from;

    Decoding(ByteSource from) {
      this.from = from;
    }

    List<DataRecord> records(String epoch, long first, int count, @Nullable Set<String> wanted)
        throws DamagedSegment {
      int size = from.takeCount(MOST);
      if (size != count || size == 0) {
        throw new DamagedSegment("holds " + size + " records where " + count + " are expected");
      }
      int[] flags = new int[size];
      for (int i = 0; i < size; i++) {
        flags[i] = from.take();
      }
      List<String> devices = takeNames(size);
      if (wanted != null && devices.stream().noneMatch(wanted::contains)) {
        return List.of();
      }
      List<String> boots = takeNames(size);
      List<String> shapes = takeNames(size);
      long[] distances = takeColumn(size);
      long[] nanos = takeColumn(size);
      long[] offsets = takeColumn(size);
      Values.Builder[] values = takeValues(devices, shapes);
      Map<Integer, SortedMap<Point, Stat>> stats = takeStats(devices, flags);
      List<DataRecord> records = new ArrayList<>(size);
      for (int i = 0; i < size; i++) {
        SortedMap<Point, Reason> bad = (flags[i] & BAD) == 0 ? new TreeMap<>() : takeBad();
        Reason failed = (flags[i] & FAILED) == 0 ? null : new Reason(names.take(from));
        if ((flags[i] & STATE) != 0) {
          values[i].state(names.take(from));
        }
        if (wanted != null && !wanted.contains(devices.get(i))) {
          continue;
        }
        SortedMap<Point, Stat> stat = stats.getOrDefault(i, new TreeMap<>());
        Sample sample =
            new Sample(
                devices.get(i), boots.get(i), nanos[i], values[i].build(), stat, bad, failed);
        long ts =
            (flags[i] & UNDATED) != 0 ? JournalRecord.UNDATED : offsets[i] + nanos[i] / 1_000_000L;
        records.add(new DataRecord(epoch, first + i, first + i - distances[i], ts, sample));
      }
      from.end();
      return records;
    }

    private List<String> takeNames(int size) throws DamagedSegment {
      List<String> texts = new ArrayList<>(size);
      for (int i = 0; i < size; i++) {
        texts.add(names.take(from));
      }
      return texts;
    }

    private long[] takeColumn(int size) throws DamagedSegment {
      int[] previous = new int[size];
      for (int i = 0; i < size; i++) {
        previous[i] = i - 1;
      }
      return takeColumn(previous);
    }

    private long[] takeColumn(int[] previous) throws DamagedSegment {
      int zeros = from.take();
      if (zeros >= POWERS_OF_TEN.length) {
        throw new DamagedSegment("a number that ends with " + zeros + " zeros");
      }
      long[] column = new long[previous.length];
      for (int i = 0; i < column.length; i++) {
        column[i] = from.takeSigned() + (previous[i] < 0 ? 0 : column[previous[i]]);
      }
      for (int i = 0; i < column.length; i++) {
        column[i] *= POWERS_OF_TEN[zeros];
      }
      return column;
    }

    private Values.Builder[] takeValues(List<String> devices, List<String> shapes)
        throws DamagedSegment {
      Values.Builder[] values = new Values.Builder[devices.size()];
      for (Map.Entry<String, List<Integer>> group : groups(shapes).entrySet()) {
        List<Integer> rows = group.getValue();
        int[] previous = previousOf(rows.stream().map(devices::get).toList());
        for (int row : rows) {
          values[row] = new Values.Builder();
        }
        for (Point point : names.points(group.getKey())) {
          long[] column = takeColumn(previous);
          for (int i = 0; i < column.length; i++) {
            values[rows.get(i)].put(point, column[i]);
          }
        }
      }
      return values;
    }

    private Map<Integer, SortedMap<Point, Stat>> takeStats(List<String> devices, int[] flags)
        throws DamagedSegment {
      List<Integer> with = new ArrayList<>();
      for (int i = 0; i < flags.length; i++) {
        if ((flags[i] & STATS) != 0) {
          with.add(i);
        }
      }
      Map<Integer, SortedMap<Point, Stat>> stats = new HashMap<>();
      for (Map.Entry<String, List<Integer>> group : groups(takeNames(with.size())).entrySet()) {
        List<Integer> rows = group.getValue().stream().map(with::get).toList();
        int[] previous = previousOf(rows.stream().map(devices::get).toList());
        for (Point point : names.points(group.getKey())) {
          long[] mean = takeColumn(previous);
          long[] below = takeColumn(previous);
          long[] above = takeColumn(previous);
          for (int i = 0; i < mean.length; i++) {
            stats
                .computeIfAbsent(rows.get(i), row -> new TreeMap<>())
                .put(point, new Stat(mean[i] - below[i], mean[i], mean[i] + above[i]));
          }
        }
      }
      return stats;
    }

    private SortedMap<Point, Reason> takeBad() throws DamagedSegment {
      SortedMap<Point, Reason> bad = new TreeMap<>();
      for (Point point : names.points(names.take(from))) {
        bad.put(point, new Reason(names.take(from)));
      }
      return bad;
    }
  }
}
