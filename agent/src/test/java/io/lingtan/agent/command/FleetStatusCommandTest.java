package io.lingtan.agent.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.testing.HostileText;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** {@code lingtan fleet status}: whoever may write at a gateway's topics does not write here. */
final class FleetStatusCommandTest {

  private static String shown(String gateway, String reported, String... options) {
    FleetStatusCommand status = new FleetStatusCommand(new VirtualTime(0));
    StringWriter out = new StringWriter();
    CommandLine line = new CommandLine(status).setOut(new PrintWriter(out));
    line.parseArgs(options);
    status.take("lingtan/v1/" + gateway + "/reported", reported.getBytes(UTF_8));
    status.print();
    line.getOut().flush();
    return out.toString();
  }

  @Test
  void nothingThatAGatewayReportsForgesALine() {
    String reported =
        "{\"config\":{\"hash\":\"ab\",\"serial\":1,\"state\":\"refused\",\"why\":\"no\"},"
            + "\"software\":{\"version\":\"1\",\"state\":\"refused\",\"why\":\"no\"}}";
    HostileText.inEachPlace(
        reported,
        Randomness.seeded(6),
        changed -> {
          for (String[] options :
              List.of(new String[] {"--broker", "a"}, new String[] {"--broker", "a", "--json"})) {
            String shown = shown("gw", changed, options);
            HostileText.assertPlain(shown);
            assertEquals(options.length == 2 ? 2 : 1, shown.lines().count(), shown);
          }
        });
    String long900 = reported.replace("\"no\"", "\"" + "x".repeat(450_000) + "\"");
    assertTrue(shown("gw", long900, "--broker", "a").length() < 1_200);
  }

  @Test
  void aNameThatNoGatewayHasIsNotListed() {
    String shown = shown("gw\u009b8m", "{\"config\":{\"hash\":\"ab\"}}", "--broker", "a");
    assertEquals(1, shown.lines().count(), shown);
  }
}
