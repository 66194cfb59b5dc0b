package io.lingtan.simulator.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.testing.Launched;
import io.lingtan.testing.Mosquitto;
import io.lingtan.testing.Ports;
import io.lingtan.testing.RequiresTool;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A site file that is changed again and again while meters are read. */
@Tag("campaign")
@RequiresTool({"mosquitto", "mosquitto_sub", "python3"})
@SuppressWarnings("NullAway") // a member that is not there fails the test by itself
class ReloadIT {

  private static final int RELOADS = 100;

  @TempDir Path folder;

  private static String lines(int still, int changing, int timeout, int kilowatts) {
    return """
    lines:
      - id: still
        modbus-tcp: {host: 127.0.0.1, port: %d}
        devices:
          - {id: m1, profile: eastron-sdm630, unit: 1, every: 1s, record: 1s}
      - id: changing
        modbus-tcp: {host: 127.0.0.1, port: %d, timeout: %dms}
        devices:
          - {id: m2, profile: acrel-dtsd1352, unit: 2, every: 1s, record: 1s}
    metering:
      interval: 1m
      meters:
        - {id: grid, device: m1, role: grid, rated_kw: 400}
        - {id: hall, device: m2, role: load, rated_kw: %d}
    """
        .formatted(still, changing, timeout, kilowatts);
  }

  private static long last(Gateway gateway) throws Exception {
    return ((BigDecimal) ((Map<?, ?>) gateway.snapshot().get("store")).get("last"))
        .longValueExact();
  }

  /**
   * One line is never changed, and loses nothing that its meter served; the other ends and begins
   * again and again, and what was under way at an end is all that it may lose.
   */
  @Test
  @Timeout(240)
  void aHundredReloadsCostTheOtherLinesNoReading() throws Exception {
    long seed = Long.getLong("lingtan.seed", new Random().nextLong());
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    Path brokerFolder = Files.createDirectory(folder.resolve("broker"));
    folder.toFile().setExecutable(true, false);
    int still = Ports.free();
    int changing = Ports.free();
    Path one = Files.createDirectory(folder.resolve("one"));
    Path two = Files.createDirectory(folder.resolve("two"));
    int changes = 0;
    int ended = 0;
    int refusals = 0;
    String now = lines(still, changing, 1000, 400);
    try (Mosquitto broker = Mosquitto.start(brokerFolder);
        Subscriber subscriber = Subscriber.start(folder, broker);
        Witness first = Witness.tcp(one, still, "1:sdm630");
        Witness second = Witness.tcp(two, changing, "2:dtsd1352");
        Gateway gateway = Gateway.start(folder, broker.url(), now)) {
      gateway.await("the first records", 20, () -> last(gateway) > 4);
      for (int i = 0; i < RELOADS; i++) {
        int kind = random.nextInt(4);
        String next =
            switch (kind) {
              case 0 -> lines(still, changing, 500 + i, 400 + random.nextInt(5));
              case 1 -> now.replaceAll("rated_kw: 4\\d\\d}\n$", "rated_kw: " + (401 + i) + "}\n");
              case 2 -> now.replace("eastron-sdm630", "eastron-sdm631"); // which there is not
              default -> now; // as it is
            };
        gateway.rewrite(now, next);
        gateway.reload();
        switch (kind) {
          case 2 -> {
            refusals++;
            int expected = refusals;
            gateway.await(
                "refusal " + expected, 20, () -> count(gateway.log(), "is refused") == expected);
            assertTrue(((Map<?, ?>) gateway.snapshot().get("config")).containsKey("refused"));
            gateway.rewrite(next, now);
          }
          case 3 -> Thread.sleep(random.nextInt(300));
          default -> {
            changes++;
            ended += kind == 0 ? 1 : 0;
            int expected = changes;
            gateway.await(
                "change " + expected,
                20,
                () -> count(gateway.log(), "site.yaml is in use") == expected);
            now = next;
          }
        }
        Thread.sleep(random.nextInt(200));
      }
      Thread.sleep(3000);
      Object inUse = ((Map<?, ?>) gateway.snapshot().get("config")).get("sha256");
      assertEquals(0, gateway.stop(), gateway.log());
      Thread.sleep(1000);

      Deliveries deliveries = new Deliveries(subscriber.records());
      deliveries.assertServed("m1", first.served(), 1);
      deliveries.assertServed("m2", second.served(), 1 + ended);
      assertEquals(changes, events(subscriber, "config.changed"));
      assertEquals(refusals, events(subscriber, "config.refused"));
      assertEquals(1, events(subscriber, "agent.start"));
      assertTrue(
          subscriber.messages().stream()
              .filter(message -> message.topic().equals("meta"))
              .reduce((a, b) -> b)
              .orElseThrow()
              .payload()
              .contains("\"configuration\":\"" + inUse + '"'));
      System.out.printf(
          "%d changes (%d ended a line), %d refused; m1 %d and m2 %d readings%n",
          changes, ended, refusals, deliveries.count("m1"), deliveries.count("m2"));
      assertTrue(changes > RELOADS / 4 && refusals > RELOADS / 10, changes + " " + refusals);

      var audit =
          Launched.run(
              Map.of(),
              Gateway.PROGRAM.toString(),
              "audit",
              "--broker",
              broker.url(),
              "--gateway",
              "gw-witness",
              "--once");
      assertEquals(0, audit.exit(), audit::toString);
    }
  }

  private static int count(String text, String words) {
    return text.split(words, -1).length - 1;
  }

  private static long events(Subscriber subscriber, String name) throws Exception {
    return subscriber.records().values().stream()
        .filter(record -> name.equals(record.get("event")))
        .count();
  }
}
