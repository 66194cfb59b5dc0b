package io.lingtan.simulator.hostile;

import io.lingtan.testing.Json;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Everything that any broker, honest or not, got of the agent as a whole PUBLISH, and what must
 * hold of it at any time: no key (epoch, seq) has two contents, and what a {@code store} calls
 * acknowledged is here or was declared dropped. Thread-safe.
 */
@SuppressWarnings("NullAway") // a member that is not there fails the test by itself
final class Got {

  /** What a device of ours says in a frame that must not be taken for an answer. */
  static final BigDecimal POISON = new BigDecimal("2052.3125");

  private static final int MOST_FAULTS = 20;

  private final Map<String, TreeMap<Long, Map<String, Object>>> records = new LinkedHashMap<>();
  private final Map<String, Map<String, Object>> stores = new LinkedHashMap<>();
  private final Map<String, Long> last = new LinkedHashMap<>();
  private final List<String> faults = new ArrayList<>();
  private Map<String, Object> store = Map.of();
  private byte[] storeBytes = {};
  private long again;
  private long count;

  synchronized void take(String topic, byte[] payload) {
    String text = new String(payload, StandardCharsets.UTF_8);
    if (!text.startsWith("{")) {
      return;
    }
    try {
      Map<String, Object> message = Json.object(text);
      if (topic.endsWith("/store") && topic.startsWith("lingtan/v1/")) {
        storeBytes = payload;
        store(message);
      } else if (message.get("records") instanceof List<?> inside) {
        for (Object each : inside) {
          record(cast(each));
        }
      } else if (message.get("epoch") != null && message.get("seq") != null) {
        record(message);
      }
    } catch (IOException e) {
      fault("no JSON on " + topic + ": " + text);
    }
  }

  @SuppressWarnings("unchecked") // keys of JSON objects are texts
  private static Map<String, Object> cast(Object object) {
    return (Map<String, Object>) object;
  }

  private static long number(Map<String, Object> of, String name) {
    return ((BigDecimal) of.get(name)).longValueExact();
  }

  private void record(Map<String, Object> record) {
    String epoch = String.valueOf(record.get("epoch"));
    long seq = number(record, "seq");
    Map<String, Object> before =
        records.computeIfAbsent(epoch, e -> new TreeMap<>()).putIfAbsent(seq, record);
    if (before != null) {
      again++;
      if (!before.equals(record)) {
        fault("two contents under " + epoch + "/" + seq + ": " + before + " and " + record);
      }
    } else if (record.get("values") instanceof Map<?, ?> values && hasPoison(values)) {
      fault("taken for an answer: " + record);
    }
  }

  private static boolean hasPoison(Map<?, ?> values) {
    return values.values().stream()
        .anyMatch(value -> value instanceof BigDecimal number && number.compareTo(POISON) == 0);
  }

  private void store(Map<String, Object> said) {
    store = said;
    count++;
    acknowledged(said);
    if (said.get("previous") instanceof List<?> previous) {
      previous.forEach(each -> acknowledged(cast(each)));
    }
  }

  /** What is acknowledged was sent, and got. */
  private void acknowledged(Map<String, Object> said) {
    String epoch = String.valueOf(said.get("epoch"));
    stores.put(epoch, said);
    last.merge(epoch, number(said, "last"), Math::max);
    long acked = number(said, "acked");
    TreeMap<Long, Map<String, Object>> came = records.getOrDefault(epoch, new TreeMap<>());
    long missing = acked - came.headMap(acked, true).size();
    long declared = declared(said);
    if (missing > declared) {
      fault(
          "%s: acknowledged up to %d, where %d never came and %d are declared dropped: %s"
              .formatted(epoch, acked, missing, declared, gaps(came, acked)));
    }
    if (said.get("ahead") instanceof List<?> ahead) {
      for (Object each : ahead) {
        List<?> range = (List<?>) each;
        long from = ((BigDecimal) range.get(0)).longValueExact();
        long to = ((BigDecimal) range.get(1)).longValueExact();
        long gone = to - from + 1 - came.subMap(from, true, to, true).size();
        if (gone > declared) {
          fault(
              epoch + ": " + gone + " of " + from + " to " + to + " acknowledged, and never came");
        }
      }
    }
  }

