package io.lingtan.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * What Grafana would do with its provisioning files and a database: fill the panels of a dashboard,
 * and find which rows of a rule's query are beyond its threshold.
 */
public final class Grafana {

  /** Which unit belongs to a column, by the end of its name. */
  private static final Map<String, String> UNITS =
      Map.of(
          "kwh", "kwatth", "kg_co2", "masskg", "_pct", "percent", "_s", "s", "_days", "d", "_bytes",
          "bytes");

  /** Which unit belongs to a curve, by a word of its title. */
  private static final Map<String, String> TITLES =
      Map.of("kWh", "kwatth", "kg", "masskg", "W", "watt", "%", "percent");

  private static final Set<String> NUMBERS = Set.of("int2", "int4", "int8", "float8", "numeric");
  private static final Set<String> TEXTS = Set.of("text", "varchar", "json", "jsonb");

  /** {@code $__timeFrom()} and {@code $__timeTo()} of all queries: the last day. */
  private static final String FROM = "now() - interval '1 day'";

  private Grafana() {}

  /**
   * A panel's query, and what is said of its columns.
   *
   * @param unit of all values; null if each column has its own
   * @param units by column
   * @param place left, top, width and height
   */
  private record Panel(
      String title,
      String type,
      String format,
      String sql,
      @Nullable String unit,
      Map<String, String> units,
      List<Integer> place) {}

  /**
   * A rule of alerts.
   *
   * @param hold how long a row has to be beyond the threshold
   * @param above whether above the threshold is bad, else below
   */
  public record Rule(String uid, String sql, String hold, boolean above, BigDecimal threshold) {

    /** The labels of the rows that are beyond the threshold. */
    public List<List<@Nullable String>> raised(Connection connection) throws SQLException {
      Answer answer = ask(connection, sql);
      int number = answer.only(NUMBERS, uid);
      List<List<@Nullable String>> raised = new ArrayList<>();
      Set<List<@Nullable String>> all = new HashSet<>();
      for (List<@Nullable String> row : answer.rows()) {
        List<@Nullable String> labels = new ArrayList<>(row);
        String value = labels.remove(number);
        assertTrue(all.add(labels), () -> uid + " has two rows with the labels " + labels);
        assertFalse(labels.contains(null), () -> uid + " has a row without a label: " + row);
        assertNotNull(value, () -> uid + " has no number for " + labels);
        int order = new BigDecimal(value).compareTo(threshold);
        if (above ? order > 0 : order < 0) {
          raised.add(labels);
        }
      }
      return raised;
    }
  }

  /** The rows of a query, with the names and PostgreSQL's types of their columns. */
  private record Answer(List<String> names, List<String> types, List<List<@Nullable String>> rows) {

    /** The place of the only column of these types; the others are texts. */
    int only(Set<String> kinds, String whose) {
      List<String> found = types.stream().filter(kinds::contains).toList();
      assertEquals(1, found.size(), () -> whose + " wants one number, and texts: " + types);
      int place = types.indexOf(found.getFirst());
      for (int i = 0; i < types.size(); i++) {
        assertTrue(i == place || TEXTS.contains(types.get(i)), whose + ": " + types);
      }
      return place;
    }
  }

  private static Answer ask(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      ResultSetMetaData about = rows.getMetaData();
      Answer answer = new Answer(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
      for (int i = 1; i <= about.getColumnCount(); i++) {
        answer.names().add(about.getColumnLabel(i));
        answer.types().add(about.getColumnTypeName(i));
      }
      while (rows.next()) {
        List<@Nullable String> row = new ArrayList<>();
        for (int i = 1; i <= about.getColumnCount(); i++) {
          row.add(rows.getString(i));
        }
        answer.rows().add(row);
      }
      return answer;
    }
  }

  /**
   * Fills each panel of a dashboard, its variables at what they begin with. Each has rows, of the
   * form that its type wants, and a unit where its columns' names say so; none lies on another.
   */
  public static void assertShows(Path dashboard, Connection connection)
      throws IOException, SQLException {
    Object tree = read(dashboard);
    Map<String, String> variables = variables(tree, connection);
    List<Panel> panels = panels(tree);
    for (int i = 0; i < panels.size(); i++) {
      Panel panel = panels.get(i);
      String name = dashboard.getFileName() + ", " + panel.title();
      Answer answer = ask(connection, filled(panel.sql(), variables));
      assertFalse(answer.rows().isEmpty(), name + " shows nothing");
      switch (panel.type()) {
        case "stat" -> assertOneNumber(name, answer);
        case "timeseries" -> assertCurves(name, panel, answer);
        default -> assertTable(name, panel, answer);
      }
      for (Panel other : panels.subList(0, i)) {
        assertFalse(isOn(panel.place(), other.place()), name + " lies on " + other.title());
      }
    }
  }

  private static void assertOneNumber(String name, Answer answer) {
    int place = answer.only(NUMBERS, name);
    assertEquals(1, answer.rows().size(), name);
    assertNotNull(answer.rows().getFirst().get(place), name);
  }

  /** Long rows, ascending in time, as Grafana wants them to draw a curve for each metric. */
  private static void assertCurves(String name, Panel panel, Answer answer) {
    assertEquals("time_series", panel.format(), name);
    assertEquals(List.of("time", "metric", "value"), answer.names(), name);
    assertEquals("timestamptz", answer.types().get(0), name);
    assertTrue(TEXTS.contains(answer.types().get(1)), name);
    assertTrue(NUMBERS.contains(answer.types().get(2)), name);
    List<@Nullable String> times =
        answer.rows().stream().<@Nullable String>map(List::getFirst).toList();
    assertEquals(times.stream().sorted().toList(), times, name);
    assertTrue(answer.rows().stream().anyMatch(row -> row.get(2) != null), name);
    Matcher word = Pattern.compile("\\b(kWh|kg|W)\\b|%").matcher(panel.title());
    assertTrue(word.find(), name + " does not say of what unit it is");
    assertEquals(TITLES.get(word.group()), panel.unit(), name);
  }

