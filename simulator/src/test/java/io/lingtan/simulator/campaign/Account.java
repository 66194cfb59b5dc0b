package io.lingtan.simulator.campaign;

import io.lingtan.simulator.campaign.CountingMeters.Served;
import io.lingtan.simulator.campaign.Stand.Loss;
import io.lingtan.testing.Captured;
import io.lingtan.testing.Json;
import io.lingtan.testing.Launched;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What became of everything that the meters served in a round. */
@SuppressWarnings("NullAway") // a member that is not there fails the round by itself
final class Account {

  private final List<String> faults = new ArrayList<>();
  private final Map<String, Map<String, Object>> records = new LinkedHashMap<>();
  private final Map<String, Set<Long>> numbers = new HashMap<>();
  private final Set<String> events = new TreeSet<>();

  /** Times of which journals that somebody deleted held what nobody had, by the gateway's word. */
  private final List<Loss> replaced = new ArrayList<>();

  /** By epoch: how many numbers were given, and how many of which kind were declared dropped. */
  private final Map<String, Long> last = new HashMap<>();

  private final Map<String, Map<String, Object>> drops = new LinkedHashMap<>();
  private long repeated;
  private long lost;
  private long declared;

  private Account() {}

  static Account of(Stand stand, Launched audit) throws IOException {
    Account account = new Account();
    account.audited(audit);
    List<String> received = stand.received();
    Captured captured = Captured.of(received);
    captured.problems().forEach(problem -> account.faults.add("no schema allows " + problem));
    for (String line : received) {
      int space = line.indexOf(' ');
      if (line.startsWith("lingtan/v1/gw/") && space > 0) {
        account.take(line.substring("lingtan/v1/gw/".length(), space), line.substring(space + 1));
      }
    }
    account.numbersAndDrops();
    account.readings(stand);
    return account;
  }

  private void audited(Launched audit) throws IOException {
    boolean good = audit.exit() == 0;
    if (audit.out().startsWith("{")) {
      Map<String, Object> report = Json.object(audit.out());
      List<?> gateways = (List<?>) report.get("gateways");
      good &= gateways.size() == 1;
      for (Object gateway : gateways) {
        for (String what : List.of("missing", "contradictions", "unexplained_gaps", "in_transit")) {
          good &= number(cast(gateway), what) == 0;
        }
      }
    }
    if (!good) {
      faults.add("audit: " + audit.out().strip() + audit.err().strip());
    }
  }

  private void take(String topic, String payload) throws IOException {
    if (topic.equals("store")) {
      store(Json.object(payload));
    } else if (topic.equals("batch") || topic.equals("undated")) {
      Map<String, Object> batch = Json.object(payload);
      if (batch.get("records") instanceof List<?> inside) {
        for (Object record : inside) {
          record(cast(record), batch.containsKey("replay"));
        }
      }
    } else if (topic.startsWith("data/")
        || topic.startsWith("interval/")
        || topic.equals("event")) {
      record(Json.object(payload), false);
    }
  }

  @SuppressWarnings("unchecked") // keys of JSON objects are texts
  private static Map<String, Object> cast(Object object) {
    return (Map<String, Object>) object;
  }

  private void record(Map<String, Object> record, boolean replayed) {
    String epoch = String.valueOf(record.get("epoch"));
    String key = epoch + "/" + record.get("seq");
    Map<String, Object> before = records.putIfAbsent(key, record);
    if (before == null) {
      numbers.computeIfAbsent(epoch, e -> new HashSet<>()).add(number(record, "seq"));
    } else if (!before.equals(record)) {
      faults.add("two contents under " + key + ": " + before + " and " + record);
    } else if (!replayed) {
      repeated++;
    }
    if (record.containsKey("event")) {
      event(record);
    }
  }

  private void event(Map<String, Object> record) {
    String event = String.valueOf(record.get("event"));
    events.add(event);
    Map<String, Object> detail = cast(record.get("detail"));
    if (event.equals("journal.replaced") && detail.containsKey("since")) {
      replaced.add(new Loss(number(detail, "since"), number(record, "ts")));
    }
  }

  private void store(Map<String, Object> store) {
    said(store);
    if (store.get("previous") instanceof List<?> previous) {
      previous.forEach(earlier -> said(cast(earlier)));
    }
  }

