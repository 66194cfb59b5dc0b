package io.lingtan.simulator.zone.trial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.simulator.json.Json;
import io.lingtan.testing.Launched;
import io.lingtan.testing.RequiresTool;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two hundred gateways for two minutes with the zone as it is packed, every part killed once. */
@Timeout(600)
@RequiresTool("mosquitto")
final class TrialIT {
  private static final String PROGRAM = "target/lingtan-zone/bin/lingtan-zone";

  @Test
  void whatIsInTheTableIsTheTruthWhateverWasKilled() throws Exception {
    var launched =
        Launched.within(
            Duration.ofMinutes(9),
            Map.of("LINGTAN_OPTS", "-Xmx512m"),
            PROGRAM,
            "trial",
            "--gateways",
            "200",
            "--seconds",
            "110",
            "--seed",
            "20261130",
            "--json");
    assertEquals(0, launched.exit(), launched::toString);
    Json report = Json.read(launched.out().strip().getBytes(StandardCharsets.UTF_8));
    assertEquals("AGREES", report.text("verdict"));
    assertTrue(report.number("intervals", 0) >= 2, launched::out);
    assertEquals(report.number("rows", -1), report.number("keys", -2));
  }

  @Test
  void aFaultThatIsNotKnownIsWrongUsage() throws Exception {
    var launched = Launched.run(Map.of(), PROGRAM, "trial", "--faults", "flood");
    assertEquals(2, launched.exit(), launched::toString);
    assertTrue(launched.err().contains("broker-erased"), launched::toString);
  }
}
