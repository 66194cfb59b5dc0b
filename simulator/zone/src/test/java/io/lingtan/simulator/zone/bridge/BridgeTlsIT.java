package io.lingtan.simulator.zone.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.audit.link.AuditClient;
import io.lingtan.agent.audit.link.BrokerAddress;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.tls.Tls;
import io.lingtan.testing.Launched;
import io.lingtan.testing.Mosquitto;
import io.lingtan.testing.RequiresTool;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A bridge before a mosquitto that wants TLS and a password. */
@Timeout(60)
@RequiresTool({"mosquitto", "mosquitto_passwd", "mosquitto_pub", "openssl"})
final class BridgeTlsIT {
  private static final String CA =
      Path.of("../../config/central/ca.sh").toAbsolutePath().normalize().toString();

  @TempDir private Path folder;
  private final Time time = new SystemTime(List.of("system"));
  private final MockProducer<String, byte[]> producer =
      new MockProducer<>(true, null, new StringSerializer(), new ByteArraySerializer());
  private Path authority = Path.of("authority");

  @BeforeEach
  void certificates() throws Exception {
    authority = folder.resolve("authority");
    run(CA, "init", authority.toString(), "127.0.0.1");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    run("mosquitto_passwd", "-b", "-c", folder.resolve("passwords").toString(), "zone", "secret");
  }

  private static void run(String... command) throws Exception {
    Launched done = Launched.run(Map.of(), command);
    assertEquals(0, done.exit(), done::toString);
  }

  private Mosquitto broker() throws Exception {
    return Mosquitto.start(
        Files.createDirectories(folder.resolve("mqtt")),
        "allow_anonymous false",
        "password_file " + folder.resolve("passwords"),
        "certfile " + authority.resolve("server.pem"),
        "keyfile " + authority.resolve("server.key"));
  }

  private BridgeStep bridge(Mosquitto broker, @Nullable Path ca, String password) throws Exception {
    return new BridgeStep(
        new AuditClient.Options(
            BrokerAddress.parse("mqtts://127.0.0.1:" + broker.port()),
            "zone-bridge-1",
            "zone",
            password.getBytes(StandardCharsets.UTF_8),
            Tls.factory(new Tls.Identity(ca, null, null), null),
            true),
        "zone",
        producer,
        new MockConsumer<>("latest"),
        time);
  }

  /** Steps until something came, or for so long. */
  private int taken(BridgeStep bridge, Duration atMost) {
    MonotonicInstant end = time.now().plus(atMost);
    while (producer.history().isEmpty() && time.now().isBefore(end)) {
      bridge.step(time.now());
      LockSupport.parkNanos(5_000_000);
    }
    return producer.history().size();
  }

  private void publish(Mosquitto broker) throws Exception {
    // Retained, so that it does not matter when the bridge comes to subscribe.
    run(
        "mosquitto_pub",
        "-V",
        "5",
        "-h",
        "127.0.0.1",
        "-p",
        String.valueOf(broker.port()),
        "--cafile",
        authority.resolve("ca.pem").toString(),
        "-u",
        "zone",
        "-P",
        "secret",
        "-q",
        "1",
        "-r",
        "-t",
        "lingtan/v1/gw-1/store",
        "-m",
        "{}");
  }

  @Test
  void withTheAuthorityAndThePasswordItTakesMessages() throws Exception {
    try (Mosquitto broker = broker()) {
      publish(broker);
      BridgeStep bridge = bridge(broker, authority.resolve("ca.pem"), "secret");
      assertEquals(1, taken(bridge, Duration.ofSeconds(20)));
      assertEquals("gw-1", producer.history().getFirst().key());
      bridge.close();
    }
  }

  @Test
  void aBrokerOfAnotherAuthorityAndAWrongPasswordAreNotTalkedTo() throws Exception {
    try (Mosquitto broker = broker()) {
      publish(broker);
      BridgeStep untrusting = bridge(broker, null, "secret");
      assertEquals(0, taken(untrusting, Duration.ofSeconds(3)));
      BridgeStep unknown = bridge(broker, authority.resolve("ca.pem"), "guessed");
      assertEquals(0, taken(unknown, Duration.ofSeconds(3)));
      assertTrue(broker.log().contains("not authorised"), broker.log());
    }
  }
}
