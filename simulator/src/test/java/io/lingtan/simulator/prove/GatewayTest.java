package io.lingtan.simulator.prove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.publish.link.Message;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.simulator.device.site.DemoMicrogrid;
import io.lingtan.simulator.fault.BrokerFault;
import io.lingtan.simulator.fault.ClockFault;
import io.lingtan.simulator.fault.Fault;
import io.lingtan.simulator.fault.HostFault;
import io.lingtan.simulator.prove.memory.MemoryLines;
import io.lingtan.simulator.world.Plant;
import io.lingtan.testing.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real agent through everything that can happen to its machine, its clock and its broker. */
@SuppressWarnings("NullAway") // a member that is not there fails the test by itself
final class GatewayTest {
  private static final long SECOND = 1_000L;
  private static final long MINUTE = 60 * SECOND;
  private static final String ROOT = "lingtan/v1/wx-demo-001/";

  @TempDir private Path folder;

  private final Plant plant = Plant.demo(5);
  private final long start = plant.startMillis();
  private final DemoMicrogrid simulated = new DemoMicrogrid(plant, 20);

  /** By key: every content that was taken under it. */
  private final Map<String, Set<String>> contents = new TreeMap<>();

  private final Map<String, Long> firstTaken = new LinkedHashMap<>();
  private final List<String> events = new ArrayList<>();
  private final List<Map<String, Object>> undated = new ArrayList<>();

  /** What came on a topic of its own, in its order. */
  private final List<Map<String, Object>> details = new ArrayList<>();

  private MachineClock clock;
  private FaultyBroker broker;

  /** A gateway and what happens to it. */
  private final class Run implements AutoCloseable {
    private final Card card = Card.in(folder);
    private final FaultyDisk disk;
    private final Gateway gateway;
    private final List<HostFault> faults;
    private final List<String> thrown = new ArrayList<>();
    private final RandomGenerator random = Randomness.seeded(5);

    Run(List<HostFault> faults) {
      this.faults = new ArrayList<>(faults);
      this.disk = new FaultyDisk(clock, faults, random);
      this.gateway =
          new Gateway(
              site(card.folder()),
              clock,
              new MemoryLines(simulated.endpoints(), clock, now -> clock.worldMillis(), null),
              broker,
              card,
              disk,
              5,
              (at, what) -> thrown.add(at + " " + what));
      gateway.start();
    }

    void until(long worldMillis) {
      while (!faults.isEmpty() && faults.getFirst().fromMillis() <= worldMillis) {
        HostFault fault = faults.removeFirst();
        gateway.until(Math.max(fault.fromMillis(), clock.worldMillis()));
        strike(fault);
      }
      gateway.until(worldMillis);
      assertEquals(List.of(), thrown);
    }

    private void strike(HostFault fault) {
      switch (fault) {
        case HostFault.Killed killed -> gateway.kill();
        case HostFault.PowerCut cut -> gateway.cut(cut, random);
        case HostFault.Cloned cloned -> {
          gateway.stop();
          gateway.moveTo(cloned.machine());
        }
        default -> {
          return; // of the disk, which knows by itself
        }
      }
      gateway.until(Math.max(fault.untilMillis(), clock.worldMillis()));
      if (!(fault instanceof HostFault.Killed)) {
        clock.reboot(clock.worldMillis());
      }
      gateway.start();
    }

    @Override
    public void close() {
      gateway.close();
      card.close();
    }
  }

  private Run machine(Fault... faults) {
    List<HostFault> ofHost = new ArrayList<>();
    List<ClockFault> ofClock = new ArrayList<>();
    List<BrokerFault> ofBroker = new ArrayList<>();
    for (Fault fault : faults) {
      switch (fault) {
        case HostFault host -> ofHost.add(host);
        case ClockFault its -> ofClock.add(its);
        case BrokerFault its -> ofBroker.add(its);
        default -> throw new IllegalArgumentException("not here: " + fault);
      }
    }
    clock = new MachineClock(start, ofClock);
    broker = new FaultyBroker(clock, ofBroker, this::take);
    return new Run(ofHost);
  }

