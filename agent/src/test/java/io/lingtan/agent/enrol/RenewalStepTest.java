package io.lingtan.agent.enrol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.publish.UplinkSnapshot;
import io.lingtan.agent.publish.lane.LatencySnapshot;
import io.lingtan.agent.publish.lane.RefusedTopicsSnapshot;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.agent.tls.Tls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real files and keys; clock, broker and authority are the test's. */
final class RenewalStepTest {

  private static final long NOW = 1_790_000_000_000L;
  private static final long LIFE = Duration.ofDays(90).toMillis();
  private static final Duration HOUR = Duration.ofHours(1);

  @TempDir Path folder;
  private final VirtualTime time = new VirtualTime(NOW);
  private final List<Event> events = new ArrayList<>();
  private final List<Instant> asked = new ArrayList<>();
  private Path own;
  private OwnKey authority;
  private Site site;
  private @Nullable Instant asOf;
  private UplinkSnapshot uplink;
  private String name = "gw-1";
  private long life = LIFE;
  private @Nullable String refusing;
  private boolean otherKey;
  private RenewalStep step;

  @BeforeEach
  void aGatewayWithACertificateOf90Days() throws IOException {
    own = folder.resolve("gateway.pem");
    authority = OwnKey.pending(folder.resolve("authority"), "authority");
    OwnKey key = OwnKey.pending(folder.resolve("first"), "first");
    OwnKey.write(
        own,
        key.with(
            List.of(
                Minted.certificate(
                    "gw-1", key.open().getEncoded(), NOW, NOW + LIFE, authority.secret()))));
    Path file =
        Files.writeString(
            folder.resolve("site.yaml"),
            """
            gateway: gw-1
            site: {region: CN}
            lines: []
            mqtt:
              servers: ["mqtts://127.0.0.1"]
              tls: {cert: gateway.pem, key: gateway.pem, est: "https://127.0.0.1:1"}
            """);
    site = Objects.requireNonNull(new SiteLoader().load(file).site());
    uplink = uplink(time.now().nanos(), null);
    start();
  }

  private void start() {
    step =
        new RenewalStep(
            () -> site,
            () -> uplink,
            () -> asOf,
            (est, ca, shown, at, request) -> answer(request),
            errand -> {
              errand.run();
              return true;
            },
            events::add,
            time,
            Randomness.seeded(7));
  }

  private List<X509Certificate> answer(byte[] request) throws EstServer.Refused {
    long now = time.wall().millisAt(time.now());
    asked.add(Instant.ofEpochMilli(now));
    if (refusing != null) {
      throw new EstServer.Refused(refusing);
    }
    byte[] key = otherKey ? authority.open().getEncoded() : Minted.keyOf(request);
    return List.of(Minted.certificate(name, key, now, now + life, authority.secret()));
  }

  private static UplinkSnapshot uplink(long connectedNanos, @Nullable String why) {
    return new UplinkSnapshot(
        new UplinkSnapshot.Link(
            "mqtts://127.0.0.1:8883",
            connectedNanos,
            -1,
            0,
            why,
            why,
            null,
            RefusedTopicsSnapshot.NONE),
        new UplinkSnapshot.Delivery(0, 0, 0, false, 0, 0, -1, -1),
        LatencySnapshot.NONE,
        UplinkSnapshot.RecordCounts.NONE,
        UplinkSnapshot.Mishaps.NONE,
        UplinkSnapshot.ReplayCounts.NONE);
  }

  private void pass(Duration all) {
    long until = time.now().plus(all).nanos();
    step.step(time.now());
    while (step.due().nanos() <= until) {
      time.advanceTo(step.due());
      step.step(time.now());
    }
    time.advanceMillis(Duration.ofNanos(until - time.now().nanos()).toMillis());
  }

  private long ends() throws Tls.Unusable {
    return Tls.own(own).getNotAfter().toInstant().toEpochMilli();
  }

  private boolean isOnTrial() {
    return Files.exists(folder.resolve("gateway.pem.before"));
  }

  private List<String> told() {
    return events.stream().map(Event::name).toList();
  }

  /** Until somebody is asked, or something is told; or long after it was due. */
  private void becomeDue() {
    int before = asked.size() + events.size();
    pass(Duration.ofDays(60));
    for (int i = 0; i < 72 && asked.size() + events.size() == before; i++) {
      pass(HOUR);
    }
  }

