package io.lingtan.simulator.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.testing.Ports;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What a person gets wrong. */
final class FleetCommandTest {
  @TempDir Path folder;

  private final StringWriter err = new StringWriter();

  private int execute(String... words) {
    return new CommandLine(new FleetCommand()).setErr(new PrintWriter(err, true)).execute(words);
  }

  @ParameterizedTest
  @CsvSource({
    "--gateways, 0",
    "--gateways, 10001",
    "--rate, 0",
    "--seconds, 4",
    "--storm, soon",
    "--storm, 60:5",
    "--storm, 0",
    "--broker, http://here",
    "--broker-stop, true",
    "--gatway, 3"
  })
  void wrongUseExits2AndNamesTheOption(String option, String value) {
    assertEquals(2, execute(option, value));
    assertTrue(err.toString().contains(option), err::toString);
  }

  @Test
  void aStormWithSomebodysBrokerNeedsToKnowHow() {
    assertEquals(2, execute("--broker", "mqtt://127.0.0.1:1", "--storm", "10"));
    assertTrue(err.toString().contains("--broker-stop"), err::toString);
  }

  @Test
  void aBrokerThatIsNotThereIsNamedWithWhatToDo() throws IOException {
    String url = "mqtt://127.0.0.1:" + Ports.free();
    assertEquals(1, execute("--broker", url, "--gateways", "1"));
    String said = err.toString();
    assertTrue(said.contains(url) && said.contains("start it"), said);
  }

  @Test
  void aFolderInUseIsNotTouched() throws IOException {
    Path kept = Files.writeString(folder.resolve("kept"), "x");
    assertEquals(1, execute("--dir", folder.toString()));
    assertTrue(err.toString().contains("--dir"), err::toString);
    assertTrue(Files.exists(kept));
  }
}
