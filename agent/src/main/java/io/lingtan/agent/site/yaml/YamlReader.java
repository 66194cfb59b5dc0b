package io.lingtan.agent.site.yaml;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Makes {@link Yaml} of a file's bytes. Built on parser events, because the library's composer
 * recurses without a limit and a file of brackets would end in a stack overflow.
 */
public final class YamlReader {

  /** Bytes; a site with a hundred meters has 20,000. */
  public static final int LARGEST = 1_000_000;

  /** Levels; a site file has six. */
  private static final int DEEPEST = 32;

  /**
   * Values, each alias counted with all that is behind it: stops files that multiply themselves.
   */
  private static final int MOST_VALUES = 100_000;

  private final Iterator<Event> events;
  private final Problems problems;
  private final Map<Anchor, Counted> anchors = new HashMap<>();

  /** Where the last event was: what the library says without a place is not far behind it. */
  private int line = 1;

  private int column = 1;

  private record Counted(Yaml value, int values) {}

  /** The file cannot be used any further; its problem has been told. */
  private static final class Unreadable extends Exception {
    private static final long serialVersionUID = 1L;
  }

  private YamlReader(Iterator<Event> events, Problems problems) {
    this.events = events;
    this.problems = problems;
  }

  /** The file's only document; null, with a problem, if there is none to be had. */
  public static @Nullable Yaml read(byte[] bytes, Problems problems) {
    if (bytes.length > LARGEST) {
      problems.error(
          "the file has " + bytes.length + " bytes, at most " + LARGEST + " can be right");
      return null;
    }
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      notUtf8(bytes, problems);
      return null;
    }
    LoadSettings settings =
        LoadSettings.builder().setLabel("").setCodePointLimit(LARGEST + 1).build();
    YamlReader reader = new YamlReader(new Parse(settings).parseString(text).iterator(), problems);
    try {
      return reader.document();
    } catch (Unreadable told) {
      return null;
    } catch (MarkedYamlEngineException e) {
      Optional<Mark> mark = e.getProblemMark().or(e::getContextMark);
      String what = e.getContext() == null ? "" : " (" + e.getContext() + ")";
      problems.error(
          mark.map(Mark::getLine).orElse(reader.line - 1) + 1,
          mark.map(Mark::getColumn).orElse(reader.column - 1) + 1,
          "not YAML: " + e.getProblem() + what);
      return null;
    } catch (ReaderException e) {
      String before = text.substring(0, text.offsetByCodePoints(0, clamp(e.getPosition(), text)));
      int line = (int) before.chars().filter(c -> c == '\n').count() + 1;
      problems.error(
          line,
          before.length() - before.lastIndexOf('\n'),
          String.format("character U+%04X cannot be in a YAML file", e.getCodePoint()));
      return null;
    } catch (YamlEngineException e) {
      problems.error(reader.line, reader.column, "not YAML behind this: " + e.getMessage());
      return null;
    }
  }

  private static int clamp(int position, String text) {
    return Math.clamp(position, 0, text.codePointCount(0, text.length()));
  }

  private static void notUtf8(byte[] bytes, Problems problems) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    var out = java.nio.CharBuffer.allocate(bytes.length);
    StandardCharsets.UTF_8.newDecoder().decode(in, out, true);
    String before = out.flip().toString();
    problems.error(
        (int) before.chars().filter(c -> c == '\n').count() + 1,
        before.length() - before.lastIndexOf('\n'),
        "the file is not UTF-8 here; save it as UTF-8");
  }

  private @Nullable Yaml document() throws Unreadable {
    Yaml root = null;
    while (events.hasNext()) {
      Event event = next();
      switch (event.getEventId()) {
        case StreamStart, StreamEnd, DocumentEnd, Comment -> {}
        case DocumentStart -> {
          if (root != null) {
            throw stop(event, "a second document begins here; one file holds one");
          }
        }
        default -> root = value(event, 0).value();
      }
    }
    if (root == null) {
      problems.error("the file is empty");
    }
    return root;
  }

  private Event next() {
    Event event = events.next();
    line = Math.max(1, line(event));
    column = Math.max(1, column(event));
    return event;
  }

  private Counted value(Event event, int depth) throws Unreadable {
    if (depth > DEEPEST) {
      throw stop(event, "nested more than " + DEEPEST + " levels deep");
    }
    if (event instanceof AliasEvent alias) {
      Counted known = anchors.get(alias.getAlias());
      if (known == null) {
        throw stop(event, "*" + alias.getAlias().getValue() + " stands before its & is complete");
      }
      return known;
    }
    if (tag(event).isPresent()) {
      throw stop(event, "tags such as " + tag(event).get() + " are not used here; delete it");
    }
    Counted made =
        switch (event) {
          case ScalarEvent scalar ->
              new Counted(
                  new Yaml.Text(line(event), column(event), scalar.getValue(), scalar.isPlain()),
                  1);
          case MappingStartEvent _ -> table(event, depth);
          default -> items(event, depth);
        };
    if (event instanceof NodeEvent node) {
      node.getAnchor().ifPresent(anchor -> anchors.put(anchor, made));
    }
    return made;
  }

  private Counted items(Event start, int depth) throws Unreadable {
    List<Yaml> items = new ArrayList<>();
    int values = 1;
    Event event = next();
    while (event.getEventId() != Event.ID.SequenceEnd) {
      Counted item = value(event, depth + 1);
      values = more(start, values, item.values());
      items.add(item.value());
      event = next();
    }
    return new Counted(new Yaml.Items(line(start), column(start), items), values);
  }

  private Counted table(Event start, int depth) throws Unreadable {
    List<Yaml.Entry> entries = new ArrayList<>();
    int values = 1;
    Event event = next();
    while (event.getEventId() != Event.ID.MappingEnd) {
      if (!(value(event, depth + 1).value() instanceof Yaml.Text key)) {
        throw stop(event, "a key must be a word");
      }
      Counted value = value(next(), depth + 1);
      values = more(start, values, value.values());
      // An alias as key keeps its anchor's place; the place of the key itself is what helps.
      entries.add(
          new Yaml.Entry(
              new Yaml.Text(line(event), column(event), key.text(), key.plain()), value.value()));
      event = next();
    }
    return new Counted(new Yaml.Table(line(start), column(start), entries), values);
  }

  private int more(Event at, int values, int added) throws Unreadable {
    if (values + added > MOST_VALUES) {
      throw stop(at, "more than " + MOST_VALUES + " values");
    }
    return values + added;
  }

  private static Optional<String> tag(Event event) {
    return switch (event) {
      case ScalarEvent scalar -> scalar.getTag();
      case CollectionStartEvent collection -> collection.getTag();
      default -> Optional.empty();
    };
  }

  private Unreadable stop(Event at, String message) {
    problems.error(line(at), column(at), message);
    return new Unreadable();
  }

  private static int line(Event event) {
    return event.getStartMark().map(Mark::getLine).orElse(-1) + 1;
  }

  private static int column(Event event) {
    return event.getStartMark().map(Mark::getColumn).orElse(-1) + 1;
  }
}
