package io.lingtan.agent.acquire.hand;

import io.lingtan.agent.reading.Inquiry.Form;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who answers on a line.
 *
 * @param form speed and character form in which it does, null where a line has none of ours
 * @param unit Modbus unit id, or -1
 * @param meter address of a DL/T 645, CJ/T 188 or M-Bus meter, or null
 * @param known id of the device that the site file has there, or null
 * @param identity what it says of itself: {@code serial model}
 * @param guesses what it may be, best first; further ones may be other parts of the same device
 * @param micros from request to answer
 */
public record Find(
    @Nullable Form form,
    int unit,
    @Nullable String meter,
    @Nullable String known,
    SortedMap<String, String> identity,
    List<Guess> guesses,
    long micros) {

  public Find {
    identity = Collections.unmodifiableSortedMap(new TreeMap<>(identity));
    guesses = List.copyOf(guesses);
  }

  /** {@code unit 7} or {@code meter 000000123456}. */
  public String who() {
    return meter == null ? "unit " + unit : "meter " + meter;
  }

  /** One or more lines for a person. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append("%s answers after %.1f ms".formatted(who(), micros / 1000.0));
    if (form != null) {
      text.append(" at ").append(form);
    }
    if (known != null) {
      text.append(": ").append(known).append(" of the site file");
    } else if (guesses.isEmpty()) {
      text.append(": no profile fits");
    }
    for (Guess guess : guesses) {
      text.append(
          "%n  %3d %%  %-20s %s%s"
              .formatted(
                  guess.percent(),
                  guess.profile(),
                  guess.why(),
                  guess.example() ? " (a made-up example, no real meter)" : ""));
    }
    return text.toString();
  }
}
