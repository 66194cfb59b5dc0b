package io.lingtan.agent.site;

import io.lingtan.agent.site.yaml.Words;
import java.time.YearMonth;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Green power certificates that the owner has applied to electricity bought, 1 MWh each (1 GEC =
 * 1000 kWh).
 *
 * @param applied as the file lists them
 */
public record Certificates(List<Applied> applied) {

  /** No certificates. */
  public static final Certificates NONE = new Certificates(List.of());

  public Certificates {
    applied = List.copyOf(applied);
  }

  /**
   * Certificates of one registration.
   *
   * @param month of the consumption that they cover
   * @param count how many, > 0
   * @param vintage month in which the electricity was made
   * @param reference number in the registry; each stands once, else energy would be claimed twice
   */
  public record Applied(YearMonth month, long count, YearMonth vintage, String reference) {
    public Applied {
      if (count <= 0) {
        throw new IllegalArgumentException("certificates are at least 1, were " + count);
      }
    }

    /** The number in the registry, however it is written. */
    public String number() {
      return Words.number(reference);
    }

    /** Whether the other one claims as much of the same months. */
    boolean isLike(Applied other) {
      return month.equals(other.month) && count == other.count && vintage.equals(other.vintage);
    }
  }

  /** These and further ones; a registration that is in both counts once. */
  public Certificates and(Certificates more) {
    Map<String, Applied> all = new LinkedHashMap<>();
    applied.forEach(one -> all.put(one.number(), one));
    more.applied.forEach(one -> all.put(one.number(), one));
    return new Certificates(List.copyOf(all.values()));
  }

  /** How many cover a month's consumption. */
  public long appliedTo(YearMonth month) {
    return applied.stream().filter(a -> a.month().equals(month)).mapToLong(Applied::count).sum();
  }
}
