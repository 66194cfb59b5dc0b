package io.lingtan.agent.status;

import io.lingtan.agent.reading.Sentence;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What can be asked of the agent from the page and by the commands. Called on request threads,
 * which it keeps until the answer is whole. What asks a line does one thing at a time, and reads
 * only.
 */
public interface Actions {

  /** Each has the path {@code /api/action/WORD}; the fields wanted are in config/README.md. */
  enum Action {
    /** Looks who answers on a line: lines of {@code progress found note}, {@code done} at last. */
    SCAN,
    /** Reads a device, or registers by address, once: one line. */
    READ,
    /**
     * Reads a device and compares a value with its display: one line. What came of it is an event,
     * which an acceptance record is made of.
     */
    CHECK,
    /** Notes that somebody has seen an event. */
    ACKNOWLEDGE,
    /** Shows what a change would make of the site file. */
    PROPOSE,
    /** Shows what would be published after it. Takes line time. */
    PREVIEW,
    /** Makes it. */
    APPLY,
    /** Shows what something that no meter sees would emit. Changes nothing. */
    FEED,
    /** Puts it into the records. */
    FEED_APPLY,
    /** Lists this machine's serial ports. */
    PORTS,
    /** What of the gateway can be set at the page, as it is, and what there is to choose from. */
    SETTINGS,
    /**
     * Puts a secret or a certificate into a file of its own beside the site file, which a change
     * may name then.
     */
    KEEP,
    /** Has the topics tried at once that the broker refuses. */
    RETRY,
    /** Sets the agent's clock. */
    CLOCK,
    /** Makes an acceptance record of what is shown. */
    RECORD;

    private static final Map<String, Action> BY_WORD = new HashMap<>();

    static {
      for (Action each : values()) {
        BY_WORD.put(each.word(), each);
      }
    }

    /** As it is called in paths and in the snapshot. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** The action of this word; null if there is none. */
    public static @Nullable Action of(String word) {
      return BY_WORD.get(word);
    }
  }

  /** What came of it: an answer of HTTP. */
  sealed interface Result {

    /** Of HTTP. */
    int status();

    /** What is to be sent; empty where it has been. */
    String text();
  }

  /**
   * It was not done.
   *
   * @param text the reason for a person, in English, with what to do
   * @param values what belongs into the page's sentence for {@code why}
   */
  record Refused(Why why, String text, Map<String, String> values) implements Result {
    public Refused {
      values = Map.copyOf(values);
    }

    public Refused(Why why, String text) {
      this(why, text, Map.of());
    }

    @Override
    public int status() {
      return why.status();
    }
  }

  /**
   * It was done, or is being done.
   *
   * @param status 200, 201 or 202
   * @param text JSON
   */
  record Done(int status, String text) implements Result {}

  /** It was answered line by line. */
  record Streamed() implements Result {
    @Override
    public int status() {
      return 200;
    }

    @Override
    public String text() {
      return "";
    }
  }

  /**
   * Does it.
   *
   * @param lines called once a {@code SCAN}, {@code READ} or {@code CHECK} begins; takes each line
   *     of JSON as soon as it is known
   */
  Result act(Action action, Map<String, String> wanted, Supplier<Consumer<String>> lines)
      throws InterruptedException;

  /**
   * What it would make another of who comes in at the page: {@code pin_file}, or {@code status} for
   * the rest of that group; null if nothing. Only whoever has the PIN of the label may that: any
   * other could give himself a way in that stays when his own is taken away.
   */
  default @Nullable String entrance(Action action, Map<String, String> wanted) {
    return null;
  }

  /**
   * What keeps a line busy now.
   *
   * @param leftMillis what it still takes if nobody else answers, -1 if not known
   */
  record Busy(Action what, String line, long forMillis, long leftMillis) {}

  /** What runs now; null if nothing does. Any thread. */
  @Nullable Busy busy();

  /** How far a change of the site file has come. */
  enum Progress {
    PENDING,
    IN_USE,
    REFUSED;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * What became of a change of the site file.
   *
   * @param id of the proposal
   * @param why it is not in use; null unless it was refused
   */
  record Change(String id, Progress progress, @Nullable Sentence why) {}

  /**
   * What the last polls of a device sent and got, and how that is decoded: one line of JSON as of a
   * {@code READ}, with {@code age_ms} and {@code newest}. Asks nobody. Null where no frames are
   * kept of such a device.
   */
  default @Nullable String polled(String device) {
    return null;
  }

  /** Kinds of meters that a site file may name: JSON, each with its maker; null where not known. */
  default @Nullable String profiles() {
    return null;
  }

  /** Of the change that was applied last; null if there was none. Any thread. */
  default @Nullable Change change() {
    return null;
  }
}
