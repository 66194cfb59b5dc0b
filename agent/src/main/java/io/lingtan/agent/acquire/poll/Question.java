package io.lingtan.agent.acquire.poll;

import io.lingtan.agent.acquire.plan.Block;
import io.lingtan.agent.acquire.plan.Identity;
import io.lingtan.agent.acquire.plan.SunSpecChain;
import io.lingtan.agent.acquire.wire.Ask;

/** What the one request under way is for. */
sealed interface Question {

  Station station();

  /** What is to be known. */
  Ask wanted();

  /** What is asked, which is something else where a late reply could be mistaken. */
  Ask sent();

  /** Whether an answer to what was sent tells what is wanted. */
  default boolean isUseful() {
    return switch (sent()) {
      case Ask.Registers(var read) ->
          wanted() instanceof Ask.Registers(var registers) && read.covers(registers);
      case Ask.Item item -> item.equals(wanted());
      case Ask.AnyMeter any -> any.equals(wanted());
      case Ask.Telegrams all -> all.equals(wanted());
    };
  }

  /** One value, to see whether an offline unit is back. */
  record Probe(Station station, Ask wanted, Ask sent) implements Question {}

  /** A part of what the meter says of itself. */
  record Naming(Station station, Ask wanted, Ask sent, PollRun poll, Identity identity)
      implements Question {}

  /** A step of the search for the device's SunSpec models. */
  record Discovery(Station station, Ask wanted, Ask sent, PollRun poll, SunSpecChain chain)
      implements Question {}

  /** The present block of a poll. */
  record BlockOf(Station station, Ask sent, PollRun poll, Block block) implements Question {
    @Override
    public Ask wanted() {
      return block.ask();
    }
  }
}
