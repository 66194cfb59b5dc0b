package io.lingtan.agent.audit.verify;

import io.lingtan.agent.audit.message.Malformed;
import io.lingtan.agent.audit.verify.Flaw.Kind;
import io.lingtan.agent.seal.CanonicalJson;
import io.lingtan.agent.seal.Digest;
import io.lingtan.agent.seal.JsonValue;
import io.lingtan.agent.seal.JsonValue.NotJson;
import io.lingtan.agent.seal.VerifyingKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether the interval records of a file are as the gateway wrote them, are all there, and say of
 * carbon what follows from their energy and factors. Nothing but the file and a key is needed; the
 * key never comes from the records, but for a rotation that the key before has signed.
 *
 * <p>The file is lines of JSON, in the order in which the records came: what a subscriber of {@code
 * interval/#} gets. Other records may stand between; events tell of declared drops. A record that
 * comes twice is taken once. The signed documents of months may stand among them, and are held
 * against the records of their months.
 */
public final class Verification {

  /** Of one interval; each is a late reading or a correction. */
  private static final int MOST_REVISIONS = 1_000;

  /** Flaws that are kept; beyond it they are only counted. */
  private static final int MOST_FLAWS = 1000;

  private static final int MOST_NOTES = 200;

  private final List<VerifyingKey> keys = new ArrayList<>();
  private final List<Flaw> flaws = new ArrayList<>();
  private final Set<String> notes = new LinkedHashSet<>();
  private final Recomputation carbon = new Recomputation(this::flaw);
  private final Links links = new Links(this::flaw, this::note);
  private final ReportCheck reports = new ReportCheck(this::flaw, this::note);
  private long line;
  private long records;
  private long repeated;
  private long others;
  private long moreFlaws;
  private long notTaken;
  private String wantedEpoch = "";
  private long wantedSeq;
  private @Nullable SealedRecord wanted;
  private String wantedLength = "";
  private long wantedStart;
  private final List<SealedRecord> ofThatInterval = new ArrayList<>();

  /** No more than {@link Links} holds records. */
  private final Map<IntervalRevision, Figures> contents = new HashMap<>();

  /** What has one content for ever. */
  private record IntervalRevision(String length, long start, String rev) {}

  private record Figures(String hash, long line) {}

  /**
   * @param key of the gateway
   */
  public Verification(VerifyingKey key) {
    keys.add(key);
  }

  /**
   * From now on the record of this number is kept, once it comes with a good signature, and others
   * of its interval.
   *
   * @param start UTC ms
   */
  public void lookFor(String epoch, long seq, String length, long start) {
    wantedEpoch = epoch;
    wantedSeq = seq;
    wantedLength = length;
    wantedStart = start;
  }

  /** Records of that interval with a good signature, {@link #MOST_REVISIONS} at most. */
  public List<SealedRecord> ofThatInterval() {
    return List.copyOf(ofThatInterval);
  }

  /** The record that was looked for, null if it did not come. */
  public @Nullable SealedRecord found() {
    return wanted;
  }

  /** Takes the next line of the file. */
  public void take(String text) {
    line++;
    if (text.isBlank()) {
      return;
    }
    JsonValue.Obj json;
    if (links.isFull()) {
      notTaken++;
      return;
    }
    try {
      json = JsonValue.object(text);
      if (ReportCheck.isOne(json)) {
        reports.take(line, json);
        return;
      }
      if (json.get("interval") == null) {
        others++;
        links.event(json);
        return;
      }
      take(SealedRecord.of(line, json));
    } catch (NotJson | Malformed e) {
      malformed(String.valueOf(e.getMessage()));
    } catch (IllegalArgumentException | ArithmeticException e) {
      malformed("something that should be a number is not: " + e.getMessage());
    }
  }

  private void malformed(String what) {
    flaw(new Flaw(line, "", 0, "", "", Kind.MALFORMED, what));
  }

  /** Takes note of a line that is longer than any record is. */
  public void takeTooLong() {
    line++;
    malformed("is longer than any record");
  }

  private void take(SealedRecord record) {
    rotate(record);
    VerifyingKey signer = signer(record);
    VerifyingKey newest = keys.getLast();
    if (!links.take(record, (signer == null ? newest : signer).x(), signer != null)) {
      repeated++;
      return;
    }
    records++;
    if (record.sig() == null || record.prev() == null) {
      String lacking = record.sig() == null ? "sig" : "prev";
      flaw(record.flaw(Kind.UNSIGNED, lacking, "is not there: the record is not signed"));
    } else if (signer == null) {
      flaw(
          record.flaw(
              Kind.SIGNATURE,
              "sig",
              "is not a signature of this record by the key "
                  + newest.x()
                  + ": it was changed after it was signed, or signed by another key"));
    }
    String inexact = record.inexact();
    if (inexact != null) {
      flaw(
          record.flaw(
              Kind.NOT_EXACT, inexact, "has more digits than the signed form of a number holds"));
    }
    if (signer != null
        && record.start() == wantedStart
        && record.length().equals(wantedLength)
        && ofThatInterval.size() < MOST_REVISIONS) {
      ofThatInterval.add(record);
    }
    if (wanted == null
        && signer != null
        && inexact == null
        && record.epoch().equals(wantedEpoch)
        && record.seq() == wantedSeq) {
      wanted = record;
    }
    if (signer != null) {
      compare(record);
    }
    carbon.take(record, signer != null);
    reports.record(record);
  }

  /** An older copy of a card that was put back tells an interval again, under another number. */
  private void compare(SealedRecord record) {
    String rev = record.json().number("rev");
    IntervalRevision interval =
        new IntervalRevision(record.length(), record.start(), rev == null ? "0" : rev);
    String hash = Digest.of(CanonicalJson.of(record.json().object("metrics")));
    Figures before = contents.putIfAbsent(interval, new Figures(hash, record.line()));
    if (before != null && !before.hash.equals(hash)) {
      flaw(
          record.flaw(
              Kind.TWO_CONTENTS,
              "metrics",
              ("differs from line %d, which is of the same interval and rev %s: it was told"
                      + " twice, such as by a card that was put back from an older copy")
                  .formatted(before.line, interval.rev)));
    }
  }

  private @Nullable VerifyingKey signer(SealedRecord record) {
    for (VerifyingKey key : keys.reversed()) {
      if (key.signed(record.toSign(), record.sig())) {
        return key;
      }
    }
    return null;
  }

  /** Takes over a new key for which the one in use vouches. */
  private void rotate(SealedRecord record) {
    JsonValue.Obj rotation = record.json().object("rotation");
    String to = rotation.text("to");
    VerifyingKey newest = keys.getLast();
    if (to == null || keys.stream().anyMatch(key -> key.x().equals(to))) {
      return;
    }
    try {
      if (newest.x().equals(rotation.text("from"))
          && newest.signed(CanonicalJson.of(rotation.without("sig")), rotation.text("sig"))) {
        keys.add(VerifyingKey.of(to));
        note(record.place().words() + ": from here on key " + to + " signs, says the key before");
      }
    } catch (IllegalArgumentException e) {
      // No key: then the record's signature is by none that is known, and that is told.
      note(record.place().words() + ": rotation.to is no key");
    }
  }

  private void flaw(Flaw flaw) {
    if (flaws.size() < MOST_FLAWS) {
      flaws.add(flaw);
    } else {
      moreFlaws++;
    }
  }

  private void note(String note) {
    if (notes.size() < MOST_NOTES) {
      notes.add(note);
    }
  }

  /**
   * What was found, when all lines have been taken.
   *
   * @param head hash that the last record has to have, such as a report or {@code meta} gives it;
   *     null if none is known
   */
  public VerifyReport report(@Nullable String head) {
    links.judge();
    reports.judge(keys);
    carbon.restated().forEach(this::note);
    carbon.corrected().forEach(this::note);
    List<Flaw> all = new ArrayList<>(flaws);
    String last = links.head();
    if (head != null && !head.equals(last)) {
      all.add(
          new Flaw(
              line, "", 0, "", "", Kind.MISSING, "the last record is not the one of head " + head));
    }
    if (notTaken > 0) {
      all.add(
          new Flaw(
              line,
              "",
              0,
              "",
              "",
              Kind.MISSING,
              "the last "
                  + notTaken
                  + " lines were not judged, since the memory holds no more records: give it more"
                  + " (LINGTAN_OPTS=-Xmx1g), or verify fewer months at once"));
    }
    all.sort(java.util.Comparator.comparingLong(Flaw::line));
    return new VerifyReport(
        line,
        records,
        links.pieces(),
        repeated,
        others,
        reports.size(),
        carbon.checked(),
        carbon.unchecked(),
        carbon.notChecked(),
        keys.stream().map(VerifyingKey::x).toList(),
        last,
        all,
        moreFlaws,
        List.copyOf(notes));
  }
}
