package io.lingtan.agent.command.draft;

import io.lingtan.agent.command.draft.CellAddress.Counting;
import io.lingtan.agent.command.draft.RegisterTable.Row;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.Units;
import io.lingtan.agent.site.read.Catalogue;
import io.lingtan.agent.site.yaml.Problem;
import io.lingtan.agent.site.yaml.Problem.Severity;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A draft profile of a table. It loads: what the agent's own loader refuses is moved under {@code
 * own}, or else stands there as a comment.
 *
 * @param yaml the profile
 * @param problems of the table, at its lines
 * @param points values that the profile has
 * @param unsure of those, with something to look at
 */
record Draft(String yaml, List<Problem> problems, int points, int unsure) {

  /** A profile has at most 200 own points; a table of more is for somebody to choose from. */
  private static final int MOST_OWN = 200;

  private static final int MOST_TRIES = 1000;

  Draft {
    problems = List.copyOf(problems);
  }

  /**
   * What is asked for beside the table.
   *
   * @param kind {@code meter inverter battery fuel_cell sensor}; null to guess
   * @param counting how addresses count; null to guess
   * @param function for rows that name none; null to leave it open
   */
  record Wishes(
      String name,
      @Nullable String kind,
      @Nullable Counting counting,
      @Nullable Integer function) {}

  /**
   * Makes it.
   *
   * @param file that the table was read from, for messages
   * @throws Unusable if nothing can be made of it
   */
  static Draft of(Path file, byte[] bytes, Wishes wishes) throws Unusable {
    RegisterTable table = RegisterTable.of(bytes);
    List<CellAddress> places = new ArrayList<>();
    for (Row row : table.rows()) {
      CellAddress place = CellAddress.of(row.get(Column.ADDRESS), table.hexadecimal());
      if (place != null) {
        places.add(place);
      }
    }
    Counting wished = wishes.counting;
    Counting counting = wished != null ? wished : CellAddress.counting(places);
    RowReader reader = new RowReader(table, counting, wishes.function);
    List<Problem> problems = new ArrayList<>();
    List<DraftPoint> points = new ArrayList<>();
    for (Row row : table.rows()) {
      if (row.cells().size() < 2 || row.get(Column.NAME).isEmpty()) {
        continue; // a heading between rows, or a row without a name, such as a reserved one
      }
      try {
        points.add(reader.read(row));
      } catch (Unusable e) {
        problems.add(new Problem(Severity.WARNING, file, e.line(), 1, e.why()));
      }
    }
    if (points.isEmpty()) {
      throw new Unusable(
          table.headingLine(),
          "no row below these headings has an address and a name: is this the heading of the"
              + " registers' table?");
    }
    String guessed = kind(points);
    String kind = wishes.kind == null ? guessed : wishes.kind;
    Writer writer = new Writer(file, table, counting, wishes, kind, points);
    return writer.write(problems);
  }

  /** What kind of device has such values. */
  private static String kind(List<DraftPoint> points) {
    int charges = 0;
    int generates = 0;
    int meters = 0;
    for (DraftPoint point : points) {
      String name = String.valueOf(point.point());
      charges += name.matches("soc|soh|energy_(?:dis)?charged") ? 1 : 0;
      generates += name.matches("energy_generated|.*_dc[1-4]?") ? 1 : 0;
      meters += name.matches("energy_(?:import|export)|power.*|voltage_l.|current_l.") ? 1 : 0;
    }
    if (charges > 0 && charges >= generates) {
      return "battery";
    }
    return generates > 0 ? "inverter" : meters > 0 ? "meter" : "sensor";
  }

  /** Writes the lines until the loader takes them. */
  private static final class Writer {
    private final Path file;
    private final RegisterTable table;
    private final Counting counting;
    private final Wishes wishes;
    private final String kind;
    private final List<DraftPoint> points;
    private final Map<Integer, String> refused = new HashMap<>();
    private final int function;
    private final String type;

    Writer(
        Path file,
        RegisterTable table,
        Counting counting,
        Wishes wishes,
        String kind,
        List<DraftPoint> points) {
      this.file = file;
      this.table = table;
      this.counting = counting;
      this.wishes = wishes;
      this.kind = kind;
      this.points = new ArrayList<>(points);
      this.function = usual(points, DraftPoint::function, 3);
      this.type =
          usual(
              points.stream()
                  .filter(point -> !point.isText() && !point.type().matches("bit|bcd"))
                  .toList(),
              DraftPoint::type,
              "uint16");
    }

