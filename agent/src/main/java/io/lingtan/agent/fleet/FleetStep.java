package io.lingtan.agent.fleet;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lingtan.agent.desk.SiteDesk;
import io.lingtan.agent.fleet.Obeyed.Fate;
import io.lingtan.agent.fleet.Unfit.Rule;
import io.lingtan.agent.publish.DesiredState;
import io.lingtan.agent.publish.UplinkSnapshot;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.Json;
import io.lingtan.agent.run.KeptFile;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.NamedStep;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.seal.VerifyingKey;
import io.lingtan.agent.site.Sha256;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.Loaded;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.agent.site.yaml.Problem;
import io.lingtan.agent.status.Actions.Change;
import io.lingtan.agent.status.Actions.Progress;
import io.lingtan.agent.status.Actions.Refused;
import io.lingtan.agent.status.Actions.Result;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Obeys the documents of the fleet's centre, one after the other, and puts back what does not prove
 * itself. While one is on trial the newest that comes waits; of others nothing is kept. What
 * anybody may publish who does not hold the fleet's key is counted and told of, and changes nothing
 * else: neither what waits nor what is reported.
 *
 * <p>Crash contract: what it is about to do is in {@link ObeyedFile} before it is done, so that a
 * kill at any moment ends in the file before or in the one that was asked for, and an old document
 * is never obeyed again.
 */
public final class FleetStep extends NamedStep {

  private static final Logger log = LoggerFactory.getLogger(FleetStep.class);

  private static final Duration LOOK = Duration.ofMillis(200);
  private static final Duration IDLE = Duration.ofSeconds(5);
  private static final Duration AGAIN = Duration.ofSeconds(30);

  private static final String ELSEWHERE =
      "the site file was changed at the site before this one had proved itself";

  private final Supplier<Site> running;
  private final SiteDesk desk;
  private final DesiredState desired;
  private final Supplier<UplinkSnapshot> uplink;
  private final SoftwareWish software;
  private final Consumer<Event> tell;
  private final Time time;
  private final Refusals refusals;

  private @Nullable ObeyedFile file;
  private Obeyed obeyed = Obeyed.NOTHING;

  /** What waits for the end of a trial, for the clock, or for a change at the page. */
  private byte @Nullable [] waiting;

  /** What has expired, if the clock is right, and when it does. */
  private byte @Nullable [] expired;

  private long expiresMillis;

  /** The document that is on its way into use, and what was obeyed before it. */
  private byte @Nullable [] asked;

  private @Nullable Obeyed previous;

  /** What waits is looked at again no sooner, nor is a file put back. */
  private MonotonicInstant again;

  private @Nullable Refusal refused;
  private @Nullable Trial trial;
  private String reported = "";
  private MonotonicInstant due;

  /**
   * @param running the site that runs
   * @param desk makes the changes
   * @param uplink the link to the broker as it is now
   * @param fitness how this process does
   * @param tell takes events
   */
  public FleetStep(
      Supplier<Site> running,
      SiteDesk desk,
      DesiredState desired,
      Supplier<UplinkSnapshot> uplink,
      Supplier<Fitness> fitness,
      Consumer<Event> tell,
      Time time) {
    this(
        running,
        desk,
        desired,
        uplink,
        new SoftwareWish(SoftwareWish.Places.of(System.getenv()), fitness, tell, time),
        tell,
        time);
  }

  FleetStep(
      Supplier<Site> running,
      SiteDesk desk,
      DesiredState desired,
      Supplier<UplinkSnapshot> uplink,
      SoftwareWish software,
      Consumer<Event> tell,
      Time time) {
    super("fleet");
    this.software = software;
    this.running = running;
    this.desk = desk;
    this.desired = desired;
    this.uplink = uplink;
    this.tell = tell;
    this.time = time;
    this.due = time.now();
    this.again = due;
    this.refusals = new Refusals("config.remote_refused", tell, due);
    desired.onWant(waiter::wake);
  }

  /**
   * Why the document that came last is not obeyed.
   *
   * @param serial that it has, null where that cannot be believed
   */
  private record Refusal(@Nullable Long serial, String why) {}

  /** A changed file in use, until it has proved itself. */
  private static final class Trial {
    private final MonotonicInstant until;
    private long ackedBefore;

    Trial(MonotonicInstant until, long ackedBefore) {
      this.until = until;
      this.ackedBefore = ackedBefore;
    }

