package io.lingtan.simulator.demo;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the demo does to its own site, one key each. */
enum Sabotage {
  /** Nobody takes records. */
  BROKER(
      'b',
      "broker away",
      10_000,
      5_000,
      "The broker goes away for 10 s. Expect: reading goes on, records wait in the journal, and"
          + " arrive late but each once."),

  /** The agent has no chance to say goodbye. */
  KILL(
      'k',
      "agent killed",
      2_000,
      5_000,
      "kill -9 for the agent, started again after 2 s. Expect: what was committed arrives, and an"
          + " agent.start event names the time that nobody read."),

  /** A device does not answer. */
  METER(
      'm',
      "meter dead",
      20_000,
      // The agent asks a dead unit after 2, 4, 8 and 16 s.
      17_000,
      "The PV inverter does not answer for 20 s. Expect: absent values with a reason, never a zero;"
          + " its register makes the energy good afterwards."),

  /** Answers arrive when nobody waits for them any more. */
  LATE(
      'l',
      "late replies",
      20_000,
      5_000,
      "For 20 s every second reply of the grid meter comes after the timeout. Expect: none of them"
          + " is taken for the answer to a later request.");

  private final char key;
  private final String title;
  private final long millis;
  private final long recoveryMillis;
  private final String expectation;

  Sabotage(char key, String title, long millis, long recoveryMillis, String expectation) {
    this.key = key;
    this.title = title;
    this.millis = millis;
    this.recoveryMillis = recoveryMillis;
    this.expectation = expectation;
  }

  /** The order in which the story plays them. */
  static final List<Sabotage> STORY = List.of(BROKER, KILL, METER, LATE);

  static @Nullable Sabotage of(int key) {
    for (Sabotage sabotage : values()) {
      if (sabotage.key == Character.toLowerCase(key)) {
        return sabotage;
      }
    }
    return null;
  }

  /** Two words for the picture. */
  String title() {
    return title;
  }

  /** How long it lasts. */
  long millis() {
    return millis;
  }

  /** After its end, until everything is as before. */
  long recoveryMillis() {
    return recoveryMillis;
  }

  /** One sentence on what it is and what to expect. */
  String expectation() {
    return expectation;
  }

  /** Whether devices go unread meanwhile, so that an interval's boundary in it is interpolated. */
  boolean disturbsReading() {
    // Of the late replies only every second one is late.
    return this == KILL || this == METER;
  }
}
