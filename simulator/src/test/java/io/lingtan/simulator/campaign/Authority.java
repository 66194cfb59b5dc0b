package io.lingtan.simulator.campaign;

import io.lingtan.testing.Launched;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Certificates by {@code config/central/ca.sh}: good ones, ended ones, and somebody else's. */
final class Authority {

  private static final String CA =
      Path.of("../config/central/ca.sh").toAbsolutePath().normalize().toString();

  private final Path good;
  private final Path stranger;
  private final Path ended;

  private Authority(Path folder) {
    good = folder.resolve("good");
    stranger = folder.resolve("stranger");
    ended = folder.resolve("ended");
  }

  /**
   * @param hosts addresses that brokers are reached under
   */
  static Authority make(Path folder, List<String> hosts) throws IOException, InterruptedException {
    Authority authority = new Authority(folder);
    List<String> init = new ArrayList<>(List.of(CA, "init", authority.good.toString()));
    init.addAll(hosts);
    Shell.run(init.toArray(String[]::new));
    Shell.run(CA, "gateway", authority.good.toString(), Stand.GATEWAY);
    Shell.run(CA, "init", authority.stranger.toString(), hosts.getFirst());
    Files.createDirectories(authority.ended);
    for (String name : List.of("ca.pem", "ca.key")) {
      Files.copy(authority.good.resolve(name), authority.ended.resolve(name));
    }
    authority.signLongAgo("gateway", List.of(Stand.GATEWAY));
    authority.signLongAgo("server", hosts);
    return authority;
  }

  private void signLongAgo(String what, List<String> names)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of("faketime", "2020-01-01 00:00:00", CA, what, ended.toString()));
    command.addAll(names);
    Launched done = Launched.run(Map.of("DAYS", "30"), command.toArray(String[]::new));
    if (done.exit() != 0) {
      throw new IOException(String.join(" ", command) + ": " + done.err());
    }
  }

  /** Lines of mosquitto's configuration for a listener with certificates on both sides. */
  List<String> listener(int port, Path server) throws IOException {
    server(server, false);
    return List.of(
        "listener " + port + " 127.0.0.1",
        "cafile " + good.resolve("ca.pem"),
        "certfile " + server.resolve("server.pem"),
        "keyfile " + server.resolve("server.key"),
        "require_certificate true",
        "use_identity_as_username true");
  }

  void server(Path into, boolean hasEnded) throws IOException {
    copy(hasEnded ? ended : good, "server.pem", into);
    copy(hasEnded ? ended : good, "server.key", into);
  }

  /** The gateway's files as they should be. */
  void gateway(Path into) throws IOException {
    for (String name : List.of("ca.pem", "gw.pem", "gw.key")) {
      copy(good, name, into);
    }
  }

  void endedGateway(Path into) throws IOException {
    copy(ended, "gw.pem", into);
    copy(ended, "gw.key", into);
  }

  void wrongAuthority(Path into) throws IOException {
    copy(stranger, "ca.pem", into);
  }

  private static void copy(Path from, String name, Path into) throws IOException {
    Files.copy(from.resolve(name), into.resolve(name), StandardCopyOption.REPLACE_EXISTING);
  }
}
