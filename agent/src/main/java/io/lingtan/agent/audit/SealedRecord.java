package io.lingtan.agent.audit;

import io.lingtan.agent.seal.CanonicalJson;
import io.lingtan.agent.seal.Digest;
import io.lingtan.agent.seal.JsonValue;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An interval record as it stands in a file, with what its place in the chain needs.
 *
 * @param line from 1
 * @param after seq of the record before it of its length, 0 for none
 * @param hash of the record with its signature
 * @param toSign what the signature is over
 */
record SealedRecord(
    long line,
    String epoch,
    long seq,
    long after,
    String length,
    long start,
    long end,
    JsonValue.Obj json,
    String hash,
    String toSign) {

  /**
   * Takes a record apart.
   *
   * @throws Malformed if it is not an interval record
   */
  static SealedRecord of(long line, JsonValue.Obj json) throws Malformed {
    try {
      return new SealedRecord(
          line,
          text(json, "epoch"),
          whole(json, "seq"),
          whole(json, "after"),
          text(json, "interval"),
          whole(json, "start"),
          whole(json, "end"),
          json,
          Digest.of(CanonicalJson.of(json)),
          CanonicalJson.of(json.without("sig")));
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new Malformed("a number is none: " + e.getMessage());
    }
  }

  private static String text(JsonValue.Obj json, String name) throws Malformed {
    String text = json.text(name);
    if (text == null) {
      throw new Malformed("has no " + name);
    }
    return text;
  }

  private static long whole(JsonValue.Obj json, String name) throws Malformed {
    String number = json.number(name);
    if (number == null) {
      throw new Malformed("has no " + name);
    }
    return new BigDecimal(number).longValueExact();
  }

  @Nullable String prev() {
    return json.text("prev");
  }

  @Nullable String sig() {
    return json.text("sig");
  }

  /** Where a record stands, without its content. */
  record Place(long line, String epoch, long seq, long after, String length, long start) {

    /** For a person. */
    String words() {
      return "epoch " + epoch + " seq " + seq + " (" + interval() + ")";
    }

    private String interval() {
      return length + " from " + Instant.ofEpochMilli(start);
    }

    Flaw flaw(Flaw.Kind kind, String field, String what) {
      return new Flaw(line, epoch, seq, interval(), field, kind, what);
    }
  }

  Place place() {
    return new Place(line, epoch, seq, after, length, start);
  }

  Flaw flaw(Flaw.Kind kind, String field, String what) {
    return place().flaw(kind, field, what);
  }

  /**
   * The first number, in the order of the text, that its canonical form does not hold in full; null
   * if there is none.
   */
  @Nullable String inexact() {
    return inexact("", json);
  }

  private static @Nullable String inexact(String path, JsonValue value) {
    switch (value) {
      case JsonValue.Obj(var members) -> {
        for (Map.Entry<String, JsonValue> member : members.entrySet()) {
          String found = inexact(path + "." + member.getKey(), member.getValue());
          if (found != null) {
            return found;
          }
        }
      }
      case JsonValue.Arr(var items) -> {
        for (JsonValue item : items) {
          String found = inexact(path, item);
          if (found != null) {
            return found;
          }
        }
      }
      case JsonValue.Num(String literal) -> {
        String signed = CanonicalJson.number(Double.parseDouble(literal));
        if (new BigDecimal(signed).compareTo(new BigDecimal(literal)) != 0) {
          return path.substring(1);
        }
      }
      case JsonValue.Str text -> {}
      case JsonValue.Word word -> {}
    }
    return null;
  }
}
