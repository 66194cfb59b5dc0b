package io.lingtan.agent.status.wiring;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lingtan.agent.reading.Json;
import io.lingtan.agent.status.wiring.Look.Part;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the looks until now say, beside the last one.
 *
 * @param looks how many there are
 * @param balanced of how many of them the balance is known
 * @param closed of how many of these it closes
 */
public record Verdicts(Look look, int looks, int balanced, int closed, List<Finding> findings) {

  public Verdicts {
    findings = List.copyOf(findings);
  }

  /** Whether there are so many looks that what they do not find is not there. */
  public boolean isEnough() {
    return looks >= Look.LEAST;
  }

  /**
   * Whether the balance closes within its tolerance, now and in four of five looks; null if it is
   * not known.
   */
  public @Nullable Boolean isClosed() {
    return look.residualWatts() == null ? null : look.isClosed() && closed >= Look.MOST * balanced;
  }

  /**
   * Whether so much flows through a device that the balance would be open if it were turned round:
   * one through which nothing flows fits either way.
   */
  public boolean wouldShow(String device) {
    return look.parts().stream()
        .anyMatch(
            part ->
                part.device().equals(device)
                    && 2 * Math.abs(part.intoWatts()) > look.toleranceWatts());
  }

  /** Devices whose phases flow enough to be judged, with whether they belong together. */
  public Map<String, Boolean> phases() {
    Map<String, Boolean> judged = new TreeMap<>();
    for (Look.Phases phases : look.phases()) {
      PhaseAngles.Verdict verdict = PhaseAngles.of(phases).verdict();
      // Low power factors alone do not tell: see the findings.
      if (verdict != null && verdict.kind() != PhaseAngles.Kind.MOVED) {
        judged.put(phases.device(), verdict.kind() == PhaseAngles.Kind.STRAIGHT);
      }
    }
    return judged;
  }

  /** {@code /api/wiring}. Powers in watts. */
  public String json() {
    return Json.object(
        json -> {
          json.writeNumberField("looks", looks);
          balance(json);
          parts(json);
          phases(json);
          findings(json, "findings");
        });
  }

  private void balance(JsonGenerator json) throws IOException {
    json.writeObjectFieldStart("balance");
    Double residual = look.residualWatts();
    if (residual != null) {
      number(json, "residual_w", residual, 0);
      json.writeBooleanField("closed", look.isClosed());
    }
    number(json, "tolerance_w", look.toleranceWatts(), 0);
    json.writeArrayFieldStart("lacking");
    for (String id : look.lacking()) {
      json.writeString(id);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void parts(JsonGenerator json) throws IOException {
    json.writeArrayFieldStart("meters");
    for (Part part : look.parts()) {
      json.writeStartObject();
      json.writeStringField("id", part.meter());
      json.writeStringField("device", part.device());
      json.writeStringField("role", part.role());
      json.writeBooleanField("reversed", part.reversed());
      number(json, "w", part.intoWatts(), 0);
      Double residual = look.residualWatts();
      if (residual != null) {
        number(json, "turned_w", residual - 2 * part.intoWatts(), 0);
      }
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void phases(JsonGenerator json) throws IOException {
    json.writeArrayFieldStart("phases");
    for (Look.Phases phases : look.phases()) {
      PhaseAngles angles = PhaseAngles.of(phases);
      json.writeStartObject();
      json.writeStringField("device", phases.device());
      numbers(json, "volts", phases.volts(), 1);
      numbers(json, "amps", phases.amps(), 2);
      numbers(json, "watts", phases.watts(), 0);
      numbers(json, "factors", angles.factors(), 2);
      PhaseAngles.Verdict verdict = angles.verdict();
      if (verdict != null
          && (verdict.kind() != PhaseAngles.Kind.MOVED || isMoved(phases.device()))) {
        json.writeStringField("verdict", verdict.kind().name().toLowerCase(Locale.ROOT));
      }
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private boolean isMoved(String device) {
    return findings.stream()
        .anyMatch(
            each ->
                each.kind() == Finding.Kind.MOVED && each.isSure() && each.device().equals(device));
  }

  /** A list of what was found, as a member. */
  public void findings(JsonGenerator json, String name) throws IOException {
    json.writeArrayFieldStart(name);
    for (Finding finding : findings) {
      json.writeStartObject();
      json.writeStringField("kind", finding.kind().name().toLowerCase(Locale.ROOT));
      if (finding.meter() != null) {
        json.writeStringField("meter", finding.meter());
      }
      json.writeStringField("device", finding.device());
      json.writeArrayFieldStart("phases");
      for (int phase : finding.phases()) {
        json.writeNumber(phase);
      }
      json.writeEndArray();
      number(json, "factor", finding.factor(), 3);
      json.writeNumberField("votes", finding.votes());
      json.writeNumberField("of", finding.looks());
      Double residual = finding.residualWatts();
      if (residual != null) {
        number(json, "residual_w", residual, 0);
      }
      json.writeBooleanField("alone", finding.isAlone());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void number(JsonGenerator json, String name, double value, int places)
      throws IOException {
    json.writeFieldName(name);
    json.writeNumber(rounded(value, places));
  }

  private static BigDecimal rounded(double value, int places) {
    BigDecimal exact =
        BigDecimal.valueOf(value).setScale(places, RoundingMode.HALF_EVEN).stripTrailingZeros();
    return exact.signum() == 0 ? BigDecimal.ZERO : new BigDecimal(exact.toPlainString());
  }

  private static void numbers(JsonGenerator json, String name, List<Double> values, int places)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (double value : values) {
      json.writeNumber(rounded(value, places));
    }
    json.writeEndArray();
  }
}
