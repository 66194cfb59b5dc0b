package io.lingtan.agent.acquire.coap;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.CoapResource;
import io.lingtan.agent.site.CoapResource.Format;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.testing.CoapSites;
import io.lingtan.testing.fuzz.Bytes;
import io.lingtan.testing.fuzz.FuzzTarget;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Payloads of CoAP nodes with any content format: a point has a value or a reason and never both,
 * and nothing is measured after it came.
 */
public final class CoapPayloadFuzz implements FuzzTarget {

  private static final long NOW = 1_000_000_000_000L;
  private static final DeviceProfile SENML = CoapSites.builtIn("senml");
  private static final DeviceProfile TANK = CoapSites.builtIn("example-senml-tank");
  private static final int[] FORMATS = {0, 50, 60, 110, 112, -1, 111, 42};

  @Override
  public List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    for (byte[] pack : new SenmlFuzz().seeds()) {
      Bytes bytes = new Bytes(pack);
      boolean isCbor = bytes.take() == 1;
      seeds.add(Bytes.of(bytes.rest(), 0, isCbor ? 4 : 3));
      seeds.add(Bytes.of(bytes.rest(), 5, 5));
    }
    String plain = "{\"tank\":{\"p\":[1,2.5e3,null],\"t\":\"-10\",\"m~1x\":true}}";
    seeds.add(Bytes.of(plain, 2, 1));
    seeds.add(Bytes.of("{\"pressure\":35.2,\"temperature\":{\"value\":-3}}", 2, 1));
    seeds.add(Bytes.of("-12.5e2", 4, 0));
    seeds.add(Bytes.of(" running\n", 7, 0));
    seeds.add(Bytes.of("NaN", 4, 5));
    return seeds;
  }

  private static PayloadDecoder decoder(int which) {
    return switch (which % 8) {
      case 0 -> CoapSites.decoder(SENML, CoapSites.resource(false));
      case 1 -> CoapSites.decoder(TANK, CoapSites.resource(false));
      case 2 -> CoapSites.decoder(TANK, resource(Format.JSON, null, null));
      case 3 -> CoapSites.decoder(SENML, resource(Format.SENML_CBOR, null, null));
      case 4 -> CoapSites.decoder(SENML, resource(Format.AUTO, "pressure", null));
      case 5 ->
          CoapSites.decoder(
              CoapSites.profile(
                  CoapSites.named("pressure", "pressure", "MPa"),
                  CoapSites.named("temperature", "temperature", "Cel"),
                  CoapSites.named("state", "s", ""),
                  CoapSites.sum("energy_import", "e", "W")),
              CoapSites.resource(false));
      case 6 -> CoapSites.decoder(SENML, resource(Format.JSON, "temperature", "/tank/t"));
      default -> CoapSites.decoder(SENML, resource(Format.TEXT, "state", null));
    };
  }

  private static CoapResource resource(
      Format format, @Nullable String point, @Nullable String pointer) {
    return new CoapResource(
        "/x", false, format, pointer, point == null ? null : Point.of(point), null);
  }

  @Override
  public void take(byte[] input) {
    Bytes bytes = new Bytes(input);
    PayloadDecoder decoder = decoder(bytes.take());
    int chosen = bytes.take();
    boolean trusted = chosen < 128;
    byte[] payload = bytes.rest();
    Time.Wall wall = new Time.Wall(1_764_060_000_000L, trusted, "ntp");
    // The second message is understood by what the first one told of the sender's clock.
    for (int i = 0; i < 2; i++) {
      check(decoder.decode(payload, FORMATS[chosen % FORMATS.length], NOW + i, wall));
    }
  }

  private static void check(Decoded decoded) {
    switch (decoded) {
      case Decoded.Refused(_, String what) -> {
        assertFalse(what.isBlank(), "refused without a word");
        assertTrue(what.length() < 1000, what);
      }
      case Decoded.Content content -> {
        assertTrue(content.atNanos() <= NOW + 1, "measured after it came");
        assertTrue(
            content.values().size() > 0
                || content.values().state() != null
                || !content.bad().isEmpty(),
            "content without any");
        for (int i = 0; i < content.values().size(); i++) {
          Point point = content.values().point(i);
          assertFalse(content.bad().containsKey(point), () -> point + " is good and bad");
        }
        String state = content.values().state();
        assertTrue(state == null || state.matches("[a-z0-9_]{1,32}"), state);
      }
    }
  }
}
