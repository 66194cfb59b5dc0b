package io.lingtan.agent.ledger;

import io.lingtan.agent.carbon.sheet.Count;
import io.lingtan.agent.carbon.sheet.Counted;
import io.lingtan.agent.carbon.sheet.Level;
import io.lingtan.agent.ledger.code.FeedCodec;
import io.lingtan.agent.ledger.code.MetricsCodec;
import io.lingtan.agent.meter.CheckpointReader;
import io.lingtan.agent.meter.CheckpointWriter;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Interval.Span;
import io.lingtan.agent.site.Feeds;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The row of a day, a month or a year that was told: all that its record was made of beside factors
 * and the energies of its base intervals.
 *
 * @param rollUp as it was told; without sums where those energies are kept of all of it, because
 *     they follow from them
 * @param digest of the record's figures and factors
 * @param isSilent whether nobody looked at anything in it, which then is the reason of what is
 *     missing
 * @param told what people told by commands of its days
 * @param counts over all of it, in the layout's order
 * @param levels at its two ends
 * @param registers at its two ends
 */
record RollUpRow(
    RollUp rollUp,
    long digest,
    boolean isSilent,
    Feeds told,
    List<Count> counts,
    List<Level> levels,
    SequencedMap<String, Span> registers) {

  private static final List<Level.Kind> KINDS = List.of(Level.Kind.values());

  RollUpRow {
    counts = List.copyOf(counts);
    levels = List.copyOf(levels);
    registers = new LinkedHashMap<>(registers);
  }

  /**
   * What it was made of.
   *
   * @param feeds what people told, of any time
   */
  Counted counted(Feeds feeds) {
    return new Counted(rollUp.length(), rollUp.start(), counts, levels, null, feeds);
  }

  /** The same, told again. */
  RollUpRow toldAgain(long newDigest, RollUp again) {
    return new RollUpRow(again, newDigest, isSilent, told, counts, levels, registers);
  }

  /**
   * @param number of {@code layout}
   */
  byte[] bytes(int number, Layout layout) {
    CheckpointWriter to = new CheckpointWriter();
    to.number(number).number(digest).flag(isSilent);
    rollUp.write(to);
    FeedCodec.write(told, to);
    counts.forEach(count -> MetricsCodec.write(count.amount(), true, to));
    List<String> meters = layout.meters().stream().map(meter -> meter.id()).toList();
    to.number(levels.size());
    for (Level level : levels) {
      to.number(meters.indexOf(level.meter().id())).number(KINDS.indexOf(level.kind()));
      MetricsCodec.write(level.start(), true, to);
      MetricsCodec.write(level.end(), true, to);
    }
    to.number(registers.size());
    for (Map.Entry<String, Span> register : registers.entrySet()) {
      Span span = register.getValue();
      to.text(register.getKey()).number(span.start()).number(span.end() - span.start());
    }
    return to.bytes();
  }

  /** The layout's number in what {@link #bytes} wrote. */
  static int layout(byte[] bytes) {
    return (int) new CheckpointReader(bytes).number();
  }

  /**
   * @param layout the one whose number the bytes begin with
   * @throws IllegalArgumentException if they are torn
   */
  static RollUpRow read(byte[] bytes, Layout layout) {
    CheckpointReader from = new CheckpointReader(bytes);
    from.number();
    long digest = from.number();
    boolean silent = from.flag();
    RollUp rollUp = RollUp.read(from);
    Feeds told = FeedCodec.read(from);
    List<Count> counts = new ArrayList<>();
    for (Layout.Column column : layout.columns()) {
      Metric amount = MetricsCodec.read(from, column.figure().ucum(), null);
      counts.add(new Count(layout.meter(column.meter()), column.figure(), amount, column.step()));
    }
    List<Level> levels = new ArrayList<>();
    for (int left = from.count(); left > 0; left--) {
      int meter = (int) from.number();
      Level.Kind kind = KINDS.get((int) from.number());
      levels.add(
          new Level(
              layout.meter(meter),
              kind,
              MetricsCodec.read(from, kind.ucum(), null),
              MetricsCodec.read(from, kind.ucum(), null)));
    }
    SequencedMap<String, Span> registers = new LinkedHashMap<>();
    for (int left = from.count(); left > 0; left--) {
      String register = from.text();
      long start = from.number();
      registers.put(register, new Span(start, start + from.number()));
    }
    return new RollUpRow(rollUp, digest, silent, told, counts, levels, registers);
  }
}
