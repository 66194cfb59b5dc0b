package io.lingtan.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

final class RunCommandTest {
  private final StringWriter err = new StringWriter();

  private int execute(String... words) {
    return new CommandLine(new Main()).setErr(new PrintWriter(err, true)).execute(words);
  }

  @Test
  void aPortInUseIsNamedWithWhatToDo() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      String port = String.valueOf(taken.getLocalPort());
      assertEquals(1, execute("run", "--port", port));
      String said = err.toString();
      assertTrue(said.contains(port) && said.contains("roof") && said.contains("--port"), said);
    }
  }

  @Test
  void aSiteFileThatCannotBeWrittenIsNamedWithWhatToDo() {
    assertEquals(1, execute("run", "--port", "0", "--site-file", "/no/such/folder/site.yaml"));
    assertTrue(err.toString().contains("/no/such/folder/site.yaml"), err::toString);
    assertTrue(err.toString().contains("--site-file"), err::toString);
  }

  @ParameterizedTest
  @CsvSource({"--port, 70000", "--port, x", "--reply-delay, -1", "--host, nowhere", "--sed, 1"})
  void wrongUseExits2(String option, String value) {
    assertEquals(2, execute("run", option, value));
    assertTrue(err.toString().contains(option), err::toString);
  }

  @Test
  void withoutACommandTheUsageIsTold() {
    assertEquals(2, execute());
    assertTrue(err.toString().contains("run"), err::toString);
  }
}
