package io.lingtan.agent;

/** The command line. */
public final class Main {
  private Main() {}

  /** Prints the usage and exits 2: no command exists yet. */
  public static void main(String[] args) {
    System.err.println("usage: lingtan COMMAND [OPTION...]");
    System.exit(2);
  }
}
