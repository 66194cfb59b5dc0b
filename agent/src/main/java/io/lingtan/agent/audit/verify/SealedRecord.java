package io.lingtan.agent.audit.verify;

import io.lingtan.agent.audit.Exact;
import io.lingtan.agent.audit.message.Malformed;
import io.lingtan.agent.audit.message.MessageReader;
import io.lingtan.agent.reading.foreign.ForeignText;
import io.lingtan.agent.seal.CanonicalJson;
import io.lingtan.agent.seal.Digest;
import io.lingtan.agent.seal.JsonValue;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An interval record as it stands in a file, with what its place in the chain needs.
 *
 * @param line from 1
 * @param after seq of the record before it of its length, 0 for none
 * @param inexact the first number, in the order of the text, that its canonical form does not hold
 *     in full; null if there is none
 * @param hash of the record with its signature
 * @param toSign what the signature is over
 */
public record SealedRecord(
    long line,
    String epoch,
    long seq,
    long after,
    String length,
    long start,
    long end,
    JsonValue.Obj json,
    @Nullable String inexact,
    String hash,
    String toSign) {

  private static final int LONGEST_METRIC = 128;

  /**
   * Takes a record apart.
   *
   * @throws Malformed if it is not an interval record
   */
  public static SealedRecord of(long line, JsonValue.Obj json) throws Malformed {
    try {
      return new SealedRecord(
          line,
          text(json, "epoch"),
          whole(json, "seq"),
          whole(json, "after"),
          text(json, "interval"),
          whole(json, "start"),
          whole(json, "end"),
          named(json),
          inexact(json),
          Digest.of(CanonicalJson.of(json)),
          CanonicalJson.of(json.without("sig")));
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new Malformed("something that should be a number is not: " + e.getMessage());
    }
  }

  /** The names of figures are printed, too. */
  private static JsonValue.Obj named(JsonValue.Obj json) throws Malformed {
    for (String name : json.object("metrics").members().keySet()) {
      if (name.length() > LONGEST_METRIC || !ForeignText.isName(name)) {
        throw new Malformed("metrics has a member " + shown(name) + ", and no figure is called so");
      }
    }
    return json;
  }

  private static String shown(String text) {
    return ForeignText.text(text, MessageReader.LONGEST_ID);
  }

  private static String text(JsonValue.Obj json, String name) throws Malformed {
    String text = json.text(name);
    if (text == null) {
      throw new Malformed("has no " + name);
    }
    if (text.length() > MessageReader.LONGEST_ID) {
      throw new Malformed(name + " is too long");
    }
    if (!ForeignText.isName(text)) {
      throw new Malformed(name + " is " + shown(text) + ", and that has another form");
    }
    return text;
  }

  private static long whole(JsonValue.Obj json, String name) throws Malformed {
    String number = json.number(name);
    if (number == null) {
      throw new Malformed("has no " + name);
    }
    return Exact.of(number).longValueExact();
  }

  /** When it was written, UTC ms; as the end of its interval where it does not say. */
  long ts() {
    String number = json.number("ts");
    return number == null ? end : Exact.of(number).longValueExact();
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

  private static @Nullable String inexact(JsonValue.Obj json) {
    List<String> paths = new ArrayList<>();
    addInexact("", json, paths);
    return paths.isEmpty() ? null : paths.getFirst().substring(1);
  }

  private static void addInexact(String path, JsonValue value, List<String> to) {
    switch (value) {
      case JsonValue.Obj(var members) ->
          members.forEach((name, member) -> addInexact(path + "." + name, member, to));
      case JsonValue.Arr(var items) -> items.forEach(item -> addInexact(path, item, to));
      case JsonValue.Num(String literal) -> {
        BigDecimal exact = Exact.of(literal);
        if (exact.compareTo(new BigDecimal(CanonicalJson.number(exact.doubleValue()))) != 0) {
          to.add(path);
        }
      }
      case JsonValue.Str text -> {}
      case JsonValue.Word word -> {}
    }
  }
}
