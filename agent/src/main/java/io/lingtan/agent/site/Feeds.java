package io.lingtan.agent.site;

import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.site.activity.Activity;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What no meter of the site knows and people tell: kilometres of buses, what the site's output was
 * worth, certificates, fuel and refrigerant. A later word about the same thing takes the place of
 * an earlier one; of an activity the earlier stays, because two documents of one name are a
 * mistake.
 */
public final class Feeds {

  /** Nothing was told. */
  public static final Feeds NONE = new Feeds(Map.of(), Map.of(), Certificates.NONE, Map.of());

  private final SequencedMap<BusKey, BusDay> buses;
  private final SequencedMap<OutputKey, Output> outputs;
  private final Certificates certificates;
  private final SequencedMap<Activity.Key, Activity> activities;

  private record BusKey(LocalDate day, String bus) {}

  private record OutputKey(YearMonth month, String denominator) {}

  private Feeds(
      Map<BusKey, BusDay> buses,
      Map<OutputKey, Output> outputs,
      Certificates certificates,
      Map<Activity.Key, Activity> activities) {
    this.buses = new LinkedHashMap<>(buses);
    this.outputs = new LinkedHashMap<>(outputs);
    this.certificates = certificates;
    this.activities = new LinkedHashMap<>(activities);
  }

  /** Puts rows together, a later one in the place of an earlier one about the same. */
  public static Feeds of(List<BusDay> days, List<Output> months, Certificates certificates) {
    Map<BusKey, BusDay> buses = new LinkedHashMap<>();
    days.forEach(row -> buses.put(new BusKey(row.day, row.bus), row));
    Map<OutputKey, Output> outputs = new LinkedHashMap<>();
    months.forEach(row -> outputs.put(new OutputKey(row.month, row.denominator), row));
    return new Feeds(buses, outputs, certificates, Map.of());
  }

  /** These with activities besides; of one that is here already the word here stays. */
  public Feeds with(List<Activity> more) {
    Map<Activity.Key, Activity> all = new LinkedHashMap<>(activities);
    more.forEach(row -> all.putIfAbsent(row.key(), row));
    return new Feeds(buses, outputs, certificates, all);
  }

  /**
   * What one bus did on one day.
   *
   * @param day local
   * @param bus its id, as in metric names
   * @param kilometresMicros millionths of a km, ≥ 0
   * @param kilogramsMicros millionths of a kg of hydrogen that it took, ≥ 0; null if not told
   */
  public record BusDay(
      LocalDate day, String bus, long kilometresMicros, @Nullable Long kilogramsMicros) {
    public BusDay {
      if (kilometresMicros < 0 || (kilogramsMicros != null && kilogramsMicros < 0)) {
        throw new IllegalArgumentException("a bus drives and takes nothing negative: " + bus);
      }
    }
  }

  /**
   * What the site's output of a month was worth.
   *
   * @param denominator {@code gdp industrial_value_added gross_output revenue}: figures of
   *     different ones are never compared
   * @param priceBasis {@code current}, or the year whose prices are meant
   * @param cnyMicros millionths of a yuan, > 0
   */
  public record Output(YearMonth month, String denominator, String priceBasis, long cnyMicros) {
    public Output {
      if (cnyMicros <= 0) {
        throw new IllegalArgumentException("an output is above 0, was " + cnyMicros);
      }
    }
  }

  public boolean isEmpty() {
    return size() == 0;
  }

  /** How many things were told. */
  public int size() {
    return buses.size() + outputs.size() + certificates.applied().size() + activities.size();
  }

  /** Days of buses from {@code first} to before {@code end}. */
  public List<BusDay> buses(LocalDate first, LocalDate end) {
    return buses.values().stream()
        .filter(row -> !row.day.isBefore(first) && row.day.isBefore(end))
        .toList();
  }

  /** Whether any day of any bus was told. */
  public boolean hasBuses() {
    return !buses.isEmpty();
  }

  /** Outputs of the months from {@code first} to before {@code end}. */
  public List<Output> outputs(YearMonth first, YearMonth end) {
    return outputs.values().stream()
        .filter(row -> !row.month.isBefore(first) && row.month.isBefore(end))
        .toList();
  }

