package io.lingtan.simulator.fault;

/** Something that goes wrong at the broker, or on the way to it. */
public sealed interface BrokerFault extends Fault {

  @Override
  default String target() {
    return "broker";
  }

  @Override
  default String kind() {
    return switch (this) {
      case Down down -> "broker_down";
      case Slow slow -> "broker_slow";
      case RefusesConnection refuses -> "broker_refuses_connection";
      case RefusesMessages refuses -> "broker_refuses_messages";
      case Frozen frozen -> "broker_frozen";
      case Forgets forgets -> "broker_forgets";
      case LosesAcknowledgements loses -> "broker_loses_puback";
    };
  }

  /** Nobody listens; whoever was connected is cut off. */
  record Down(long fromMillis, long untilMillis) implements BrokerFault {
    public Down {
      Rules.span(fromMillis, untilMillis);
    }
  }

  /**
   * Every packet is looked at late.
   *
   * @param delayMillis 1..60000
   */
  record Slow(long fromMillis, long untilMillis, long delayMillis) implements BrokerFault {
    public Slow {
      Rules.span(fromMillis, untilMillis);
      Rules.delay(delayMillis);
    }
  }

  /**
   * CONNACK with a reason; whoever is connected when it begins is sent away by DISCONNECT.
   *
   * @param code MQTT 5.0 section 3.2.2.2, 0x80..0xA2
   */
  record RefusesConnection(long fromMillis, long untilMillis, int code) implements BrokerFault {
    public RefusesConnection {
      Rules.span(fromMillis, untilMillis);
      Rules.require(code >= 0x80 && code <= 0xA2, "a refusal is 0x80..0xA2", code);
    }
  }

  /**
   * PUBACK with a reason, and the message is not taken.
   *
   * @param code MQTT 5.0 section 3.4.2.1, such as 0x87 not authorised or 0x97 quota exceeded
   * @param every each how many-th message, ≥ 1
   */
  record RefusesMessages(long fromMillis, long untilMillis, int code, int every)
      implements BrokerFault {
    public RefusesMessages {
      Rules.span(fromMillis, untilMillis);
      Rules.require(code >= 0x80 && code <= 0x99, "a refusal is 0x80..0x99", code);
      Rules.every(every);
    }
  }

  /**
   * Takes bytes and answers nothing. Once it is over it takes everything that was sent meanwhile,
   * from connections that are gone too.
   */
  record Frozen(long fromMillis, long untilMillis) implements BrokerFault {
    public Frozen {
      Rules.span(fromMillis, untilMillis);
    }
  }

  /** Restarts without what it had in memory: sessions, subscriptions and retained messages. */
  record Forgets(long fromMillis, long untilMillis) implements BrokerFault {
    public Forgets {
      Rules.span(fromMillis, untilMillis);
    }
  }

  /**
   * The connection breaks after a message was taken and before its PUBACK.
   *
   * @param every each how many-th message, ≥ 1
   */
  record LosesAcknowledgements(long fromMillis, long untilMillis, int every)
      implements BrokerFault {
    public LosesAcknowledgements {
      Rules.span(fromMillis, untilMillis);
      Rules.every(every);
    }
  }
}
