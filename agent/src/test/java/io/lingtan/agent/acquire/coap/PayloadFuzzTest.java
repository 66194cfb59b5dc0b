package io.lingtan.agent.acquire.coap;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.CoapResource;
import io.lingtan.agent.site.CoapResource.Format;
import io.lingtan.testing.CoapSites;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/** Whatever comes in, there is an answer, and soon. */
final class PayloadFuzzTest {

  private static final int ROUNDS = 120_000;
  private static final long SEED = 8428;
  private static final Time.Wall WALL = new Time.Wall(1_764_060_000_000L, true, "ntp");

  private static final List<byte[]> SEEDS =
      List.of(
          utf8(
              "[{\"bn\":\"a:\",\"bt\":1.764060e+09,\"bu\":\"MPa\",\"bv\":1,\"n\":\"pressure\","
                  + "\"v\":35.25},{\"n\":\"temperature\",\"u\":\"K\",\"t\":-3,\"v\":263.15}]"),
          utf8("{\"tank\":{\"p\":[1,2.5e3,null],\"t\":\"-10\",\"m~1x\":true}}"),
          utf8("-12.5e2"),
          HexFormat.of()
              .parseHex(
                  "82a5216161226030022361410068707265737375726502c482211910cca3006b74656d70657261"
                      + "74757265016143 02fb405e066666666666".replace(" ", "")),
          HexFormat.of().parseHex("9fbf007f64707265736473757265ff02c5822103ffff"));

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void noPayloadMakesAnExceptionOrTakesLong(TestReporter reporter) {
    reporter.publishEntry("seed", Long.toString(SEED));
    Random random = new Random(SEED);
    List<PayloadDecoder> decoders =
        List.of(
            CoapSites.decoder("senml", CoapSites.resource(false)),
            CoapSites.decoder("example-senml-tank", CoapSites.resource(false)),
            CoapSites.decoder(
                "example-senml-tank", new CoapResource("/x", false, Format.JSON, null, null, null)),
            CoapSites.decoder(
                "senml", new CoapResource("/x", false, Format.SENML_CBOR, null, null, null)));
    int[] formats = {0, 50, 60, 110, 112, PayloadDecoder.UNKNOWN_FORMAT};
    int understood = 0;
    long slowest = 0;
    for (int round = 0; round < ROUNDS; round++) {
      byte[] payload = random.nextInt(4) == 0 ? noise(random) : mutated(random);
      int format = formats[random.nextInt(formats.length)];
      PayloadDecoder decoder = decoders.get(round % decoders.size());
      long begun = System.nanoTime();
      Decoded decoded;
      try {
        decoded = decoder.decode(payload, format, 1_000_000_000_000L, WALL);
      } catch (RuntimeException e) {
        throw new AssertionError(
            "seed " + SEED + " round " + round + ": " + HexFormat.of().formatHex(payload), e);
      }
      slowest = Math.max(slowest, System.nanoTime() - begun);
      assertNotNull(decoded);
      understood += decoded instanceof Decoded.Content ? 1 : 0;
    }
    reporter.publishEntry("understood", understood + " of " + ROUNDS);
    reporter.publishEntry("slowest_ms", Long.toString(slowest / 1_000_000));
    assertTrue(understood > ROUNDS / 100, "the fuzz must also reach what is behind the syntax");
  }

  @Test
  void theWorstPayloadsOfFullSizeAreReadInTimeThatGrowsWithThem() {
    PayloadDecoder json = CoapSites.decoder("senml", CoapSites.resource(false));
    PayloadDecoder pointer =
        CoapSites.decoder(
            "example-senml-tank", new CoapResource("/x", false, Format.JSON, null, null, null));
    int full = PayloadDecoder.LONGEST_PAYLOAD;
    byte[] strings = new byte[full];
    for (int i = 0; i + 1 < full; i += 2) {
      strings[i] = 0x7F;
      strings[i + 1] = (byte) 0xFF;
    }
    strings[0] = (byte) 0x81;
    strings[1] = (byte) 0xBF;
    byte[] open = new byte[full];
    Arrays.fill(open, (byte) 0x9F);
    long begun = System.nanoTime();
    json.decode(strings, 112, 0, WALL);
    json.decode(open, 112, 0, WALL);
    json.decode(utf8("[".repeat(full)), 110, 0, WALL);
    json.decode(utf8("[{\"n\":\"" + "a".repeat(full - 20) + "\"}]"), 110, 0, WALL);
    json.decode(utf8("[{\"v\":" + "9".repeat(full - 20) + "}]"), 110, 0, WALL);
    pointer.decode(utf8("{\"a\":".repeat(full / 6)), 50, 0, WALL);
    pointer.decode(utf8("[" + "1,".repeat(full / 2 - 2) + "1]"), 50, 0, WALL);
    long millis = (System.nanoTime() - begun) / 1_000_000;
    assertTrue(millis < 10_000, "took " + millis + " ms");
  }

  private static byte[] noise(Random random) {
    byte[] noise = new byte[random.nextInt(64)];
    random.nextBytes(noise);
    return noise;
  }

  private static byte[] mutated(Random random) {
    byte[] from = SEEDS.get(random.nextInt(SEEDS.size()));
    byte[] mutated = from.clone();
    for (int i = random.nextInt(4); i > 0; i--) {
      int at = random.nextInt(mutated.length);
      switch (random.nextInt(4)) {
        case 0 -> mutated[at] = (byte) random.nextInt(256);
        case 1 -> mutated[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> mutated = Arrays.copyOf(mutated, Math.max(1, at));
        default -> {
          byte[] other = SEEDS.get(random.nextInt(SEEDS.size()));
          int length = Math.min(random.nextInt(8), Math.min(other.length, mutated.length - at));
          System.arraycopy(other, random.nextInt(other.length - length + 1), mutated, at, length);
        }
      }
    }
    return mutated;
  }
}
