package io.lingtan.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.audit.SignedRecords;
import io.lingtan.agent.command.ExitCode;
import io.lingtan.agent.command.VerifyCommand;
import io.lingtan.agent.run.Randomness;
import io.lingtan.testing.RequiresTool;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code lingtan verify} beside a verifier in Python that shares nothing with it. */
@RequiresTool("python3")
final class VerifyIT {

  private static final Pattern FLAW = Pattern.compile("\"line\":(\\d+)[^{}]*?\"kind\":\"(\\w+)\"");

  @TempDir private Path folder;

  private SignedRecords made;
  private Path key;
  private Path script;

  @BeforeEach
  void make() throws IOException {
    made = new SignedRecords(folder.resolve("gateway"), "m", 20);
    key = folder.resolve("gw.key");
    script = folder.resolve("verify.py");
    Files.writeString(key, made.key().jwk());
    try (InputStream in =
        Objects.requireNonNull(SignedRecords.class.getResourceAsStream("verify.py"))) {
      Files.write(script, in.readAllBytes());
    }
  }

  @AfterEach
  void close() {
    made.close();
  }

  @Test
  void bothAcceptTenThousandRecordsAndNameTheSameOfEachTampering()
      throws IOException, InterruptedException {
    made.make(10_000);
    List<String> lines = made.lines();
    assertTrue(lines.size() >= 10_000, () -> lines.size() + " records");
    assertAgree("all", lines, 0);

    RandomGenerator random = Randomness.seeded(21);
    List<String> month = lines.subList(0, 100);
    for (int round = 0; round < 24; round++) {
      List<String> changed = new ArrayList<>(month);
      int at = random.nextInt(1, changed.size() - 2);
      String what = tamper(changed, at, round, random);
      assertAgree("round " + round + ", " + what + " at line " + (at + 1), changed, 1);
    }
  }

  /** Changes a file in one of the ways in which a file is changed. */
  private static String tamper(List<String> lines, int at, int round, RandomGenerator random) {
    String line = lines.get(at);
    return switch (round % 6) {
      case 0 -> {
        // Any digit of any number or hash, but those that tell which record it is.
        List<Integer> digits = new ArrayList<>();
        for (int i = line.indexOf("\"metrics\""); i < line.length(); i++) {
          if (Character.isDigit(line.charAt(i))) {
            digits.add(i);
          }
        }
        int digit = digits.get(random.nextInt(digits.size()));
        char other = (char) ('0' + (line.charAt(digit) - '0' + 1 + random.nextInt(8)) % 10);
        lines.set(at, line.substring(0, digit) + other + line.substring(digit + 1));
        yield "a digit";
      }
      case 1 -> {
        lines.remove(at);
        yield "a record away";
      }
      case 2 -> {
        lines.set(at, lines.get(at + 1));
        lines.set(at + 1, line);
        yield "two swapped";
      }
      case 3 -> {
        lines.set(at, line.replace("\"value\":\"0.5827\"", "\"value\":\"0.5810\""));
        yield "the factor";
      }
      case 4 -> {
        int sig = line.indexOf("\"sig\":\"") + 7;
        lines.set(at, line.substring(0, sig) + flipped(line.substring(sig)));
        yield "the signature";
      }
      default -> {
        lines.set(at, line.replace("\"q\":\"missing\"", "\"q\":\"measured\""));
        yield "a quality";
      }
    };
  }

  private static String flipped(String signature) {
    return (signature.charAt(0) == 'A' ? 'B' : 'A') + signature.substring(1);
  }

  private void assertAgree(String what, List<String> lines, int leastFlaws)
      throws IOException, InterruptedException {
    Set<String> ours = ours(lines);
    Set<String> theirs = theirs(lines);
    // Ours also works sums of figures out again, so it may know more that is wrong with a record.
    assertEquals(recordsOf(theirs), recordsOf(ours), () -> what + ": " + theirs + ", " + ours);
    assertTrue(ours.containsAll(theirs), () -> what + ": " + theirs + ", " + ours);
    assertTrue(ours.size() >= leastFlaws, what + ": " + ours);
    assertTrue(leastFlaws > 0 || ours.isEmpty(), what + ": " + ours);
  }

  private static Set<String> recordsOf(Set<String> flaws) {
    return flaws.stream().map(flaw -> flaw.split(" ")[0]).collect(Collectors.toSet());
  }

  private Set<String> ours(List<String> lines) {
    StringWriter out = new StringWriter();
    byte[] file = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
    int code =
        new CommandLine(new VerifyCommand(new ByteArrayInputStream(file)))
            .setOut(new PrintWriter(out))
            .execute("--json", "--key", key.toString(), "-");
    Set<String> flaws = new TreeSet<>();
    Matcher matcher = FLAW.matcher(out.toString());
    while (matcher.find()) {
      flaws.add(matcher.group(1) + " " + matcher.group(2));
    }
    assertEquals(flaws.isEmpty() ? ExitCode.GOOD : ExitCode.FAILED, code, out::toString);
    return flaws;
  }

  private Set<String> theirs(List<String> lines) throws IOException, InterruptedException {
    Path file = folder.resolve("records.ndjson");
    Files.write(file, lines);
    Process python =
        new ProcessBuilder("/usr/bin/python3", script.toString(), key.toString(), file.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String out = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, python.waitFor(), out);
    return new TreeSet<>(out.lines().toList());
  }
}
