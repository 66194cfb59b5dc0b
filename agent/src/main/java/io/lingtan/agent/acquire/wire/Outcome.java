package io.lingtan.agent.acquire.wire;

import io.lingtan.agent.acquire.item.Address;
import io.lingtan.agent.acquire.modbus.ModbusReply.Words;
import io.lingtan.agent.acquire.wire.Channel.Trouble;
import java.util.List;

/** What became of one request. */
public sealed interface Outcome {

  /** Still waiting. */
  record Pending() implements Outcome {
    static final Pending INSTANCE = new Pending();
  }

  /** The registers asked for came. */
  record Registers(Words words) implements Outcome {}

  /** The data item asked for came. */
  record Item(io.lingtan.agent.acquire.item.ItemReply.Item item) implements Outcome {}

  /**
   * An M-Bus meter told all that it has.
   *
   * @param arrivals when each telegram was there, as monotonic nanoseconds
   */
  record Telegrams(io.lingtan.agent.acquire.mbus.Telegrams told, List<Long> arrivals)
      implements Outcome {
    public Telegrams {
      arrivals = List.copyOf(arrivals);
    }
  }

  /** A meter told its address. */
  record Here(Address address) implements Outcome {}

  /**
   * The device, or a gateway for it, refused.
   *
   * @param code exception code of Modbus, error byte of DL/T 645 (1 of CJ/T 188), application error
   *     of M-Bus, 1..255
   */
  record Refused(int code) implements Outcome {}

  /**
   * Something came that is no answer.
   *
   * @param flaw what is wrong with it, in a word
   * @param what for a person: what was seen, what was expected
   */
  record Garbled(Flaw flaw, String what) implements Outcome {}

  /** What is to be done about a garbled answer. */
  enum Flaw {
    /** Nothing but asking again later. */
    ANY,
    /** It has another length than the profile says, and else is good. */
    LENGTH,
    /** Where the next frame begins is no longer known. */
    FRAMING
  }

  /**
   * Nothing complete came in time.
   *
   * @param received bytes that did come
   */
  record Silent(int received) implements Outcome {}

  /** The channel broke. */
  record Broken(Trouble trouble) implements Outcome {}
}
