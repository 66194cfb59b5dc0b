package io.lingtan.agent.status.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.status.access.Technician.Role;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides who may see and who may act. Thread-safe.
 *
 * <ul>
 *   <li>A request must call the page by an address, or by a name that is this machine's: another
 *       name was turned round to it, for a browser to be talked into something (DNS rebinding).
 *   <li>Nothing is granted for an address: tunnels and proxies have that of this machine. A program
 *       of this machine proves by the {@link Pass} that it is one, and may do both. Others see what
 *       {@code status.view} says: all, or with the PIN only; and act with the PIN only.
 *   <li>Who acts must come from the page itself and send a header that no form can.
 * </ul>
 */
public final class Access {
  private static final Logger log = LoggerFactory.getLogger(Access.class);

  private static final String COOKIE = "lingtan";
  private static final int MADE_BELOW = 1_000_000;
  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");

  /** An address as a URL has it; what looks like one and is none is nobody's name either. */
  private static final Pattern ADDRESS =
      Pattern.compile("(\\d{1,3}\\.){3}\\d{1,3}|\\[[0-9a-f:.]+(%25[0-9a-z]+)?]");

  private final boolean isOpen;
  private @Nullable String pin;
  private Map<String, Technician> technicians = Map.of();
  private @Nullable Path pinFile;
  private final Consumer<Event> events;
  private final @Nullable String pass;
  private final Set<String> names;
  private final boolean isSecure;
  private final Time time;
  private final Tries tries = new Tries(Neighbourhood::has);
  private final WrongPins wrongPins;
  private final Sessions sessions;
  private final RandomGenerator random;
  private long refused;

  /**
   * @param isOpen whether everybody may see
   * @param pin null if nobody gets in by one
   * @param pass that programs of this machine send; null if there is none
   * @param names by which the page may be called beside addresses and {@code localhost}
   * @param isSecure whether the page speaks HTTPS
   * @param random unpredictable
   * @param events takes what is to be known of wrong PINs
   */
  public Access(
      boolean isOpen,
      @Nullable String pin,
      @Nullable String pass,
      Set<String> names,
      boolean isSecure,
      Time time,
      RandomGenerator random,
      Consumer<Event> events) {
    this.isSecure = isSecure;
    this.isOpen = isOpen;
    this.pin = pin;
    this.pass = pass;
    this.time = time;
    this.random = random;
    this.sessions = new Sessions(random);
    this.wrongPins = new WrongPins(events);
    this.events = events;
    Set<String> all = new HashSet<>(LOOPBACK);
    for (String name : names) {
      all.add(name.toLowerCase(Locale.ROOT));
    }
    this.names = Set.copyOf(all);
  }

  /** Why the page does not answer to this name; null if it does. */
  public @Nullable Denial called(HttpCaller asked) {
    String host = host(asked);
    if (host != null && (names.contains(host) || ADDRESS.matcher(host).matches())) {
      return null;
    }
    return denied(
        Denial.never(
            "this page is not called "
                + (host == null ? "nothing" : "by that name")
                + ": use the gateway's address, or write the name under status.hosts in the site"
                + " file"));
  }

  /** Why it may not see; null if it may. */
  public synchronized @Nullable Denial view(HttpCaller asked) {
    return isOpen || isOurs(asked) ? null : known(asked).denial();
  }

  /** Whether who was let see may see still. Asking keeps no session going. */
  public synchronized boolean stillSees(HttpCaller asked) {
    String token = token(asked);
    String given = password(asked.authorization());
    return isOpen
        || isOurs(asked)
        || (token != null && sessions.has(token, time.now()))
        || (given != null && whose(given) != null);
  }

  /** Why it may not act, or log in; null if the request is meant and the page's own. */
  public @Nullable Denial meant(HttpCaller asked) {
    String own = asked.host();
    String origin = asked.origin();
    if (origin != null && !origin.equals((isSecure ? "https://" : "http://") + own)) {
      return denied(Denial.never("not from another page: " + origin));
    }
    String type = asked.type();
    if (type == null || !type.toLowerCase(Locale.ROOT).startsWith("application/json")) {
      return denied(Denial.never("send application/json"));
    }
    return asked.meant()
        ? null
        : denied(Denial.never("the header " + HttpCaller.MEANT + ": 1 is missing"));
  }

  /**
   * Who asks, and whether that person may.
   *
   * @param who gave the PIN; null if nobody did
   * @param denial null if it may be
   */
  public record Permission(@Nullable Technician who, @Nullable Denial denial) {}

  /** Whether it may be asked for by whoever asks. */
  public synchronized Permission act(HttpCaller asked, Role needed) {
    Denial unmeant = meant(asked);
    if (unmeant != null) {
      return new Permission(null, unmeant);
    }
    Permission permission = isOurs(asked) ? new Permission(Technician.UNNAMED, null) : known(asked);
    Technician who = permission.who();
    return who == null || who.may(needed)
        ? permission
        : new Permission(
            null,
            denied(
                Denial.never(
                    "%s may %s, and this takes the role %s: ask whoever keeps the file of technicians"
                        .formatted(who.name(), who.role().word(), needed.word()))));
  }

