package io.lingtan.agent.status.handover;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.Json;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.run.WholeFile;
import io.lingtan.agent.status.handover.HandoverSheet.Mark;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The acceptance records that this gateway has made, each as HTML and as CSV in a folder beside the
 * journal. The newest {@value #MOST_KEPT} are kept. Any thread.
 *
 * <p>Crash contract: when {@link #keep} returns both files are on the card. One of them alone may
 * be there if it does not; it is whole and sealed all the same.
 */
public final class Acceptances {

  public static final String EVENT = "command.accepted";

  private static final int MOST_KEPT = 16;
  private static final long APART_MILLIS = 3000;
  private static final int LARGEST_BYTES = 4 << 20;
  private static final Pattern NAME =
      Pattern.compile("acceptance-[A-Za-z0-9_.-]{1,100}\\.(html|csv)");
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  private final Path folder;
  private final Seal seal;
  private final Consumer<Event> events;
  private final Time time;
  private @Nullable MonotonicInstant last;

  /** Signs with the gateway's key. */
  public interface Seal {
    /** The text with its last line, null if there is no key that lasts. */
    @Nullable String on(String text);

    /** Of a sealed text, for the event that tells of it. */
    String hash(String text);
  }

  /**
   * @param events is told of each one
   */
  public Acceptances(Path folder, Seal seal, Consumer<Event> events, Time time) {
    this.folder = folder;
    this.seal = seal;
    this.events = events;
    this.time = time;
  }

  /** What came of it. */
  public sealed interface Answer {
    /**
     * @param json its name and what it counts
     */
    record Made(String json) implements Answer {}

    /** There is no key that lasts, so nobody could check the record. */
    record NoKey() implements Answer {}

    /**
     * @param why what the folder says
     */
    record Unwritable(Path folder, String why) implements Answer {}
  }

  /** Whether one was made just now; a person reads it before making the next. */
  public synchronized boolean isTooSoon() {
    MonotonicInstant before = last;
    return before != null && time.now().millisSince(before) < APART_MILLIS;
  }

  /** Signs and keeps a sheet in both forms. */
  public synchronized Answer keep(String gateway, Order order, HandoverSheet sheet) {
    String made = "acceptance-" + gateway + "-" + STAMP.format(now());
    String html = seal.on(SheetHtml.of(sheet, made, order.language()));
    String csv = seal.on(SheetCsv.of(sheet, order.language()));
    if (html == null || csv == null) {
      return new Answer.NoKey();
    }
    last = time.now();
    try {
      Files.createDirectories(folder);
      String name = free(made);
      WholeFile.replace(folder.resolve(name + ".csv"), csv.getBytes(UTF_8));
      WholeFile.replace(folder.resolve(name + ".html"), html.getBytes(UTF_8));
      forgetOldest(name);
      long open = sheet.count(Mark.OPEN);
      long bad = sheet.count(Mark.BAD);
      events.accept(
          Event.of(EVENT, bad > 0 ? Severity.WARNING : Severity.INFO)
              .with("technician", order.technician())
              .with("file", name)
              .with("sha256", seal.hash(html))
              .with("unchecked", open)
              .with("wrong", bad));
      return new Answer.Made(made(name, open, bad));
    } catch (IOException e) {
      return new Answer.Unwritable(folder, e.toString());
    }
  }

  private Instant now() {
    return Instant.ofEpochMilli(time.wall().millisAt(time.now()));
  }

  private String free(String name) {
    String free = name;
    for (int i = 2; Files.exists(folder.resolve(free + ".html")); i++) {
      free = name + "-" + i;
    }
    return free;
  }

  private static String made(String name, long open, long bad) {
    return Json.object(
        json -> {
          json.writeStringField("name", name);
          json.writeNumberField("unchecked", open);
          json.writeNumberField("wrong", bad);
        });
  }

  /** The names of those that are kept, the newest first. */
  public synchronized List<String> names() {
    List<Path> kept = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "acceptance-*.html")) {
      files.forEach(kept::add);
      List<String> names = new ArrayList<>();
      for (Path each : kept.stream().sorted(Comparator.comparing(Acceptances::written)).toList()) {
        names.addFirst(each.getFileName().toString().replaceFirst("\\.html$", ""));
      }
      return names;
    } catch (NoSuchFileException none) {
      return List.of();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static Instant written(Path file) {
    try {
      return Files.getLastModifiedTime(file).toInstant();
    } catch (IOException gone) {
      return Instant.EPOCH;
    }
  }

  private void forgetOldest(String fresh) throws IOException {
    List<String> kept = names();
    for (String name : kept.subList(Math.min(MOST_KEPT, kept.size()), kept.size())) {
      if (!name.equals(fresh)) {
        Files.deleteIfExists(folder.resolve(name + ".html"));
        Files.deleteIfExists(folder.resolve(name + ".csv"));
      }
    }
  }

  /** The names, as JSON. */
  public String list() {
    String[] names = names().toArray(String[]::new);
    return Json.text(json -> json.writeArray(names, 0, names.length));
  }

  /** A file as it was made; null if there is none of that name. */
  public byte @Nullable [] file(String name) {
    if (!NAME.matcher(name).matches()) {
      return null;
    }
    Path file = folder.resolve(name);
    try {
      return Files.size(file) > LARGEST_BYTES ? null : Files.readAllBytes(file);
    } catch (IOException gone) {
      return null;
    }
  }
}
