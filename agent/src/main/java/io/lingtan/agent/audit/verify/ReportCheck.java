package io.lingtan.agent.audit.verify;

import io.lingtan.agent.audit.Exact;
import io.lingtan.agent.audit.message.Malformed;
import io.lingtan.agent.audit.message.MessageReader;
import io.lingtan.agent.audit.verify.Flaw.Kind;
import io.lingtan.agent.reading.Correction;
import io.lingtan.agent.seal.CanonicalJson;
import io.lingtan.agent.seal.JsonValue;
import io.lingtan.agent.seal.JsonValue.Arr;
import io.lingtan.agent.seal.JsonValue.Obj;
import io.lingtan.agent.seal.JsonValue.Str;
import io.lingtan.agent.seal.VerifyingKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Whether the signed documents of months in a file are as the gateway wrote them, and say what the
 * months' own records say. What a document says of its bill is held against itself alone: the
 * prices are not in the file.
 */
final class ReportCheck {

  /** Years of months, each with revisions. */
  private static final int MOST = 1_000;

  private static final List<String> OF_A_FIGURE = List.of("v", "u", "q", "est", "pm");

  private final Consumer<Flaw> flaws;
  private final Consumer<String> notes;
  private final List<Report> reports = new ArrayList<>();
  private final Map<String, SealedRecord> months = new HashMap<>();
  private long notTaken;

  /** A document, and what it is called to a person. */
  private record Report(long line, String name, Obj json, String canonical) {
    Flaw flaw(Kind kind, String field, String what) {
      return new Flaw(line, "", 0, name, field, kind, what);
    }
  }

  ReportCheck(Consumer<Flaw> flaws, Consumer<String> notes) {
    this.flaws = flaws;
    this.notes = notes;
  }

  static boolean isOne(Obj json) {
    return json.get("report") != null && json.get("figures") != null;
  }

  /** Takes a line that {@link #isOne}. */
  void take(long line, Obj json) throws Malformed {
    String month = json.text("report");
    String rev = json.number("rev");
    if (month == null || month.length() > MessageReader.LONGEST_ID || rev == null) {
      throw new Malformed("is a report of no month, or without rev");
    }
    if (reports.size() == MOST) {
      notTaken++;
      return;
    }
    reports.add(new Report(line, "report " + month + " rev " + rev, json, CanonicalJson.of(json)));
  }

  /** Takes note of a record on which a document may rest. */
  void record(SealedRecord record) {
    if (record.length().equals("1M") && months.size() < MOST) {
      months.put(record.epoch() + "/" + record.seq(), record);
    }
  }

  long size() {
    return reports.size();
  }

  /** Judges all of them, when all lines have been taken. */
  void judge(List<VerifyingKey> keys) {
    if (notTaken > 0) {
      notes.accept("%d more monthly reports were not judged".formatted(notTaken));
    }
    Map<String, String> contents = new LinkedHashMap<>();
    for (Report each : reports) {
      String before = contents.putIfAbsent(each.name, each.canonical);
      if (before != null && !before.equals(each.canonical)) {
        flaws.accept(each.flaw(Kind.TWO_CONTENTS, "", "this revision is there with two contents"));
      }
      signature(each, keys);
      people(each);
      bill(each);
      SealedRecord month = month(each);
      if (month != null) {
        figures(each, month);
      }
    }
  }

  private void signature(Report of, List<VerifyingKey> keys) {
    String sig = of.json.text("sig");
    String signed = CanonicalJson.of(of.json.without("sig"));
    if (sig == null) {
      flaws.accept(of.flaw(Kind.UNSIGNED, "sig", "is not there: the report is not signed"));
    } else if (keys.stream().noneMatch(key -> key.signed(signed, sig))) {
      flaws.accept(
          of.flaw(
              Kind.SIGNATURE,
              "sig",
              "is not a signature of this report by the key "
                  + keys.getLast().x()
                  + ": it was changed after it was signed, or signed by another key"));
    }
  }

