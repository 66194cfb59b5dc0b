package io.lingtan.agent.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.VirtualTime;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** A command that nobody can call is none. */
final class CommandsTest {

  private static final Set<String> ALL =
      Set.of(
          "run",
          "check",
          "scan",
          "read",
          "audit",
          "verify",
          "enroll",
          "explain",
          "bill",
          "fleet",
          "response",
          "profiles",
          "train",
          "key",
          "label");

  @Test
  void eachCommandIsThereAndTellsWhatItDoes() {
    CommandLine line = Commands.line(new VirtualTime(0));
    assertEquals(new TreeSet<>(ALL), new TreeSet<>(line.getSubcommands().keySet()));
    for (CommandLine each : line.getSubcommands().values()) {
      String help = each.getUsageMessage();
      assertTrue(help.contains("--help"), help);
      assertTrue(each.getCommandSpec().usageMessage().description().length > 0, help);
    }
  }
}
