package io.lingtan.agent.status;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.SelectOption;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.testing.Browser;
import io.lingtan.testing.Browser.Tab;
import io.lingtan.testing.RequiresTool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What is wrong stands first on the page, with its cause and a way to where it is mended. */
@RequiresTool({"chromium-headless-shell", "node"})
@Execution(ExecutionMode.SAME_THREAD)
@Timeout(120)
@SuppressWarnings("NullAway")
class ToDoIT {

  private static final Event RATIO =
      Event.of("meter.ratio", Severity.ALARM, "gate").with("ct_site", "8").with("ct_meter", "80");

  private static Browser browser;

  @TempDir Path folder;

  @BeforeAll
  static void launch() {
    browser = new Browser();
  }

  @AfterAll
  static void quit() {
    browser.close();
  }

  private static ShownSite contradicted(Path folder) throws Exception {
    return ShownSite.good(folder).contradicted("gate");
  }

  private static StatusServer serve(ShownSite site, KeptDay kept) throws Exception {
    return site.serve(Duration.ofMillis(300), kept.pages());
  }

  private static String url(StatusServer server, String route) {
    return "http://127.0.0.1:" + server.port() + "/#" + route;
  }

  private static Tab open(StatusServer server, String route) {
    return browser.open(url(server, route), 390, ColorScheme.LIGHT, "zh-CN");
  }

  private static Locator rows(Page page) {
    return page.locator(".todo li");
  }

  /** What may still be drawn is there while it can be kept to, and gone when nobody knows it. */
  @Test
  void aDemandThatWillExceedTheContractIsToldWithWhatMayStillBeDrawn() throws Exception {
    ShownSite site = ShownSite.good(folder).nearLimit(340_000, false);
    try (KeptDay kept = KeptDay.empty(site.site(), folder);
        StatusServer server = serve(site, kept)) {
      try (Tab tab = open(server, "")) {
        assertThat(rows(tab.page())).hasCount(1);
        assertThat(rows(tab.page()).first()).containsText("需量将到 1097.8 kW，超过 1050 kW");
        assertThat(rows(tab.page()).first()).containsText("只可用 873.5 kW");
        site.nearLimit(340_000, true);
        assertThat(rows(tab.page()).first()).containsText("滑差需量将到 1097.8 kW");
        assertThat(rows(tab.page()).first()).containsText("今后 15 分钟只可用 873.5 kW");
        site.nearLimit(-1_000, false);
        assertThat(rows(tab.page())).hasCount(0);
      }
    }
  }

  /** A meter that answers, with values nobody believes, is not a good one. */
  @Test
  void aDoubtfulValueIsNotShownAsGoodAndAReversedMeterSaysSo() throws Exception {
    ShownSite site =
        ShownSite.changed(
            folder, "device: house, role: load", "device: house, role: load, reverse: true");
    site.reads("house", "power", -32_100, "energy_import", 55_010.2);
    site.factor("cn-tce/electricity/2020", "0.1229", "kg{ce}/(kW.h)");
    try (KeptDay kept = KeptDay.empty(site.site(), folder);
        StatusServer server = serve(site, kept);
        Tab tab = open(server, "meters")) {
      Page page = tab.page();
      Locator house = page.locator(".cards li[data-key=house]");
      assertThat(house).containsText("负荷 (反向)");
      assertThat(house).containsText("用电 32.1 kW");
      assertThat(house.locator(".state")).containsText("正常");
      page.locator("#tab-overview").click();
      assertThat(page.locator(".factor")).containsText(new String[] {"", "0.1229 kgce/kWh"});
      page.locator("#tab-meters").click();
      site.doubtful("elec.load.buildings").lacks("pv1", "power", Reason.RANGE);
      assertThat(house.locator(".state")).hasText("⚠ 数值存疑");
      assertThat(page.locator(".cards li[data-key=pv1] .state")).hasText("⚠ 数值存疑");
      page.locator("#tab-overview").click();
      assertThat(rows(page)).hasCount(2);
      assertThat(rows(page).last()).containsText("house：上一时段电量存疑");
      assertThat(rows(page).first()).containsText("pv1：功率超出可能范围");
      rows(page).last().locator("a").click();
      assertThat(page.locator("#screen h2 .state").first()).hasText("⚠ 数值存疑");
      assertThat(page.locator("[data-doubt]")).containsText("上一时段电量存疑");
      tab.assertFits();
      tab.assertAccessible();
    }
  }

