package io.lingtan.agent.audit.zone;

import io.lingtan.agent.audit.message.Malformed;
import io.lingtan.agent.seal.CanonicalJson;
import io.lingtan.agent.seal.Digest;
import io.lingtan.agent.seal.JsonValue;
import io.lingtan.agent.seal.JsonValue.NotJson;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * What a zone publishes of an interval.
 *
 * @param interval length, such as {@code 15m}
 * @param start UTC ms
 * @param rev 0 at the close; one more each time that members' figures were revised after it
 * @param top of the tree
 */
public record ZoneRoot(String interval, long start, long rev, ZoneNode top) {

  static final String FORMAT = "lingtan zone root 1";
  private static final byte[] ROOT = {2};
  private static final String HASH = "root";

  /** A hash as it is written. */
  private static final String HASHED = "[A-Za-z0-9_-]{43}";

  private JsonValue.Obj statement() {
    SequencedMap<String, JsonValue> figures = new LinkedHashMap<>();
    List<FigureSum> sums = top.sums();
    for (int i = 0; i < sums.size(); i++) {
      FigureSum sum = sums.get(i);
      if (sum.gateways() > 0) {
        SequencedMap<String, JsonValue> figure = new LinkedHashMap<>();
        figure.put("gateways", ZoneLeaf.number(sum.gateways()));
        figure.put("total", new JsonValue.Str(sum.total().toString()));
        figure.put("below_zero", new JsonValue.Str(sum.belowZero().toString()));
        figures.put(ZoneLeaf.FIGURES.get(i), new JsonValue.Obj(figure));
      }
    }
    SequencedMap<String, JsonValue> members = new LinkedHashMap<>();
    members.put("format", new JsonValue.Str(FORMAT));
    members.put("interval", new JsonValue.Str(interval));
    members.put("start", ZoneLeaf.number(start));
    members.put("rev", ZoneLeaf.number(rev));
    members.put("leaves", ZoneLeaf.number(top.leaves()));
    members.put("figures", new JsonValue.Obj(figures));
    members.put("top", new JsonValue.Str(top.hash()));
    return new JsonValue.Obj(members);
  }

  private static String hash(JsonValue.Obj statement) {
    return Digest.base64(
        Digest.sha256(ROOT, CanonicalJson.of(statement).getBytes(StandardCharsets.UTF_8)));
  }

  /** The one that stands for all of it: 43 characters. */
  public String hash() {
    return hash(statement());
  }

  /** One line: the statement, with its hash. */
  public String json() {
    JsonValue.Obj whole = statement();
    whole.members().put(HASH, new JsonValue.Str(hash(statement())));
    return CanonicalJson.of(whole);
  }

  /** For a person. */
  public String words() {
    return words(interval, String.valueOf(start), String.valueOf(rev));
  }

  private static String words(String interval, String start, String rev) {
    String from =
        start.matches("[0-9]{1,15}") ? "" + Instant.ofEpochMilli(Long.parseLong(start)) : start;
    return interval + " from " + from + ", revision " + rev;
  }

  /**
   * A root as somebody has it from the zone.
   *
   * @param words what it says that it is of, empty where there is only a hash
   */
  public record Published(String hash, String words) {

    /** Whether a text is a root's hash. */
    public static boolean isHash(String text) {
      return text.matches(HASHED);
    }

    /**
     * Takes the hash alone, or what {@link ZoneRoot#json} wrote.
     *
     * @throws Malformed if it is neither, or the hash is not that of what stands beside it
     */
    public static Published read(String text) throws Malformed {
      String stripped = text.strip();
      if (isHash(stripped)) {
        return new Published(stripped, "");
      }
      try {
        JsonValue.Obj whole = JsonValue.object(stripped);
        String hash = whole.text(HASH);
        if (hash == null || !FORMAT.equals(whole.text("format"))) {
          throw new Malformed("no " + FORMAT + " and no hash of one");
        }
        if (!hash.equals(ZoneRoot.hash(whole.without(HASH)))) {
          throw new Malformed("its hash is not that of what it says: it was changed");
        }
        return new Published(
            hash,
            ZoneRoot.words(
                String.valueOf(whole.text("interval")),
                String.valueOf(whole.number("start")),
                String.valueOf(whole.number("rev"))));
      } catch (NotJson | IllegalArgumentException e) {
        throw new Malformed("neither a root nor its hash: " + e.getMessage());
      }
    }
  }
}
