package io.lingtan.simulator.prove;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.Agent;
import io.lingtan.agent.Host;
import io.lingtan.agent.acquire.wire.Channel;
import io.lingtan.agent.acquire.wire.FieldPorts;
import io.lingtan.agent.command.trial.CardUse;
import io.lingtan.agent.journal.file.Connector;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.Step;
import io.lingtan.agent.run.Waiter;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.simulator.bench.WideMeters;
import io.lingtan.simulator.check.Witness;
import io.lingtan.simulator.prove.memory.MemoryLines;
import io.lingtan.testing.ThreePhaseMeter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code lingtan check} says that a site will write, against what its agent writes. */
final class CardUseTest {

  private static final double TOLERANCE = 0.2;
  private static final long SETTLED_MILLIS = 300_000;
  private static final double DAY_MILLIS = 86_400_000;
  private static final long NOON = 1_764_129_600_000L;

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "demo-microgrid, 1s, 1s, 1m, 20",
    "demo-microgrid, 10s, 1s, 15m, 60",
    "storage, 10s, 10s, 15m, 60",
    "pv-rooftop, 60s, 1s, 5m, 240",
    "storage, 5s, 1s, 15m, 60",
    "hydrogen-depot, 10s, 1s, 15m, 60",
    "all-lines, 10s, 1s, 15m, 60"
  })
  void aDayOnTheCardComesOutAsForetold(
      String name, String record, String commit, String interval, int minutes) throws Exception {
    ProvedSite proved = ProvedSite.of(name, 5);
    long start = proved.world().stepStart();
    MachineClock clock = new MachineClock(start, List.of());
    try (Card card = Card.in(folder)) {
      String text =
          SiteEdits.proved(proved.simulated().text(), null, card.folder().resolve("journal.db"))
              .replaceAll("record: \\w+", "record: " + record)
              .replaceAll("interval: \\w+", "interval: " + interval)
              .replaceAll("commit: \\w+", "commit: " + commit);
      compare(
          text,
          clock,
          MemoryLines.of(
              proved.simulated(),
              clock,
              clock.world(),
              new Witness(proved.world(), proved.faults())),
          minutes,
          true);
    }
  }

  @ParameterizedTest
  @CsvSource({"50, 1s, 5", "50, 10s, 15", "1, 1s, 10"})
  void soDoesOneOfMetersWithThirtyValuesEachSecond(int meters, String commit, int minutes)
      throws Exception {
    Files.createDirectories(folder.resolve("profiles"));
    Files.writeString(folder.resolve("profiles/wide-meter.yaml"), WideMeters.profile());
    String devices =
        IntStream.rangeClosed(1, meters)
            .mapToObj(
                i ->
                    "      - {id: m%1$d, profile: wide-meter, unit: %1$d, every: 1s, record: 1s}"
                        .formatted(i))
            .collect(Collectors.joining("\n"));
    MachineClock clock = new MachineClock(NOON, List.of());
    compare(
        """
        gateway: card
        site: {zone: Asia/Shanghai, region: CN-JS}
        profiles: profiles
        lines:
          - id: meters
            modbus-tcp: {host: 127.0.0.1}
            devices:
        %s
        metering: {meters: [{id: grid, device: m1, role: grid, rated_kw: 400}]}
        mqtt: {servers: ["mqtt://127.0.0.1:1883"]}
        journal: {path: journal.db, commit: %s}
        status: {listen: "127.0.0.1:0"}
        """
            .formatted(devices, commit),
        clock,
        line -> new Meters(),
        minutes,
        false);
  }

  /** As the journal's own connection counts them, what is in the WAL included. */
  private static long pages(Site site) throws SQLException {
    try (Connection reader = DriverManager.getConnection("jdbc:sqlite:" + site.journal().path());
        Statement statement = reader.createStatement();
        ResultSet rows = statement.executeQuery("PRAGMA page_count")) {
      return rows.getLong(1);
    }
  }

  private Site site(String text) throws IOException {
    Site site = new SiteLoader().load(Files.writeString(folder.resolve("site.yaml"), text)).site();
    assertNotNull(site, text);
    return site;
  }

  private void compare(
      String text, MachineClock clock, FieldPorts ports, int minutes, boolean simulated)
      throws IOException, SQLException {
    Site site = site(text);
    FaultyBroker broker = new FaultyBroker(clock, List.of(), message -> {});
    try (Agent agent =
        Agent.assemble(
            site,
            new Host("machine", Connector.sqlite(), folder.resolve("memory")),
            clock,
            Randomness.seeded(5),
            ports,
            broker.client())) {
      List<Step> steps = new ArrayList<>(agent.steps());
      steps.add(broker);
      VirtualRun run = new VirtualRun(steps, clock, clock::advanceTo);
      run.until(clock.now().plusMillis(SETTLED_MILLIS));
      StoreSnapshot before = agent.view(List.of()).store();
      long pages = pages(site);
      run.until(clock.now().plusMillis(minutes * 60_000L));
      StoreSnapshot after = agent.view(List.of()).store();
      double grown = (pages(site) - pages) * 1024.0;
      double days = minutes * 60_000L / DAY_MILLIS;
      Path where = Files.createDirectory(folder.resolve("trial"));
      CardUse foretold = CardUse.of(site, clock.worldMillis(), where);
      assertArrayEquals(new String[0], where.toFile().list(), "nothing is left behind");
      double written = (after.bytesWritten() - before.bytesWritten()) / days;
      assertEquals(
          1,
          foretold.bytesPerDay() / written,
          TOLERANCE,
          () -> foretold + ", measured " + written + " a day");
      // What hardly changes takes less room than foretold, and lasts longer.
      double room = foretold.growthPerDay() / (grown / days);
      assertTrue(
          room > 1 - TOLERANCE && (simulated || room < 1 + TOLERANCE),
          () -> foretold + ", grown by " + grown / days + " a day");
    }
  }

  /** Modbus TCP meters that wander as real ones do, and answer at once. */
  private static final class Meters implements Channel {
    private final Map<Integer, ThreePhaseMeter> meters = new HashMap<>();
    private final ByteBuffer reply = ByteBuffer.allocate(300).limit(0);
    private final Waiter waiter = Waiter.parking();

    @Override
    public int send(ByteBuffer bytes) {
      int taken = bytes.remaining();
      short transaction = bytes.getShort();
      bytes.getInt();
      int unit = bytes.get();
      byte function = bytes.get();
      int address = bytes.getShort();
      int words = bytes.getShort();
      Values values =
          meters.computeIfAbsent(unit, id -> new ThreePhaseMeter(Randomness.seeded(id))).values();
      ByteBuffer registers = ByteBuffer.allocate(4 * WideMeters.POINTS.size());
      for (String point : WideMeters.POINTS) {
        String step = point.replaceAll(".*: ([0-9.]*).*", "$1");
        double raw =
            values.micros(Point.of(point.replaceAll(":.*", "")))
                / 1e6
                / (step.isEmpty() ? 1 : Double.parseDouble(step));
        registers.putInt((int) Math.round(raw));
      }
      reply.clear();
      reply.putShort(transaction).putInt(3 + 2 * words).put((byte) unit).put(function);
      reply.put((byte) (2 * words)).put(registers.array(), 2 * address, 2 * words).flip();
      return taken;
    }

    @Override
    public int receive(ByteBuffer into) {
      int taken = Math.min(reply.remaining(), into.remaining());
      into.put(into.position(), reply, reply.position(), taken);
      into.position(into.position() + taken);
      reply.position(reply.position() + taken);
      return taken;
    }

    @Override
    public String where() {
      return "here";
    }

    @Override
    public Opening open() {
      return Opening.OPEN;
    }

    @Override
    public @Nullable Trouble trouble() {
      return null;
    }

    @Override
    public void close() {
      reply.limit(0);
    }

    @Override
    public Waiter waiter() {
      return waiter;
    }
  }
}