    private static <T> T usual(List<DraftPoint> points, Function<DraftPoint, T> of, T otherwise) {
      Map<T, Integer> counts = new HashMap<>();
      points.forEach(point -> counts.merge(of.apply(point), 1, Integer::sum));
      return counts.entrySet().stream()
          .max(
              Comparator.<Map.Entry<T, Integer>>comparingInt(Map.Entry::getValue)
                  .thenComparing(entry -> entry.getKey().toString()))
          .map(Map.Entry::getKey)
          .orElse(otherwise);
    }

    Draft write(List<Problem> problems) throws Unusable {
      for (int i = 0; i < points.size(); i++) {
        DraftPoint point = points.get(i);
        if (point.point() != null && unit(point) == null) {
          points.set(i, point.asOwn("not " + point.point() + " by its unit"));
        }
      }
      limitOwn(problems);
      if (points.stream().noneMatch(this::isWritten)) {
        throw new Unusable(
            table.headingLine(),
            "no row below these headings holds a number: of texts no profile is made");
      }
      for (int tries = 0; tries < MOST_TRIES; tries++) {
        Map<Integer, Integer> rows = new HashMap<>();
        String yaml = text(rows);
        Catalogue.Loaded<DeviceProfile> loaded =
            Catalogue.profiles(null)
                .read(
                    Path.of(wishes.name + ".yaml"),
                    wishes.name,
                    yaml.getBytes(StandardCharsets.UTF_8));
        if (loaded.value() != null) {
          int written = (int) points.stream().filter(this::isWritten).count();
          int unsure =
              (int)
                  points.stream()
                      .filter(point -> isWritten(point) && !point.unsure().isEmpty())
                      .count();
          return new Draft(yaml, problems, written, unsure);
        }
        refuse(loaded.problems(), rows, problems);
      }
      throw new Unusable(0, "no profile that loads can be made of it: tell us, with the table");
    }

    /** What the loader does not take is moved to own, or, if it is there, becomes a comment. */
    private void refuse(List<Problem> told, Map<Integer, Integer> rows, List<Problem> problems)
        throws Unusable {
      for (Problem problem : told) {
        Integer row = rows.get(problem.line());
        if (problem.severity() == Severity.ERROR) {
          if (row == null) {
            throw new Unusable(0, "no profile can be made of it: " + problem.message());
          }
          DraftPoint point = points.get(row);
          if (point.point() != null) {
            points.set(row, point.asOwn("not " + point.point() + ": " + first(problem.message())));
          } else {
            refused.put(point.line(), first(problem.message()));
            problems.add(
                new Problem(
                    Severity.WARNING,
                    file,
                    point.line(),
                    1,
                    "'" + point.label() + "' is a comment in the draft: " + problem.message()));
          }
          return;
        }
      }
      throw new Unusable(0, "no profile can be made of it");
    }

    private static String first(String message) {
      return message.replaceAll("[;:] .*", "").replace('#', ' ');
    }

    private void limitOwn(List<Problem> problems) {
      int own = 0;
      for (DraftPoint point : points) {
        if (point.point() == null && !point.isText() && ++own > MOST_OWN) {
          refused.put(point.line(), "more than " + MOST_OWN + " own points");
        }
      }
      if (own > MOST_OWN) {
        problems.add(
            new Problem(
                Severity.WARNING,
                file,
                0,
                0,
                "%d values have no name here, and a profile has at most %d of its own: the rest are comments, choose"
                    .formatted(own, MOST_OWN)));
      }
    }

    private boolean isWritten(DraftPoint point) {
      return !refused.containsKey(point.line()) && !point.isText();
    }

    /** What names the device, by {@code serial model}. */
    private SortedMap<String, DraftPoint> identity() {
      SortedMap<String, DraftPoint> identity = new TreeMap<>();
      for (DraftPoint point : points) {
        if (point.isText() && point.words() > 0 && !refused.containsKey(point.line())) {
          String name = PointWords.plain(point.label());
          if (name.matches(".*(?:serial|\\bsn\\b|序列号|编号).*")) {
            identity.putIfAbsent("serial", point);
          } else if (name.matches(".*(?:model|型号).*")) {
            identity.putIfAbsent("model", point);
          }
        }
      }
      return identity;
    }

