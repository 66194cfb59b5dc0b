package io.lingtan.agent.seal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.seal.SealedText.Verdict;
import io.lingtan.testing.Launched;
import io.lingtan.testing.RequiresTool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A document that its gateway signs as a whole. */
final class SealedTextTest {

  private static final String HTML = "<!doctype html>\n<p>1.0 kW, 关口 \ufffd</p>\n";
  private static final String CSV = "\ufeff仪表,读数\r\ngate,1.0\r\n";

  private final SigningKey key = SigningKey.make(Randomness.seeded(5));

  private Verdict check(byte[] file) {
    return SealedText.check(file, key.open());
  }

  @ParameterizedTest
  @ValueSource(strings = {HTML, CSV})
  void noByteCanBeChangedAddedOrTakenAway(String text) {
    byte[] sealed = SealedText.of(text, key).getBytes(UTF_8);
    assertEquals(new Verdict.Good(text), check(sealed));
    for (int i = 0; i < sealed.length; i++) {
      for (int flip : new int[] {1, 4, 0x20, 0x80}) {
        byte[] changed = sealed.clone();
        changed[i] ^= (byte) flip;
        assertInstanceOf(Verdict.Bad.class, check(changed), "byte " + i + " xor " + flip);
      }
      byte[] shorter = Arrays.copyOf(sealed, i);
      assertInstanceOf(Verdict.Bad.class, check(shorter), "cut at " + i);
      byte[] longer = Arrays.copyOf(sealed, sealed.length + 1);
      System.arraycopy(sealed, i, longer, i + 1, sealed.length - i);
      assertInstanceOf(Verdict.Bad.class, check(longer), "byte " + i + " twice");
    }
    assertInstanceOf(Verdict.Bad.class, check((text + "\n").getBytes(UTF_8)));
  }

  /** The last letter of a signature has bits that say nothing: only one of its forms is good. */
  @Test
  void theSameSignatureWrittenOtherwiseIsRefused() {
    String sealed = SealedText.of(HTML, key);
    int last = sealed.lastIndexOf(" -->") - 1;
    String letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    char other = letters.charAt(letters.indexOf(sealed.charAt(last)) ^ 1);
    String changed = sealed.substring(0, last) + other + sealed.substring(last + 1);
    String sig = sealed.substring(last - 85, last + 1);
    assertEquals(
        Arrays.toString(Base64.getUrlDecoder().decode(sig)),
        Arrays.toString(Base64.getUrlDecoder().decode(sig.substring(0, 85) + other)));
    assertInstanceOf(Verdict.Bad.class, check(changed.getBytes(UTF_8)));
    String asCsv =
        sealed.replaceFirst("<!-- lingtan-seal (\\S+) (\\S+) -->\n", "lingtan-seal,$1,$2\r\n");
    assertInstanceOf(Verdict.Bad.class, check(asCsv.getBytes(UTF_8)));
  }

  @Test
  void anotherKeysSealIsNotThisGateways() {
    String sealed = SealedText.of(HTML, SigningKey.make(Randomness.seeded(6)));
    Verdict.Bad bad = assertInstanceOf(Verdict.Bad.class, check(sealed.getBytes(UTF_8)));
    assertTrue(bad.why().contains("another key"), bad.why());
  }

  @Test
  void recordsAreNoSuchDocumentsAndNeitherIsAnythingElse() {
    assertTrue(SealedText.isOne(HTML.getBytes(UTF_8)));
    assertTrue(SealedText.isOne(CSV.getBytes(UTF_8)));
    assertFalse(SealedText.isOne("{\"epoch\":\"e\"}\n".getBytes(UTF_8)));
    assertFalse(SealedText.isOne(new byte[0]));
    assertThrows(IllegalArgumentException.class, () -> SealedText.of("{}\n", key));
    assertThrows(IllegalArgumentException.class, () -> SealedText.of("<!doctype html>\n<p>", key));
  }

  /** Whoever does not trust this program has others: the signed text is all but the last line. */
  @Test
  @RequiresTool("openssl")
  void opensslComesToTheSame(@TempDir Path folder) throws Exception {
    String sealed = SealedText.of(HTML, key);
    Path text = Files.writeString(folder.resolve("text"), HTML);
    String sig =
        sealed.substring(sealed.lastIndexOf(' ', sealed.length() - 6) + 1, sealed.length() - 5);
    Path signature = Files.write(folder.resolve("sig"), Base64.getUrlDecoder().decode(sig));
    byte[] raw = Base64.getUrlDecoder().decode(key.open().x());
    Path open =
        Files.write(
            folder.resolve("key.der"),
            HexFormat.of().parseHex("302a300506032b6570032100" + HexFormat.of().formatHex(raw)));
    assertEquals(0, openssl(open, signature, text));
    Files.writeString(text, HTML.replace("1.0", "1.1"));
    assertEquals(1, openssl(open, signature, text));
  }

  private static int openssl(Path key, Path signature, Path text) throws Exception {
    return Launched.within(
            Duration.ofSeconds(20),
            Map.of(),
            "openssl",
            "pkeyutl",
            "-verify",
            "-pubin",
            "-keyform",
            "DER",
            "-inkey",
            key.toString(),
            "-rawin",
            "-sigfile",
            signature.toString(),
            "-in",
            text.toString())
        .exit();
  }
}
