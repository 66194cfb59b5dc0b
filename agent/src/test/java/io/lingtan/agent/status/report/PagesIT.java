package io.lingtan.agent.status.report;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.assertions.LocatorAssertions.HasAttributeOptions;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.FilePayload;
import io.lingtan.agent.audit.SignedRecords;
import io.lingtan.agent.audit.verify.DeclaredDrop;
import io.lingtan.agent.reading.Correction;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.seal.SealedText;
import io.lingtan.agent.seal.SigningKey;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.testing.Browser;
import io.lingtan.testing.Browser.Tab;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The report and the auditor's page in a browser. Screenshots stay in target/pages to look at. */
@RequiresTool({"chromium-headless-shell", "node", "zbarimg"})
final class PagesIT {

  private static final Path SHOTS = Path.of("target", "pages");

  @TempDir private Path folder;

  private static String run(String... command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), () -> String.join(" ", command) + "\n" + out);
    return out;
  }

  private static String browse(Path page, String... options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("chromium-headless-shell", "--no-sandbox"));
    command.addAll(List.of("--disable-gpu", "--hide-scrollbars", "--virtual-time-budget=30000"));
    command.addAll(List.of(options));
    command.add(page.toUri().toString());
    return run(command.toArray(String[]::new));
  }

  private static String resource(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            Reports.class.getResourceAsStream("/io/lingtan/agent/status/" + name))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** The report as a file beside its style, with a script that measures it. */
  private Path page(String html, String name) throws IOException {
    Files.writeString(folder.resolve("report.css"), resource("report.css"));
    Path page = folder.resolve(name + ".html");
    Files.writeString(
        page,
        html.replace("href=\"/report.css\"", "href=\"report.css\"")
            .replace(
                "</body>",
                "<script>addEventListener('load',()=>{document.body.dataset.wide=document"
                    + ".documentElement.scrollWidth})</script></body>"));
    return page;
  }

  @Test
  void theReportFitsPaperAndPhoneAndItsCodeReads() throws Exception {
    Files.createDirectories(SHOTS);
    try (KeptMonths kept = new KeptMonths(folder)) {
      kept.june();
      Path whole = page(kept.report("2026-06", "zh"), "whole");
      browse(whole, "--print-to-pdf=" + SHOTS.resolve("whole.pdf"), "--no-pdf-header-footer");
      for (int width : new int[] {390, 800}) {
        String size = "--window-size=" + width + "," + 3000;
        browse(whole, size, "--screenshot=" + SHOTS.resolve("whole-" + width + ".png"));
        String wide = browse(whole, size, "--dump-dom");
        assertTrue(wide.contains("data-wide=\"" + width + "\""), "scrolls sideways at " + width);
      }
      String code = run("zbarimg", "--quiet", "--raw", SHOTS.resolve("whole-800.png").toString());
      assertTrue(code.startsWith("lingtan/v1/wx-htz-017 2026-06 key="), code);
      assertTrue(code.contains(" head=" + kept.head() + " "), code);
    }
  }

  @Test
  void aMonthWithHolesLooksIt() throws Exception {
    Files.createDirectories(SHOTS);
    try (KeptMonths kept = new KeptMonths(folder)) {
      kept.juneWithHoles();
      Path holes = page(kept.report("2026-06", "en"), "holes");
      browse(holes, "--window-size=800,2200", "--screenshot=" + SHOTS.resolve("holes-800.png"));
      String page = browse(holes, "--dump-dom");
      // Three days as gaps in both plots, and the half day's bars hatched.
      assertEquals(
          3 + 3, page.split("fill=\"url\\(#energy-gap\\)\"", -1).length - 1, "hatched in the plot");
    }
  }

  private static Metric kilo(double value, String unit, int estimated) {
    Quality quality = estimated > 0 ? Quality.EST_LINEAR : Quality.MEASURED;
    return new Metric(
        Math.round(value * 1_000_000), unit, quality, 100, estimated, null, null, null);
  }

  /** July 2026 of a site with prices: all that is asked for first, some of it estimated. */
  private static SequencedMap<String, Metric> july() {
    SequencedMap<String, Metric> figures = new LinkedHashMap<>();
    figures.put("elec.grid.import", kilo(386_000, "kW.h", 1));
    figures.put("elec.grid.import.sharp", kilo(48_000, "kW.h", 0));
    figures.put("elec.grid.import.peak", kilo(80_000, "kW.h", 0));
    figures.put("elec.grid.import.flat", kilo(128_000, "kW.h", 1));
    figures.put("elec.grid.import.valley", kilo(130_000, "kW.h", 0));
    figures.put("elec.load.total", kilo(412_345.678, "kW.h", 1));
    figures.put("reactive.import", kilo(165_000, "kW.h", 0));
    figures.put("reactive.export", kilo(0, "kW.h", 0));
    figures.put("demand.month_max", kilo(1_085.5, "kW", 0));
    figures.put("co2.scope2.location", kilo(224_922.2, "kg", 1));
    figures.put("co2.scope2.market", kilo(235_305.6, "kg", 1));
    figures.put("co2.total", kilo(229_797.136, "kg", 1));
    figures.put("tce.total", kilo(50.677, "t{ce}", 1));
    return figures;
  }

  /** kWh, tce, both CO2, yuan, what is estimated, who corrected what, and the forms. */
  @ParameterizedTest
  @CsvSource({"390, zh", "390, en", "1280, zh", "1280, en"})
  void whatAnAccountIsKeptByStandsOnTheFirstScreen(int width, String language) throws Exception {
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
    Site site = Objects.requireNonNull(new SiteLoader().load(file).site());
    try (KeptMonths kept = new KeptMonths(folder);
        Browser browser = new Browser()) {
      for (int day = 1; day <= 31; day++) {
        kept.day(LocalDate.of(2026, 7, day), july());
      }
      kept.month(YearMonth.of(2026, 7), july());
      kept.corrected(
          LocalDate.of(2026, 7, 3), new Correction("c-1", "CT open", "W-2026-17", "王五", "赵六"));
      Path html = page(kept.report(site, "2026-07", language), "first-" + width + language);
      try (Tab tab = browser.open("file://" + html, width, ColorScheme.LIGHT, "zh-CN")) {
        String sums = tab.page().locator(".sums").innerText();
        for (String each :
            List.of(
                "412\u2009345.7",
                "50.677",
                "224.922",
                "235.306",
                "229.797",
                "309\u2009415.52",
                "c-1",
                "王五",
                "赵六",
                "1\u00a0%")) {
          assertTrue(sums.contains(each), () -> each + " is not in " + sums);
        }
        double screen = tab.page().viewportSize().height;
        var box = tab.page().locator(".sums").boundingBox();
        assertTrue(box.y + box.height <= screen, () -> "sums end at " + (box.y + box.height));
        var forms = tab.page().locator(".forms").boundingBox();
        assertTrue(forms.y + forms.height <= 2 * screen, () -> "forms end at " + forms.y);
        tab.assertFits();
        tab.assertAccessible();
        tab.keep(Browser.PICTURES.resolve("report-%d-%s.png".formatted(width, language)));
      }
    }
  }

  /** The auditor's page with files put into its input as a person would. */
  private String verified(String name, List<String> lines, String key) throws Exception {
    Path page = folder.resolve(name + ".html");
    String filled =
        """
        <script>{const files = new DataTransfer();
        files.items.add(new File([%s], 'month.ndjson'));
        files.items.add(new File([%s], 'gw.key'));
        const input = document.getElementById('files');
        input.files = files.files;
        input.dispatchEvent(new Event('change'));}</script></body>
        """
            .formatted(quoted(String.join("\n", lines)), quoted(key));
    Files.writeString(page, resource("verify.html").replace("</body>", filled));
    // In real time: a browser's virtual time does not wait for what crypto.subtle works out.
    try (Browser browser = new Browser();
        Tab tab = browser.open("file://" + page, 800, ColorScheme.LIGHT, "zh-CN")) {
      awaitJudged(tab);
      tab.keep(SHOTS.resolve("verify-" + name + ".png"));
      return tab.page().content();
    }
  }

  private static void awaitJudged(Tab tab) {
    assertThat(tab.page().locator("body"))
        .hasAttribute("data-done", "yes", new HasAttributeOptions().setTimeout(60_000));
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // Nothing in it may look like markup either.
      if (c < ' ' || c == '"' || c == '\\' || c == '<' || c > '~') {
        quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }

  private static List<String> bad(String dom) {
    List<String> seqs = new ArrayList<>();
    Matcher matcher = Pattern.compile("<tr class=\"bad\" data-seq=\"(\\d+)\"").matcher(dom);
    while (matcher.find()) {
      seqs.add(matcher.group(1));
    }
    return seqs;
  }

  /** With a byte changed at each third of the way, in the seal, or by a program that re-saves. */
  @Test
  void theAuditorsPageTellsAGenuineAcceptanceRecord() throws Exception {
    SigningKey key = SigningKey.make(Randomness.seeded(7));
    String jwk = key.open().jwk();
    String html = "<!doctype html>\n<p>验收记录 关口表 ● 一致</p>\n";
    String csv = "\ufeff仪表,与表盘核对\r\n关口表,● 一致\r\n";
    Path page = Files.writeString(folder.resolve("verify.html"), resource("verify.html"));
    try (Browser browser = new Browser();
        Tab tab = browser.open("file://" + page, 390, ColorScheme.LIGHT, "zh-CN")) {
      for (String type : List.of("html", "csv")) {
        String text = type.equals("html") ? html : csv;
        String name = "acceptance." + type;
        byte[] sealed = SealedText.of(text, key).getBytes(UTF_8);
        assertEquals("good", judged(tab, name, sealed, jwk), name);
        assertThat(tab.page().locator("#documents li")).hasText(Pattern.compile("^✔ " + name));
        tab.assertFits();
        tab.assertAccessible();
        tab.keep(Browser.PICTURES.resolve("verify-" + name + ".png"));
        for (int at : new int[] {30, sealed.length / 3, sealed.length / 2, sealed.length - 40}) {
          byte[] changed = sealed.clone();
          changed[at] ^= 1;
          assertEquals("bad", judged(tab, name, changed, jwk), name + " at " + at);
        }
        assertEquals("bad", judged(tab, name, text.getBytes(UTF_8), jwk), "no seal");
        byte[] cut = Arrays.copyOf(sealed, sealed.length - 1);
        assertEquals("bad", judged(tab, name, cut, jwk), "cut");
        String other = SigningKey.make(Randomness.seeded(8)).open().jwk();
        assertEquals("bad", judged(tab, name, sealed, other), "another key");
      }
      tab.keep(Browser.PICTURES.resolve("verify-acceptance-bad.png"));
      assertEquals(List.of("file://" + page), tab.asked(), "nothing is sent");
    }
  }

  private static String judged(Tab tab, String name, byte[] record, String key) {
    tab.page().evaluate("() => { delete document.body.dataset.done; }");
    tab.page()
        .locator("#files")
        .setInputFiles(
            new FilePayload[] {
              new FilePayload(name, "application/octet-stream", record),
              new FilePayload("gw.key", "application/json", key.getBytes(UTF_8))
            });
    awaitJudged(tab);
    return String.valueOf(tab.page().locator("#verdict").getAttribute("class"));
  }

  private static String judgedPieces(Tab tab, List<String> one, List<String> two, String key) {
    byte[] lines = (String.join("\n", one) + "\n" + String.join("\n", two)).getBytes(UTF_8);
    return judged(tab, "month.ndjson", lines, key);
  }

  @Test
  void theAuditorsPageShowsWhichRecordsAreGood() throws Exception {
    Files.createDirectories(SHOTS);
    try (SignedRecords made = new SignedRecords(folder.resolve("gateway"), "m", 5)) {
      made.make(300);
      List<String> lines = made.lines();
      String key = made.key().jwk();
      String good = verified("good", lines, key);
      assertTrue(good.contains("id=\"verdict\" role=\"status\" class=\"good\""), good);
      assertEquals(300, good.split("<tr class=\"good\"", -1).length - 1);
      assertTrue(good.contains("<rect class=\"day\""), "the month is drawn");

      List<String> tampered = new ArrayList<>(lines);
      tampered.set(49, tampered.get(49).replace("\"cov\":100", "\"cov\":99"));
      tampered.set(71, tampered.get(71).replace("\"value\":\"0.5827\"", "\"value\":\"0.5810\""));
      tampered.set(90, tampered.get(90).replaceFirst("\"v\":", "\"v\":999,\"v\":"));
      tampered.set(92, tampered.get(92).replaceFirst("\"v\":", "\"\\\\u0076\":999,\"v\":"));
      tampered.set(121, lines.get(122));
      tampered.set(122, lines.get(121));
      tampered.remove(200);
      String bad = verified("tampered", tampered, key);
      assertEquals(List.of("50", "72", "91", "93", "122", "202"), bad(bad), bad);
      assertTrue(bad.contains("class=\"wrong\""), "its day is red");

      String other =
          verified(
              "other-key",
              lines,
              "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}");
      assertEquals(300, bad(other).size());
    }
  }

  @Test
  void theAuditorsPageHoldsDropsAndSeamsAgainstWhatLacks() throws Exception {
    Path page = Files.writeString(folder.resolve("drops.html"), resource("verify.html"));
    try (SignedRecords made = new SignedRecords(folder.resolve("gateway"), "m", 3);
        Browser browser = new Browser();
        Tab tab = browser.open("file://" + page, 800, ColorScheme.LIGHT, "zh-CN")) {
      made.make(50);
      for (DeclaredDrop drop : DeclaredDrop.cases()) {
        byte[] lines = String.join("\n", drop.of(made.lines())).getBytes(UTF_8);
        String verdict = judged(tab, "month.ndjson", lines, made.key().jwk());
        assertEquals(drop.explains() ? "good" : "bad", verdict, drop::toString);
      }
      Path card = Files.createDirectory(folder.resolve("card"));
      Files.copy(folder.resolve("gateway/signing.key"), card.resolve("signing.key"));
      List<String> later;
      try (SignedRecords another = new SignedRecords(card, "m", 4)) {
        another.skip(40);
        another.make(25);
        later = another.lines();
      }
      List<String> before = made.lines();
      assertEquals("good", judgedPieces(tab, before, later, made.key().jwk()));
      assertThat(tab.page().locator("#verdict")).containsText("in 2 pieces");
      assertEquals("bad", judgedPieces(tab, before.subList(0, 47), later, made.key().jwk()));
      for (String hole :
          List.of(
              "open: no record here is wrong",
              "15m 2025-11-25T01:30:00Z – 2025-11-25T02:00:00Z",
              "1h 2025-11-25T01:00:00Z – 2025-11-25T02:00:00Z")) {
        assertThat(tab.page().locator("#verdict")).containsText(hole);
      }
      assertEquals("bad", judgedPieces(tab, later, before, made.key().jwk()));
      assertThat(tab.page().locator("#verdict")).containsText("is dated before the epoch");

      // What a chain that begins anew names of the one before: no time lacks without it.
      made.make(70);
      made.dayAndAgain("0.5503", "2027-03", 0);
      int last = made.lines().size() - 1;
      made.beginAnew();
      made.make(5);
      List<String> all = made.lines();
      List<String> anew = all.subList(last + 1, all.size());
      String key = made.key().jwk();
      assertEquals("good", judgedPieces(tab, all, List.of(), key));
      assertEquals("bad", judgedPieces(tab, all.subList(0, last), anew, key));
      assertThat(tab.page().locator("#verdict")).containsText("open: no record here is wrong");
      assertThat(tab.page().locator("#verdict")).containsText("as the last one before it, and");
      assertEquals("bad", judgedPieces(tab, anew, all.subList(0, last), key));
      assertThat(tab.page().locator("#records")).containsText("stands before epoch");
      assertEquals("good", judgedPieces(tab, anew, List.of(), key));
      assertThat(tab.page().locator("#verdict")).containsText("names the last record before it");
    }
  }

  @Test
  void theAuditorsPageTakesTheLaterRevisionAndTheTimeOfTheSite() throws Exception {
    Files.createDirectories(SHOTS);
    try (SignedRecords made = new SignedRecords(folder.resolve("gateway"), "m", 5)) {
      made.make(120);
      made.dayAndAgain("0.5503", "2027-03", 0);
      String dom = verified("restated", made.lines(), made.key().jwk());
      assertEquals(List.of(), bad(dom), dom);
      assertEquals(1, dom.split("data-replaced=\"yes\"", -1).length - 1);
      assertTrue(dom.contains("told again: cn-elec/CN-JS/2023 0.5503 (2027-03)"), dom);
      assertTrue(dom.contains("before cn-elec/CN-JS/2023 0.5827 (2025-47)"), dom);
      assertTrue(dom.contains("1d 2025-11-25 00:00"), dom);
      assertTrue(dom.contains("time zone: UTC+08:00"), dom);
      assertEquals(1, dom.split("<rect class=\"day\"", -1).length - 1, "one day, and not two");

      Path copied = Files.createDirectory(folder.resolve("copy"));
      Files.copy(folder.resolve("gateway/signing.key"), copied.resolve("signing.key"));
      List<String> twice = new ArrayList<>(made.lines());
      try (SignedRecords copy = new SignedRecords(copied, "m", 6)) {
        copy.make(20);
        twice.addAll(copy.lines());
      }
      String copies = verified("copies", twice, made.key().jwk());
      assertTrue(copies.contains("two contents of one interval and rev, see line "), copies);

      String meta = "{\"site\":{\"zone\":\"Europe/Berlin\"},\"key\":" + made.key().jwk() + "}";
      String berlin = verified("zone", made.lines(), meta);
      assertTrue(berlin.contains("1d 2025-11-24 17:00"), berlin);
      assertTrue(berlin.contains("time zone: Europe/Berlin"), berlin);
    }
    try (SignedRecords made = new SignedRecords(folder.resolve("other"), "m", 5)) {
      made.make(120);
      made.dayAndAgain("0.5503", "2027-03", 1);
      assertEquals(List.of("122"), bad(verified("wrong", made.lines(), made.key().jwk())));
    }
  }
}
