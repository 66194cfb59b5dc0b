package io.lingtan.simulator.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.simulator.endtoend.Subscriber.Message;
import io.lingtan.testing.Child;
import io.lingtan.testing.Json;
import io.lingtan.testing.Launched;
import io.lingtan.testing.Mosquitto;
import io.lingtan.testing.Ports;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * The packed agent at the ends of two months. Its clock is a minute before an end, it is killed,
 * and its next process begins seconds before the end; another one finds the month's record to be
 * old enough for its document. What runs for a month runs for seconds here.
 */
@Execution(ExecutionMode.CONCURRENT)
@RequiresTool({"faketime", "mosquitto", "mosquitto_sub", "python3"})
@SuppressWarnings("NullAway") // a member that is not there fails the test by itself
@Timeout(240)
final class MonthEndIT {

  /** Ends of January and February 2031 in Shanghai. */
  private static final Instant FEBRUARY = Instant.parse("2031-01-31T16:00:00Z");

  private static final Instant MARCH = Instant.parse("2031-02-28T16:00:00Z");

  @TempDir private Path folder;

  private Subscriber subscriber;
  private Witness meter;

  /** How often an agent was started. */
  private int started;

  private Child agent(Instant at) throws Exception {
    Launched asked = Launched.run(Map.of(), "faketime", "-f", "+0", "printenv", "LD_PRELOAD");
    assertEquals(0, asked.exit(), asked::toString);
    long ahead = at.getEpochSecond() - Instant.now().getEpochSecond();
    return Child.start(
        folder.resolve("agent-" + ++started + ".log"),
        Map.of(
            "LD_PRELOAD",
            asked.out().strip(),
            "FAKETIME",
            "+" + ahead,
            "FAKETIME_DISABLE_SHM",
            "1",
            "FAKETIME_DONT_FAKE_MONOTONIC",
            "1",
            // Without it waits of the JVM for so much monotonic time end at once.
            "FAKETIME_FORCE_MONOTONIC_FIX",
            "0"),
        List.of(
            Gateway.PROGRAM.toString(), "run", "--config", folder.resolve("site.yaml").toString()));
  }

  @Test
  void eachMonthIsToldOnceSignedAndBeginsWithNothing() throws Exception {
    Path brokerFolder = Files.createDirectory(folder.resolve("broker"));
    folder.toFile().setExecutable(true, false);
    int port = Ports.free();
    try (Mosquitto broker = Mosquitto.start(brokerFolder);
        Subscriber told = Subscriber.start(folder, broker);
        Witness served = Witness.tcp(folder, port, "1:sdm630")) {
      subscriber = told;
      meter = served;
      Files.writeString(
          folder.resolve("site.yaml"),
          """
          gateway: gw-month
          site: {name: Month, zone: Asia/Shanghai, region: CN-JS}
          lines:
            - id: panel
              modbus-tcp: {host: 127.0.0.1, port: %d}
              devices: [{id: m1, profile: eastron-sdm630, unit: 1, every: 1s, record: 1s}]
          metering:
            interval: 1m
            close_after: 10s
            meters: [{id: grid, device: m1, role: grid, rated_kw: 400}]
          carbon: {factors: [cn-electricity]}
          mqtt: {servers: ["%s"]}
          status: {enabled: false}
          clock: {trust: [system]}
          """
              .formatted(port, broker.url()));
      BigDecimal[] january = across(FEBRUARY, "2031-01-31T16:00:00Z");
      document("2031-01", FEBRUARY);
      BigDecimal[] february = across(MARCH, "2031-02-28T16:00:00Z");
      document("2031-02", MARCH);
      judge(january, february);
    }
  }

  /**
   * A restart by SIGKILL around a month's end.
   *
   * @return the register's reading before the restart and the last one until the month was told:
   *     the end lies between
   */
  private BigDecimal[] across(Instant end, String name) throws Exception {
    BigDecimal before;
    try (Child first = agent(end.minusSeconds(60))) {
      int since = records("data/m1").size();
      first.await("readings before " + name, 60, () -> records("data/m1").size() > since + 2);
      first.kill();
      before = energies().getLast();
    }
    int months = records("interval/1M").size();
    try (Child second = agent(end.minusSeconds(4))) {
      second.await("the month", 90, () -> records("interval/1M").size() > months);
      assertEquals(0, second.stop(45), second.output());
    }
    return new BigDecimal[] {before, energies().getLast()};
  }

