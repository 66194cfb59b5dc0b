package io.lingtan.simulator;

/** The command line. */
public final class Main {
  private Main() {}

  /** Prints the usage and exits 2: no command exists yet. */
  public static void main(String[] args) {
    System.err.println("usage: lingtan-sim COMMAND [OPTION...]");
    System.exit(2);
  }
}
