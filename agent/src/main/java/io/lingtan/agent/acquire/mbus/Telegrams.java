package io.lingtan.agent.acquire.mbus;

import io.lingtan.agent.site.reply.InReply.RecordKey;
import io.lingtan.agent.site.reply.RecordQuantity;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that a meter has told in one readout: up to {@value Readout#MOST_TELEGRAMS} telegrams, one
 * behind the other.
 */
public final class Telegrams {

  private final byte[] frames;
  private final List<Telegram> list;

  private Telegrams(byte[] frames, List<Telegram> list) {
    this.frames = frames;
    this.list = List.copyOf(list);
  }

  /**
   * @param frames long frames that a readout has let in, one behind the other
   */
  public static Telegrams of(byte[] frames) {
    List<Telegram> list = new ArrayList<>();
    int at = 0;
    while (at + LongFrame.HEAD < frames.length) {
      int length = LongFrame.HEAD + (frames[at + 1] & 0xFF) + LongFrame.TAIL;
      list.add(LongFrame.telegram(java.util.Arrays.copyOfRange(frames, at, at + length)));
      at += length;
    }
    return new Telegrams(frames, list);
  }

  static Telegrams of(List<byte[]> frames) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    frames.forEach(all::writeBytes);
    return of(all.toByteArray());
  }

  /** The long frames as they came. */
  public byte[] frames() {
    return frames.clone();
  }

  /** At least one. */
  public List<Telegram> list() {
    return list;
  }

  /** Who it is, which each telegram says. */
  public Telegram first() {
    return list.getFirst();
  }

  /** The records that a profile's key fits. */
  public List<DataRecord> fitting(RecordKey key) {
    List<DataRecord> fitting = new ArrayList<>();
    for (Telegram telegram : list) {
      for (DataRecord record : telegram.records()) {
        if (record.fits(key)) {
          fitting.add(record);
        }
      }
    }
    return fitting;
  }

  /** The record that is meant; null if there is none, or several and none is chosen. */
  public @Nullable DataRecord find(RecordKey key) {
    if (key.quantity() == RecordQuantity.STATUS) {
      int status = first().status();
      return new DataRecord(
          "status",
          RecordKey.Function.NOW,
          0,
          0,
          0,
          RecordQuantity.STATUS,
          "",
          BigDecimal.valueOf(status),
          "status %02XH".formatted(status));
    }
    List<DataRecord> fitting = fitting(key);
    int index = key.nth() == 0 ? 0 : key.nth() - 1;
    return fitting.size() <= index || (key.nth() == 0 && fitting.size() > 1)
        ? null
        : fitting.get(index);
  }

  /** Everything for a person: who it is, then a line for each record. */
  public String text() {
    StringBuilder text = new StringBuilder();
    for (Telegram telegram : list) {
      text.append(
          "  address %d%s, access %d, status %02XH%s%n"
              .formatted(
                  telegram.address(),
                  telegram.identification().isEmpty()
                      ? ""
                      : ", identification "
                          + telegram.identification()
                          + " "
                          + telegram.manufacturer()
                          + ", secondary address "
                          + telegram.selection(),
                  telegram.access(),
                  telegram.status(),
                  states(telegram.status())));
      for (DataRecord record : telegram.records()) {
        text.append("    ").append(record.line()).append(System.lineSeparator());
      }
    }
    if (list.getLast().more()) {
      text.append(
          "    the meter has more; only %d telegrams are read%n".formatted(Readout.MOST_TELEGRAMS));
    }
    return text.toString();
  }

  private static String states(int status) {
    List<String> states = new ArrayList<>();
    switch (status & 3) {
      case 1 -> states.add("busy");
      case 2 -> states.add("error");
      case 3 -> states.add("abnormal");
      default -> {}
    }
    if ((status & 4) != 0) {
      states.add("power low");
    }
    if ((status & 8) != 0) {
      states.add("permanent error");
    }
    if ((status & 16) != 0) {
      states.add("temporary error");
    }
    return states.isEmpty() ? "" : " (" + String.join(", ", states) + ")";
  }
}
