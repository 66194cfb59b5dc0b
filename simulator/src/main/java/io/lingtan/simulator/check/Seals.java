package io.lingtan.simulator.check;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lingtan.simulator.check.record.Received.Event;
import io.lingtan.simulator.check.record.Received.Interval;
import io.lingtan.simulator.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Whether each interval record is signed and names the one that was signed before it: the rules of
 * "Is it as the gateway wrote it?" in config/MQTT.md, read anew. Keys are those of the retained
 * {@code meta}, which nobody but the gateway writes here.
 */
final class Seals {

  /** What stands before the bytes of a key in its X.509 form (RFC 8410). */
  private static final byte[] X509 = HexFormat.of().parseHex("302a300506032b6570032100");

  private static final JsonFactory JSON = new JsonFactory();
  private static final String NONE = "A".repeat(43);

  private final Findings findings;
  private final Map<String, PublicKey> keys = new LinkedHashMap<>();

  /** How many chains of each key are said to begin. */
  private final Map<String, Integer> started = new HashMap<>();

  private final Map<String, NavigableMap<Long, Sealed>> epochs = new LinkedHashMap<>();

  private final Set<String> hashes = new HashSet<>();

  /** Who follows each record, by the record's hash. */
  private final Map<String, List<Sealed>> followers = new HashMap<>();

  /** A record, as the chain needs it. */
  private record Sealed(
      String words, long ts, String prev, String hash, String toSign, String sig) {}

  /** What may have happened to records between them. */
  interface Gaps {
    /** Whether records between two numbers of an epoch are declared dropped. */
    boolean isDropped(String epoch, long after, long before);

    /** Whether the card forgot, or was exchanged for an older one, shortly before a wall time. */
    boolean isTurnedBack(long ts);
  }

  Seals(Findings findings) {
    this.findings = findings;
  }

  /** Takes a birth, which names the key. */
  void meta(Json meta) throws IOException {
    String x = meta.object("key").text("x");
    if (x == null) {
      throw new IOException("meta names no key");
    }
    try {
      byte[] raw = Base64.getUrlDecoder().decode(x);
      ByteArrayOutputStream encoded = new ByteArrayOutputStream();
      encoded.write(X509);
      encoded.write(raw);
      keys.put(
          x,
          KeyFactory.getInstance("Ed25519")
              .generatePublic(new X509EncodedKeySpec(encoded.toByteArray())));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException("meta's key is none", e);
    }
  }

  /** Takes an event, which may say that a chain begins. */
  void take(Event event) {
    if (event.name().equals("chain.start")) {
      started.merge(String.valueOf(event.detail().text("key")), 1, Integer::sum);
    }
  }

  /** Takes a record that had not come before. */
  void take(Interval interval, byte[] message, int from, int length) throws IOException {
    SortedMap<String, String> members = members(message, from, length);
    String sig = text(members.get("sig"));
    String hash = sha256(joined(members));
    members.remove("sig");
    Sealed sealed =
        new Sealed(
            interval.key().words(),
            interval.key().ts(),
            text(members.get("prev")),
            hash,
            joined(members),
            sig);
    epochs
        .computeIfAbsent(interval.key().epoch(), epoch -> new TreeMap<>())
        .put(interval.key().seq(), sealed);
    followers.computeIfAbsent(sealed.prev, none -> new ArrayList<>(1)).add(sealed);
    hashes.add(hash);
  }

  /** Judges all of it, when everything has come. */
  void finish(Gaps gaps) {
    for (Map.Entry<String, NavigableMap<Long, Sealed>> epoch : epochs.entrySet()) {
      Sealed before = null;
      String signer = "";
      long seq = 0;
      for (Map.Entry<Long, Sealed> entry : epoch.getValue().entrySet()) {
        Sealed record = entry.getValue();
        String key = signer(record);
        boolean follows =
            follows(record, before, key.equals(signer) ? "" : key)
                || (record.prev.equals(NONE) && before == null && gaps.isTurnedBack(record.ts))
                || ((before != null || !record.prev.equals(NONE))
                    && gaps.isDropped(epoch.getKey(), seq, entry.getKey()));
        if (key.isEmpty() || !follows) {
          findings.add(Verdict.UNSIGNED, record.ts, record.words);
        }
        before = record;
        signer = key;
        seq = entry.getKey();
      }
    }
    forks(gaps);
  }

