package io.lingtan.agent.site.read;

import io.lingtan.agent.site.yaml.Problems;
import io.lingtan.agent.site.yaml.Yaml;
import io.lingtan.agent.site.yaml.YamlReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One change of a site file's text that leaves everything else as it is, comments and order
 * included. Whether the result is a good site file is for {@link SiteLoader} to say.
 */
public sealed interface SiteEdit {

  /** Another value of a device's key, or a key that it has not had. */
  record OfDevice(String device, String key, String value) implements SiteEdit {}

  /** The same of a meter under {@code metering}. */
  record OfMeter(String meter, String key, String value) implements SiteEdit {}

  /** Another value of a key of the site itself, or a key that it has not had. */
  record OfSite(String key, String value) implements SiteEdit {}

  /** Another value of how a line is reached: its host, port, baud or parity. */
  record OfLine(String line, String key, String value) implements SiteEdit {}

  /** A device less, with the metering points that are read from it. */
  record NoDevice(String device) implements SiteEdit {}

  /**
   * A device more on a line.
   *
   * @param flow such as <code>{id: gate, profile: acrel-dtsd1352, unit: 1}</code>
   */
  record NewDevice(String line, String flow) implements SiteEdit {}

  /** A metering point more, written as a device is. */
  record NewMeter(String flow) implements SiteEdit {}

  /** A line more, written as a device is. */
  record NewLine(String flow) implements SiteEdit {}

  /**
   * Another value of a key of a group, or a key or a group that the file has not had.
   *
   * @param path such as {@code mqtt}, or {@code mqtt} and {@code tls}
   * @param value a word, or a list or table in flow form
   */
  record OfGroup(List<String> path, String key, String value) implements SiteEdit {
    public OfGroup {
      path = List.copyOf(path);
    }
  }

  /**
   * The text with the change.
   *
   * @throws IllegalArgumentException if the text is no YAML, has no such device, or writes it in a
   *     way that only a person should change; the message says what
   */
  default String in(String text) {
    Problems problems = new Problems(Path.of("site.yaml"));
    Yaml root = YamlReader.read(text.getBytes(StandardCharsets.UTF_8), problems);
    if (!(root instanceof Yaml.Table table)) {
      throw new IllegalArgumentException("the site file is no YAML: " + problems.list());
    }
    Script script = new Script(text);
    return switch (this) {
      case OfDevice(String device, String key, String value) ->
          script.set(script.device(table, device), key, value);
      case OfMeter(String meter, String key, String value) ->
          script.set(script.meter(table, meter), key, value);
      case OfSite(String key, String value) ->
          value(table, key) == null && !script.isFlow(table, '{')
              ? script.append(key + ": " + value + "\n")
              : script.set(table, key, value);
      case OfLine(String line, String key, String value) ->
          script.set(way(script.named(items(table, "lines"), line, "line")), key, value);
      case NoDevice(String device) -> {
        Yaml.Items meters = list(value(table, "metering"), "meters");
        Yaml point = meters == null ? null : first(meters, "device", device);
        if (meters != null && point != null) {
          yield in(script.without(meters, point)); // and then the next
        }
        for (Yaml line : items(table, "lines")) {
          Yaml.Items devices = list(line, "devices");
          Yaml found = devices == null ? null : first(devices, "id", device);
          if (devices != null && found != null) {
            yield script.without(devices, found);
          }
        }
        throw new IllegalArgumentException("the site file has no device '" + device + "'");
      }
      case NewDevice(String line, String flow) ->
          script.add(script.named(items(table, "lines"), line, "line"), "devices", flow);
      case NewMeter(String flow) -> {
        Yaml metering = value(table, "metering");
        yield metering instanceof Yaml.Table inner
            ? script.add(inner, "meters", flow)
            : script.append("metering:\n  meters:\n    - " + flow + "\n");
      }
      case NewLine(String flow) ->
          value(table, "lines") == null
              ? script.append("lines:\n  - " + flow + "\n")
              : script.add(table, "lines", flow);
      case OfGroup(List<String> path, String key, String value) ->
          ofGroup(script, table, path, key, value);
    };
  }

  private static String ofGroup(
      Script script, Yaml.Table root, List<String> path, String key, String value) {
    Yaml.Table table = root;
    for (int i = 0; i < path.size(); i++) {
      Yaml next = value(table, path.get(i));
      if (next instanceof Yaml.Table inner) {
        table = inner;
        continue;
      }
      if (next != null) {
        throw Script.byHand(next);
      }
      String flow = "{" + key + ": " + value + "}";
      for (String each : path.subList(i + 1, path.size()).reversed()) {
        flow = "{" + each + ": " + flow + "}";
      }
      String more = path.get(i) + ": " + flow;
      return i == 0 ? script.append(more + "\n") : script.insert(table, more, more);
    }
    return script.set(table, key, value);
  }

