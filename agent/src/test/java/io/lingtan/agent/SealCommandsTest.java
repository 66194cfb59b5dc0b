package io.lingtan.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.command.ExitCode;
import io.lingtan.agent.command.ExplainCommand;
import io.lingtan.agent.command.KeyCommand;
import io.lingtan.agent.command.VerifyCommand;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.seal.KeyFile;
import io.lingtan.agent.seal.VerifyingKey;
import io.lingtan.agent.status.report.KeptMonths;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code explain}, {@code key} and {@code verify} as they are typed. */
final class SealCommandsTest {

  @TempDir private Path folder;

  private KeptMonths kept;
  private StringWriter out = new StringWriter();
  private StringWriter err = new StringWriter();

  @BeforeEach
  void open() throws IOException {
    kept = new KeptMonths(folder);
    kept.june();
  }

  @AfterEach
  void close() {
    kept.close();
  }

  private int run(Object command, String... words) {
    out = new StringWriter();
    err = new StringWriter();
    return new CommandLine(command)
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(words);
  }

  private String site() {
    return folder.resolve("site.yaml").toString();
  }

  @Test
  void explainReadsTheJournalOfARunningAgent() {
    String seq = String.valueOf(kept.last());
    int code = run(new ExplainCommand(), "--config", site(), seq, "co2.scope2.market");
    assertEquals(ExitCode.GOOD, code, err::toString);
    assertTrue(out.toString().startsWith("co2.scope2.market  18571.464 kg"), out::toString);
    assertTrue(out.toString().contains("× cn-elec/CN/2023/residual  0.6096"), out::toString);
    assertEquals(
        ExitCode.GOOD, run(new ExplainCommand(), "--config", site(), "--json", seq, "co2.total"));
    assertTrue(out.toString().startsWith("{\"kind\":\"figure\""), out::toString);
  }

  @Test
  void explainSaysWhatIsNotThere() {
    assertEquals(
        ExitCode.FAILED, run(new ExplainCommand(), "--config", site(), "4711", "co2.total"));
    assertTrue(err.toString().contains("no record 4711"), err::toString);
    assertEquals(
        ExitCode.FAILED,
        run(new ExplainCommand(), "--config", site(), String.valueOf(kept.last()), "co2"));
    assertTrue(err.toString().contains("has no figure co2; it has"), err::toString);
  }

  @Test
  void keyPrintsTheKeyAndPutsAnotherInItsPlace() {
    assertEquals(ExitCode.FAILED, run(new KeyCommand(), "--config", site()));
    assertTrue(err.toString().contains("makes it at its first start"), err::toString);
    Path file = folder.resolve("secrets/signing.key");
    new KeyFile(file, Machine.identity()).open(Randomness.seeded(3));
    assertEquals(ExitCode.GOOD, run(new KeyCommand(), "--config", site()));
    String first = VerifyingKey.ofJwk(out.toString()).x();
    assertEquals(ExitCode.GOOD, run(new KeyCommand(), "--config", site(), "--rotate"));
    assertNotEquals(first, VerifyingKey.ofJwk(out.toString()).x());
    assertEquals(ExitCode.FAILED, run(new KeyCommand(), "--config", site(), "--rotate"));
    assertTrue(err.toString().contains("no record has carried yet"), err::toString);
  }

  @Test
  void verifyTellsWrongUsageFromWrongRecords() throws IOException {
    VerifyCommand verify = new VerifyCommand(new ByteArrayInputStream(new byte[0]));
    assertEquals(ExitCode.WRONG_USAGE, run(verify, "-"));
    Path key = folder.resolve("gw.key");
    Files.writeString(key, "{\"kty\":\"RSA\"}");
    assertEquals(ExitCode.WRONG_USAGE, run(verify, "--key", key.toString(), "-"));
    assertTrue(err.toString().contains("no JWK of an Ed25519 key"), err::toString);
    Files.writeString(key, Files.readString(keyOfMeta()));
    assertEquals(ExitCode.FAILED, run(verify, "--key", key.toString(), "-"));
    assertTrue(out.toString().contains("NOTHING TO JUDGE"), out::toString);
    assertEquals(
        ExitCode.WRONG_USAGE, run(verify, "--key", key.toString(), folder.resolve("x").toString()));
  }

  /** A payload of meta, which is as good as a JWK. */
  private Path keyOfMeta() throws IOException {
    Path meta = folder.resolve("meta.json");
    Files.writeString(
        meta,
        "{\"schema\":\"lingtan/v1\",\"key\":{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}}");
    return meta;
  }
}
