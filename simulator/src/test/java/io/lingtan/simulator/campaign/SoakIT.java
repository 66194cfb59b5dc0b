package io.lingtan.simulator.campaign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.testing.Child;
import io.lingtan.testing.Json;
import io.lingtan.testing.Launched;
import io.lingtan.testing.Mosquitto;
import io.lingtan.testing.Ports;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * The packed agent at twenty times the demo's load, with mosquitto and an open page: what it holds
 * of the machine after its first quarter is what it holds in the end. {@code -Dsoak.minutes=120}
 * plays two hours, after a minute in which the last frames and values of each meter fill their
 * room; each sample is a line of {@code target/soak.csv}.
 *
 * <p>The bound, against the highest of the first quarter: a tenth more memory (resident, by share,
 * and the heap after a collection, which one megabyte is added to), two threads, four open files,
 * no file more in its folder of temporary files or beside its journal; and the journal's own limit.
 */
@Tag("campaign")
@Execution(ExecutionMode.CONCURRENT)
@RequiresTool({"mosquitto", "curl"})
@SuppressWarnings("NullAway") // a member that is not there fails the test by itself
final class SoakIT {

  private static final double MINUTES =
      Double.parseDouble(System.getProperty("soak.minutes", "1.5"));

  private static final long WARM_UP_MILLIS = 60_000;

  /** Between two samples. */
  private static final long SECONDS = Math.round(Math.clamp(MINUTES * 60 / 60, 1, 30));

  private static final double MORE_MEMORY = 1.1;
  private static final int MORE_THREADS = 2;
  private static final int MORE_FILES = 4;

  private static final long HEAP_STEP = 1 << 20;

  /**
   * What is in use just after one collection is what is kept and what is being worked on at that
   * moment, 12 to 17 MB under the same load; the least of some is what is kept.
   */
  private static final int COLLECTIONS = 8;

  private static final long COLLECTION_MILLIS = 700;

  private static final long JOURNAL_LIMIT = 64 << 20;

  /** A machine that does other things beside may skip some. */
  private static final double LEAST_LOAD = 0.5;

  private static final Pattern TENURED = Pattern.compile("Tenured\\s+total \\d+K, used (\\d+)K");

  private static final Path AGENT =
      Path.of(System.getProperty("campaign.agent", "../agent/target/lingtan/bin/lingtan"))
          .toAbsolutePath()
          .normalize();

  private static final Path SIMULATOR =
      Path.of(System.getProperty("campaign.simulator", "target/lingtan-sim/bin/lingtan-sim"))
          .toAbsolutePath();

  @TempDir Path folder;

  private int page;

