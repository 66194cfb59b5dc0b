package io.lingtan.simulator.zone.fold;

import io.lingtan.agent.audit.message.Range;
import io.lingtan.agent.audit.message.Tree;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What came of a message, for somebody else to act on. */
public sealed interface Outcome
    permits Outcome.Kept, Outcome.Covered, Outcome.Command, Outcome.Dead, Figure {

  /**
   * A record that came for the first time, or what a gateway says of itself.
   *
   * @param topic what follows {@code lingtan/v1/GATEWAY/}: {@code store}, {@code meta...}, or
   *     {@link #RECORD}
   * @param json as it came, to the byte
   */
  record Kept(String topic, byte[] json) implements Outcome {
    public static final String RECORD = "record";
  }

  /**
   * Every number up to the record of an interval is here, declared dropped, or gone by the
   * gateway's answer.
   *
   * @param length such as {@code 15m}
   * @param untilMillis end of the last interval that this holds for, UTC ms
   */
  record Covered(String gateway, String length, long untilMillis) implements Outcome {}

  /**
   * What a gateway is told or asked.
   *
   * @param topic what follows {@code lingtan/v1/GATEWAY/}
   */
  record Command(String topic, byte[] json) implements Outcome {

    /** A gateway refuses more; the rest is asked for after these. */
    private static final long MOST_ASKED = 1_000_000;

    /** It may take these numbers for delivered. */
    public static Command ack(Settled settled) {
      return new Command("cmd/ack", settled.json());
    }

    /**
     * It shall send these numbers once more; without a response topic they come on {@code batch}.
     */
    public static Command replay(String epoch, Range numbers) {
      Map<String, @Nullable Object> tree = new LinkedHashMap<>();
      tree.put("epoch", epoch);
      tree.put("from", numbers.from());
      tree.put("to", Math.min(numbers.to(), numbers.from() + MOST_ASKED - 1));
      return new Command("cmd/replay", Tree.bytes(tree));
    }
  }

  /**
   * A dead letter.
   *
   * @param detail for a person
   * @param content the message or record, or its beginning
   */
  record Dead(Refusal why, String topic, String detail, byte[] content) implements Outcome {
    private static final int MOST_BYTES = 4_096;

    /** One with the beginning of a content of any length. */
    static Dead of(Refusal why, String topic, String detail, byte[] content) {
      return new Dead(
          why, topic, detail, Arrays.copyOf(content, Math.min(content.length, MOST_BYTES)));
    }
  }
}
