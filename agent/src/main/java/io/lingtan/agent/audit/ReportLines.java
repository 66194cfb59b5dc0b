package io.lingtan.agent.audit;

import io.lingtan.agent.reading.foreign.ForeignText;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The lines of a report, each one line whatever stands in what others have said. */
final class ReportLines {

  private final StringBuilder text = new StringBuilder();

  /**
   * Adds one.
   *
   * @param form of {@link String#format}, without an end of the line
   */
  @SuppressWarnings("AnnotateFormatMethod") // the annotation is in a library that is not here
  void add(String form, @Nullable Object... parts) {
    text.append(ForeignText.line(String.format(Locale.ROOT, form, parts))).append('\n');
  }

  String text() {
    return text.toString();
  }
}
