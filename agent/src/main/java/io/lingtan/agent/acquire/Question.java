package io.lingtan.agent.acquire;

import io.lingtan.agent.acquire.modbus.BlockRead;

/** What the one request under way is for. */
sealed interface Question {

  Station station();

  /** The registers to know. */
  BlockRead wanted();

  /** The registers asked for, which are others where a late reply could be mistaken. */
  BlockRead sent();

  /** One register, to see whether an offline unit is back. */
  record Probe(Station station, BlockRead wanted, BlockRead sent) implements Question {}

  /** A step of the search for the device's SunSpec models. */
  record Discovery(
      Station station, BlockRead wanted, BlockRead sent, PollRun poll, SunSpecChain chain)
      implements Question {}

  /** The present block of a poll. */
  record BlockOf(Station station, BlockRead sent, PollRun poll, Block block) implements Question {
    @Override
    public BlockRead wanted() {
      return block.read();
    }
  }
}
