package io.lingtan.agent.command;

/** The exit codes of every command. */
public final class ExitCode {

  /** Everything went well. */
  public static final int GOOD = 0;

  /** It was tried and did not work. */
  public static final int FAILED = 1;

  /** Wrong usage or configuration. */
  public static final int WRONG_USAGE = 2;

  private ExitCode() {}
}
