package io.lingtan.agent.audit;

import static io.lingtan.agent.audit.Conversation.storeOf;
import static io.lingtan.agent.audit.Conversation.withSession;
import static io.lingtan.testing.HostileText.assertPlain;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.audit.verify.Verification;
import io.lingtan.agent.audit.verify.VerifyReport;
import io.lingtan.agent.audit.zone.ZoneClaim;
import io.lingtan.agent.reading.foreign.ForeignText;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.seal.VerifyingKey;
import io.lingtan.agent.status.trace.Trace;
import io.lingtan.agent.status.trace.Trace.Kind;
import io.lingtan.agent.status.trace.Trace.Rule;
import io.lingtan.agent.status.trace.TraceForm;
import io.lingtan.testing.HostileText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What gateways, zones and files say never does anything to the terminal of whoever audits. */
final class ForeignWordsTest {
  private static final long SEED = 20_261_130;
  private static final Path ZONE = Path.of("src/test/resources/io/lingtan/agent/audit/zone");
  private static final Path GOLDEN = Path.of("src/test/resources/io/lingtan/agent");

  private final RandomGenerator random = Randomness.seeded(SEED);

  @Test
  void eachLetterIsShownAndOnlyThoseThatActAreEscaped() {
    for (int letter = 0; letter < 0x10000; letter++) {
      assertPlain(ForeignText.line("a" + (char) letter));
    }
    String harmless = "\u7535\u8868 a-b \u00e9 \ud83c\udf1e";
    assertEquals(harmless, ForeignText.line(harmless));
    assertEquals("a\\u001b[8m\\u000aGOOD", ForeignText.line("a\u001b[8m\nGOOD"));
    assertEquals("aa...", ForeignText.text("a".repeat(900_000), 2));
  }

  @Test
  void noMemberOfARecordForgesALineOfVerify() throws IOException {
    String record =
        Files.readString(ZONE.resolve("record.ndjson")).lines().findFirst().orElseThrow();
    VerifyingKey key = VerifyingKey.ofJwk(Files.readString(ZONE.resolve("gw.key")));
    assertTrue(record.contains("\"interval\""), record);
    String event =
        "{\"epoch\":\"e\",\"seq\":3,\"event\":\"journal.dropped\",\"detail\":{\"epoch\":\"e\",\"kind\":"
            + "\"interval\",\"from\":1,\"to\":2,\"count\":1}}";
    for (String line : List.of(record, event)) {
      HostileText.inEachPlace(
          line,
          random,
          changed -> {
            Verification verification = new Verification(key);
            verification.take(record);
            verification.take(changed);
            verification.take(record.replace("\"seq\":", "\"seq\":1"));
            VerifyReport report = verification.report(null);
            assertPlain(report.text());
            assertPlain(report.json());
          });
    }
  }

  @Test
  void aNameThatIsNoneIsADamagedRecord() throws IOException {
    String record =
        Files.readString(ZONE.resolve("record.ndjson")).lines().findFirst().orElseThrow();
    VerifyingKey key = VerifyingKey.ofJwk(Files.readString(ZONE.resolve("gw.key")));
    for (String change : List.of("\"epoch\":\"", "\"interval\":\"", "\"metrics\":{\"")) {
      Verification verification = new Verification(key);
      verification.take(record.replace(change, change + "24 records: signed "));
      VerifyReport report = verification.report(null);
      assertEquals(0, report.records(), change);
      assertEquals("malformed", report.flaws().getFirst().kind().word(), change);
    }
  }

  @Test
  void noProofAndNoRootForgesALine() throws IOException {
    String proof = Files.readString(ZONE.resolve("proof.json"));
    String root = Files.readString(ZONE.resolve("root.json"));
    VerifyingKey key = VerifyingKey.ofJwk(Files.readString(ZONE.resolve("gw.key")));
    String record = Files.readString(ZONE.resolve("record.ndjson"));
    HostileText.inEachPlace(proof, random, changed -> judge(changed, root, key, record, null));
    HostileText.inEachPlace(root, random, changed -> judge(proof, changed, key, record, null));
    judge(proof, root, key, record, HostileText.of(random));
  }

