package io.lingtan.agent.audit.verify;

/**
 * Something that is wrong with a record of a file.
 *
 * @param line where it stands, from 1
 * @param epoch of the record, empty if that cannot be told
 * @param seq of the record, 0 if that cannot be told
 * @param interval length and start of it, empty if that cannot be told
 * @param field the member that is wrong, such as {@code metrics.co2.total.v}
 * @param kind a word for programs
 * @param what in words, with what was seen and what was expected
 */
public record Flaw(
    long line, String epoch, long seq, String interval, String field, Kind kind, String what) {

  /** What can be wrong. */
  public enum Kind {
    /** No record, or one without what a record needs. */
    MALFORMED,
    /** Without a signature. */
    UNSIGNED,
    /** The signature is not this key's over this record. */
    SIGNATURE,
    /** A number that the canonical form does not hold in full, so that it is not wholly signed. */
    NOT_EXACT,
    /** Two records under one number, or other figures of one interval under one revision. */
    TWO_CONTENTS,
    /** It stands after a record that it comes before. */
    ORDER,
    /** The record before it is not there. */
    MISSING,
    /** It does not name the record before it. */
    CHAIN,
    /** Nothing is wrong, and nothing shows that no record was taken away here. */
    UNSHOWN,
    /** A figure that does not follow from its energy and its factor. */
    CARBON,
    /** A correction for which no two people answer. */
    CORRECTION,
    /** A monthly report that says otherwise than its month's record, or than itself. */
    REPORT,
    /** A factor that is not given, or is given with two values. */
    FACTOR;

    /** As it is written in JSON. */
    public String word() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** One line for a person. */
  public String text() {
    StringBuilder text = new StringBuilder("line ").append(line);
    if (seq > 0) {
      text.append(": epoch ").append(epoch).append(" seq ").append(seq);
    }
    if (!interval.isEmpty()) {
      text.append(" (").append(interval).append(')');
    }
    if (!field.isEmpty()) {
      text.append(", ").append(field);
    }
    return text.append(": ").append(what).toString();
  }
}
