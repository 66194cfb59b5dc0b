package io.lingtan.agent.wave;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lingtan.agent.reading.Json;
import io.lingtan.agent.run.WholeFile;
import io.lingtan.agent.seal.JsonValue;
import io.lingtan.agent.site.Sha256;
import io.lingtan.agent.site.SmallFile;
import io.lingtan.agent.wave.Heard.Health;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A change on its way to many gateways: who gets it in which wave, and how far each has come.
 *
 * <p>Crash contract: {@link #save} replaces its file as a whole. It is saved before a document is
 * published ({@link Stage#SENDING}) and after the broker has taken it: who goes on after a kill
 * sends those in between once more, byte for byte, and a gateway takes the same document once.
 */
public final class Wave {

  /** More than that is more than one table, one broker user, and one file are for. */
  public static final int MOST_GATEWAYS = 5_000;

  private static final int LARGEST_FILE = 8 * 1024 * 1024;

  /** The first wave grows by so much at most, to have one gateway of each likeness in it. */
  private static final double MOST_LIKENESSES = 0.1;

  /** So many failed polls, or bad samples, more than before in a hundred are a rise. */
  private static final double RISE = 0.05;

  private static final int FEWEST = 2;
  private static final int EXPECTED = 5;
  private static final Health UNKNOWN = new Health(0, 0, 0, 0, 0);

  /** How far a gateway has come. */
  public enum Stage {
    /** Nothing was published for it, or that was taken back. */
    WAITING,
    /** The broker may have its document, or not. */
    SENDING,
    /** The broker has it. */
    SENT,
    /** It has been applied. */
    APPLIED,
    /** It did worse than before, or did not take it. */
    FAILED;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Why a gateway has not said what became of its document. */
  enum Silence {
    /** It has, or is waited for, or has none. */
    NONE("none"),
    /** It was away when the document was published. It takes what stands there when it is back. */
    AWAY("away"),
    /** It was waited for in vain, and may obey it still. */
    IN_VAIN("in_vain");

    /** In the file. */
    private final String code;

    Silence(String code) {
      this.code = code;
    }

    private static Silence of(String code) {
      return Stream.of(values())
          .filter(one -> one.code.equals(code))
          .findAny()
          .orElseThrow(() -> new IllegalArgumentException("no silence is called " + code));
    }

    /** Of a file of before 1 December 2026, which has it in what people read alone. */
    private static Silence ofWords(Stage stage, @Nullable String why) {
      return stage == Stage.FAILED
          ? why != null && why.startsWith("does not say what became of serial ") ? IN_VAIN : NONE
          : "away".equals(why) ? AWAY : NONE;
    }
  }

  /** One gateway. */
  public static final class Member {
    private final String gateway;
    private final long serial;
    private final String sha256;
    private int wave;
    private Stage stage = Stage.WAITING;
    private Health before = UNKNOWN;
    private Silence silence = Silence.NONE;
    private @Nullable String why;
    private @Nullable String key;

    Member(String gateway, long serial, String sha256, int wave) {
      this.gateway = gateway;
      this.serial = serial;
      this.sha256 = sha256;
      this.wave = wave;
    }

    public String gateway() {
      return gateway;
    }

    long serial() {
      return serial;
    }

    /** Of the document that it gets. */
    String sha256() {
      return sha256;
    }

    /** From 0. */
    public int wave() {
      return wave;
    }

    public Stage stage() {
      return stage;
    }

    /** For people. */
    public @Nullable String why() {
      return why;
    }

    void to(Stage next, @Nullable String reason) {
      to(next, Silence.NONE, reason);
    }

    private void to(Stage next, Silence kind, @Nullable String reason) {
      stage = next;
      silence = kind;
      why = reason;
    }

    void sending(Health now, boolean isOnline) {
      before = now;
      to(Stage.SENDING, isOnline ? Silence.NONE : Silence.AWAY, isOnline ? null : "away");
    }

    void sent() {
      stage = Stage.SENT;
    }

    boolean isAwaited() {
      return isOpen() && silence != Silence.AWAY;
    }

    /** Its own public key when it was dealt, null if it had none: nobody else speaks for it. */
    @Nullable String key() {
      return key;
    }

    void pin(@Nullable String own) {
      key = own;
    }

    void silent(String words) {
      to(Stage.FAILED, Silence.IN_VAIN, "does not say what became of serial " + serial + words);
    }

    /** Whether its document has to be taken away where the wave is stopped. */
    boolean mayObey() {
      return isOpen() || silence == Silence.IN_VAIN;
    }

    /**
     * @param said of its document, empty for nothing
     */
    void takenBack(String said) {
      String how = said.isEmpty() ? "" : ", and it may obey it all the same: it says " + said;
      to(
          isOpen() ? Stage.WAITING : Stage.FAILED,
          "taken back" + how + (isOpen() ? "" : "; it " + why));
    }

    void putOff(int last) {
      wave = last;
    }

    boolean isOpen() {
      return stage == Stage.SENDING || stage == Stage.SENT;
    }

    /**
     * Why it does worse than before its document came, null if it does not.
     *
     * @param after since it applied the document
     */
    @Nullable String worse(Health now, Health after) {
      if (now.dropped() > before.dropped() && before.millis() > 0) {
        return "new holes: it has declared "
            + (now.dropped() - before.dropped())
            + " records as gone";
      }
      double expected =
          before.millis() == 0 ? 0 : (double) before.samples() * after.millis() / before.millis();
      if (after.samples() == 0 && expected >= EXPECTED) {
        return "no sample has come since, and about %.0f were due".formatted(expected);
      }
      String rise =
          rise(
              "%.0f %% of its polls fail, %.0f %% did before",
              before.failed(), before.samples(), after.failed(), after);
      return rise != null
          ? rise
          : rise(
              "%.0f %% of its samples are bad, %.0f %% were before",
              before.flawed(), before.samples(), after.flawed(), after);
    }

    private static @Nullable String rise(
        String form, long were, long ofThem, long are, Health after) {
      if (ofThem == 0 || after.samples() == 0 || are < FEWEST) {
        return null;
      }
      double then = (double) were / ofThem;
      double now = (double) are / after.samples();
      return now > then + RISE ? form.formatted(100 * now, 100 * then) : null;
    }
  }

  private final String kind;
  private final List<Double> steps;
  private final long serial;
  private final long expiresMillis;
  private final SortedMap<String, Member> members = new TreeMap<>();
  private int at;
  private @Nullable String stopped;

  /**
   * @param kind {@code config} or {@code software}
   * @param steps percent of all gateways that have it after each wave, rising to 100
   * @param serial of documents that are signed here, 0 for none
   * @param expiresMillis when the first of the documents expires, UTC
   */
  Wave(String kind, List<Double> steps, long serial, long expiresMillis) {
    this.kind = kind;
    this.steps = List.copyOf(steps);
    this.serial = serial;
    this.expiresMillis = expiresMillis;
  }

  /**
   * Deals gateways out to the waves. Into the first come as many as its percent are, one of each
   * likeness before a second of any; chance, which is the same for the same documents, does the
   * rest. Who is away comes last.
   *
   * @param chosen likeness of each that is not away
   */
  void deal(Map<String, String> chosen, Map<String, Member> each) {
    int last = steps.size() - 1;
    List<Member> drawn = new ArrayList<>(each.values());
    drawn.sort(
        Comparator.comparing(
            member -> Sha256.hex((member.sha256 + member.gateway).getBytes(UTF_8))));
    List<Member> present = new ArrayList<>();
    List<Member> like = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    double most = Math.max(MOST_LIKENESSES * drawn.size(), upTo(0, drawn.size()));
    for (Member member : drawn) {
      String likeness = chosen.get(member.gateway);
      if (likeness == null) {
        member.wave = last;
      } else if (seen.size() < most && seen.add(likeness)) {
        present.add(member);
      } else {
        like.add(member);
      }
    }
    int first = present.size();
    present.addAll(like);
    for (int i = 0; i < present.size(); i++) {
      int wave = 0;
      while (wave < last && i >= Math.max(first, upTo(wave, drawn.size()))) {
        wave++;
      }
      present.get(i).wave = wave;
    }
    members.putAll(each);
  }

  private int upTo(int wave, int all) {
    return Math.max(1, (int) Math.ceil(steps.get(wave) / 100 * all));
  }

  public String kind() {
    return kind;
  }

  /** The wave that is under way, from 0; as many as there are once all are through. */
  public int at() {
    return at;
  }

  public int waves() {
    return steps.size();
  }

  public long serial() {
    return serial;
  }

  public long expiresMillis() {
    return expiresMillis;
  }

  public Collection<Member> members() {
    return members.values();
  }

  List<Member> members(int wave, Stage stage) {
    return members.values().stream()
        .filter(member -> member.wave == wave && member.stage == stage)
        .toList();
  }

  public long count(Stage stage) {
    return members.values().stream().filter(member -> member.stage == stage).count();
  }

  public boolean isDone() {
    return at >= steps.size();
  }

  /**
   * Whether all have it.
   *
   * @param failures so many may have failed
   */
  public boolean isEverywhere(int failures) {
    long failed = count(Stage.FAILED);
    return isDone() && failed <= failures && count(Stage.APPLIED) + failed == members.size();
  }

  /** Whether the last wave would be the first that anybody sees anything of. */
  boolean isBlind() {
    return at > 0 && at == steps.size() - 1 && count(Stage.APPLIED) == 0;
  }

  /** Why it is stopped, null if it is not. */
  public @Nullable String stopped() {
    return stopped;
  }

  void stop(String reason) {
    stopped = reason;
  }

  /** Goes on with a wave that was stopped, where more may fail now than then. */
  void resume(int failures) {
    if (count(Stage.FAILED) <= failures) {
      stopped = null;
    }
  }

  /** On to the next wave that has anybody in it. */
  void next() {
    do {
      at++;
    } while (at < steps.size() && members.values().stream().noneMatch(one -> one.wave == at));
  }

  /**
   * What a file holds; null if there is none.
   *
   * @throws IOException if it cannot be read or is something else; the message says what to do
   */
  public static @Nullable Wave read(Path file) throws IOException {
    if (!Files.exists(file)) {
      return null;
    }
    try {
      JsonValue.Obj said = JsonValue.object(new String(SmallFile.read(file, LARGEST_FILE), UTF_8));
      List<Double> steps = new ArrayList<>();
      for (JsonValue step : list(said, "steps")) {
        steps.add(Double.parseDouble(((JsonValue.Num) step).literal()));
      }
      Wave wave =
          new Wave(
              String.valueOf(said.text("kind")),
              steps,
              whole(said, "serial"),
              whole(said, "expires"));
      wave.at = (int) whole(said, "at");
      wave.stopped = said.text("stopped");
      for (JsonValue each : list(said, "gateways")) {
        Member member = member((JsonValue.Obj) each);
        wave.members.put(member.gateway, member);
      }
      return wave;
    } catch (JsonValue.NotJson | IllegalArgumentException | ClassCastException e) {
      throw new IOException(
          file + " is no state of a wave: move it away to begin a new one, or name another", e);
    }
  }

  private static Member member(JsonValue.Obj said) {
    Member member =
        new Member(
            String.valueOf(said.text("gateway")),
            whole(said, "serial"),
            String.valueOf(said.text("sha256")),
            (int) whole(said, "wave"));
    member.stage = Stage.valueOf(String.valueOf(said.text("state")).toUpperCase(Locale.ROOT));
    member.why = said.text("why");
    String silence = said.text("silence");
    member.silence =
        silence == null ? Silence.ofWords(member.stage, member.why) : Silence.of(silence);
    member.key = said.text("key");
    List<Long> before = new ArrayList<>();
    list(said, "before").forEach(one -> before.add(Long.valueOf(((JsonValue.Num) one).literal())));
    member.before =
        new Health(before.get(0), before.get(1), before.get(2), before.get(3), before.get(4));
    return member;
  }

  private static List<JsonValue> list(JsonValue.Obj in, String name) {
    return in.get(name) instanceof JsonValue.Arr array ? array.items() : List.of();
  }

  private static long whole(JsonValue.Obj in, String name) {
    return Long.parseLong(String.valueOf(in.number(name)));
  }

  void save(Path file) throws IOException {
    String text =
        Json.object(
            json -> {
              json.writeStringField("kind", kind);
              json.writeNumberField("serial", serial);
              json.writeNumberField("expires", expiresMillis);
              json.writeNumberField("at", at);
              if (stopped != null) {
                json.writeStringField("stopped", stopped);
              }
              json.writeArrayFieldStart("steps");
              for (double step : steps) {
                json.writeNumber(step);
              }
              json.writeEndArray();
              json.writeArrayFieldStart("gateways");
              for (Member member : members.values()) {
                json.writeStartObject();
                write(json, member);
                json.writeStringField("silence", member.silence.code);
                json.writeNumberField("serial", member.serial);
                json.writeStringField("sha256", member.sha256);
                if (member.key != null) {
                  json.writeStringField("key", member.key);
                }
                Health before = member.before;
                json.writeFieldName("before");
                json.writeArray(
                    new long[] {
                      before.dropped(),
                      before.samples(),
                      before.failed(),
                      before.flawed(),
                      before.millis()
                    },
                    0,
                    5);
                json.writeEndObject();
              }
              json.writeEndArray();
            });
    WholeFile.replace(file.toAbsolutePath(), (text + "\n").getBytes(UTF_8));
  }

  private static void write(JsonGenerator json, Member member) throws IOException {
    json.writeStringField("gateway", member.gateway);
    json.writeNumberField("wave", member.wave);
    json.writeStringField("state", member.stage.word());
    if (member.why != null) {
      json.writeStringField("why", member.why);
    }
  }

  /** Who is where, as one line of JSON; waves from 1. */
  public String json() {
    return Json.object(
        json -> {
          json.writeStringField(
              "state", stopped != null ? "stopped" : isDone() ? "done" : "under_way");
          json.writeNumberField("wave", Math.min(at + 1, steps.size()));
          json.writeNumberField("waves", steps.size());
          if (stopped != null) {
            json.writeStringField("why", stopped);
          }
          for (Stage stage : Stage.values()) {
            json.writeNumberField(stage.word(), count(stage));
          }
          json.writeArrayFieldStart("gateways");
          for (Member member : members.values()) {
            json.writeStartObject();
            json.writeStringField("gateway", member.gateway);
            json.writeNumberField("wave", member.wave + 1);
            json.writeStringField("state", member.stage.word());
            if (member.why != null) {
              json.writeStringField("why", member.why);
            }
            json.writeEndObject();
          }
          json.writeEndArray();
        });
  }
}
