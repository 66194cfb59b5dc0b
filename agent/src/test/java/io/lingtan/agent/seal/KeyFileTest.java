package io.lingtan.agent.seal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.seal.Signing.Origin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KeyFileTest {

  /** RFC 8032, 7.1, test 1, and its public key; RFC 8037, appendix A, has them as a JWK. */
  private static final String D = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";

  private static final String X = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

  @TempDir private Path folder;

  private final RandomGenerator random = Randomness.seeded(7);

  private KeyFile file(String machine) {
    return new KeyFile(folder.resolve("secrets/signing.key"), machine);
  }

  @Test
  void theKeyOfTheStandardSignsAsTheStandardShows() {
    SigningKey key = SigningKey.of(D);
    assertEquals(X, key.open().x());
    // RFC 8037, appendix A.4.
    assertEquals(
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
        key.sign("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"));
  }

  @Test
  void aSignatureIsOfOneTextAndOneKey() {
    SigningKey key = SigningKey.make(random);
    String signature = key.sign("12.534");
    VerifyingKey open = VerifyingKey.ofJwk(key.open().jwk());
    assertTrue(open.signed("12.534", signature));
    assertFalse(open.signed("12.535", signature));
    assertFalse(SigningKey.make(random).open().signed("12.534", signature));
    assertFalse(open.signed("12.534", "not base64!"));
    assertFalse(open.signed("12.534", null));
  }

  @Test
  void aKeyIsMadeOnceAndOnlyItsOwnerMayReadIt() throws IOException {
    Signing made = file("a").open(random);
    assertEquals(Origin.NEW, made.origin());
    Path path = folder.resolve("secrets/signing.key");
    assertEquals(PosixFilePermissions.fromString("rw-------"), Files.getPosixFilePermissions(path));
    Signing kept = file("a").open(random);
    assertEquals(Origin.KEPT, kept.origin());
    assertEquals(made.key().open().x(), kept.key().open().x());
    assertEquals(made.key().open().x(), file("a").published().x());
  }

  @Test
  void aCopiedCardDoesNotSignInTheOriginalsName() throws IOException {
    String original = file("a").open(random).key().open().x();
    Signing copy = file("b").open(random);
    assertEquals(Origin.OTHER_MACHINE, copy.origin());
    assertNotEquals(original, copy.key().open().x());
    assertNull(copy.previous());
    assertFalse(Files.readString(folder.resolve("secrets/signing.key")).contains(original));
  }

  @Test
  void whatIsNoKeyIsSetAside() throws IOException {
    file("a").open(random);
    Files.writeString(folder.resolve("secrets/signing.key"), "");
    assertEquals(Origin.DAMAGED, file("a").open(random).origin());
    assertTrue(Files.exists(folder.resolve("secrets/signing.key.damaged-1")));
    assertEquals(Origin.KEPT, file("a").open(random).origin());
  }

  @Test
  void aKeyThatCannotBeKeptIsUsedAllTheSame() throws IOException {
    Files.writeString(folder.resolve("secrets"), "a file in the way");
    Signing unkept = file("a").open(random);
    assertEquals(Origin.NOT_KEPT, unkept.origin());
    assertThrows(IOException.class, () -> file("a").keep(unkept.key()));
    Files.delete(folder.resolve("secrets"));
    file("a").keep(unkept.key());
    Signing kept = file("a").open(random);
    assertEquals(Origin.KEPT, kept.origin());
    assertEquals(unkept.key().open().x(), kept.key().open().x());
    // Another key of this machine is nobody's to write over.
    assertThrows(IOException.class, () -> file("a").keep(SigningKey.make(random)));
    assertEquals(unkept.key().open().x(), file("a").published().x());
  }

  @Test
  void aRotationKeepsTheKeyBeforeUntilItHasVouched() throws IOException {
    Signing first = file("a").open(random);
    String next = file("a").rotate(random).x();
    Signing second = file("a").open(random);
    assertEquals(next, second.key().open().x());
    SigningKey previous = second.previous();
    assertNotNull(previous);
    assertEquals(first.key().open().x(), previous.open().x());
    assertThrows(IOException.class, () -> file("a").rotate(random));

    file("a").forgetPrevious();
    assertNull(file("a").open(random).previous());
    assertEquals(next, file("a").open(random).key().open().x());
  }
}