  private String get(String path) throws IOException {
    try (InputStream in = URI.create("http://127.0.0.1:" + page + path).toURL().openStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private Map<?, ?> store() throws IOException {
    return (Map<?, ?>) Json.object(get("/api/snapshot")).get("store");
  }

  private boolean isPublishing() {
    try {
      return number("acked") > 0;
    } catch (IOException e) {
      return false; // it is starting
    }
  }

  private long number(String member) throws IOException {
    return Long.parseLong(store().get(member).toString());
  }

  private static String jcmd(long pid, String command) throws Exception {
    Path program = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    Launched done = Launched.run(Map.of(), program.toString(), String.valueOf(pid), command);
    assertEquals(0, done.exit(), done::toString);
    return done.out();
  }

  /** What of its heap is in use after the best of some collections, bytes. */
  private static long heap(long pid) throws Exception {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < COLLECTIONS; i++) {
      jcmd(pid, "GC.run");
      Matcher found = TENURED.matcher(jcmd(pid, "GC.heap_info"));
      assertTrue(found.find());
      least = Math.min(least, Long.parseLong(found.group(1)) * 1024);
      Thread.sleep(COLLECTION_MILLIS);
    }
    return least;
  }

  private Child site(Path work, String broker) throws Exception {
    Path file = work.resolve("site.yaml");
    Child site =
        Child.start(
            folder.resolve("site.log"),
            Map.of(),
            List.of(
                SIMULATOR.toString(),
                "run",
                "--site",
                TwentyDemos.write(folder).toString(),
                "--port",
                "0",
                "--site-file",
                file.toString(),
                "--broker",
                broker));
    site.await("the meters", 60, () -> site(site).contains("Ctrl-C"));
    // Not before the meters have their many ports, and just before it is used.
    page = Ports.free();
    Files.writeString(file, Files.readString(file).replace(":8080", ":" + page));
    return site;
  }

  private static String site(Child site) {
    try {
      return site.output();
    } catch (IOException e) {
      return "";
    }
  }

  @Test
  void whatItHoldsOfTheMachineDoesNotGrow() throws Exception {
    Path work = Files.createDirectory(folder.resolve("work"));
    Path temp = Files.createDirectory(folder.resolve("temp"));
    try (Mosquitto broker = Mosquitto.start(Files.createDirectory(folder.resolve("broker")));
        Child site = site(work, broker.url());
        Child agent =
            Child.start(
                folder.resolve("agent.log"),
                Map.of("LINGTAN_OPTS", "-Djava.io.tmpdir=" + temp),
                List.of(
                    AGENT.toString(), "run", "--config", work.resolve("site.yaml").toString()))) {
      agent.await("the first records at the broker", 60, this::isPublishing);
      try (Child open =
          Child.start(
              folder.resolve("page.log"),
              Map.of(),
              List.of(
                  "curl",
                  "-sNo",
                  "/dev/null",
                  "--fail-early",
                  // A stream ends after five minutes, and a page opens the next.
                  "http://127.0.0.1:" + page + "/api/live?n=[1-1000]"))) {
        Thread.sleep(WARM_UP_MILLIS);
        soak(agent, work, temp);
        assertTrue(open.isAlive(), "the page was closed: " + open.output());
      }
      assertTrue(site.isAlive(), site(site));
      assertEquals(0, number("dropped"));
      assertEquals(0, agent.stop(30), agent.output());
      assertEquals(0, temp.toFile().list().length, "it left temporary files behind");
    }
  }

  private void soak(Child agent, Path work, Path temp) throws Exception {
    long began = System.nanoTime();
    long first = number("last");
    List<Footprint> samples = new ArrayList<>();
    StringBuilder table = new StringBuilder(Footprint.HEAD).append('\n');
    int quarter = (int) Math.ceil(MINUTES * 60 / SECONDS / 4);
    long heap = 0;
    for (long due = SECONDS; due <= MINUTES * 60; due += SECONDS) {
      Thread.sleep(Math.max(0, (began - System.nanoTime()) / 1_000_000 + due * 1000));
      assertTrue(agent.isAlive(), () -> "the agent ended: " + site(agent));
      get("/metrics");
      get("/api/history?series=gate-1/power,pv1-2/power&span=1h&parts=240");
      samples.add(Footprint.of(due, agent.pid(), temp, work, number("last") - first));
      table.append(samples.getLast().csv()).append('\n');
      Files.writeString(Path.of("target/soak.csv"), table);
      if (samples.size() == quarter) {
        heap = heap(agent.pid());
      }
    }
    long heapInTheEnd = heap(agent.pid());
    List<Footprint> before = samples.subList(0, quarter);
    List<Footprint> after = samples.subList(quarter, samples.size());
    Footprint last = after.getLast();
    System.out.printf(
        "%s%n%s%n%s%nheap after a collection: %.1f MB, in the end %.1f MB%n",
        Footprint.HEAD, before.getLast().csv(), last.csv(), heap / 1e6, heapInTheEnd / 1e6);

    atMost("RSS", before, after, Footprint::residentBytes, MORE_MEMORY, 0);
    atMost("Pss", before, after, Footprint::shareBytes, MORE_MEMORY, 0);
    atMost("threads", before, after, Footprint::threads, 1, MORE_THREADS);
    atMost("open files", before, after, Footprint::descriptors, 1, MORE_FILES);
    atMost("temporary files", before, after, Footprint::tempFiles, 1, 0);
    atMost("files beside the journal", before, after, Footprint::workFiles, 1, 0);
    assertTrue(
        heapInTheEnd <= MORE_MEMORY * heap + HEAP_STEP,
        "the heap grew from " + heap + " to " + heapInTheEnd);
    assertTrue(last.journalBytes() <= JOURNAL_LIMIT, last::csv);
    long due = (long) (last.seconds() * TwentyDemos.TIMES * TwentyDemos.READINGS * LEAST_LOAD);
    assertTrue(last.records() >= due, "that was no load: " + last.records() + " records");
  }

  private static void atMost(
      String what,
      List<Footprint> before,
      List<Footprint> after,
      ToLongFunction<Footprint> of,
      double factor,
      int more) {
    long had = before.stream().mapToLong(of).max().orElseThrow();
    long has = after.stream().mapToLong(of).max().orElseThrow();
    assertTrue(has <= factor * had + more, what + " grew from " + had + " to " + has);
  }
}
