package io.lingtan.agent.status;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import io.lingtan.agent.carbon.ActivityOutlook;
import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.desk.FeedDesk;
import io.lingtan.agent.desk.FieldDesk;
import io.lingtan.agent.journal.History;
import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.JournalOptions;
import io.lingtan.agent.journal.file.Connector;
import io.lingtan.agent.ledger.LedgerStep;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.seal.KeyFile;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.Loaded;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.testing.Browser;
import io.lingtan.testing.Browser.Tab;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The form for what no meter sees, in a real browser, before a real ledger and its journal. */
@RequiresTool({"chromium-headless-shell", "node"})
@Execution(ExecutionMode.SAME_THREAD)
@Timeout(120)
@SuppressWarnings("NullAway")
class ActivitiesScreensIT {

  private static final String SITE =
      """
      gateway: wx-act-1
      site: {name: 无锡新吴示范站, region: CN-JS, zone: Asia/Shanghai}
      lines:
        - id: rs485-1
          serial: {port: /dev/ttyAMA0, baud: 9600}
          devices:
            - {id: gate, profile: eastron-sdm630, unit: 1}
      metering:
        interval: 15m
        meters:
          - {id: grid, device: gate, role: grid, rated_kw: 60}
      carbon: {factors: [cn-electricity, cn-fuels, cn-tce, ipcc-gwp-ar6], feeds: [heat.csv]}
      mqtt: {servers: ["mqtt://localhost:1883"]}
      """;

  private static Browser browser;

  @TempDir Path folder;

  private final VirtualTime time =
      new VirtualTime(Instant.parse("2026-06-29T22:00:00Z").toEpochMilli());
  private final Inbox<Arrival> inbox = new Inbox<>(64);
  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private Journal journal;
  private History history;
  private LedgerStep ledger;
  private StatusServer server;

  @BeforeAll
  static void launch() {
    browser = new Browser();
  }

  @AfterAll
  static void quit() {
    browser.close();
  }

  @BeforeEach
  void start() throws IOException {
    Files.writeString(
        folder.resolve("heat.csv"),
        """
        date,heat,tonnes,enthalpy_kj_per_kg,return_kj_per_kg,temperature_c,gj,by,document
        2026-06-28,steam,,,,,12.5,赵六,热力账单-06
        """);
    Path file = Files.writeString(folder.resolve("site.yaml"), SITE);
    Loaded loaded = new SiteLoader().load(file);
    Site site = loaded.site();
    assertNotNull(site, () -> loaded.problems().toString());
    journal =
        Journal.open(
            new JournalOptions(
                folder.resolve("journal.db"),
                64L << 20,
                "m",
                Connector.sqlite(),
                folder.resolve("volatile"),
                new KeyFile(folder.resolve("key"), "m").open(Randomness.seeded(1))),
            time,
            Randomness.seeded(2));
    history = journal.history();
    ledger = new LedgerStep(site, journal, inbox, time);
    FieldDesk desk =
        new FieldDesk(
            () -> {
              throw new AssertionError("no line is asked");
            },
            time,
            inbox,
            (epoch, seq) -> null,
            () -> {},
            line -> null,
            null,
            new FeedDesk(() -> site, time, inbox, activity -> ActivityOutlook.of(site, activity)),
            () -> Instant.EPOCH);
    ShownSite shown = ShownSite.good(folder);
    server =
        StatusServer.start(
            shown.site().status(),
            null,
            shown::view,
            () -> new Bundle(shown.view(), "boot-1", List::of, List.of()),
            new HistoryPages(
                site, SiteFigures.LISTED, history, history, journal::chain, null, time),
            desk,
            TestAccess.open(),
            Duration.ofSeconds(1));
    long register = 1_000_000_000;
    for (int i = 0; i < 8; i++) {
      Values values =
          new Values.Builder().put(Point.of("energy_import"), register += 9_000).build();
      inbox.offer(new Arrival.Recorded(Sample.of("gate", time.boot(), time.now().nanos(), values)));
      settle();
      time.advanceMillis(900_000);
    }
    // From now on whoever offers something has it taken and committed.
    inbox.onOffer(() -> thread.execute(this::settle));
  }

  private void settle() {
    for (int i = 0; i < 2; i++) {
      time.advanceMillis(1_100);
      ledger.step(time.now());
    }
  }

  @AfterEach
  void stop() {
    server.close();
    thread.close();
    ledger.close();
    history.close();
    journal.close();
  }

  private Tab open(int width, String locale, String language) {
    String url = "http://127.0.0.1:" + server.port() + "/report/2026-06?lang=" + language;
    Tab tab = browser.open(url, width, ColorScheme.LIGHT, locale);
    tab.page().locator("nav a[href^='/activities']").click();
    assertThat(tab.page().locator("#form")).isVisible();
    return tab;
  }

  private static void fill(Page page, String... fields) {
    for (int i = 0; i < fields.length; i += 2) {
      page.locator("#form input[name='" + fields[i] + "']").fill(fields[i + 1]);
    }
  }

