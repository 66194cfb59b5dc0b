package io.lingtan.agent.desk;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lingtan.agent.run.KeptFile;
import io.lingtan.agent.run.WholeFile;
import io.lingtan.agent.status.Why;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Passwords, PINs, certificates and keys that were given at the page: files of the agent's user
 * alone, in {@code secrets} beside the site file. Each gets a file of its own, so that the file
 * before, put back, finds what it names as it was. Of a kind there are at most {@link #MOST}: a
 * name is taken again when neither the site file nor a backup of it says it.
 *
 * <p>Crash contract: when {@link #keep} returns the file is on the card.
 */
final class SiteSecrets {

  /** One more than the site file and its backups can name. */
  static final int MOST = KeptFile.MOST_BACKUPS + 2;

  private static final String FOLDER = "secrets";
  private static final Pattern PASSWORD = Pattern.compile("[^\\p{Cntrl}]{1,256}");
  private static final Pattern PIN = Pattern.compile("[0-9A-Za-z]{6,32}");
  private static final Pattern KEY =
      Pattern.compile("(?s)-----BEGIN ([A-Z]+ )?PRIVATE KEY-----.*-----END [A-Z ]*KEY-----");

  private final KeptFile site;

  private SiteSecrets(KeptFile site) {
    this.site = site;
  }

  static SiteSecrets beside(KeptFile site) {
    return new SiteSecrets(site);
  }

  /**
   * Keeps one.
   *
   * @param wanted {@code kind}, of {@code password pin ca cert key}, and {@code text}
   * @return its path from the site file's folder
   * @throws Misunderstood if it is no such thing
   */
  String keep(Map<String, String> wanted) throws IOException {
    String kind = wanted.getOrDefault("kind", "");
    String text = wanted.getOrDefault("text", "").strip();
    switch (kind) {
      case "password" ->
          check(
              PASSWORD.matcher(text).matches(),
              "a password is one line of at most 256 characters",
              "密码是一行，最多 256 个字符");
      case "pin" ->
          check(
              PIN.matcher(text).matches(),
              "a PIN is 6 to 32 letters or digits",
              "PIN 是 6 到 32 位字母或数字");
      case "ca", "cert" ->
          check(
              isCertificate(text),
              "it holds no certificate: a PEM file has -----BEGIN CERTIFICATE-----",
              "里面没有证书：PEM 文件里有 -----BEGIN CERTIFICATE-----");
      case "key" ->
          check(
              KEY.matcher(text).matches() && !text.contains("ENCRYPTED"),
              "it holds no private key without a password: take the PEM file with -----BEGIN"
                  + " PRIVATE KEY-----",
              "里面没有不加密的私钥：请选有 -----BEGIN PRIVATE KEY----- 的 PEM 文件");
      default -> throw new IllegalArgumentException("kind is password, pin, ca, cert or key");
    }
    String name = free(kind);
    Path file = site.file().resolveSibling(name);
    Files.createDirectories(file.getParent());
    WholeFile.replace(
        file,
        (text + "\n").getBytes(UTF_8),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    return name;
  }

  private static String begin(String kind) {
    return FOLDER + "/page-" + kind + "-";
  }

  /** The names that files of a kind are given. */
  static Pattern names(String kind) {
    return Pattern.compile(begin(kind) + "[0-9]{1,2}");
  }

  private static void check(boolean good, String english, String chinese) {
    if (!good) {
      throw new Misunderstood(Why.FILE_FORM, english, Map.of("why", english, "why_zh", chinese));
    }
  }

  private static boolean isCertificate(String text) {
    try {
      return !CertificateFactory.getInstance("X.509")
          .generateCertificates(new ByteArrayInputStream(text.getBytes(UTF_8)))
          .isEmpty();
    } catch (CertificateException e) {
      return false;
    }
  }

  /** A name that no site file says to which somebody can go back. */
  private String free(String kind) throws IOException {
    StringBuilder said = new StringBuilder(new String(site.content(), UTF_8));
    for (byte[] each : site.backups()) {
      said.append(new String(each, UTF_8));
    }
    for (int i = 1; ; i++) {
      String name = begin(kind) + i;
      // People write it without quotes.
      if (i == MOST || !Pattern.compile(name + "(?![0-9])").matcher(said).find()) {
        return name;
      }
    }
  }
}
