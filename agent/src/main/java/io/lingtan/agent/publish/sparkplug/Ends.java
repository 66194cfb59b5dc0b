package io.lingtan.agent.publish.sparkplug;

import io.lingtan.agent.publish.link.Failure;
import java.time.Duration;

/** Why the view ends a connection itself, in sentences for people. */
final class Ends {

  private Ends() {}

  static Failure broke(String server) {
    return new Failure(Failure.Kind.CLOSED, -1, server + ": the connection broke; trying again");
  }

  static Failure stuck(String server, Duration since) {
    return new Failure(
        Failure.Kind.STUCK,
        -1,
        "%s: nothing could be written for %d s although the connection is up; connecting anew"
            .formatted(server, since.toSeconds()));
  }

  static Failure left(String server, String why, boolean isAlone) {
    String next = isAlone ? "; it is waited for there" : "; trying the next server";
    return new Failure(Failure.Kind.CLOSED, -1, server + ": " + why + next);
  }

  static Failure unfit(String server, String why) {
    return new Failure(Failure.Kind.PACKET_TOO_LARGE, -1, server + ": " + why);
  }

  static Failure refused(String server, String filter, int reason) {
    return new Failure(
        Failure.Kind.REFUSED,
        reason,
        "%s refuses to let the Sparkplug view subscribe to %s (reason %d): allow it in the broker's ACL"
            .formatted(server, filter, reason));
  }
}
