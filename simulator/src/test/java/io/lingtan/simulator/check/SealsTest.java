package io.lingtan.simulator.check;

import static io.lingtan.simulator.check.Bench.MINUTE;
import static io.lingtan.simulator.check.Bench.START;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.simulator.check.record.Received;
import io.lingtan.simulator.json.Json;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A chain of signed records is whole, or something that happened says why not. */
class SealsTest {

  private static final String NONE = "A".repeat(43);
  private static final String UNKNOWN = "B".repeat(43);
  private static final int KEY_BYTES = 32;

  private final Bench bench = new Bench();
  private final Seals seals = new Seals(bench.findings);
  private final KeyPair pair = pair();
  private final String x = x(pair);

  private static KeyPair pair() {
    try {
      return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String x(KeyPair pair) {
    byte[] encoded = pair.getPublic().getEncoded();
    return base64(Arrays.copyOfRange(encoded, encoded.length - KEY_BYTES, encoded.length));
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private void begins() throws Exception {
    seals.meta(Json.read("{\"key\":{\"x\":\"%s\"}}".formatted(x).getBytes(StandardCharsets.UTF_8)));
    seals.take(Bench.event("chain.start", START, "\"key\":\"%s\",\"reason\":\"new\"".formatted(x)));
  }

  /** Delivers a record, and gives the hash that the next one has to name. */
  private String deliver(String epoch, long seq, String prev) throws Exception {
    return deliver(epoch, seq, prev, pair);
  }

  private String deliver(String epoch, long seq, String prev, KeyPair signer) throws Exception {
    long start = START + seq * MINUTE;
    String head =
        "{\"after\":0,\"end\":%d,\"epoch\":\"%s\",\"interval\":\"1m\",\"prev\":\"%s\",\"rev\":0,\"seq\":%d,"
            .formatted(start + MINUTE, epoch, prev, seq);
    String tail = "\"start\":%d,\"ts\":%d}".formatted(start, start + MINUTE);
    Signature sign = Signature.getInstance("Ed25519");
    sign.initSign(signer.getPrivate());
    sign.update((head + tail).getBytes(StandardCharsets.UTF_8));
    String record = head + "\"sig\":\"" + base64(sign.sign()) + "\"," + tail;
    byte[] bytes = record.getBytes(StandardCharsets.UTF_8);
    seals.take((Received.Interval) Bench.read(record), bytes, 0, bytes.length);
    return base64(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  private Map<Verdict, Long> found(boolean dropped, boolean turnedBack) {
    seals.finish(
        new Seals.Gaps() {
          @Override
          public boolean isDropped(String epoch, long after, long before) {
            return dropped && after == (epoch.equals("e") ? 1 : 0) && before == 3;
          }

          @Override
          public boolean isTurnedBack(long ts) {
            return turnedBack && ts == START + 2 * MINUTE;
          }
        });
    return bench.found();
  }

  private Map<Verdict, Long> found() {
    return found(false, false);
  }

  @Test
  void aChainGoesOnOverEpochs() throws Exception {
    begins();
    String one = deliver("e", 1, NONE);
    String two = deliver("e", 2, one);
    deliver("f", 1, two);
    assertEquals(Map.of(), found(), bench.words()::toString);
  }

  @Test
  void aChainThatBeginsAnewWithoutAWordIsFound() throws Exception {
    begins();
    deliver("e", 1, NONE);
    deliver("f", 1, NONE);
    assertEquals(Map.of(Verdict.UNSIGNED, 1L), found(), bench.words()::toString);
  }

  @Test
  void aChainThatIsToldToBeginAnewIsTaken() throws Exception {
    begins();
    deliver("e", 1, NONE);
    begins();
    deliver("f", 1, NONE);
    assertEquals(Map.of(), found(), bench.words()::toString);
  }

  @Test
  void aChainThatBeginsAnewAmidAnEpochIsFound() throws Exception {
    begins();
    begins();
    deliver("e", 1, NONE);
    deliver("e", 2, NONE);
    assertEquals(Map.of(Verdict.UNSIGNED, 1L), found(), bench.words()::toString);
  }

  @Test
  void twoFollowersOfOneRecordAreFound() throws Exception {
    begins();
    String one = deliver("e", 1, NONE);
    deliver("e", 2, one);
    deliver("f", 1, one);
    assertEquals(Map.of(Verdict.UNSIGNED, 1L), found(), bench.words()::toString);
  }

  @Test
  void aCardThatForgotTheFirstFollowerMayHaveAnother() throws Exception {
    begins();
    String one = deliver("e", 1, NONE);
    deliver("e", 2, one);
    deliver("f", 1, one);
    assertEquals(Map.of(), found(false, true), bench.words()::toString);
  }

  @Test
  void anImageFromBeforeTheFirstRecordHasTheChainBeginOnceMore() throws Exception {
    begins();
    deliver("e", 1, NONE);
    deliver("f", 1, NONE);
    assertEquals(Map.of(), found(false, true), bench.words()::toString);
  }

  @Test
  void aRecordThatIsTakenAwayIsFound() throws Exception {
    begins();
    deliver("e", 1, NONE);
    deliver("e", 3, UNKNOWN);
    assertEquals(Map.of(Verdict.UNSIGNED, 1L), found(), bench.words()::toString);
  }

  @Test
  void aDeclaredDropBreaksTheChainWhereItWas() throws Exception {
    begins();
    deliver("e", 1, NONE);
    deliver("e", 3, UNKNOWN);
    assertEquals(Map.of(), found(true, false), bench.words()::toString);
  }

  @Test
  void aDeclaredDropMayHaveBeenTheFirstOfAnEpoch() throws Exception {
    begins();
    deliver("e", 1, NONE);
    deliver("f", 3, "never came".repeat(4) + "abc");
    // Nothing tells that a chain begins here.
    deliver("g", 3, NONE);
    assertEquals(Map.of(Verdict.UNSIGNED, 1L), found(true, false), bench.words()::toString);
    assertTrue(bench.words().toString().contains("g/3"), bench.words()::toString);
  }

  @Test
  void aRecordThatAnotherKeySignedIsFound() throws Exception {
    begins();
    String one = deliver("e", 1, NONE);
    deliver("e", 2, one, pair());
    assertEquals(Map.of(Verdict.UNSIGNED, 1L), found(), bench.words()::toString);
  }
}