  @Test
  void aRatioThatTheMeterContradictsIsTheFirstThingReadAndOneTapFromItsCheck() throws Exception {
    ShownSite site = contradicted(folder);
    try (KeptDay kept = KeptDay.empty(site.site(), folder).happens(RATIO);
        StatusServer server = serve(site, kept)) {
      try (Tab tab = open(server, "")) {
        Page page = tab.page();
        assertThat(rows(page)).hasCount(1);
        assertThat(rows(page)).containsText("✖ 告警");
        assertThat(rows(page)).containsText("gate：站点文件里 CT 是 8，表内是 80");
        assertThat(page.locator("#screen")).not().containsText("从未应答");
        assertThat(page.locator("#tab-events")).hasText(Pattern.compile("事件\\s*1"));
        assertThat(page.locator("#chips li").last()).hasClass("bad");
        tab.assertFits();
        tab.assertAccessible();
        rows(page).locator("a").click();
        assertThat(page).hasURL(url(server, "commission/ratio/gate"));
        assertThat(page.locator("[data-kind=contradicted] h3"))
            .hasText("✖ gate：站点文件里 CT 是 8，表内是 80");
        assertThat(page.locator("[data-kind=contradicted] button")).hasText("采用表内 CT 80");
        page.locator("#tab-uplink").click();
        assertThat(page.locator("#banners a")).containsText("gate：站点文件里 CT 是 8，表内是 80");
        page.locator("#tab-meters").click();
        assertThat(page.locator(".cards li").first()).containsText("gate");
        assertThat(page.locator("#banners p")).hasCount(0); // the list says it
        assertThat(page.locator(".cards li").first().locator(".state")).hasText("✖ 变比不符");
        page.locator(".cards li").first().locator("a").click();
        assertThat(page.locator("#screen h2 .state").first()).hasText("✖ 变比不符");
        assertThat(page.locator("#screen")).containsText("站点文件里 CT 是 8，表内是 80");
        assertThat(page.locator("#banners p")).hasCount(0); // its own view says it
        tab.assertQuiet();
      }
      for (ColorScheme theme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
        for (int width : new int[] {390, 1280}) {
          for (String language : List.of("zh-CN", "en-GB")) {
            try (Tab tab = browser.open(url(server, ""), width, theme, language)) {
              assertThat(rows(tab.page())).hasCount(1);
              tab.assertFits();
              tab.assertAccessible();
              tab.keep(
                  Browser.PICTURES.resolve(
                      "todo-%d-%s-%s.png"
                          .formatted(
                              width,
                              theme.name().toLowerCase(Locale.ROOT),
                              language.substring(0, 2))));
            }
          }
        }
      }
    }
  }

  @Test
  void aLoadThatIsSwitchedShowsWhichMetersMovedAndWhichWay() throws Exception {
    ShownSite site = ShownSite.good(folder);
    try (KeptDay kept = KeptDay.empty(site.site(), folder);
        StatusServer server = serve(site, kept);
        Tab tab = open(server, "commission/step")) {
      Page page = tab.page();
      page.locator("[name=known]").fill("20");
      page.locator("[name=behind]").selectOption(new SelectOption().setIndex(1));
      page.locator("form button.main").click();
      page.locator("[data-step=on]").waitFor();
      // The house takes 20 kW more, and the gate's transformers are the wrong way round.
      site.reads("house", "power", 52_100);
      site.reads("gate", "power", -10_400);
      page.locator("[data-step=on]").click();
      page.locator("[data-step=off]").waitFor();
      site.reads("house", "power", 32_100);
      site.reads("gate", "power", 9_600);
      page.locator("[data-step=off]").click();
      assertThat(page.locator("tr[data-verdict=good]")).containsText("−20.0");
      Locator gate = page.locator("tr[data-verdict=turned]");
      assertThat(gate).containsText("方向反了：应是 20.0 kW");
      assertThat(gate.locator("a")).hasAttribute("href", "#commission/wiring");
      assertThat(page.locator("tr[data-verdict=still]")).not().hasCount(0);
      tab.assertFits();
      tab.assertAccessible();
      tab.keep(Browser.PICTURES.resolve("commission-step-390.png"));
      tab.assertQuiet();
    }
  }

