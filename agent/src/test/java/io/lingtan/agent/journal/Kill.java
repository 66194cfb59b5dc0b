package io.lingtan.agent.journal;

/** Ends a journal as a killed process would leave it, for tests of what is built on it. */
public final class Kill {

  private Kill() {}

  public static void kill(Journal journal) {
    journal.crash();
  }
}