    /** Whether a record was acknowledged in it. A new publisher counts from 0. */
    boolean isProved(UplinkSnapshot link) {
      ackedBefore = Math.min(ackedBefore, link.records().acked());
      return link.connected() && link.records().acked() > ackedBefore;
    }
  }

  @Override
  public MonotonicInstant due() {
    return due;
  }

  @Override
  public int step(MonotonicInstant now) {
    Site site = running.get();
    Site.Centre centre = site.fleet();
    byte[] arrived = desired.take();
    byte[] arrivedSoftware = desired.takeSoftware();
    due = now.plus(IDLE);
    if (centre == null) {
      waiting = null;
      expired = null;
      refused = null;
      if (!reported.isEmpty()) {
        reported = "";
        desired.report(null); // nothing may stand there that nobody brings up to date
      }
      return 0;
    }
    if (arrived != null) {
      arrive(arrived, centre, now);
    }
    if (expired != null && !FleetDocument.isExpired(expiresMillis, time.wall(), now)) {
      waiting = expired; // the clock was set back
      expired = null;
    }
    try {
      open(site);
      if (obeyed.isOpen()) {
        due = now.plus(LOOK);
        follow(site, centre, now);
      } else if (waiting != null && !now.isBefore(again)) {
        judge(waiting, site, centre, now);
      }
    } catch (IOException e) {
      Unfit why = new Unfit(Rule.NOT_WRITTEN, e.toString());
      if (obeyed.isOpen()) {
        log.error("a trial cannot be ended yet: {}", why.why());
      } else {
        refused = new Refusal(null, why.why());
        refusals.tell(why.why().getBytes(UTF_8), null, why, now);
      }
      due = now.plus(AGAIN);
    }
    software.step(arrivedSoftware, site, centre, uplink.get(), now);
    report(running.get());
    return 0;
  }

  private void arrive(byte[] document, Site.Centre centre, MonotonicInstant now) {
    if (document.length == 0) {
      // Taken back; what was said of one that is over stays.
      refused = waiting == null ? refused : null;
      waiting = null;
      expired = null;
      return;
    }
    try {
      FleetDocument.read(document, VerifyingKey.of(centre.key()));
    } catch (Unfit e) {
      if (e.rule().isOfStrangers()) {
        refusals.tell(document, null, e, now);
        return;
      }
    }
    waiting = document;
    expired = null;
    refused = null;
    again = now;
  }

  /** Takes up what an earlier process left. */
  private void open(Site site) throws IOException {
    if (file != null) {
      return;
    }
    ObeyedFile beside = ObeyedFile.beside(site.file());
    obeyed = beside.read();
    file = beside;
    if (!ObeyedFile.isBeside(site.file())) {
      try {
        beside.write(obeyed); // so that it is known when the site file has no fleet any more
      } catch (IOException e) {
        log.debug("{}", e.toString());
      }
    }
    try {
      settle(site);
    } catch (IOException e) {
      file = null; // from the beginning, once it can be written
      throw e;
    }
  }

  /** What a start finds half done, and the site file says how far. */
  private void settle(Site site) throws IOException {
    if (obeyed.isOpen() && !site.sha256().equals(obeyed.hash())) {
      boolean isUndone = obeyed.fate() == Fate.PUT_BACK;
      if (isUndone) {
        end(Fate.PUT_BACK, obeyed.why(), site);
      } else if (site.sha256().equals(obeyed.before())) {
        // It was never in place: the number is free for the same document once more.
        keep(
            new Obeyed(
                obeyed.serial() - 1,
                "",
                obeyed.hash(),
                null,
                0,
                Fate.REFUSED,
                "the agent ended before it was in place; it is obeyed when it comes again"));
      } else {
        end(Fate.PUT_BACK, ELSEWHERE, site);
      }
    }
  }

  private void keep(Obeyed next) throws IOException {
    Objects.requireNonNull(file).write(next);
    obeyed = next;
  }