  private static void isGood(Tab tab, String name) {
    tab.assertFits();
    tab.assertAccessible();
    tab.keep(Browser.PICTURES.resolve(name));
  }

  @Test
  void aDeliveryIsToldInTwoStepsBehindThePinAndListed() {
    try (Tab tab = open(390, "zh-CN", "zh")) {
      Page page = tab.page();
      isGood(tab, "activities-390-zh.png");
      tab.assertQuiet();
      page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
      isGood(tab, "activities-390-zh-dark.png");
      page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT));
      page.locator("select[name='kind']").selectOption("fuel diesel");
      fill(page, "amount", "1250", "density_kg_per_l", "0.84", "document", "送货单-17", "by", "王五");
      page.locator("button[name='preview']").click();
      assertThat(page.locator("#pin")).isVisible();
      page.locator("#pin input").fill(TestAccess.PIN);
      page.locator("#pin button").click();
      assertThat(page.locator("#shown")).isVisible();
      assertThat(page.locator("#shown")).containsText("1050 kg");
      assertThat(page.locator("#shown")).containsText("1250 L × 0.84 kg/L");
      assertThat(page.locator("#shown")).containsText("3302.376 kg");
      assertThat(page.locator("#shown")).containsText("cn-fuel/diesel");
      assertThat(page.locator(".told tbody tr")).hasCount(1);
      isGood(tab, "activities-preview-390-zh.png");
      page.locator("#apply").click();
      assertThat(page.locator("#answer")).hasText("已填报，已写入记录。");
      assertThat(page.locator(".told tbody tr")).hasCount(2);
      assertThat(page.locator(".told tbody tr").first()).containsText("柴油");
      assertThat(page.locator(".told tbody tr").first()).containsText("送货单-17");
      assertThat(page.locator(".told tbody tr").first()).containsText("王五");
      assertThat(page.locator(".told tbody tr").last()).containsText("heat.csv");
      isGood(tab, "activities-told-390-zh.png");

      // The same once more, and otherwise.
      for (String amount : List.of("1250", "1300")) {
        fill(page, "amount", amount, "density_kg_per_l", "0.84");
        fill(page, "document", "送货单-17", "by", "王五");
        page.locator("button[name='preview']").click();
        assertThat(page.locator("#answer")).containsText("此前已填报");
        assertThat(page.locator("#shown")).isHidden();
      }
    }
  }

  @Test
  void whatIsWrongIsNamedWithItsFieldAndWhatToDo() {
    try (Tab tab = open(1280, "en-GB", "en")) {
      Page page = tab.page();
      isGood(tab, "activities-1280-en.png");
      tab.assertQuiet();
      tab.giveThePin(TestAccess.PIN);
      page.locator("select[name='kind']").selectOption("fuel diesel");
      fill(page, "amount", "-5", "density_kg_per_l", "0.84", "document", "N-18", "by", "Wang");
      page.locator("button[name='preview']").click();
      assertThat(page.locator("#answer"))
          .hasText("Amount: amount is a number from 0 to 10000000, not '-5'");
      assertThat(page.locator("input[name='amount']")).hasAttribute("aria-invalid", "true");
      assertThat(page.locator("input[name='amount']")).isFocused();
      isGood(tab, "activities-refused-1280-en.png");
      fill(page, "amount", "5", "density_kg_per_l", "");
      page.locator("button[name='preview']").click();
      assertThat(page.locator("#answer")).containsText("a litre is no kilogram");
      fill(page, "density_kg_per_l", "0.84", "date", "2026-06-12");
      page.locator("button[name='preview']").click();
      assertThat(page.locator("#answer")).containsText("closed; put the row into a file");

      page.locator("select[name='kind']").selectOption("heat steam");
      assertThat(page.locator("input[name='amount']")).isHidden();
      page.locator("select[name='way']").selectOption("t");
      page.locator("select[name='period']").selectOption("month");
      fill(page, "tonnes", "500", "enthalpy_kj_per_kg", "2777.1", "document", "H-1", "by", "Zhao");
      page.locator("button[name='preview']").click();
      assertThat(page.locator("#shown")).containsText("1346.68 GJ");
      assertThat(page.locator("#shown")).containsText("2026-06-30");
      page.locator("#back").click();
      page.locator("select[name='kind']").selectOption("bus ");
      fill(page, "bus", "su-b-760", "km", "241.5", "document", "W-6", "by", "Zhao");
      page.locator("button[name='preview']").click();
      assertThat(page.locator("#shown")).containsText("By itself it emits nothing.");
      page.locator("#apply").click();
      assertThat(page.locator(".told tbody tr").first()).containsText("241.5 km");
      assertThat(page.locator(".told tbody tr").first()).containsText("Zhao (W-6)");
      assertFalse(page.locator("form").innerText().matches("(?s).*\\p{IsHan}.*"), "Chinese on it");
      assertEquals(0, page.locator(".told tbody tr:has-text('diesel')").count(), "half taken");
    }
  }
}
