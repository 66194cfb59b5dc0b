package io.lingtan.agent.status;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.Media;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Settings;
import io.lingtan.agent.site.Site;
import io.lingtan.testing.Browser;
import io.lingtan.testing.Browser.Tab;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Charts, events and help in a real browser, out of a real journal. */
@RequiresTool({"chromium-headless-shell", "node"})
@Execution(ExecutionMode.SAME_THREAD)
@Timeout(300)
@SuppressWarnings("NullAway")
class HistoryScreensIT {

  private static final long SIX_HOURS = 6 * 3_600_000L;

  private static Browser browser;

  @TempDir Path folder;

  private final FakeActions actions = new FakeActions();
  private KeptDay day;
  private Site site;
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
    // As often as the day is kept.
    ShownSite shown = ShownSite.changed(folder, "record: 1s", "record: 10s");
    site = shown.site();
    day = new KeptDay(site, folder, Instant.parse("2026-11-27T04:03:00Z").toEpochMilli());
    server =
        StatusServer.start(
            shown.site().status(),
            null,
            shown::view,
            () -> new Bundle(shown.view(), "boot-1", List::of, List.of()),
            day.pages(),
            actions,
            TestAccess.open(),
            Duration.ofSeconds(1));
  }

  @AfterEach
  void stop() {
    server.close();
    day.close();
  }

  private String url(String rest) {
    return "http://127.0.0.1:" + server.port() + "/" + rest;
  }

  private Tab charts(int width, ColorScheme theme, String locale, String what) {
    Tab tab = browser.open(url("#charts" + what), width, theme, locale);
    assertThat(tab.page().locator(".plot canvas").first()).isVisible();
    assertThat(tab.page().locator(".strip li")).hasCount(8);
    return tab;
  }

  private static String name(String screen, int width, ColorScheme theme) {
    return "%s-%d-%s.png".formatted(screen, width, theme.name().toLowerCase(Locale.ROOT));
  }

  private void isGood(Tab tab, String name) {
    tab.assertFits();
    tab.assertQuiet();
    tab.assertAccessible();
    tab.keep(Browser.PICTURES.resolve(name));
  }

  @Test
  void chartsAreGoodAtEveryWidthInBothThemes() {
    for (int width : new int[] {320, 390, 1280}) {
      for (ColorScheme theme : new ColorScheme[] {ColorScheme.LIGHT, ColorScheme.DARK}) {
        try (Tab tab = charts(width, theme, "zh-CN", "")) {
          assertThat(tab.page().locator(".legend")).containsText("gate");
          assertThat(tab.page().locator(".legend")).containsText("缺 40 分钟");
          // 40 minutes of all, and 100 of its own.
          assertThat(tab.page().locator(".legend")).containsText("缺 2 小时");
          tab.page().locator(".numbers summary").click();
          assertThat(tab.page().locator(".numbers tbody tr").first()).isVisible();
          isGood(tab, name("charts", width, theme));
        }
      }
    }
  }

  @Test
  void hydrogenAndStateOfChargeHaveTheirOwn() {
    Map<String, String> seriesOf =
        Map.of(
            "/soc/24h", "bat1",
            "/hydrogen/6h", "tank1",
            "/temperature/1h", "tank1",
            "/power/7d", "gate");
    for (Map.Entry<String, String> each : seriesOf.entrySet()) {
      String what = each.getKey();
      try (Tab tab = charts(390, ColorScheme.LIGHT, "en-GB", what)) {
        List<Object> chosen =
            List.copyOf(
                (List<?>)
                    tab.page()
                        .evaluate(
                            "() => [...document.querySelectorAll('.pick[aria-current=true]')].map("
                                + "(pick) => pick.getAttribute('href'))"));
        assertEquals(List.of("#charts" + what, "#charts" + what), chosen, "what and span");
        assertThat(tab.page().locator(".legend").first()).containsText(each.getValue());
        if (!what.startsWith("/power")) {
          assertThat(tab.page().locator(".legend").first()).not().containsText("gate");
        }
        assertFalse(tab.page().locator(".screen").innerText().matches("(?s).*\\p{IsHan}.*"));
        isGood(tab, name("charts" + what.replace('/', '-') + "-en", 390, ColorScheme.LIGHT));
      }
    }
  }

  /** Columns of the plot in which some line is drawn, as text of 0 and 1. */
  private static String drawn(Page page) {
    return String.valueOf(
        page.evaluate(
            """
            () => {
              const canvas = document.querySelector('.plot canvas');
              const { width, height } = canvas;
              const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
              let columns = '';
              for (let x = 0; x < width; x++) {
                let coloured = 0;
                for (let y = 0; y < height; y++) {
                  const at = (y * width + x) * 4;
                  const [r, g, b, a] = data.slice(at, at + 4);
                  if (a > 128 && Math.max(r, g, b) - Math.min(r, g, b) > 60) coloured++;
                }
                columns += coloured > 0 ? '1' : '0';
              }
              return columns;
            }\
            """));
  }

  @Test
  void aGapIsLeftOpenInThePlotAsLongAsItIs() {
    try (Tab tab = charts(1280, ColorScheme.LIGHT, "zh-CN", "/power/24h")) {
      String columns = drawn(tab.page()).replaceAll("^0+|0+$", "");
      List<Integer> gaps =
          List.of(columns.split("1+")).stream().map(String::length).filter(n -> n > 0).toList();
      assertEquals(1, gaps.size(), columns);
      double seconds = 86_400.0 * gaps.getFirst() / columns.length();
      assertEquals(KeptDay.GAP_SECONDS, seconds, 300, "seconds without a line");
    }
  }

  @Test
  void anotherZoneChangesNothing() {
    String[] plots = new String[2];
    String[] texts = new String[2];
    String[] zones = {"Asia/Shanghai", "America/New_York"};
    for (int i = 0; i < 2; i++) {
      try (Tab tab =
          browser.open(
              url("#charts/power/24h"),
              Browser.options(390).setLocale("zh-CN").setTimezoneId(zones[i]))) {
        assertThat(tab.page().locator(".plot canvas").first()).isVisible();
        assertThat(tab.page().locator(".strip li")).hasCount(8);
        tab.page().locator(".numbers summary").click();
        assertThat(tab.page().locator(".numbers tbody th").first()).hasText("11:58");
        plots[i] =
            (String) tab.page().evaluate("document.querySelector('.plot canvas').toDataURL()");
        texts[i] = tab.page().locator(".screen").innerText();
      }
    }
    assertEquals(texts[0], texts[1]);
    assertEquals(plots[0], plots[1], "the plots differ");
  }

  @Test
  void theTableToSaveHasEveryPart() {
    try (Tab tab = charts(390, ColorScheme.LIGHT, "zh-CN", "/power/24h")) {
      String csv =
          (String)
              tab.page()
                  .evaluate(
                      "async () => (await"
                          + " fetch(document.querySelector('a[download]').href)).text()");
      List<String> lines = csv.lines().toList();
      assertEquals(151, lines.size());
      assertTrue(lines.getFirst().contains("local time Asia/Shanghai,UTC,pv1/power min W"), csv);
      assertTrue(
          lines.stream().anyMatch(line -> line.matches(".*Z,{18}")), "no part is empty: " + csv);
    }
  }

  @Test
  void aFingerShowsValuesAndARefreshLeavesThem() {
    try (Tab tab =
        browser.open(
            url("#charts/power/1h"), Browser.options(390).setHasTouch(true).setLocale("zh-CN"))) {
      var page = tab.page();
      assertThat(page.locator(".plot canvas").first()).isVisible();
      var over = page.locator(".plot canvas").first();
      over.scrollIntoViewIfNeeded();
      assertThat(page.locator(".legend .when").first()).hasText("最近的值");
      var box = over.boundingBox();
      page.touchscreen().tap(box.x + box.width / 2, box.y + box.height / 2);
      var when = page.locator(".legend .when").first();
      assertThat(when).containsText("的值");
      assertThat(when).not().hasText("最近的值");
      String time = when.textContent();
      // As after 15 s: the same charts are asked for again.
      page.waitForResponse(
          "**/api/history?**",
          () ->
              page.evaluate(
                  "() => { const now = performance.now.bind(performance);"
                      + " performance.now = () => now() + 16000; }"));
      page.waitForFunction("() => document.querySelectorAll('.plot canvas').length > 0");
      assertThat(when).not().hasText("最近的值");
      assertTrue(
          Math.abs(minutes(when.textContent()) - minutes(time)) <= 1,
          time + " became " + when.textContent());
    }
  }

  /**
   * What is looked for is seldom in the last 24 h: back, a day, closer, and beside the day before.
   */
  @Test
  void anyTimeIsReachedAndSetBesideTheOneBefore() {
    try (Tab tab = charts(1280, ColorScheme.LIGHT, "zh-CN", "/power/6h")) {
      var page = tab.page();
      long end = day.nowMillis();
      page.waitForResponse(
          answer -> answer.url().contains("/api/history") && answer.url().contains("&to="),
          () -> page.locator("[aria-label=往前]").click());
      long[] shown = shownTime(page);
      assertTrue(Math.abs(end - SIX_HOURS - shown[1]) < 5_000, page.url());
      assertEquals(SIX_HOURS, shown[1] - shown[0]);

      // A mouse over the middle fifth of the plot.
      assertThat(page.locator(".plot canvas").first()).isVisible();
      var box = page.locator(".plot canvas").first().boundingBox();
      for (int i = 0; box == null && i < 50; i++) { // being drawn anew
        page.waitForTimeout(100);
        box = page.locator(".plot canvas").first().boundingBox();
      }
      page.mouse().move(box.x + box.width * 0.4, box.y + 80);
      page.mouse().down();
      page.mouse().move(box.x + box.width * 0.6, box.y + 90);
      page.mouse().up();
      page.waitForURL(url -> !url.contains(shown[0] + "-"));
      long[] closer = shownTime(page);
      assertTrue(Math.abs(SIX_HOURS / 5 - (closer[1] - closer[0])) < 600_000, page.url());
      assertTrue(closer[0] > shown[0] && closer[1] < shown[1]);
      page.locator("[aria-label=缩小]").click();
      long[] wider = shownTime(page);
      assertTrue(Math.abs(2 * (closer[1] - closer[0]) - (wider[1] - wider[0])) <= 2, page.url());

      page.locator("input[type=date]").fill("2026-11-26");
      page.waitForURL("**/" + Instant.parse("2026-11-25T16:00:00Z").toEpochMilli() + "-*");
      assertEquals(86_400_000, shownTime(page)[1] - shownTime(page)[0]);

      page.locator("a.pick:text-is('1 小时')").click();
      assertThat(page.locator(".plot canvas").first()).isVisible();
      page.waitForResponse(
          answer -> answer.url().contains("from=" + (end - 3_600_000 - 86_400_000L) / 10_000),
          () -> page.locator("[data-compare]").click());
      assertThat(page.locator("[data-compare]")).hasAttribute("aria-pressed", "true");
      isGood(tab, "charts-compared-1280-light.png");
    }
  }

  /** Bars beside those before, where it went, and what is not recorded is not there. */
  @Test
  void energyOfADayStandsBesideTheDayBeforeAndSaysWhereItWent() {
    day.figures();
    for (int width : new int[] {390, 1280}) {
      ColorScheme theme = width == 390 ? ColorScheme.DARK : ColorScheme.LIGHT;
      try (Tab tab = browser.open(url("#charts/energy/day/2026-11-26"), width, theme, "zh-CN")) {
        var page = tab.page();
        assertThat(page.locator(".bars rect.now")).hasCount(22); // of 24 h: two are not recorded
        assertThat(page.locator(".bars rect.now.partly")).hasCount(1);
        assertThat(page.locator(".bars rect.then")).hasCount(24);
        assertThat(page.locator(".bars rect.part.pv")).hasCount(22); // 6 of each 10 kWh
        assertThat(page.locator(".bars rect.part.grid title").first()).hasText("00:00 · 电网 4 kWh");
        // A letter is as large as it says, however wide the window is.
        assertEquals(
            page.locator(".bars svg").boundingBox().width,
            ((Number)
                    page.evaluate(
                        "() => document.querySelector('.bars svg').viewBox.baseVal.width"))
                .doubleValue(),
            width == 390 ? 40 : 2);
        assertThat(page.locator(".bars .head b")).hasText("合计 220 kWh");
        assertThat(page.locator(".bars .head .warn")).hasText("◷ 缺 2 小时的记录，未计入");
        // 22 h of both days, 10 kWh each and 8 kWh the day before.
        assertThat(page.locator(".compared")).hasText("同一时段：220 kWh；前一天 176 kWh（+25.0 %）");
        assertThat(page.locator(".went").first()).containsText("光伏 132 kWh");
        assertThat(page.locator(".went").first()).containsText("buildings 165 kWh");
        assertThat(page.locator(".went").first()).containsText("未计量 27.5 kWh");
        assertThat(page.locator(".went").first()).containsText("缺 2 段");
        assertThat(page.locator(".went").last()).containsText("电网 44 kgCO₂");
        assertThat(page.locator(".went").last()).containsText("buildings 33 kgCO₂");
        assertThat(page.locator(".went").last()).containsText("未计量 5.5 kgCO₂");
        assertThat(page.locator(".sankey").first().locator(".band")).hasCount(6);
        // The electrolyser, as in the flow picture.
        assertThat(page.locator(".sankey").first().locator(".node.h2")).hasCount(1);
        isGood(tab, name("energy-day", width, theme));
        page.locator("[aria-label=往前]").click();
        assertThat(page.locator(".bars .head b")).hasText("合计 192 kWh");
        assertThat(page.locator(".bars .head .warn")).hasCount(0);
        assertThat(page.locator(".compared")).hasText("前一天没有同一时段的记录");
        page.locator(".pick:text-is('碳排放')").click();
        assertThat(page.locator(".bars .head b")).hasText("合计 48 kgCO₂");
      }
    }
    try (Tab tab =
        browser.open(url("#charts/energy/month/2026-12"), 390, ColorScheme.LIGHT, "en-GB")) {
      assertThat(tab.page().locator(".energy")).containsText("Nothing is recorded of this time");
      assertFalse(tab.page().locator(".screen").innerText().matches("(?s).*\\p{IsHan}.*"));
    }
  }

  /** A year's quarters of an hour: what is recorded has a colour, the rest is grey. */
  @Test
  void aYearOfQuartersIsAHeatMapInWhichGapsStayEmpty() {
    day.figures();
    for (int width : new int[] {390, 1280}) {
      try (Tab tab =
          browser.open(url("#charts/energy/heat/2026"), width, ColorScheme.LIGHT, "zh-CN")) {
        var page = tab.page();
        assertThat(page.locator(".head span span").last()).hasText("最大 10 kW");
        Object coloured =
            page.evaluate(
                """
                () => {
                  const canvas = document.querySelector('canvas.heat');
                  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
                  let n = 0;
                  for (let i = 0; i < data.length; i += 4) if (Math.max(data[i], data[i + 1], data[i + 2]) - Math.min(data[i], data[i + 1], data[i + 2]) > 60) n++;
                  return n / (canvas.width * canvas.height);
                }\
                """);
        // One day but two hours.
        assertEquals(22.0 / 24 / 365, ((Number) coloured).doubleValue(), 1e-9);
        isGood(tab, name("heat", width, ColorScheme.LIGHT));
      }
    }
  }

  private Event checked(Severity severity, String device, String point) {
    String settings = "";
    for (Line line : site.lines()) {
      for (Device each : line.devices()) {
        settings = each.id().equals(device) ? Settings.hash(line, each) : settings;
      }
    }
    return Event.of("command.checked", severity, device)
        .with("point", point)
        .with("settings", settings);
  }

  /** Another phone, another day: what was checked is known from the gateway, and so is the rest. */
  @Test
  void commissioningSaysWhatNobodyHasCheckedAndWhereToGoOn() {
    day.happens(
        checked(Severity.INFO, "house", "energy_import"),
        checked(Severity.INFO, "gate", "voltage_l1"));
    try (Tab tab = browser.open(url("#commission"), 390, ColorScheme.LIGHT, "zh-CN")) {
      var ratio = tab.page().locator("[data-step=ratio]");
      assertThat(ratio).hasAttribute("data-state", "open");
      assertThat(ratio).containsText("还没有与表盘核对（1/8）");
      assertThat(ratio.locator("a[href='#commission/ratio/house']")).hasCount(0);
      // A voltage proves no ratio.
      assertThat(ratio.locator("span a[href='#commission/ratio/gate']")).hasCount(1);
      assertThat(tab.page().locator("[data-step=record]")).hasAttribute("data-state", "open");
      assertThat(tab.page().locator("[data-step=wiring]")).hasAttribute("data-state", "good");
      isGood(tab, "steps-390-light.png");
      ratio.locator("a.button").click();
      assertThat(tab.page().locator("form")).isVisible();
    }
    day.happens(checked(Severity.WARNING, "bat1", "energy_charged"));
    try (Tab tab = browser.open(url("#commission"), 1280, ColorScheme.DARK, "en-GB")) {
      var ratio = tab.page().locator("[data-step=ratio]");
      assertThat(ratio).hasAttribute("data-state", "bad");
      assertThat(ratio).containsText("Differs from the display: bat1");
      assertFalse(tab.page().locator(".screen").innerText().matches("(?s).*\\p{IsHan}.*"));
      isGood(tab, "steps-1280-dark.png");
    }
  }

  /** A sign alone says nothing to who does not know which way a meter counts. */
  @Test
  void aPowerSaysWhichWayItGoesAndAClockWhatKeepsIt() {
    try (Tab tab = browser.open(url("#meters"), 1280, ColorScheme.LIGHT, "zh-CN")) {
      var page = tab.page();
      assertThat(page.locator("tr[data-key=bat1] td.right").first()).hasText("充电 18.8 kW");
      assertThat(page.locator("tr[data-key=pv1] td.right").first()).containsText("发电 118.4 kW");
      page.locator("#tab-overview").click();
      assertThat(page.locator(".rows").last()).containsText("正常（网络对时）");
      page.locator("#tab-uplink").click();
      assertThat(page.locator("#screen")).containsText("0.5827 kgCO₂/kWh");
      isGood(tab, "uplink-factors-1280-light.png");
    }
  }

  private static long[] shownTime(Page page) {
    String[] ends = page.url().replaceAll(".*/(\\d+-\\d+)$", "$1").split("-");
    return new long[] {Long.parseLong(ends[0]), Long.parseLong(ends[1])};
  }

  @Test
  void aLineIsTakenAwayAndWhatIsShownIsSavedAsAPicture() throws IOException {
    try (Tab tab = charts(1280, ColorScheme.LIGHT, "zh-CN", "/power/24h")) {
      var page = tab.page();
      String all = (String) page.evaluate("document.querySelector('.plot canvas').toDataURL()");
      var house = page.locator(".legend button[data-series='house/power']");
      house.click();
      assertThat(house).hasAttribute("aria-pressed", "false");
      page.waitForFunction(
          "all => document.querySelector('.plot canvas').toDataURL() !== all", all);
      // With the keys, too: the newest part, then the one before.
      page.locator(".plot").first().press("ArrowLeft");
      assertThat(page.locator(".legend .when").first()).containsText("的值");
      page.locator(".plot").first().press("Escape");
      assertThat(page.locator(".legend .when").first()).hasText("最近的值");
      var saved = page.waitForDownload(() -> page.locator("button.plain-link").first().click());
      assertEquals("wx-demo-001-power-2026-11-27.png", saved.suggestedFilename());
      byte[] png = Files.readAllBytes(saved.path());
      assertEquals("PNG", new String(png, 1, 3, StandardCharsets.US_ASCII));
      assertTrue(png.length > 10_000, "bytes: " + png.length);
      tab.assertQuiet();
      house.click();
    }
  }

  private static int minutes(String when) {
    String[] parts = when.replaceAll("[^0-9:]", "").split(":");
    return Integer.parseInt(parts[0]) * 60 + Integer.parseInt(parts[1]);
  }

  /** As in the flow picture: amber is the sun wherever it is drawn. */
  @Test
  void aLineHasTheColourOfWhatItIs() {
    try (Tab tab = charts(1280, ColorScheme.LIGHT, "zh-CN", "")) {
      Object wrong =
          tab.page()
              .evaluate(
                  """
                  () => {
                    const roles = {pv1: '--pv', gate: '--grid', bat1: '--battery', house: '--load', ely1: '--h2', comp: '--h2'};
                    const root = getComputedStyle(document.documentElement);
                    const probe = document.body.appendChild(document.createElement('i'));
                    const seen = [...document.querySelectorAll('.legend li:not(.when)')].map((li) => {
                      const name = li.children[1].textContent;
                      probe.style.color = root.getPropertyValue(roles[name] ?? '--ink');
                      return [name, roles[name] && getComputedStyle(probe).color, getComputedStyle(li.firstChild).borderTopColor, getComputedStyle(li.firstChild).borderTopStyle];
                    });
                    probe.remove();
                    const looks = seen.map(([, , colour, style]) => colour + style);
                    if (new Set(looks).size < looks.length) return 'two look the same: ' + looks;
                    return seen.filter(([, role, colour]) => role && role !== colour).join(' | ');
                  }
                  """);
      assertEquals("", wrong);
    }
  }

  @Test
  void chartsAreFewBytesMore() {
    try (Tab tab = browser.open(url(""), 390, ColorScheme.LIGHT, "zh-CN")) {
      assertThat(tab.page().locator("#tabs a").first()).isVisible();
      tab.page().evaluate("performance.clearResourceTimings()");
      tab.page().locator("#tab-charts").click();
      assertThat(tab.page().locator(".plot canvas").first()).isVisible();
      assertThat(tab.page().locator(".strip li")).hasCount(8);
      Object bytes =
          tab.page()
              .evaluate(
                  "() => performance.getEntriesByType('resource').reduce((sum, e) =>"
                      + " sum + e.encodedBodySize, 0)");
      int encoded = ((Number) bytes).intValue();
      System.out.println("charts: " + encoded + " bytes more");
      assertTrue(encoded > 8_000 && encoded <= 20_000, "bytes: " + encoded);
    }
  }

  @Test
  void eventsAreReadWorstFirstAndAcknowledged() {
    for (int width : new int[] {320, 390, 1280}) {
      for (ColorScheme theme : new ColorScheme[] {ColorScheme.LIGHT, ColorScheme.DARK}) {
        try (Tab tab = browser.open(url("#events"), width, theme, "zh-CN")) {
          assertThat(tab.page().locator(".event")).hasCount(7);
          assertThat(tab.page().locator(".event").first()).containsText("互感器变比");
          assertThat(tab.page().locator(".event").first()).containsText("未消除");
          assertThat(tab.page().locator(".event.open .event-head a").first())
              .hasCSS("text-decoration-line", "underline");
          tab.page().locator(".event summary").first().click();
          isGood(tab, name("events", width, theme));
        }
      }
    }
    try (Tab tab = browser.open(url("#events/open"), 390, ColorScheme.LIGHT, "en-GB")) {
      assertThat(tab.page().locator(".event")).hasCount(4);
      assertFalse(tab.page().locator(".screen").innerText().matches("(?s).*\\p{IsHan}.*"));
      tab.giveThePin(TestAccess.PIN);
      tab.page().locator(".event button").first().click();
      assertThat(tab.page().locator(".screen [role=status]").first()).containsText("Noted");
      assertEquals(1, actions.asked.size());
      assertTrue(
          actions.asked.getFirst().startsWith("acknowledge {epoch="), actions.asked.toString());
      tab.page().locator("a.pick", new Page.LocatorOptions().setHasText("Lines")).click();
      assertThat(tab.page().locator(".screen [role=status]").first())
          .containsText("no such events");
      isGood(tab, "events-none-en-390-light.png");
    }
  }

  @Test
  void aMeterShowsItsLastTenMinutesAndTheLinkItsDay() {
    for (int width : new int[] {320, 390, 1280}) {
      for (ColorScheme theme : new ColorScheme[] {ColorScheme.LIGHT, ColorScheme.DARK}) {
        try (Tab tab = browser.open(url("#meters/house"), width, theme, "zh-CN")) {
          assertThat(tab.page().locator("svg.spark")).isVisible();
          assertThat(tab.page().locator("#screen")).containsText("功率近 10 分钟 32.");
          isGood(tab, name("meter-recent", width, theme));
        }
        try (Tab tab = browser.open(url("#uplink"), width, theme, "zh-CN")) {
          assertThat(tab.page().locator("#screen")).containsText("断开 1 次，共 30 分钟");
          assertThat(tab.page().locator("svg.day .cell-x")).hasAttribute("width", "30");
          assertThat(tab.page().locator("#screen")).containsText("共 30 分钟；另有 20 分钟没有记录");
          isGood(tab, name("uplink-day", width, theme));
        }
      }
    }
  }

  /** A link of which nothing was told was there, as long as all that was told is known. */
  @Test
  void aQuietLinkIsKnownForAsLongAsEventsAre() {
    try (Tab tab = browser.open(url(""), 390, ColorScheme.LIGHT, "zh-CN")) {
      Object marks =
          tab.page()
              .evaluate(
                  "async () => { const { linkHistory } = await import('/screens/uplink.js');"
                      + " const now = 1795000000000; const hours = (n) => now - n * 3600000;"
                      + " const down = { event: 'uplink.down', ts: hours(3), state: 'cleared',"
                      + " cleared: hours(2), detail: {} };"
                      + " return JSON.stringify([linkHistory([], now, hours(30)),"
                      + " linkHistory([down], now, hours(30)), linkHistory([down], now, hours(4)),"
                      + " linkHistory([], now, undefined)]"
                      + ".map((each) => each.map(([from, to, what]) =>"
                      + " [(now - from) / 3600000, (now - to) / 3600000, what]))); }");
      assertEquals("[[],[[3,2,\"away\"]],[[24,4,\"off\"],[3,2,\"away\"]],[[24,0,\"off\"]]]", marks);
    }
  }

  /** While it is away, each other reason is told: closed, then nobody listens, then no answer. */
  @Test
  void aStopThatIsToldTwiceIsOneStop() {
    try (Tab tab = browser.open(url(""), 390, ColorScheme.LIGHT, "zh-CN")) {
      Object sums =
          tab.page()
              .evaluate(
                  """
                  async () => {
                    const { linkHistory, linkSums } = await import('/screens/uplink.js');
                    const now = 1795000000000;
                    const down = (from, to) => ({ event: 'uplink.down', ts: now - from * 1000,
                      state: 'cleared', cleared: now - to * 1000, detail: {} });
                    const told = [down(9000, 8999), down(8999, 8400), down(5000, 4998),
                      down(4998, 4400)];
                    return JSON.stringify(linkSums(linkHistory(told, now, now - 90000000)));
                  }\
                  """);
      assertEquals("{\"times\":2,\"away\":1200000,\"unknown\":0}", sums);
    }
  }

  /** Nothing is known of the time before the first event, and while the agent was off. */
  @Test
  void aLinkOfWhichMostOfTheDayIsUnknownIsNotSaidToHaveBeenThere() {
    Map<String, String> texts =
        Map.of("zh-CN", "断开 0 次；另有 23 小时没有记录", "en-GB", "never away; nothing known of 23 h");
    for (Map.Entry<String, String> each : texts.entrySet()) {
      try (Tab tab = browser.open(url(""), 390, ColorScheme.LIGHT, each.getKey())) {
        tab.page()
            .route(
                "**/api/events?limit=500&area=uplink,agent",
                route ->
                    route.fulfill(
                        new Route.FulfillOptions()
                            .setContentType("application/json")
                            .setBody(
                                """
                                {"now":1795000000000,"events":[{"event":"agent.start",
                                "ts":1794996401000,"detail":{}}]}\
                                """)));
        tab.page().locator("#tab-uplink").click();
        assertThat(tab.page().locator("#screen")).containsText(each.getValue());
        tab.keep(Browser.PICTURES.resolve("uplink-unknown-" + each.getKey() + ".png"));
      }
    }
  }

  @Test
  void helpIsReadOnAPhoneAndOnPaper() {
    for (String language : List.of("zh", "en")) {
      for (ColorScheme theme : new ColorScheme[] {ColorScheme.LIGHT, ColorScheme.DARK}) {
        for (int width : new int[] {320, 390, 1280}) {
          try (Tab tab = browser.open(url("help?lang=" + language), width, theme, "zh-CN")) {
            boolean chinese = language.equals("zh");
            assertThat(tab.page().locator("html")).hasAttribute("lang", chinese ? "zh-CN" : "en");
            assertThat(tab.page().locator("h1")).hasText(chinese ? "现场手册" : "Field card");
            String text = tab.page().locator("main").innerText();
            assertEquals(chinese, text.matches("(?s).*\\p{IsHan}.*"), language);
            assertThat(tab.page().locator("[id='meter.ratio'] td").first())
                .containsText(chinese ? "互感器变比" : "ratio");
            isGood(tab, name("help-" + language, width, theme));
          }
        }
      }
    }
    try (Tab tab = browser.open(url(""), 390, ColorScheme.LIGHT, "zh-CN")) {
      tab.page().locator("#foot a").first().click();
      assertThat(tab.page().locator("h1")).hasText("现场手册");
    }
    try (Tab tab = browser.open(url("help"), 1280, ColorScheme.LIGHT, "zh-CN")) {
      tab.page().emulateMedia(new Page.EmulateMediaOptions().setMedia(Media.PRINT));
      assertThat(tab.page().locator("header nav")).isHidden();
      tab.keep(Browser.PICTURES.resolve("help-print.png"));
    }
  }
}
