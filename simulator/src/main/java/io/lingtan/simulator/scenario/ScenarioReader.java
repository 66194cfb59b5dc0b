package io.lingtan.simulator.scenario;

import io.lingtan.agent.site.yaml.Fields;
import io.lingtan.agent.site.yaml.Keys;
import io.lingtan.agent.site.yaml.Problem;
import io.lingtan.agent.site.yaml.Problems;
import io.lingtan.agent.site.yaml.Words;
import io.lingtan.agent.site.yaml.Yaml;
import io.lingtan.agent.site.yaml.YamlReader;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads a scenario file, and finds everything that is wrong with it in one run. */
public final class ScenarioReader {

  private static final Keys FILE = keys("scenario", "site", "lasts", "journal", "faults");

  private static final List<String> TIMES = List.of("kind", "on", "point", "per_day", "at", "for");

  private static final Keys ENTRY =
      keys(
          "faults[]",
          Stream.concat(TIMES.stream(), Kinds.knobNames().stream()).toArray(String[]::new));

  private static final long LARGEST_JOURNAL = 1_000_000_000_000L;

  private final Problems problems;

  /**
   * What came of a file.
   *
   * @param scenario null if anything is wrong with it
   */
  public record Loaded(@Nullable Scenario scenario, List<Problem> problems) {
    public Loaded {
      problems = List.copyOf(problems);
    }
  }

  private ScenarioReader(Problems problems) {
    this.problems = problems;
  }

  private static Keys keys(String title, String... names) {
    List<String> known = List.of(names);
    return new Keys() {
      @Override
      public String title() {
        return title;
      }

      @Override
      public List<String> keys() {
        return known;
      }
    };
  }

  /** Reads a file. Never throws for what stands in it. */
  public static Loaded load(Path file) {
    Problems problems = new Problems(file);
    try {
      if (Files.size(file) > YamlReader.LARGEST) {
        problems.error("is larger than " + YamlReader.LARGEST + " bytes: not a scenario file");
        return new Loaded(null, problems.list());
      }
      return read(file, Files.readAllBytes(file));
    } catch (IOException e) {
      problems.error(
          Files.exists(file)
              ? "cannot be read: " + e.getMessage()
              : "does not exist; config/scenarios has some to start from");
      return new Loaded(null, problems.list());
    }
  }

  /** Reads a scenario's bytes as if they stood in {@code file}. */
  public static Loaded read(Path file, byte[] bytes) {
    Problems problems = new Problems(file);
    Yaml root = YamlReader.read(bytes, problems);
    if (root == null) {
      return new Loaded(null, problems.list());
    }
    Scenario scenario =
        new ScenarioReader(problems).scenario(file, Fields.of(FILE, root, problems));
    return new Loaded(problems.errors() == 0 ? scenario : null, problems.list());
  }

  private Scenario scenario(Path file, Fields fields) {
    long lasts = lasts(fields);
    fields.require("faults", "what goes wrong; [] for nothing");
    List<Rule> rules = new ArrayList<>();
    for (Fields entry : fields.groups("faults", ENTRY)) {
      Rule rule = rule(entry, lasts);
      if (rule != null) {
        rules.add(rule);
      }
    }
    return new Scenario(file, fields.text("site", "demo-microgrid"), lasts, journal(fields), rules);
  }

  private @Nullable Long journal(Fields fields) {
    String text = fields.text("journal");
    if (text == null) {
      return null;
    }
    long size = Words.size(text);
    if (size >= Scenario.SMALLEST_JOURNAL && size <= LARGEST_JOURNAL) {
      return size;
    }
    problems.error(
        fields.valueAt("journal"), "journal is a size from 300kB to 1000GB, not '" + text + "'");
    return null;
  }

  private long lasts(Fields fields) {
    String text = fields.text("lasts", "1d");
    Duration lasts = Moments.parse(text);
    if (lasts != null
        && lasts.toMillis() >= Scenario.SHORTEST_MILLIS
        && lasts.toMillis() <= Scenario.LONGEST_MILLIS) {
      return lasts.toMillis();
    }
    problems.error(
        fields.valueAt("lasts"), "lasts is a duration from 5m to 400d, not '" + text + "'");
    return Scenario.SHORTEST_MILLIS;
  }

