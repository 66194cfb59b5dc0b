package io.lingtan.simulator.prove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.audit.verify.Flaw;
import io.lingtan.agent.audit.verify.Verification;
import io.lingtan.agent.audit.verify.VerifyReport;
import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.journal.History;
import io.lingtan.agent.publish.link.Message;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.IntervalText;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.seal.VerifyingKey;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.status.trace.Trace;
import io.lingtan.agent.status.trace.TraceForm;
import io.lingtan.agent.status.trace.Tracer;
import io.lingtan.simulator.prove.memory.MemoryLines;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What an auditor has after a day of the demo's site: its interval records, and its key. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SignedDayIT {

  private static final long DAY = 86_400_000L;
  private static final Pattern SEQ = Pattern.compile("\"seq\":(\\d+)");

  private final List<String> lines = new ArrayList<>();
  private Card card;
  private Gateway gateway;
  private Site site;
  private VerifyingKey key;
  private History history;

  @BeforeAll
  void aDay(@TempDir Path folder) throws IOException {
    ProvedSite proved = ProvedSite.of("demo-microgrid", 5);
    long start = proved.world().stepStart();
    MachineClock clock = new MachineClock(start, List.of());
    FaultyBroker broker = new FaultyBroker(clock, List.of(), this::take);
    card = Card.in(folder);
    site = proved.load(folder, card.folder().resolve("journal.db"), null).now().site();
    gateway =
        new Gateway(
            site,
            clock,
            new MemoryLines(proved.endpoints(), clock, now -> clock.worldMillis(), null),
            broker,
            card,
            new FaultyDisk(clock, List.of(), Randomness.seeded(6)),
            5,
            (at, what) -> {
              throw new AssertionError(at + " " + what);
            });
    gateway.start();
    gateway.until(start + DAY + 600_000);
    Message meta = Objects.requireNonNull(broker.retained("lingtan/v1/wx-demo-001/meta"));
    key = VerifyingKey.ofJwk(new String(meta.payload(), StandardCharsets.UTF_8));
    history = History.readOnly(site.journal().path(), clock, Randomness.seeded(7));
  }

  @AfterAll
  void end() {
    history.close();
    gateway.close();
    card.close();
  }

  private void take(Message message) {
    if (message.topic().contains("/interval/")) {
      lines.add(new String(message.payload(), StandardCharsets.UTF_8));
    }
  }

  private VerifyReport verify(List<String> records) {
    Verification verification = new Verification(key);
    records.forEach(verification::take);
    return verification.report(null);
  }

  private static long seq(String record) {
    Matcher matcher = SEQ.matcher(record);
    assertTrue(matcher.find());
    return Long.parseLong(matcher.group(1));
  }

  private static void assertNames(VerifyReport report, long seq, Flaw.Kind kind) {
    assertTrue(
        report.flaws().stream().anyMatch(flaw -> flaw.seq() == seq && flaw.kind() == kind),
        report::text);
    assertEquals(
        List.of(seq), report.flaws().stream().map(Flaw::seq).distinct().toList(), report::text);
  }

  @Test
  void aDayIsAcceptedAndItsCarbonFollows() {
    VerifyReport report = verify(lines);
    assertTrue(report.isGood(), report::text);
    assertTrue(report.records() >= 120, report::text);
    assertTrue(report.figures() > 500, report::text);
  }

  @Test
  void eachTamperingNamesItsRecord() {
    int at = 60;
    List<String> digit = new ArrayList<>(lines);
    String old = digit.get(at);
    int v = old.indexOf("\"elec.grid.import\":{\"v\":") + 24;
    digit.set(at, old.substring(0, v) + (old.charAt(v) == '9' ? '8' : '9') + old.substring(v + 1));
    assertNames(verify(digit), seq(old), Flaw.Kind.SIGNATURE);

    List<String> removed = new ArrayList<>(lines);
    removed.remove(at);
    VerifyReport gap = verify(removed);
    assertNames(gap, seq(lines.get(at + 1)), Flaw.Kind.MISSING);
    assertTrue(gap.text().contains("seq " + seq(old)), gap::text);

    List<String> swapped = new ArrayList<>(lines);
    Collections.swap(swapped, at, at + 1);
    assertNames(verify(swapped), seq(old), Flaw.Kind.ORDER);

    List<String> factor = new ArrayList<>(lines);
    factor.set(at, old.replace("\"value\":\"0.5827\"", "\"value\":\"0.5827000001\""));
    assertNames(verify(factor), seq(old), Flaw.Kind.FACTOR);
    assertNames(verify(factor), seq(old), Flaw.Kind.SIGNATURE);

    Verification other =
        new Verification(VerifyingKey.of("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"));
    lines.forEach(other::take);
    assertEquals(lines.size(), other.report(null).flaws().size());
  }

  /** The record of a length whose figures are all there, the last of the day. */
  private String last(String length) {
    return lines.stream()
        .filter(line -> line.contains("\"interval\":\"" + length + "\""))
        .reduce((a, b) -> b)
        .orElseThrow();
  }

  private Trace trace(String record, String metric) {
    return assertInstanceOf(
            Tracer.Answer.Explained.class,
            new Tracer(site, SiteFigures.LISTED, history).explain("", seq(record), metric))
        .trace();
  }

  @Test
  void aFigureIsExplainedDownToItsSamples() throws IOException {
    String quarter =
        lines.stream()
            .filter(line -> line.contains("\"interval\":\"15m\""))
            .skip(48)
            .findFirst()
            .orElseThrow();
    // How many records there are besides is another test's matter.
    String text =
        TraceForm.text(trace(quarter, "co2.total"))
            .replaceAll("seq \\d+", "seq N")
            .replaceAll("epoch [0-9a-f]{8}", "epoch E");
    try (var golden = SignedDayIT.class.getResourceAsStream("co2-total.trace.txt")) {
      byte[] bytes = golden == null ? new byte[0] : golden.readAllBytes();
      assertEquals(new String(bytes, StandardCharsets.UTF_8), text);
    }
  }

  @Test
  void whateverIsShownAsFollowingFollows() {
    int followed = 0;
    int samples = 0;
    for (String length : List.of("15m", "1h", "1d")) {
      String record = last(length);
      Interval interval = IntervalText.of(record);
      for (String metric : interval.metrics().keySet()) {
        List<Trace> all = new ArrayList<>();
        collect(trace(record, metric), all);
        for (Trace each : all) {
          assertTrue(each.follows(), () -> length + " " + TraceForm.text(each));
          followed += each.rule() == Trace.Rule.SHOWN || each.rule() == Trace.Rule.GIVEN ? 0 : 1;
          if (each.kind() == Trace.Kind.REGISTER && !each.from().isEmpty()) {
            samples++;
            assertBetween(each);
          }
        }
      }
    }
    assertTrue(followed > 200, followed + " numbers follow");
    assertTrue(samples > 50, samples + " registers have samples");
  }

  @Test
  void noSimpleFigureIsOnlyShown() {
    for (String length : List.of("15m", "1h")) {
      String record = last(length);
      for (String metric :
          List.of(
              "elec.grid.import",
              "elec.pv.generation",
              "elec.load.total",
              "elec.load.ely",
              "co2.scope2.location",
              "co2.total",
              "co2.per_load_kwh",
              "balance.residual",
              "balance.residual_pct",
              "kpi.self_sufficiency")) {
        Trace trace = trace(record, metric);
        boolean simple = trace.rule() != Trace.Rule.SHOWN && trace.rule() != Trace.Rule.GIVEN;
        assertTrue(simple, () -> length + " " + TraceForm.text(trace));
      }
    }
  }

  private static void assertBetween(Trace register) {
    BigDecimal value = Objects.requireNonNull(register.value());
    BigDecimal low = Objects.requireNonNull(register.from().getFirst().value());
    BigDecimal high = Objects.requireNonNull(register.from().getLast().value());
    assertTrue(
        value.compareTo(low) >= 0 && (register.from().size() == 1 || value.compareTo(high) <= 0),
        () -> TraceForm.text(register));
  }

  private static void collect(Trace trace, List<Trace> to) {
    to.add(trace);
    trace.from().forEach(part -> collect(part, to));
  }

  @Test
  void whatIsNotThereIsSaid() {
    Tracer tracer = new Tracer(site, SiteFigures.LISTED, history);
    String quarter = last("15m");
    for (Tracer.Answer answer :
        List.of(
            tracer.explain("", 99_999_999, "co2.total"),
            tracer.explain("00000000", seq(quarter), "co2.total"),
            tracer.explain("", seq(quarter), "co2.totall"),
            tracer.explain("", 1, "co2.total"))) {
      assertFalse(assertInstanceOf(Tracer.Answer.Unknown.class, answer).why().isEmpty());
    }
    assertNotNull(history.record("", seq(quarter)));
  }
}
