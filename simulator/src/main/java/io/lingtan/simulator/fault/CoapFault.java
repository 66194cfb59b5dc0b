package io.lingtan.simulator.fault;

/** Something that goes wrong between a CoAP device and whoever asks or observes it. */
public sealed interface CoapFault extends Fault {

  String device();

  @Override
  default String target() {
    return device();
  }

  @Override
  default String kind() {
    return switch (this) {
      case Loss fault -> "coap_loss";
      case Reordering fault -> "coap_reordering";
      case Duplicate fault -> "coap_duplicate";
      case Stale fault -> "coap_stale";
      case WrongMaxAge fault -> "coap_max_age";
      case Restarted fault -> "coap_restarted";
      case SessionLost fault -> "coap_session_lost";
    };
  }

  /**
   * One message in so many is lost. Expected of a reader: a question that is lost is a {@code
   * timeout}; a lost notification is made up for by the next, or by asking after its Max-Age.
   *
   * @param every each how many-th message, ≥ 1
   */
  record Loss(String device, long fromMillis, long untilMillis, int every) implements CoapFault {
    public Loss {
      Rules.span(fromMillis, untilMillis);
      Rules.require(every >= 1, "every is at least 1", every);
    }
  }

  /**
   * One notification in so many comes behind the one after it. Expected of a reader: the older
   * value never replaces the newer (RFC 7641, 3.4), and is counted.
   *
   * @param every each how many-th notification, ≥ 2: all of them late is no other order
   * @param delayMillis how long behind it, 0..60,000 ms
   */
  record Reordering(String device, long fromMillis, long untilMillis, int every, long delayMillis)
      implements CoapFault {
    public Reordering {
      Rules.span(fromMillis, untilMillis);
      Rules.require(
          delayMillis >= 0 && delayMillis <= 60_000, "a delay is 0..60000 ms", delayMillis);
      Rules.require(every >= 2, "every is at least 2", every);
    }
  }

  /**
   * One notification in so many comes twice. Expected of a reader: it counts once.
   *
   * @param every each how many-th notification, ≥ 1
   */
  record Duplicate(String device, long fromMillis, long untilMillis, int every)
      implements CoapFault {
    public Duplicate {
      Rules.span(fromMillis, untilMillis);
      Rules.require(every >= 1, "every is at least 1", every);
    }
  }

  /**
   * The device forgets who observes it, and answers nobody. Expected of a reader: {@code stale}
   * once the Max-Age of the last notification is over, never the last value.
   */
  record Stale(String device, long fromMillis, long untilMillis) implements CoapFault {
    public Stale {
      Rules.span(fromMillis, untilMillis);
    }
  }

  /**
   * The device says that its values hold for no time at all, or for longer than anybody should
   * believe. Expected of a reader: it asks no more often than its period, and no more seldom than
   * every five minutes.
   *
   * @param seconds the Max-Age, 0..2^32-1
   */
  record WrongMaxAge(String device, long fromMillis, long untilMillis, long seconds)
      implements CoapFault {
    public WrongMaxAge {
      Rules.span(fromMillis, untilMillis);
      Rules.require(seconds >= 0 && seconds <= 0xFFFF_FFFFL, "Max-Age is 0..4294967295 s", seconds);
    }
  }

  /**
   * The device starts anew: it forgets who observes it, and answers whoever asks. Expected of a
   * reader: once the Max-Age of the last notification is over it asks, which renews the
   * observation.
   */
  record Restarted(String device, long fromMillis, long untilMillis) implements CoapFault {
    public Restarted {
      Rules.span(fromMillis, untilMillis);
    }
  }

  /**
   * The peer has lost the DTLS session, or a router has forgotten the way back: from the beginning
   * of this fault until a new session is begun nothing that is sent is heard, nor anything told, by
   * any device of the peer. Expected of a reader: it begins a new session when questions stay
   * unanswered.
   */
  record SessionLost(String device, long fromMillis, long untilMillis) implements CoapFault {
    public SessionLost {
      Rules.span(fromMillis, untilMillis);
    }
  }
}