  @Test
  void itIsRenewedAtTwoThirdsOfItsLifeWithANewKey() throws Exception {
    byte[] key = Tls.own(own).getPublicKey().getEncoded();
    pass(Duration.ofDays(59));
    assertEquals(List.of(), asked);
    pass(Duration.ofDays(1));
    for (int i = 0; i < 72 && asked.isEmpty(); i++) {
      pass(HOUR);
    }
    assertEquals(1, asked.size());
    assertTrue(isOnTrial());
    assertNotEquals(NOW + LIFE, ends());
    assertFalse(Arrays.equals(key, Tls.own(own).getPublicKey().getEncoded()));
    Tls.check(own, own);
    uplink = uplink(time.now().nanos(), null);
    pass(Duration.ofMinutes(10));
    assertFalse(isOnTrial());
    assertEquals(List.of(), told());
    becomeDue();
    assertEquals(2, asked.size());
  }

  @Test
  void whatIsRefusedIsAskedForAgainInGrowingPausesAndToldOnceADay() throws Exception {
    refusing = "the certificate is revoked";
    becomeDue();
    asked.clear();
    events.clear();
    pass(Duration.ofDays(10));
    assertEquals(NOW + LIFE, ends());
    assertTrue(asked.size() <= 10 * 3 + 1, asked::toString);
    assertTrue(asked.size() >= 25, asked::toString);
    assertTrue(events.size() >= 9 && events.size() <= 10, events::toString);
    assertEquals("uplink.renewal_failed", events.getFirst().name());
    refusing = null;
    pass(HOUR.multipliedBy(11));
    assertTrue(isOnTrial());
  }

  @Test
  void anAnswerThatIsNotWhatWasAskedForIsNotPutInPlace() throws Exception {
    byte[] before = Files.readAllBytes(own);
    refusing = "later";
    becomeDue();
    refusing = null;
    for (Runnable wrong :
        List.<Runnable>of(
            () -> otherKey = true,
            () -> name = "gw-2",
            () -> life = Duration.ofDays(1).toMillis())) {
      otherKey = false;
      name = "gw-1";
      wrong.run();
      asked.clear();
      start();
      pass(Duration.ofMinutes(1));
      assertFalse(asked.isEmpty());
      assertArrayEquals(before, Files.readAllBytes(own));
      assertFalse(isOnTrial());
      assertEquals("uplink.renewal_failed", told().getLast());
    }
  }

  @Test
  void theOneBeforeComesBackIfTheBrokerDoesNotTakeTheNewOne() throws Exception {
    becomeDue();
    assertTrue(isOnTrial());
    uplink = uplink(-1, "unreachable"); // says nothing of the certificate
    pass(HOUR);
    assertTrue(isOnTrial());
    uplink = uplink(-1, "tls");
    pass(Duration.ofSeconds(20));
    assertEquals(NOW + LIFE, ends());
    Tls.check(own, own);
    assertFalse(isOnTrial());
    assertEquals(List.of("uplink.certificate_put_back", "uplink.renewal_failed"), told());
    int before = asked.size();
    pass(HOUR.multipliedBy(2));
    assertEquals(before + 1, asked.size());
  }

  @Test
  void aStartInTheMiddleGoesOn() throws Exception {
    becomeDue();
    long fresh = ends();
    uplink = uplink(-1, null);
    start();
    pass(HOUR);
    assertTrue(isOnTrial());
    uplink = uplink(time.now().nanos(), null);
    pass(Duration.ofMinutes(10));
    assertFalse(isOnTrial());
    assertEquals(fresh, ends());
  }

  @Test
  void theSameRequestIsMadeAgainAfterAPowerCut() throws Exception {
    refusing = "later";
    becomeDue();
    String pending = Files.readString(Enrolment.pending(own));
    start();
    pass(HOUR);
    assertEquals(pending, Files.readString(Enrolment.pending(own)));
  }

  @Test
  void withoutRoomNobodyIsAsked() throws Exception {
    Files.createDirectories(Enrolment.pending(own).resolve("full"));
    becomeDue();
    assertEquals(List.of(), asked);
    assertEquals(NOW + LIFE, ends());
    assertEquals(List.of("uplink.renewal_failed"), told().stream().distinct().toList());
  }

  @Test
  void aClockThatNobodyVouchesForMakesNothingDue() throws Exception {
    asOf = Instant.ofEpochMilli(NOW - LIFE);
    becomeDue();
    assertEquals(List.of(), asked);
    asOf = Instant.ofEpochMilli(NOW + LIFE * 3 / 4); // so late it is at least
    pass(Duration.ofMinutes(11));
    assertEquals(1, asked.size());
  }
}