  private static @Nullable Yaml value(Yaml.Table table, String key) {
    for (Yaml.Entry entry : table.entries()) {
      if (entry.key().text().equals(key)) {
        return entry.value();
      }
    }
    return null;
  }

  private static Yaml.@Nullable Items list(@Nullable Yaml table, String key) {
    return table instanceof Yaml.Table inner && value(inner, key) instanceof Yaml.Items list
        ? list
        : null;
  }

  /** The first of a list whose {@code key} says this. */
  private static @Nullable Yaml first(Yaml.Items list, String key, String text) {
    for (Yaml each : list.items()) {
      if (each instanceof Yaml.Table table
          && value(table, key) instanceof Yaml.Text said
          && said.text().equals(text)) {
        return each;
      }
    }
    return null;
  }

  /** What a line's port or address is written in. */
  private static Yaml.Table way(Yaml.Table line) {
    for (Yaml.Entry entry : line.entries()) {
      if (entry.value() instanceof Yaml.Table way && !entry.key().text().equals("label")) {
        return way;
      }
    }
    throw Script.byHand(line);
  }

  private static List<Yaml> items(Yaml.Table table, String key) {
    return value(table, key) instanceof Yaml.Items list ? list.items() : List.of();
  }

  /** The text, and where things are in it. */
  final class Script {
    private final String text;
    private final List<Integer> lines = new ArrayList<>();

    private Script(String text) {
      this.text = text;
      lines.add(0);
      for (int i = 0; i < text.length(); i++) {
        if (text.charAt(i) == '\n') {
          lines.add(i + 1);
        }
      }
    }

    private Yaml.Table device(Yaml.Table root, String id) {
      List<Yaml> devices = new ArrayList<>();
      for (Yaml line : items(root, "lines")) {
        if (line instanceof Yaml.Table table) {
          devices.addAll(items(table, "devices"));
        }
      }
      return named(devices, id, "device");
    }

    private Yaml.Table meter(Yaml.Table root, String id) {
      return value(root, "metering") instanceof Yaml.Table metering
          ? named(items(metering, "meters"), id, "metering point")
          : named(List.of(), id, "metering point");
    }

    private Yaml.Table named(List<Yaml> all, String id, String what) {
      for (Yaml each : all) {
        if (each instanceof Yaml.Table table
            && value(table, "id") instanceof Yaml.Text name
            && name.text().equals(id)) {
          return table;
        }
      }
      throw new IllegalArgumentException("the site file has no " + what + " '" + id + "'");
    }

    private int at(Yaml node) {
      return text.offsetByCodePoints(lines.get(node.line() - 1), node.column() - 1);
    }

    /** Behind a scalar that stands on one line. */
    private int end(Yaml.Text scalar) {
      int from = at(scalar);
      if (scalar.plain()) {
        if (text.startsWith(scalar.text(), from)) {
          return from + scalar.text().length();
        }
        throw byHand(scalar);
      }
      char quote = text.charAt(from);
      for (int i = from + 1; i < text.length() && text.charAt(i) != '\n'; i++) {
        char c = text.charAt(i);
        if (c == '\\' && quote == '"') {
          i++;
        } else if (c == quote && i + 1 < text.length() && text.charAt(i + 1) == quote) {
          i++;
        } else if (c == quote) {
          return i + 1;
        }
      }
      throw byHand(scalar);
    }

    private static IllegalArgumentException byHand(Yaml node) {
      return new IllegalArgumentException(
          "line "
              + node.line()
              + " of the site file is written in a way that only a person should"
              + " change: do it by hand");
    }

    private boolean isFlow(Yaml node, char opening) {
      return text.charAt(at(node)) == opening;
    }

    private String put(int from, int to, String instead) {
      return text.substring(0, from) + instead + text.substring(to);
    }

    /** Where the line of what ends at {@code from} ends, before its line feed. */
    private int lineEnd(int from) {
      int end = text.indexOf('\n', from);
      return end < 0 ? text.length() : end;
    }

    private static String indent(int column) {
      return " ".repeat(column - 1);
    }

    private String set(Yaml.Table table, String key, String value) {
      Yaml old = value(table, key);
      if (old instanceof Yaml.Text scalar && !scalar.isNothing()) {
        return put(at(scalar), end(scalar), value);
      }
      if (old instanceof Yaml.Items list && isFlow(list, '[')) {
        return put(at(list), behind(list), value);
      }
      if (old != null) {
        throw byHand(old);
      }
      return insert(table, key + ": " + value, key + ": " + value);
    }

