package io.lingtan.agent.site;

import io.lingtan.agent.site.Certificates.Applied;
import io.lingtan.agent.site.Problem.Severity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file of certificates: CSV with the line {@code month,certificates,vintage,reference}
 * first. What is wrong is told with its line; one wrong line spoils the file, because a sum of the
 * rest would look right.
 */
final class CertificatesReader {

  private static final String HEADER = "month,certificates,vintage,reference";
  private static final long LARGEST = 1_000_000;

  /** Certificates expire after two years. */
  private static final int MOST_MONTHS = 24;

  private final Path file;
  private final Problems problems;
  private final Map<String, Integer> lineOf = new HashMap<>();
  private boolean spoilt;

  CertificatesReader(Path file, Problems problems) {
    this.file = file;
    this.problems = problems;
  }

  Certificates read() {
    List<String> lines;
    try {
      if (Files.size(file) > LARGEST) {
        error(0, "is larger than " + LARGEST + " bytes: no list of certificates");
        return Certificates.NONE;
      }
      lines = Files.readAllLines(file);
    } catch (IOException e) {
      error(0, "cannot be read as UTF-8 text: " + e.getMessage());
      return Certificates.NONE;
    }
    if (lines.isEmpty() || !lines.getFirst().strip().equals(HEADER)) {
      error(1, "begins with the line " + HEADER);
      return Certificates.NONE;
    }
    List<Applied> applied = new ArrayList<>();
    for (int i = 1; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      Applied entry = line.isEmpty() ? null : entry(line, i + 1);
      if (entry != null) {
        applied.add(entry);
      }
    }
    return spoilt ? Certificates.NONE : new Certificates(applied);
  }

  private @Nullable Applied entry(String line, int number) {
    String[] cells = line.split(",", -1);
    if (cells.length != 4) {
      error(number, "has 4 cells (" + HEADER + "), not " + cells.length);
      return null;
    }
    YearMonth month = month(cells[0].strip(), number);
    Long count = Words.whole(cells[1].strip());
    YearMonth vintage = month(cells[2].strip(), number);
    String reference = cells[3].strip();
    if (count == null || count < 1 || count > 100_000_000) {
      error(number, "certificates is a whole number from 1, not '" + cells[1].strip() + "'");
      return null;
    }
    if (reference.isEmpty()) {
      error(number, "reference is the number in the registry; without one it proves nothing");
      return null;
    }
    Integer first = lineOf.putIfAbsent(reference, number);
    if (first != null) {
      error(number, reference + " is used in line " + first + " already: energy claimed twice");
      return null;
    }
    if (month == null || vintage == null) {
      return null;
    }
    if (vintage.isAfter(month) || vintage.plusMonths(MOST_MONTHS).isBefore(month)) {
      error(
          number,
          "vintage %s cannot cover %s: certificates are used within %d months of being made"
              .formatted(vintage, month, MOST_MONTHS));
      return null;
    }
    return new Applied(month, count, vintage, reference);
  }

  private @Nullable YearMonth month(String text, int number) {
    try {
      return YearMonth.parse(text);
    } catch (DateTimeException e) {
      error(number, "'" + text + "' is no month such as 2025-06");
      return null;
    }
  }

  private void error(int line, String message) {
    spoilt = true;
    problems.addAll(List.of(new Problem(Severity.ERROR, file, line, line == 0 ? 0 : 1, message)));
  }
}
