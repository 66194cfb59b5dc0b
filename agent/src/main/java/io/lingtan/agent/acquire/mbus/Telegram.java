package io.lingtan.agent.acquire.mbus;

import java.util.List;

/**
 * One answer of a meter: who it is, how it is, and its records.
 *
 * @param address its primary address as it answers, 0..255
 * @param identification eight digits, as on the meter's plate; empty where it has the short header
 * @param manufacturer three letters; empty where it has the short header
 * @param selection its secondary address: identification, manufacturer's two bytes, version and
 *     medium as hexadecimal digits; empty where it has the short header
 * @param access number of the answer
 * @param status bits 0 and 1: 1 busy, 2 an error, 3 something abnormal; bit 2 power low, bit 3 a
 *     permanent error, bit 4 a temporary one; others are the maker's
 * @param more whether further records are in the next telegram
 */
public record Telegram(
    int address,
    String identification,
    String manufacturer,
    String selection,
    int access,
    int status,
    List<DataRecord> records,
    boolean more) {

  public Telegram {
    records = List.copyOf(records);
  }
}
