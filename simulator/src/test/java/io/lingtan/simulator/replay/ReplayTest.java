package io.lingtan.simulator.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.Agent;
import io.lingtan.agent.Host;
import io.lingtan.agent.publish.link.Message;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.simulator.device.WorldClock;
import io.lingtan.simulator.device.site.DemoMicrogrid;
import io.lingtan.simulator.fault.WireFault;
import io.lingtan.simulator.prove.VirtualRun;
import io.lingtan.simulator.prove.memory.MemoryBroker;
import io.lingtan.simulator.prove.memory.MemoryLines;
import io.lingtan.simulator.world.Plant;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A bundle of a gateway on a simulated site, replayed. */
final class ReplayTest {
  private static final long MINUTE = 60_000L;
  private static final Pattern READ =
      Pattern.compile("\"device\":\"([^\"]+)\",\"values\":(\\{[^}]*\\})");

  @TempDir private Path folder;

  private final List<String> published = new ArrayList<>();

  /** A gateway's bundle after so many minutes, with trouble on three of its lines. */
  private Path bundle(int minutes) throws IOException {
    Plant plant = Plant.demo(11);
    DemoMicrogrid simulated = new DemoMicrogrid(plant, 20);
    long start = plant.startMillis();
    long trouble = start + (minutes - 8) * MINUTE;
    simulated
        .faults()
        .add(new WireFault.LateReplies("gate", trouble, trouble + 2 * MINUTE, 3, 1_300));
    simulated.faults().add(new WireFault.Silence("pv1", trouble, trouble + MINUTE));
    simulated.faults().add(new WireFault.CorruptByte("ely1", trouble, trouble + 2 * MINUTE, 5));
    VirtualTime time = new VirtualTime(start);
    WorldClock clock = WorldClock.realTime(time.now(), start);
    Path zip = folder.resolve("gateway.zip");
    Path home = Files.createDirectories(folder.resolve("gateway"));
    try (Agent agent =
        Agent.assemble(
            site(home),
            Host.real(),
            time,
            Randomness.seeded(1),
            new MemoryLines(simulated.endpoints(), time, clock, null),
            new MemoryBroker(this::collect))) {
      VirtualRun run = new VirtualRun(agent.steps(), time);
      run.until(MonotonicInstant.ofMillis(minutes * MINUTE));
      try (OutputStream to = Files.newOutputStream(zip)) {
        agent.bundle(List.of()).writeTo(to);
      }
      run.close();
    }
    return zip;
  }

  private static Site site(Path home) throws IOException {
    String text =
        DemoMicrogrid.siteFile(
            List.of(1, 2, 3, 4), "mqtt://127.0.0.1:1883", home.resolve("journal.db"), 0);
    Path file = home.resolve("site.yaml");
    Files.writeString(
        home.resolve("corr.csv"),
        "id,meter,figure,from,to,value,factor,reason,document,proposed,approved\n");
    Files.writeString(file, text.replaceFirst("(?m)^metering:", "$0\n  corrections: corr.csv"));
    return Objects.requireNonNull(new SiteLoader().load(file).site());
  }

  private void collect(Message message) {
    if (message.topic().contains("/data/")) {
      published.add(new String(message.payload(), StandardCharsets.UTF_8));
    }
  }

  /** What was read of whom. */
  private static Set<String> readings(List<String> records) {
    Set<String> readings = new HashSet<>();
    for (String record : records) {
      Matcher matcher = READ.matcher(record);
      if (matcher.find() && !matcher.group(2).equals("{}")) {
        readings.add(matcher.group(1) + matcher.group(2));
      }
    }
    return readings;
  }

  private record Ran(int code, String out, String errors) {}

