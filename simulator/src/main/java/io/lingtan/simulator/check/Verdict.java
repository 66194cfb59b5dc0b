package io.lingtan.simulator.check;

/** Classes of failure, so that one fault of a program is told from another. */
public enum Verdict {
  /** Acknowledged, and never came to the subscriber; no drop explains it. */
  LOST("was acknowledged and never came"),
  /** Numbered, and neither came nor was declared dropped, though there was time. */
  UNDELIVERED("was numbered, and neither came nor was declared dropped"),
  /** A drop that counts more than never came. */
  OVERDECLARED("declares more dropped than never came"),
  /** A time of which no record and no event says why it has no readings. */
  UNDECLARED("has no readings, and nothing says why"),
  /** An interval that was never told. */
  MISSING("was never told"),
  /** One reading, revision or event under two keys. */
  TWICE("came under two keys"),
  /** Two contents under one key. */
  CONTRADICTION("came with two contents under one key"),
  /** Two contents of one interval under one revision. */
  TWO_CONTENTS("came with two contents under one revision"),
  /** A record whose {@code after} does not name the one before it in its stream. */
  BROKEN_LINK("does not name its predecessor"),
  /** A value or figure that says it is good, and is not true. */
  WRONG_BUT_GOOD("says it is good and is not"),
  /** A value that no fault can explain, whatever quality it claims. */
  WILDLY_WRONG("is farther from the truth than any fault explains"),
  /** An untouched interval whose figure is not measured, or not wholly. */
  NOT_MEASURED("is not measured though no fault touched it"),
  /** A figure that in the end says less than the readings that came would allow. */
  UNREVISED("knows less than the readings that came"),
  /** A figure that does not follow from those that it is made of, such as the parts of a sum. */
  INCONSISTENT("does not follow from what it is made of"),
  /** Carbon that is not energy times the factor in force. */
  WRONG_FACTOR("is not energy times the factor in force"),
  /** An interval record that its gateway did not sign, or that names another before it. */
  UNSIGNED("is not signed by its gateway, or does not name the record signed before it"),
  /** A time stamp at which nothing happened, or an interval that does not begin where it ought. */
  WRONG_TIME("has a time at which it did not happen"),
  /** An event, or a reason beside a value, for which nothing happened. */
  UNFOUNDED("tells of what did not happen"),
  /** Something happened that has an event of its own, and no event told of it. */
  UNTOLD("happened and was not told"),
  /** What is no record. */
  UNREADABLE("is no record"),
  /** A stage that ended in an exception, or broke the protocol. */
  BROKEN("broke");

  private final String words;

  Verdict(String words) {
    this.words = words;
  }

  /** What happened to the record, to be put behind its name. */
  public String words() {
    return words;
  }
}
