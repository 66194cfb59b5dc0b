package io.lingtan.agent.status.access;

import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Collections;

/** The networks that this machine is on, as they are now. */
final class Neighbourhood {

  private Neighbourhood() {}

  /** Whether an address is on one of them. This machine's own is not: tunnels end there. */
  static boolean has(InetAddress address) {
    if (address.isLoopbackAddress()) {
      return false;
    }
    try {
      for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
        for (InterfaceAddress own : each.getInterfaceAddresses()) {
          if (isSame(
              own.getAddress().getAddress(), address.getAddress(), own.getNetworkPrefixLength())) {
            return true;
          }
        }
      }
    } catch (SocketException e) {
      return false; // then all are strangers
    }
    return false;
  }

  /** Whether the first {@code bits} of both are the same. */
  static boolean isSame(byte[] one, byte[] other, int bits) {
    if (one.length != other.length) {
      return false;
    }
    for (int bit = 0; bit < bits; bit++) {
      int mask = 0x80 >> (bit % 8);
      if (((one[bit / 8] ^ other[bit / 8]) & mask) != 0) {
        return false;
      }
    }
    return true;
  }
}
