package io.lingtan.agent.enrol;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.lingtan.agent.publish.UplinkSnapshot;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.run.Errands;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.NamedStep;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.tls.Tls;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews the gateway's certificate when two thirds of its life are over, with a new key, and goes
 * back to the one before if the broker does not take the new one. A failure is tried again, at
 * first after a sixtieth of a life and never more often than every 2 s.
 *
 * <p>Crash contract: at every moment the file holds one certificate with its key, whole. The one of
 * before lies beside it as {@code NAME.before} until the broker has taken the new one; a start that
 * finds it waits for that anew. The key that is asked with is on the card before, so that a card
 * without room makes nobody sign anything.
 */
public final class RenewalStep extends NamedStep {

  private static final Logger log = LoggerFactory.getLogger(RenewalStep.class);

  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final Duration SELDOM = Duration.ofSeconds(10);
  private static final Duration IDLE = Duration.ofMinutes(10);
  private static final Duration LONGEST_TRIAL = Duration.ofMinutes(2);
  private static final Duration SHORTEST_TRIAL = Duration.ofSeconds(5);
  private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(2);
  private static final Duration LONGEST_PAUSE = Duration.ofHours(1);
  private static final int MOST_DOUBLINGS = 3;

  /** The same failure is told once in this time. */
  private static final Duration TOLD_AGAIN = Duration.ofHours(24);

  /** So a broker ends a connection whose certificate it does not take. */
  private static final Set<String> NOT_TAKEN =
      Set.of("password", "not_authorised", "tls", "config", "refused", "closed");

  private final Supplier<Site> running;
  private final Supplier<UplinkSnapshot> uplink;
  private final Supplier<@Nullable Instant> asOf;
  private final Issuer issuer;
  private final Predicate<Runnable> errands;
  private final Consumer<Event> tell;
  private final Time time;
  private final RandomGenerator random;
  private final AtomicReference<@Nullable Answer> answers = new AtomicReference<>();
  private boolean asking;
  private int failures;
  private String told = "";
  private MonotonicInstant toldAt;

  /** Since when the file that is there is there, as far as this process knows. */
  private MonotonicInstant since;

  private MonotonicInstant again;
  private MonotonicInstant due;

  /** In thousandths of a life: so that not all gateways of one day come at once. */
  private final int spread;

  /** Who signs: an EST server. */
  interface Issuer {
    List<X509Certificate> renew(
        URI est, @Nullable Path ca, Path own, @Nullable Instant at, byte[] request)
        throws IOException, EstServer.Refused, Tls.Unusable;
  }

  /**
   * What came of asking.
   *
   * @param file that it is for
   * @param content certificate and key; null if there is none
   * @param why there is none
   */
  private record Answer(Path file, @Nullable String content, String why) {}

  /**
   * @param running the site that runs
   * @param uplink the link to the broker as it is now
   * @param asOf what the time is at least where the clock is not trusted, null where it is
   * @param tell takes events
   */
  public RenewalStep(
      Supplier<Site> running,
      Supplier<UplinkSnapshot> uplink,
      Supplier<@Nullable Instant> asOf,
      Consumer<Event> tell,
      Time time,
      RandomGenerator random) {
    this(
        running,
        uplink,
        asOf,
        (est, ca, own, at, request) -> EstServer.of(est, ca, own, at).renew(request),
        new Errands("renewal", 1)::run,
        tell,
        time,
        random);
  }

  RenewalStep(
      Supplier<Site> running,
      Supplier<UplinkSnapshot> uplink,
      Supplier<@Nullable Instant> asOf,
      Issuer issuer,
      Predicate<Runnable> errands,
      Consumer<Event> tell,
      Time time,
      RandomGenerator random) {
    super("certificate");
    this.running = running;
    this.uplink = uplink;
    this.asOf = asOf;
    this.issuer = issuer;
    this.errands = errands;
    this.tell = tell;
    this.time = time;
    this.random = random;
    this.spread = random.nextInt(20);
    this.due = time.now();
    this.since = due;
    this.again = due;
    this.toldAt = due;
  }

  @Override
  public MonotonicInstant due() {
    return due;
  }

  @Override
  public int step(MonotonicInstant now) {
    Site site = running.get();
    Path own = site.mqtt().cert();
    URI est = site.mqtt().est();
    Answer answer = answers.getAndSet(null);
    asking &= answer == null;
    due = now.plus(IDLE);
    if (est == null || own == null) {
      return 0;
    }
    try {
      X509Certificate shown = Tls.own(own);
      if (answer != null && answer.file().equals(own)) {
        take(answer, shown, own, now);
      } else if (Files.exists(before(own))) {
        follow(own, now);
      } else if (!asking && !now.isBefore(again)) {
        look(shown, site, est, own, now);
      }
    } catch (IOException | Tls.Unusable e) {
      failed(String.valueOf(e.getMessage()), null, now);
    }
    return 0;
  }

  private static Path before(Path own) {
    return own.resolveSibling(own.getFileName() + ".before");
  }