  /** That it is connected says little where nothing is taken. */
  @Test
  void topicsThatAreRefusedAreARowWithTheirRuleAndATryAtOnceAndNoChipIsGreenForThem()
      throws Exception {
    String ours = "lingtan/v1/wx-demo-001/";
    ShownSite site =
        ShownSite.good(folder)
            .refusing(
                ours + "event", ours + "interval/a", ours + "interval/b", ours + "interval/c");
    try (KeptDay kept = KeptDay.empty(site.site(), folder);
        StatusServer server = serve(site, kept);
        Tab tab = open(server, "")) {
      Page page = tab.page();
      assertThat(rows(page))
          .containsText("服务器不允许本网关发布 %sevent、%<sinterval/a、%<sinterval/b，另有 1 个".formatted(ours));
      assertThat(rows(page)).containsText("只差服务器权限表（ACL）里的规则");
      assertThat(rows(page).locator("pre"))
          .hasText("topic write %sevent\ntopic write %<sinterval/#".formatted(ours));
      assertThat(rows(page)).containsText(Pattern.compile("2[01] 秒后自动再试。"));
      rows(page).locator("pre").click();
      assertEquals(
          rows(page).locator("pre").innerText(),
          page.evaluate("() => getSelection().toString()"),
          "one tap selects what is to be copied");
      tab.assertFits();
      tab.assertAccessible();
      assertThat(page.locator("#chips li.bad")).containsText("MQTT 不让发布");
      assertThat(rows(page).locator("a")).hasAttribute("href", "#uplink");
      rows(page).locator("a").click();
      assertThat(page.locator("#screen")).containsText("✖ MQTT 不让发布");
      assertThat(page.locator("#banners p")).hasCount(0);
      List<String> asked = new ArrayList<>();
      page.route(
          "**/api/action/retry",
          route -> {
            asked.add(route.request().postData());
            route.fulfill(new Route.FulfillOptions().setStatus(202).setBody("{}"));
          });
      page.locator("[data-retry]").click();
      assertThat(page.locator(".refused [role=status]")).hasText("正在再试…");
      assertThat(page.locator("[data-retry]")).isDisabled();
      assertThat(page.locator(".refused [role=status]"))
          .containsText(Pattern.compile("试过了，仍被拒绝。.*秒后自动再试。"));
      assertThat(page.locator("[data-retry]")).isEnabled();
      assertEquals(List.of("{}"), asked);
      tab.assertFits();
      tab.assertAccessible();
    }
  }

  /** Where nothing at all is taken it is mostly the account. */
  @Test
  void anAccountThatMayPublishNothingLeadsToWhereItIsChanged() throws Exception {
    ShownSite site = ShownSite.good(folder).refusing("lingtan/v1/wx-demo-001/meta").unheard();
    try (KeptDay kept = KeptDay.empty(site.site(), folder);
        StatusServer server = serve(site, kept);
        Tab tab = open(server, "")) {
      assertThat(rows(tab.page())).containsText("改账号");
      assertThat(rows(tab.page()).locator("a")).hasAttribute("href", "#commission/settings/broker");
    }
  }

