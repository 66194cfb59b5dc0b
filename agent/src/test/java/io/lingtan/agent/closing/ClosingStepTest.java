package io.lingtan.agent.closing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.audit.verify.Flaw;
import io.lingtan.agent.audit.verify.Verification;
import io.lingtan.agent.audit.verify.VerifyReport;
import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.reading.Correction;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.RecordJson;
import io.lingtan.agent.seal.CanonicalJson;
import io.lingtan.agent.seal.Digest;
import io.lingtan.agent.seal.JsonValue;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.agent.status.report.KeptMonths;
import io.lingtan.agent.status.report.Reports;
import io.lingtan.testing.MessageSchemas;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A month's record, a bill and forms become a signed document, which {@code verify} judges. */
final class ClosingStepTest {

  private static final YearMonth JUNE = YearMonth.of(2026, 6);
  private static final YearMonth JULY = YearMonth.of(2026, 7);
  private static final long MINUTES = 3 * 60_000;

  private static final Correction CORRECTION =
      new Correction("C1", "CT open", "W-17", "Wang Wu", "Zhao Liu");

  @TempDir private Path folder;

  private final List<String> told = new ArrayList<>();
  private final List<Event> events = new ArrayList<>();
  private final List<YearMonth> asked = new ArrayList<>();
  private Function<YearMonth, ClosingStep.@Nullable Figured> figured = this::figured;

  @SuppressWarnings("NullAway.Init") // begin() does
  private KeptMonths kept;

  @SuppressWarnings("NullAway.Init")
  private Site site;

  @SuppressWarnings("NullAway.Init")
  private Reports reports;

  @BeforeEach
  void begin() throws IOException {
    Files.writeString(
        folder.resolve("prices.yaml"),
        """
        prices:
          - month: 2026-07
            source: "the table of July"
            floated: {purchase: 0.3957}
            fixed: {line_loss: 0.0115, system_operation: 0.0736, transmission: 0.1298, funds: 0.0294}
            factors: {sharp: 2.16, peak: 1.8, flat: 1, valley: 0.35, deep: 0.28}
            row: {peak: 0.9566, flat: 0.6400, valley: 0.3828}
            capacity: 32
            demand: 51.2
        """);
    Path file = folder.resolve("billed.yaml");
    Files.writeString(
        file,
        """
        gateway: wx-htz-017
        site: {name: 无锡高新区示范站, zone: Asia/Shanghai, region: CN-JS}
        lines:
          - id: roof
            modbus-tcp: {host: 127.0.0.1}
            devices:
              - {id: gate, profile: eastron-sdm630, unit: 1, every: 1s}
        metering:
          tariff: jiangsu-2025
          meters:
            - {id: grid, device: gate, role: grid, rated_kw: 400}
        journal: {path: journal.db}
        mqtt: {servers: ["mqtt://127.0.0.1:1883"]}
        bill:
          {class: industry, kva: 1250, prices: prices.yaml, basic: contract, contract_kw: 1000,
           power_factor: 0.90}
        """);
    site = Objects.requireNonNull(new SiteLoader().load(file).site());
    kept = new KeptMonths(folder);
    reports = new Reports(site, SiteFigures.LISTED, kept.history(), () -> null);
  }

  @AfterEach
  void end() {
    kept.close();
  }

  private static Metric kilo(long value, int estimated) {
    Quality quality = estimated > 0 ? Quality.EST_LINEAR : Quality.MEASURED;
    return new Metric(value * 1_000_000, "kW.h", quality, 100, estimated, null, null, null);
  }

  private static SequencedMap<String, Metric> july(long import_) {
    SequencedMap<String, Metric> figures = new LinkedHashMap<>();
    figures.put("elec.grid.import", kilo(import_, 0));
    figures.put("elec.grid.import.sharp", kilo(48_000, 0));
    figures.put("elec.grid.import.peak", kilo(80_000, 0));
    figures.put("elec.grid.import.flat", kilo(import_ - 258_000, 2));
    figures.put("elec.grid.import.valley", kilo(130_000, 0));
    figures.put("reactive.import", kilo(165_000, 0));
    figures.put("reactive.export", kilo(0, 0));
    figures.put(
        "demand.month_max",
        new Metric(1_085_500_000L, "kW", Quality.MEASURED, 100, 0, null, null, null));
    return figures;
  }

