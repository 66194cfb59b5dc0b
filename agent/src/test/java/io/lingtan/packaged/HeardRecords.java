package io.lingtan.packaged;

import io.lingtan.agent.reading.Micros;
import io.lingtan.testing.Json;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a subscriber writes into a file as long as it listens, lines {@code TOPIC PAYLOAD}: numbers
 * of records, energies of the meter {@code m1}, and each gateway's last words. Thread-safe.
 */
@SuppressWarnings("NullAway") // a member that is not there fails the test by itself
final class HeardRecords {

  private final Path file;
  private long position;
  private final Map<String, Map<String, Object>> retained = new HashMap<>();
  private final Map<String, Map<String, BitSet>> numbers = new HashMap<>();
  private final Map<String, Set<Long>> energies = new HashMap<>();
  private final Map<String, Map<String, Integer>> events = new HashMap<>();

  HeardRecords(Path file) {
    this.file = file;
  }

  /** Takes what has come since. */
  private void read() throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    byte[] more;
    try (RandomAccessFile from = new RandomAccessFile(file.toFile(), "r")) {
      from.seek(position);
      more = new byte[Math.toIntExact(from.length() - position)];
      from.readFully(more);
    }
    int whole = more.length;
    while (whole > 0 && more[whole - 1] != '\n') {
      whole--;
    }
    position += whole;
    for (String line : new String(more, 0, whole, StandardCharsets.UTF_8).lines().toList()) {
      String[] words = line.split(" ", 2);
      String[] topic = words[0].split("/", 4);
      if (words.length == 2 && words[1].startsWith("{")) {
        take(topic[2], topic[3], Json.object(words[1]));
      }
    }
  }

  private void take(String gateway, String kind, Map<String, Object> payload) {
    if (kind.equals("store") || kind.equals("reported")) {
      retained.put(gateway + "/" + kind, payload);
    } else if (payload.get("records") instanceof List<?> records) {
      records.forEach(each -> record(gateway, (Map<?, ?>) each, payload.get("epoch")));
    } else if (payload.get("seq") != null) {
      record(gateway, payload, payload.get("epoch"));
    }
  }

  private void record(String gateway, Map<?, ?> record, Object epoch) {
    BitSet of =
        numbers
            .computeIfAbsent(gateway, _ -> new HashMap<>())
            .computeIfAbsent(epoch.toString(), _ -> new BitSet());
    int seq = ((Number) record.get("seq")).intValue();
    boolean isNew = !of.get(seq);
    of.set(seq);
    if ("m1".equals(record.get("device"))
        && record.get("values") instanceof Map<?, ?> values
        && values.get("energy_import") != null) {
      energies
          .computeIfAbsent(gateway, _ -> new HashSet<>())
          .add(Micros.of(new BigDecimal(values.get("energy_import").toString())));
    }
    if (isNew && record.get("event") != null) {
      events
          .computeIfAbsent(gateway, _ -> new HashMap<>())
          .merge(record.get("event").toString(), 1, Integer::sum);
    }
  }

  /** What a gateway says of one kind of document; empty if it has said nothing. */
  synchronized Map<?, ?> reported(String gateway, String kind) throws IOException {
    read();
    return retained.getOrDefault(gateway + "/reported", Map.of()).get(kind) instanceof Map<?, ?> it
        ? it
        : Map.of();
  }

  synchronized Set<Long> energies(String gateway) throws IOException {
    read();
    return new HashSet<>(energies.getOrDefault(gateway, Set.of()));
  }

  synchronized int events(String gateway, String name) throws IOException {
    read();
    return events.getOrDefault(gateway, Map.of()).getOrDefault(name, 0);
  }

  /** Whether all that it has numbered is acknowledged, as it said last. */
  synchronized boolean isDelivered(String gateway) throws IOException {
    read();
    Map<String, Object> store = retained.getOrDefault(gateway + "/store", Map.of());
    return store.get("last") != null
        && store.get("last").equals(store.get("acked"))
        && ((List<?>) store.get("previous"))
            .stream()
                .map(each -> (Map<?, ?>) each)
                .allMatch(each -> each.get("last").equals(each.get("acked")));
  }

  /** Numbers that a gateway holds for delivered, or declares as dropped, and nobody has heard. */
  synchronized List<String> holes(String gateway) throws IOException {
    read();
    Map<String, Object> store = retained.getOrDefault(gateway + "/store", Map.of());
    List<Map<?, ?>> epochs = new ArrayList<>(List.of(store));
    ((List<?>) store.get("previous")).forEach(each -> epochs.add((Map<?, ?>) each));
    List<String> holes = new ArrayList<>();
    Set<String> told = new HashSet<>();
    for (Map<?, ?> epoch : epochs) {
      String name = epoch.get("epoch").toString();
      told.add(name);
      BitSet heard = numbers.getOrDefault(gateway, Map.of()).getOrDefault(name, new BitSet());
      int acked = ((Number) epoch.get("acked")).intValue();
      for (int seq = heard.nextClearBit(1); seq <= acked; seq = heard.nextClearBit(seq + 1)) {
        holes.add(name + "/" + seq);
      }
    }
    // An epoch of which all was delivered is not in the store any more: it has no hole inside.
    numbers
        .getOrDefault(gateway, Map.of())
        .forEach(
            (name, heard) -> {
              int seq = heard.nextClearBit(1);
              if (!told.contains(name) && seq < heard.length()) {
                holes.add(name + "/" + seq);
              }
            });
    return holes;
  }
}