  private Site site(Path card) {
    String text =
        DemoMicrogrid.siteFile(
                List.of(1, 2, 3, 4), "mqtt://127.0.0.1:1883", card.resolve("journal.db"), 0)
            .replace("record: 1s", "record: 10s")
            .replace("trust: [system]", "trust: [ntp], max_hold: 2m");
    try {
      Path file = folder.resolve("site.yaml");
      Files.writeString(file, text);
      var loaded = new SiteLoader().load(file);
      assertNotNull(loaded.site(), loaded.problems().toString());
      return loaded.site();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void take(Message message) {
    String text = new String(message.payload(), StandardCharsets.UTF_8);
    String topic = message.topic().substring(ROOT.length());
    if (topic.equals("batch")) {
      Map<String, Object> batch = json(text);
      for (Object record : (List<?>) batch.get("records")) {
        keep((Map<?, ?>) record, record.toString());
      }
    } else if (topic.startsWith("data/")
        || topic.startsWith("interval/")
        || topic.equals("event")
        || topic.equals("undated")) {
      Map<String, Object> record = json(text);
      keep(record, record.toString());
      details.add(record);
      if (topic.equals("event")) {
        events.add((String) record.get("event"));
      } else if (topic.equals("undated")) {
        undated.add(record);
      }
    }
  }

  private void keep(Map<?, ?> record, String text) {
    String key = record.get("epoch") + "/" + record.get("seq");
    contents.computeIfAbsent(key, k -> new HashSet<>()).add(text);
    firstTaken.putIfAbsent(key, clock.worldMillis());
  }

  /** What the last retained store says is there and delivered has arrived, once. */
  private void check() {
    contents.forEach((key, texts) -> assertEquals(1, texts.size(), () -> key + " " + texts));
    Map<String, Object> store =
        json(new String(broker.retained(ROOT + "store").payload(), StandardCharsets.UTF_8));
    checkEpoch(store);
    assertEquals(number(store.get("last")), number(store.get("acked")), "all is delivered");
    for (Object previous : (List<?>) store.get("previous")) {
      Map<?, ?> epoch = (Map<?, ?>) previous;
      checkEpoch(epoch);
      assertEquals(number(epoch.get("last")), number(epoch.get("acked")), "all is delivered");
    }
    assertEquals(List.of(), broker.violations());
  }

  private void checkEpoch(Map<?, ?> epoch) {
    long missing = 0;
    for (long seq = 1; seq <= number(epoch.get("acked")); seq++) {
      missing += contents.containsKey(epoch.get("epoch") + "/" + seq) ? 0 : 1;
    }
    long dropped = 0;
    if (epoch.get("dropped") instanceof List<?> drops) {
      dropped = drops.stream().mapToLong(drop -> number(((Map<?, ?>) drop).get("count"))).sum();
    }
    long undeclared = missing - dropped;
    assertTrue(undeclared <= 0, () -> undeclared + " holes in " + epoch);
  }

  private static Map<String, Object> json(String text) {
    try {
      return Json.object(text);
    } catch (IOException e) {
      throw new UncheckedIOException(text, e);
    }
  }

  private static long number(Object number) {
    return ((Number) number).longValue();
  }

  private long at(double minutes) {
    return start + (long) (minutes * MINUTE);
  }

  @Test
  void whateverHappensToTheMachineNothingIsMissingAndNothingHasTwoContents() {
    try (Run running =
        machine(
            new HostFault.Killed(at(3), at(3.5)),
            new HostFault.PowerCut(at(6), at(7), false),
            new HostFault.DiskFull(at(9), at(9.7)),
            new HostFault.PowerCut(at(12), at(12.5), true),
            new HostFault.IoError(at(18), at(18.5)),
            new HostFault.Killed(at(18.3), at(18.6)),
            new HostFault.Cloned(at(21), at(22), "machine-2"),
            new HostFault.ReadOnly(at(24), at(24.5)),
            new BrokerFault.Down(at(4), at(4.4)),
            new BrokerFault.LosesAcknowledgements(at(8), at(8.5), 8),
            new BrokerFault.Frozen(at(10.5), at(11.5)),
            new BrokerFault.RefusesMessages(at(13.5), at(14), 0x97, 3),
            new BrokerFault.Slow(at(19.5), at(20.5), 900),
            new BrokerFault.RefusesConnection(at(22), at(23), 0x88),
            new ClockFault.Stepped(at(5), at(5.5), 3_000),
            new ClockFault.Drift(at(25), at(29), 300))) {
      running.until(at(40));
      Map<String, Long> injected = new TreeMap<>(running.disk.injected());
      injected.putAll(broker.injected());
      injected.putAll(clock.injected());
      String kinds =
          "disk_full disk_io_error disk_read_only broker_down broker_frozen"
              + " broker_loses_puback broker_refuses_messages broker_slow"
              + " broker_refuses_connection clock_step clock_drift";
      for (String kind : kinds.split(" ")) {
        assertTrue(injected.containsKey(kind), () -> kind + " never struck: " + injected);
      }
      assertTrue(contents.size() > 1_800, () -> "only " + contents.size() + " records");
      check();
    }
  }

  @Test
  void whileTheDiskIsFullWhatIsLiveArrivesAllTheSame() {
    try (Run running = machine(new HostFault.DiskFull(at(3), at(3.9)))) {
      running.until(at(3));
      int before = firstTaken.size();
      running.until(at(3.9));
      int meanwhile = firstTaken.size() - before;
      assertTrue(meanwhile > 35, () -> "only " + meanwhile + " records came through");
      assertTrue(events.contains("journal.not_written"), events::toString);
      running.until(at(6));
      check();
    }
  }

  @Test
  void aProcessThatIsKilledWhileTheDiskIsFullEndsItsEpochAndLosesNothingThatWasNumbered() {
    try (Run running =
        machine(
            new HostFault.DiskFull(at(3), at(4)),
            new HostFault.Killed(at(3.5), at(3.7)),
            new BrokerFault.Slow(at(3.4), at(3.6), 5_000))) {
      running.until(at(6));
      assertTrue(events.contains("journal.epoch"), events::toString);
      Map<String, Object> store =
          json(new String(broker.retained(ROOT + "store").payload(), StandardCharsets.UTF_8));
      Map<?, ?> previous = (Map<?, ?>) ((List<?>) store.get("previous")).getFirst();
      assertEquals("lent", previous.get("reason"));
      assertNull(previous.get("dropped"), previous::toString);
      check();
    }
  }

  @Test
  void aBootWithoutAClockIsHeldThenSentUndatedThenDated() {
    try (Run running =
        machine(
            new HostFault.PowerCut(at(3), at(3.5), false),
            new ClockFault.Absent(at(3.2), at(10), -400 * MINUTE))) {
      running.until(at(5));
      assertEquals(0, undated.size(), "held");
      running.until(at(9));
      assertTrue(undated.size() > 100, () -> "only " + undated.size());
      assertTrue(
          undated.stream().allMatch(r -> "boot-2".equals(r.get("boot")) && !r.containsKey("ts")));
      running.until(at(14));
      assertTrue(events.contains("clock.offset"), events::toString);
      check();
    }
  }

  @Test
  void aBootThatNeverHadAClockIsBounded() {
    try (Run running =
        machine(
            new HostFault.PowerCut(at(3), at(3.5), false),
            new HostFault.PowerCut(at(5), at(5.5), true),
            new ClockFault.Absent(at(3.2), at(5.2), -400 * MINUTE))) {
      running.until(at(9));
      assertTrue(events.contains("clock.bounds"), events::toString);
      check();
    }
  }

  /**
   * Three power cuts in a row, and nobody who knows the time before the third boot has been up for
   * a while.
   */
  @Test
  void ofSeveralBootsWithoutAClockEachIsBoundedAndTheLastIsDated() {
    try (Run running =
        machine(
            new HostFault.PowerCut(at(3), at(3.5), false),
            new HostFault.PowerCut(at(7), at(7.5), false),
            new HostFault.PowerCut(at(11), at(11.5), true),
            new ClockFault.Absent(at(3.2), at(16), -400 * MINUTE))) {
      running.until(at(16));
      List<String> early = List.of("clock.bounds", "clock.offset");
      assertTrue(events.stream().noneMatch(early::contains), events::toString);
      Map<Object, Long> undatedByBoot = new TreeMap<>();
      undated.forEach(record -> undatedByBoot.merge(record.get("boot"), 1L, Long::sum));
      assertEquals(Set.of("boot-2", "boot-3", "boot-4"), undatedByBoot.keySet());
      running.until(at(20));
      check();
      assertTrue(undated.stream().noneMatch(record -> record.containsKey("ts")));
      List<Map<String, Object>> bounds = told("clock.bounds");
      assertEquals(
          List.of("boot-2", "boot-3"), bounds.stream().map(each -> each.get("boot")).toList());
      for (Map<String, Object> each : bounds) {
        long booted = each.get("boot").equals("boot-2") ? at(3.5) : at(7.5);
        assertTrue(number(each.get("not_before")) <= booted, each::toString);
        assertTrue(number(each.get("not_after")) >= booted, each::toString);
        assertTrue(number(each.get("not_after")) <= at(17), each::toString);
      }
      List<Map<String, Object>> offsets = told("clock.offset");
      assertEquals(1, offsets.size(), offsets::toString);
      assertEquals("boot-4", offsets.getFirst().get("boot"));
      long offBy = number(offsets.getFirst().get("offset_ms")) - at(11.5);
      assertTrue(Math.abs(offBy) <= SECOND, () -> "off by " + offBy + " ms");
      // What was sent undated can be dated by it, to the second that it was read in.
      for (Map<String, Object> record : undated) {
        if (record.get("boot").equals("boot-4")) {
          long read = number(offsets.getFirst().get("offset_ms")) + number(record.get("mono"));
          assertTrue(read >= at(11.5) - SECOND && read <= at(16) + SECOND, record::toString);
        }
      }
      assertTrue(
          details.stream()
              .noneMatch(record -> record.containsKey("interval") && isUndated(record)));
    }
  }

  private static boolean isUndated(Map<String, Object> record) {
    return !record.containsKey("ts");
  }

  /** Details of the events of this name, each once, in the order of their numbers. */
  @SuppressWarnings("unchecked") // a JSON object
  private List<Map<String, Object>> told(String name) {
    Map<Long, Map<String, Object>> found = new TreeMap<>();
    for (Map<String, Object> record : details) {
      if (name.equals(record.get("event"))) {
        found.put(number(record.get("seq")), (Map<String, Object>) record.get("detail"));
      }
    }
    return List.copyOf(found.values());
  }
}