  /** The month's record is over two minutes old when the next process begins. */
  private void document(String month, Instant end) throws Exception {
    try (Child third = agent(end.plusSeconds(300))) {
      third.await("the document", 60, () -> !records("report/" + month).isEmpty());
      assertEquals(0, third.stop(45), third.output());
    }
  }

  private List<String> records(String topic) {
    try {
      Set<String> once = new LinkedHashSet<>();
      for (Message message : subscriber.messages()) {
        if (message.topic().equals(topic)) {
          once.add(message.payload());
        }
      }
      return List.copyOf(once);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All readings that the meter's register gave, kWh. */
  private List<BigDecimal> energies() throws IOException {
    return meter.served().stream()
        .map(Witness.Served::energy)
        .filter(each -> each != null)
        .toList();
  }

  private void judge(BigDecimal[] january, BigDecimal[] february) throws Exception {
    List<Map<String, Object>> months = new ArrayList<>();
    for (String each : records("interval/1M")) {
      months.add(Json.object(each));
    }
    assertEquals(
        List.of(FEBRUARY.toEpochMilli(), MARCH.toEpochMilli()),
        months.stream().map(month -> Subscriber.number(month, "end")).toList(),
        "each month is told, and once");
    BigDecimal first = energies().getFirst();
    BigDecimal one = bought(months.get(0));
    BigDecimal other = bought(months.get(1));
    within(january[0].subtract(first), one, january[1].subtract(first));
    within(february[0].subtract(january[1]), other, february[1].subtract(january[0]));
    within(february[0].subtract(first), one.add(other), february[1].subtract(first));
    List<BigDecimal> register = register(months.get(1));
    assertEquals(first.add(one), register.getFirst(), "it begins where the one before ended");
    assertEquals(other, register.getLast().subtract(register.getFirst()), "with nothing");
    for (String month : List.of("2031-01", "2031-02")) {
      assertEquals(1, records("report/" + month).size(), "one content, however often it is told");
    }
    Map<String, Object> document = Json.object(records("report/2031-02").getFirst());
    assertEquals(
        other,
        value((Map<?, ?>) ((Map<?, ?>) document.get("figures")).get("elec.grid.import")),
        document::toString);
    verify();
  }

  private static void within(BigDecimal least, BigDecimal told, BigDecimal most) {
    assertTrue(
        least.signum() >= 0 && told.compareTo(least) >= 0 && told.compareTo(most) <= 0,
        () -> "%s is not from %s to %s".formatted(told, least, most));
  }

  private static BigDecimal bought(Map<String, Object> month) {
    return value((Map<?, ?>) ((Map<?, ?>) month.get("metrics")).get("elec.grid.import"));
  }

  /** What the gate's register said at its ends. */
  @SuppressWarnings("unchecked") // a list of two numbers
  private static List<BigDecimal> register(Map<String, Object> month) {
    Map<?, ?> registers = (Map<?, ?>) month.get("registers");
    return (List<BigDecimal>) registers.get("grid/energy_import");
  }

  private static BigDecimal value(Map<?, ?> metric) {
    return (BigDecimal) metric.get("v");
  }

  /** All interval records and both documents, as they came, and one with another figure. */
  private void verify() throws Exception {
    Map<Long, String> chain = new LinkedHashMap<>();
    for (Message message : subscriber.messages()) {
      if (message.topic().startsWith("interval/")) {
        chain.putIfAbsent(
            Subscriber.number(Json.object(message.payload()), "seq"), message.payload());
      }
    }
    List<String> lines = new ArrayList<>(chain.values());
    lines.addAll(records("report/2031-01"));
    lines.addAll(records("report/2031-02"));
    Path file = folder.resolve("months.ndjson");
    Files.writeString(
        folder.resolve("gw.key"),
        records("meta").getFirst().replaceFirst("(?s).*\"key\":(\\{[^}]*\\}).*", "$1"));
    Files.write(file, lines);
    Launched good = verify(file);
    assertEquals(0, good.exit(), good::toString);
    assertTrue(good.out().contains("2 monthly reports were held against"), good::toString);
    String last = lines.removeLast();
    String other = last.replaceFirst("(\"elec.grid.import\":\\{\"v\":)", "$11");
    assertNotEquals(last, other);
    lines.add(other);
    Files.write(file, lines);
    Launched bad = verify(file);
    assertEquals(1, bad.exit(), bad::toString);
    assertTrue(bad.out().contains("report 2031-02 rev 0"), bad::toString);
  }

  private Launched verify(Path file) throws Exception {
    return Launched.run(
        Map.of(),
        Gateway.PROGRAM.toString(),
        "verify",
        "--key",
        folder.resolve("gw.key").toString(),
        file.toString());
  }
}