    /** The unit as it is written; null if the point is not measured in it. */
    private static @Nullable String unit(DraftPoint point) {
      String step = point.step() == null ? "" : point.step();
      if (point.point() == null) {
        return step + point.ucum();
      }
      Point is = Point.of(point.point());
      if (point.ucum().equals("1") && is.quantity().ucum().equals("1")) {
        return "1";
      }
      String unit =
          switch (is.quantity()) {
            case REACTIVE_POWER, REACTIVE_ENERGY_IMPORT, REACTIVE_ENERGY_EXPORT ->
                point.ucum().replace("V.A", "var").replace("var.h", "varh");
            case APPARENT_POWER -> point.ucum().replace("V.A", "VA");
            default -> point.ucum();
          };
      return Units.factor(is.quantity(), step + unit) == null ? null : step + unit;
    }

    private String text(Map<Integer, Integer> rows) {
      List<String> lines = new ArrayList<>(head());
      section(lines, "points:", rows, point -> isWritten(point) && point.point() != null);
      section(lines, "own:", rows, point -> isWritten(point) && point.point() == null);
      SortedMap<String, DraftPoint> identity = identity();
      if (!identity.isEmpty()) {
        lines.add("");
        lines.add("identity:");
        identity.forEach(
            (key, point) -> {
              rows.put(lines.size() + 1, points.indexOf(point));
              lines.add(point.yaml(key, null, function, type));
            });
      }
      boolean first = true;
      for (DraftPoint point : points) {
        if (!isWritten(point) && !identity.containsValue(point)) {
          if (first) {
            lines.add("");
            lines.add("# Not read:");
            first = false;
          }
          String why = refused.getOrDefault(point.line(), "text");
          lines.add(
              "#%s  (%s)".formatted(point.yaml(point.own(), unit(point), function, type), why));
        }
      }
      return String.join("\n", lines) + "\n";
    }

    private void section(
        List<String> lines, String title, Map<Integer, Integer> rows, Predicate<DraftPoint> of) {
      boolean begun = false;
      for (int i = 0; i < points.size(); i++) {
        DraftPoint point = points.get(i);
        if (of.test(point)) {
          if (!begun) {
            lines.add("");
            lines.add(title);
            begun = true;
          }
          String key = point.point() == null ? point.own() : point.point();
          String unit = unit(point);
          boolean plain = point.point() != null && "1".equals(unit);
          rows.put(lines.size() + 1, i);
          lines.add(point.yaml(key, plain ? null : unit, function, type));
        }
      }
    }

    private List<String> head() {
      List<String> lines = new ArrayList<>();
      String from = String.valueOf(file.getFileName()).replaceAll("\\p{Cntrl}", " ");
      lines.add(
          "# A draft, made of %s (%s). Not compared with any device:"
              .formatted(from, table.encoding()));
      lines.add(
          "# look at each line with a \"# ?\", then read the device and compare with its display:");
      for (String next : nextCommands(wishes.name)) {
        lines.add("#   " + next);
      }
      lines.add(
          switch (counting) {
            case WIRE ->
                "# Addresses are taken as they go over the wire, from 0. If the document counts"
                    + " from 1: --addresses one";
            case ONE -> "# Addresses of the table count from 1; here they are as on the wire.";
            case REFERENCE ->
                "# 30001 is read as the first input register, 40001 as the first holding register."
                    + " If they go over the wire as printed: --addresses wire";
          });
      lines.add(
          "# Values of two registers: high word first (word_order: little, if not). Plus means"
              + " what");
      lines.add("# `lingtan profiles NAME` says; reverse: true turns a sign round.");
      lines.add("name: " + wishes.name);
      lines.add("kind: " + kind + (wishes.kind == null ? "  # ? guessed by its values" : ""));
      boolean said =
          table.tellsFunctions() || counting == Counting.REFERENCE || wishes.function != null;
      lines.add(
          "defaults: {function: %d, type: %s}%s"
              .formatted(
                  function,
                  type,
                  said
                      ? ""
                      : "  # ? 3 (holding) or 4 (input registers): the table does not say"
                          + " (--function)"));
      return lines;
    }
  }

  /** How to go on with a draft. */
  static List<String> nextCommands(String name) {
    return List.of(
        "lingtan profiles --profiles profiles " + name,
        "lingtan read --profiles profiles --profile " + name + " --unit 1 --port /dev/ttyUSB0",
        "lingtan read --profiles profiles --profile " + name + " --unit 1 --host 192.168.1.20");
  }
}
