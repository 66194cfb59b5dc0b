package io.lingtan.agent.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.ledger.RandomSite.Trouble;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.Loaded;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.agent.site.yaml.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sites that nobody thought of, with what is usually wrong at them: whatever is told as better than
 * {@code suspect} is true.
 *
 * <p>{@code -Dsites.count=10000 -Dsites.seed=1} plays so many, from that seed on; one that failed
 * is run alone by its seed and a count of 1.
 */
final class RandomSitesTest {

  private static final long FIRST = Long.getLong("sites.seed", 1);
  private static final int COUNT = Integer.getInteger("sites.count", 200);

  /** Figures of a site, on average. */
  private static final int LEAST_JUDGED = 100;

  private static final int SHOWN = Integer.getInteger("sites.shown", 12);

  private static final String FEW =
      """
      name: few
      version: "1"
      publications: {a: {document: "none"}}
      factors:
        - id: elec
          carrier: electricity
          region: CN-JS
          basis: location
          gas: CO2
          unit: kg/(kW.h)
          value: "0.5827"
          data_year: 2023
          status: official
          publication: a
      """;

  @TempDir Path folder = Path.of(".");

  private int refused;
  private int intervals;
  private int suspect;
  private int judged;
  private final Map<Trouble, int[]> unseen = new EnumMap<>(Trouble.class);
  private final List<String> wrong = new ArrayList<>();
  private final List<String> falselySuspect = new ArrayList<>();
  private final Map<String, Integer> kinds = new TreeMap<>();

  @Test
  void whatIsToldAsBetterThanSuspectIsTrue() throws IOException {
    Files.createDirectories(folder.resolve("profiles"));
    Files.writeString(Files.createDirectories(folder.resolve("factors")).resolve("few.yaml"), FEW);
    long began = System.nanoTime();
    int played = 0;
    for (; played < COUNT; played++) {
      play(FIRST + played);
    }
    System.out.printf(
        "%d sites from seed %d, %d refused, %d intervals without trouble, %d of them suspect, %d"
            + " figures judged, %.1f s%n",
        played, FIRST, refused, intervals, suspect, judged, (System.nanoTime() - began) / 1e9);
    unseen.forEach(
        (trouble, counts) ->
            System.out.printf(
                "%s: %d sites, %d figures not seen%n", trouble, counts[0], counts[1]));
    kinds.forEach((kind, count) -> System.out.println(kind + ": " + count));
    wrong.stream().limit(SHOWN).forEach(System.out::println);
    falselySuspect.stream().limit(SHOWN).forEach(System.out::println);
    assertTrue(judged >= LEAST_JUDGED * (played - refused), judged + " figures were judged");
    assertEquals(0, wrong.size(), "figures that look good and are wrong");
    assertTrue(refused < played / 20 + 1, refused + " of " + played + " sites were refused");
    assertTrue(suspect <= intervals / 1000, suspect + " of " + intervals + " suspect by mistake");
  }

  private void play(long seed) throws IOException {
    RandomSite random = new RandomSite(seed);
    for (Map.Entry<String, String> profile : random.profiles().entrySet()) {
      Path file = folder.resolve("profiles").resolve(profile.getKey() + ".yaml");
      if (!Files.exists(file)) {
        Files.writeString(file, profile.getValue());
      }
    }
    String yaml = random.yaml();
    Loaded loaded =
        new SiteLoader().read(folder.resolve("site.yaml"), yaml.getBytes(StandardCharsets.UTF_8));
    Site site = loaded.site();
    if (site == null) {
      refused++;
      if (COUNT == 1) {
        System.out.println(yaml + loaded.problems());
      }
      kinds.merge(
          "refused: "
              + loaded.problems().stream()
                  .filter(p -> p.severity() == Problem.Severity.ERROR)
                  .findFirst()
                  .orElseThrow()
                  .message()
                  .replaceAll("\\d+", "N"),
          1,
          Integer::sum);
      return;
    }
    SitePlay play = new SitePlay(random, site);
    play.run();
    SiteJudge judge = new SiteJudge(random, play);
    judge.run();
    judged += judge.judged;
    if (!random.trouble.isWrong()) {
      intervals += judge.intervals;
      suspect += judge.suspectIntervals;
    }
    int[] counts = unseen.computeIfAbsent(random.trouble, fresh -> new int[2]);
    counts[0]++;
    counts[1] += judge.unseen;
    String what =
        "seed "
            + seed
            + ", "
            + random.trouble
            + " "
            + random.about
            + " from "
            + random.from
            + " until "
            + random.until
            + "\n";
    if (!judge.wrong.isEmpty()) {
      judge.wrong.forEach(
          each ->
              kinds.merge(
                  "wrong "
                      + random.trouble
                      + " "
                      + each.figure().replaceAll("\\d", "N")
                      + " "
                      + each.q(),
                  1,
                  Integer::sum));
      wrong.add(what + yaml + judge.wrong.subList(0, Math.min(4, judge.wrong.size())));
    }
    if (!judge.suspects.isEmpty()) {
      judge.suspects.forEach(
          each ->
              kinds.merge(
                  "suspect "
                      + random.trouble
                      + each.replaceFirst("^(\\S+) \\S+", " $1").replaceAll("flow.*", ""),
                  1,
                  Integer::sum));
      falselySuspect.add(
          what
              + yaml
              + judge.suspects.subList(0, Math.min(3, judge.suspects.size()))
              + play.out.events.stream().limit(3).toList());
    }
    if (COUNT == 1) {
      System.out.println(yaml);
      play.out.events.forEach(System.out::println);
    }
  }
}