  private ClosingStep step() {
    return new ClosingStep(
        () -> site,
        kept.history(),
        month -> figured.apply(month),
        folder.resolve("report"),
        this::signed,
        (month, text) -> told.add(text),
        events::add,
        kept.time());
  }

  private ClosingStep.@Nullable Figured figured(YearMonth month) {
    asked.add(month);
    Reports.Whole whole = reports.whole(month, kept.now());
    return whole == null ? null : new ClosingStep.Figured(whole.bill(), whole.files());
  }

  private String signed(String unsigned) {
    try {
      return RecordJson.signed(
          unsigned, kept.signing().key().sign(CanonicalJson.of(JsonValue.object(unsigned))));
    } catch (JsonValue.NotJson e) {
      throw new AssertionError(unsigned, e);
    }
  }

  private void run(ClosingStep step) {
    kept.pass(MINUTES);
    for (int i = 0; i < 4; i++) {
      step.step(kept.time().now());
    }
  }

  private VerifyReport verify(String... reports) {
    Verification verification = new Verification(kept.signing().key().open());
    kept.lines().forEach(verification::take);
    for (String report : reports) {
      verification.take(report);
    }
    return verification.report(null);
  }

  @Test
  void aMonthIsClosedOnceAndAgainWhenItIsCorrected() throws IOException {
    ClosingStep step = step();
    run(step);
    assertEquals(List.of(), told, "there is no record of any month");
    kept.month(JULY, july(386_000));
    step.step(kept.time().now());
    assertEquals(List.of(), told, "its days may still be told again");
    run(step);
    assertEquals(1, told.size());
    String first = told.getFirst();
    for (String each :
        List.of(
            "{\"report\":\"2026-07\",\"rev\":0,",
            "\"elec.grid.import\":{\"v\":386000,\"u\":\"kW.h\",\"q\":\"measured\",\"est\":0}",
            "\"estimated\":[\"elec.grid.import.flat\"]",
            "\"corrections\":{}",
            "\"total_fen\":30941552",
            "\"prices\":\"the table of July\"",
            "\"/report/2026-07.csv?lang=zh\":",
            "\"/report/2026-07/carbon-account.csv?lang=en\":")) {
      assertTrue(first.contains(each), () -> each + " is not in " + first);
    }
    byte[] form =
        Objects.requireNonNull(reports.of("2026-07/carbon-account.csv", "en", kept.now())).body();
    assertTrue(first.contains(Digest.base64(Digest.sha256(form))), "the form that is served");
    run(step);
    assertEquals(1, told.size(), "it stays as it is");

    run(step());
    assertEquals(List.of(first, first), told, "the same bytes after a start");

    told.clear();
    kept.monthCorrected(JULY, july(390_000), CORRECTION);
    run(step);
    assertEquals(1, told.size());
    String second = told.getFirst();
    assertTrue(second.contains("{\"report\":\"2026-07\",\"rev\":1,"), second);
    assertTrue(second.contains("\"proposed\":\"Wang Wu\",\"approved\":\"Zhao Liu\""), second);
    assertFalse(second.contains("\"total_fen\":30941552"), second);

    MessageSchemas schemas = MessageSchemas.of(Path.of("../config/schema"));
    for (String each : List.of(first, second)) {
      assertEquals(List.of(), schemas.problems("report", each));
    }
    VerifyReport report = verify(first, second);
    assertEquals(List.of(), report.flaws());
    assertEquals(2, report.reports());
    assertTrue(report.text().contains("2 monthly reports"), report::text);
    Verification alone = new Verification(kept.signing().key().open());
    alone.take(second);
    assertTrue(alone.report(null).isGood());
    assertTrue(alone.report(null).text().contains("is not in the file"));
  }

  /** So a card that was put back from an older copy closes a month with another one. */
  @Test
  void itsRevisionIsNotBelowThatOfTheRecord() {
    kept.month(JULY, july(386_000), 3);
    run(step());
    assertTrue(told.getFirst().startsWith("{\"report\":\"2026-07\",\"rev\":2,"), told::toString);
  }

