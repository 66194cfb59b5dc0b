package io.lingtan.simulator.referee;

import io.lingtan.agent.site.yaml.Fields;
import io.lingtan.agent.site.yaml.Keys;
import io.lingtan.agent.site.yaml.Problem;
import io.lingtan.agent.site.yaml.Problems;
import io.lingtan.agent.site.yaml.Words;
import io.lingtan.agent.site.yaml.Yaml;
import io.lingtan.agent.site.yaml.YamlReader;
import io.lingtan.simulator.device.Framing;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** Reads a mapping file, and finds everything that is wrong with it in one run. */
final class MappingReader {

  /** Units that the referee can serve. */
  static final int MOST_UNITS = 20;

  private static final Keys FILE =
      Section.of(
          "mapping",
          "publisher settings units points time_unit messages files framings prepare start");
  private static final Keys MESSAGE =
      Section.of("messages[]", "topic pattern each unit key time value values");
  private static final Keys PLACES = Section.of("points", String.join(" ", Place.words()));
  private static final List<String> HOLES = List.of("unit", "point");

  private final Problems problems;
  private final Path folder;

  /**
   * What came of a file.
   *
   * @param mapping null if anything is wrong with it
   */
  record Loaded(@Nullable Mapping mapping, List<Problem> problems) {
    Loaded {
      problems = List.copyOf(problems);
    }
  }

  private MappingReader(Problems problems, Path folder) {
    this.problems = problems;
    this.folder = folder;
  }

  /** Reads a file. Never throws for what stands in it. */
  static Loaded load(Path file) {
    Problems problems = new Problems(file);
    byte[] bytes = Section.bytes(file, problems);
    Yaml root = bytes == null ? null : YamlReader.read(bytes, problems);
    if (root == null) {
      return new Loaded(null, problems.list());
    }
    Path folder = file.toAbsolutePath().getParent();
    MappingReader reader = new MappingReader(problems, folder == null ? file : folder);
    Mapping mapping = reader.read(Fields.of(FILE, root, problems));
    return new Loaded(problems.errors() == 0 ? mapping : null, problems.list());
  }

  private Mapping read(Fields fields) {
    fields.require("publisher", "its name in the table");
    fields.require("messages", "which topics carry values");
    Map<String, Integer> units = units(fields);
    Map<Place, BigDecimal> scales = scales(fields);
    Map<String, Long> perUnit = Map.of("ms", 1L, "s", 1_000L);
    long timeMillis = fields.choice("time_unit", perUnit, 1L);
    List<MessageMap> messages = new ArrayList<>();
    for (Fields message : fields.groups("messages", MESSAGE)) {
      messages.add(message(message));
    }
    List<List<String>> prepare = new ArrayList<>();
    for (Yaml item : fields.items("prepare")) {
      if (item instanceof Yaml.Items(int _, int _, List<Yaml> words)) {
        prepare.add(words(words));
      } else {
        problems.error(item, "prepare lists commands [program, argument], not " + item.kind());
      }
    }
    List<String> start = words(fields.items("start"));
    return new Mapping(
        fields.text("publisher", ""),
        fields.text("settings", ""),
        units,
        scales,
        timeMillis,
        messages,
        files(fields),
        framings(fields),
        prepare,
        start.isEmpty() ? null : start);
  }

  private Map<Framing, String> framings(Fields fields) {
    Map<Framing, String> words = new EnumMap<>(Framing.class);
    for (Yaml.Entry entry : fields.entries("framings")) {
      String name = entry.key().text();
      Framing framing = CourseReader.FRAMINGS.get(name);
      if (framing == null) {
        problems.error(
            entry.key(),
            "'" + name + "' is no framing" + Words.instead(name, CourseReader.FRAMINGS.keySet()));
      } else if (entry.value() instanceof Yaml.Text text) {
        words.put(framing, text.text());
      } else {
        problems.error(entry.value(), "a framing is one word, not " + entry.value().kind());
      }
    }
    return fields.has("framings") ? words : Map.of(Framing.TCP, "");
  }

  private List<String> words(List<Yaml> items) {
    List<String> words = new ArrayList<>();
    for (Yaml item : items) {
      if (item instanceof Yaml.Text text) {
        words.add(text.text());
      } else {
        problems.error(item, "a command is words, not " + item.kind());
      }
    }
    return words;
  }

