package io.lingtan.simulator.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.testing.Launched;
import io.lingtan.testing.Mosquitto;
import io.lingtan.testing.Ports;
import io.lingtan.testing.RequiresTool;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * A site file that is changed again and again while a simulated site runs and is read, and three
 * meters beside it that log each reply.
 */
@Tag("campaign")
@Execution(ExecutionMode.CONCURRENT)
@RequiresTool({"mosquitto", "mosquitto_sub", "python3", "socat"})
@SuppressWarnings("NullAway") // a member that is not there fails the test by itself
class ReloadIT {

  private static final int RELOADS = 100;

  @TempDir Path folder;

  /** Primes, so that each value tells by which it was read. */
  private static final List<Integer> RATIOS = List.of(7, 11, 13);

  private static final List<String> ROLES = List.of("load", "charger", "electrolyser");

  /** What of the site file somebody changes. */
  private enum Knob {
    /** Of the line {@code changing}. */
    TIMEOUT,
    /** Of its meter. */
    KILOWATTS,
    ROLE,
    /** Of the line {@code scaled}. */
    RATIO,
    /** Another line, where nobody answers. */
    MORE,
    /** The broker gets Sparkplug, too. */
    VIEW,
    /** Simulated lines: one on TCP, one of two protocols on a pair of wires, one of CoAP. */
    ROOF,
    PAIR,
    TANKS
  }

  /**
   * What somebody writes into the site file.
   *
   * @param turned how often each was changed
   */
  private record Written(SimulatedLines simulated, int[] ports, Map<Knob, Integer> turned) {

    private int turned(Knob knob) {
      return turned.getOrDefault(knob, 0);
    }

    Written changed(Knob knob) {
      Map<Knob, Integer> next = new EnumMap<>(Knob.class);
      next.putAll(turned);
      next.merge(knob, 1, Integer::sum);
      return new Written(simulated, ports, next);
    }

    private int ratio() {
      return RATIOS.get(turned(Knob.RATIO) % RATIOS.size());
    }

