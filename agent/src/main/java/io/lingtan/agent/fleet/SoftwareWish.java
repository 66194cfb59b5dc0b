package io.lingtan.agent.fleet;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lingtan.agent.fleet.Unfit.Rule;
import io.lingtan.agent.publish.UplinkSnapshot;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Release;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.run.WholeFile;
import io.lingtan.agent.seal.VerifyingKey;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.SmallFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent's half of an update from afar: writes what the centre wishes for root's half, which
 * trusts nothing but the signature, tells it when the new version does well, and reports what it
 * says. The thread of {@link FleetStep}.
 *
 * <p>Files: {@code update/wish}, {@code update/lines}, {@code update/healthy} and {@code
 * update/unwell} below the service's folder are ours; {@code /var/lib/lingtan-update/state}, and
 * {@code declined} beside it, are root's. Each of ours is replaced as a whole; without one of them
 * nothing is installed, or what was goes back.
 */
final class SoftwareWish {

  private static final Logger log = LoggerFactory.getLogger(SoftwareWish.class);

  private static final int LARGEST_STATE = 8192;
  private static final Duration LOOK = Duration.ofSeconds(2);

  /** Before that nobody can tell which lines answer. */
  private static final Duration SETTLED = Duration.ofSeconds(60);

  /** How long a wish that nobody takes up waits to be written again; each time twice as long. */
  private static final Duration AGAIN = Duration.ofMinutes(1);

  private static final Duration LONGEST = Duration.ofHours(1);

  private static final Pattern SERIAL = Pattern.compile("[0-9]{1,16}");

  /**
   * @param folder where root's half looks for ours; null outside of a service
   * @param conf who may have root install what
   * @param state what root's half says
   */
  record Places(@Nullable Path folder, Path conf, Path state) {
    static Places of(Map<String, String> environment) {
      String folders = environment.getOrDefault("STATE_DIRECTORY", "");
      return new Places(
          folders.isEmpty() ? null : Path.of(folders.split(":", -1)[0], "update"),
          Path.of("/etc/lingtan-update.conf"),
          Path.of("/var/lib/lingtan-update/state"));
    }
  }

  private final Places places;
  private final Supplier<Fitness> fitness;
  private final Consumer<Event> tell;
  private final Time time;
  private final Refusals refusals;

  private byte @Nullable [] waiting;

  /** What has expired, if the clock is right, and when it does. */
  private byte @Nullable [] expired;

  private long expiresMillis;
  private @Nullable Unfit refused;
  private long refusedSerial;

  /** The serial of the document that root's half has been asked for. */
  private long wished;

  private Duration patience = AGAIN;
  private MonotonicInstant again;

  /** What root's half said when it was looked at first, and last. */
  private @Nullable Map<String, String> first;

  private Map<String, String> said = Map.of();

  /** Why root's half declines what it has been asked for, empty if it does not. */
  private String declined = "";

  private @Nullable Long ackedBefore;
  private String written = "";
  private MonotonicInstant due;
  private final MonotonicInstant settled;

  SoftwareWish(Places places, Supplier<Fitness> fitness, Consumer<Event> tell, Time time) {
    this.places = places;
    this.fitness = fitness;
    this.tell = tell;
    this.time = time;
    this.due = time.now();
    this.settled = due.plus(SETTLED);
    this.again = due;
    this.refusals = new Refusals("agent.update_refused", tell, due);
  }

  /**
   * @param arrived null if nothing came, empty if what stood there was taken away
   */
  void step(
      byte @Nullable [] arrived,
      Site site,
      Site.Centre centre,
      UplinkSnapshot link,
      MonotonicInstant now) {
    if (arrived != null) {
      arrive(arrived, centre, now);
    } else if (now.isBefore(due)) {
      return;
    }
    due = now.plus(LOOK);
    look();
    if (expired != null && !FleetDocument.isExpired(expiresMillis, time.wall(), now)) {
      waiting = expired; // the clock was set back
      expired = null;
    }
    try {
      if (waiting != null) {
        judge(waiting, site, centre, now);
      }
      wishAgain(now);
      if (said("phase").equals("trial")) {
        prove(link, now);
      }
    } catch (IOException e) {
      log.error("the software's wishes cannot be written: {}", e.toString());
    }
  }

