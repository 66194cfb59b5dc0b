package io.lingtan.agent.site;

import io.lingtan.agent.site.yaml.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which grid region a province belongs to, as the yearly announcements of the Ministry of Ecology
 * and Environment divide them (2025 No. 47). Provinces by ISO 3166-2.
 */
public final class Regions {

  private static final Map<String, List<String>> GRIDS =
      Map.of(
          "CN-NORTH", List.of("CN-BJ", "CN-TJ", "CN-HE", "CN-SX", "CN-SD", "CN-NM"),
          "CN-NORTHEAST", List.of("CN-LN", "CN-JL", "CN-HL"),
          "CN-EAST", List.of("CN-SH", "CN-JS", "CN-ZJ", "CN-AH", "CN-FJ"),
          "CN-CENTRAL", List.of("CN-JX", "CN-HA", "CN-HB", "CN-HN"),
          "CN-NORTHWEST", List.of("CN-SN", "CN-GS", "CN-QH", "CN-NX", "CN-XJ"),
          "CN-SOUTH", List.of("CN-GD", "CN-GX", "CN-YN", "CN-GZ", "CN-HI"),
          "CN-SOUTHWEST", List.of("CN-CQ", "CN-SC", "CN-XZ"));

  private Regions() {}

  /**
   * Whether there is such a place: within China one of the table, elsewhere a country's two letters
   * and what it divides itself into, in capitals.
   */
  public static boolean isKnown(String region) {
    return region.startsWith("CN-")
        ? chinese().contains(region)
        : Words.fits(region, "[A-Z]{2}(-[A-Z0-9]{1,12})*");
  }

  /** China, its grids and its provinces. */
  public static Set<String> chinese() {
    Set<String> all = new TreeSet<>(Set.of("CN"));
    GRIDS.forEach(
        (grid, provinces) -> {
          all.add(grid);
          all.addAll(provinces);
        });
    return all;
  }

  /** Where to look for a factor of {@code region}: itself, its grid region, its country. */
  public static List<String> widening(String region) {
    List<String> places = new ArrayList<>(List.of(region));
    for (Map.Entry<String, List<String>> grid : GRIDS.entrySet()) {
      if (grid.getValue().contains(region)) {
        places.add(grid.getKey());
      }
    }
    int dash = region.indexOf('-');
    if (dash > 0) {
      places.add(region.substring(0, dash));
    }
    return places;
  }
}