  private static Ran run(String... words) {
    StringWriter out = new StringWriter();
    StringWriter errors = new StringWriter();
    CommandLine command =
        new CommandLine(new ReplayCommand())
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(errors, true));
    int code = command.execute(words);
    return new Ran(code, out.toString(), errors.toString());
  }

  @Test
  void aReplayReadsWhatTheGatewayReadTroubleAndAll() throws IOException {
    // 25 minutes: what was asked only at the start has long left the ring.
    Path zip = bundle(25);
    Ran ran = run(zip.toString());
    assertEquals(0, ran.code, ran.errors);
    List<String> records = ran.out.lines().toList();
    Set<String> then = readings(published);
    Set<String> missing =
        readings(published.subList(published.size() - published.size() * 9 / 25, published.size()));
    Set<String> now = readings(records);
    Set<String> invented = new HashSet<>(now);
    invented.removeAll(then);
    int recorded = missing.size();
    missing.removeAll(now);
    assertTrue(recorded > 2_000, () -> "only " + recorded + " readings");
    assertTrue(
        missing.size() * 20 < recorded, () -> missing.size() + " of " + recorded + " are missing");
    assertTrue(
        invented.size() * 100 < now.size(),
        () ->
            invented.size()
                + " of "
                + now.size()
                + " were never read, such as "
                + invented.iterator().next());
    for (String reason : List.of("\"*\":\"timeout\"", "\"*\":\"crc\"")) {
      assertTrue(
          records.stream().anyMatch(record -> record.contains(reason)), () -> "no " + reason);
    }
    assertTrue(records.stream().anyMatch(record -> record.contains("\"interval\":\"1m\"")));
    assertEquals(ran.out, run(zip.toString()).out, "the same again");
  }

  @Test
  void aCaseFolderReplaysToItsExpectedRecords() throws Exception {
    Path zip = bundle(9);
    Path saved = folder.resolve("case");
    Ran ran = run(zip.toString(), "--save", saved.toString());
    assertEquals(0, ran.code, ran.errors);
    assertEquals(List.of(), ReplayCasesTest.differences(saved, folder.resolve("work")));
    try (Stream<Path> files = Files.walk(saved)) {
      assertTrue(files.noneMatch(file -> file.endsWith("snapshot.json")), "only what is needed");
    }
    Path expected = saved.resolve(CaseFolder.EXPECTED);
    Files.writeString(expected, Files.readString(expected).replaceFirst("\"ts\":1", "\"ts\":2"));
    assertEquals(1, ReplayCasesTest.differences(saved, folder.resolve("again")).size());
    Ran twice = run(zip.toString(), "--save", saved.toString());
    assertEquals(2, twice.code);
    assertTrue(twice.errors.contains("is there already"), twice.errors);
  }

  @Test
  void aBadBundleSaysWhereAndWhatIsWrong() throws IOException {
    Path zip = bundle(9);
    Ran none = run(folder.resolve("nowhere.zip").toString());
    assertEquals(2, none.code);
    assertTrue(none.errors.contains("does not exist"), none.errors);

    Path cut = folder.resolve("cut.zip");
    byte[] whole = Files.readAllBytes(zip);
    Files.write(cut, Arrays.copyOf(whole, whole.length / 2));
    Ran half = run(cut.toString());
    assertEquals(2, half.code);
    assertTrue(half.errors.contains("cut.zip"), half.errors);

    Path text = Files.writeString(folder.resolve("text.zip"), "no zip");
    Ran noZip = run(text.toString());
    assertEquals(2, noZip.code);
    assertTrue(noZip.errors.contains("neither a zip nor a folder"), noZip.errors);

    Path saved = folder.resolve("case");
    run(zip.toString(), "--save", saved.toString());
    Path frames;
    try (Stream<Path> files = Files.list(saved.resolve("frames"))) {
      frames = files.sorted().findFirst().orElseThrow();
    }
    String good = Files.readString(frames);
    Files.writeString(frames, good + "99999999999999999 > zz\n");
    Ran noHex = run(saved.toString());
    assertEquals(2, noHex.code);
    assertTrue(
        noHex.errors.contains(frames + ":" + (good.lines().count() + 1) + ": 'zz' is no hex"),
        noHex.errors);
    Files.writeString(frames, good + "1 > 00\n");
    assertTrue(run(saved.toString()).errors.contains("time goes back"));

    Files.writeString(frames, good);
    Path site = saved.resolve("site.yaml");
    Files.writeString(site, Files.readString(site).replace("profile:", "profil:"));
    Ran badSite = run(saved.toString());
    assertEquals(2, badSite.code);
    assertTrue(badSite.errors.contains("profil"), badSite.errors);
    assertFalse(badSite.errors.contains("Exception"), badSite.errors);
  }
}