    /** A key more, behind the first one. */
    private String insert(Yaml.Table table, String inFlow, String inBlock) {
      if (table.entries().isEmpty()) {
        throw byHand(table);
      }
      Yaml.Entry first = table.entries().getFirst();
      Yaml value = first.value();
      if (!(value instanceof Yaml.Text || isFlow(value, '{') || isFlow(value, '['))) {
        int at = at(first.key()); // before it, because the end of a block is not seen
        return put(at, at, inBlock + "\n" + indent(first.key().column()));
      }
      int end = behind(value);
      if (isFlow(table, '{')) {
        return put(end, end, ", " + inFlow);
      }
      int line = lineEnd(end);
      return put(line, line, "\n" + indent(first.key().column()) + inBlock);
    }

    /** One more in a list of a table. */
    private String add(Yaml.Table table, String key, String flow) {
      Yaml old = value(table, key);
      if (old instanceof Yaml.Items list) {
        if (isFlow(list, '[')) {
          int in = at(list) + 1;
          return put(in, in, flow + (list.items().isEmpty() ? "" : ", "));
        }
        int line = lineEnd(lines.get(last(list) - 1));
        return put(line, line, "\n" + indent(list.column()) + "- " + flow);
      }
      if (old instanceof Yaml.Text nothing && nothing.isNothing()) {
        Yaml.Entry entry =
            table.entries().stream()
                .filter(each -> each.key().text().equals(key))
                .findFirst()
                .orElseThrow();
        int line = lineEnd(at(entry.key()));
        return put(line, line, "\n" + indent(entry.key().column() + 2) + "- " + flow);
      }
      if (old != null) {
        throw byHand(old);
      }
      String deeper = indent(table.entries().getFirst().key().column() + 2);
      return insert(table, key + ": [" + flow + "]", key + ":\n" + deeper + "- " + flow);
    }

    /** A list with one less. */
    private String without(Yaml.Items list, Yaml item) {
      int from = at(item);
      boolean inFlow = isFlow(item, '{');
      int to = inFlow ? behind(item) : lineEnd(lines.get(last(item) - 1));
      if (isFlow(list, '[')) {
        int after = skipped(to);
        if (text.charAt(after) == ',') {
          return put(from, skipped(after + 1), "");
        }
        int before = from;
        while (Character.isWhitespace(text.charAt(before - 1))) {
          before--;
        }
        return put(text.charAt(before - 1) == ',' ? before - 1 : from, to, "");
      }
      int begin = lines.get(item.line() - 1);
      if (!text.substring(begin, from).isBlank()
          && !text.substring(begin, from).strip().equals("-")) {
        throw byHand(item);
      }
      if (list.items().size() == 1) {
        return put(text.lastIndexOf('-', from), inFlow ? to : lineEnd(to), "[]");
      }
      return put(begin, Math.min(text.length(), lineEnd(to) + 1), "");
    }

    private int skipped(int from) {
      int at = from;
      while (Character.isWhitespace(text.charAt(at))) {
        at++;
      }
      return at;
    }

    /** Behind a value in flow form: what it holds ends where the reader of YAML found it. */
    private int behind(Yaml node) {
      int from = at(node);
      int end =
          switch (node) {
            case Yaml.Text scalar -> end(scalar);
            case Yaml.Items(int line, int column, List<Yaml> items) ->
                items.isEmpty() ? from + 1 : behind(items.getLast());
            case Yaml.Table(int line, int column, List<Yaml.Entry> entries) ->
                entries.isEmpty() ? from + 1 : behind(entries.getLast());
          };
      if (end < from) {
        throw byHand(node); // an alias: its value stands elsewhere
      }
      char closing = isFlow(node, '{') ? '}' : isFlow(node, '[') ? ']' : 0;
      return node instanceof Yaml.Text || closing == 0 ? end : behind(closing, end, node);
    }

    private int behind(Yaml.Entry entry) {
      int key = end(entry.key());
      int value = behind(entry.value());
      if (value < key) {
        throw byHand(entry.key());
      }
      return value;
    }

    /** Behind the bracket that comes next, with at most a comma and comments before it. */
    private int behind(char closing, int from, Yaml node) {
      for (int i = from; i < text.length(); i++) {
        char c = text.charAt(i);
        if (c == closing) {
          return i + 1;
        }
        if (c == '#') {
          i = lineEnd(i);
        } else if (c != ',' && !Character.isWhitespace(c)) {
          break;
        }
      }
      throw byHand(node);
    }

    /** The last line on which anything of a value begins. */
    private static int last(Yaml node) {
      int line = node.line();
      switch (node) {
        case Yaml.Text scalar -> {}
        case Yaml.Items(int at, int column, List<Yaml> items) -> {
          for (Yaml item : items) {
            line = Math.max(line, last(item));
          }
        }
        case Yaml.Table(int at, int column, List<Yaml.Entry> entries) -> {
          for (Yaml.Entry entry : entries) {
            line = Math.max(line, Math.max(entry.key().line(), last(entry.value())));
          }
        }
      }
      return line;
    }

    private String append(String more) {
      return text + (text.isEmpty() || text.endsWith("\n") ? "" : "\n") + more;
    }
  }
}