  private void said(Map<String, Object> of) {
    String epoch = String.valueOf(of.get("epoch"));
    last.merge(epoch, number(of, "last"), Math::max);
    if (of.get("dropped") instanceof List<?> dropped) {
      for (Object one : dropped) {
        Map<String, Object> drop = cast(one);
        // Adjacent drops of one kind grow together: the latest word about a range counts.
        drops
            .entrySet()
            .removeIf(
                known ->
                    known.getKey().startsWith(epoch + "/")
                        && known.getValue().get("kind").equals(drop.get("kind"))
                        && number(known.getValue(), "from") >= number(drop, "from")
                        && number(known.getValue(), "to") <= number(drop, "to"));
        drops.put(epoch + "/" + drop.get("kind") + "/" + drop.get("from"), drop);
      }
    }
  }

  private static long number(Map<String, Object> record, String name) {
    return ((BigDecimal) record.get(name)).longValueExact();
  }

  /** Each number arrived or is declared dropped, and what is declared dropped did not arrive. */
  private void numbersAndDrops() {
    Set<String> epochs = new TreeSet<>(numbers.keySet());
    epochs.addAll(last.keySet());
    for (String epoch : epochs) {
      Set<Long> came = numbers.getOrDefault(epoch, Set.of());
      long top =
          Math.max(
              last.getOrDefault(epoch, 0L),
              came.stream().mapToLong(Long::longValue).max().orElse(0));
      long missing = 0;
      StringBuilder which = new StringBuilder();
      for (long seq = 1; seq <= top; seq++) {
        if (!came.contains(seq)) {
          missing++;
          if (missing <= 12) {
            which.append(' ').append(seq);
          }
        }
      }
      long told = 0;
      long another = 0;
      for (Map.Entry<String, Map<String, Object>> drop : drops.entrySet()) {
        if (drop.getKey().startsWith(epoch + "/")) {
          long count = number(drop.getValue(), "count");
          told += count;
          another += ofAnother(drop.getValue(), came);
          declared += "data".equals(drop.getValue().get("kind")) ? count : 0;
        }
      }
      if (missing > told || missing < told - another) {
        faults.add(
            "epoch %s: %d of %d did not arrive (%s ), %d are declared dropped"
                .formatted(epoch, missing, top, which, told));
      }
    }
  }

  /** How many numbers that a copy of the card declares its own to be dropped for came of it. */
  private static long ofAnother(Map<String, Object> drop, Set<Long> came) {
    return "number_reused".equals(drop.get("reason"))
        ? came.stream()
            .filter(seq -> seq >= number(drop, "from") && seq <= number(drop, "to"))
            .count()
        : 0;
  }

  private void readings(Stand stand) {
    Map<String, String> deliveredBy = new HashMap<>();
    for (Map.Entry<String, Map<String, Object>> record : records.entrySet()) {
      if (record.getValue().get("values") instanceof Map<?, ?> values
          && values.get("energy_import") instanceof BigDecimal energy) {
        String reading =
            record.getValue().get("device") + " " + energy.movePointRight(3).toBigInteger();
        String other = deliveredBy.put(reading, record.getKey());
        if (other != null) {
          faults.add(reading + " was delivered twice, as " + other + " and " + record.getKey());
        }
      }
    }
    List<Loss> losses = new ArrayList<>(stand.losses());
    if (stand.card.isDeleted()) {
      losses.addAll(replaced);
    }
    List<String> unexplained = new ArrayList<>();
    for (Served served : stand.served()) {
      String reading = served.device() + " " + served.counts();
      if (deliveredBy.remove(reading) != null) {
        continue;
      }
      boolean inLoss =
          losses.stream()
              .anyMatch(
                  loss ->
                      served.atMillis() >= loss.fromMillis()
                          && served.atMillis() <= loss.toMillis());
      lost++;
      if (!inLoss) {
        unexplained.add(reading + " at " + served.atMillis());
      }
    }
    if (unexplained.size() > declared) {
      faults.add(
          "%d readings are missing and %d declared dropped: %s; losses %s"
              .formatted(
                  unexplained.size(),
                  declared,
                  unexplained.subList(0, Math.min(12, unexplained.size())),
                  losses));
    }
    if (!deliveredBy.isEmpty()) {
      faults.add("delivered and never served: " + deliveredBy);
    }
  }

  boolean has(String event) {
    return event.isEmpty() || events.contains(event);
  }

  void fault(String what) {
    faults.add(what);
  }

  List<String> faults() {
    return faults;
  }

  @Override
  public String toString() {
    return "%d records, %d of them again, %d readings lost of which %d are declared dropped"
        .formatted(records.size(), repeated, lost, declared);
  }
}
