package io.lingtan.agent.fleet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.seal.CanonicalJson;
import io.lingtan.agent.seal.JsonValue;
import io.lingtan.agent.seal.SigningKey;
import io.lingtan.testing.fuzz.Bytes;
import io.lingtan.testing.fuzz.FuzzTarget;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * What a taken broker may show a gateway: nothing is a document but what the fleet's key has
 * signed, and what is signed says the same read again.
 */
public final class FleetDocumentFuzz implements FuzzTarget {

  private static final SigningKey KEY = SigningKey.make(Randomness.seeded(23));
  private static final SigningKey OTHER = SigningKey.make(Randomness.seeded(24));
  private static final String BASE = "0123456789abcdef".repeat(4);

  @Override
  public List<byte[]> seeds() {
    String one = new FleetDocument("gw", null, 7, BASE, 1_900_000_000_000L, "a: 1\n").signed(KEY);
    String all = new FleetDocument(null, "all", 8, null, 1, "site: {region: CN}\n").signed(KEY);
    return List.of(
        Bytes.of(one, 0),
        Bytes.of(all, 0),
        Bytes.of(all.replace(",\"sig\"", ",\"not_before\":1,\"sig\""), 1),
        Bytes.of(one.replace("\"serial\":7", "\"serial\":7.0,\"serial\":8"), 1),
        Bytes.of(one.replace("a: 1", "\\ud800"), 1));
  }

  @Override
  public void take(byte[] input) {
    Bytes bytes = new Bytes(input);
    boolean isSigned = bytes.take() % 2 == 1;
    byte[] payload = bytes.rest();
    if (isSigned) {
      try {
        payload = signed(new String(payload, UTF_8));
      } catch (JsonValue.NotJson | IllegalArgumentException e) {
        return;
      }
    }
    FleetDocument read;
    try {
      read = FleetDocument.read(payload, KEY.open());
    } catch (Unfit e) {
      assertFalse(e.why().isEmpty());
      assertTrue(e.why().length() < 4000, e.why());
      return;
    }
    assertTrue(payload.length <= FleetDocument.LARGEST);
    try {
      FleetDocument again = FleetDocument.read(read.signed(KEY).getBytes(UTF_8), KEY.open());
      assertEquals(read, again);
      assertEquals(read.digest(), again.digest());
    } catch (Unfit e) {
      // Its canonical form may be longer than what came, by escapes that were not needed.
      assertEquals(Unfit.Rule.TOO_LARGE, e.rule());
    }
    try {
      FleetDocument.read(payload, OTHER.open());
      throw new AssertionError("another key has not signed it");
    } catch (Unfit e) {
      assertEquals(Unfit.Rule.WRONGLY_SIGNED, e.rule());
    }
  }

  private static byte[] signed(String text) throws JsonValue.NotJson {
    JsonValue.Obj unsigned = JsonValue.object(text).without("sig");
    var members = new LinkedHashMap<>(unsigned.members());
    members.put("sig", new JsonValue.Str(KEY.sign(CanonicalJson.of(unsigned))));
    return CanonicalJson.of(new JsonValue.Obj(members)).getBytes(StandardCharsets.UTF_8);
  }
}
