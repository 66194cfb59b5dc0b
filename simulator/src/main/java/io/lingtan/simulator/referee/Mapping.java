package io.lingtan.simulator.referee;

import io.lingtan.simulator.beside.Subscriber.Arrival;
import io.lingtan.simulator.device.Framing;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * A mapping file, checked: a publisher's topics and payloads, and how it is started.
 *
 * @param publisher its name in the table
 * @param settings what its configuration is like, in a sentence
 * @param units unit ids by the publisher's names for them
 * @param scales one count of the register in the publisher's numbers
 * @param timeMillis how many milliseconds one of its time's units is
 * @param files to make before it starts: the name and the template's text
 * @param framings what {@code {framing}} stands for in templates and commands, by each framing that
 *     the publisher speaks
 * @param prepare commands that are run to their end first, in the working folder
 * @param start command of the publisher; null if it can only be attached to
 */
record Mapping(
    String publisher,
    String settings,
    Map<String, Integer> units,
    Map<Place, BigDecimal> scales,
    long timeMillis,
    List<MessageMap> messages,
    SequencedMap<String, String> files,
    Map<Framing, String> framings,
    List<List<String>> prepare,
    @Nullable List<String> start) {

  Mapping {
    units = Map.copyOf(units);
    scales = Map.copyOf(scales);
    messages = List.copyOf(messages);
    framings = Map.copyOf(framings);
    prepare = List.copyOf(prepare);
  }

  BigDecimal counts(Place place, BigDecimal value) {
    return value.divide(scales.getOrDefault(place, BigDecimal.ONE), MathContext.DECIMAL64);
  }

  /**
   * The values in a message; empty if its topic is not mapped.
   *
   * @throws IOException if it is mapped, and not as the mapping says
   */
  List<Delivered> read(Arrival message) throws IOException {
    List<Delivered> all = new ArrayList<>();
    for (MessageMap map : messages) {
      List<Delivered> some = map.read(message.topic(), message.payload(), this);
      if (some != null) {
        all.addAll(some);
      }
    }
    return all;
  }
}
