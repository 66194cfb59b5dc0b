package io.lingtan.agent.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import io.lingtan.agent.audit.verify.Flaw;
import io.lingtan.agent.audit.verify.Verification;
import io.lingtan.agent.audit.verify.VerifyReport;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.seal.CanonicalJson;
import io.lingtan.agent.seal.JsonValue;
import io.lingtan.agent.seal.SealedText;
import io.lingtan.agent.seal.SigningKey;
import io.lingtan.testing.HostileText;
import io.lingtan.testing.fuzz.Bytes;
import io.lingtan.testing.fuzz.FuzzTarget;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Stream;

/**
 * Files that {@code lingtan verify} is given: each line is a record or a flaw at that line, and the
 * report can be written. Some inputs are signed with the right key, because what is behind the
 * signature would never be reached.
 */
public final class VerifyFileFuzz implements FuzzTarget {

  private static final JsonFactory JSON = new JsonFactory();

  /** Inputs that begin so are signed first, or are a document with a seal. */
  private static final int SIGNED = 1;

  private static final int DOCUMENT = 2;

  private static final SigningKey KEY = SigningKey.make(Randomness.seeded(11));
  private static final Path GOLDEN = Path.of("src/test/resources/io/lingtan/agent/reading");

  @Override
  public List<byte[]> seeds() throws IOException {
    Path folder = Files.createTempDirectory("verify-fuzz");
    List<byte[]> seeds = new ArrayList<>();
    try (SignedRecords made = new SignedRecords(folder, "m", 5)) {
      made.make(10);
      List<String> lines = made.lines();
      String five = String.join("\n", lines.subList(0, 5));
      seeds.add(Bytes.of(five, SIGNED));
      seeds.add(Bytes.of(five, 0));
      seeds.add(Bytes.of(five.replaceAll(",\"sig\":\"[^\"]*\"", ""), 0));
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
    String interval = Files.readString(GOLDEN.resolve("interval.json"));
    String event = Files.readString(GOLDEN.resolve("event.json"));
    seeds.add(Bytes.of(interval, 0));
    seeds.add(Bytes.of(event + "\n" + interval, SIGNED));
    String text = "<!doctype html>\n<p>1.25 kWh</p>\n";
    seeds.add(Bytes.of(SealedText.of(text, KEY), DOCUMENT));
    seeds.add(Bytes.of(SealedText.of("\ufeffa,b\r\n1,2\r\n", KEY), DOCUMENT));
    return seeds;
  }

  @Override
  public void take(byte[] input) throws IOException {
    Bytes bytes = new Bytes(input);
    int chosen = bytes.take();
    byte[] file = bytes.rest();
    if (chosen == DOCUMENT) {
      document(file);
      return;
    }
    Verification verification = new Verification(KEY.open());
    List<String> lines = new String(file, StandardCharsets.UTF_8).lines().toList();
    for (String line : lines) {
      verification.take(chosen == SIGNED ? signed(line) : line);
    }
    VerifyReport report = verification.report(null);
    assertEquals(lines.size(), report.lines());
    assertFalse(report.text().isBlank(), "a report without a word");
    HostileText.assertPlain(report.text());
    for (Flaw flaw : report.flaws()) {
      assertTrue(flaw.line() >= 1 && flaw.line() <= lines.size(), flaw::toString);
    }
    try (JsonParser json = JSON.createParser(report.json())) {
      while (json.nextToken() != null) {
        // Only whether it is JSON.
      }
    }
  }

  private static void document(byte[] file) {
    if (SealedText.check(file, KEY.open()) instanceof SealedText.Verdict.Good(String text)) {
      assertEquals(SealedText.of(text, KEY), new String(file, StandardCharsets.UTF_8));
    }
  }

  private static String signed(String line) {
    try {
      JsonValue.Obj record = JsonValue.object(line);
      SequencedMap<String, JsonValue> members = new LinkedHashMap<>(record.members());
      members.remove("sig");
      String text = CanonicalJson.of(new JsonValue.Obj(members));
      String end = line.stripTrailing();
      // As written: the canonical form would put numbers into another.
      int at = end.lastIndexOf(",\"sig\"");
      String start = at > 0 ? end.substring(0, at) : end.substring(0, end.length() - 1);
      return start + ",\"sig\":\"" + KEY.sign(text) + "\"}";
    } catch (JsonValue.NotJson | IllegalArgumentException e) {
      return line;
    }
  }
}
