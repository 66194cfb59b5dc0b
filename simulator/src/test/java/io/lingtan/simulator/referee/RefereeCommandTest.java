package io.lingtan.simulator.referee;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What a person gets wrong. */
final class RefereeCommandTest {
  private static final String MAP =
      """
      publisher: nobody
      units: {a: 1}
      messages: [{topic: "x/{unit}", values: {energy: e}}]
      """;

  @TempDir Path folder;

  private final StringWriter err = new StringWriter();

  private int execute(String... words) {
    return new CommandLine(new RefereeCommand()).setErr(new PrintWriter(err, true)).execute(words);
  }

  private String map(String text) throws IOException {
    return Files.writeString(folder.resolve("map.yaml"), text).toString();
  }

  @Test
  void aMappingThatIsNotThereExits2() {
    assertEquals(2, execute("--map", "/no/such.yaml"));
    assertTrue(err.toString().contains("/no/such.yaml: error: does not exist"), err::toString);
  }

  @Test
  void aMappingThatIsWrongExits2WithThePlace() throws IOException {
    assertEquals(2, execute("--map", map(MAP + "strat: [x]\n")));
    assertTrue(err.toString().contains("map.yaml:4:1"), err::toString);
    assertTrue(err.toString().contains("did you mean 'start'"), err::toString);
  }

  @Test
  void aMappingThatSaysNotHowToStartNeedsAttach() throws IOException {
    assertEquals(2, execute("--map", map(MAP)));
    assertTrue(err.toString().contains("--attach"), err::toString);
  }

  @Test
  void aPortInUseIsNamedWithWhatToDo() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      String port = String.valueOf(taken.getLocalPort());
      assertEquals(1, execute("--map", "lingtan", "--modbus-port", port));
      assertTrue(
          err.toString().contains(port) && err.toString().contains("--modbus-port"), err::toString);
    }
  }

  @Test
  @RequiresTool("mosquitto")
  void aPublisherThatCannotBeStartedIsNamedWithWhatToDo() throws IOException {
    assertEquals(1, execute("--map", map(MAP + "start: [/no/such/program]\n")));
    String said = err.toString();
    assertTrue(said.contains("nobody") && said.contains("/no/such/program"), said);
  }
}
