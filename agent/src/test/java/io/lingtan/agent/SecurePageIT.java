package io.lingtan.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.command.AgentPage;
import io.lingtan.agent.command.CheckCommand;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.testing.Launched;
import io.lingtan.testing.Ports;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The page over HTTPS, as curl and the agent's own commands see it. */
@RequiresTool({"curl", "openssl"})
final class SecurePageIT {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path folder;
  private final int port;

  SecurePageIT() throws IOException {
    port = Ports.free();
  }

  private static String run(String... command) throws IOException, InterruptedException {
    Launched done = Launched.within(PATIENCE, Map.of(), command);
    assertEquals(0, done.exit(), done::toString);
    return done.out();
  }

  /** A certificate of its own, {@code NAME.pem} and {@code NAME.key}. */
  private void certificate(String name, String kind) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("openssl", "req", "-x509", "-nodes"));
    command.addAll(List.of("-newkey", kind));
    if (kind.equals("ec")) {
      command.addAll(List.of("-pkeyopt", "ec_paramgen_curve:prime256v1"));
    }
    command.addAll(List.of("-subj", "/CN=" + name, "-addext", "subjectAltName=IP:127.0.0.1"));
    command.addAll(List.of("-days", "2", "-keyout", file(name + ".key").toString()));
    command.addAll(List.of("-out", file(name + ".pem").toString()));
    run(command.toArray(String[]::new));
  }

  private Path file(String name) {
    return folder.resolve(name);
  }

  /** Puts a file in the place of the page's, as whoever renews it does. */
  private void put(String from, String to) throws IOException {
    Path fresh = file(to + ".new");
    Files.copy(file(from), fresh, StandardCopyOption.REPLACE_EXISTING);
    Files.setLastModifiedTime(fresh, FileTime.fromMillis(System.currentTimeMillis()));
    Files.move(fresh, file(to), StandardCopyOption.ATOMIC_MOVE);
  }

  private Site site() throws IOException {
    Path path =
        Files.writeString(
            file("site.yaml"),
            """
            gateway: secure-test
            site: {region: CN-JS}
            lines: []
            journal: {path: journal.db, max_size: 64MB}
            status: {listen: "127.0.0.1:%d", tls: {cert: page.pem, key: page.key}}
            clock: {trust: [system]}
            """
                .formatted(port));
    var loaded = new SiteLoader().load(path);
    return Objects.requireNonNull(loaded.site(), loaded.problems()::toString);
  }

  private RunningAgent agent() throws IOException {
    return RunningAgent.start(site(), new SystemTime(List.of("system")), Randomness.seeded(1));
  }

  private Launched curl(String trusted, String... more) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("curl", "-sS", "-i", "--max-time", "10"));
    command.addAll(List.of("--cacert", file(trusted).toString()));
    command.addAll(List.of(more));
    command.add("https://127.0.0.1:" + port + "/api/session");
    return Launched.within(PATIENCE, Map.of(), command.toArray(String[]::new));
  }

  private Launched login(String origin) throws IOException, InterruptedException {
    String pin = Files.readString(file("secrets/pin")).strip().lines().findFirst().orElseThrow();
    return curl(
        "a.pem",
        "-H",
        "Content-Type: application/json",
        "-H",
        "X-Lingtan: 1",
        "-H",
        "Origin: " + origin,
        "-d",
        "{\"pin\":\"" + pin + "\"}");
  }

  @Test
  void thePageIsEncryptedAndItsCookieIsKeptFromPlainConnections() throws Exception {
    certificate("a", "ec");
    put("a.pem", "page.pem");
    put("a.key", "page.key");
    RunningAgent agent = agent();
    try {
      assertTrue(agent.greeting().contains("https://127.0.0.1:" + port + "/"), agent::greeting);
      Launched in = login("https://127.0.0.1:" + port);
      assertTrue(in.out().startsWith("HTTP/1.1 2"), in::toString);
      assertTrue(in.out().matches("(?is).*set-cookie: lingtan=[^\\n]*; Secure.*"), in::toString);
      Launched plain = login("http://127.0.0.1:" + port);
      assertTrue(plain.out().startsWith("HTTP/1.1 403"), plain::toString);
      assertFalse(curl("a.pem", "--tls-max", "1.1").exit() == 0, "TLS 1.1 is too old");
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        socket.setSoTimeout(10_000);
        socket.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        String said = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertFalse(said.contains("<html"), said);
      }
      assertTrue(AgentPage.of(site()).isOf("secure-test"), "a command of this machine finds it");
    } finally {
      agent.stop();
    }
  }

  @Test
  void aRenewedCertificateIsShownOnceItsKeyIsThereToo() throws Exception {
    certificate("a", "ec");
    certificate("b", "rsa:2048");
    RunningAgent agent = agent();
    try {
      assertFalse(curl("a.pem").exit() == 0, "there is none yet");
      put("a.pem", "page.pem");
      put("a.key", "page.key");
      assertEquals(0, curl("a.pem").exit());
      put("b.pem", "page.pem");
      assertEquals(0, curl("a.pem").exit(), "the old one, until its key is there");
      put("b.key", "page.key");
      assertEquals(0, curl("b.pem").exit());
      assertFalse(curl("a.pem").exit() == 0);
    } finally {
      agent.stop();
    }
  }

  @Test
  void thoseWhoConnectAndSayNothingKeepNobodyOut() throws Exception {
    certificate("a", "ec");
    put("a.pem", "page.pem");
    put("a.key", "page.key");
    RunningAgent agent = agent();
    List<Socket> silent = new ArrayList<>();
    try {
      for (int i = 0; i < 200; i++) {
        silent.add(new Socket(InetAddress.getLoopbackAddress(), port));
        silent.getLast().getOutputStream().write(new byte[] {22, 3, 1, 2, 0});
      }
      assertEquals(0, curl("a.pem").exit());
    } finally {
      for (Socket each : silent) {
        each.close();
      }
      agent.stop();
    }
  }

  @Test
  void aKeyOfAnotherCertificateIsSaidByCheck() throws Exception {
    certificate("a", "ec");
    certificate("b", "ec");
    put("a.pem", "page.pem");
    put("b.key", "page.key");
    site();
    StringWriter out = new StringWriter();
    int exit =
        new CommandLine(new CheckCommand(folder.resolve("processes")))
            .setOut(new PrintWriter(out, true))
            .execute(file("site.yaml").toString(), "--here");
    assertEquals(1, exit, out::toString);
    assertTrue(
        out.toString().matches("(?s).*BAD +status page .*page.key: is not the key of .*page.pem.*"),
        out::toString);
  }

  @Test
  void tlsWithoutAKeyIsRefusedWhereItIsWritten() throws Exception {
    Path path =
        Files.writeString(
            file("site.yaml"),
            """
            gateway: secure-test
            site: {region: CN-JS}
            lines: []
            status: {tls: {cert: page.pem}}
            """);
    var loaded = new SiteLoader().load(path);
    assertEquals(null, loaded.site());
    assertTrue(
        loaded.problems().stream().anyMatch(problem -> problem.toString().contains("key")),
        loaded.problems()::toString);
  }
}
