package io.lingtan.agent.status.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Event;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.status.access.Technician.Role;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may do what, with a PIN each. */
final class TechniciansTest {

  private static final String LABEL = "271828";
  private static final String FILE =
      """
      # who keeps this: the plant's office
      wang configure 471100
      li   act       471101
      赵   look      471102
      """;

  @TempDir Path folder;
  private final VirtualTime time = new VirtualTime(0);
  private final List<Event> events = new ArrayList<>();
  private final Access access =
      new Access(false, null, null, Set.of(), false, time, Randomness.seeded(1), events::add);

  private Map<String, Technician> read(String text) throws IOException {
    Path file = Files.writeString(folder.resolve("technicians"), text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return TechniciansFile.beside(folder.resolve("pin"), LABEL);
  }

  private void take(String text) throws IOException {
    access.renew(LABEL, read(text));
  }

  private static HttpCaller asked(@Nullable String cookie, @Nullable String pin) {
    return new HttpCaller(
        InetAddress.getLoopbackAddress(),
        "127.0.0.1",
        null,
        cookie,
        pin == null
            ? null
            : "Basic "
                + Base64.getEncoder().encodeToString((":" + pin).getBytes(StandardCharsets.UTF_8)),
        "application/json",
        true);
  }

  private HttpCaller loggedIn(String pin) {
    return asked(Objects.requireNonNull(access.login(asked(null, null), pin).cookie()), null);
  }

  private boolean may(HttpCaller asked, Role role) {
    return access.act(asked, role).denial() == null;
  }

  @Test
  void eachMayWhatTheRoleSaysAndWhoHasTheLabelsPinMayAll() throws IOException {
    take(FILE);
    Map<String, Role> roles =
        Map.of(
            "471102",
            Role.LOOK,
            "471101",
            Role.ACT,
            "471100",
            Role.CONFIGURE,
            LABEL,
            Role.CONFIGURE);
    for (Map.Entry<String, Role> each : roles.entrySet()) {
      for (HttpCaller way : List.of(loggedIn(each.getKey()), asked(null, each.getKey()))) {
        assertNull(access.view(way), each::toString);
        for (Role role : Role.values()) {
          assertEquals(role.compareTo(each.getValue()) <= 0, may(way, role), each + " " + role);
        }
      }
    }
    assertEquals(401, Objects.requireNonNull(access.view(asked(null, null))).status());
    Access.Permission no = access.act(asked(null, "471102"), Role.ACT);
    assertNull(no.who());
    assertEquals(403, Objects.requireNonNull(no.denial()).status());
    assertTrue(no.denial().why().startsWith("赵 may look"), no.denial().why());
  }

  @Test
  void whatNamedTechniciansDoIsAnEventAndWhatTheLabelsPinDoesIsNot() throws IOException {
    take(FILE);
    HttpCaller li = loggedIn("471101");
    access.acted(Objects.requireNonNull(access.act(li, Role.ACT).who()), li, "scan", "rs485-1");
    HttpCaller label = loggedIn(LABEL);
    access.acted(Objects.requireNonNull(access.act(label, Role.ACT).who()), label, "scan", null);
    assertEquals(
        List.of(
            "{technician=li, role=act, did=begin_session, from=127.0.0.1}",
            "{technician=li, role=act, did=scan, from=127.0.0.1, of=rs485-1}"),
        events.stream().map(event -> event.detail().toString()).toList());
  }

  @Test
  void sessionsAreListedAndEnded() throws IOException {
    take(FILE);
    HttpCaller li = loggedIn("471101");
    time.advanceMillis(60_000);
    HttpCaller wang = loggedIn("471100");
    Technician boss = Objects.requireNonNull(access.act(wang, Role.CONFIGURE).who());
    assertEquals(
        List.of("li act 60 60", "wang configure 0 0"),
        access.sessions().stream()
            .map(
                each ->
                    String.join(
                        " ",
                        each.technician(),
                        each.role(),
                        "" + each.begunSeconds(),
                        "" + each.idleSeconds()))
            .toList());
    assertFalse(access.end(99, boss, wang));
    assertTrue(access.end(access.sessions().getFirst().number(), boss, wang));
    assertNotNull(access.view(li));
    assertNull(access.view(wang));
    assertEquals("li", events.getLast().detail().get("of"));
  }

  @Test
  void whoIsTakenOutOfTheFileIsOutAndWrongPinsAreCountedAsBefore() throws IOException {
    take(FILE);
    HttpCaller li = loggedIn("471101");
    assertFalse(access.renew(LABEL, read(FILE)));
    assertNull(access.view(li));
    assertTrue(access.renew(LABEL, read(FILE.replaceAll("(?m)^li .*$", ""))));
    assertNotNull(access.view(li));
    for (int i = 0; i < 4; i++) {
      assertEquals(401, Objects.requireNonNull(access.view(asked(null, "471101"))).status());
    }
    assertEquals(429, Objects.requireNonNull(access.view(asked(null, "471101"))).status());
    assertEquals(429, Objects.requireNonNull(access.view(asked(null, "471100"))).status());
  }

  @Test
  void aLineThatCannotBeUsedLetsNobodyIn() throws IOException {
    String bad =
        """
        wang configure 471100
        a act 271828
        b act 471100
        wang act 471103
        c boss 471104
        d act 12
        e act
        f act 471105 more
        """;
    assertEquals(Set.of("471100"), read(bad).keySet());
    Path file = folder.resolve("technicians");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertEquals(Map.of(), TechniciansFile.beside(folder.resolve("pin"), LABEL));
    Files.delete(file);
    assertEquals(Map.of(), TechniciansFile.beside(folder.resolve("pin"), LABEL));
  }

  @Test
  void somebodyIsAddedAndRemovedAndTheRestOfTheFileStays() throws Exception {
    take(FILE);
    Path pin = folder.resolve("pin");
    access.keepBeside(pin);
    HttpCaller wang = loggedIn("471100");
    HttpCaller li = loggedIn("471101");
    Technician boss = Objects.requireNonNull(access.act(wang, Role.CONFIGURE).who());
    String own = access.add("zhao", Role.ACT, boss, wang);
    assertTrue(own.matches("\\d{6}"), own);
    Path file = folder.resolve("technicians");
    assertEquals(FILE + "zhao act " + own + "\n", Files.readString(file));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    assertTrue(may(loggedIn(own), Role.ACT));
    assertNull(access.view(li), "adding somebody ends nobody's session");
    assertFalse(access.renew(LABEL, TechniciansFile.beside(pin, LABEL)), "a reload finds the same");

    assertTrue(access.remove("li", boss, wang));
    assertNotNull(access.view(li));
    assertNull(access.view(wang));
    assertNotNull(access.login(asked(null, null), "471101").denial());
    assertEquals(
        FILE.replaceAll("(?m)^li .*\n", "") + "zhao act " + own + "\n", Files.readString(file));
    assertFalse(access.remove("li", boss, wang));
    assertEquals(
        List.of("add_technician zhao", "remove_technician li"),
        events.stream()
            .filter(event -> String.valueOf(event.detail().get("did")).endsWith("_technician"))
            .map(event -> event.detail().get("did") + " " + event.detail().get("of"))
            .toList());
  }

  @Test
  void whatCannotBeWrittenChangesNothing() throws Exception {
    take(FILE);
    HttpCaller wang = loggedIn("471100");
    Technician boss = Objects.requireNonNull(access.act(wang, Role.CONFIGURE).who());
    assertThrows(IOException.class, () -> access.add("zhao", Role.ACT, boss, wang));
    access.keepBeside(folder.resolve("pin"));
    for (String bad : List.of("", "a b", "a\nb look 999999\nc", "#a", "li", "x".repeat(33))) {
      assertThrows(
          TechniciansFile.Refused.class, () -> access.add(bad, Role.LOOK, boss, wang), bad);
    }
    Path file = folder.resolve("technicians");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertThrows(TechniciansFile.Refused.class, () -> access.add("zhao", Role.ACT, boss, wang));
    assertThrows(TechniciansFile.Refused.class, () -> access.remove("li", boss, wang));
    assertEquals(FILE, Files.readString(file));
    StringBuilder full = new StringBuilder();
    for (int i = 0; i < 64; i++) {
      full.append("t%d look %06d%n".formatted(i, i));
    }
    take(full.toString());
    assertThrows(TechniciansFile.Refused.class, () -> access.add("zhao", Role.ACT, boss, wang));
    assertEquals(full.toString(), Files.readString(file));
  }
}
