package io.lingtan.packaged;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.testing.Child;
import io.lingtan.testing.Launched;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The app folder as it is shipped. */
final class LauncherIT {
  private static final Path LAUNCHER = Path.of("target/lingtan/bin/lingtan").toAbsolutePath();

  @TempDir Path folder;

  @Test
  void withoutACommandItTellsTheUsageAndExits2() throws Exception {
    var launched = Launched.run(Map.of(), LAUNCHER.toString());
    assertEquals(2, launched.exit(), launched::toString);
    assertTrue(launched.err().contains("lingtan"), launched::toString);
  }

  @Test
  void itFindsItsFolderThroughASymbolicLink() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("lingtan"), LAUNCHER);
    assertEquals(2, Launched.run(Map.of(), link.toString()).exit());
  }

  /**
   * A run with the cache is memory's half: classes are pages of a file. Without network, meters and
   * broker of anybody.
   */
  @Test
  void aTrainingMakesAClassCacheOfWhichTheNextRunTakesNearlyAllClasses() throws Exception {
    Path cache = Files.createDirectory(folder.resolve("training"));
    var training =
        Launched.within(
            Duration.ofMinutes(2), Map.of(), LAUNCHER.toString(), "train", cache.toString());
    assertEquals(0, training.exit(), training::toString);
    assertTrue(training.out().contains("lingtan train: all of it"), training::toString);
    Path classes = folder.resolve("classes");
    try (Child agent =
        Child.start(
            folder.resolve("log"),
            Map.of(
                "LINGTAN_CACHE",
                cache.resolve("lingtan.aot").toString(),
                "LINGTAN_OPTS",
                "-Xlog:class+load=info:file=" + classes),
            List.of(
                LAUNCHER.toString(), "run", "--config", cache.resolve("site.yaml").toString()))) {
      agent.await("it runs", 60, () -> said(folder.resolve("log"), "page http://"));
      List<String> loaded = Files.readAllLines(classes);
      long cached = loaded.stream().filter(line -> line.contains("shared objects file")).count();
      assertTrue(loaded.size() > 3000, () -> loaded.size() + " classes");
      assertTrue(cached > loaded.size() * 0.95, () -> cached + " of " + loaded.size());
      String maps = Files.readString(Path.of("/proc/" + agent.pid() + "/maps"));
      assertTrue(maps.contains("800001000-"), maps); // where it was made for
    }
  }

  @Test
  void aTrainingWithoutAFolderTellsItsUsage() throws Exception {
    var training = Launched.run(Map.of(), LAUNCHER.toString(), "train");
    assertEquals(2, training.exit(), training::toString);
    assertTrue(training.err().contains("lingtan train FOLDER"), training::toString);
  }

  private Path site(String lines) throws Exception {
    return Files.writeString(
        folder.resolve("site.yaml"),
        "gateway: here\nsite: {region: CN}\nstatus: {enabled: false}\n" + lines);
  }

  @Test
  void aMachineThatThereIsNoSqliteForIsToldSoInAWord() throws Exception {
    var launched =
        Launched.run(
            Map.of("LINGTAN_OPTS", "-Dorg.sqlite.osinfo.architecture=vax"),
            LAUNCHER.toString(),
            "run",
            "--config",
            site("").toString());
    assertEquals(1, launched.exit(), launched::toString);
    assertTrue(
        launched.err().contains("not there for this machine (Linux/vax)"), launched::toString);
    assertFalse(launched.err().contains("\tat "), launched::toString);
  }

  /** As where every folder is mounted noexec: it runs, says so and waits. */
  @Test
  @RequiresTool("socat")
  void nativeLibrariesThatDoNotLoadEndNothingAndAreTold() throws Exception {
    Path pty = folder.resolve("pty");
    Path log = folder.resolve("log");
    try (Child port =
        Child.start(
            folder.resolve("socat.log"),
            Map.of(),
            List.of("socat", "pty,raw,echo=0,link=" + pty, "pty,raw,echo=0"))) {
      port.await("the port", 10, () -> Files.exists(pty));
      try (Child agent =
          Child.start(
              log,
              Map.of(
                  "LINGTAN_OPTS",
                  "-Djava.io.tmpdir=/proc/none -Duser.home=/proc/none"
                      + " -Dorg.sqlite.tmpdir=/proc/none -Dorg.sqlite.lib.path=/proc/none"
                      + " -Dorg.sqlite.lib.name=none -DjSerialComm.library.path=/proc/none"),
              List.of(LAUNCHER.toString(), "run", "--config", site(serial(pty)).toString()))) {
        agent.await("a word on SQLite", 30, () -> said(log, "SQLite's native library cannot be"));
        agent.await("a word on the port", 30, () -> said(log, "jSerialComm's native library does"));
        assertEquals(0, agent.stop(45), agent.output()); // nothing was read that could be lost
      }
    }
  }

  /** Somebody else may have put it there, and whoever reads a meter would run it. */
  @Test
  @RequiresTool("socat")
  void nothingUnderAFixedNameInTheTempFolderIsLoadedNorTouched() throws Exception {
    Path temp = Files.createDirectory(folder.resolve("temp"));
    Path planted = temp.resolve("jSerialComm").resolve("2.11.4").resolve("libjSerialComm.so");
    Files.createDirectories(planted.getParent());
    Files.writeString(planted, "no library");
    Path pty = folder.resolve("pty");
    try (Child port =
        Child.start(
            folder.resolve("socat.log"),
            Map.of(),
            List.of("socat", "pty,raw,echo=0,link=" + pty, "pty,raw,echo=0"))) {
      port.await("the port", 10, () -> Files.exists(pty));
      var read =
          Launched.within(
              Duration.ofMinutes(1),
              Map.of("LINGTAN_OPTS", "-Djava.io.tmpdir=" + temp + " -Duser.home=" + temp),
              LAUNCHER.toString(),
              "read",
              "--port",
              pty.toString(),
              "--profile",
              "eastron-sdm120",
              "--timeout",
              "50",
              "--unit",
              "1");
      assertTrue(read.toString().contains("timeout"), read::toString); // the port was opened
    }
    try (Stream<Path> left = Files.walk(temp).filter(Files::isRegularFile)) {
      assertEquals(List.of(planted), left.toList());
    }
    assertEquals("no library", Files.readString(planted));
  }

  private static String serial(Path port) {
    return """
    lines:
      - id: rs
        serial: {port: %s}
        devices: [{id: m, profile: eastron-sdm120, unit: 1}]
    """
        .formatted(port);
  }

  private static boolean said(Path log, String words) {
    try {
      return Files.readString(log).contains(words);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void anOldJavaIsRefusedWithAWordOnWhatToDo() throws Exception {
    Path java = Files.createDirectories(folder.resolve("jdk/bin")).resolve("java");
    Files.writeString(java, "#!/bin/sh\necho an old Java was started\n");
    assertTrue(java.toFile().setExecutable(true));
    Files.writeString(folder.resolve("jdk/release"), "JAVA_VERSION=\"17.0.2\"\n");

    var launched = Launched.run(Map.of("LINGTAN_JAVA", java.toString()), LAUNCHER.toString());
    assertEquals(2, launched.exit(), launched::toString);
    assertTrue(launched.err().contains("LINGTAN_JAVA"), launched::toString);
    assertEquals("", launched.out());
  }
}