  private static void judge(
      String proof, String root, VerifyingKey key, String record, @Nullable String owner) {
    ZoneClaim claim = ZoneClaim.of(proof.getBytes(StandardCharsets.UTF_8), root, owner);
    Verification verification = new Verification(key);
    claim.lookIn(verification);
    record.lines().forEach(verification::take);
    assertPlain(claim.judge(verification).text());
  }

  @Test
  void noMessageOfAGatewayForgesALineOfTheAudit() throws IOException {
    String store =
        storeOf(
            Conversation.EPOCH,
            9,
            9,
            ",\"dropped\":[{\"from\":1,\"to\":2,\"count\":1,\"kind\":\"data\",\"reason\":\"space\"}]"
                + ",\"previous\":[{\"epoch\":\"a\",\"last\":3,\"acked\":3,\"dropped\":[{\"from\":1,\"to\":2,"
                + "\"count\":1,\"kind\":\"data\",\"reason\":\"space\"}]}]");
    Map<String, String> messages =
        Map.of(
            "store", store,
            "meta", "{\"devices\":[\"pv1\",{\"id\":\"gate\",\"record\":\"10s\"}]}",
            "data/pv1", Files.readString(GOLDEN.resolve("reading/data.json")),
            "interval/15m", Files.readString(GOLDEN.resolve("reading/interval.json")),
            "event", Files.readString(GOLDEN.resolve("reading/event.json")),
            "undated", Files.readString(GOLDEN.resolve("reading/data-undated.json")),
            "batch", Files.readString(GOLDEN.resolve("publish/batch.json")));
    messages.forEach(
        (topic, message) ->
            HostileText.inEachPlace(
                message,
                random,
                changed -> {
                  var said = withSession().says("status", "online").data(3, 5).store(9, 9);
                  said.says(topic, changed).says(topic.replaceAll("/.*", "/") + changed, message);
                  said.completeness.takeReplayed(
                      "gw", changed.getBytes(StandardCharsets.UTF_8), Conversation.T0);
                  assertPlain(said);
                }));
  }

  private static void assertPlain(Conversation said) {
    HostileText.assertPlain(said.report().text());
    HostileText.assertPlain(said.report().json());
    List<String> live = new ArrayList<>();
    new LiveLines(live::add).show(said.report());
    live.forEach(
        line -> {
          assertFalse(line.contains("\n"), line);
          HostileText.assertPlain(line);
        });
  }

  private static void assertPlain(String shown) {
    HostileText.assertPlain(shown);
  }

  @Test
  void aNameThatIsNoneIsADamagedMessage() {
    String forged = "e\\n\\u001b[2JCOMPLETE: 2 gateways\\u001b[8m";
    var said = withSession().says("status", "online").says("store", storeOf(forged, 5, 5, ""));
    assertEquals(
        Map.of("store: epoch has letters that are in no such name", 1L), said.gateway().garbage());
    String drop =
        ",\"dropped\":[{\"from\":1,\"to\":2,\"count\":1,\"kind\":\"%s\",\"reason\":\"%s\"}]";
    said =
        withSession().says("store", storeOf("e", 5, 5, drop.formatted("data", "space\\u001b]52")));
    said.says("store", storeOf("e", 5, 5, drop.formatted("da\\nta", "space")));
    assertEquals(
        Map.of(
            "store: reason has letters that are in no such name",
            1L,
            "store: kind has letters that are in no such name",
            1L),
        said.gateway().garbage());
  }

  @Test
  void noNoteOfAFigureForgesALineOfExplain() {
    String evil = HostileText.of(random);
    Trace part = new Trace(Kind.FACTOR, evil, null, evil, Rule.GIVEN, false, evil, List.of());
    Trace whole =
        new Trace(Kind.FIGURE, evil, null, "", Rule.SUM, false, evil, List.of(part, part));
    assertPlain(TraceForm.text(whole));
    assertEquals(3, TraceForm.text(whole).lines().count());
    assertPlain(TraceForm.json(whole));
  }

  @Test
  void aGatewaysRefusalOfARepairForgesNoLine() {
    String evil = HostileText.of(random);
    var left = new RepairReport.Left("gw", "e", 1, 2, 2, RepairReport.Why.REFUSED, evil);
    var report = withSession().store(5, 5).report();
    var repaired =
        new AuditReport(
            report.atMillis(), 0, report.gateways(), 0, 0, new RepairReport(1, 0, List.of(left)));
    assertPlain(repaired.text());
    assertPlain(repaired.json());
  }
}