  private void judge(byte[] payload, Site site, Site.Centre centre, MonotonicInstant now)
      throws IOException {
    FleetDocument document = null;
    try {
      FleetDocument read = FleetDocument.read(payload, VerifyingKey.of(centre.key()));
      if (read.software() != null) {
        // Its serial is none of a site file's.
        throw new Unfit(Rule.FORM, "the document is of software: it belongs to desired/software");
      }
      document = read;
      if (document.serial() != obeyed.serial() || !document.digest().equals(obeyed.digest())) {
        document.check(site, obeyed.serial(), desired.recalled(), time.wall(), now);
        asked = payload;
        begin(document, site);
      }
      refused = null;
      waiting = null;
    } catch (Unfit e) {
      if (!e.rule().passes()) {
        waiting = null;
      }
      if (e.rule() == Rule.EXPIRED && document != null) {
        expired = payload;
        expiresMillis = document.expiresMillis();
      }
      Long serial = document == null ? null : document.serial();
      refused = new Refusal(serial, e.why());
      refusals.tell(payload, serial, e, now);
    }
  }

  private void begin(FleetDocument document, Site site) throws Unfit, IOException {
    String wanted = document.siteFile(site.gateway());
    String hash = Sha256.hex(wanted.getBytes(UTF_8));
    if (hash.equals(site.sha256())) {
      keep(new Obeyed(document.serial(), document.digest(), hash, null, 0, Fate.APPLIED, null));
      return;
    }
    Loaded loaded = new SiteLoader().read(site.file(), wanted.getBytes(UTF_8));
    Site next = loaded.site();
    if (next == null) {
      throw new Unfit(
          Rule.SITE_FILE,
          "it would not be a good site file: " + errors(loaded, site, document.linesBefore()));
    }
    List<String> forbidden = ProtectedSettings.changed(site, next);
    if (!forbidden.isEmpty()) {
      throw new Unfit(
          Rule.PROTECTED,
          "never changed from afar, and others in the document: " + String.join(", ", forbidden));
    }
    if (desk.propose(wanted) instanceof Refused no) {
      throw refusal(no);
    }
    Obeyed before = obeyed;
    previous = before;
    keep(
        new Obeyed(
            document.serial(), document.digest(), hash, site.sha256(), 1, Fate.PENDING, null));
    Result made = desk.apply(Map.of("id", hash));
    if (made instanceof Refused no) {
      if (!isInPlace(site)) {
        keep(before);
      }
      throw refusal(no);
    }
    trial = null;
    due = time.now().plus(LOOK);
  }

  /**
   * Of other files than the document only the place: what they hold is not told to the centre.
   *
   * @param before lines that stand before those of the document
   */
  private static String errors(Loaded loaded, Site site, int before) {
    return loaded.problems().stream()
        .filter(problem -> problem.severity() == Problem.Severity.ERROR)
        .limit(3)
        .map(
            problem ->
                problem.file().equals(site.file())
                    ? "line " + Math.max(1, problem.line() - before) + ": " + problem.message()
                    : problem.file() + " line " + problem.line() + ": see lingtan check there")
        .collect(Collectors.joining("; "));
  }

  /** Whether the site file is the one that was asked for last, be it read or not. */
  private boolean isInPlace(Site site) throws IOException {
    return Sha256.hex(KeptFile.of(site.file()).content()).equals(obeyed.hash());
  }

  private static Unfit refusal(Refused no) {
    Rule rule =
        switch (no.why()) {
          case CHANGE_UNDER_WAY, OTHER_PROPOSAL, FILE_CHANGED -> Rule.BUSY;
          case FILE_UNWRITABLE, FILE_UNREADABLE, FILE_EDITED -> Rule.NOT_WRITTEN;
          default -> Rule.SITE_FILE;
        };
    return new Unfit(rule, no.text());
  }

  /** A document that is obeyed, from the change of the file to its end. */
  private void follow(Site site, Site.Centre centre, MonotonicInstant now) throws IOException {
    if (obeyed.fate() == Fate.PUT_BACK) {
      putBack(site, now);
    } else if (site.sha256().equals(obeyed.hash())) {
      tryOut(site, centre, now);
    } else if (trial != null) {
      end(Fate.PUT_BACK, ELSEWHERE, site);
    } else {
      Change last = desk.change();
      Change ours = last != null && last.id().equals(obeyed.hash()) ? last : null;
      if (ours != null && ours.progress() != Progress.REFUSED) {
        return;
      }
      String why = ours == null || ours.why() == null ? null : ours.why().english();
      if (isInPlace(site)) {
        // It must not be what the next start finds, without a trial.
        keep(obeyed.undone(Objects.requireNonNullElse(why, "it could not be put into use")));
        putBack(site, now);
      } else if (ours != null && desk.isPassing() && previous != null && asked != null) {
        waitAgain(previous, asked, String.valueOf(why), now);
      } else if (ours != null) {
        end(Fate.REFUSED, why, site);
      } else {
        end(Fate.PUT_BACK, ELSEWHERE, site);
      }
    }
  }

