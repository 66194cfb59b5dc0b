package io.lingtan.agent.publish.lane;

import io.lingtan.agent.publish.UplinkSnapshot;

/** What {@link UplinkSnapshot} counts. Publisher's thread. */
public final class Counters {
  public long connects;
  public long published;
  public long acked;
  public long resent;
  public long refused;
  public long nobody;
  public long setAside;
  public long takenOver;
  public long badPackets;
  public long unsignedStores;
  public long commandsRefused;
  public long replays;
  public long replaysEnded;
  public long replayed;
}
