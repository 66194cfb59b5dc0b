package io.lingtan.agent.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.audit.verify.Flaw;
import io.lingtan.agent.audit.verify.Verification;
import io.lingtan.agent.audit.verify.VerifyReport;
import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.JournalOptions;
import io.lingtan.agent.journal.Outbox;
import io.lingtan.agent.journal.file.Connector;
import io.lingtan.agent.ledger.LedgerStep;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.RecordJson;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.seal.KeyFile;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.Loaded;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * A month of readings through the agent's own stages, and every figure of its report, bill and
 * demand response worked out again by {@code judge/month.py}, which knows config/README.md and the
 * readings, and shares nothing with the agent.
 */
final class MonthJudgeTest {

  private static final Path GIVEN = Path.of("src/test/resources/io/lingtan/agent/judge");
  private static final long QUARTER = 900_000;

  /** What the judge reads. */
  private static final List<String> TOLD =
      List.of(
          "records.ndjson",
          "bill.json",
          "response.txt",
          "fuel.csv",
          "gas.csv",
          "heat.csv",
          "curtailed.csv");

  private static final String TOTAL = "(\"co2.total\":\\{\"v\":[0-9.]+),";

  @TempDir private static Path folder;

  private static final VirtualTime TIME = new VirtualTime(at("2026-01-31T00:00"));

  private static long at(String local) {
    return Instant.parse(local + ":00Z").minus(Duration.ofHours(8)).toEpochMilli();
  }

  @BeforeAll
  static void aMonthIsRead() throws IOException {
    try (var files = Files.walk(GIVEN)) {
      for (Path each : files.filter(Files::isRegularFile).toList()) {
        Path to = folder.resolve(GIVEN.relativize(each).toString());
        Files.createDirectories(to.getParent());
        Files.copy(each, to);
      }
    }
    Loaded loaded = new SiteLoader().load(folder.resolve("site.yaml"));
    Site site = loaded.site();
    assertNotNull(site, () -> loaded.problems().toString());
    RandomGenerator random = Randomness.seeded(24);
    Journal journal =
        Journal.open(
            new JournalOptions(
                site.journal().path(),
                512L << 20,
                "m",
                Connector.sqlite(),
                folder.resolve("volatile"),
                new KeyFile(folder.resolve("key"), "m").open(random)),
            TIME,
            random);
    Inbox<Arrival> inbox = new Inbox<>(4096);
    LedgerStep ledger = new LedgerStep(site, journal, inbox, TIME);
    try {
      Meters meters = new Meters(random);
      for (long end = at("2026-03-04T00:15"); TIME.wall().millisAt(TIME.now()) <= end; ) {
        meters.read(inbox);
        ledger.step(TIME.now());
        TIME.advanceMillis(QUARTER);
        meters.count();
      }
      TIME.advanceMillis(200_000);
      ledger.step(TIME.now());
      Files.write(folder.resolve("records.ndjson"), records(journal), StandardCharsets.UTF_8);
      run(new BillCommand(TIME), "bill.json", "--month", "2026-02", "--json");
      run(
          new ResponseCommand(TIME),
          "response.txt",
          "--from",
          "2026-02-26T10:00",
          "--hours",
          "2",
          "--without",
          "2026-02-24");
    } finally {
      ledger.close();
      journal.close();
    }
  }

  /** Registers, in millionths, and what happens in a quarter of an hour. */
  private static final class Meters {
    private final RandomGenerator random;
    private final long[] registers = new long[11];
    private long pulses;
    private int quarter;

    Meters(RandomGenerator random) {
      this.random = random;
      for (int i = 0; i < registers.length; i++) {
        registers[i] = random.nextLong(900_000) * 1_000_000;
      }
    }

    private long upTo(int wattHours) {
      return random.nextInt(wattHours + 1) * 1000L;
    }

    void count() {
      int hour = quarter / 4 % 24;
      boolean work = hour >= 7 && hour < 20 && quarter / 96 % 7 < 5;
      long hall = upTo(work ? 60_000 : 4_000);
      long load = hall + upTo(work ? 40_000 : 9_000);
      long sun = hour >= 6 && hour < 18 ? upTo(90_000) : 0;
      boolean night = hour < 5;
      boolean evening = hour >= 18 && hour < 22;
      long charge = night ? upTo(15_000) : hour >= 10 && hour < 14 ? upTo(25_000) : 0;
      long given = evening ? upTo(30_000) : 0;
      long drawn = load + charge - sun - given;
      long[] each = {
        Math.max(0, drawn),
        Math.max(0, -drawn),
        upTo(20_000),
        upTo(2_000),
        sun,
        charge,
        given,
        hall,
        random.nextInt(9) * 1_000_000L
      };
      for (int i = 0; i < each.length; i++) {
        registers[i] += each[i];
      }
      pulses += random.nextInt(150);
      quarter++;
    }

