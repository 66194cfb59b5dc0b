package io.lingtan.agent.publish;

/** What {@link UplinkSnapshot} counts. Publisher's thread. */
final class Counters {
  long connects;
  long published;
  long acked;
  long resent;
  long refused;
  long nobody;
  long setAside;
  long takenOver;
  long badPackets;
  long unsignedStores;
  long commands;
  long commandsRefused;
  long replays;
  long replaysEnded;
  long replayed;
}
