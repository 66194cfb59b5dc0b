package io.lingtan.agent.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.lingtan.agent.run.VirtualTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Whether a certificate may be told ended or not yet begun by a clock that nobody vouches for. */
final class CertificateTimeTest {
  private static final Instant BUILT = Instant.parse("2026-11-01T00:00:00Z");
  private static final Instant WRITTEN = Instant.parse("2027-03-01T12:00:00Z");

  private final VirtualTime time = new VirtualTime(0);
  private final MemoryOutbox outbox = new MemoryOutbox("e1");
  private final CertificateTime certificateTime = new CertificateTime(time, outbox, BUILT);

  @Test
  void aTrustedClockDecides() {
    outbox.datedUntil = WRITTEN.toEpochMilli();
    assertNull(certificateTime.whenCertificatesMustBeValid());
  }

  @Test
  void aNewGatewayWithoutAClockKnowsWhenItWasBuilt() {
    time.trust(false);
    assertEquals(BUILT, certificateTime.whenCertificatesMustBeValid());
  }

  @Test
  void oneThatHasRunBeforeKnowsWhenItLastWrote() {
    time.trust(false);
    outbox.datedUntil = WRITTEN.toEpochMilli();
    assertEquals(WRITTEN, certificateTime.whenCertificatesMustBeValid());
  }

  @Test
  void aJournalThatSaysLessThanTheBuildChangesNothing() {
    time.trust(false);
    outbox.datedUntil = 1_000;
    assertEquals(BUILT, certificateTime.whenCertificatesMustBeValid());
  }

  @Test
  void thePublisherAsksBeforeEachConnection() {
    World world = new World();
    world.time.trust(false);
    world.outbox.datedUntil = WRITTEN.toEpochMilli();
    world.step.step(world.time.now());
    assertEquals(WRITTEN, world.broker.certificatesAsOf);
  }
}