  @Test
  void whatPeopleHaveNamedIsCalledSoAndTheIdStandsBesideInSmallType() throws Exception {
    ShownSite site =
        ShownSite.changed(folder, "{id: gate,", "{id: gate, label: {zh: 关口表 1#, en: Gate 1},")
            .contradicted("gate");
    try (KeptDay kept = KeptDay.empty(site.site(), folder).happens(RATIO);
        StatusServer server = serve(site, kept);
        Tab tab = open(server, "")) {
      Page page = tab.page();
      assertThat(rows(page)).containsText("关口表 1#：站点文件里 CT 是 8，表内是 80");
      page.locator("#tab-events").click();
      assertThat(page.locator(".event-list a[href='#meters/gate']")).hasText("关口表 1#");
      page.locator("#tab-meters").click();
      assertThat(page.locator(".cards li").first()).containsText("关口表 1# gate");
      page.locator(".cards li").first().locator("a").click();
      assertThat(page.locator("#screen h2 span").first()).hasText("关口表 1# gate");
      assertThat(page.locator("#screen h2 span small").first()).hasText("gate");
      page.locator("[data-language=en]").click();
      assertThat(page.locator("#tabs .badge")).hasText("1");
      assertEquals(
          0,
          page.evaluate(
              "() => { const t = document.querySelector('#tabs');"
                  + " return t.scrollWidth - t.clientWidth; }"),
          "px of the tabs that are cut");
      assertThat(page.locator("#screen h2 span").first()).hasText("Gate 1 gate");
      tab.assertFits();
      tab.assertAccessible();
      tab.assertQuiet();
    }
  }

  @Test
  void aWideWindowIsUsedAndAWallHasBigNumbersAlone() throws Exception {
    ShownSite site = contradicted(folder);
    try (KeptDay kept = KeptDay.empty(site.site(), folder).happens(RATIO);
        StatusServer server = serve(site, kept);
        Tab tab = browser.open(url(server, ""), 1920, ColorScheme.DARK, "zh-CN")) {
      Page page = tab.page();
      Locator sections = page.locator(".columns section");
      assertThat(page.locator(".tiles")).isVisible();
      double left = sections.first().boundingBox().x;
      double right = 0;
      for (Locator section : sections.all()) {
        var box = section.boundingBox();
        right = Math.max(right, box.x + box.width);
        assertTrue(box.width >= 400, "a column of " + box.width);
      }
      assertTrue(right - left > 1_700, "of 1,920 px are used: " + (right - left));
      assertEquals(
          3L, sections.all().stream().map(each -> each.boundingBox().x).distinct().count());
      tab.assertFits();
      tab.assertAccessible();
      page.locator("#foot a[href='#overview/wall']").click();
      assertThat(page.locator("#tabs")).isHidden();
      assertThat(page.locator(".columns section:visible")).hasCount(2);
      Object size =
          page.evaluate(
              "() => parseFloat(getComputedStyle(document.querySelector('.tiles dd')).fontSize)");
      assertTrue(((Number) size).doubleValue() >= 40, "px: " + size);
      assertThat(page.locator(".todo li")).hasCount(1);
      tab.assertFits();
      tab.assertAccessible();
      page.setViewportSize(390, 844);
      var tile = page.locator(".tiles > div").first().boundingBox();
      assertTrue(tile.width >= 120, "a letter to a line: " + tile.width);
      tab.assertFits();
      page.setViewportSize(1920, 1080);
      page.locator("#foot a").click();
      assertThat(page.locator("#tabs")).isVisible();
      tab.assertQuiet();
    }
  }

  /** From the first thing that a key reaches to a change that is looked at. */
  @Test
  void aFaultIsReachedAndItsChangeAskedForWithKeysAlone() throws Exception {
    ShownSite site = contradicted(folder);
    try (KeptDay kept = KeptDay.empty(site.site(), folder).happens(RATIO);
        StatusServer server = serve(site, kept);
        Tab tab = open(server, "")) {
      Page page = tab.page();
      assertThat(rows(page)).hasCount(1);
      go(page, ".todo li a");
      page.keyboard().press("Enter");
      assertThat(page).hasURL(url(server, "commission/ratio/gate"));
      assertThat(page.locator("[data-kind=contradicted]")).isVisible();
      go(page, "[data-propose]");
      page.keyboard().press("Enter");
      assertThat(page.locator("dialog.pin")).isVisible();
      assertThat(page.locator("#pin")).isFocused();
      page.keyboard().press("Escape");
      assertThat(page.locator("dialog.pin")).hasCount(0);
      assertThat(page.locator("[data-propose]")).isFocused();
    }
  }

