package io.lingtan.agent.seal;

import io.lingtan.agent.run.MachineIdentity;
import io.lingtan.agent.run.WholeFile;
import io.lingtan.agent.seal.Signing.Origin;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of a gateway's key: a JWK (RFC 8037) that only its owner may read, with a mark of the
 * machine that it was made on, so that a copied card does not sign in the original's name. After a
 * rotation it also holds the key before, until a record has carried that key's word for the new
 * one.
 *
 * <p>Crash contract: the file is replaced as a whole and synced before the key is used. Whatever
 * happens meanwhile, it holds the old content or the new.
 */
public final class KeyFile {
  private static final Logger log = LoggerFactory.getLogger(KeyFile.class);
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  private static final int MOST_SET_ASIDE = 1000;

  private final Path file;
  private final String machine;

  /**
   * @param machine identity of this machine; only a hash of it is written
   */
  public KeyFile(Path file, String machine) {
    this.file = file.toAbsolutePath();
    this.machine =
        MachineIdentity.mapped(machine, value -> Digest.of("lingtan signing key\n" + value));
  }

  /** What the file holds. */
  private record Content(SigningKey key, @Nullable SigningKey previous, String machine) {}

  /**
   * The key to sign with: the one in the file, or a new one that is in the file when this returns.
   * It never fails: a key that cannot be kept is used as long as this process lasts, or until
   * {@link #keep} has kept it, and the log says what to do.
   */
  public Signing open(RandomGenerator random) {
    Origin origin = Origin.NEW;
    try {
      Content content = read();
      if (MachineIdentity.isSame(content.machine, machine)) {
        return new Signing(content.key, content.previous, Origin.KEPT);
      }
      origin = Origin.OTHER_MACHINE;
      log.warn(
          "{} was made on another machine: this one gets a key of its own. Whoever checks"
              + " signatures needs the new public key",
          file);
    } catch (NoSuchFileException e) {
      log.info("{} does not exist yet: a key is made", file);
    } catch (IOException e) {
      return new Signing(SigningKey.make(random), null, notKept(e));
    } catch (IllegalArgumentException e) {
      origin = setAside(e);
    }
    SigningKey made = SigningKey.make(random);
    try {
      write(new Content(made, null, machine));
    } catch (IOException e) {
      origin = notKept(e);
    }
    return new Signing(made, null, origin);
  }

  /**
   * Puts a key that could not be kept when it was made into the file after all: the next process
   * goes on with its chain.
   *
   * @throws IOException if it still cannot be kept, or another key of this machine is there, which
   *     is used from the next start on
   */
  public void keep(SigningKey key) throws IOException {
    try {
      Content content = read();
      if (MachineIdentity.isSame(content.machine, machine)) {
        if (content.key.open().x().equals(key.open().x())) {
          return;
        }
        throw new IOException(
            file + " holds another key than is signed with: start the agent anew");
      }
    } catch (NoSuchFileException e) {
      // As it was when the key was made.
    } catch (IllegalArgumentException e) {
      if (setAside(e) == Origin.NOT_KEPT) {
        throw new IOException(file + " holds no key and cannot be moved", e);
      }
    }
    write(new Content(key, null, machine));
  }

  private Origin notKept(IOException e) {
    log.error(
        "{} cannot be used ({}): intervals are signed with a key that ends with this process,"
            + " unless it can be written later. The agent's user must be allowed to write there; or"
            + " choose another journal.key_file",
        file,
        e.toString());
    return Origin.NOT_KEPT;
  }

  private Origin setAside(IllegalArgumentException why) {
    for (int n = 1; n <= MOST_SET_ASIDE; n++) {
      Path aside = file.resolveSibling(file.getFileName() + ".damaged-" + n);
      if (!Files.exists(aside)) {
        try {
          Files.move(file, aside, StandardCopyOption.ATOMIC_MOVE);
          log.error("{} held no key ({}); it is now {}", file, why.getMessage(), aside);
          return Origin.DAMAGED;
        } catch (IOException e) {
          return notKept(e);
        }
      }
    }
    return Origin.DAMAGED;
  }

  /**
   * Puts a new key into the file, beside the one that was there and will vouch for it. It is used
   * from the next start of the agent.
   *
   * @return the new key's public half
   * @throws IOException if there is no key of this machine to be replaced, an earlier rotation has
   *     not been carried out yet, or the file cannot be written; the message says what to do
   */
  public VerifyingKey rotate(RandomGenerator random) throws IOException {
    Content content = required();
    if (content.previous != null) {
      throw new IOException(
          file
              + " holds a rotation that no record has carried yet: start the agent, wait for an"
              + " interval, start it again, and then rotate");
    }
    SigningKey made = SigningKey.make(random);
    write(new Content(made, content.key, machine));
    return made.open();
  }

  /**
   * The public half of the key in the file.
   *
   * @throws IOException if there is none that this machine uses; the message says what to do
   */
  public VerifyingKey published() throws IOException {
    return required().key.open();
  }

  private Content required() throws IOException {
    try {
      Content content = read();
      if (MachineIdentity.isSame(content.machine, machine)) {
        return content;
      }
      throw new IOException(file + " was made on another machine; the agent replaces it at start");
    } catch (NoSuchFileException e) {
      throw new IOException(file + " does not exist: the agent makes it at its first start", e);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + " holds no key: " + e.getMessage(), e);
    }
  }

  /** A record has carried the word of the key before: it is destroyed. */
  public void forgetPrevious() {
    try {
      Content content = read();
      if (content.previous != null && MachineIdentity.isSame(content.machine, machine)) {
        write(new Content(content.key, null, machine));
      }
    } catch (IOException | IllegalArgumentException e) {
      log.warn("{}: the key before the last rotation is still in it: {}", file, e.toString());
    }
  }

  private Content read() throws IOException {
    JsonValue.Obj object;
    try {
      object = JsonValue.object(Files.readString(file).strip());
    } catch (JsonValue.NotJson e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    SigningKey key = SigningKey.of(needed(object, "d"));
    if (!key.open().x().equals(needed(object, "x"))) {
      throw new IllegalArgumentException("x is not the public half of d");
    }
    String before = object.text("previous");
    return new Content(
        key, before == null ? null : SigningKey.of(before), needed(object, "machine"));
  }

  private static String needed(JsonValue.Obj object, String name) {
    String text = object.text(name);
    if (text == null) {
      throw new IllegalArgumentException("it has no " + name);
    }
    return text;
  }

  private void write(Content content) throws IOException {
    SigningKey previous = content.previous;
    String text =
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s\",\"d\":\"%s\",\"machine\":\"%s\"%s}\n"
            .formatted(
                content.key.open().x(),
                content.key.d(),
                content.machine,
                previous == null ? "" : ",\"previous\":\"" + previous.d() + "\"");
    Path folder = Objects.requireNonNull(file.getParent());
    Files.createDirectories(folder);
    WholeFile.replace(
        file,
        text.getBytes(StandardCharsets.UTF_8),
        PosixFilePermissions.asFileAttribute(OWNER_ONLY));
  }
}