  private Map<String, Integer> units(Fields fields) {
    Map<String, Integer> units = new LinkedHashMap<>();
    if (!fields.require("units", "the publisher's names of the units, such as {meter1: 1}")) {
      return units;
    }
    for (Yaml.Entry entry : fields.entries("units")) {
      Long number = entry.value() instanceof Yaml.Text text ? Words.whole(text.text()) : null;
      if (number == null || number < 1 || number > MOST_UNITS) {
        problems.error(
            entry.value(),
            "a unit is a whole number from 1 to " + MOST_UNITS + ", not " + entry.value().kind());
      } else if (units.containsValue(number.intValue())) {
        problems.error(entry.value(), "unit " + number + " has two names");
      } else {
        units.put(entry.key().text(), number.intValue());
      }
    }
    return units;
  }

  private Map<Place, BigDecimal> scales(Fields fields) {
    Map<Place, BigDecimal> scales = new EnumMap<>(Place.class);
    Fields points = fields.group("points", PLACES);
    for (Place place : Place.values()) {
      BigDecimal scale = points.decimal(place.word(), "0.000000001", "1000000000");
      scales.put(place, scale == null ? BigDecimal.ONE : scale);
    }
    return scales;
  }

  private MessageMap message(Fields fields) {
    fields.require("topic", "where the values are, with {unit} and {point} for levels that vary");
    String topic = fields.text("topic", "");
    boolean hasPoint = topic.contains("{point}");
    Pattern text = pattern(fields);
    Map<Place, String> values = new EnumMap<>(Place.class);
    Fields members = fields.group("values", PLACES);
    for (Place place : Place.values()) {
      String member = members.text(place.word());
      if (member != null) {
        values.put(place, member);
      }
    }
    String value = fields.text("value");
    if (!topic.contains("{unit}") && !fields.has("unit")) {
      problems.error(fields.at(), "nothing names the unit: {unit} in topic, or unit: MEMBER");
    }
    if (text == null && value == null && values.isEmpty()) {
      problems.error(
          fields.at(), "nothing names the value: values: {energy: MEMBER}, value or pattern");
    }
    if ((text != null || value != null) && !hasPoint) {
      problems.error(
          fields.valueAt("topic"), "one value a message needs {point} in the topic to be named");
    }
    return new MessageMap(
        topic(topic, fields.valueAt("topic")),
        text,
        fields.text("each"),
        fields.text("unit"),
        fields.text("key"),
        fields.text("time"),
        value,
        values);
  }

  private @Nullable Pattern pattern(Fields fields) {
    String written = fields.text("pattern");
    if (written == null) {
      return null;
    }
    try {
      Pattern pattern = Pattern.compile(written);
      if (!pattern.namedGroups().containsKey("value")) {
        problems.error(fields.valueAt("pattern"), "pattern needs a group (?<value>...)");
      }
      return pattern;
    } catch (PatternSyntaxException e) {
      problems.error(
          fields.valueAt("pattern"), "pattern is no regular expression: " + e.getDescription());
      return null;
    }
  }

  /** Placeholders become groups; everything else is meant as it stands. */
  private Pattern topic(String written, Yaml at) {
    StringBuilder pattern = new StringBuilder();
    String rest = written;
    while (!rest.isEmpty()) {
      int open = rest.indexOf('{');
      int close = rest.indexOf('}', open);
      if (open < 0 || close < 0) {
        pattern.append(Pattern.quote(rest));
        break;
      }
      String hole = rest.substring(open + 1, close);
      pattern.append(Pattern.quote(rest.substring(0, open)));
      if (HOLES.contains(hole) && !pattern.toString().contains("?<" + hole + ">")) {
        pattern.append("(?<").append(hole).append(">[^/]+)");
      } else {
        problems.error(
            at, "{" + hole + "} is no placeholder here, or twice" + Words.instead(hole, HOLES));
      }
      rest = rest.substring(close + 1);
    }
    return Pattern.compile(pattern.toString());
  }

  private SequencedMap<String, String> files(Fields fields) {
    SequencedMap<String, String> files = new LinkedHashMap<>();
    for (Yaml.Entry entry : fields.entries("files")) {
      String name = entry.key().text();
      String template = entry.value() instanceof Yaml.Text text ? text.text() : "";
      try {
        if (Path.of(name).isAbsolute() || Path.of(name).normalize().startsWith("..")) {
          problems.error(entry.key(), name + " must lie within the working folder");
        } else {
          files.put(name, Files.readString(folder.resolve(template)));
        }
      } catch (IOException | InvalidPathException e) {
        problems.error(
            entry.value(), "cannot read the template " + folder.resolve(template) + ": " + e);
      }
    }
    return files;
  }
}