  private @Nullable Rule rule(Fields entry, long lasts) {
    if (!entry.require("kind", "which fault, one of " + String.join(" ", Kinds.names()))) {
      return null;
    }
    String named = entry.text("kind", "");
    Kind kind = Kinds.find(named);
    if (kind == null) {
      problems.error(
          entry.valueAt("kind"),
          "'" + named + "' is no kind of fault" + Words.instead(named, Kinds.names()));
      return null;
    }
    SortedMap<String, Range> numbers = new TreeMap<>();
    for (String key : Kinds.knobNames()) {
      number(entry, kind, key, numbers);
    }
    if (entry.has("point") && !kind.isOfPoints()) {
      problems.error(entry.at("point"), kind + " strikes no single point: delete this key");
    }
    if (entry.has("on") && kind.strikes() == Kind.Strikes.SITE) {
      problems.error(entry.at("on"), kind + " strikes the site as a whole: delete this key");
    }
    Long at = at(entry, lasts);
    double perDay = perDay(entry);
    if (entry.has("at") == entry.has("per_day")) {
      problems.error(entry.at(), "a fault has either a time (at: 3h25m) or a rate (per_day: 2)");
    }
    return new Rule(
        kind,
        on(entry),
        entry.text("point", ""),
        perDay,
        at,
        range(entry, "for", Knob.millis("for", 1, Scenario.LONGEST_MILLIS, 1, 1), kind.lasting()),
        numbers,
        entry);
  }

  private void number(Fields entry, Kind kind, String key, SortedMap<String, Range> numbers) {
    if (!entry.has(key)) {
      return;
    }
    Knob knob = kind.knob(key);
    if (knob == null) {
      List<String> own = kind.knobs().stream().map(Knob::name).toList();
      problems.error(
          entry.at(key),
          "'"
              + key
              + "' does not belong to "
              + kind
              + (own.isEmpty() ? ", which has none such" : ", which has " + String.join(" ", own)));
      return;
    }
    numbers.put(key, range(entry, key, knob, knob.usual()));
  }

  private @Nullable Long at(Fields entry, long lasts) {
    if (!entry.has("at")) {
      return null;
    }
    String text = entry.text("at", "");
    Duration at = Moments.parse(text);
    if (at == null) {
      problems.error(
          entry.valueAt("at"), "at is a time from the start such as 1d7h25m, not '" + text + "'");
      return null;
    }
    if (at.toMillis() >= lasts) {
      problems.error(
          entry.valueAt("at"),
          "at is " + text + ", when the run of " + Moments.text(lasts) + " is over; see lasts");
    }
    return at.toMillis();
  }

  private double perDay(Fields entry) {
    BigDecimal rate = entry.decimal("per_day", "0", "10000");
    return rate == null ? 0 : rate.doubleValue();
  }

  private List<String> on(Fields entry) {
    Yaml value = entry.value("on");
    if (value == null) {
      return List.of();
    }
    List<String> ids = new ArrayList<>();
    for (Yaml item : value instanceof Yaml.Items items ? items.items() : List.of(value)) {
      if (item instanceof Yaml.Text text && Words.isId(text.text())) {
        ids.add(text.text());
      } else {
        problems.error(item, "on names devices or lines, not " + item.kind());
      }
    }
    return ids;
  }

  /** One value, or a list of the lowest and the highest. */
  private Range range(Fields entry, String key, Knob knob, Range otherwise) {
    Yaml value = entry.value(key);
    if (value == null) {
      return otherwise;
    }
    List<Yaml> ends = value instanceof Yaml.Items items ? items.items() : List.of(value, value);
    if (ends.size() != 2) {
      problems.error(value, key + " is one value or a range [low, high], not " + ends.size());
      return otherwise;
    }
    Long low = end(ends.getFirst(), key, knob);
    Long high = end(ends.getLast(), key, knob);
    if (low == null || high == null) {
      return otherwise;
    }
    if (low > high) {
      problems.error(value, key + " goes from low to high");
      return otherwise;
    }
    return new Range(low, high);
  }

  private @Nullable Long end(Yaml value, String key, Knob knob) {
    Long parsed = value instanceof Yaml.Text text ? knob.parse(text.text()) : null;
    if (parsed == null) {
      problems.error(value, key + " is " + knob.limits() + ", not " + value.kind());
    }
    return parsed;
  }
}
