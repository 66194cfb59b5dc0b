package io.lingtan.agent.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * TLS from PEM files: whom to trust, and who we are. Read anew for every connection, so that a
 * renewed certificate needs no restart. Any thread.
 */
public final class Tls {

  private static final Pattern PEM =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");

  /** In a name by RFC 2253. */
  private static final Pattern COMMON_NAME = Pattern.compile("(?:^|[,+])CN=((?:\\\\.|[^,+\\\\])*)");

  private static final char[] NO_PASSWORD = {};

  private Tls() {}

  /** Trusts what this machine trusts, and shows no certificate. */
  public static final Identity NOBODY = new Identity(null, null, null);

  /** A file that cannot be used; the message says which, why and what to do. */
  public static final class Unusable extends Exception {
    private static final long serialVersionUID = 1L;

    Unusable(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * The files of one side.
   *
   * @param ca authorities to trust; null: those that this machine trusts
   * @param cert our own certificate, with those between it and the authority behind it; null: none
   * @param key its private key: PKCS#8, PKCS#1 or SEC 1, without a password; null exactly if {@code
   *     cert} is
   */
  public record Identity(@Nullable Path ca, @Nullable Path cert, @Nullable Path key) {}

  /**
   * Makes the connections of one side.
   *
   * @param at when the other's certificates must be valid; null: now, by this machine's clock
   */
  public static SSLSocketFactory factory(Identity identity, @Nullable Instant at) throws Unusable {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys(identity), trust(identity.ca(), at), null);
      return context.getSocketFactory();
    } catch (GeneralSecurityException | IOException e) {
      throw new Unusable("TLS cannot be set up: " + e.getMessage(), e);
    }
  }

  /**
   * What a server shows.
   *
   * @param chain its own certificate first
   */
  record Pair(List<X509Certificate> chain, PrivateKey key) {}

  /**
   * TLS of a server that asks nobody for a certificate. The files are looked at with each
   * handshake: they may come late, and may be replaced at any time.
   *
   * @param cert its certificate, with those between it and the authority behind it
   * @param key its private key, as in {@link Identity}
   */
  public static SSLContext server(Path cert, Path key) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(new KeyManager[] {new ServerKeys(cert, key)}, null, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no TLS", e);
    }
  }

  /**
   * Looks whether {@link #server} can use them.
   *
   * @throws Unusable if it cannot
   */
  public static void check(Path cert, Path key) throws Unusable {
    pair(cert, key);
  }

  /** Makes connections to whoever shows exactly this certificate, whatever its name. */
  public static SSLSocketFactory onlyTo(Path cert) throws Unusable {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setCertificateEntry("peer", certificates(cert).iterator().next());
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, factory.getTrustManagers(), null);
      return context.getSocketFactory();
    } catch (GeneralSecurityException | IOException e) {
      throw new Unusable("TLS cannot be set up: " + e.getMessage(), e);
    }
  }

  /** When the client certificate ends, UTC ms; {@link Long#MIN_VALUE} if there is none to read. */
  public static long ends(@Nullable Path cert) {
    if (cert == null) {
      return Long.MIN_VALUE;
    }
    try {
      return own(cert).getNotAfter().toInstant().toEpochMilli();
    } catch (Unusable e) {
      return Long.MIN_VALUE; // the connection says it in words
    }
  }

  private static TrustManager[] trust(@Nullable Path ca, @Nullable Instant at)
      throws Unusable, GeneralSecurityException, IOException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    Set<TrustAnchor> anchors = ca == null ? machine(factory) : anchors(ca);
    PKIXBuilderParameters rules = new PKIXBuilderParameters(anchors, new X509CertSelector());
    rules.setRevocationEnabled(false); // a gateway may reach nothing but its broker
    rules.setDate(at == null ? null : Date.from(at));
    factory.init(new CertPathTrustManagerParameters(rules));
    return factory.getTrustManagers();
  }

  private static Set<TrustAnchor> anchors(Path ca) throws Unusable {
    Set<TrustAnchor> anchors = new HashSet<>();
    for (Certificate certificate : certificates(ca)) {
      anchors.add(new TrustAnchor((X509Certificate) certificate, null));
    }
    return anchors;
  }

  private static Set<TrustAnchor> machine(TrustManagerFactory factory)
      throws GeneralSecurityException {
    factory.init((KeyStore) null);
    Set<TrustAnchor> anchors = new HashSet<>();
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509TrustManager authorities) {
        for (X509Certificate certificate : authorities.getAcceptedIssuers()) {
          anchors.add(new TrustAnchor(certificate, null));
        }
      }
    }
    return anchors;
  }

  /** Null: we show no certificate. */
  private static KeyManager @Nullable [] keys(Identity identity)
      throws Unusable, GeneralSecurityException, IOException {
    Path cert = identity.cert();
    Path key = identity.key();
    if (cert == null && key == null) {
      return null;
    }
    if (cert == null || key == null) {
      throw new Unusable("it takes both a certificate and its key, or neither", null);
    }
    Pair pair = pair(cert, key);
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry("gateway", pair.key(), NO_PASSWORD, pair.chain().toArray(Certificate[]::new));
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, NO_PASSWORD);
    return factory.getKeyManagers();
  }

  static Pair pair(Path cert, Path key) throws Unusable {
    List<X509Certificate> chain =
        certificates(cert).stream().map(X509Certificate.class::cast).toList();
    try {
      PrivateKey secret = privateKey(key, chain.getFirst());
      if (!belongs(secret, chain.getFirst().getPublicKey())) {
        throw new Unusable(
            key + ": is not the key of " + cert + "; put certificate and key there together", null);
      }
      return new Pair(chain, secret);
    } catch (GeneralSecurityException e) {
      throw new Unusable(key + ": cannot be used: " + e.getMessage(), e);
    }
  }

  /** Whether what one signs the other verifies. */
  private static boolean belongs(PrivateKey secret, PublicKey open)
      throws GeneralSecurityException {
    String name =
        switch (secret.getAlgorithm()) {
          case "EC" -> "SHA256withECDSA";
          case "RSA" -> "SHA256withRSA";
          default -> secret.getAlgorithm(); // EdDSA signs under its own name
        };
    Signature signature = Signature.getInstance(name);
    signature.initSign(secret);
    signature.update((byte) 1);
    byte[] signed = signature.sign();
    signature.initVerify(open);
    signature.update((byte) 1);
    try {
      return signature.verify(signed);
    } catch (SignatureException e) {
      return false; // of another length
    }
  }

  /**
   * The common name of a certificate's owner, by which brokers know a client; empty if it has none.
   *
   * @throws Unusable if there is no certificate to read
   */
  public static String commonName(Path cert) throws Unusable {
    return commonName(own(cert));
  }

  /** The same of one that was read. */
  public static String commonName(X509Certificate cert) {
    Matcher name = COMMON_NAME.matcher(cert.getSubjectX500Principal().getName());
    return name.find() ? name.group(1).replaceAll("\\\\(.)", "$1") : "";
  }

  private static Collection<? extends Certificate> certificates(Path file) throws Unusable {
    try {
      Collection<? extends Certificate> found =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(withoutKeys(file)));
      if (found.isEmpty()) {
        throw new Unusable(file + ": there is no PEM certificate in it", null);
      }
      return found;
    } catch (IOException e) {
      throw unreadable(file, e);
    } catch (GeneralSecurityException e) {
      throw new Unusable(file + ": is not a PEM certificate: " + e.getMessage(), e);
    }
  }

  /**
   * A certificate and its key may be in one file, so that one cannot be replaced without the other.
   */
  private static byte[] withoutKeys(Path file) throws IOException {
    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
    return PEM.matcher(text)
        .replaceAll(
            pem -> pem.group(1).endsWith("KEY") ? "" : Matcher.quoteReplacement(pem.group()))
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  /** The certificate of a file that holds several, and perhaps a key: the first. */
  public static X509Certificate own(Path cert) throws Unusable {
    return (X509Certificate) certificates(cert).iterator().next();
  }

  /** Makes connections to whoever has this key, whatever its certificate says beside it. */
  public static SSLSocketFactory pinned(byte[] sha256) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new PinnedKey(sha256)}, null);
      return context.getSocketFactory();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no TLS", e);
    }
  }

  private static PrivateKey privateKey(Path file, Certificate certificate) throws Unusable {
    String text;
    try {
      text = Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
    Matcher pem = PEM.matcher(text);
    while (pem.find()) {
      String label = pem.group(1);
      switch (label) {
        case "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY" -> {
          return decode(file, label, pem.group(2), certificate);
        }
        case "ENCRYPTED PRIVATE KEY" ->
            throw new Unusable(
                file + ": the key has a password; remove it with openssl pkey -in OLD -out NEW",
                null);
        default -> {} // such as EC PARAMETERS
      }
    }
    throw new Unusable(file + ": there is no PEM private key in it", null);
  }

  private static PrivateKey decode(Path file, String label, String body, Certificate certificate)
      throws Unusable {
    try {
      byte[] der = Base64.getMimeDecoder().decode(body);
      if (!label.equals("PRIVATE KEY")) {
        // PKCS#1 or SEC 1: as PKCS#8 with the algorithm of the certificate that it belongs to.
        der =
            Der.sequence(
                Der.zero(),
                algorithm(certificate.getPublicKey().getEncoded()),
                Der.tagged(Der.OCTETS, der));
      }
      return KeyFactory.getInstance(certificate.getPublicKey().getAlgorithm())
          .generatePrivate(new PKCS8EncodedKeySpec(der));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new Unusable(
          file + ": is not a private key that fits the certificate: " + e.getMessage(), e);
    }
  }

  /**
   * The AlgorithmIdentifier of a SubjectPublicKeyInfo (RFC 5280, section 4.1): its first element.
   */
  private static byte[] algorithm(byte[] publicKeyInfo) {
    int at = contentAt(publicKeyInfo, 0);
    int end = contentAt(publicKeyInfo, at) + length(publicKeyInfo, at);
    return Arrays.copyOfRange(publicKeyInfo, at, end);
  }

  private static int contentAt(byte[] der, int at) {
    int first = der[at + 1] & 0xff;
    return at + 2 + (first < 0x80 ? 0 : first - 0x80);
  }

  private static int length(byte[] der, int at) {
    int first = der[at + 1] & 0xff;
    if (first < 0x80) {
      return first;
    }
    int length = 0;
    for (int i = 0; i < first - 0x80; i++) {
      length = (length << 8) | (der[at + 2 + i] & 0xff);
    }
    return length;
  }

  /** Another one for a file of other contents; {@code none} where there is none to read. */
  public static String stamp(Path file) {
    try {
      BasicFileAttributes is = Files.readAttributes(file, BasicFileAttributes.class);
      return is.lastModifiedTime() + " " + is.size() + " " + is.fileKey();
    } catch (IOException e) {
      return "none";
    }
  }

  /** A file that could not be read, in words. */
  public static Unusable unreadable(Path file, IOException e) {
    String why =
        switch (e) {
          case java.nio.file.NoSuchFileException missing -> "there is no such file";
          case java.nio.file.AccessDeniedException denied ->
              "this user may not read it; allow it with chown or chmod";
          default -> String.valueOf(e.getMessage());
        };
    return new Unusable(file + ": " + why, e);
  }
}
