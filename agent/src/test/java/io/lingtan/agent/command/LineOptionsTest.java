package io.lingtan.agent.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.VirtualTime;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/**
 * Options of {@code scan} and {@code read} that would change nothing are wrong, and not ignored.
 */
final class LineOptionsTest {

  /** No folder of processes. */
  private static final Path NOBODY = Path.of("no-processes");

  @ParameterizedTest
  @CsvSource({
    "scan --config site.yaml --baud 9600, --baud",
    "scan --config site.yaml --parity none, --parity",
    "scan --config site.yaml --stop-bits 1, --stop-bits",
    "scan --config site.yaml --rs485 auto, --rs485",
    "scan --config site.yaml --echo, --echo",
    "scan --config site.yaml --rtu, --rtu",
    "scan --config site.yaml --profiles own, --profiles",
    "scan --host 127.0.0.1 --baud 9600, --baud",
    "scan --host 127.0.0.1 --line roof, --line",
    "scan --port /dev/ttyUSB0 --line roof, --line",
    "scan --port /dev/ttyUSB0 --rtu, --rtu",
    "read --config site.yaml gate --unit 2, --unit",
    "read --config site.yaml gate --profile sunspec, --profile",
    "read --config site.yaml gate --address 0, --address",
    "read --config site.yaml gate --item 00010000, --item",
    "read --host 127.0.0.1 --profile sunspec --address 0, --address",
    "read --host 127.0.0.1 --profile sunspec --count 2, --count",
    "read --config site.yaml gate --echo, --echo"
  })
  void whatWouldBeIgnoredIsSaid(String line, String option) {
    String[] words = line.split(" ");
    var time = new VirtualTime(1_764_060_000_000L);
    Callable<Integer> command =
        words[0].equals("scan")
            ? new ScanCommand(time, false, NOBODY)
            : new ReadCommand(time, NOBODY);
    StringWriter err = new StringWriter();
    int exit =
        new CommandLine(command)
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setErr(new PrintWriter(err, true))
            .execute(java.util.Arrays.copyOfRange(words, 1, words.length));
    assertEquals(ExitCode.WRONG_USAGE, exit, err::toString);
    assertTrue(err.toString().contains(option + " has no meaning"), err::toString);
  }
}