  private void arrive(byte[] document, Site.Centre centre, MonotonicInstant now) {
    Unfit unfit = null;
    if (document.length > 0) {
      try {
        FleetDocument.read(document, VerifyingKey.of(centre.key()));
      } catch (Unfit e) {
        unfit = e;
      }
    }
    if (unfit == null || !unfit.rule().isOfStrangers()) {
      refused = null;
      expired = null;
      waiting = unfit == null && document.length > 0 ? document : null;
    }
    if (unfit != null) {
      refuse(document, null, unfit, now);
    } else if (document.length == 0) {
      takeBack();
    }
  }

  /** Root's half fetches nothing that nobody wishes for any more. */
  private void takeBack() {
    wished = 0;
    declined = "";
    Path folder = places.folder();
    if (folder != null) {
      try {
        Files.deleteIfExists(folder.resolve("wish"));
      } catch (IOException e) {
        log.error("a wish for software cannot be taken back: {}", e.toString());
      }
    }
  }

  private String said(String name) {
    return said.getOrDefault(name, "");
  }

  private long serial(Map<String, String> of) {
    String serial = of.getOrDefault("serial", "");
    return SERIAL.matcher(serial).matches() ? Long.parseLong(serial) : 0;
  }

  /** What root's half says now; each new word is an event. */
  private void look() {
    Map<String, String> before = said;
    said = read(places.state());
    if (first == null) {
      first = said;
      return;
    }
    heedDeclined();
    String phase = said("phase");
    if (before.equals(said) || phase.equals(before.get("phase"))) {
      return;
    }
    switch (phase) {
      case "installing" -> tell.accept(of("agent.update_pending", Severity.INFO));
      case "applied" -> tell.accept(of("agent.updated", Severity.INFO));
      case "refused" ->
          tell.accept(
              of("agent.update_refused", Severity.WARNING)
                  .with("reason", "package")
                  .with("why", said("why")));
      case "put_back", "stuck" ->
          tell.accept(of("agent.update_put_back", Severity.WARNING).with("why", said("why")));
      default -> {
        // It is on its way.
      }
    }
  }

  private void heedDeclined() {
    Map<String, String> no = isAhead() ? read(places.state().resolveSibling("declined")) : Map.of();
    String why = serial(no) == wished ? no.getOrDefault("why", "") : "";
    if (!why.equals(declined) && !why.isEmpty()) {
      tell.accept(
          Event.of("agent.update_refused", Severity.WARNING)
              .with("reason", "package")
              .with("why", why)
              .with("serial", wished));
    }
    declined = why;
  }

  private boolean isTakenBack() {
    return said("phase").equals("taken_back");
  }

  private Event of(String name, Severity severity) {
    return Event.of(name, severity).with("serial", serial(said)).with("version", said("version"));
  }

  private static Map<String, String> read(Path file) {
    Map<String, String> members = new HashMap<>();
    try {
      for (String line : new String(SmallFile.read(file, LARGEST_STATE), UTF_8).split("\n", -1)) {
        int equals = line.indexOf('=');
        if (equals > 0) {
          members.put(line.substring(0, equals), line.substring(equals + 1));
        }
      }
    } catch (IOException e) {
      log.debug("{}", e.toString());
    }
    return members;
  }

  private void judge(byte[] payload, Site site, Site.Centre centre, MonotonicInstant now)
      throws IOException {
    FleetDocument document = null;
    try {
      document = FleetDocument.read(payload, VerifyingKey.of(centre.key()));
      FleetDocument.Software software = document.software();
      if (software == null) {
        throw new Unfit(Rule.FORM, "the document is of a site file: it belongs to desired/config");
      }
      boolean isSame =
          document.serial() == serial(said) && software.sha256().equals(said("sha256"));
      if ((!isSame || isTakenBack()) && document.serial() != wished) {
        // What was taken back before it was installed may come again.
        long most = serial(said) - (isSame ? 1 : 0);
        document.check(site, Math.max(wished, most), 0, time.wall(), now);
        if (!wish(payload, document.serial(), now)) {
          return;
        }
      }
      waiting = null;
      refused = null;
    } catch (Unfit e) {
      if (!e.rule().passes()) {
        waiting = null;
      }
      if (e.rule() == Rule.EXPIRED && document != null) {
        expired = payload;
        expiresMillis = document.expiresMillis();
      }
      refuse(payload, document == null ? null : document.serial(), e, now);
    }
  }

