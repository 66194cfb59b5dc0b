package io.lingtan.agent.site;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.site.activity.ActivityReader;
import io.lingtan.testing.fuzz.FuzzTarget;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Feeds as CSV: figures, or problems that each have their line and column. */
public final class FeedFuzz implements FuzzTarget {

  @Override
  public List<byte[]> seeds() {
    return List.of(
        utf8("date,bus,km\n2026-06-18,b1,241.5\n"),
        utf8("date,bus,km,kg\n2026-06-18,b1,241.5,18.25\n\n2026-06-19, b2 ,0,\n"),
        utf8("month,output_cny,denominator,price_basis\n2026-05,12345678.9,gdp,2020\n"),
        utf8("month,certificates,vintage,reference\n2026-05,120,2026-03,GEC-2026-0001\n"),
        utf8(ActivityReader.FUEL + "\n2026-06-18,diesel,1250,L,0.84,Wang,INV-1\n"),
        utf8(ActivityReader.REFRIGERANT + "\n2026-06-18,R-410A,12.5,0,Li,W-1\n"),
        utf8(ActivityReader.HEAT + "\n2026-06-18,steam,500,2777.1,,,,Li,H-1\n"));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void take(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    long lines = text.lines().count();
    List<String> problems = new ArrayList<>();
    Feeds feeds =
        FeedReader.read(
            text,
            (line, column, message) -> {
              problems.add(line + ":" + column + ": " + message);
              assertTrue(line >= 1 && line <= Math.max(1, lines), problems::toString);
              assertTrue(column >= 1 && column <= input.length + 1, problems::toString);
            });
    assertEquals(feeds == null, !problems.isEmpty(), problems::toString);
    assertTrue(feeds == null || feeds.size() > 0, "a feed that tells nothing");
    assertTrue(problems.size() <= 8 * Math.max(1, lines), "more problems than cells");
  }
}
