package io.lingtan.agent.publish.command;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lingtan.agent.journal.number.StoreSnapshot.Range;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Numbers that come ascending, as ranges: all are counted, the first {@value #MOST} are listed. */
final class Numbers {

  static final int MOST = 1000;

  private final List<Range> ranges = new ArrayList<>();
  private long count;
  private long left;

  /** Adds what comes right behind or beyond what is in it. */
  void add(long from, long to) {
    count += to - from + 1;
    Range last = ranges.isEmpty() ? null : ranges.getLast();
    if (left == 0 && last != null && last.to() + 1 == from) {
      ranges.set(ranges.size() - 1, new Range(last.from(), to));
    } else if (ranges.size() < MOST) {
      ranges.add(new Range(from, to));
    } else {
      left += to - from + 1;
    }
  }

  long count() {
    return count;
  }

  /**
   * Writes {@code "name":[[a,b],...]}, and that it is not all if it is not.
   *
   * @param most at most so many ranges
   */
  void write(JsonGenerator json, String name, int most) throws IOException {
    json.writeArrayFieldStart(name);
    for (Range range : ranges.subList(0, Math.min(most, ranges.size()))) {
      json.writeStartArray();
      json.writeNumber(range.from());
      json.writeNumber(range.to());
      json.writeEndArray();
    }
    json.writeEndArray();
    if (left > 0 || most < ranges.size()) {
      json.writeBooleanField("truncated", true);
    }
  }
}
