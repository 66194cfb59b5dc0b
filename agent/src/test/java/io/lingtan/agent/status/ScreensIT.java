package io.lingtan.agent.status;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import io.lingtan.agent.acquire.wire.Channel;
import io.lingtan.agent.acquire.wire.FieldPorts;
import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.JournalOptions;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.status.access.Access;
import io.lingtan.agent.status.live.LiveFeed;
import io.lingtan.testing.Browser;
import io.lingtan.testing.Browser.Tab;
import io.lingtan.testing.Ports;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The page in a real browser, served by the real server, in every state that it may find the site
 * in. Pictures are kept in {@link Browser#PICTURES}.
 */
@RequiresTool({"chromium-headless-shell", "node"})
@Execution(ExecutionMode.SAME_THREAD)
@Timeout(300)
@SuppressWarnings("NullAway")
class ScreensIT {

  private static final Duration SECOND = Duration.ofSeconds(1);

  private static Browser browser;

  @TempDir Path folder;
  private KeptDay kept;

  @BeforeAll
  static void launch() {
    browser = new Browser();
  }

  @AfterAll
  static void quit() {
    browser.close();
  }

  @BeforeEach
  void openJournal() throws IOException {
    kept = KeptDay.empty(ShownSite.good(folder).site(), folder);
  }

  @AfterEach
  void closeJournal() {
    kept.close();
  }

  /**
   * How the site is, where to look, and what is to be read there.
   *
   * @param screen after the "#"
   * @param chinese what must be read, each
   */
  record State(String name, UnaryOperator<ShownSite> site, String screen, List<String> chinese) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<State> states() {
    return Stream.of(
        new State("good", site -> site, "", List.of("光伏 · 发电", "电网 · 下网", "储能 · 充电", "平衡差 0.1 kW")),
        new State(
            "never", site -> site.never("house"), "", List.of("从未应答", "平衡差 —", "缺 buildings 的当前值")),
        new State(
            "all-never",
            site ->
                site.never("gate")
                    .never("pv1")
                    .never("bat1")
                    .never("house")
                    .never("ely1")
                    .never("comp")
                    .never("tank1")
                    .never("disp1"),
            "",
            List.of("请先核对站号、波特率和校验位", "仪表 0/8")),
        new State("stale", site -> site.stale("pv1", 42_000), "", List.of("◷ 42 秒前", "平衡差 —")),
        new State(
            "stale-in-a-sum",
            site -> site.stale("comp", 42_000),
            "",
            List.of("◷ 含过期值", "缺 compressor 的当前值")),
        new State(
            "estimated",
            site -> site.estimated("elec.grid.import", 12).estimated("co2.total", 12),
            "",
            List.of("≈ 47.4", "其中估算 12 %")),
        new State(
            "estimated-in-a-sum",
            site -> site.estimated("co2.avoided.pv_export", 37),
            "",
            List.of("≈ 240.5", "其中估算 2 %")),
        new State(
            "busy",
            site -> site.scanned("switchboard"),
            "meters/gate",
            List.of("正在扫描线路 switchboard", "本机命令", "秒前开始", "约剩 4")),
        new State(
            "missing-figure",
            site -> site.missing("elec.pv.generation", "pv1: timeout"),
            "",
            List.of("pv1：应答超时")),
        new State(
            "fault",
            site -> site.fault("gate", 42_000, Reason.CRC, "CRC 1F3A instead of 88C1"),
            "meters",
            List.of("✖ 通讯异常", "报文校验错误", "42 秒前", "0 秒后再试")),
        new State(
            "fault-detail",
            site -> site.fault("gate", 42_000, Reason.CRC, "CRC 1F3A instead of 88C1"),
            "meters/gate",
            List.of("CRC 1F3A instead of 88C1", "上次 9.6 kW", "立即试读")),
        new State(
            "offline",
            site -> site.offline("bat1", 1_260_000),
            "meters",
            List.of("✖ 通讯中断", "21 分钟前", "27 秒后再试")),
        new State(
            "out-of-range",
            site -> site.lacks("pv1", "power", Reason.RANGE),
            "meters/pv1",
            List.of("超出量程，不计入合计", "上次 118.4 kW", "换过表或清过零", "exchange")),
        new State("clock", ShownSite::clockLost, "", List.of("时钟未对时", "未对时")),
        new State(
            "link-down",
            site -> site.linkDown("broker.example: connection refused; is it running?"),
            "uplink",
            List.of("离线缓存中：mqtts://broker.example:8883：连不上，检查服务器是否运行", "48,213", "4 小时前")),
        new State(
            "backlog",
            site -> site.backlog(48_213, 4 * 3_600_000L, 420),
            "uplink",
            List.of("断点续传中：48,213 条待上送", "420 条/秒", "实时数据不受影响")),
        new State(
            "overloaded",
            site -> site.planned("switchboard", 93),
            "",
            List.of("线路 switchboard 过载：计划占用 93 %")),
        new State(
            "disk",
            site -> site.storeFails(noPlaceForAJournal()),
            "",
            List.of("数据写不进存储：数据存储 ", "打不开：", "检查目录、属主和磁盘", "内存里只留最近约 60 秒")),
        new State(
            "line-down",
            site -> site.lineProblem("roof", nobodyListens(site.site())),
            "",
            List.of("线路 roof：127.0.0.1:", "拒绝连接：检查设备上 Modbus TCP 是否打开")),
        new State("stopped", ShownSite::ended, "", List.of("处理环节 ledger 已停止")),
        new State(
            "drops",
            site ->
                site.dropped(
                    new StoreSnapshot.Drop(1_000, 9_000, 7_500, JournalRecord.Kind.DATA, "space"),
                    new StoreSnapshot.Drop(9_500, 9_500, 1, JournalRecord.Kind.EVENT, "too_large")),
            "uplink",
            List.of("7,500 条采样", "存储空间不足", "序号 1,000–9,000", "1 条事件", "超过服务器允许的大小")),
        new State("certificate", site -> site.certificate(9), "uplink", List.of("网关证书 9 天后到期")),
        new State(
            "views",
            site -> site.view("sparkplug", false, "the primary host is not online", "no_host"),
            "uplink",
            List.of("sparkplug", "✖ 离线", "待发 12", "主站（primary host）不在线")));
  }

  /** What a journal says whose folder is a file. */
  private static Sentence noPlaceForAJournal() {
    try {
      Path file = Files.createTempFile("lingtan", "");
      try (Journal journal =
          Journal.open(
              new JournalOptions(file.resolve("journal.db"), 1_000_000, "m"),
              new VirtualTime(0),
              Randomness.seeded(1))) {
        return Objects.requireNonNull(journal.state().failure());
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int freePort() {
    try {
      return Ports.free();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a line says when its converter does not listen. */
  private static Sentence nobodyListens(Site site) {
    Line.ModbusTcp roof =
        site.lines().stream()
            .filter(Line.ModbusTcp.class::isInstance)
            .map(Line.ModbusTcp.class::cast)
            .findFirst()
            .orElseThrow();
    Channel channel =
        FieldPorts.real()
            .channel(
                new Line.ModbusTcp(
                    roof.id(),
                    "127.0.0.1",
                    freePort(),
                    false,
                    false,
                    1,
                    false,
                    roof.timeout(),
                    List.of(),
                    null));
    try {
      for (Channel.Opening opening = channel.open(); opening != Channel.Opening.FAILED; ) {
        LockSupport.parkNanos(1_000_000);
        opening = channel.open();
      }
      return Objects.requireNonNull(channel.trouble()).words();
    } finally {
      channel.release();
    }
  }

  private static String url(StatusServer server) {
    return "http://127.0.0.1:" + server.port() + "/";
  }

  @ParameterizedTest
  @MethodSource("states")
  void aStateIsSeenOnEveryWindowAndInBothThemes(State state) throws IOException {
    ShownSite site = ShownSite.good(folder).but(state.site);
    try (StatusServer server = site.serve(SECOND, kept.pages())) {
      for (int width : new int[] {320, 390, 1280}) {
        for (ColorScheme theme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
          if (width != 390 && theme == ColorScheme.DARK) {
            continue;
          }
          try (Tab tab = browser.open(url(server) + "#" + state.screen, width, theme, "zh-CN")) {
            for (String text : state.chinese) {
              assertThat(tab.page().locator("body")).containsText(text);
            }
            tab.assertFits();
            tab.assertQuiet();
            if (width != 320) {
              tab.assertAccessible();
              String name =
                  "%s-%d-%s.png"
                      .formatted(state.name, width, theme.name().toLowerCase(Locale.ROOT));
              tab.keep(Browser.PICTURES.resolve(name));
            }
          }
        }
      }
    }
  }

  @Test
  void aSiteWithoutMetersShowsWhatToDoAndNoFigure() throws IOException {
    try (StatusServer server = ShownSite.empty(folder).serve(SECOND, kept.pages())) {
      for (int width : new int[] {320, 390, 1280}) {
        for (ColorScheme theme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
          try (Tab tab = browser.open(url(server), width, theme, "zh-CN")) {
            assertThat(tab.page().locator(".first li h3")).hasText(new String[] {"接线", "扫描", "核对"});
            assertThat(tab.page().locator(".first")).not().containsText("lingtan ");
            assertThat(tab.page().locator("svg.flow")).hasCount(0);
            tab.assertFits();
            tab.assertAccessible();
            tab.assertQuiet();
            tab.keep(
                Browser.PICTURES.resolve(
                    "first-run-%d-%s.png".formatted(width, theme.name().toLowerCase(Locale.ROOT))));
          }
        }
      }
    }
  }

  @Test
  void withoutScriptsThePageLeadsToItsText() throws IOException {
    try (StatusServer server = ShownSite.good(folder).serve(SECOND, kept.pages());
        Tab tab = browser.open(url(server), Browser.options(390).setJavaScriptEnabled(false))) {
      tab.page().locator("noscript a").click();
      assertThat(tab.page()).hasURL(url(server) + "text");
      String text = tab.page().locator("body").innerText();
      assertTrue(text.contains("power: 118400 W"), text);
      assertTrue(text.contains("已确认 acknowledged"), text);
      tab.keep(Browser.PICTURES.resolve("text-390.png"));
    }
  }

  @Test
  void aSiteThatIsSimulatedIsNeverTakenForARealOne() throws IOException {
    ShownSite site = ShownSite.changed(folder, "site: {", "site: {simulated: true, ");
    try (StatusServer server = site.serve(SECOND, kept.pages())) {
      for (int width : new int[] {320, 390, 1280}) {
        for (ColorScheme theme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
          try (Tab tab = browser.open(url(server) + "#meters", width, theme, "zh-CN")) {
            assertThat(tab.page().locator("#chips li").last()).hasText("⚠模拟数据");
            assertThat(tab.page().locator("body"))
                .hasCSS("border-image-source", Pattern.compile("repeating-linear-gradient.*"));
            tab.assertFits();
            tab.assertAccessible();
            tab.assertQuiet();
            tab.keep(
                Browser.PICTURES.resolve(
                    "simulated-%d-%s.png".formatted(width, theme.name().toLowerCase(Locale.ROOT))));
          }
        }
      }
    }
  }

  /** Whoever may configure adds a person, who gets in, and is out when removed. */
  @Test
  void techniciansAreAddedAndRemovedAndSessionsEnded() throws IOException {
    Path pin = folder.resolve("pin");
    Path file = folder.resolve("technicians");
    Access access = TestAccess.open();
    access.keepBeside(pin);
    ShownSite site = ShownSite.good(folder);
    try (StatusServer server =
            StatusServer.start(
                site.site().status(),
                null,
                site::view,
                () -> new Bundle(site.view(), "boot-1", List::of, List.of()),
                kept.pages(),
                new FakeActions(),
                access,
                SECOND);
        Tab tab = browser.open(url(server), 390, ColorScheme.LIGHT, "zh-CN")) {
      Page page = tab.page();
      page.locator("#foot a[href^='/technicians']").click();
      assertThat(page.locator("#pin input")).isFocused();
      page.locator("#pin input").fill(TestAccess.PIN);
      page.locator("#pin button").click();
      assertThat(page.locator("#technicians")).containsText("尚未登记人员");
      assertThat(page.locator("#sessions tr")).hasCount(1);
      assertThat(page.locator("#pin")).isHidden();
      page.locator("#add input").fill("王 五");
      page.locator("#add button").click();
      assertThat(page.locator("#answer")).containsText("1 to 32 letters");
      page.locator("#add input").fill("王五");
      page.locator("#add select").selectOption("act");
      page.locator("#add button").click();
      assertThat(page.locator("#technicians tr")).hasText(new String[] {"王五操作删除"});
      assertThat(page.locator("#answer")).containsText("只显示这一次");
      String text = page.locator("#answer").innerText();
      String own = text.substring(text.length() - 6);
      assertEquals("王五 act " + own + "\n", Files.readString(file));
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
      tab.assertFits();
      tab.assertAccessible();
      tab.keep(Browser.PICTURES.resolve("technicians-390-zh.png"));

      try (Tab theirs =
          browser.open(url(server) + "technicians?lang=en", 1280, ColorScheme.LIGHT, "en-GB")) {
        theirs.giveThePin(own);
        theirs.page().reload();
        assertThat(theirs.page().locator("#answer")).hasText("This PIN may not configure");
        assertThat(theirs.page().locator("#all")).isHidden();
        theirs.assertAccessible();
        page.reload();
        assertThat(page.locator("#sessions tr")).hasCount(2);
        page.locator("#technicians button").click();
        assertThat(page.locator("#technicians button")).hasText("再点一次确认");
        page.locator("#technicians button").click();
        assertThat(page.locator("#technicians")).containsText("尚未登记人员");
        assertThat(page.locator("#sessions tr")).hasCount(1);
        assertEquals("", Files.readString(file));
        theirs.page().locator("#pin input").fill(own);
        theirs.page().locator("#pin button").click();
        assertThat(theirs.page().locator("#answer")).hasText("The PIN is wrong");
        theirs.page().locator("#pin input").fill(TestAccess.PIN);
        theirs.page().locator("#pin button").click();
        assertThat(theirs.page().locator("#sessions tr")).hasCount(2);
        assertFalse(
            theirs.page().locator("#all").innerText().matches("(?s).*\\p{IsHan}.*"), "Chinese");
        theirs.assertFits();
        theirs.keep(Browser.PICTURES.resolve("technicians-1280-en.png"));
        // One's own, which was used less lately.
        page.locator("#sessions button").first().click();
        page.locator("#sessions button").first().click();
        assertThat(page.locator("#pin")).isVisible();
      }
    }
  }

  @Test
  void everyScreenIsReadInEnglishToo() throws IOException {
    try (StatusServer server =
        ShownSite.good(folder)
            .fault("gate", 42_000, Reason.CRC, "CRC 1F3A")
            .serve(SECOND, kept.pages())) {
      for (String screen : List.of("", "meters", "meters/gate", "uplink")) {
        try (Tab tab = browser.open(url(server) + "#" + screen, 390, ColorScheme.LIGHT, "en-GB")) {
          assertThat(tab.page().locator("html")).hasAttribute("lang", "en");
          assertThat(tab.page().locator("#screen section, #screen .cards").first()).isVisible();
          String text =
              tab.page().locator("body").innerText().replace("无锡高新区示范站", "").replace("中", "");
          assertFalse(text.matches("(?s).*\\p{IsHan}.*"), text);
          if (screen.isEmpty()) {
            assertTrue(text.matches("(?s).*Electricity for 1 kg\\s+54.2\\s+kWh/kg.*"), text);
          }
          tab.assertFits();
          tab.assertAccessible();
          tab.assertQuiet();
          tab.keep(Browser.PICTURES.resolve("en-" + screen.replace('/', '-') + "-390-light.png"));
        }
      }
    }
  }

  @Test
  void theFirstViewIsThreeRequestsAndFewBytes() throws IOException {
    try (StatusServer server = ShownSite.good(folder).serve(SECOND, kept.pages());
        Tab tab = browser.open(url(server), 390, ColorScheme.LIGHT, "zh-CN")) {
      assertThat(tab.page().locator("svg.flow")).isVisible();
      assertEquals(
          List.of(url(server), url(server) + "app.js", url(server) + "api/live"), tab.asked());
      Object bytes =
          tab.page()
              .evaluate(
                  "() => ['navigation', 'resource'].flatMap(type => performance"
                      + ".getEntriesByType(type)).reduce((sum, e) => sum + e.encodedBodySize, 0)");
      int encoded = ((Number) bytes).intValue();
      System.out.println("first view: " + tab.asked().size() + " requests, " + encoded + " bytes");
      assertTrue(encoded > 5_000 && encoded <= 40_000, "bytes: " + encoded);
    }
  }

  /** 1.6 Mbit/s, 150 ms, a sixth of this processor: what a page takes is printed, not asserted. */
  @Test
  void theFirstPaintOnAPoorLinkIsToldAsATrend() throws IOException {
    try (StatusServer server = ShownSite.good(folder).serve(SECOND, kept.pages())) {
      for (int i = 0; i < 3; i++) {
        try (Tab tab = browser.open("about:blank", Browser.options(390).setLocale("zh-CN"))) {
          Page page = tab.page();
          CDPSession tools = page.context().newCDPSession(page);
          JsonObject link = new JsonObject();
          link.addProperty("offline", false);
          link.addProperty("latency", 150);
          link.addProperty("downloadThroughput", 1_600_000 / 8);
          link.addProperty("uploadThroughput", 1_600_000 / 8);
          tools.send("Network.emulateNetworkConditions", link);
          JsonObject processor = new JsonObject();
          processor.addProperty("rate", 6);
          tools.send("Emulation.setCPUThrottlingRate", processor);
          page.navigate(url(server));
          assertThat(page.locator("svg.flow")).isVisible();
          Object millis =
              page.evaluate(
                  "() => performance.getEntriesByName('first-contentful-paint')[0].startTime");
          System.out.println("first paint on a poor link: " + ((Number) millis).intValue() + " ms");
        }
      }
    }
  }

  @Test
  void anAddressThatIsNoSecureContextHasTheWholePage() throws IOException {
    ShownSite site = ShownSite.good(folder);
    try (StatusServer server =
            StatusServer.start(
                site.site().status(),
                null,
                site::view,
                () -> new Bundle(site.view(), "boot-1", List::of, List.of()),
                null,
                new FakeActions(),
                TestAccess.named(Browser.NAME),
                SECOND);
        Tab tab =
            browser.open(
                "http://" + Browser.NAME + ":" + server.port() + "/#meters",
                390,
                ColorScheme.LIGHT,
                "zh-CN")) {
      assertEquals(false, tab.page().evaluate("() => isSecureContext"));
      assertThat(tab.page().locator(".cards li")).hasCount(8);
      assertThat(tab.page().locator("#chips")).containsText("实时");
      tab.assertQuiet();
    }
  }

  @Test
  void neitherThePhonesDateNorItsZoneChangesWhatIsShown() throws IOException {
    ShownSite site = ShownSite.good(folder).stale("pv1", 42_000);
    try (StatusServer server = site.serve(SECOND, kept.pages());
        Tab here =
            browser.open(
                url(server),
                Browser.options(390).setLocale("zh-CN").setTimezoneId("Asia/Shanghai"));
        Tab there =
            browser.open(
                "about:blank",
                Browser.options(390).setLocale("zh-CN").setTimezoneId("America/New_York"))) {
      there.page().clock().install();
      there.page().clock().setFixedTime("2020-06-01T00:00:00Z");
      there.page().navigate(url(server));
      for (Tab tab : List.of(here, there)) {
        assertThat(tab.page().locator("svg.flow")).containsText("◷ 42 秒前");
      }
      assertEquals(shown(here), shown(there));
      assertEquals(
          "2020",
          there.page().evaluate("() => String(new Date().getFullYear())"),
          "the date is set");
    }
  }

  private static String shown(Tab tab) {
    return tab.page().locator("#screen").innerText().replaceAll("[0-9]+ 秒前", "秒前");
  }

  @Test
  void aServerThatSaysNothingIsNoticedAndTakenUpAgain() throws Exception {
    ShownSite site = ShownSite.good(folder);
    FrozenProxy proxy = new FrozenProxy();
    try (StatusServer server = site.serve(Duration.ofMillis(500), kept.pages());
        proxy;
        Tab tab =
            browser.open(
                "http://127.0.0.1:" + proxy.start(server.port()) + "/",
                Browser.options(390).setLocale("zh-CN"))) {
      assertThat(tab.page().locator("#chips li").first()).containsText("实时");
      tab.page().waitForTimeout(1500);
      tab.measureUntil("#chips li", "页面已断开");
      proxy.freeze();
      double noticed = tab.measured();
      System.out.printf("a frozen server is noticed after %.2f s%n", noticed);
      assertTrue(noticed > 3.5 && noticed < 6, "noticed after s: " + noticed);
      assertThat(tab.page().locator("#banners")).containsText("页面与网关的连接已断开");
      for (ColorScheme theme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
        tab.page().emulateMedia(new Page.EmulateMediaOptions().setColorScheme(theme));
        tab.assertFits();
        tab.assertAccessible();
        tab.keep(
            Browser.PICTURES.resolve(
                "disconnected-390-%s.png".formatted(theme.name().toLowerCase(Locale.ROOT))));
      }
      tab.page().waitForTimeout(2500);
      assertThat(tab.page().locator(".residual")).containsText(Pattern.compile("[6-9]|1[0-9] 秒前"));
      proxy.thaw();
      assertThat(tab.page().locator("#chips li").first()).containsText("实时", timeout(3_000));
      assertThat(tab.page().locator("#banners p")).hasCount(0);
    }
  }

  private static LocatorAssertions.ContainsTextOptions timeout(int millis) {
    return new LocatorAssertions.ContainsTextOptions().setTimeout(millis);
  }

  @Test
  void aPageThatFindsNoPlaceAsksEveryFiveSecondsAndSaysSo() throws Exception {
    ShownSite site = ShownSite.good(folder);
    try (StatusServer server = site.serve(SECOND, kept.pages())) {
      List<Socket> others = new ArrayList<>();
      try {
        for (int i = 0; i < 16; i++) {
          Socket other = new Socket(InetAddress.getLoopbackAddress(), server.port());
          other
              .getOutputStream()
              .write(
                  "GET /api/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
                      .getBytes(StandardCharsets.US_ASCII));
          other.getInputStream().read();
          others.add(other);
        }
        try (Tab tab = browser.open(url(server), 390, ColorScheme.LIGHT, "zh-CN")) {
          assertThat(tab.page().locator("#banners")).containsText("实时通道已满，本页每 5 秒刷新一次");
          site.storeFails(new Sentence("a new snapshot", "看得到新的快照"));
          assertThat(tab.page().locator(".todo")).containsText("看得到新的快照", timeout(7_000));
          tab.keep(Browser.PICTURES.resolve("polling-390-light.png"));
        }
      } finally {
        for (Socket other : others) {
          other.close();
        }
      }
    }
  }

  /**
   * All behind one address, as a router's: four have a stream, the others ask every five seconds.
   */
  @Test
  void tenPhonesAreServedAtOnce() throws Exception {
    ShownSite site = ShownSite.good(folder);
    List<Tab> tabs = new ArrayList<>();
    try (StatusServer server = site.serve(SECOND, kept.pages())) {
      for (int i = 0; i < 10; i++) {
        tabs.add(browser.open(url(server), 390, ColorScheme.LIGHT, "zh-CN"));
      }
      site.storeFails(new Sentence("a new snapshot", "看得到新的快照"));
      int live = 0;
      for (Tab tab : tabs) {
        assertThat(tab.page().locator(".todo")).containsText("看得到新的快照", timeout(7_000));
        live += tab.page().locator("#chips").textContent().contains("实时") ? 1 : 0;
      }
      assertEquals(LiveFeed.MOST_OF_ONE, live);
      assertEquals(live, streams(server));
    } finally {
      tabs.forEach(Tab::close);
    }
  }

  /**
   * What a page gains with each snapshot it has gained 86,400 times in a day: here a part of it.
   */
  @Test
  void aPageThatIsLeftOpenStaysAsLargeAsItWas() throws Exception {
    try (StatusServer server = ShownSite.good(folder).serve(SECOND, kept.pages());
        Tab tab = browser.open(url(server), 390, ColorScheme.LIGHT, "zh-CN")) {
      assertThat(tab.page().locator("svg.flow")).isVisible();
      CDPSession inside = tab.page().context().newCDPSession(tab.page());
      take(tab.page(), 300);
      // What the engine itself keeps grows once; what the page would keep grows each time.
      long[] grown = {Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE};
      for (int round = 0; round < 3 && grown[0] >= 300_000; round++) {
        long[] before = size(inside);
        take(tab.page(), 1_000);
        long[] after = size(inside);
        for (int i = 0; i < grown.length; i++) {
          grown[i] = Math.min(grown[i], after[i] - before[i]);
        }
        System.out.printf(
            Locale.ROOT,
            "1,000 snapshots: %d bytes and %d nodes more%n",
            after[0] - before[0],
            after[1] - before[1]);
      }
      assertTrue(grown[0] < 300_000, "bytes more: " + grown[0]);
      assertTrue(grown[1] < 50, "nodes more: " + grown[1]);
      assertTrue(grown[2] <= 0, "listeners more: " + grown[2]);
    }
  }

  /** So many snapshots, each a second later and with other values. */
  private static void take(Page page, int count) {
    page.evaluate(
        """
        async (count) => {
          const { keep, redraw, snapshot } = await import('/app.js');
          const text = JSON.stringify(snapshot);
          for (let i = 0; i < count; i++) {
            const fresh = JSON.parse(text);
            fresh.now += i * 1000;
            fresh.devices.flatMap(({ values }) => values).forEach((value) => { value.v += i % 7; });
            keep(fresh);
            redraw();
            if (i % 100 === 99) await new Promise(requestAnimationFrame);
          }
        }\
        """,
        count);
  }

  /** Bytes of its heap, nodes and listeners, when all that can be is cleared away. */
  private static long[] size(CDPSession inside) {
    inside.send("HeapProfiler.enable");
    inside.send("HeapProfiler.collectGarbage");
    JsonObject counted = inside.send("Memory.getDOMCounters");
    return new long[] {
      inside.send("Runtime.getHeapUsage").get("usedSize").getAsLong(),
      counted.get("nodes").getAsLong(),
      counted.get("jsEventListeners").getAsLong()
    };
  }

  @Test
  void aHiddenPageListensToNothing() throws Exception {
    try (StatusServer server = ShownSite.good(folder).serve(SECOND, kept.pages());
        Tab tab = browser.open(url(server), 390, ColorScheme.LIGHT, "zh-CN")) {
      assertThat(tab.page().locator("#chips")).containsText("实时");
      hide(tab.page(), true);
      for (int i = 0; i < 100 && streams(server) > 0; i++) {
        Thread.sleep(50);
      }
      assertEquals(0, streams(server));
      hide(tab.page(), false);
      for (int i = 0; i < 100 && streams(server) == 0; i++) {
        Thread.sleep(50);
      }
      assertEquals(1, streams(server));
    }
  }

  private static void hide(Page page, boolean hidden) {
    page.evaluate(
        "hidden => { Object.defineProperty(document, 'hidden', {value: hidden, configurable:"
            + " true}); document.dispatchEvent(new Event('visibilitychange')); }",
        hidden);
  }

  private static long streams(StatusServer server) throws Exception {
    try (var in = URI.create(url(server) + "metrics").toURL().openStream()) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return text.lines()
          .filter(line -> line.startsWith("lingtan_page_streams "))
          .mapToLong(line -> Long.parseLong(line.split(" ")[1]))
          .sum();
    }
  }

  @Test
  void whoWantsNoMotionGetsNone() throws IOException {
    try (StatusServer server = ShownSite.good(folder).serve(SECOND, kept.pages());
        Tab still =
            browser.open(url(server), Browser.options(390).setReducedMotion(ReducedMotion.REDUCE));
        Tab moving = browser.open(url(server), Browser.options(390))) {
      for (Tab tab : List.of(still, moving)) {
        assertThat(tab.page().locator("svg.flow")).isVisible();
      }
      assertEquals(0, still.page().evaluate("() => document.getAnimations().length"));
      assertTrue(
          ((Number) moving.page().evaluate("() => document.getAnimations().length")).intValue()
              > 0);
    }
  }

  @Test
  void aMeterThatAnswersWhileItsRatioCheckIsOpenCanBeCompared() throws IOException {
    ShownSite site = ShownSite.good(folder).never("house");
    try (StatusServer server = site.serve(SECOND, kept.pages());
        Tab tab =
            browser.open(
                url(server) + "#commission/ratio/house", 390, ColorScheme.LIGHT, "zh-CN")) {
      Page page = tab.page();
      assertThat(page.locator("#screen .notice")).hasText("○ 无数据");
      assertThat(page.locator("#screen button.main")).isDisabled();
      tab.assertAccessible();
      site.reads("house", "power", 32_100, "voltage_l1", 230);
      assertThat(page.locator("[name=point] option")).hasCount(2);
      assertThat(page.locator("[name=unit] option").first()).hasText("kW");
      assertThat(page.locator("#screen button.main")).isEnabled();
      assertThat(page.locator("#screen .notice")).hasCount(0);
      page.locator("[name=point]").selectOption("voltage_l1");
      site.reads("house", "power", 32_100, "voltage_l1", 230, "current_l1", 50);
      assertThat(page.locator("[name=point] option")).hasCount(3);
      assertThat(page.locator("[name=point]")).hasValue("voltage_l1");
      assertThat(page.locator("[name=unit] option").first()).hasText("V");
      tab.assertQuiet();
    }
  }

  @Test
  void arrowsMoveFromTabToTabAndTheLanguageIsRemembered() throws IOException {
    try (StatusServer server = ShownSite.good(folder).serve(SECOND, kept.pages());
        Tab tab = browser.open(url(server), 390, ColorScheme.LIGHT, "zh-CN")) {
      Page page = tab.page();
      page.locator("[role=tab][aria-selected=true]").focus();
      page.keyboard().press("ArrowRight");
      assertThat(page.locator("[role=tab][aria-selected=true]")).hasText("仪表");
      assertThat(page.locator("[role=tab][aria-selected=true]")).isFocused();
      page.keyboard().press("End");
      page.keyboard().press("ArrowRight");
      assertThat(page.locator("[role=tab][aria-selected=true]")).hasText("总览");
      page.locator("[data-language=en]").click();
      assertThat(page.locator("[role=tab][aria-selected=true]")).hasText("Overview");
      page.reload();
      assertThat(page.locator("[role=tab][aria-selected=true]")).hasText("Overview");
      tab.assertQuiet();
    }
  }
}
