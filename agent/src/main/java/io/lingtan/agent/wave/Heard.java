package io.lingtan.agent.wave;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.lingtan.agent.audit.message.Arrived;
import io.lingtan.agent.audit.message.Drop;
import io.lingtan.agent.audit.message.Malformed;
import io.lingtan.agent.audit.message.MessageReader;
import io.lingtan.agent.audit.message.Tree;
import io.lingtan.agent.reading.foreign.ForeignText;
import io.lingtan.agent.seal.CanonicalJson;
import io.lingtan.agent.seal.JsonValue;
import io.lingtan.agent.seal.VerifyingKey;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What one gateway has published since we listen, and what stood at the broker before. */
final class Heard {

  private static final int MOST_PROFILES = 64;
  private static final int LONGEST_WHY = 400;
  private static final int LONGEST_STATE = 20;

  private boolean online;
  private JsonValue.@Nullable Obj reported;

  /** The key that was found to have signed {@link #reported}; null while none is known to. */
  private @Nullable String signer;

  private @Nullable String key;
  private long dropped;
  private long samples;
  private long failed;
  private long flawed;
  private String version = "";
  private final SortedSet<String> profiles = new TreeSet<>();

  /**
   * How a gateway does.
   *
   * @param dropped records that it has declared as gone
   * @param samples that came
   * @param failed those of them that are wholly failed polls
   * @param flawed those of the others in which a point is bad
   * @param millis how long was listened for them
   */
  record Health(long dropped, long samples, long failed, long flawed, long millis) {

    Health since(Health before) {
      return new Health(
          dropped - before.dropped,
          samples - before.samples,
          failed - before.failed,
          flawed - before.flawed,
          millis - before.millis);
    }
  }

  /** What it says of the document that came last. */
  record Fate(long serial, String state, String why) {}

  /**
   * @param topic what follows {@code lingtan/v1/GATEWAY/}
   */
  void take(String topic, byte[] payload, MessageReader reader) {
    if (topic.equals("reported")) {
      report(payload);
    } else if (topic.startsWith("meta")) {
      describe(topic, payload);
    } else {
      switch (reader.read(topic, payload)) {
        case Arrived.Status status -> online = status.online();
        case Arrived.Store store -> dropped = dropped(store);
        case Arrived.Records records -> records.records().forEach(this::count);
        default -> {
          // Nothing that tells how it does.
        }
      }
    }
  }

  private void report(byte[] payload) {
    signer = null;
    try {
      reported = payload.length == 0 ? null : JsonValue.object(new String(payload, UTF_8));
    } catch (JsonValue.NotJson e) {
      reported = null;
    }
  }

  /** A change often hits those of one version, or with one kind of meter. */
  private void describe(String topic, byte[] payload) {
    try {
      if (topic.equals("meta")) {
        key = key(payload);
        version = String.valueOf(Tree.parse(payload).object("software").textOrNull("version"));
      } else if (profiles.size() < MOST_PROFILES && payload.length > 0) {
        profiles.add(String.valueOf(Tree.parse(payload).object("profile").textOrNull("name")));
      }
    } catch (Malformed e) {
      // It counts as of no kind.
    }
  }

  /** Null where it signs nothing. */
  private static @Nullable String key(byte[] meta) {
    try {
      return VerifyingKey.ofJwk(new String(meta, UTF_8)).x();
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static long dropped(Arrived.Store store) {
    long all = sum(store.dropped());
    for (Arrived.Previous previous :
        store.previous() == null ? List.<Arrived.Previous>of() : store.previous()) {
      all += sum(previous.dropped());
    }
    return all;
  }

  private static long sum(@Nullable List<Drop> drops) {
    return drops == null ? 0 : drops.stream().mapToLong(Drop::count).sum();
  }

  private void count(Arrived.Numbered record) {
    if (record.isData()) {
      samples++;
      if (record.failed()) {
        failed++;
      } else if (new String(record.json(), ISO_8859_1).contains("\"bad\":{")) {
        flawed++;
      }
    }
  }

  boolean isOnline() {
    return online;
  }

  /** Whether it obeys a fleet's centre, and says so. */
  boolean isOfFleet() {
    return reported != null;
  }

  /** The public key that it names in {@code meta}, null if there is none. */
  @Nullable String key() {
    return key;
  }

  @Nullable String group() {
    return reported == null ? null : reported.text("group");
  }

  /**
   * @param kind {@code config} or {@code software}
   * @param pinned the key that signs what it says; null if it signed nothing when it was dealt
   */
  Fate fate(String kind, @Nullable String pinned) {
    if (reported == null
        || !(reported.get(kind) instanceof JsonValue.Obj said)
        || !(pinned == null || isSigned(reported, pinned))) {
      return new Fate(0, "", "");
    }
    String serial = said.number("serial");
    String why = said.text("why");
    return new Fate(
        serial != null && serial.matches("[0-9]{1,16}") ? Long.parseLong(serial) : 0,
        shown(said.text("state"), LONGEST_STATE),
        shown(why, LONGEST_WHY));
  }

  private static String shown(@Nullable String text, int longest) {
    return ForeignText.text(text == null ? "" : text, longest);
  }

  private boolean isSigned(JsonValue.Obj text, String pinned) {
    if (!pinned.equals(signer)
        && VerifyingKey.of(pinned)
            .signed(CanonicalJson.of(text.without("sig")), text.text("sig"))) {
      signer = pinned;
    }
    return pinned.equals(signer);
  }

  /** Gateways with the same are alike, as far as they tell. */
  String likeness() {
    return version + profiles;
  }

  /**
   * @param millis since we listen
   */
  Health health(long millis) {
    return new Health(dropped, samples, failed, flawed, millis);
  }
}