  /** By the tab key; each place on the way is marked. */
  private static void go(Page page, String to) {
    for (int i = 0; i < 40; i++) {
      page.keyboard().press("Tab");
      Object at =
          page.evaluate(
              "to => { const at = document.activeElement; if (at === document.body) return 'lost';"
                  + " if (getComputedStyle(at).outlineStyle === 'none') return 'unmarked: ' +"
                  + " at.outerHTML.slice(0, 90); return at.matches(to) ? 'there' : 'on the way'; }",
              to);
      if (at.equals("there")) {
        return;
      }
      assertTrue(at.equals("on the way") || (i > 0 && at.equals("lost")), at + " before " + to);
    }
    throw new AssertionError("no key leads to " + to);
  }

  /** Layout shift as browsers count it: what moves without having been touched. */
  @Test
  void nothingJumpsWhileThePageComesAndWhileItIsRead() throws Exception {
    ShownSite site = contradicted(folder);
    try (KeptDay kept = KeptDay.empty(site.site(), folder).happens(RATIO);
        StatusServer server = serve(site, kept)) {
      for (int width : new int[] {390, 1280}) {
        for (String screen :
            List.of("", "meters", "meters/gate", "charts", "charts/hydrogen", "uplink", "events")) {
          try (Tab tab = browser.open(url(server, screen), width, ColorScheme.LIGHT, "zh-CN")) {
            Page page = tab.page();
            assertThat(page.locator("#screen .screen")).isVisible();
            page.waitForResponse("**/api/**", () -> page.evaluate("() => fetch('/api/snapshot')"));
            Object shift =
                page.evaluate(
                    "async () => { let sum = 0; new PerformanceObserver(list => list.getEntries()"
                        + ".forEach(e => { if (!e.hadRecentInput) sum += e.value; }))"
                        + ".observe({type: 'layout-shift', buffered: true});"
                        + " for (let i = 0; i < 90; i++) await new Promise(requestAnimationFrame);"
                        + " return sum; }");
            double sum = ((Number) shift).doubleValue();
            System.out.printf(Locale.ROOT, "layout shift %s %d: %.3f%n", screen, width, sum);
            assertTrue(sum <= 0.1, screen + " at " + width + " px jumps: " + sum);
          }
        }
      }
    }
  }

  @Test
  void severalFaultsAreAsManyRowsWorstFirstEachWithItsWay() throws Exception {
    ShownSite site =
        contradicted(folder)
            .offline("bat1", 1_260_000)
            .lineProblem("roof", new Sentence("refused", "拒绝连接"))
            .linkDown("broker.example: connection refused")
            .clockLost();
    try (KeptDay kept =
            KeptDay.empty(site.site(), folder)
                .happens(
                    RATIO,
                    Event.of("meter.offline", Severity.WARNING, "bat1").with("line", "yard"));
        StatusServer server = serve(site, kept);
        Tab tab = open(server, "")) {
      Page page = tab.page();
      assertThat(rows(page)).hasCount(5);
      for (String each : List.of("gate：站点文件", "bat1：通讯中断", "线路 roof", "离线缓存中", "时钟未对时")) {
        assertThat(rows(page).filter(new Locator.FilterOptions().setHasText(each))).hasCount(1);
      }
      for (String place : List.of("ratio/gate", "clock", "scan", "line/roof")) {
        assertThat(page.locator(".todo a[href^='#commission/" + place + "']")).hasCount(1);
      }
      assertThat(page.locator(".todo a[href='#uplink']")).hasCount(1);
      assertThat(page.locator("#banners p")).hasCount(0);
      tab.assertFits();
      tab.assertAccessible();
      tab.keep(Browser.PICTURES.resolve("todo-many-390-light.png"));
      tab.assertQuiet();
    }
  }

