package io.lingtan.agent.fleet;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lingtan.agent.fleet.Unfit.Rule;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.seal.CanonicalJson;
import io.lingtan.agent.seal.Digest;
import io.lingtan.agent.seal.JsonValue;
import io.lingtan.agent.seal.SigningKey;
import io.lingtan.agent.seal.VerifyingKey;
import io.lingtan.agent.site.Site;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A site file, or a version of the software, that the centre wants a gateway, or each of a group,
 * to run by. As JSON it has the members {@code kind} ({@value #CONFIG} or {@value #SOFTWARE}),
 * {@code gateway} or {@code group}, {@code serial}, {@code base} or none, {@code expires}, {@code
 * body} or what {@link Software} has, and {@code sig}: an Ed25519 signature over the RFC 8785 form
 * of the others, base64url. A member that is not known may be a condition, so that a document with
 * one is refused.
 *
 * @param gateway the one it is for, null for a group
 * @param group the group it is for, null for one gateway
 * @param serial 1..2^53 - 1; only rises
 * @param base SHA-256 of the site file that it is to take the place of, hex; null for any
 * @param expiresMillis from when on it is not obeyed any more, UTC ms
 * @param body the site file; of a group's it may leave {@code gateway} out; empty of software
 * @param software null for a site file
 */
public record FleetDocument(
    @Nullable String gateway,
    @Nullable String group,
    long serial,
    @Nullable String base,
    long expiresMillis,
    String body,
    @Nullable Software software) {

  /**
   * A package.
   *
   * @param version of it, as dpkg writes it
   * @param sha256 of the package, hex
   * @param size of the package in bytes, 1..{@value #LARGEST}
   * @param url of the folder that it is in, under the name {@code lingtan_VERSION_all.deb}
   */
  public record Software(String version, String sha256, long size, String url) {
    /** In bytes. */
    public static final long LARGEST = 256L * 1024 * 1024;

    private static final Pattern VERSION = Pattern.compile("[0-9][0-9A-Za-z.+~-]{0,63}");

    /** So that nothing of it means anything to a shell, to JSON or to apt. */
    private static final Pattern URL =
        Pattern.compile("https?://[A-Za-z0-9.:_-]{1,255}(/[A-Za-z0-9._~-]{1,255}){0,16}/?");

    public Software {
      require(
          VERSION.matcher(version).matches(), "version is none of a package: " + shown(version));
      require(HASH.matcher(sha256).matches(), "sha256 is 64 hexadecimal digits");
      require(size >= 1 && size <= LARGEST, "size is 1.." + LARGEST + ", was " + size);
      require(
          URL.matcher(url).matches(),
          "url is http:// or https://, a host and folders of letters, digits and . _ ~ -, was "
              + shown(url));
    }
  }

  /** In bytes. */
  public static final int LARGEST = 256 * 1024;

  /** Each integer up to here is one number of RFC 8785. */
  public static final long HIGHEST_SERIAL = (1L << 53) - 1;

  private static final String CONFIG = "config";
  private static final String SOFTWARE = "software";
  private static final String SIG = "sig";
  private static final Set<String> MEMBERS =
      Set.of("kind", "gateway", "group", "serial", "base", "expires", "body", SIG);
  private static final Set<String> SOFTWARE_MEMBERS =
      Set.of(
          "kind", "gateway", "group", "serial", "expires", "version", "sha256", "size", "url", SIG);
  private static final Pattern WHOLE = Pattern.compile("[1-9][0-9]{0,15}");
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern NAMES_GATEWAY = Pattern.compile("(?m)^[\"']?gateway[\"']?\\s*:");

  public FleetDocument {
    if ((gateway == null) == (group == null)) {
      throw new IllegalArgumentException("a document is for a gateway or for a group");
    }
    if (serial < 1 || serial > HIGHEST_SERIAL) {
      throw new IllegalArgumentException("serial is 1..2^53 - 1, was " + serial);
    }
    if (base != null && !HASH.matcher(base).matches()) {
      throw new IllegalArgumentException("base is 64 hexadecimal digits, was " + base);
    }
  }

  /** A site file. */
  public FleetDocument(
      @Nullable String gateway,
      @Nullable String group,
      long serial,
      @Nullable String base,
      long expiresMillis,
      String body) {
    this(gateway, group, serial, base, expiresMillis, body, null);
  }

  /** {@code config} or {@code software}, as in its topic and in {@code reported}. */
  public String kind() {
    return software == null ? CONFIG : SOFTWARE;
  }

  /**
   * @param itsGroup null if it is in none
   */
  public boolean isFor(String itsName, @Nullable String itsGroup) {
    return group == null ? itsName.equals(gateway) : group.equals(itsGroup);
  }

  /**
   * Reads one whose signature others will judge.
   *
   * @throws IllegalArgumentException if it is none, or has no signature
   */
  public static FleetDocument unproved(byte[] payload) {
    try {
      JsonValue.Obj object = parsed(payload);
      require(object.text(SIG) != null, "it is not signed: lingtan fleet sign makes documents");
      return of(object);
    } catch (Unfit e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /**
   * Reads what somebody published.
   *
   * @param key the fleet's
   * @throws Unfit if it is too large, no JSON, not signed with that key, or of another form
   */
  static FleetDocument read(byte[] payload, VerifyingKey key) throws Unfit {
    JsonValue.Obj object = parsed(payload);
    String sig = object.text(SIG);
    if (sig == null) {
      throw new Unfit(Rule.UNSIGNED, "the document is not signed: lingtan fleet sign makes one");
    }
    if (!key.signed(canonical(object.without(SIG)), sig)) {
      throw new Unfit(
          Rule.WRONGLY_SIGNED,
          "the document is not signed with the key of fleet.key, or was changed after that");
    }
    try {
      return of(object);
    } catch (IllegalArgumentException e) {
      throw new Unfit(Rule.FORM, "the document cannot be meant: " + e.getMessage());
    }
  }

  /**
   * What root's half of an update gets of one that was read: its canonical form without the
   * signature, and that, a line each.
   */
  static String wish(byte[] payload) {
    try {
      JsonValue.Obj object = parsed(payload);
      return canonical(object.without(SIG)) + "\n" + object.text(SIG) + "\n";
    } catch (Unfit e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static JsonValue.Obj parsed(byte[] payload) throws Unfit {
    if (payload.length > LARGEST) {
      throw new Unfit(
          Rule.TOO_LARGE,
          "the document has " + payload.length + " bytes, at most " + LARGEST + " are taken");
    }
    try {
      return JsonValue.object(UTF_8.newDecoder().decode(ByteBuffer.wrap(payload)).toString());
    } catch (CharacterCodingException e) {
      throw new Unfit(Rule.NOT_JSON, "the document holds bytes that are no UTF-8");
    } catch (JsonValue.NotJson e) {
      throw new Unfit(Rule.NOT_JSON, "the document cannot be read: " + e.getMessage());
    }
  }

  private static String canonical(JsonValue.Obj object) throws Unfit {
    try {
      return CanonicalJson.of(object);
    } catch (IllegalArgumentException e) {
      throw new Unfit(Rule.NOT_JSON, "the document has no canonical form: " + e.getMessage());
    }
  }

  private static FleetDocument of(JsonValue.Obj object) {
    boolean isSoftware = SOFTWARE.equals(object.text("kind"));
    Set<String> known = isSoftware ? SOFTWARE_MEMBERS : MEMBERS;
    for (String name : object.members().keySet()) {
      require(known.contains(name), "this version does not know the member " + shown(name));
    }
    require(
        isSoftware || CONFIG.equals(object.text("kind")),
        "kind is neither " + CONFIG + " nor " + SOFTWARE);
    for (String name : Set.of("gateway", "group", "base")) {
      require(
          object.get(name) == null || object.text(name) != null, "there is no text under " + name);
    }
    return new FleetDocument(
        object.text("gateway"),
        object.text("group"),
        whole(object, "serial"),
        object.text("base"),
        whole(object, "expires"),
        isSoftware ? "" : text(object, "body"),
        isSoftware
            ? new Software(
                text(object, "version"),
                text(object, "sha256"),
                whole(object, "size"),
                text(object, "url"))
            : null);
  }

  private static String text(JsonValue.Obj object, String name) {
    String text = object.text(name);
    require(text != null, "there is no text under " + name);
    return Objects.requireNonNull(text);
  }

  private static long whole(JsonValue.Obj object, String name) {
    String literal = object.number(name);
    require(
        literal != null && WHOLE.matcher(literal).matches(),
        "there is no whole number above 0 under " + name);
    return Long.parseLong(Objects.requireNonNull(literal));
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }

  /** Whether nothing that expires then is obeyed now: also while nothing vouches for the clock. */
  static boolean isExpired(long expiresMillis, Time.Wall wall, MonotonicInstant now) {
    return !wall.trusted() || wall.millisAt(now) >= expiresMillis;
  }

  /**
   * Whether it may be obeyed here and now.
   *
   * @param site the one that runs
   * @param obeyed the highest serial that was obeyed, 0 if none was
   * @param recalled the same as the broker kept it, which is above that where a card was restored:
   *     the document of that number may be obeyed again
   * @throws Unfit if not
   */
  void check(Site site, long obeyed, long recalled, Time.Wall wall, MonotonicInstant now)
      throws Unfit {
    Site.Centre centre = site.fleet();
    String ownGroup = centre == null ? null : centre.group();
    if (!isFor(site.gateway(), ownGroup)) {
      throw new Unfit(
          Rule.OTHER_GATEWAY,
          group == null
              ? "the document is for gateway " + shown(String.valueOf(gateway))
              : "the document is for group "
                  + shown(group)
                  + (ownGroup == null ? ", and this gateway is in none" : ", not " + ownGroup));
    }
    if (serial < recalled && serial > obeyed) {
      throw new Unfit(
          Rule.OLD_SERIAL,
          "serial "
              + serial
              + " is below "
              + recalled
              + ", which this gateway had obeyed before its card was restored: sign it anew with a"
              + " higher one");
    }
    if (serial <= obeyed) {
      throw new Unfit(
          Rule.OLD_SERIAL,
          "serial "
              + serial
              + " is not above "
              + obeyed
              + ", which was obeyed: sign it anew with a higher one");
    }
    if (!wall.trusted()) {
      throw new Unfit(
          Rule.CLOCK,
          "nothing vouches for the clock, so that nobody can tell whether the document has"
              + " expired: it waits for that");
    }
    if (isExpired(expiresMillis, wall, now)) {
      throw new Unfit(
          Rule.EXPIRED, "the document has expired at " + Instant.ofEpochMilli(expiresMillis));
    }
    if (base != null && !base.equals(site.sha256())) {
      throw new Unfit(
          Rule.OTHER_BASE,
          "the document was made for site file " + base + ", and " + site.sha256() + " runs");
    }
  }

  /**
   * The site file that it asks for.
   *
   * @param name of this gateway: a group's document need not have it
   */
  String siteFile(String name) {
    return linesBefore() == 0 ? body : "gateway: " + name + "\n" + body;
  }

  /** How many lines of the site file stand before the document's own. */
  int linesBefore() {
    return group == null || NAMES_GATEWAY.matcher(body).find() ? 0 : 1;
  }

  /** What tells it from every other one. */
  String digest() {
    return Digest.of(CanonicalJson.of(unsigned()));
  }

  private JsonValue.Obj unsigned() {
    var members = new LinkedHashMap<String, JsonValue>();
    members.put("kind", new JsonValue.Str(kind()));
    if (gateway != null) {
      members.put("gateway", new JsonValue.Str(gateway));
    }
    if (group != null) {
      members.put("group", new JsonValue.Str(group));
    }
    members.put("serial", new JsonValue.Num(String.valueOf(serial)));
    if (base != null) {
      members.put("base", new JsonValue.Str(base));
    }
    members.put("expires", new JsonValue.Num(String.valueOf(expiresMillis)));
    if (software == null) {
      members.put("body", new JsonValue.Str(body));
    } else {
      members.put("version", new JsonValue.Str(software.version));
      members.put("sha256", new JsonValue.Str(software.sha256));
      members.put("size", new JsonValue.Num(String.valueOf(software.size)));
      members.put("url", new JsonValue.Str(software.url));
    }
    return new JsonValue.Obj(members);
  }

  /** As JSON in one line, signed: to be published retained as it is. */
  public String signed(SigningKey key) {
    JsonValue.Obj unsigned = unsigned();
    var members = new LinkedHashMap<>(unsigned.members());
    members.put(SIG, new JsonValue.Str(key.sign(CanonicalJson.of(unsigned))));
    return CanonicalJson.of(new JsonValue.Obj(members));
  }

  /** Foreign text in events: short and printable. */
  private static String shown(String text) {
    String plain = text.replaceAll("[^\\p{Print}]", "?");
    return plain.length() <= 64 ? plain : plain.substring(0, 64) + "...";
  }
}