  /** As whoever has no key does it, and as whoever has it: then the month's record tells. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"elec.grid.import\":{\"v\":390000 | \"elec.grid.import\":{\"v\":380000 |"
            + " figures.elec.grid.import.v",
        "\"est\":2 | \"est\":0 | figures.elec.grid.import.flat.est",
        "\"estimated\":[\"elec.grid.import.flat\"] | \"estimated\":[] | estimated",
        "\"reactive.export\":{\"v\":0,\"u\":\"kW.h\",\"q\":\"measured\" |"
            + " \"reactive.export\":{\"v\":0,\"u\":\"kW.h\",\"q\":\"derived\" |"
            + " figures.reactive.export.q",
        "\"figures\":{ |"
            + " \"figures\":{\"co2.saved\":{\"v\":1,\"u\":\"kg\",\"q\":\"measured\",\"est\":0}, |"
            + " figures.co2.saved",
        "\"approved\":\"Zhao Liu\" | \"approved\":\"wang wu\" | corrections.C1",
        "\"proposed\":\"Wang Wu\" | \"proposed\":\"Li Na\" | corrections",
        "\"total_fen\":3 | \"total_fen\":2 | bill.total_fen",
        "\"fen\":5 | \"fen\":4 | bill.total_fen",
        "\"hash\":\" | \"hash\":\"A | record.hash",
        "\"/report/2026-07.csv?lang=zh\":\" | \"/report/2026-07.csv?lang=zh\":\"A | ''",
        "\"report\":\"2026-07\" | \"report\":\"2026-08\" | ''"
      })
  void aTamperedOneIsNamed(String from, String to, String field) {
    ClosingStep step = step();
    kept.month(JULY, july(386_000));
    kept.monthCorrected(JULY, july(390_000), CORRECTION);
    run(step);
    String good = told.getLast();
    assertTrue(good.contains(from), () -> from + " is not in " + good);
    String tampered = good.replaceFirst(java.util.regex.Pattern.quote(from), to);
    List<Flaw> flaws = verify(tampered).flaws();
    assertTrue(
        flaws.stream().anyMatch(flaw -> flaw.kind() == Flaw.Kind.SIGNATURE), flaws::toString);
    assertTrue(
        flaws.stream().allMatch(flaw -> flaw.interval().startsWith("report 2026-0")),
        flaws::toString);
    if (!field.isEmpty()) {
      String again = signed(tampered.replaceFirst(",\"sig\":\"[^\"]*\"}$", "}"));
      List<Flaw> left = verify(again).flaws();
      assertTrue(left.stream().anyMatch(flaw -> flaw.field().equals(field)), left::toString);
      assertTrue(
          left.stream().noneMatch(flaw -> flaw.kind() == Flaw.Kind.SIGNATURE), left::toString);
    }
    assertEquals(List.of(), verify(good).flaws(), "as it was");
  }

  @Test
  void oneRevisionWithTwoContentsAndOneWithoutASignatureAreNamed() {
    ClosingStep step = step();
    kept.month(JULY, july(386_000));
    run(step);
    String good = told.getLast();
    String other = signed(good.replaceFirst(",\"sig\":\"[^\"]*\"}$", ",\"more\":1}"));
    assertEquals(
        List.of(Flaw.Kind.TWO_CONTENTS),
        verify(good, other).flaws().stream().map(Flaw::kind).toList());
    String bare = good.replaceFirst(",\"sig\":\"[^\"]*\"}$", "}");
    assertEquals(
        List.of(Flaw.Kind.UNSIGNED), verify(bare).flaws().stream().map(Flaw::kind).toList());
  }

  @Test
  void aDocumentThatCannotBeKeptIsNotHandedOnAndTriedAgain() throws IOException {
    Path blocked = Files.writeString(folder.resolve("report"), "no folder");
    ClosingStep step = step();
    kept.month(JULY, july(386_000));
    run(step);
    assertEquals(List.of(), told);
    Files.delete(blocked);
    run(step);
    assertEquals(1, told.size());
  }

  /** Power goes when the first of three documents is made that one restatement asks for. */
  @Test
  void whatWasNotMadeBeforeAPowerCutIsMadeAfterIt() throws IOException {
    List<YearMonth> months = List.of(YearMonth.of(2026, 5), JUNE, JULY);
    months.forEach(month -> kept.month(month, july(386_000)));
    run(step());
    assertEquals(3, told.size());
    ClosingStep step = step();
    run(step);
    months.forEach(month -> kept.monthAgain(month, 390_000_000_000L));
    kept.pass(10 * 60_000);
    told.clear();
    step.step(kept.time().now());
    assertEquals(1, told.size(), "and here the power goes");
    told.clear();
    run(step());
    assertEquals(List.of(1, 0, 0, 1, 1), told.stream().map(ClosingStepTest::rev).toList());
    List<String> all = List.of(told.getFirst(), told.get(3), told.get(4));
    told.clear();
    run(step());
    assertEquals(all, told, "none is made again");
    Files.delete(folder.resolve("report/looked.json"));
    told.clear();
    run(step());
    assertEquals(all, told, "nor where nobody knows what was looked at");
    Files.writeString(folder.resolve("report/2026-05.json"), "damaged");
    told.clear();
    run(step());
    assertEquals(3, told.size(), "one that is no document is made anew");
    assertTrue(told.getLast().startsWith("{\"report\":\"2026-05\",\"rev\":1,"), told::toString);
  }