  /** Whether it is wished for, which it is not before it is known how many lines answer. */
  private boolean wish(byte[] payload, long serial, MonotonicInstant now)
      throws Unfit, IOException {
    Path folder = places.folder();
    if (folder == null || !Files.isRegularFile(places.conf())) {
      throw new Unfit(
          Rule.NO_UPDATER,
          "nobody here may install anything from afar: root has to write the fleet's key into "
              + places.conf());
    }
    if (now.isBefore(settled)) {
      return false;
    }
    write("lines", String.valueOf(fitness.get().lines()));
    write("wish", FleetDocument.wish(payload));
    wished = serial;
    patience = AGAIN;
    again = now.plus(patience);
    return true;
  }

  /**
   * What starts root's half when the file changes (systemd's path unit) does not see a change while
   * that half runs: a wish that came at its end would lie there for good.
   */
  private void wishAgain(MonotonicInstant now) throws IOException {
    Path folder = places.folder();
    if (folder == null || !isAhead() || !declined.isEmpty() || now.isBefore(again)) {
      return;
    }
    write("wish", new String(SmallFile.read(folder.resolve("wish"), LARGEST_STATE), UTF_8));
    patience = patience.multipliedBy(2).compareTo(LONGEST) < 0 ? patience.multipliedBy(2) : LONGEST;
    again = now.plus(patience);
  }

  private void write(String name, String text) throws IOException {
    Path folder = Objects.requireNonNull(places.folder());
    Files.createDirectories(folder);
    WholeFile.replace(folder.resolve(name), text.getBytes(UTF_8));
  }

  private void refuse(byte[] document, @Nullable Long serial, Unfit why, MonotonicInstant now) {
    if (!why.rule().isOfStrangers()) {
      refused = why;
      refusedSerial = serial == null ? 0 : serial;
    }
    refusals.tell(document, serial, why, now);
  }

  /** Says that this process does well, if it was started by the version that is on trial. */
  private void prove(UplinkSnapshot link, MonotonicInstant at) throws IOException {
    Map<String, String> started = Objects.requireNonNull(first);
    String phase = started.getOrDefault("phase", "");
    boolean isNew = phase.equals("installing") || phase.equals("trial");
    if (places.folder() == null || !isNew || serial(started) != serial(said)) {
      return;
    }
    if (ackedBefore == null) {
      ackedBefore = link.records().acked();
      // It is also the record that has to be acknowledged where nothing else is told so soon.
      tell.accept(of("agent.update_pending", Severity.INFO));
    }
    Fitness now = fitness.get();
    int before = lines();
    String unwell =
        !now.trouble().isEmpty()
            ? now.trouble()
            : now.lines() < before
                ? now.lines() + " lines answer, " + before + " did before"
                : !link.connected() || link.records().acked() <= ackedBefore
                    ? "no record is acknowledged: "
                        + Objects.requireNonNullElse(link.link().problem(), "the link is up")
                    : at.isBefore(settled) ? "it has not run for long enough" : "";
    String text = unwell.isEmpty() ? said("nonce") : said("nonce") + " " + unwell;
    if (!text.equals(written)) {
      write(unwell.isEmpty() ? "healthy" : "unwell", text);
      written = text;
    }
  }

  private int lines() {
    try {
      Path file = Objects.requireNonNull(places.folder()).resolve("lines");
      return Integer.parseInt(new String(SmallFile.read(file, 16), UTF_8));
    } catch (IOException | NumberFormatException e) {
      return 0;
    }
  }

  /** {@code software} of {@code reported}; nothing while nobody ever wished for any. */
  void report(JsonGenerator json) throws IOException {
    Unfit no = refused;
    long serial = no != null ? refusedSerial : Math.max(wished, isTakenBack() ? 0 : serial(said));
    if (serial == 0 && no == null) {
      return;
    }
    String why =
        no != null
            ? no.why()
            : !declined.isEmpty()
                ? declined
                : isAhead() ? "it waits for lingtan-update.service" : said("why");
    json.writeObjectFieldStart("software");
    json.writeStringField("version", Release.version());
    if (serial == 0) {
      json.writeNullField("serial");
    } else {
      json.writeNumberField("serial", serial);
    }
    json.writeStringField("state", no != null || !declined.isEmpty() ? "refused" : state());
    if (!why.isEmpty()) {
      json.writeStringField("why", why);
    }
    json.writeEndObject();
  }

  /** Whether root's half has not taken up what it has been asked for. */
  private boolean isAhead() {
    return wished > serial(said) || (wished != 0 && isTakenBack());
  }

  private String state() {
    String phase = said("phase");
    return !isAhead()
            && (phase.equals("applied") || phase.equals("refused") || phase.equals("put_back"))
        ? phase
        : "pending";
  }
}
