package io.lingtan.agent.status;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A content security policy for a page that is one file: just the script and the style that stand
 * in it, by their SHA-256, and nothing from anywhere else.
 */
final class InlinePolicy {

  private static final Pattern SCRIPT = Pattern.compile("(?s)<script>(.*?)</script>");
  private static final Pattern STYLE = Pattern.compile("(?s)<style>(.*?)</style>");

  private InlinePolicy() {}

  static String of(String page) {
    return policy(hashes(SCRIPT, page), page);
  }

  /** The same for a page that needs no script: what looks like one in it does not run. */
  static String withoutScript(String page) {
    return policy(" 'none'", page);
  }

  private static String policy(String scripts, String page) {
    return "default-src 'none'; script-src"
        + scripts
        + "; style-src"
        + hashes(STYLE, page)
        + "; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
  }

  /** Sources for {@code style-src}: the styles that stand in a page, each after a space. */
  static String styles(String page) {
    return hashes(STYLE, page);
  }

  private static String hashes(Pattern block, String page) {
    StringBuilder hashes = new StringBuilder();
    Matcher matcher = block.matcher(page);
    while (matcher.find()) {
      hashes.append(" 'sha256-").append(hash(matcher.group(1))).append('\'');
    }
    return hashes.isEmpty() ? " 'none'" : hashes.toString();
  }

  private static String hash(String text) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      return Base64.getEncoder().encodeToString(sha.digest(text.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