  /**
   * Whether a record names the one before it, or begins a chain that is told.
   *
   * @param before null for the first of an epoch
   * @param newKey the key that signed it, empty if that signed the one before it too
   */
  private boolean follows(Sealed record, @Nullable Sealed before, String newKey) {
    if (record.prev.equals(NONE)) {
      return started.merge(newKey, -1, Integer::sum) >= 0;
    }
    return before == null ? hashes.contains(record.prev) : record.prev.equals(before.hash);
  }

  /** A record has one follower, unless the card forgot the first. So has the beginning. */
  private void forks(Gaps gaps) {
    followers.remove(NONE);
    for (List<Sealed> each : followers.values()) {
      for (Sealed again : each.subList(Math.min(1, each.size()), each.size())) {
        if (!gaps.isTurnedBack(again.ts)) {
          findings.add(
              Verdict.UNSIGNED,
              again.ts,
              again.words + " follows the same record as " + each.getFirst().words + ",");
        }
      }
    }
  }

  /** The key that signed; empty if none did. */
  private String signer(Sealed record) {
    List<String> newestFirst = new ArrayList<>(keys.keySet()).reversed();
    for (String x : newestFirst) {
      if (isSigned(record, keys.get(x))) {
        return x;
      }
    }
    return "";
  }

  private static boolean isSigned(Sealed record, @Nullable PublicKey key) {
    try {
      Signature check = Signature.getInstance("Ed25519");
      check.initVerify(key);
      check.update(record.toSign.getBytes(StandardCharsets.UTF_8));
      return check.verify(Base64.getUrlDecoder().decode(record.sig));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return false;
    }
  }

  private static String sha256(String text) throws IOException {
    try {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  /** A string's text from its canonical form, which for hashes and signatures has no escapes. */
  private static String text(@Nullable String canonical) {
    return canonical == null || canonical.length() < 2
        ? ""
        : canonical.substring(1, canonical.length() - 1);
  }

  // The canonical form of RFC 8785, as far as records need it.

  private static SortedMap<String, String> members(byte[] message, int from, int length)
      throws IOException {
    try (JsonParser parser = JSON.createParser(message, from, length)) {
      parser.nextToken();
      return object(parser);
    }
  }

  private static SortedMap<String, String> object(JsonParser parser) throws IOException {
    SortedMap<String, String> members = new TreeMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      members.put(name, value(parser));
    }
    return members;
  }

  private static String joined(SortedMap<String, String> members) {
    List<String> pairs = new ArrayList<>();
    members.forEach((name, value) -> pairs.add(quoted(name) + ":" + value));
    return "{" + String.join(",", pairs) + "}";
  }

  private static String value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> joined(object(parser));
      case START_ARRAY -> {
        List<String> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          items.add(value(parser));
        }
        yield "[" + String.join(",", items) + "]";
      }
      case VALUE_STRING -> quoted(parser.getText());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(parser.getDoubleValue());
      default -> parser.getText();
    };
  }

  /** Millionths and whole numbers below 2^53 never need an exponent. */
  private static String number(double value) {
    return value == 0
        ? "0"
        : new BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString();
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      int escape = "\b\t\n\f\r\"\\".indexOf(c);
      if (escape >= 0) {
        quoted.append('\\').append("btnfr\"\\".charAt(escape));
      } else if (c < ' ') {
        quoted.append("\\u00").append(HexFormat.of().toHexDigits((byte) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
