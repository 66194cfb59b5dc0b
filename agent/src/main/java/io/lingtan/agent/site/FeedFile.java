package io.lingtan.agent.site;

import io.lingtan.agent.site.activity.Activity;
import io.lingtan.agent.site.yaml.Problem;
import io.lingtan.agent.site.yaml.Problem.Severity;
import io.lingtan.agent.site.yaml.Problems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A feed in a file, with what identifies it: whoever put the file there answers for it.
 *
 * @param file as the site file names it
 * @param sha256 of its bytes, hex
 * @param changed when it was last written
 */
public record FeedFile(Path file, String sha256, Instant changed, Feeds feeds) {

  private static final int LARGEST = 1_000_000;

  /** What is older stays as it is and is doubted: energies are kept for so many years. */
  private static final int MOST_YEARS = 5;

  private static final int MOST_TOLD = 20;

  /** Before it there were no such files. */
  private static final LocalDate FIRST_WRITTEN = LocalDate.of(2025, 1, 1);

  /** The file read; null if a problem was told, with its line and column. */
  static @Nullable public FeedFile read(Path file, Problems problems) {
    return read(file, FeedReader.Known.ANY, problems);
  }

  /** The same, held against what is known. */
  static @Nullable public FeedFile read(Path file, FeedReader.Known known, Problems problems) {
    byte[] bytes;
    String text;
    Instant changed;
    try {
      bytes = SmallFile.read(file, LARGEST);
      text = SmallFile.table(bytes);
      changed = Files.getLastModifiedTime(file).toInstant().truncatedTo(ChronoUnit.SECONDS);
    } catch (SmallFile.Refused e) {
      error(problems, file, 0, 0, e.getMessage() + ": no feed");
      return null;
    } catch (IOException e) {
      error(problems, file, 0, 0, "cannot be read: " + e.getMessage());
      return null;
    }
    Feeds feeds =
        FeedReader.read(
            text,
            known,
            new FeedReader.Sink() {
              @Override
              public void problem(int line, int column, String message) {
                error(problems, file, line, column, message);
              }

              @Override
              public void doubt(int line, int column, String message) {
                problems.addAll(
                    List.of(new Problem(Severity.WARNING, file, line, column, message)));
              }
            });
    if (feeds == null) {
      return null;
    }
    doubtEnd(problems, file, text);
    LocalDate last = lastDay(changed);
    old(feeds, last, file, problems);
    for (Activity row : feeds.activities()) {
      if (row.day().isAfter(last)) {
        problems.addAll(
            List.of(
                new Problem(
                    Severity.WARNING,
                    file,
                    0,
                    0,
                    ("%s was still to come when the file was written, by %s: a wrong day, or this"
                            + " machine's clock was behind")
                        .formatted(row.key(), last))));
      }
    }
    return new FeedFile(file, Sha256.hex(bytes), changed, feeds);
  }

  /** A table that was cut within a number has a good number still. */
  public static void doubtEnd(Problems problems, Path file, String text) {
    if (!text.endsWith("\n") && !text.endsWith("\r")) {
      problems.addAll(
          List.of(
              new Problem(
                  Severity.WARNING,
                  file,
                  Math.toIntExact(text.lines().count()),
                  1,
                  "the last line has no end: if the file was cut while it was copied, this line is"
                      + " not whole")));
    }
  }

  /** A slip of the year is as good a day as any other. */
  private static void old(Feeds feeds, LocalDate written, Path file, Problems problems) {
    if (written.equals(LocalDate.MAX)) {
      return;
    }
    LocalDate first = written.minusYears(MOST_YEARS);
    Stream.concat(
            feeds.activities().stream()
                .filter(row -> row.day().isBefore(first))
                .map(row -> row.key().toString()),
            feeds.buses().stream()
                .filter(row -> row.day().isBefore(first))
                .map(row -> row.bus() + " on " + row.day()))
        .limit(MOST_TOLD)
        .forEach(
            row ->
                problems.addAll(
                    List.of(
                        new Problem(
                            Severity.WARNING,
                            file,
                            0,
                            0,
                            "%s is more than %d years before the file was written: a wrong year?"
                                .formatted(row, MOST_YEARS)))));
  }

  /**
   * The last day, anywhere on Earth, of which a file can tell that was written then. A machine
   * without a clock writes files in the year in which its own begins: of those nobody knows.
   */
  private static LocalDate lastDay(Instant written) {
    LocalDate day = LocalDate.ofInstant(written, ZoneOffset.ofHours(14));
    return day.isBefore(FIRST_WRITTEN) ? LocalDate.MAX : day;
  }

  public static void error(Problems problems, Path file, int line, int column, String message) {
    problems.addAll(List.of(new Problem(Severity.ERROR, file, line, column, message)));
  }
}
