package io.lingtan.simulator.beside;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where the programs are that commands start. */
public final class Apps {

  private Apps() {}

  /**
   * The app folder that this code was started from; from class files in {@code target}, the one
   * that was packed there.
   *
   * @throws IOException if there is none, with what to do
   */
  public static Path home() throws IOException {
    Path code;
    try {
      code = Path.of(Apps.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IOException("cannot tell where this program lies", e);
    }
    for (Path folder = code; folder != null; folder = folder.getParent()) {
      for (Path app : List.of(folder, folder.resolve("lingtan-sim"))) {
        if (Files.isDirectory(app.resolve("lib/broker"))) {
          return app;
        }
      }
    }
    throw new IOException(
        code
            + " is not in an app folder with lib/broker in it: run mvn -DskipTests package, and"
            + " start simulator/target/lingtan-sim/bin/lingtan-sim");
  }

  /**
   * The agent's launcher.
   *
   * @param environment where {@code LINGTAN_AGENT} may name it
   * @throws IOException if there is none, with what to do
   */
  public static Path agent(Path home, Map<String, String> environment) throws IOException {
    @Nullable String named = environment.get("LINGTAN_AGENT");
    if (named != null) {
      Path agent = Path.of(named);
      if (!Files.isExecutable(agent)) {
        throw new IOException("LINGTAN_AGENT=" + named + " is not a program");
      }
      return agent;
    }
    List<Path> places =
        List.of(
            home.resolve("../lingtan/bin/lingtan").normalize(),
            home.resolve("../../../agent/target/lingtan/bin/lingtan").normalize(),
            Path.of("/usr/bin/lingtan"));
    for (Path place : places) {
      if (Files.isExecutable(place)) {
        return place;
      }
    }
    throw new IOException(
        "no agent at " + places + ": run mvn -DskipTests package, or set LINGTAN_AGENT");
  }

  /** Where the picture goes unless somebody says otherwise. */
  public static Path picture(Path home) {
    Path beside = home.toAbsolutePath().getParent();
    return beside != null && beside.endsWith("target") && Files.isWritable(beside)
        ? beside.resolve("demo.svg")
        : Path.of("demo.svg");
  }

  /** The broker as a program of its own. */
  public static List<String> broker(Path home, String address, int port, Path folder) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx160m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:-UsePerfData",
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "-cp",
        home.resolve("lib/broker") + "/*",
        "io.lingtan.simulator.broker.Main",
        address,
        String.valueOf(port),
        folder.toString());
  }

  /** A port that is free on this machine's loopback address right now. */
  public static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