  private static long declared(Map<String, Object> said) {
    if (said.containsKey("truncated") && !said.containsKey("dropped")) {
      return Long.MAX_VALUE / 2; // the broker's packets had no room for it
    }
    long declared = 0;
    if (said.get("dropped") instanceof List<?> dropped) {
      for (Object each : dropped) {
        declared += number(cast(each), "count");
      }
    }
    return declared;
  }

  private static List<Long> gaps(Map<Long, Map<String, Object>> came, long upTo) {
    List<Long> gaps = new ArrayList<>();
    for (long seq = 1; seq <= upTo && gaps.size() < 20; seq++) {
      if (!came.containsKey(seq)) {
        gaps.add(seq);
      }
    }
    return gaps;
  }

  /** Starts a thread of a peer, whose death is a fault. */
  Thread start(String peer, Runnable work) {
    return Thread.ofVirtual()
        .uncaughtExceptionHandler(
            (thread, e) -> fault(peer + " died: " + e + " at " + e.getStackTrace()[0]))
        .start(work);
  }

  synchronized void fault(String what) {
    if (faults.size() < MOST_FAULTS) {
      faults.add(what);
    }
  }

  synchronized List<String> faults() {
    return List.copyOf(faults);
  }

  /** Once more what the last {@code store} said, for a broker that retains it. */
  synchronized byte[] storeBytes() {
    return storeBytes;
  }

  /** The present epoch, empty before the first {@code store}. */
  synchronized String epoch() {
    return store.containsKey("epoch") ? String.valueOf(store.get("epoch")) : "";
  }

  synchronized long lastSeq() {
    return store.containsKey("last") ? number(store, "last") : 0;
  }

  /** How often a {@code store} came. */
  synchronized long stores() {
    return count;
  }

  /** Whether the last {@code store} says that everything up to there has been delivered. */
  synchronized boolean isDelivered(String epoch, long seq) {
    if (!store.containsKey("acked")) {
      return false;
    }
    boolean isPast = !epoch().equals(epoch) || number(store, "acked") >= seq;
    if (isPast && store.get("previous") instanceof List<?> previous) {
      for (Object each : previous) {
        isPast &= number(cast(each), "acked") == number(cast(each), "last");
      }
    }
    return isPast;
  }

  /** After a clean end: each number came or is declared dropped. */
  synchronized void judge() {
    last.forEach(
        (epoch, top) -> {
          TreeMap<Long, Map<String, Object>> came = records.getOrDefault(epoch, new TreeMap<>());
          long missing = top - came.headMap(top, true).size();
          long declared = declared(stores.get(epoch));
          if (missing != declared) {
            fault(
                "%s: of %d records %d never came, %d are declared dropped: %s"
                    .formatted(epoch, top, missing, declared, gaps(came, top)));
          }
        });
  }

  /** Declared dropped, over all epochs. */
  synchronized long dropped() {
    return stores.values().stream()
        .filter(said -> !said.containsKey("truncated"))
        .mapToLong(Got::declared)
        .sum();
  }

  /** Every record by its key. */
  synchronized Map<String, Map<String, Object>> records() {
    Map<String, Map<String, Object>> all = new LinkedHashMap<>();
    records.forEach((epoch, of) -> of.forEach((seq, record) -> all.put(epoch + "/" + seq, record)));
    return all;
  }

  synchronized String summary() {
    Map<String, Integer> events = new HashMap<>();
    int all = 0;
    for (TreeMap<Long, Map<String, Object>> of : records.values()) {
      all += of.size();
      for (Map<String, Object> record : of.values()) {
        if (record.get("event") != null) {
          events.merge(String.valueOf(record.get("event")), 1, Integer::sum);
        }
      }
    }
    return "%d records in %d epochs, %d times again, %d declared dropped, events %s"
        .formatted(all, records.size(), again, dropped(), new TreeMap<>(events));
  }
}
