package io.lingtan.agent.status.access;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/**
 * Places for requests that are worked on, and of each only a share for those who come from one
 * place, so that nobody has them all. Thread-safe.
 */
public final class RequestPlaces {

  private final int most;
  private final int share;
  private final Map<String, Integer> taken = new HashMap<>();
  private int all;

  /**
   * @param most places in all
   * @param share of one IPv4 address, or one network of IPv6
   */
  public RequestPlaces(int most, int share) {
    this.most = most;
    this.share = share;
  }

  /** Takes a place; false if there is none. */
  public synchronized boolean enter(InetAddress from) {
    String place = Tries.key(from);
    int own = taken.getOrDefault(place, 0);
    if (all >= most || own >= share) {
      return false;
    }
    all++;
    taken.put(place, own + 1);
    return true;
  }

  /** Gives one back. */
  public synchronized void leave(InetAddress from) {
    all--;
    taken.computeIfPresent(Tries.key(from), (place, own) -> own == 1 ? null : own - 1);
  }
}
