package io.lingtan.agent.fleet;

import java.util.Locale;

/** A document that is not obeyed; the message says why, for a person. */
final class Unfit extends Exception {
  private static final long serialVersionUID = 1L;

  /** Which rule it breaks: {@code reason} of the event, in small letters. */
  enum Rule {
    TOO_LARGE,
    NOT_JSON,
    UNSIGNED,
    WRONGLY_SIGNED,
    FORM,
    OTHER_GATEWAY,
    OLD_SERIAL,
    CLOCK,
    EXPIRED,
    OTHER_BASE,
    PROTECTED,
    SITE_FILE,
    NOT_WRITTEN,
    NO_UPDATER,
    BUSY;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Whether anybody can make it be broken who may publish, without the fleet's key. */
    boolean isOfStrangers() {
      return this == TOO_LARGE || this == NOT_JSON || this == UNSIGNED || this == WRONGLY_SIGNED;
    }

    /** Whether the same document may be obeyed a little later. */
    boolean passes() {
      return this == CLOCK || this == BUSY || this == NOT_WRITTEN;
    }
  }

  private final Rule rule;

  Unfit(Rule rule, String message) {
    super(message);
    this.rule = rule;
  }

  Rule rule() {
    return rule;
  }

  String why() {
    return String.valueOf(getMessage());
  }
}
