package io.lingtan.simulator.campaign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lingtan.agent.run.Randomness;
import io.lingtan.testing.RequiresTool;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Rounds of a few seconds, each with a gateway of its own and a fault at a random moment, in half
 * of them a second one beside it. {@code -Dcampaign.rounds=200 -Dcampaign.seed=1
 * -Dcampaign.only=POWER_CUT,KILLED} play others; {@code -Dcampaign.keep=DIR} keeps the files of
 * rounds that fail.
 */
@Tag("campaign")
@RequiresTool({
  "mosquitto",
  "mosquitto_sub",
  "mosquitto_pub",
  "ip",
  "nft",
  "tc",
  "strace",
  "faketime",
  "mkfs.ext4",
  "python3",
  "openssl"
})
final class FaultCampaignIT {

  private static final int AT_ONCE = Integer.getInteger("campaign.at_once", 3);
  private static final int MOST_ROUNDS =
      Integer.getInteger("campaign.rounds", Fault.values().length);

  private static final Path PROGRAM =
      Path.of(System.getProperty("campaign.agent", "../agent/target/lingtan/bin/lingtan"))
          .toAbsolutePath()
          .normalize();

  private record Round(int number, long seed, Fault fault, @Nullable Fault companion) {}

  private record Result(Round round, String words, List<String> faults) {}

  @Test
  void nothingIsLostThatIsNotSaid() throws Exception {
    assumeTrue(System.getProperty("user.name").equals("root"), "makes network namespaces: root");
    long seed = Long.getLong("campaign.seed", 20_260_601L);
    Path folder = Files.createTempDirectory(Path.of("/var/tmp"), "lingtan-campaign");
    folder.toFile().setExecutable(true, false);
    folder.toFile().setReadable(true, false);
    // What is unmounted here is gone from the namespaces of the other gateways, too.
    Shell.run("mount", "--bind", folder.toString(), folder.toString());
    Shell.run("mount", "--make-shared", folder.toString());
    List<Result> results = new ArrayList<>();
    try (ExecutorService stands = Executors.newFixedThreadPool(AT_ONCE)) {
      Authority authority =
          Authority.make(
              Files.createDirectory(folder.resolve("authority")),
              IntStream.rangeClosed(1, AT_ONCE).mapToObj(i -> "10.77." + i + ".5").toList());
      AtomicInteger free = new AtomicInteger();
      ThreadLocal<Integer> numbers = ThreadLocal.withInitial(free::incrementAndGet);
      List<Future<Result>> running = new ArrayList<>();
      for (Round round : rounds(seed)) {
        running.add(stands.submit(() -> play(round, folder, numbers.get(), authority)));
      }
      for (Future<Result> result : running) {
        results.add(result.get());
      }
    } finally {
      Shell.attempt("umount", "-R", "-l", folder.toString());
      Shell.attempt("rm", "-rf", "--one-file-system", folder.toString());
    }
    print(seed, results);
    List<String> failed = new ArrayList<>();
    for (Result result : results) {
      result.faults().forEach(fault -> failed.add(result.round() + ": " + fault));
    }
    assertEquals(List.of(), failed);
  }

  /** Each fault once, then again, in a random order each time. */
  private static List<Round> rounds(long seed) {
    RandomGenerator random = Randomness.seeded(seed);
    String only = System.getProperty("campaign.only", "");
    List<Round> rounds = new ArrayList<>();
    while (rounds.size() < MOST_ROUNDS) {
      List<Fault> turn = new ArrayList<>(List.of(Fault.values()));
      turn.removeIf(fault -> !only.isEmpty() && !List.of(only.split(",")).contains(fault.name()));
      Collections.shuffle(turn, new Random(random.nextLong()));
      for (Fault fault : turn.subList(0, Math.min(turn.size(), MOST_ROUNDS - rounds.size()))) {
        Fault companion = null;
        if (!fault.isOfTheBroker() && random.nextBoolean()) {
          companion = Fault.COMPANIONS.get(random.nextInt(Fault.COMPANIONS.size()));
        } else if (fault.isOfTheBroker() && !fault.needs().tls() && random.nextBoolean()) {
          companion = Fault.KILLED;
        }
        rounds.add(new Round(rounds.size() + 1, random.nextLong(1L << 40), fault, companion));
      }
    }
    return rounds;
  }

  @SuppressWarnings("try") // ending a stand may be interrupted
  private static Result play(Round round, Path under, int number, Authority authority) {
    Path folder = under.resolve("round" + round.number());
    RandomGenerator random = Randomness.seeded(round.seed());
    long began = System.nanoTime();
    String words;
    List<String> faults;
    try {
      Files.createDirectory(folder);
      folder.toFile().setExecutable(true, false);
      try (Stand stand = new Stand(folder, number, round.fault().needs(), PROGRAM, authority)) {
        try {
          stand.start();
          Fault.pause(random, 1_500, 5_000);
          strike(round, stand, random);
          stand.settle(90);
          int exit = stand.stop();
          Thread.sleep(300);
          Account account = Account.of(stand, stand.audit(20));
          if (exit != 0) {
            account.fault("the agent's exit code is " + exit);
          }
          // Beside another fault it may not get so far, or be lost with the process.
          if (round.companion() == null && !account.has(round.fault().event())) {
            account.fault("no event " + round.fault().event());
          }
          words = account.toString();
          faults = account.faults();
        } finally {
          keep(stand, round);
        }
      }
    } catch (Exception | AssertionError e) {
      StringWriter trace = new StringWriter();
      e.printStackTrace(new PrintWriter(trace));
      words = "failed";
      faults = List.of(trace.toString());
    }
    double took = (System.nanoTime() - began) / 1e9;
    String line =
        "round %d, seed %d: %s%s, %.0f s: %s%s"
            .formatted(
                round.number(),
                round.seed(),
                round.fault(),
                round.companion() == null ? "" : " and " + round.companion(),
                took,
                words,
                faults.isEmpty() ? "" : " FAILED " + faults);
    System.out.println(line);
    return new Result(round, words, faults);
  }

  private static void strike(Round round, Stand stand, RandomGenerator random) throws Exception {
    Fault companion = round.companion();
    if (companion == null) {
      round.fault().play(stand, random);
      return;
    }
    RandomGenerator other = Randomness.seeded(round.seed() + 1);
    try (ExecutorService beside = Executors.newSingleThreadExecutor()) {
      Future<?> second =
          beside.submit(
              () -> {
                Fault.pause(other, 0, 3_000);
                companion.play(stand, other);
                return null;
              });
      round.fault().play(stand, random);
      second.get();
    }
  }

  private static void keep(Stand stand, Round round) throws Exception {
    String keep = System.getProperty("campaign.keep", "");
    if (!keep.isEmpty()) {
      Path to = Path.of(keep, "round" + round.number());
      Files.createDirectories(to);
      Shell.attempt("cp", "-r", stand.folder + "/.", to.toString());
    }
  }

  private static void print(long seed, List<Result> results) {
    Map<Fault, int[]> table = new EnumMap<>(Fault.class);
    for (Result result : results) {
      int[] row = table.computeIfAbsent(result.round().fault(), f -> new int[2]);
      row[0]++;
      row[1] += result.faults().isEmpty() ? 0 : 1;
    }
    System.out.printf(
        "%nseed %d, %d rounds%n%-28s %6s %s%n", seed, results.size(), "fault", "rounds", "result");
    table.forEach(
        (fault, row) ->
            System.out.printf(
                "%-28s %6d %s%n",
                fault.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' '),
                row[0],
                row[1] == 0 ? "good" : row[1] + " failed"));
  }
}
