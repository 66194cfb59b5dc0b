package io.lingtan.agent.run;

/**
 * An end of the process that nothing is wrong with but its surroundings: it must not go on, and the
 * message tells whoever runs it why, where, and what to do.
 */
public abstract class Halt extends Error {
  private static final long serialVersionUID = 1L;

  protected Halt(String words) {
    super(words);
  }
}
