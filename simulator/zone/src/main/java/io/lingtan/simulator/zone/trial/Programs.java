package io.lingtan.simulator.zone.trial;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where the programs of a zone are, and how they are started. */
final class Programs {

  private static final int CONNECT_MILLIS = 200;

  private Programs() {}

  /**
   * The folder with Kafka's jars, in the app folder that this code was started from; from class
   * files in {@code target}, in the one that was packed there.
   *
   * @throws IOException if there is none, with what to do
   */
  static Path kafka() throws IOException {
    Path code;
    try {
      code = Path.of(Programs.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IOException("cannot tell where this program lies", e);
    }
    for (Path folder = code; folder != null; folder = folder.getParent()) {
      for (Path app : List.of(folder, folder.resolve("lingtan-zone"))) {
        Path jars = app.resolve("lib/kafka");
        if (Files.isDirectory(jars)) {
          return jars;
        }
      }
    }
    throw new IOException(
        code
            + " is not in an app folder with lib/kafka in it: run mvn -DskipTests package, and"
            + " start simulator/zone/target/lingtan-zone/bin/lingtan-zone");
  }

  private static String javaProgram() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** A part of the zone, by this program's own class path. */
  static List<String> zone(String heap, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                javaProgram(),
                heap,
                "-XX:+UseSerialGC",
                "-XX:-UsePerfData",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                "io.lingtan.simulator.zone.Main"));
    command.addAll(List.of(arguments));
    return command;
  }

  /**
   * A program out of Kafka's own jars. Should the trial die without a word, it is killed: with a
   * signal that it may answer, it would wait for the servers that are gone as well.
   */
  static List<String> kafka(Path jars, String main, String... arguments) {
    List<String> command = new ArrayList<>();
    if (Files.isExecutable(Path.of("/usr/bin/setpriv"))) {
      command.addAll(List.of("setpriv", "--pdeathsig", "KILL"));
    }
    command.addAll(
        List.of(
            javaProgram(),
            "-Xmx192m",
            "-XX:+UseSerialGC",
            "-XX:-UsePerfData",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            jars + "/*",
            main));
    command.addAll(List.of(arguments));
    return command;
  }

  /** Whether something listens on a port of this machine's loopback address. */
  static boolean answers(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
