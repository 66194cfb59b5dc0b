package io.lingtan.agent;

import io.lingtan.agent.journal.Connector;

/**
 * What the agent takes from the machine it runs on, beside its clocks and ports. The simulator's
 * machines have cards that fail, and swap them.
 *
 * @param machine identity; another one means that the card was copied
 * @param connector the way to the journal's file
 */
public record Host(String machine, Connector connector) {

  /** This machine. */
  public static Host real() {
    return new Host(Machine.identity(), Connector.sqlite());
  }
}
