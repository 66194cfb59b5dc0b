package io.lingtan.agent.closing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lingtan.agent.closing.MonthDocument.Known;
import io.lingtan.agent.journal.History.Place;
import io.lingtan.agent.reading.Json;
import io.lingtan.agent.run.WholeFile;
import io.lingtan.agent.seal.JsonValue;
import io.lingtan.agent.seal.JsonValue.NotJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.YearMonth;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where documents are kept: one file each, and {@code looked.json}, up to which record all months
 * have theirs.
 *
 * <p>Crash contract: what was kept when a method returned is on the card. The place is written
 * after the documents of all records before it; if it is not, records are looked at again that have
 * theirs.
 */
final class DocumentFolder {

  private static final Logger log = LoggerFactory.getLogger(DocumentFolder.class);

  private static final int LARGEST = 1 << 20;
  private static final String ENDING = ".json";

  private final Path folder;

  DocumentFolder(Path folder) {
    this.folder = folder;
  }

  /** Shows the documents that are kept, ascending, {@link ClosingStep#MOST_MONTHS} at most. */
  Found read(BiConsumer<YearMonth, String> to) {
    TreeMap<YearMonth, Known> known = new TreeMap<>();
    Set<YearMonth> damaged = new TreeSet<>();
    List<YearMonth> all = months();
    for (YearMonth month :
        all.subList(Math.max(0, all.size() - ClosingStep.MOST_MONTHS), all.size())) {
      Path file = file(month);
      try {
        String text = Files.size(file) > LARGEST ? "" : Files.readString(file);
        Known one = Known.of(text);
        if (one == null) {
          log.warn("{} is no document of a month, and is made anew", file);
          damaged.add(month);
        } else {
          known.put(month, one);
          to.accept(month, text);
        }
      } catch (IOException e) {
        log.warn("{} cannot be read, and is made anew: {}", file, e.toString());
        damaged.add(month);
      }
    }
    return new Found(known, damaged, damaged.isEmpty() ? place() : null);
  }

  /**
   * What was kept.
   *
   * @param damaged months whose file is no document
   * @param place up to where all records have their documents; null if nobody knows
   */
  record Found(TreeMap<YearMonth, Known> known, Set<YearMonth> damaged, @Nullable Place place) {}

  private List<YearMonth> months() {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(name -> name.matches("\\d{4}-(0[1-9]|1[0-2])\\.json"))
          .map(name -> YearMonth.parse(name.substring(0, name.length() - ENDING.length())))
          .sorted()
          .toList();
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      log.warn("{} cannot be read: {}", folder, e.toString());
      return List.of();
    }
  }

  private Path file(YearMonth month) {
    return folder.resolve(month + ENDING);
  }

  private Path looked() {
    return folder.resolve("looked.json");
  }

  private @Nullable Place place() {
    try {
      JsonValue.Obj json = JsonValue.object(Files.readString(looked()));
      String epoch = json.text("epoch");
      return epoch == null
          ? null
          : new Place(epoch, Long.parseLong(String.valueOf(json.number("seq"))));
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException | NotJson | NumberFormatException e) {
      log.warn("{} cannot be read, and is made anew: {}", looked(), e.toString());
      return null;
    }
  }

  void put(Place reached) throws IOException {
    Files.createDirectories(folder);
    WholeFile.replace(
        looked(),
        Json.object(
                json -> {
                  json.writeStringField("epoch", reached.epoch());
                  json.writeNumberField("seq", reached.seq());
                })
            .getBytes(UTF_8));
  }

  void put(YearMonth month, String text) throws IOException {
    Files.createDirectories(folder);
    WholeFile.replace(file(month), text.getBytes(UTF_8));
  }

  void remove(YearMonth month) throws IOException {
    Files.deleteIfExists(file(month));
  }
}