  /** Notes what a named technician has done. */
  public void acted(Technician who, HttpCaller asked, String what, @Nullable String of) {
    if (!who.name().isEmpty()) {
      note(who, asked, what, of);
    }
  }

  private void note(Technician who, HttpCaller asked, String what, @Nullable String of) {
    Event event =
        Event.of("command.technician", Severity.INFO)
            .with("technician", who.name())
            .with("role", who.role().word())
            .with("did", what)
            .with("from", asked.from().getHostAddress());
    events.accept(of == null ? event : event.with("of", of));
  }

  /**
   * A session as others see it.
   *
   * @param number by which it can be ended
   * @param technician empty for the PIN of the label
   */
  public record Shown(
      long number,
      String technician,
      String role,
      String from,
      long begunSeconds,
      long idleSeconds) {}

  /** The sessions that go on. */
  public synchronized List<Shown> sessions() {
    MonotonicInstant now = time.now();
    return sessions.list(now).stream()
        .map(
            each ->
                new Shown(
                    each.number(),
                    each.who().name(),
                    each.who().role().word(),
                    each.from().getHostAddress(),
                    now.millisSince(each.begun()) / 1000,
                    now.millisSince(each.used()) / 1000))
        .toList();
  }

  /** Who has a PIN of their own, by name. */
  public synchronized List<Technician> technicians() {
    return technicians.values().stream().sorted(Comparator.comparing(Technician::name)).toList();
  }

  /** From now on who is added or removed is written beside this file. */
  public synchronized void keepBeside(@Nullable Path file) {
    pinFile = file;
  }

  /**
   * Gives somebody a PIN of their own, which is in the file when this returns and is told once.
   *
   * @throws TechniciansFile.Refused if it may not be; nothing is changed
   * @throws IOException if the file cannot be written; nothing is changed
   */
  public synchronized String add(String name, Role role, Technician by, HttpCaller asked)
      throws IOException, TechniciansFile.Refused {
    String made;
    do {
      made = String.format(Locale.ROOT, "%06d", random.nextInt(MADE_BELOW));
    } while (made.equals(pin) || technicians.containsKey(made));
    TechniciansFile.add(kept(), name, role, made);
    technicians = Map.copyOf(TechniciansFile.beside(kept(), pin));
    note(by, asked, "add_technician", name);
    return made;
  }

  /**
   * Takes somebody's PIN away and ends that person's sessions; false if there is nobody of this
   * name.
   *
   * @throws TechniciansFile.Refused if it may not be; nothing is changed
   * @throws IOException if the file cannot be written; nothing is changed
   */
  public synchronized boolean remove(String name, Technician by, HttpCaller asked)
      throws IOException, TechniciansFile.Refused {
    if (!TechniciansFile.remove(kept(), name)) {
      return false;
    }
    technicians = Map.copyOf(TechniciansFile.beside(kept(), pin));
    sessions.endOf(name);
    note(by, asked, "remove_technician", name);
    return true;
  }

  private Path kept() throws IOException {
    Path file = pinFile;
    if (file == null) {
      throw new IOException("this page has no status.pin_file, beside which technicians are kept");
    }
    return file;
  }

  /** Ends another's session; false if there is none of this number. */
  public synchronized boolean end(long number, Technician by, HttpCaller asked) {
    Sessions.Session ended = sessions.end(number);
    if (ended != null) {
      String whose = ended.who().name();
      acted(by, asked, "end_session", whose.isEmpty() ? ended.from().getHostAddress() : whose);
    }
    return ended != null;
  }

  /**
   * What came of a PIN.
   *
   * @param cookie for the browser to keep; null if it was not right
   * @param denial null if it was
   */
  public record Login(@Nullable String cookie, @Nullable Denial denial) {}

  /** Takes a PIN. */
  public synchronized Login login(HttpCaller asked, String given) {
    Permission permission = tried(asked, given);
    Technician who = permission.who();
    if (who == null) {
      return new Login(null, permission.denial());
    }
    acted(who, asked, "begin_session", null);
    return new Login(cookie(sessions.begin(who, asked.from(), time.now())), null);
  }

  /** Ends the session, and returns the cookie that takes its cookie away. */
  public synchronized String logout(HttpCaller asked) {
    String token = token(asked);
    if (token != null) {
      sessions.end(token);
    }
    return cookie("");
  }

  /**
   * Takes the PIN and the technicians as they are by now. Where they are others, whoever got in by
   * those before has to give the PIN again.
   *
   * @param now null if nobody gets in by the PIN of the label
   * @param named by their PIN
   * @return whether any is another
   */
  public synchronized boolean renew(@Nullable String now, Map<String, Technician> named) {
    if (Objects.equals(pin, now) && technicians.equals(named)) {
      return false;
    }
    pin = now;
    technicians = Map.copyOf(named);
    sessions.endAll();
    return true;
  }