  private void tryOut(Site site, Site.Centre centre, MonotonicInstant now) throws IOException {
    Trial here = trial;
    if (here == null) {
      // Without a clock records wait for one, however good the link is.
      Duration held = time.wall().trusted() ? Duration.ZERO : site.clock().maxHold();
      trial = new Trial(now.plus(centre.confirm()).plus(held), uplink.get().records().acked());
      // It is also the record that has to be acknowledged where nothing else is told so soon.
      tell.accept(
          of("config.pending", Severity.INFO)
              .with("confirm_s", centre.confirm().plus(held).toSeconds()));
    } else if (here.isProved(uplink.get())) {
      end(Fate.APPLIED, null, site);
    } else if (!now.isBefore(here.until)) {
      keep(
          obeyed.undone(
              "no record was acknowledged within "
                  + centre.confirm().toSeconds()
                  + " s: "
                  + Objects.requireNonNullElse(uplink.get().link().problem(), "the link was up")));
      putBack(site, now);
    }
  }

  /** What refused it passes: it was never in use, and is not an old one when it is tried again. */
  private void waitAgain(Obeyed before, byte[] document, String why, MonotonicInstant now)
      throws IOException {
    long serial = obeyed.serial();
    keep(before);
    refused = new Refusal(serial, why);
    refusals.tell(document, serial, new Unfit(Rule.BUSY, why), now);
    waiting = waiting == null ? document : waiting;
    again = now.plus(AGAIN);
    due = again;
  }

  private void putBack(Site site, MonotonicInstant now) throws IOException {
    if (!site.sha256().equals(obeyed.hash()) && !isInPlace(site)) {
      end(Fate.PUT_BACK, obeyed.why(), site);
    } else if (!now.isBefore(again) && desk.putBack(obeyed.hash())) {
      again = now.plus(AGAIN);
    }
  }

  private void end(Fate fate, @Nullable String why, Site site) throws IOException {
    keep(obeyed.ended(fate, why));
    trial = null;
    due = time.now();
    switch (fate) {
      case APPLIED -> tell.accept(of("config.confirmed", Severity.INFO));
      case PUT_BACK -> {
        log.warn("the change of the fleet's centre is put back: {}", why);
        tell.accept(of("config.put_back", Severity.WARNING).with("why", String.valueOf(why)));
      }
      case REFUSED ->
          tell.accept(
              of("config.remote_refused", Severity.WARNING)
                  .with("reason", Rule.SITE_FILE.word())
                  .with("why", String.valueOf(why)));
      case PENDING -> throw new IllegalStateException("that is no end, with " + site.file());
    }
  }

  private Event of(String name, Severity severity) {
    return Event.of(name, severity).with("serial", obeyed.serial()).with("hash", obeyed.hash());
  }

  private void report(Site site) {
    Refusal no = refused;
    Long serial = no == null || no.serial() == null ? Long.valueOf(obeyed.serial()) : no.serial();
    // Until it runs no more it is not put back.
    Fate own = obeyed.isOpen() ? Fate.PENDING : obeyed.fate();
    Fate fate = no == null ? own : Fate.REFUSED;
    boolean isLeft =
        no == null && fate == Fate.APPLIED && serial > 0 && !site.sha256().equals(obeyed.hash());
    String why =
        no != null
            ? no.why()
            : isLeft ? "the site file was changed at the site since" : obeyed.why();
    long highest = Math.max(obeyed.serial(), desired.recalled());
    String group = site.fleet() == null ? null : site.fleet().group();
    String text =
        Json.object(
            json -> {
              if (group != null) {
                json.writeStringField("group", group);
              }
              json.writeObjectFieldStart("config");
              json.writeStringField("hash", site.sha256());
              if (serial == 0) {
                json.writeNullField("serial");
              } else {
                json.writeNumberField("serial", serial);
              }
              json.writeStringField("state", fate.word());
              if (highest > 0) {
                json.writeNumberField("obeyed", highest);
              }
              if (why != null) {
                json.writeStringField("why", why);
              }
              json.writeEndObject();
              software.report(json);
            });
    if (!text.equals(reported)) {
      reported = text;
      desired.report(text);
    }
  }
}