  @Test
  void whereNothingIsWrongOneLineSaysSo() throws Exception {
    ShownSite site = ShownSite.good(folder);
    try (KeptDay kept =
            KeptDay.empty(site.site(), folder)
                .happens(RATIO, Event.of("meter.ratio_good", Severity.INFO, "gate"));
        StatusServer server = serve(site, kept);
        Tab tab = open(server, "")) {
      assertThat(tab.page().locator(".calm")).hasText("● 没有要处理的事");
      assertThat(rows(tab.page())).hasCount(0);
      assertThat(tab.page().locator("#tab-events")).hasText("事件");
      tab.assertQuiet();
    }
  }

  @Test
  void whereTheAlarmsAreNotKnownNothingIsGreen() throws Exception {
    ShownSite site = ShownSite.good(folder);
    try (KeptDay kept = KeptDay.empty(site.site(), folder)) {
      HistoryPages pages = kept.happens(RATIO).pages();
      Files.writeString(folder.resolve("day.db"), "no database");
      Files.deleteIfExists(folder.resolve("day.db-wal"));
      try (StatusServer server = site.serve(Duration.ofMillis(300), pages);
          Tab tab = open(server, "")) {
        assertThat(tab.page().locator(".calm")).hasText("○ 更早的告警未知");
        assertThat(tab.page().locator(".calm.good")).hasCount(0);
        assertThat(tab.page().locator("#chips li").last()).containsText("○");
        assertThat(tab.page().locator("#chips li").last()).not().hasClass("good");
        tab.assertFits();
        tab.assertAccessible();
      }
    }
  }

  @Test
  void chipsBoxesAndBannersLeadToWhatTheyName() throws Exception {
    ShownSite site = ShownSite.good(folder).fault("house", 42_000, Reason.CRC, "CRC 1F3A");
    try (KeptDay kept = KeptDay.empty(site.site(), folder);
        StatusServer server = serve(site, kept);
        Tab tab = open(server, "")) {
      Page page = tab.page();
      page.locator("#chips a[href='#uplink']").first().click();
      assertThat(page.locator("#tab-uplink")).hasAttribute("aria-selected", "true");
      page.locator("#banners a").click();
      assertThat(page).hasURL(url(server, "meters/house"));
      page.locator("#tab-overview").click();
      page.locator(".flow a:has(.pv)").click();
      assertThat(page).hasURL(url(server, "meters/pv1"));
      page.locator("#chips a[href='#commission/clock']").click();
      assertThat(page).hasURL(url(server, "commission/clock"));
      tab.assertQuiet();
    }
  }

  @Test
  void aMeterSaysOnceHowItIsAndMarksOnlyWhatDiffers() throws Exception {
    ShownSite site = contradicted(folder);
    try (KeptDay kept = KeptDay.empty(site.site(), folder).happens(RATIO);
        StatusServer server = serve(site, kept);
        Tab tab = open(server, "meters/pv1")) {
      Page page = tab.page();
      assertThat(page.locator(".points dt")).hasCount(3);
      String text = page.locator("#screen").innerText();
      assertEquals(2, text.split("● 正常", -1).length, "told once: " + text);
      assertEquals(1, text.split("→ #", -1).length, "no record beside a value: " + text);
      assertThat(page.locator(".points dd.warn")).hasCount(0);
      page.navigate(url(server, "meters/gate"));
      assertThat(page.locator(".lacking summary")).hasText("○ 3 个测点没有读数：数值存疑");
      assertThat(page.locator(".lacking p")).containsText("正向有功电能");
      tab.assertFits();
      tab.assertAccessible();
      tab.keep(Browser.PICTURES.resolve("meter-contradicted-390-light.png"));
      tab.assertQuiet();
    }
  }

