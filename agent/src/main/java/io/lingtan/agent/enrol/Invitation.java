package io.lingtan.agent.enrol;

import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a sticker says: where a gateway gets its certificate, by what it knows that server, and
 * where records go then. Whoever reads it can enrol in the gateway's place until it has: the token
 * is good once.
 *
 * @param est HOST:PORT of the EST server, with {@code /LABEL} behind it where it has several
 *     authorities
 * @param pin SHA-256 of that server's public key, base64url
 * @param token the password of HTTP's basic authentication
 * @param brokers HOST:PORT of each, by TLS
 * @param gateway whose it is; null: the server says which id it gives
 */
public record Invitation(
    String est, String pin, String token, List<String> brokers, @Nullable String gateway) {

  private static final String BEGINNING = "lingtan-enroll:1,";
  private static final int LONGEST = 1000;
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");
  private static final String HOST_PORT = "([A-Za-z0-9.-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}]):\\d{1,5}";

  public Invitation {
    brokers = List.copyOf(brokers);
    need(est, "est", HOST_PORT + "(/[A-Za-z0-9._-]{1,64})?");
    need(pin, "pin", "[A-Za-z0-9_-]{43}");
    need(token, "token", "[\\x21-\\x2b\\x2d-\\x7e]{8,200}");
    if (brokers.isEmpty()) {
      throw new IllegalArgumentException("it names no broker");
    }
    brokers.forEach(broker -> need(broker, "broker", HOST_PORT));
    if (gateway != null && !isId(gateway)) {
      throw new IllegalArgumentException("its gateway is no gateway's id");
    }
  }

  static boolean isId(String name) {
    return ID.matcher(name).matches();
  }

  private static void need(String value, String key, String form) {
    if (!value.matches(form)) {
      throw new IllegalArgumentException("its " + key + " is not there, or none");
    }
  }

  /**
   * Reads it; unknown keys are for later versions.
   *
   * @throws IllegalArgumentException if it is none; the message says what is wrong, and not the
   *     token
   */
  public static Invitation of(String text) {
    String whole = text.strip();
    if (!whole.startsWith(BEGINNING) || whole.length() > LONGEST) {
      throw new IllegalArgumentException("it does not begin with " + BEGINNING);
    }
    Map<String, String> said = new HashMap<>();
    List<String> brokers = new ArrayList<>();
    for (String part : whole.substring(BEGINNING.length()).split(",", -1)) {
      int equals = part.indexOf('=');
      String key = equals < 0 ? part : part.substring(0, equals);
      String value = equals < 0 ? "" : part.substring(equals + 1);
      if (key.equals("broker")) {
        brokers.add(value);
      } else if (said.put(key, value) != null && Set.of("est", "pin", "token").contains(key)) {
        throw new IllegalArgumentException("it says " + key + " twice");
      }
    }
    return new Invitation(
        said.getOrDefault("est", ""),
        said.getOrDefault("pin", ""),
        said.getOrDefault("token", ""),
        brokers,
        said.get("gateway"));
  }

  byte[] pinned() {
    return Base64.getUrlDecoder().decode(pin);
  }

  /** Without the token. */
  @Override
  public String toString() {
    return "est=%s pin=%s brokers=%s gateway=%s".formatted(est, pin, brokers, gateway);
  }
}