    String lines() {
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
        - id: scaled
          modbus-tcp: {host: 127.0.0.1, port: %d}
          devices:
            - {id: m3, profile: acrel-dtsd1352, unit: 3, ct: %d, every: 1s, record: 1s}
      %s%smetering:
        interval: 1m
        meters:
          - {id: main, device: m1, role: load, rated_kw: 400}
          - {id: hall, device: m2, role: %s, rated_kw: %d}
      %s
      """
          .formatted(
              ports[0],
              ports[1],
              1000 - turned(Knob.TIMEOUT),
              ports[2],
              ratio(),
              turned(Knob.MORE) % 2 == 1
                  ? """
                    - id: more
                      modbus-tcp: {host: 127.0.0.1, port: 1, timeout: 200ms}
                      devices:
                        - {id: silent, profile: eastron-sdm630, unit: 1}
                  """
                  : "",
              simulatedLines(),
              ROLES.get(turned(Knob.ROLE) % ROLES.size()),
              400 + turned(Knob.KILOWATTS),
              simulated.meters());
    }

    private String simulatedLines() {
      return simulated
          .lines()
          .replace("timeout: 1s", "timeout: %dms".formatted(1000 - turned(Knob.ROOF)))
          .replace("baud: 9600,", "baud: 9600, timeout: %dms,".formatted(1000 - turned(Knob.PAIR)))
          .replace(
              "path: /dispenser/1,",
              "path: /dispenser/1, max_interval: %ds,".formatted(60 + turned(Knob.TANKS)));
    }

    String mqtt(Mosquitto broker) {
      return "{servers: [\"%s\"]%s}"
          .formatted(
              broker.url(),
              turned(Knob.VIEW) % 2 == 1 ? ", views: [{kind: sparkplug, group: wuxi}]" : "");
    }
  }

  private static long last(Gateway gateway) throws Exception {
    return ((BigDecimal) ((Map<?, ?>) gateway.snapshot().get("store")).get("last"))
        .longValueExact();
  }

  /**
   * Lines that are never changed lose nothing that their meters served; others end and begin again
   * and again, and what was under way at an end is all that they may lose.
   */
  @Test
  @Timeout(240)
  void aHundredReloadsCostTheOtherLinesNoReading() throws Exception {
    long seed = Long.getLong("lingtan.seed", new Random().nextLong());
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    Path brokerFolder = Files.createDirectory(folder.resolve("broker"));
    folder.toFile().setExecutable(true, false);
    int[] ports = {Ports.free(), Ports.free(), Ports.free()};
    Path one = Files.createDirectory(folder.resolve("one"));
    Path two = Files.createDirectory(folder.resolve("two"));
    Path three = Files.createDirectory(folder.resolve("three"));
    Map<String, Integer> changes = new TreeMap<>();
    int refusals = 0;
    List<Knob> deck = new ArrayList<>();
    try (Mosquitto broker = Mosquitto.start(brokerFolder);
        Subscriber subscriber = Subscriber.start(folder, broker);
        Witness first = Witness.tcp(one, ports[0], "1:sdm630");
        Witness second = Witness.tcp(two, ports[1], "2:dtsd1352");
        Witness third = Witness.tcp(three, ports[2], "3:mute");
        SimulatedLines simulated =
            SimulatedLines.start(Files.createDirectory(folder.resolve("s")));
        Gateway gateway = start(simulated, broker, ports)) {
      Written now = new Written(simulated, ports, Map.of());
      gateway.await("the first records", 20, () -> last(gateway) > 16);
      audit(broker); // begins to listen
      for (int i = 0; i < RELOADS; i++) {
        int kind = random.nextInt(8);
        if (kind < 2) { // a file that is refused
          String lines = now.lines();
          String wrong = lines.replace("eastron-sdm630, unit: 1, every", "eastron-sdm631, every");
          gateway.rewrite(lines, wrong);
          gateway.reload();
          refusals++;
          int expected = refusals;
          gateway.await(
              "refusal " + expected, 20, () -> count(gateway.log(), "is refused") == expected);
          assertTrue(((Map<?, ?>) gateway.snapshot().get("config")).containsKey("refused"));
          gateway.rewrite(wrong, lines);
        } else if (kind == 2) { // as it is
          gateway.reload();
          Thread.sleep(random.nextInt(300));
        } else {
          if (deck.isEmpty()) { // each as often as the others
            deck.addAll(List.of(Knob.values()));
            Collections.shuffle(deck, random);
          }
          Written next = now.changed(deck.removeLast());
          gateway.rewrite(now.lines(), next.lines());
          gateway.rewrite(now.mqtt(broker), next.mqtt(broker));
          gateway.reload();
          int expected = total(changes) + 1;
          gateway.await(
              "change " + expected,
              20,
              () -> count(gateway.log(), "site.yaml is in use") == expected);
          String log = gateway.log();
          String told = log.substring(log.lastIndexOf("site.yaml is in use: "));
          changes.merge(told.lines().findFirst().orElseThrow().split(": ", 2)[1], 1, Integer::sum);
          now = next;
        }
        Thread.sleep(random.nextInt(200));
      }
      Thread.sleep(3000);
      Object inUse = ((Map<?, ?>) gateway.snapshot().get("config")).get("sha256");
      assertEquals(0, gateway.stop(), gateway.log());
      Thread.sleep(1000);

      Deliveries deliveries = new Deliveries(subscriber.records());
      deliveries.assertServed("m1", first.served(), 1);
      deliveries.assertServed("m2", second.served(), 1 + of(changes, "lines changing"));
      new Deliveries(unscaled(subscriber.records()))
          .assertServed("m3", third.served(), 1 + of(changes, "lines scaled"));
      SteadyRecords steady = new SteadyRecords(subscriber.records());
      steady.assertUnbroken("gate", 0);
      steady.assertUnbroken("chargers", 0);
      steady.assertUnbroken("pv1", of(changes, "lines roof"));
      steady.assertUnbroken("ely1", of(changes, "lines rs485-1"));
      steady.assertUnbroken("house", of(changes, "lines rs485-1"));
      steady.assertUnbroken("tank1", of(changes, "lines tank-yard"));
      steady.assertUnbroken("disp1", of(changes, "lines tank-yard"));
      assertEquals(total(changes), events(subscriber, "config.changed"));
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
          "changes %s, %d refused; m1 %d, m2 %d, m3 %d readings; simulated %s%n",
          changes,
          refusals,
          deliveries.count("m1"),
          deliveries.count("m2"),
          deliveries.count("m3"),
          steady);
      assertTrue(total(changes) > RELOADS / 3 && refusals > RELOADS / 10, changes + " " + refusals);
      assertTrue(
          changes
              .keySet()
              .containsAll(
                  Set.of(
                      "lines changing",
                      "lines scaled",
                      "lines more, figures",
                      "figures",
                      "views",
                      "lines roof",
                      "lines rs485-1",
                      "lines tank-yard")),
          changes::toString);

      Launched audit = audit(broker);
      assertEquals(0, audit.exit(), audit::toString);
      assertFalse(audit.out().contains(" 0 records received"), audit::toString);
    }
  }

  private Gateway start(SimulatedLines simulated, Mosquitto broker, int[] ports) throws Exception {
    Written first = new Written(simulated, ports, Map.of());
    return Gateway.start(folder, first.mqtt(broker), first.lines(), "");
  }

  /** Judges what the broker has delivered since the first call. */
  private Launched audit(Mosquitto broker) throws Exception {
    return Launched.within(
        Duration.ofMinutes(1),
        Map.of(),
        Gateway.PROGRAM.toString(),
        "audit",
        "--broker",
        broker.url(),
        "--client-id",
        "reload-audit",
        "--state",
        folder.resolve("audit.state").toString(),
        "--since-listening",
        "--once");
  }

  private static int total(Map<String, Integer> changes) {
    return changes.values().stream().mapToInt(Integer::intValue).sum();
  }

  private static int of(Map<String, Integer> changes, String what) {
    return changes.getOrDefault(what, 0);
  }

  /**
   * What m3 delivered as its meter served it: all of a record by one ratio, which its values tell.
   */
  private static Map<String, Map<String, Object>> unscaled(
      Map<String, Map<String, Object>> records) {
    Map<String, Map<String, Object>> all = new LinkedHashMap<>(records);
    all.replaceAll(
        (key, record) -> {
          if (!"m3".equals(record.get("device"))
              || !(record.get("values") instanceof Map<?, ?> values)
              || !(values.get("energy_import") instanceof BigDecimal energy)) {
            return record;
          }
          BigDecimal ratio =
              RATIOS.stream()
                  .map(BigDecimal::valueOf)
                  // It begins at 5000 kWh and goes up by 0.01.
                  .filter(by -> energy.divideToIntegralValue(by).intValueExact() / 100 == 50)
                  .findFirst()
                  .orElseThrow(() -> new AssertionError("by none of the ratios: " + record));
          Map<String, Object> served = new LinkedHashMap<>(record);
          served.put(
              "values",
              Map.of(
                  "energy_import",
                  energy.divide(ratio),
                  "power",
                  ((BigDecimal) values.get("power")).divide(ratio)));
          return served;
        });
    return all;
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
