package io.lingtan.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** {@code lingtan-sim demo} as a person without a terminal starts it. */
@Execution(ExecutionMode.CONCURRENT)
final class DemoIT {
  @TempDir Path folder;

  private Process demo(String... arguments) throws IOException {
    List<String> command =
        Stream.concat(Stream.of("target/lingtan-sim/bin/lingtan-sim", "demo"), Stream.of(arguments))
            .toList();
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("out").toFile());
    builder.environment().put("LINGTAN_OPTS", "-Djava.io.tmpdir=" + folder);
    return builder.start();
  }

  private String said() throws IOException {
    return Files.readString(folder.resolve("out"), StandardCharsets.UTF_8);
  }

  /** Whether a process of the machine still works in the demo's folder. */
  private List<String> leftRunning() {
    return ProcessHandle.allProcesses()
        .map(process -> process.info().commandLine().orElse(""))
        .filter(line -> line.contains(folder + "/lingtan-demo-"))
        .toList();
  }

  private void assertNothingIsLeft() throws IOException {
    assertEquals(List.of(), leftRunning());
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(
          List.of(),
          left.filter(path -> path.getFileName().toString().startsWith("lingtan-demo-")).toList());
    }
  }

  @Test
  @Timeout(200)
  void theStoryPlaysByItselfAndEverythingAgrees() throws Exception {
    Path svg = folder.resolve("demo.svg");
    Process demo = demo("--seconds", "90", "--svg", svg.toString());
    try {
      assertTrue(demo.waitFor(180, TimeUnit.SECONDS), "it does not end");
      String said = said();
      assertEquals(0, demo.exitValue(), said);
      for (String words :
          List.of(
              "http://127.0.0.1:",
              "audit --broker mqtt://127.0.0.1:",
              "The broker was away",
              "The agent was back",
              "polls of pv1 said",
              "replies came late",
              "Everything agrees.")) {
        assertTrue(said.contains(words), () -> "not said: " + words + "\n" + said);
      }
      var picture = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(svg.toFile());
      assertEquals("svg", picture.getDocumentElement().getTagName());
      assertTrue(picture.getElementsByTagName("circle").getLength() > 200);
      assertNothingIsLeft();
    } finally {
      end(demo);
    }
  }

  @Test
  @Timeout(120)
  void aSignalEndsItInOrder() throws Exception {
    Process demo = demo("--svg", folder.resolve("demo.svg").toString());
    try {
      for (int i = 0; i < 600 && !said().contains("The story plays"); i++) {
        assertTrue(demo.isAlive(), () -> "it ended: " + demo.exitValue());
        assertTrue(!demo.waitFor(100, TimeUnit.MILLISECONDS));
      }
      demo.destroy();
      assertTrue(demo.waitFor(60, TimeUnit.SECONDS), "it does not end");
      String said = said();
      assertTrue(said.contains("Stopping the agent"), said);
      assertTrue(said.contains("wrong but good"), said);
      assertNothingIsLeft();
    } finally {
      end(demo);
    }
  }

  private void end(Process demo) throws InterruptedException {
    demo.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
  }
}
