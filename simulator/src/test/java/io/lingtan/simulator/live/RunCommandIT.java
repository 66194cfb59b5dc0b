package io.lingtan.simulator.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.read.SiteLoader;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code lingtan-sim run} from the app folder. */
@Timeout(60)
final class RunCommandIT {
  @TempDir Path folder;

  @Test
  void itPrintsItsEndpointsServesThemAndEndsOnSigterm() throws Exception {
    Path file = folder.resolve("site.yaml");
    Process run = start("--site-file", file.toString());
    try (BufferedReader out = run.inputReader(StandardCharsets.UTF_8)) {
      List<String> said = told(out);
      assertEquals(8, said.stream().filter(line -> line.contains("127.0.0.1:")).count());
      var site = Objects.requireNonNull(new SiteLoader().load(file).site());
      Line.ModbusTcp storage = (Line.ModbusTcp) site.lines().get(1);
      assertTrue(said.stream().anyMatch(line -> line.contains(":" + storage.port())));
      try (Socket socket = new Socket(storage.host(), storage.port())) {
        socket.setSoTimeout(5_000);
        socket.getOutputStream().write(HexFormat.of().parseHex("002a00000006010300060001"));
        byte[] reply = socket.getInputStream().readNBytes(11);
        assertEquals("002a000000050103", HexFormat.of().formatHex(reply, 0, 8));
        int soc = ((reply[9] & 0xFF) << 8) | (reply[10] & 0xFF);
        assertTrue(soc >= 100 && soc <= 950, () -> "state of charge " + soc + " per mille");
      }
      run.destroy();
      assertTrue(run.waitFor(20, TimeUnit.SECONDS), "it outlived SIGTERM");
    } finally {
      run.destroyForcibly();
    }
  }

  @Test
  void theSiteFileHasTheFullPathOfASerialPortWhereverItsFolderIs() throws Exception {
    Path file = folder.resolve("site.yaml");
    Path beside = Path.of("").toAbsolutePath().relativize(folder.toAbsolutePath());
    Process run =
        start(
            "--site", "pv-rooftop", "--pty-dir", beside.toString(), "--site-file", file.toString());
    try (BufferedReader out = run.inputReader(StandardCharsets.UTF_8)) {
      told(out);
      var site = Objects.requireNonNull(new SiteLoader().load(file).site());
      Line.Serial serial = (Line.Serial) site.lines().getFirst();
      assertEquals(folder.toAbsolutePath().resolve("rs485-1").toString(), serial.port());
    } finally {
      run.destroy();
      assertTrue(run.waitFor(20, TimeUnit.SECONDS), "it outlived SIGTERM");
    }
  }

  private static Process start(String... options) throws IOException {
    List<String> command =
        new ArrayList<>(List.of("target/lingtan-sim/bin/lingtan-sim", "run", "--port", "0"));
    command.addAll(List.of(options));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  /** All that it says until it serves. */
  private static List<String> told(BufferedReader out) throws IOException {
    List<String> said = new ArrayList<>();
    for (String line; (line = out.readLine()) != null; ) {
      said.add(line);
      if (line.startsWith("Ctrl-C")) {
        break;
      }
    }
    return said;
  }
}