  private void people(Report of) {
    of.json
        .object("corrections")
        .members()
        .forEach(
            (id, value) -> {
              Obj one = value instanceof Obj object ? object : new Obj(new LinkedHashMap<>());
              String proposed = one.text("proposed");
              String approved = one.text("approved");
              if (proposed == null || approved == null || Correction.isSame(proposed, approved)) {
                flaws.accept(
                    of.flaw(
                        Kind.CORRECTION,
                        "corrections." + id,
                        "wants two people, one who proposed it and another who approved it"));
              }
            });
  }

  private void bill(Report of) {
    Obj bill = of.json.object("bill");
    String total = bill.number("total_fen");
    if (total == null || !(bill.get("lines") instanceof Arr(List<JsonValue> lines))) {
      return;
    }
    try {
      long sum = 0;
      for (JsonValue line : lines) {
        String fen = line instanceof Obj object ? object.number("fen") : null;
        if (fen == null) {
          flaws.accept(of.flaw(Kind.REPORT, "bill.lines", "has a total, and a line without fen"));
          return;
        }
        sum = Math.addExact(sum, Exact.of(fen).longValueExact());
      }
      if (sum != Exact.of(total).longValueExact()) {
        flaws.accept(
            of.flaw(
                Kind.REPORT, "bill.total_fen", "is " + total + ", and its lines add up to " + sum));
      }
    } catch (ArithmeticException e) {
      flaws.accept(of.flaw(Kind.REPORT, "bill", "has a sum that is no whole number of fen"));
    }
  }

  /** The record that it rests on; null where that is not in the file, or is another one. */
  private @Nullable SealedRecord month(Report of) {
    Obj named = of.json.object("record");
    String key = named.text("epoch") + "/" + named.number("seq");
    SealedRecord month = months.get(key);
    if (month == null) {
      notes.accept(
          of.name
              + ": the record of the month ("
              + key
              + ") is not in the file, its figures were"
              + " not held against it");
      return null;
    }
    if (!month.hash().equals(named.text("hash"))) {
      flaws.accept(
          of.flaw(Kind.REPORT, "record.hash", "is not the hash of " + month.place().words()));
    }
    return month;
  }

  private void figures(Report of, SealedRecord month) {
    Obj said = of.json.object("figures");
    Obj told = month.json().object("metrics");
    List<String> estimated = new ArrayList<>();
    for (String name : told.members().sequencedKeySet()) {
      Obj record = told.object(name);
      Obj report = said.object(name);
      for (String member : OF_A_FIGURE) {
        String wanted = shown(record, member);
        String seen = shown(report, member);
        if (!Objects.equals(wanted, seen)) {
          flaws.accept(
              of.flaw(
                  Kind.REPORT,
                  "figures." + name + "." + member,
                  "is " + seen + ", and " + wanted + " in " + month.place().words()));
        }
      }
      String share = record.number("est");
      if (record.number("v") != null && share != null && Exact.of(share).signum() > 0) {
        estimated.add(name);
      }
    }
    said.members().keySet().stream()
        .filter(name -> told.get(name) == null)
        .forEach(
            name ->
                flaws.accept(
                    of.flaw(Kind.REPORT, "figures." + name, "is not in " + month.place().words())));
    if (!estimated.equals(texts(of.json.get("estimated")))) {
      flaws.accept(of.flaw(Kind.REPORT, "estimated", "names others than " + estimated));
    }
    if (!canonical(of.json.object("corrections"))
        .equals(canonical(month.json().object("corrections")))) {
      flaws.accept(
          of.flaw(Kind.REPORT, "corrections", "are others than in " + month.place().words()));
    }
  }

  private static String canonical(Obj object) {
    return CanonicalJson.of(object);
  }

  /** A text or a number as its canonical form has it, null if it is not there. */
  private static @Nullable String shown(Obj object, String member) {
    JsonValue value = object.get(member);
    return value == null ? null : CanonicalJson.of(value);
  }

  private static List<String> texts(@Nullable JsonValue value) {
    return value instanceof Arr(List<JsonValue> items)
        ? items.stream().map(item -> item instanceof Str(String text) ? text : "").toList()
        : List.of();
  }
}