  /** Notes that who comes in is decided otherwise, whoever did it. */
  public void entranceChanged(Technician who, HttpCaller asked, String of) {
    note(who, asked, "change_entrance", of);
  }

  /** Wrong PINs since start. */
  public synchronized long wrong() {
    return wrongPins.count();
  }

  /** Tells what is to be told by now; called each second or so. */
  public synchronized void tell() {
    wrongPins.tell(time.now());
  }

  /** Requests that were refused since start, those with a wrong PIN among them. */
  public synchronized long refused() {
    return refused;
  }

  private Permission known(HttpCaller asked) {
    String token = token(asked);
    Technician who = token == null ? null : sessions.goesOn(token, time.now());
    if (who != null) {
      return new Permission(who, null);
    }
    String given = password(asked.authorization());
    return given == null
        ? no(new Denial(401, "the PIN is on the gateway's label, and in its file", 0))
        : tried(asked, given);
  }

  private Permission no(Denial denial) {
    return new Permission(null, denied(denial));
  }

  /** Whose PIN it is; null if nobody's. Takes as long for one as for another. */
  private @Nullable Technician whose(String given) {
    byte[] bytes = given.getBytes(UTF_8);
    String right = pin;
    Technician found =
        right != null && MessageDigest.isEqual(right.getBytes(UTF_8), bytes)
            ? Technician.UNNAMED
            : null;
    for (Map.Entry<String, Technician> each : technicians.entrySet()) {
      if (MessageDigest.isEqual(each.getKey().getBytes(UTF_8), bytes)) {
        found = each.getValue();
      }
    }
    return found;
  }

  private Permission tried(HttpCaller asked, String given) {
    MonotonicInstant now = time.now();
    long wait = tries.waitMillis(asked.from(), now);
    if (wait > 0) {
      return no(later(wait, "too many wrong PINs"));
    }
    if (pin == null && technicians.isEmpty()) {
      return no(Denial.never("this gateway has no PIN: its log says why"));
    }
    Technician who = whose(given);
    if (who != null) {
      tries.right(asked.from(), now);
      return new Permission(who, null);
    }
    wrongPins.add(asked.from(), now);
    int left = tries.wrong(asked.from(), now);
    if (left == 0) {
      log.warn("wrong PINs from {}: the next try has to wait", asked.from().getHostAddress());
      return no(later(tries.waitMillis(asked.from(), now), "the PIN is wrong"));
    }
    return no(new Denial(401, "the PIN is wrong; " + left + " more tries", 0));
  }

  private static Denial later(long millis, String why) {
    long seconds = (millis + 999) / 1_000;
    return new Denial(429, why + "; try again in " + seconds + " s", seconds);
  }

  private synchronized Denial denied(Denial denial) {
    refused++;
    return denial;
  }

  /** Whether it is of a program of this machine, which could read the pass. */
  public boolean isOurs(HttpCaller asked) {
    String right = pass;
    String given = asked.authorization();
    return right != null
        && given != null
        && MessageDigest.isEqual((Pass.SCHEME + right).getBytes(UTF_8), given.getBytes(UTF_8));
  }

  private static @Nullable String host(HttpCaller asked) {
    String host = asked.host();
    if (host == null) {
      return null;
    }
    int colon = host.lastIndexOf(':');
    String name = colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
    return name.toLowerCase(Locale.ROOT);
  }

  /**
   * The browser keeps it until it is closed: when the session ends is decided here, 30 minutes
   * after its last request.
   */
  private String cookie(String token) {
    String over = token.isEmpty() ? "; Max-Age=0" : "";
    String more = isSecure ? "; Secure" : "";
    return COOKIE + "=" + token + "; Path=/; HttpOnly; SameSite=Strict" + over + more;
  }

  private static @Nullable String token(HttpCaller asked) {
    String cookies = asked.cookies();
    if (cookies == null) {
      return null;
    }
    for (String each : cookies.split(";", -1)) {
      String cookie = each.strip();
      if (cookie.startsWith(COOKIE + "=")) {
        return cookie.substring(COOKIE.length() + 1);
      }
    }
    return null;
  }

  /** Of {@code Authorization: Basic}, as {@code curl -u :PIN} and scrapers send it. */
  private static @Nullable String password(@Nullable String authorization) {
    if (authorization == null || !authorization.regionMatches(true, 0, "Basic ", 0, 6)) {
      return null;
    }
    try {
      String both =
          new String(Base64.getDecoder().decode(authorization.substring(6).strip()), UTF_8);
      return both.substring(both.indexOf(':') + 1);
    } catch (IllegalArgumentException e) {
      return "";
    }
  }
}