  private static int rev(String document) {
    return document.contains("\"rev\":1,\"ts\"") ? 1 : 0;
  }

  @Test
  void aMonthThatCannotBeReadWholeIsNotSignedButTriedAgainAndToldOf() throws IOException {
    Path journal = folder.resolve("journal.db");
    Path away = Files.move(journal, folder.resolve("away.db"));
    assertNull(reports.whole(JULY, kept.now()), "it cannot be read");
    Files.move(away, journal);
    kept.month(JULY, july(386_000));
    figured =
        month -> {
          asked.add(month);
          return null;
        };
    ClosingStep step = step();
    minutes(step, 110);
    assertEquals(List.of(), events);
    minutes(step, 200);
    assertEquals(List.of(), told);
    assertTrue(asked.size() >= 8 && asked.size() <= 12, asked::toString);
    figured = this::figured;
    minutes(step, 61);
    assertEquals(1, told.size());
    assertTrue(told.getFirst().contains("\"total_fen\":30941552"), told::toString);
    assertEquals(
        List.of("agent.month_not_closed WARNING 2026-07", "agent.month_not_closed INFO 2026-07"),
        events.stream()
            .map(event -> event.name() + " " + event.severity() + " " + event.detail().get("month"))
            .toList());
  }

  @Test
  void aMonthInWhichTheProgramFailsHoldsUpNoOtherAndIsSeen() {
    kept.month(JUNE, july(386_000));
    kept.month(JULY, july(386_000));
    figured =
        month -> {
          if (month.equals(JUNE)) {
            throw new IllegalStateException("no such price");
          }
          return figured(month);
        };
    ClosingStep step = step();
    kept.pass(MINUTES);
    assertEquals(1, step.step(kept.time().now()));
    RuntimeException thrown =
        assertThrows(IllegalStateException.class, () -> step.step(kept.time().now()));
    assertTrue(String.valueOf(thrown.getMessage()).contains("2026-06"), thrown::toString);
    assertTrue(told.getFirst().startsWith("{\"report\":\"2026-07\""), told::toString);
    for (int minute = 0; minute < 130; minute++) {
      kept.pass(60_000);
      assertThrows(IllegalStateException.class, () -> step.step(kept.time().now()));
    }
    assertEquals(List.of(Severity.WARNING), events.stream().map(Event::severity).toList());
    figured = this::figured;
    minutes(step(), 3);
    assertEquals(
        List.of("2026-07", "2026-07", "2026-06"),
        told.stream().map(each -> each.substring(11, 18)).toList(),
        "it is not forgotten over a start");
  }

  private void minutes(ClosingStep step, int count) {
    for (int minute = 0; minute < count; minute++) {
      kept.pass(60_000);
      try {
        step.step(kept.time().now());
      } catch (IllegalStateException e) {
        // Until it is tried again.
      }
    }
  }
}
