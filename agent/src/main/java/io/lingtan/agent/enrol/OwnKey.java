package io.lingtan.agent.enrol;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.lingtan.agent.run.WholeFile;
import io.lingtan.agent.tls.Der;
import io.lingtan.agent.tls.Tls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/** A key of our own, EC P-256, for a certificate that is asked for. */
record OwnKey(PrivateKey secret, PublicKey open) {

  private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII));
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN (PRIVATE|PUBLIC) KEY-----([^-]*)-----END");

  /** AlgorithmIdentifier of ecdsa-with-SHA256 (RFC 5758, section 3.2). */
  private static final byte[] ECDSA_SHA256 =
      Der.sequence(new byte[] {6, 8, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 4, 3, 2});

  /** {@code [0]}, with nothing in it. */
  private static final byte[] NO_ATTRIBUTES = {(byte) 0xa0, 0};

  /**
   * The key of what was begun, or a new one. Crash contract: when it returns the key is on the
   * card, and it is the same until {@link #forget}, so that a request that is made again after a
   * power cut is the same request.
   *
   * @param pending where it lies
   * @param purpose a word that says what it is for; what was begun for another is over
   */
  static OwnKey pending(Path pending, String purpose) throws IOException {
    try {
      String text = Files.readString(pending, US_ASCII);
      OwnKey before = text.startsWith(purpose + "\n") ? of(text) : null;
      if (before != null) {
        return before;
      }
    } catch (NoSuchFileException e) {
      return made(pending, purpose);
    }
    return made(pending, purpose);
  }

  private static OwnKey made(Path pending, String purpose) throws IOException {
    try {
      KeyPairGenerator keys = KeyPairGenerator.getInstance("EC");
      keys.initialize(new ECGenParameterSpec("secp256r1"));
      var pair = keys.generateKeyPair();
      OwnKey key = new OwnKey(pair.getPrivate(), pair.getPublic());
      write(pending, purpose + "\n" + key.pem() + block("PUBLIC KEY", key.open.getEncoded()));
      return key;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no EC keys", e);
    }
  }

  private static @Nullable OwnKey of(String text) {
    byte[] secret = null;
    byte[] open = null;
    Matcher block = BLOCK.matcher(text);
    try {
      while (block.find()) {
        byte[] der = Base64.getMimeDecoder().decode(block.group(2));
        if (block.group(1).equals("PRIVATE")) {
          secret = der;
        } else {
          open = der;
        }
      }
      KeyFactory keys = KeyFactory.getInstance("EC");
      return secret == null || open == null
          ? null
          : new OwnKey(
              keys.generatePrivate(new PKCS8EncodedKeySpec(secret)),
              keys.generatePublic(new X509EncodedKeySpec(open)));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return null; // damaged: another is made
    }
  }

  private String pem() {
    return block("PRIVATE KEY", secret.getEncoded());
  }

  private static String block(String label, byte[] der) {
    String end = label + "-----\n";
    return "-----BEGIN " + end + LINES.encodeToString(der) + "\n-----END " + end;
  }

  /** A file that nobody else may read, replaced as a whole. */
  static void write(Path file, String text) throws IOException {
    WholeFile.replace(
        file,
        text.getBytes(US_ASCII),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
  }

  /** A request for a certificate of this key (PKCS#10, RFC 2986). */
  byte[] request(String name) {
    byte[] about =
        Der.sequence(
            Der.zero(),
            new X500Principal("CN=" + name).getEncoded(),
            open.getEncoded(),
            NO_ATTRIBUTES);
    try {
      Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(secret);
      signature.update(about);
      return Der.sequence(about, ECDSA_SHA256, Der.tagged(Der.BITS, new byte[1], signature.sign()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a key of our own does not sign", e);
    }
  }

  /**
   * The certificate of this key, with those between it and the authority behind it.
   *
   * @param answer of the server, in any order
   * @param name that it must bear; null: any gateway's id
   * @throws EstServer.Refused if it is not what was asked for
   */
  List<X509Certificate> chain(List<X509Certificate> answer, @Nullable String name)
      throws EstServer.Refused {
    List<X509Certificate> chain = new ArrayList<>();
    for (X509Certificate each : answer) {
      if (Arrays.equals(each.getPublicKey().getEncoded(), open.getEncoded())) {
        chain.addFirst(each);
      } else if (each.getBasicConstraints() >= 0) {
        chain.add(each);
      }
    }
    if (chain.isEmpty() || chain.getFirst().getBasicConstraints() >= 0) {
      throw new EstServer.Refused("the certificate that came is of another key");
    }
    String given = Tls.commonName(chain.getFirst());
    if (name == null ? !Invitation.isId(given) : !name.equals(given)) {
      throw new EstServer.Refused(
          "the certificate that came is of '%s'%s"
              .formatted(
                  given.replaceAll("\\p{Cntrl}", " "), name == null ? "" : ", not of " + name));
    }
    return chain;
  }

  /** Certificate and key, as one file holds them. */
  String with(List<X509Certificate> chain) {
    return certificates(chain) + pem();
  }

  static String certificates(List<X509Certificate> all) {
    StringBuilder text = new StringBuilder();
    try {
      for (X509Certificate each : all) {
        text.append(block("CERTIFICATE", each.getEncoded()));
      }
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("a certificate that was read cannot be written", e);
    }
    return text.toString();
  }

  static void forget(Path pending) throws IOException {
    Files.deleteIfExists(pending);
  }
}