  @Test
  void reasonsAndDetailsAreInThePagesLanguageAndEndInAStep() throws Exception {
    ShownSite site =
        ShownSite.good(folder)
            .fault("house", 42_000, Reason.exception(11), "exception 11")
            .missing("h2.storage_mass", "tank1: no reading")
            .missing("tce.total", "what it compares is known of different parts of the time");
    try (KeptDay kept =
            KeptDay.empty(site.site(), folder)
                .happens(
                    Event.of("uplink.up", Severity.INFO).with("away_ms", 1_800_000L),
                    Event.of("agent.start", Severity.INFO)
                        .with("since", 1_795_749_000_000L)
                        .with("clean", true));
        StatusServer server = serve(site, kept);
        Tab tab = open(server, "")) {
      Page page = tab.page();
      assertThat(page.locator(".tiles")).containsText("tank1：还没有读数");
      assertThat(page.locator(".tiles")).containsText("所比较的量覆盖的时间不同");
      assertThat(rows(page)).containsText("转换网关后没有这个站号的应答（异常码 11）：扫描线路");
      assertThat(page.locator(".todo a[href^='#commission/scan/']")).hasCount(1);
      page.locator("#tab-events").click();
      assertThat(page.locator(".event-list li")).hasCount(2);
      String text = page.locator(".event-list").textContent();
      for (String each : List.of("断开时长30 分钟", "从11-27 ", "上次正常停止是")) {
        assertTrue(text.contains(each), each + " in " + text);
      }
      assertFalse(text.contains("1795749000000") || text.contains("away_ms"), text);
    }
  }

  @Test
  void aScreenThatDidNotComeIsTriedAgainUntilItDoes() throws Exception {
    ShownSite site = ShownSite.good(folder);
    try (KeptDay kept = KeptDay.empty(site.site(), folder);
        StatusServer server = serve(site, kept);
        Tab tab = open(server, "")) {
      Page page = tab.page();
      page.route("**/screens/meters.js*", Route::abort);
      page.locator("#tab-meters").click();
      assertThat(page.locator("#screen [role=alert]")).hasText("这一页还没有加载成功，正在重试…");
      page.unroute("**/screens/meters.js*");
      assertThat(page.locator(".cards li")).hasCount(8);
    }
  }

  @Test
  void theRoomLeftIsMarkedAlikeOnBothScreens() throws Exception {
    ShownSite site = ShownSite.good(folder).linkDown("broker.example: connection refused").full();
    try (KeptDay kept = KeptDay.empty(site.site(), folder);
        StatusServer server = serve(site, kept);
        Tab tab = open(server, "")) {
      for (String screen : List.of("overview", "uplink")) {
        tab.page().locator("#tab-" + screen).click();
        Locator room = tab.page().locator("dt:text-is('断网可存') + dd");
        assertThat(room).hasClass("bad");
        assertThat(room).hasText(Pattern.compile("✖ 约 [01][.][0-9] 天"));
      }
    }
  }

  @Test
  void aPageThatHasLostTheGatewayHasNoGreenChip() throws Exception {
    FrozenProxy proxy = new FrozenProxy();
    ShownSite site = ShownSite.good(folder);
    try (KeptDay kept = KeptDay.empty(site.site(), folder);
        StatusServer server = serve(site, kept);
        proxy;
        Tab tab =
            browser.open(
                "http://127.0.0.1:" + proxy.start(server.port()) + "/",
                390,
                ColorScheme.LIGHT,
                "zh-CN")) {
      Page page = tab.page();
      assertThat(page.locator("#chips li").first()).containsText("实时");
      proxy.freeze();
      assertThat(page.locator("#chips li").first())
          .containsText(
              "页面已断开",
              new com.microsoft.playwright.assertions.LocatorAssertions.ContainsTextOptions()
                  .setTimeout(10_000));
      assertThat(page.locator("#chips .good")).hasCount(0);
      assertThat(page.locator(".calm")).hasCount(0);
    }
  }
}
