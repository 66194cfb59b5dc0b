package io.lingtan.agent.site.share;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which addresses a range has. */
final class NetworkTest {

  @ParameterizedTest
  @CsvSource({
    "192.168.1.0/24, 192.168.1.0, true",
    "192.168.1.0/24, 192.168.1.255, true",
    "192.168.1.0/24, 192.168.2.0, false",
    "10.0.0.128/25, 10.0.0.127, false",
    "10.0.0.128/25, 10.0.0.128, true",
    "10.0.0.0/7, 11.255.255.255, true",
    "10.0.0.0/7, 12.0.0.0, false",
    "192.168.1.7, 192.168.1.7, true",
    "192.168.1.7, 192.168.1.8, false",
    "0.0.0.0/0, 203.0.113.9, true",
    "0.0.0.0/0, 2001:db8::1, false",
    "::/0, 192.168.1.7, false",
    "fd00::/8, fdff::1, true",
    "fd00::/8, fe00::1, false",
    "2001:db8::/33, 2001:db8:7fff::1, true",
    "2001:db8::/33, 2001:db8:8000::1, false",
    "::1, ::1, true",
  })
  void hasItsOwnAddressesAndNoOther(String range, String address, boolean has) {
    Network network = Objects.requireNonNull(Network.of(range));
    assertEquals(has, network.has(InetAddress.ofLiteral(address)), network::toString);
  }

  /** A dual-stack socket names an IPv4 caller so; Java gives the IPv4 address. */
  @Test
  void anIpv4CallerOfADualStackSocketIsOne() throws UnknownHostException {
    byte[] mapped = new byte[16];
    mapped[10] = mapped[11] = (byte) 0xFF;
    mapped[12] = 10;
    InetAddress caller = InetAddress.getByAddress(mapped);
    assertEquals(true, Objects.requireNonNull(Network.of("10.0.0.0/8")).has(caller));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "10/8",
        "10.0.0/8",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "::/129",
        "localhost",
        "256.0.0.1",
        "010.0.0.1",
        "10.0.0.0/08x",
        "fe80::1%eth0",
        "10.0.0.0/8/8",
        "1",
        "0x7f000001",
        "::ffff:1:2:3:4:5:6:7"
      })
  void whatIsNoRangeIsNone(String text) {
    assertNull(Network.of(text));
  }

  @Test
  void bitsBehindTheRangeAreSeen() {
    assertEquals("192.168.1.0/24", masked("192.168.1.5/24"));
    assertEquals("10.0.0.128/25", masked("10.0.0.200/25"));
    assertEquals("192.168.1.5/32", masked("192.168.1.5"));
  }

  private static String masked(String text) {
    return Objects.requireNonNull(Network.of(text)).masked().toString();
  }
}