  private static void assertTable(String name, Panel panel, Answer answer) {
    assertEquals("table", panel.format(), name);
    Map<String, String> units = new LinkedHashMap<>();
    for (int i = 0; i < answer.names().size(); i++) {
      String column = answer.names().get(i);
      String type = answer.types().get(i);
      assertTrue(
          NUMBERS.contains(type)
              || TEXTS.contains(type)
              || type.equals("timestamptz")
              || type.equals("bool"),
          () -> name + ": Grafana cannot show " + column + ", " + type);
      UNITS.forEach(
          (end, unit) -> {
            if (column.endsWith(end)) {
              units.put(column, unit);
            }
          });
    }
    assertEquals(units, panel.units(), name);
  }

  private static boolean isOn(List<Integer> one, List<Integer> other) {
    return one.get(0) < other.get(0) + other.get(2)
        && other.get(0) < one.get(0) + one.get(2)
        && one.get(1) < other.get(1) + other.get(3)
        && other.get(1) < one.get(1) + one.get(3);
  }

  private static String filled(String sql, Map<String, String> variables) {
    String filled =
        sql.replaceAll("\\$__timeFilter\\(([^)]*)\\)", "$1 BETWEEN " + FROM + " AND now()")
            .replace("$__timeFrom()", FROM)
            .replace("$__timeTo()", "now()");
    for (Map.Entry<String, String> variable : variables.entrySet()) {
      filled =
          filled.replace("${" + variable.getKey() + ":sqlstring}", "'" + variable.getValue() + "'");
    }
    assertFalse(filled.contains("$"), filled);
    return filled;
  }

  private static Map<String, String> variables(Object tree, Connection connection)
      throws SQLException {
    Map<String, String> variables = new LinkedHashMap<>();
    if (map(tree).containsKey("templating")) {
      for (Object variable : list(at(tree, "templating", "list"))) {
        String value =
            text(variable, "type").equals("custom")
                ? text(at(variable, "current"), "value")
                : ask(connection, text(variable, "query")).rows().getFirst().getLast();
        variables.put(text(variable, "name"), Objects.requireNonNull(value));
      }
    }
    return variables;
  }

  private static List<Panel> panels(Object tree) {
    List<Panel> panels = new ArrayList<>();
    for (Object panel : list(at(tree, "panels"))) {
      Map<String, String> units = new LinkedHashMap<>();
      for (Object override : list(at(panel, "fieldConfig", "overrides"))) {
        for (Object property : list(at(override, "properties"))) {
          if (text(property, "id").equals("unit")) {
            units.put(text(at(override, "matcher"), "options"), text(property, "value"));
          }
        }
      }
      List<?> targets = list(at(panel, "targets"));
      assertEquals(1, targets.size());
      assertEquals("lingtan", text(at(targets.getFirst(), "datasource"), "uid"));
      Object unit = map(at(panel, "fieldConfig", "defaults")).get("unit");
      panels.add(
          new Panel(
              text(panel, "title"),
              text(panel, "type"),
              text(targets.getFirst(), "format"),
              text(targets.getFirst(), "rawSql"),
              unit == null ? null : unit.toString(),
              units,
              List.of("x", "y", "w", "h").stream()
                  .map(side -> (Integer) at(panel, "gridPos", side))
                  .toList()));
    }
    return panels;
  }

  /** The rules of a provisioning file of alerts. */
  public static List<Rule> rules(Path file) throws IOException {
    List<Rule> rules = new ArrayList<>();
    for (Object group : list(at(read(file), "groups"))) {
      for (Object rule : list(at(group, "rules"))) {
        List<?> steps = list(at(rule, "data"));
        Object query = at(steps.get(0), "model");
        Object threshold = at(steps.get(1), "model");
        assertEquals("lingtan", text(steps.get(0), "datasourceUid"));
        assertEquals("table", text(query, "format"));
        assertEquals(text(rule, "condition"), text(threshold, "refId"));
        assertEquals(text(query, "refId"), text(threshold, "expression"));
        Object evaluator = at(list(at(threshold, "conditions")).getFirst(), "evaluator");
        rules.add(
            new Rule(
                text(rule, "uid"),
                text(query, "rawSql"),
                text(rule, "for"),
                switch (text(evaluator, "type")) {
                  case "gt" -> true;
                  case "lt" -> false;
                  default -> throw new IOException("an unknown comparison in " + text(rule, "uid"));
                },
                new BigDecimal(list(at(evaluator, "params")).getFirst().toString())));
      }
    }
    return rules;
  }

  /** YAML; JSON is some of it. */
  private static Object read(Path file) throws IOException {
    return Objects.requireNonNull(
        new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file)));
  }

  private static Object at(Object tree, String... path) {
    Object found = tree;
    for (String name : path) {
      found = Objects.requireNonNull(map(found).get(name), name);
    }
    return found;
  }

  private static String text(Object tree, String name) {
    return at(tree, name).toString();
  }

  private static Map<?, ?> map(Object tree) {
    return (Map<?, ?>) tree;
  }

  private static List<?> list(Object tree) {
    return (List<?>) tree;
  }
}
