package io.lingtan.agent.site.share;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A range of IPv4 or IPv6 addresses that share their first bits, such as {@code 192.168.1.0/24}
 * (RFC 4632, RFC 4291).
 *
 * @param first its first address in hexadecimal digits, 8 of IPv4 or 32 of IPv6
 * @param bits how many bits they share, 0..32 or 0..128
 */
public record Network(String first, int bits) {

  private static final Pattern FIGURES =
      Pattern.compile(
          "(0|[1-9][0-9]{0,2})(\\.(0|[1-9][0-9]{0,2})){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

  public Network {
    if (first.length() != 8 && first.length() != 32) {
      throw new IllegalArgumentException("an address has 4 or 16 bytes, was " + first);
    }
    if (bits < 0 || bits > 4 * first.length()) {
      throw new IllegalArgumentException(
          "bits are 0..%d, were %d".formatted(4 * first.length(), bits));
    }
  }

  /** What {@code 10.0.0.0/8}, {@code fd00::/8} or a single address says; null if it is none. */
  static @Nullable Network of(String text) {
    int slash = text.indexOf('/');
    byte[] address = address(slash < 0 ? text : text.substring(0, slash));
    if (address == null) {
      return null;
    }
    String behind = slash < 0 ? String.valueOf(8 * address.length) : text.substring(slash + 1);
    if (!behind.matches("[0-9]{1,3}") || Integer.parseInt(behind) > 8 * address.length) {
      return null;
    }
    return new Network(HexFormat.of().formatHex(address), Integer.parseInt(behind));
  }

  private static byte @Nullable [] address(String text) {
    // Only what is an address in figures: no name is asked for.
    if (!FIGURES.matcher(text).matches()) {
      return null;
    }
    try {
      return InetAddress.ofLiteral(text).getAddress();
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** The same, with nothing set behind the bits that count. */
  Network masked() {
    return new Network(HexFormat.of().formatHex(masked(HexFormat.of().parseHex(first))), bits);
  }

  private byte[] masked(byte[] address) {
    for (int i = 0; i < address.length; i++) {
      int kept = Math.clamp(bits - 8L * i, 0, 8);
      address[i] &= (byte) (0xFF00 >> kept);
    }
    return address;
  }

  /** Whether the address is one of it. An IPv4 address is none of an IPv6 range. */
  public boolean has(InetAddress address) {
    byte[] bytes = address.getAddress();
    return 2 * bytes.length == first.length()
        && Arrays.equals(masked(bytes), HexFormat.of().parseHex(first));
  }

  @Override
  public String toString() {
    try {
      String address = InetAddress.getByAddress(HexFormat.of().parseHex(first)).getHostAddress();
      return address + "/" + bits;
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e); // the length was looked at
    }
  }
}