  public Certificates certificates() {
    return certificates;
  }

  /** Activities of the days from {@code first} to before {@code end}. */
  public List<Activity> activities(LocalDate first, LocalDate end) {
    return activities(row -> !row.day().isBefore(first) && row.day().isBefore(end));
  }

  /** All that was told of activities, in order. */
  public List<Activity> activities() {
    return List.copyOf(activities.values());
  }

  private List<Activity> activities(Predicate<Activity> which) {
    return activities.values().stream().filter(which).toList();
  }

  /** What a document tells of a thing on a day; null if nothing was told. */
  public @Nullable Activity activity(Activity.Key key) {
    return activities.get(key);
  }

  /** All that was told of buses, in order. */
  public List<BusDay> buses() {
    return List.copyOf(buses.values());
  }

  /** All that was told of outputs, in order. */
  public List<Output> outputs() {
    return List.copyOf(outputs.values());
  }

  /** These and later ones, which come first where both tell of the same. */
  public Feeds and(Feeds later) {
    if (later.isEmpty()) {
      return this;
    }
    Map<BusKey, BusDay> allBuses = new LinkedHashMap<>(buses);
    allBuses.putAll(later.buses);
    Map<OutputKey, Output> allOutputs = new LinkedHashMap<>(outputs);
    allOutputs.putAll(later.outputs);
    return new Feeds(allBuses, allOutputs, certificates.and(later.certificates), activities)
        .with(later.activities());
  }

  /** References of certificates that these have for another month, or another number of them. */
  public List<String> claimedOtherwise(Feeds more) {
    Map<String, Certificates.Applied> known = new LinkedHashMap<>();
    certificates.applied().forEach(one -> known.put(one.number(), one));
    return more.certificates.applied().stream()
        .filter(
            one -> {
              Certificates.Applied before = known.get(one.number());
              return before != null && !before.isLike(one);
            })
        .map(Certificates.Applied::reference)
        .toList();
  }

  /** Activities and days of buses that these tell in the same way, each with what they say. */
  public List<String> toldAlready(Feeds more) {
    return Stream.concat(
            more.activities.values().stream()
                .filter(row -> row.equals(activities.get(row.key())))
                .map(row -> row.key() + ": " + row.words()),
            more.buses.entrySet().stream()
                .filter(row -> buses.containsKey(row.getKey()))
                .map(Map.Entry::getKey)
                .map(key -> "%s of %s: %s km".formatted(key.bus, key.day, kilometres(key))))
        .toList();
  }

  private String kilometres(BusKey key) {
    return Micros.text(Objects.requireNonNull(buses.get(key)).kilometresMicros);
  }

  /** Activities that these tell otherwise, each with what they say. */
  public List<String> toldOtherwise(Feeds more) {
    return more.activities.values().stream()
        .map(Activity::key)
        .filter(activities::containsKey)
        .filter(key -> !Objects.equals(activities.get(key), more.activities.get(key)))
        .map(key -> key + ": " + Objects.requireNonNull(activities.get(key)).words())
        .toList();
  }

  /**
   * What is about days from {@code first} to before {@code end}, and about the months that these
   * are in.
   */
  public Feeds within(LocalDate first, LocalDate end) {
    YearMonth from = YearMonth.from(first);
    YearMonth last = YearMonth.from(end.minusDays(1));
    List<Certificates.Applied> kept = new ArrayList<>(certificates.applied());
    kept.removeIf(one -> one.month().isBefore(from) || one.month().isAfter(last));
    return of(buses(first, end), outputs(from, last.plusMonths(1)), new Certificates(kept))
        .with(activities(first, end));
  }

  /** Without what is about days before {@code first} or months before its month. */
  public Feeds since(LocalDate first) {
    YearMonth month = YearMonth.from(first);
    List<Certificates.Applied> kept = new ArrayList<>(certificates.applied());
    kept.removeIf(applied -> applied.month().isBefore(month));
    return of(
            buses.values().stream().filter(row -> !row.day.isBefore(first)).toList(),
            outputs.values().stream().filter(row -> !row.month.isBefore(month)).toList(),
            new Certificates(kept))
        .with(activities(row -> !row.day().isBefore(first)));
  }
}