  /** UTC; a lower bound where the clock is not trusted. */
  private long nowMillis(MonotonicInstant now) {
    Instant least = asOf.get();
    return least == null ? time.wall().millisAt(now) : least.toEpochMilli();
  }

  private static long ends(X509Certificate of) {
    return of.getNotAfter().toInstant().toEpochMilli();
  }

  private static long begins(X509Certificate of) {
    return of.getNotBefore().toInstant().toEpochMilli();
  }

  private static long lifeMillis(X509Certificate of) {
    return Math.max(1, ends(of) - begins(of));
  }

  private void look(X509Certificate shown, Site site, URI est, Path own, MonotonicInstant now)
      throws IOException {
    long life = lifeMillis(shown);
    long at = begins(shown) + life * 2 / 3 + life * spread / 1000;
    long left = at - nowMillis(now);
    if (left > 0) {
      Duration share = between(Duration.ofMillis(life / 100), LOOK, LONGEST_PAUSE);
      due = now.plus(between(Duration.ofMillis(left), LOOK, share));
      return;
    }
    String name = site.gateway();
    OwnKey key = OwnKey.pending(Enrolment.pending(own), "renew " + shown.getSerialNumber());
    Path ca = site.mqtt().ca();
    Instant least = asOf.get();
    asking =
        errands.test(
            () -> {
              try {
                List<X509Certificate> given = issuer.renew(est, ca, own, least, key.request(name));
                answers.set(new Answer(own, key.with(key.chain(given, name)), ""));
              } catch (IOException | EstServer.Refused | Tls.Unusable | RuntimeException e) {
                answers.set(new Answer(own, null, String.valueOf(e.getMessage())));
              }
              waiter.wake();
            });
    due = now.plus(LOOK);
  }

  private void take(Answer answer, X509Certificate shown, Path own, MonotonicInstant now)
      throws IOException, Tls.Unusable {
    String content = answer.content();
    if (content == null) {
      failed(answer.why(), shown, now);
      return;
    }
    String old = Files.readString(own, US_ASCII);
    OwnKey.write(before(own), old);
    OwnKey.write(own, content);
    if (ends(Tls.own(own)) <= ends(shown)) {
      putBack(own, old);
      failed("the certificate that came ends no later than the one that is there", shown, now);
      return;
    }
    OwnKey.forget(Enrolment.pending(own));
    since = now;
    due = now.plus(LOOK);
    log.info("a new certificate, until {}", Instant.ofEpochMilli(ends(Tls.own(own))));
  }

  /** A new certificate in place, until the broker has taken it. */
  private void follow(Path own, MonotonicInstant now) throws IOException, Tls.Unusable {
    UplinkSnapshot link = uplink.get();
    X509Certificate fresh = Tls.own(own);
    String why = link.link().why();
    boolean isOver =
        now.nanosSince(since)
            >= between(Duration.ofMillis(lifeMillis(fresh) / 20), SHORTEST_TRIAL, LONGEST_TRIAL)
                .toNanos();
    due = now.plus(isOver ? SELDOM : LOOK);
    if (link.connected() && link.link().connectedNanos() >= since.nanos()) {
      Files.deleteIfExists(before(own));
      failures = 0;
      told = "";
    } else if (isOver && why != null && NOT_TAKEN.contains(why)) {
      X509Certificate old = Tls.own(before(own));
      if (ends(old) <= nowMillis(now)) {
        Files.deleteIfExists(before(own)); // there is nothing to go back to
        return;
      }
      putBack(own, Files.readString(before(own), US_ASCII));
      String what = "the broker does not take the new certificate: " + link.link().problem();
      tell.accept(
          Event.of("uplink.certificate_put_back", Severity.WARNING)
              .with("why", what)
              .with("ends", ends(old)));
      failed(what, old, now);
    }
  }

  private static void putBack(Path own, String old) throws IOException {
    OwnKey.write(own, old);
    Files.deleteIfExists(before(own));
  }

  private void failed(String why, @Nullable X509Certificate shown, MonotonicInstant now) {
    Duration base =
        shown == null
            ? IDLE
            : between(Duration.ofMillis(lifeMillis(shown) / 60), SHORTEST_PAUSE, LONGEST_PAUSE);
    Duration pause = base.multipliedBy(1L << Math.min(failures, MOST_DOUBLINGS));
    failures++;
    again = now.plus(pause.plusMillis(random.nextLong(1 + base.toMillis() / 4)));
    due = now.plus(LOOK);
    if (why.equals(told) && now.nanosSince(toldAt) < TOLD_AGAIN.toNanos()) {
      return;
    }
    told = why;
    toldAt = now;
    log.warn("the certificate is not renewed: {}; tried again", why);
    Event event = Event.of("uplink.renewal_failed", Severity.WARNING).with("why", why);
    tell.accept(shown == null ? event : event.with("ends", ends(shown)));
  }

  private static Duration between(Duration wanted, Duration least, Duration most) {
    return wanted.compareTo(least) < 0 ? least : wanted.compareTo(most) > 0 ? most : wanted;
  }
}
