package io.lingtan.agent.status;

import java.util.Locale;

/**
 * Why something that was asked of the agent is not done. The page has a sentence for each in both
 * languages ({@code no.WORD} among its words), in which values in braces are the refusal's.
 */
public enum Why {
  /** More in a minute than anybody types. */
  MANY(429),
  /** {@code line seconds}: something else keeps a line busy. */
  BUSY(409),
  STOPPING(503),
  /** This agent does not do that. */
  NOT_HERE(404),
  /** {@code why} */
  NOT_UNDERSTOOD(400),
  NO_EVENT(404),
  QUEUE_FULL(503),
  /** {@code names}: no such line or device. */
  NO_LINE(404),
  /** {@code line} */
  NOT_POLLED(400),
  NOTHING_SHOWN(400),
  /** {@code shown} */
  SHOWN_FORM(400),
  CLOCK_FORM(400),
  /** {@code known}: it is earlier than that, or years later. */
  CLOCK_DOUBTFUL(409),
  CLOCK_NOT_TRUSTED(409),
  CLOCK_NOT_NEEDED(409),
  /** The site file is not the one that runs. */
  FILE_EDITED(409),
  SAID_ALREADY(409),
  NO_FILE_BEFORE(404),
  /** {@code why} */
  FILE_UNREADABLE(409),
  /** {@code why} */
  FILE_UNWRITABLE(409),
  /** {@code why}: what is wrong with it, by line. */
  BAD_SITE_FILE(422),
  /** {@code why}: what is wrong with a secret or a certificate. */
  FILE_FORM(400),
  /** {@code what} */
  NEEDS_START(409),
  /** {@code name value} */
  VALUE(400),
  /** {@code why}: it contradicts what was told, or is of a time whose records are closed. */
  FEED_REFUSED(409),
  /** {@code why}: there is no such thing in the file, or it is written in a way of its own. */
  BY_HAND(400),
  OTHER_PROPOSAL(409),
  CHANGE_UNDER_WAY(409),
  FILE_CHANGED(409),
  NO_KEY(409),
  /** {@code why} */
  RECORD_UNWRITABLE(409),
  RECORD_SOON(429),
  TECHNICIAN(400),
  NOTE(400);

  private final int status;

  Why(int status) {
    this.status = status;
  }

  /** Of HTTP. */
  public int status() {
    return status;
  }

  /** As it stands in answers. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