    private void tell(Inbox<Arrival> inbox, String device, Object... points) {
      Values.Builder values = new Values.Builder();
      for (int i = 0; i < points.length; i += 2) {
        values.put(Point.of((String) points[i]), (Long) points[i + 1]);
      }
      inbox.offer(
          new Arrival.Recorded(Sample.of(device, TIME.boot(), TIME.now().nanos(), values.build())));
    }

    void read(Inbox<Arrival> inbox) {
      long[] r = registers;
      tell(
          inbox,
          "gate",
          "energy_import",
          r[0],
          "energy_export",
          r[1],
          "reactive_energy_import",
          r[2],
          "reactive_energy_export",
          r[3]);
      tell(inbox, "roof", "energy_export", r[4]);
      tell(inbox, "store", "energy_charged", r[5], "energy_discharged", r[6]);
      tell(inbox, "press", "energy_import", r[7]);
      tell(inbox, "hot", "energy_import", r[8]);
      tell(inbox, "boiler", "volume", pulses * 100_000);
    }
  }

  private static List<String> records(Journal journal) {
    List<String> lines = new ArrayList<>();
    try (Outbox outbox = journal.outbox()) {
      List<JournalRecord> some;
      long from = 1;
      do {
        some =
            outbox.read(
                journal.state().epoch(), EnumSet.allOf(JournalRecord.Kind.class), from, 1000);
        some.forEach(record -> lines.add(RecordJson.of(record)));
        from = some.isEmpty() ? from : some.getLast().seq() + 1;
      } while (!some.isEmpty());
    }
    return lines;
  }

  /** Runs a command as a person does, and keeps what it printed. */
  private static void run(Object command, String file, String... words) throws IOException {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = new CommandLine(command);
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    List<String> all = new ArrayList<>(List.of("--config", folder.resolve("site.yaml").toString()));
    all.addAll(List.of(words));
    assertEquals(ExitCode.GOOD, line.execute(all.toArray(String[]::new)), () -> out + "\n" + err);
    Files.writeString(folder.resolve(file), out.toString());
  }

  private static String judge(Path of) throws IOException, InterruptedException {
    Process python =
        new ProcessBuilder(
                "/usr/bin/python3",
                GIVEN.resolve("month.py").toAbsolutePath().toString(),
                of.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return python.waitFor() + "\n" + said;
  }

  @Test
  @RequiresTool("python3")
  void everyFigureOfTheMonthFollowsFromTheReadingsAndTheDocuments() throws Exception {
    String said = judge(folder);
    assertTrue(said.startsWith("0\n"), said);
    assertTrue(said.contains("\n171 figures agree"), said);
  }

  @Test
  @RequiresTool("python3")
  void aLastDigitThatIsOffIsNamed() throws Exception {
    Path other = Files.createDirectory(folder.resolve("other"));
    for (String each : TOLD) {
      Files.copy(folder.resolve(each), other.resolve(each));
    }
    Path records = other.resolve("records.ndjson");
    List<String> lines =
        Files.readAllLines(records).stream()
            .map(line -> line.contains("\"1M\"") ? line.replaceAll(TOTAL, "$11,") : line)
            .toList();
    Files.write(records, lines);
    String said = judge(other);
    assertTrue(said.startsWith("1\n"), said);
    assertTrue(said.contains("\nco2.total is "), said);
    assertTrue(said.contains("\n170 figures agree"), said);
  }

  /** Of more documents than a text names: by the days. */
  @Test
  void theMassOfManyDocumentsIsWorkedOutAgainByVerify() throws IOException {
    List<String> lines = Files.readAllLines(folder.resolve("records.ndjson"));
    VerifyReport report = verify(lines);
    assertEquals(List.of(), report.flaws());
    assertFalse(report.notChecked().containsKey("fuel.mass.{id}"), report::toString);
    String month = "(\"fuel.mass.lpg\":\\{\"v\":)[0-9](.*45 documents)";
    List<String> changed = lines.stream().map(line -> line.replaceFirst(month, "$19$2")).toList();
    List<Flaw> flaws = verify(changed).flaws();
    assertTrue(
        flaws.stream()
            .anyMatch(
                flaw ->
                    flaw.field().equals("metrics.fuel.mass.lpg.v")
                        && flaw.toString().contains("its days in this file add up to ")),
        flaws::toString);
  }

  private static VerifyReport verify(List<String> lines) throws IOException {
    Verification verification =
        new Verification(
            new KeyFile(folder.resolve("key"), "m").open(Randomness.seeded(1)).key().open());
    lines.forEach(verification::take);
    return verification.report(null);
  }
}
