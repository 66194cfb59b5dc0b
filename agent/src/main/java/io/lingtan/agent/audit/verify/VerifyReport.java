package io.lingtan.agent.audit.verify;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lingtan.agent.reading.Json;
import io.lingtan.agent.reading.foreign.ForeignText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Verification} found.
 *
 * @param lines of the file
 * @param records interval records, each once
 * @param pieces chains of which nothing signed ties one to the next
 * @param repeated interval records that came again, byte for byte
 * @param others records of other kinds, which are not signed
 * @param reports signed documents of months
 * @param figures that were worked out again
 * @param unchecked figures that records alone do not let work out again
 * @param notChecked their names, each with how often
 * @param keys that signed, in order
 * @param head hash of the last record, null if there is none
 * @param flaws in the order of the file
 * @param moreFlaws that are not listed
 * @param notes what is not wrong and should be known
 */
public record VerifyReport(
    long lines,
    long records,
    long pieces,
    long repeated,
    long others,
    long reports,
    long figures,
    long unchecked,
    SortedMap<String, Long> notChecked,
    List<String> keys,
    @Nullable String head,
    List<Flaw> flaws,
    long moreFlaws,
    List<String> notes) {

  public VerifyReport {
    keys = List.copyOf(keys);
    notChecked = Collections.unmodifiableSortedMap(new TreeMap<>(notChecked));
    flaws = List.copyOf(flaws);
    notes = List.copyOf(notes);
  }

  /**
   * Whether there were records or documents, nothing is wrong with any, and it is shown that none
   * was taken away between two.
   */
  public boolean isGood() {
    return records + reports > 0 && flaws.isEmpty();
  }

  /** Flaws of what is there, and not of what nothing shows. */
  private long wrong() {
    return moreFlaws + flaws.stream().filter(flaw -> flaw.kind() != Flaw.Kind.UNSHOWN).count();
  }

  /** For a person. */
  public String text() {
    StringBuilder text = new StringBuilder();
    for (Flaw flaw : flaws) {
      String word = flaw.kind() == Flaw.Kind.UNSHOWN ? "OPEN   " : "WRONG  ";
      text.append(ForeignText.line(word + flaw.text())).append('\n');
    }
    if (moreFlaws > 0) {
      text.append("WRONG  and ").append(moreFlaws).append(" more\n");
    }
    notes.forEach(note -> text.append(ForeignText.line("note   " + note)).append('\n'));
    text.append(
        "%d interval records: %s; %d figures worked out again%s\n"
            .formatted(
                records,
                wrong() == 0
                    ? "signed, in " + (pieces == 1 ? "one piece" : pieces + " pieces")
                    : wrong() + " things are wrong",
                figures,
                unchecked == 0 ? "" : ", " + unchecked + " need more than a record says"));
    if (reports > 0) {
      text.append(reports).append(" monthly reports were held against their signatures\n");
    }
    if (!notChecked.isEmpty()) {
      List<String> names = new ArrayList<>();
      notChecked.forEach((name, times) -> names.add(name + " (" + times + ")"));
      text.append(ForeignText.line("not checked: " + String.join(", ", names))).append('\n');
    }
    if (repeated > 0) {
      text.append(repeated).append(" came more than once, the same each time\n");
    }
    if (others > 0) {
      text.append(others).append(" records of other kinds are not signed and were not judged\n");
    }
    if (head != null) {
      text.append("head   ").append(head).append('\n');
    }
    text.append(
        records + reports == 0
            ? "NOTHING TO JUDGE: no interval record and no monthly report\n"
            : flaws.isEmpty()
                ? "GOOD\n"
                : wrong() == 0
                    ? "OPEN: no record here is wrong, but nothing shows that none was taken away\n"
                    : "NOT GOOD\n");
    return text.toString();
  }

  /** For a program, one line. */
  public String json() {
    return json(isGood(), json -> {});
  }

  /**
   * For a program, one line, of a judgement that has more in it.
   *
   * @param good what all of it comes to
   * @param more members at the end
   */
  public String json(boolean good, Json.Body more) {
    return ForeignText.json(
        Json.object(
            json -> {
              json.writeBooleanField("good", good);
              json.writeNumberField("lines", lines);
              json.writeNumberField("records", records);
              json.writeNumberField("pieces", pieces);
              json.writeNumberField("repeated", repeated);
              json.writeNumberField("others", others);
              json.writeNumberField("reports", reports);
              json.writeNumberField("figures", figures);
              json.writeNumberField("unchecked", unchecked);
              json.writeObjectFieldStart("not_checked");
              for (Map.Entry<String, Long> each : notChecked.entrySet()) {
                json.writeNumberField(each.getKey(), each.getValue());
              }
              json.writeEndObject();
              strings(json, "keys", keys);
              if (head != null) {
                json.writeStringField("head", head);
              }
              json.writeArrayFieldStart("flaws");
              for (Flaw flaw : flaws) {
                json.writeStartObject();
                json.writeNumberField("line", flaw.line());
                if (flaw.seq() > 0) {
                  json.writeStringField("epoch", flaw.epoch());
                  json.writeNumberField("seq", flaw.seq());
                  json.writeStringField("interval", flaw.interval());
                }
                json.writeStringField("field", flaw.field());
                json.writeStringField("kind", flaw.kind().word());
                json.writeStringField("what", flaw.what());
                json.writeEndObject();
              }
              json.writeEndArray();
              json.writeNumberField("more_flaws", moreFlaws);
              strings(json, "notes", notes);
              more.to(json);
            }));
  }

  private static void strings(JsonGenerator json, String name, List<String> texts)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (String text : texts) {
      json.writeString(text);
    }
    json.writeEndArray();
  }
}
