package io.lingtan.agent.reading;

/** What became of a {@link Request}. */
public sealed interface Answer {

  /**
   * What went over the wire for it.
   *
   * @param sent the request's frame
   * @param received everything that came in until it was over, good or not
   * @param micros from the request's first byte to then
   */
  record Wire(byte[] sent, byte[] received, long micros) {}

  /**
   * What was asked for came, and everything about its frame fits.
   *
   * @param value value bytes as they were on the wire: registers high byte first, a data item low
   *     byte first and, of DL/T 645, less 33H; telegrams of an M-Bus meter whole, one behind the
   *     other
   */
  record Value(Wire wire, byte[] value) implements Answer {}

  /**
   * The device, or a gateway for it, refused.
   *
   * @param code exception code of Modbus, error byte of DL/T 645 (1 of CJ/T 188), application error
   *     of M-Bus, 1..255
   */
  record Refused(Wire wire, int code) implements Answer {}

  /** A meter told its address: twelve digits of DL/T 645, sixteen of CJ/T 188, {@code mbus-5}. */
  record Here(Wire wire, String meter) implements Answer {}

  /**
   * Something came that is no answer.
   *
   * @param what for a person
   */
  record Garbled(Wire wire, String what) implements Answer {}

  /** Nothing complete came in time. */
  record Silent(Wire wire) implements Answer {}

  /**
   * It was not asked: the line is down, has no time left, or is being closed.
   *
   * @param why for a person, with what to do
   */
  record NotAsked(Sentence why) implements Answer {}
}
