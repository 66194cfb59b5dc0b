package io.lingtan.simulator.live;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.Media;
import io.lingtan.testing.Browser;
import io.lingtan.testing.Browser.Tab;
import io.lingtan.testing.Mosquitto;
import io.lingtan.testing.Ports;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * A technician finds what is wired or set wrong on the demonstration site, by clicks alone: the
 * real agent reads meters that have the fault. Pictures are kept in {@code target/screens}.
 */
@RequiresTool({"chromium-headless-shell", "node"})
@Execution(ExecutionMode.SAME_THREAD)
@Timeout(240)
@SuppressWarnings("NullAway")
class CommissioningIT {

  private static final Path PICTURES = Path.of("target/screens");

  private static final Pattern STORAGE =
      Pattern.compile("(id: storage\\s+modbus-tcp: .*port: )(\\d+)");

  /** Cells of a table that have one word, and that word on two lines. */
  private static final String BROKEN_WORDS =
      """
      () => [...document.querySelectorAll('tbody th, tbody td')]
        .filter((cell) => /^\\w{4,16}$/.test(cell.textContent.trim()))
        .filter((cell) => {
          const range = document.createRange();
          range.selectNodeContents(cell);
          return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1;
        })
        .map((cell) => cell.textContent)\
      """;

  private static Browser browser;

  @TempDir Path folder;
  private final List<Process> processes = new ArrayList<>();
  private Path siteFile;
  private String page;

  @BeforeAll
  static void launch() {
    browser = new Browser();
  }

  @AfterAll
  static void quit() {
    browser.close();
  }

  @AfterEach
  void stop() throws InterruptedException {
    for (Process process : processes.reversed()) {
      process.destroyForcibly();
      process.waitFor(10, TimeUnit.SECONDS);
    }
  }

  private void java(String name, String main, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                main));
    command.addAll(List.of(arguments));
    processes.add(
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(name + ".log").toFile())
            .start());
  }

  /**
   * Serves the site with these faults, and has the agent read it.
   *
   * @param faults lines of a scenario
   * @param mistake what somebody has written into the site file
   */
  private void site(String faults, UnaryOperator<String> mistake) throws Exception {
    siteFile = folder.resolve("site.yaml");
    Path scenario =
        Files.writeString(
            folder.resolve("faults.yaml"), "site: demo-microgrid\nlasts: 6h\nfaults:\n" + faults);
    List<String> arguments =
        new ArrayList<>(List.of("run", "--port", "0", "--site-file", siteFile.toString()));
    if (!faults.isEmpty()) {
      arguments.addAll(List.of("--scenario", scenario.toString()));
    }
    java("site", "io.lingtan.simulator.Main", arguments.toArray(String[]::new));
    Path log = folder.resolve("site.log");
    for (int i = 0; i < 600 && !Files.readString(log).contains("Ctrl-C"); i++) {
      Thread.sleep(100);
    }
    int port = Ports.free();
    Files.writeString(
        siteFile,
        mistake.apply(
            Files.readString(siteFile).replaceAll("127\\.0\\.0\\.1:8080", "127.0.0.1:" + port)));
    java("agent", "io.lingtan.agent.Main", "run", "--config", siteFile.toString());
    for (int i = 0; i < 300 && !Ports.answers(port); i++) {
      Thread.sleep(100);
    }
    page = "http://127.0.0.1:" + port + "/";
  }

  /** By somebody who has given the PIN. */
  private Tab open(String route) throws IOException {
    Tab tab = openWithoutPin(route);
    tab.giveThePin(folder.resolve("secrets/pin"));
    return tab;
  }

  private Tab openWithoutPin(String route) {
    return browser.open(page + "#" + route, 390, ColorScheme.LIGHT, "zh-CN");
  }

  /** Opens a tool from the menu, as a person does. */
  private static void choose(Page page, String tool) {
    page.locator("#tab-commission").click();
    page.locator(".menu a:has(b:text-is('" + tool + "'))").click();
  }

  private static void keep(Tab tab, String name) {
    keepAfterARefusal(tab, name);
    tab.assertQuiet();
  }

  /** The browser complains of an answer that is a refusal. */
  private static void keepAfterARefusal(Tab tab, String name) {
    tab.assertFits();
    tab.assertAccessible();
    tab.keep(PICTURES.resolve("commission-" + name + "-390.png"));
  }

  private static Locator finding(Page page, String kind, String device) {
    return page.locator(".finding[data-kind=" + kind + "][data-device=" + device + "]");
  }

  private static LocatorAssertions.ContainsTextOptions soon() {
    return new LocatorAssertions.ContainsTextOptions().setTimeout(40_000);
  }

  private static LocatorAssertions.IsVisibleOptions visibleSoon() {
    return new LocatorAssertions.IsVisibleOptions().setTimeout(40_000);
  }

  @Test
  void aSiteThatIsWiredRightHasNoFinding() throws Exception {
    site("", text -> text);
    try (Tab tab = open("")) {
      choose(tab.page(), "接线核对");
      assertThat(tab.page().locator(".finding.good")).containsText("未发现接线问题", soon());
      assertThat(tab.page().locator(".finding.bad")).hasCount(0);
      Locator table = tab.page().locator("table").first();
      assertThat(table.locator("tr[data-key=grid]")).containsText(Pattern.compile("下网|上网|平衡"));
      assertThat(table.locator("tr[data-key=buildings]")).containsText("用电");
      keep(tab, "fine");
    }
  }

  @Test
  void aReversedTransformerIsFoundByTheTurnThatClosesTheBalance() throws Exception {
    site("  - {kind: reversed_ct, on: gate, at: 0s, for: 5h}\n", text -> text);
    try (Tab tab = open("")) {
      // Nothing shows while the grid's power is about 0, as at the beginning of this day.
      tab.page()
          .locator(".todo a[href='#commission/wiring']")
          .click(new Locator.ClickOptions().setTimeout(120_000));
      Locator found = finding(tab.page(), "reversed", "gate");
      assertThat(found).isVisible(visibleSoon());
      assertThat(found).containsText("grid（gate）：电流方向接反");
      assertThat(tab.page().locator(".finding.bad")).hasCount(1);
      keep(tab, "reversed");
      found.locator("[data-reverse=grid]").click();
      assertThat(tab.page().locator(".change .plus")).containsText("reverse: true", soon());
      keep(tab, "reversed-change");
      tab.page().locator(".change button.main").click();
      assertThat(tab.page().locator("[data-made]")).containsText("已生效", soon());
      assertThat(tab.page().locator(".finding.good")).containsText("未发现接线问题", soon());
    }
  }

  /**
   * Five faults of an unknown site, found and mended from the list on the overview alone, by
   * somebody who gives the PIN at the first change.
   */
  @Test
  @RequiresTool("mosquitto")
  void anUnknownSiteIsMendedFromWhatItsPageSaysIsToBeDone() throws Exception {
    Path allowed = Files.createDirectory(folder.resolve("broker")).resolve("acl");
    Files.writeString(
        allowed,
        """
        user wx-demo-001
        topic readwrite lingtan/v1/wx-demo-001/#
        user wx-demo-002
        topic readwrite lingtan/v1/wx-demo-002/#
        """);
    String[] port = new String[1];
    // Without a bound on its queues it also cuts whoever it refuses.
    try (Mosquitto broker =
        Mosquitto.start(
            folder.resolve("broker"), "acl_file " + allowed, "max_queued_messages 1000")) {
      site(
          "  - {kind: reversed_ct, on: house, at: 0s, for: 5h}\n",
          text -> {
            Matcher storage = STORAGE.matcher(text);
            assertTrue(storage.find(), text);
            port[0] = storage.group(2);
            return text.replace("ct: 80", "ct: 8")
                .replace("profile: eastron-sdm630, unit: 3", "profile: eastron-sdm630, unit: 7")
                .replace(storage.group(), storage.group(1) + "1")
                .replaceAll(
                    "mqtt: .*", "mqtt: {servers: [\"" + broker.url() + "\"], user: wx-demo-002}");
          });
      String wrong = Files.readString(siteFile);
      try (Tab tab = openWithoutPin("")) {
        mend(tab, port[0]);
        aRuleIsAllowedAtTheBroker(tab, broker, allowed);
      }
      String mended = Files.readString(siteFile);
      for (String each :
          List.of(
              "ct: 80",
              "port: " + port[0],
              "sdm630, unit: 3",
              "reverse: true",
              "user: \"wx-demo-001\"")) {
        assertTrue(mended.contains(each) && !wrong.contains(each), each + " in " + mended);
      }
      assertEquals("good-1\n", Files.readString(folder.resolve("secrets/page-password-1")));
    }
  }

  private void mend(Tab tab, String port) throws IOException {
    Page page = tab.page();
    page.evaluate(
        "() => { taps = 0; addEventListener('pointerdown', () => { taps += 1; }, true); }");
    for (String fault : List.of("线路 storage", "表内是 80", "仪表 comp", "（house）", "不允许本网关发布")) {
      assertThat(row(page, fault)).hasCount(1, inTime());
    }
    keep(tab, "todo");
    assertThat(page.locator("#chips")).containsText("MQTT 不让发布");
    repair(
        page,
        "dead TCP line",
        () -> {
          row(page, "线路 storage").click();
          type(page.locator("[name=port]"), port);
          page.locator("form[data-edit=line] button.main").click();
          page.locator("#pin").fill(pin());
          page.locator("dialog.pin button.main").click();
        });
    // What it was before can be written again: it is in use then, and brings nothing.
    writePort(page, "1");
    assertThat(page.locator("[data-made]")).containsText("但线路不通", soon());
    assertThat(page.locator("[data-made]")).not().containsText("Connection");
    writePort(page, port);
    assertThat(page.locator("[data-made]")).containsText("已生效", soon());
    repair(
        page,
        "CT 8 for 80",
        () -> {
          row(page, "表内是 80").click();
          assertThat(page.locator("#screen")).containsText("在变比改对之前不采信");
          page.locator("[data-kind=contradicted] [data-propose]").click();
          assertThat(page.locator(".change .plus")).containsText("ct: 80", soon());
        });
    // Judged again before it is good, and an alarm until then.
    Locator ratio = page.locator("[data-kind=contradicted] h3");
    if (ratio.innerText().contains("正在重新核对")) {
      assertThat(page.locator("#chips")).containsText("块告警");
    }
    assertThat(ratio).hasText("● 变比已一致，读数恢复采信", inTimeAsText());
    repair(
        page,
        "unit 7 for 3",
        () -> {
          row(page, "仪表 comp").click();
          page.locator("form button.main").click();
          finding(page, "unit", "comp").locator("[data-propose='改为站号 3']").click();
        });
    assertThat(page.locator("[data-kind=unit] h3")).hasText("● 已改好，仪表有应答", inTimeAsText());
    // The rest by somebody who reads English.
    page.locator("[data-language=en]").click();
    repair(
        page,
        "reversed CT",
        () -> {
          row(page, "(house)").click();
          page.locator(".finding [data-reverse=buildings]").click();
        });
    repair(
        page,
        "the broker's ACL",
        () -> {
          row(page, "does not let this gateway publish").click();
          type(page.locator("[name=user]"), "wx-demo-001");
          type(page.locator("[name=password]"), "good-1");
          page.locator("form[data-edit=broker] button.main").click();
        });
    // A first link that is scrolled out of sight is taken for one that skips to the content.
    page.evaluate("() => { document.querySelector('#tabs').scrollLeft = 0; }");
    keepAfterARefusal(tab, "broker");
    page.locator("#tab-overview").click();
    assertThat(page.locator(".calm")).hasText("● Nothing to do", inTimeAsText());
    assertThat(page.locator("#chips")).containsText("meters 8/8");
    assertThat(page.locator("#chips")).containsText("MQTT connected");
  }

  private static void writePort(Page page, String port) {
    type(page.locator("[name=port]"), port);
    page.locator("form[data-edit=line] button.main").click();
    page.locator(".change button.main").click();
  }

  /** The account is right, and the broker's people have to allow a topic: nothing here is wrong. */
  private void aRuleIsAllowedAtTheBroker(Tab tab, Mosquitto broker, Path allowed)
      throws IOException, InterruptedException {
    Page page = tab.page();
    String good = Files.readString(allowed);
    Files.writeString(
        allowed,
        good.replace(
            "topic readwrite lingtan/v1/wx-demo-001/#",
            "topic readwrite lingtan/v1/wx-demo-001/#\ntopic deny lingtan/v1/wx-demo-001/data/+"));
    broker.reload();
    Locator row = page.locator(".todo li").filter(has("lingtan/v1/wx-demo-001/data/"));
    assertThat(row).containsText("and 5 more", soon());
    assertThat(row.locator("pre")).hasText("topic write lingtan/v1/wx-demo-001/data/#");
    // Long enough that by itself it would not be tried in the time that a try at once takes.
    assertThat(row).containsText(Pattern.compile("Tried by itself in (8|9|1[0-9]) s"), soon());
    keepAfterARefusal(tab, "refused");
    page.evaluate("() => { taps = 0; }");
    row.locator("a").click();
    assertThat(page.locator("#screen h2").first())
        .containsText("does not let this gateway publish");
    String rule = page.locator("#screen .refused pre").innerText();
    long begun = System.nanoTime();
    Files.writeString(allowed, good + rule.replace("topic write ", "# was lacking: "));
    broker.reload();
    page.locator("[data-retry]").click();
    assertThat(page.locator("#chips")).containsText("MQTT connected", soon());
    double seconds = (System.nanoTime() - begun) / 1e9;
    int taps = ((Number) page.evaluate("() => taps")).intValue();
    System.out.printf("a refused topic: %d taps, %.1f s until it was shown good%n", taps, seconds);
    assertTrue(seconds < 6, "seconds: " + seconds);
    assertEquals(2, taps);
    assertThat(page.locator("#screen .refused")).hasCount(0);
    page.locator("#tab-overview").click();
    assertThat(page.locator(".calm")).hasText("● Nothing to do", inTimeAsText());
  }

  private static Locator.FilterOptions has(String text) {
    return new Locator.FilterOptions().setHasText(text);
  }

  private static Locator row(Page page, String text) {
    return page.locator(".todo a").filter(new Locator.FilterOptions().setHasText(text));
  }

  private static void type(Locator field, String text) {
    field.click();
    field.fill(text);
  }

  private String pin() {
    try {
      return Files.readAllLines(folder.resolve("secrets/pin")).getFirst();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static LocatorAssertions.HasCountOptions inTime() {
    return new LocatorAssertions.HasCountOptions().setTimeout(120_000);
  }

  private static LocatorAssertions.HasTextOptions inTimeAsText() {
    return new LocatorAssertions.HasTextOptions().setTimeout(60_000);
  }

  /** From the overview to a change that is looked at, written and in use. */
  private static void repair(Page page, String fault, Runnable untilTheChangeIsShown) {
    page.locator("#tab-overview").click();
    page.evaluate("() => { taps = 0; }");
    long begun = System.nanoTime();
    untilTheChangeIsShown.run();
    page.locator(".change button.main").click();
    assertThat(page.locator("[data-made].soft")).isVisible(visibleSoon());
    double seconds = (System.nanoTime() - begun) / 1e9;
    int taps = ((Number) page.evaluate("() => taps")).intValue();
    System.out.printf("%s: %d taps, %.1f s until it was in use%n", fault, taps, seconds);
    assertTrue(taps >= 3 && taps <= 6, fault + " took taps: " + taps);
    assertTrue(seconds <= 60, fault + " took seconds: " + seconds);
  }

  @Test
  void aMeterIsChangedAndTakenOutAndPutBackAtThePage() throws Exception {
    site("", text -> text);
    try (Tab tab = open("meters/comp")) {
      Page page = tab.page();
      page.locator("a[href='#commission/meter/comp']").click();
      Locator form = page.locator("form[data-edit=settings]");
      assertThat(form.locator("[name=profile]")).hasValue("eastron-sdm630");
      assertThat(page.locator("#profiles option[value=acrel-adl400]"))
          .hasText(Pattern.compile("安科瑞 · 电表.*"));
      form.locator("button.main").click();
      assertThat(page.locator("#screen")).containsText("没有要改的。");
      form.locator("[name=every]").fill("500ms");
      form.locator("[name=rated_kw]").fill("45");
      keep(tab, "settings");
      form.locator("button.main").click();
      assertThat(page.locator(".change .plus")).hasCount(2);
      page.locator(".change button.main").click();
      assertThat(page.locator("[data-made]")).containsText("已生效", soon());
      String changed = Files.readString(siteFile);
      assertTrue(changed.contains("unit: 3, every: 500ms") && changed.contains("rated_kw: 45"));
      page.locator("[data-propose='删除这块仪表']").click();
      assertThat(page.locator(".change .minus")).hasCount(2);
      keep(tab, "remove");
      page.locator(".change button.main").click();
      assertThat(page.locator("[data-made]")).containsText("已生效", soon());
      assertThat(page.locator("#chips")).containsText("仪表 7/7", soon());
      assertTrue(!Files.readString(siteFile).contains("comp"));
      choose(page, "站点文件");
      page.locator("[data-propose='撤销上一次改动']").click();
      page.locator(".change button.main").click();
      assertThat(page.locator("[data-made]")).containsText("已生效", soon());
      assertEquals(changed, Files.readString(siteFile));
      assertThat(page.locator("#chips")).containsText("仪表 8/8", soon());
      theGatewayIsSetAtThePage(tab);
    }
  }

  /** Factors, tariff, broker and PIN, and what is said of values that cannot be. */
  private void theGatewayIsSetAtThePage(Tab tab) throws IOException {
    Page page = tab.page();
    choose(page, "网关设置");
    keep(tab, "gateway");
    page.locator(".menu a:has(b:text-is('上送'))").click();
    Locator form = page.locator("form[data-edit=broker]");
    form.locator("[name=user]").fill("gw-1");
    keep(tab, "gateway-broker");
    form.locator("[name=servers]").fill("broker.example");
    form.locator("button.main").click();
    Locator alert = page.locator("#screen [role=alert]");
    assertThat(alert).hasText("servers 不能是“broker.example”：写成 mqtts://主机:8883 或 mqtt://主机:1883。");
    set(page, "carbon", () -> page.locator("[data-list=accept] [value=unconfirmed]").check());
    set(page, "tariff", () -> page.locator("[data-list=tariff] [value=jiangsu-2025]").check());
    keepAfterARefusal(tab, "gateway-tariff");
    page.evaluate("() => { location.hash = '#commission/settings/page'; }");
    page.locator("[name=pin]").fill("1234");
    page.locator("form[data-edit=page] button.main").click();
    assertThat(alert).hasText("没有采用：PIN 是 6 到 32 位字母或数字。");
    keepAfterARefusal(tab, "gateway-pin");
    set(page, "page", () -> page.locator("[name=pin]").fill("neu4711"));
    String set = Files.readString(siteFile);
    for (String each :
        List.of(
            "accept: [unconfirmed]",
            "tariff: [jiangsu-2025]",
            "pin_file: \"secrets/page-pin-1\"")) {
      assertTrue(set.contains(each), each + " in " + set);
    }
    // Another PIN holds from now on.
    page.context().clearCookies();
    page.evaluate("() => { location.hash = '#commission/settings/carbon'; }");
    page.locator("#pin").fill("neu4711");
    page.locator("dialog.pin button.main").click();
    assertThat(page.locator("[data-list=accept] [value=unconfirmed]")).isChecked();
  }

  private static void set(Page page, String part, Runnable change) {
    page.evaluate("part => { location.hash = '#commission/settings/' + part; }", part);
    assertThat(page.locator("form[data-edit=" + part + "]")).isVisible(visibleSoon());
    change.run();
    page.locator("form[data-edit=" + part + "] button.main").click();
    page.locator(".change button.main").click();
    assertThat(page.locator("[data-made]")).containsText("已生效", soon());
  }

  @Test
  void exchangedPhasesAreFoundByTheirPowerFactors() throws Exception {
    site("  - {kind: swapped_phase, on: house, at: 0s, for: 5h}\n", text -> text);
    try (Tab tab = open("")) {
      choose(tab.page(), "接线核对");
      Locator found = finding(tab.page(), "swapped", "house");
      assertThat(found).isVisible(visibleSoon());
      assertThat(found).containsText("A、B 两相互感器互换");
      assertThat(tab.page().locator(".finding.bad")).hasCount(1);
      keep(tab, "swapped");
    }
  }

  @Test
  void aRatioThatIsCountedTwiceIsFoundByWhatTheDisplayShows() throws Exception {
    site("  - {kind: ratio_twice, on: house, at: 0s, for: 5h, ratio: 100}\n", text -> text);
    try (Tab tab = open("")) {
      Page page = tab.page();
      choose(page, "接线核对");
      Locator found = finding(page, "ratio", "house");
      assertThat(found).isVisible(visibleSoon());
      assertThat(found).containsText("读数大约是实际的 100 倍");
      keep(tab, "ratio-balance");
      found.locator("a").click();
      page.locator("[name=point]").selectOption("power");
      // What the display shows: the house takes what the other meters leave.
      page.locator("[name=shown]").fill("%.1f".formatted(othersKilowatts(page)));
      page.locator("button.main").click();
      assertThat(page.locator(".finding.bad h3"))
          .containsText(
              Pattern.compile("读数是表盘的 (9|10)[0-9]\\.?[0-9]? ?倍|读数是表盘的 100 倍|读数是表盘的 1[01][0-9] 倍"),
              soon());
      assertThat(page.locator("[data-cause=meter_ratio]")).containsText("寄存器是表盘的 100 倍");
      keep(tab, "ratio");
    }
  }

  private static double othersKilowatts(Page page) {
    Map<?, ?> flow =
        (Map<?, ?>) page.evaluate("async () => (await (await fetch('/api/snapshot')).json()).flow");
    double sum = 0;
    for (Object each : (List<?>) flow.get("meters")) {
      Map<?, ?> meter = (Map<?, ?>) each;
      if (!meter.get("device").equals("house") && meter.get("w") != null) {
        sum += ((Number) meter.get("w")).doubleValue();
      }
    }
    return sum / 1000;
  }

  @Test
  void aWrongUnitIdIsFoundByAScanWhileCollectionGoesOn() throws Exception {
    site(
        "",
        text ->
            text.replace("profile: eastron-sdm630, unit: 2", "profile: eastron-sdm630, unit: 7"));
    assertTrue(Files.readString(siteFile).contains("unit: 7"), "the mistake is made");
    try (Tab tab = open("")) {
      Page page = tab.page();
      assertThat(page.locator("#chips")).containsText("仪表 7/8", soon());
      choose(page, "线路扫描");
      page.locator("[name=line]").selectOption("switchboard");
      page.locator("[name=to]").fill("120");
      long before = polls(page, "gate");
      long begun = System.nanoTime();
      page.locator("button.main").click();
      Locator found = finding(page, "unit", "house");
      assertThat(found).isVisible(new LocatorAssertions.IsVisibleOptions().setTimeout(120_000));
      assertThat(found).containsText("house 的站号写错了：7 → 2");
      assertThat(found.locator("[data-propose]")).isInViewport();
      assertThat(page.locator("[data-unit='2']")).containsText("疑似型号：eastron-sdm630");
      assertThat(page.locator("[data-unit='1']")).containsText("站点文件里的 gate");
      long seconds = (System.nanoTime() - begun) / 1_000_000_000L;
      long polled = polls(page, "gate") - before;
      assertTrue(polled >= seconds / 2 - 1, polled + " polls in " + seconds + " s of a scan");
      keep(tab, "scan");
      String wrong = Files.readString(siteFile);
      found.locator("[data-propose]").click();
      assertThat(page.locator(".change .minus")).containsText("unit: 7", soon());
      assertThat(page.locator(".change .plus")).containsText("unit: 2");
      keep(tab, "scan-change");
      assertEquals(wrong, Files.readString(siteFile), "a proposal changes nothing");
      page.locator(".change button.main").click();
      assertThat(page.locator("[data-made]")).containsText("已生效", soon());
      assertThat(page.locator("#chips")).containsText("仪表 8/8", soon());
      assertEquals(
          wrong.replace("eastron-sdm630, unit: 7", "eastron-sdm630, unit: 2"),
          Files.readString(siteFile));
      choose(page, "站点文件");
      page.locator("[data-propose]").click();
      assertThat(page.locator(".change .plus")).containsText("unit: 7", soon());
      keep(tab, "revert");
      page.locator(".change button.main").click();
      assertThat(page.locator("[data-made]")).containsText("已生效", soon());
      assertEquals(wrong, Files.readString(siteFile));
    }
  }

  @Test
  void aMeterIsAddedFromTheFormAfterItsLoadWasShown() throws Exception {
    site("", CommissioningIT::withoutCompressor);
    try (Tab tab = open("")) {
      Page page = tab.page();
      assertThat(page.locator("#chips")).containsText("仪表 7/7", soon());
      choose(page, "站点文件");
      Locator form = page.locator("form[data-edit=add_device]");
      form.locator("[name=line]").selectOption("switchboard");
      form.locator("[name=id]").fill("comp");
      form.locator("[name=profile]").fill("eastron-sdm630");
      form.locator("[name=unit]").fill("3");
      form.locator("[name=every]").fill("1s");
      form.locator("[name=role]").selectOption("compressor");
      form.locator("[name=rated_kw]").fill("30");
      form.locator("button.main").click();
      Locator change = page.locator(".change");
      assertThat(change).containsText("线路 switchboard 占用", soon());
      assertThat(change.locator(".plus").first())
          .containsText("{id: comp, profile: eastron-sdm630, unit: 3, every: 1s}");
      String before = Files.readString(siteFile);
      change.locator("[data-preview]").click();
      assertThat(change.locator("pre[aria-label='lingtan/v1/wx-demo-001/data/comp']"))
          .containsText(
              Pattern.compile("\"epoch\": \"preview\"[^}]*\"voltage_l1\": 2[0-9]{2}"), soon());
      assertThat(change.locator("pre[aria-label='lingtan/v1/wx-demo-001/meta/comp']"))
          .containsText("eastron-sdm630");
      assertThat(change.locator("pre[aria-label='lingtan/v1/wx-demo-001/meta']"))
          .containsText("\"role\": \"compressor\"");
      assertEquals(before, Files.readString(siteFile), "looking writes nothing");
      keep(tab, "add");
      change.locator("button.main").click();
      assertThat(page.locator("[data-made]")).containsText("已生效", soon());
      assertThat(page.locator("#chips")).containsText("仪表 8/8", soon());
    }
  }

  private static String withoutCompressor(String text) {
    return text.replaceAll("(?m)^ *- \\{id: comp, .*\n", "")
        .replaceAll("(?m)^ *- \\{id: compressor, .*\n", "");
  }

  @Test
  void aMeterThatAScanFoundIsAdded() throws Exception {
    site("", CommissioningIT::withoutCompressor);
    try (Tab tab = open("")) {
      Page page = tab.page();
      assertThat(page.locator("#chips")).containsText("仪表 7/7", soon());
      choose(page, "线路扫描");
      page.locator("[name=line]").selectOption("switchboard");
      page.locator("[name=to]").fill("4");
      page.locator("button.main").click();
      Locator found = page.locator("[data-unit='3']");
      assertThat(found).containsText("站点文件里没有", soon());
      assertThat(page.locator("#screen")).containsText("扫描结束", soon());
      found.locator("summary").click();
      Locator form = found.locator("form[data-edit=add_device]");
      assertThat(form.locator("[name=unit]")).hasValue("3");
      assertThat(form.locator("[name=line]")).hasValue("switchboard");
      assertThat(form.locator("[name=profile]")).hasValue("eastron-sdm630");
      form.locator("[name=id]").fill("comp");
      form.locator("button.main").click();
      assertThat(page.locator(".change .plus").first())
          .containsText("{id: comp, profile: eastron-sdm630, unit: 3, every: 5s}", soon());
      keep(tab, "scan-add");
      page.locator(".change button.main").click();
      assertThat(page.locator("[data-made]")).containsText("已生效", soon());
      assertThat(page.locator("#chips")).containsText("仪表 8/8", soon());
      assertTrue(Files.readString(siteFile).contains("{id: comp, profile: eastron-sdm630"));
    }
  }

  /** Which ports there are is the machine's, and {@code PortCheckTest}'s, to say. */
  @Test
  void aSerialLineIsAddedOnAPortOfTheList() throws Exception {
    site("", text -> text);
    try (Tab tab = open("")) {
      Page page = tab.page();
      choose(page, "站点文件");
      Locator form = page.locator("form[data-edit=add_line]");
      form.locator("[name=id]").fill("rs485-9");
      String[] listed = {"[]", "[\"/dev/serial/by-path/pci-0-usb-1\",\"/dev/ttyAMA9\"]"};
      for (String ports : listed) {
        page.route(
            "**/api/action/ports",
            route ->
                route.fulfill(
                    new Route.FulfillOptions()
                        .setContentType("application/json")
                        .setBody("{\"ports\":" + ports + "}")));
        form.locator("[name=kind]").selectOption("modbus-tcp");
        form.locator("[name=kind]").selectOption("serial");
        assertThat(form.locator("select[name=port]"))
            .containsText(ports.equals("[]") ? "没有发现串口" : "/dev/ttyAMA9");
        tab.assertFits();
        tab.assertAccessible();
      }
      assertThat(form.locator("[name=host]")).isHidden();
      assertThat(form.locator("select[name=port] option")).hasCount(2);
      form.locator("select[name=port]").selectOption("/dev/ttyAMA9");
      form.locator("[name=parity]").selectOption("even");
      form.locator("button.main").click();
      String line =
          "{id: rs485-9, serial: {port: \"/dev/ttyAMA9\", baud: 9600, parity: even}, devices: []}";
      assertThat(page.locator(".change .plus")).containsText(line, soon());
      keep(tab, "add-line");
      page.locator(".change button.main").click();
      assertThat(page.locator("[data-made]")).containsText("已生效", soon());
      assertTrue(Files.readString(siteFile).contains(line));
      // Without going away and coming back.
      assertThat(page.locator("form[data-edit=add_device] [name=line]"))
          .containsText("rs485-9", soon());
      // A DL/T 645 meter on it, which speaks in a form of its own.
      Locator meter = page.locator("form[data-edit=add_device]");
      meter.locator("[name=line]").selectOption("rs485-9");
      meter.locator("[name=id]").fill("ely2");
      meter.locator("[name=profile]").fill("dlt645-2007");
      meter.locator("[name=address]").fill("000000123456");
      meter.locator("[name=framing]").selectOption("2400 even");
      meter.locator("[name=every]").fill("10s");
      meter.locator("[name=role]").selectOption("h2_storage");
      assertThat(meter.locator("[name=volume_m3]")).isVisible();
      assertThat(meter.locator("[name=rated_kw]")).isHidden();
      meter.locator("[name=role]").selectOption("electrolyser");
      assertThat(meter.locator("[name=volume_m3]")).isHidden();
      meter.locator("[name=rated_kw]").fill("100");
      meter.locator("button.main").click();
      assertThat(page.locator(".change .plus").first())
          .containsText(
              "{id: ely2, profile: dlt645-2007, address: \"000000123456\", every: 10s,"
                  + " framing: {baud: 2400, parity: even}}",
              soon());
      keep(tab, "add-dlt645");
      // The same once more is refused, in the page's words.
      Locator again = page.locator("form[data-edit=add_line]");
      again.locator("[name=kind]").selectOption("dlt645");
      assertThat(again.locator("[name=baud]")).hasValue("2400");
      assertThat(again.locator("[name=parity]")).hasValue("even");
      again.locator("[name=kind]").selectOption("modbus-tcp");
      again.locator("[name=id]").fill("rs485-9");
      again.locator("[name=host]").fill("192.168.1.9");
      again.locator("button.main").click();
      assertThat(page.locator("#screen [role=alert]"))
          .containsText(Pattern.compile("这样改，站点文件就有错：第 \\d+ 行：线路 rs485-9 已有了，在第 \\d+ 行"), soon());
      assertThat(again.locator("[name=host]")).hasValue("192.168.1.9");
      keepAfterARefusal(tab, "add-line-refused");
    }
  }

  /** By a name that is not this machine's own, as a phone comes. */
  @Test
  void aWrongPinSaysSoAndLocksAndLosesNothingThatWasTyped() throws Exception {
    site("", text -> text.replace("listen: \"127.0.0.1:", "listen: \"0.0.0.0:"));
    String before = Files.readString(siteFile);
    String pin = Files.readAllLines(folder.resolve("secrets/pin")).getFirst();
    page = page.replace("127.0.0.1", "127.0.0.2");
    try (Tab tab = openWithoutPin("")) {
      Page page = tab.page();
      choose(page, "站点文件");
      Locator form = page.locator("form[data-edit=add_line]");
      form.locator("[name=id]").fill("hall-2");
      form.locator("[name=host]").fill("192.168.1.77");
      form.locator("button.main").click();
      Locator dialog = page.locator("dialog.pin");
      Locator said = dialog.locator("[role=alert]");
      for (int i = 1; i <= 4; i++) {
        dialog.locator("#pin").fill("00000" + i);
        Response answer =
            page.waitForResponse("**/api/session", () -> dialog.locator("button.main").click());
        assertEquals(401, answer.status());
        assertThat(said).hasText("PIN 不正确");
      }
      tab.assertFits();
      tab.assertAccessible();
      tab.keep(PICTURES.resolve("commission-pin-wrong-390.png"));
      dialog.locator("#pin").fill("000005");
      dialog.locator("button.main").click();
      assertThat(said).hasText(Pattern.compile("错误次数过多，请 (29|30) 秒后再试"));
      tab.keep(PICTURES.resolve("commission-pin-locked-390.png"));
      dialog.locator("#pin").fill(pin);
      dialog.locator("button.main").click();
      assertThat(said).hasText(Pattern.compile("错误次数过多，请 [0-9]+ 秒后再试"));
      assertThat(page.locator(".change")).hasCount(0);
      dialog.locator("button:not(.main)").click();
      assertThat(dialog).hasCount(0);
      assertThat(form.locator("[name=id]")).hasValue("hall-2");
      assertThat(form.locator("[name=host]")).hasValue("192.168.1.77");
      assertEquals(before, Files.readString(siteFile));
      Thread.sleep(31_000);
      form.locator("button.main").click();
      dialog.locator("#pin").fill(pin);
      dialog.locator("button.main").click();
      assertThat(page.locator(".change .plus"))
          .containsText("{id: hall-2, modbus-tcp: {host: \"192.168.1.77\", port: 502}", soon());
      assertThat(dialog).hasCount(0);
      assertThat(form.locator("[name=host]")).hasValue("192.168.1.77");
    }
  }

  /** Found good or wrong, or not looked at: the record says which, and anybody can check it. */
  @Test
  void aRecordOfWhatWasCheckedIsSignedAndAChangedByteIsRefused() throws Exception {
    site("", text -> text);
    try (Tab tab = open("")) {
      Page page = tab.page();
      compares(page, "voltage_l1", "230");
      assertThat(page.locator(".finding.good")).containsText("说明不了电流变比");
      keep(tab, "no-ratio");
      choose(page, "验收记录");
      assertThat(page.locator("#screen")).containsText(Pattern.compile("接线观察 [5-9] 次"), soon());
      page.locator("[name=technician]").fill("王工 <b>");
      page.locator("button.main").click();
      Locator made = page.locator("[data-record]");
      assertThat(made).containsText("已生成并签名", soon());
      assertThat(made).containsText("未核对");
      assertThat(page.locator(".kept")).hasCount(1);
      keep(tab, "record");
      String open = Files.readString(downloaded(made.getAttribute("data-record") + ".html"));
      assertTrue(open.contains("○ 未证明变比：须用总功率或电能核对"), open);
      assertTrue(open.contains("电压 A相: 读数 2"), open);
      page.locator("#tab-commission").click();
      assertThat(page.locator("[data-step=record]")).containsText("最近一份 acceptance-");
      compares(page, "energy_import", value(page, "house", "energy_import"));
      assertThat(page.locator(".finding.good")).not().containsText("说明不了电流变比");
      page.navigate(this.page + "#events");
      assertThat(
              page.locator(".event")
                  .filter(new Locator.FilterOptions().setHasText("energy_import")))
          .hasCount(1, new LocatorAssertions.HasCountOptions().setTimeout(20_000));
      choose(page, "验收记录");
      page.locator("[name=technician]").fill("王工 <b>");
      page.locator("button.main").click();
      assertThat(made).containsText("已生成并签名", soon());
      assertThat(page.locator(".kept")).hasCount(2);
      for (String type : List.of("html", "csv")) {
        Path file = downloaded(made.getAttribute("data-record") + "." + type);
        String text = Files.readString(file);
        assertTrue(text.contains("● 正向有功电能: 读数"), text);
        assertTrue(text.contains("○ 未核对"), text);
        assertTrue(text.contains("平衡差在允许范围内"), text);
        verify(file, 0);
        byte[] changed = Files.readAllBytes(file);
        changed[text.getBytes(StandardCharsets.UTF_8).length / 2] ^= 1;
        Files.write(file, changed);
        verify(file, 1);
      }
      page.navigate(this.page + "#events");
      assertThat(page.locator(".event-list")).containsText("生成了一份验收记录", soon());
    }
  }

  private static void compares(Page page, String point, String shown) {
    choose(page, "倍率核对");
    page.locator(".menu a").filter(new Locator.FilterOptions().setHasText("house")).click();
    page.locator("[name=point]").selectOption(point);
    page.locator("[name=shown]").fill(shown);
    page.locator("button.main").click();
    assertThat(page.locator(".finding.good h3")).containsText("一致", soon());
  }

  private static String value(Page page, String device, String point) {
    return String.valueOf(
        page.evaluate(
            "async ([id, p]) => (await (await fetch('/api/snapshot')).json()).devices"
                + ".find(d => d.id === id).values.find(v => v.p === p).v",
            List.of(device, point)));
  }

  private Path downloaded(String name) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      Path file = folder.resolve(name);
      HttpResponse<Path> response =
          client.send(
              HttpRequest.newBuilder(URI.create(page + "acceptance/" + name)).build(),
              HttpResponse.BodyHandlers.ofFile(file));
      assertEquals(200, response.statusCode());
      if (name.endsWith(".html")) {
        // What a phone or a printer makes of the file, from the disk and with nothing beside it.
        for (int width : new int[] {320, 390, 1100}) {
          try (Tab shown = browser.open("file://" + file, width, ColorScheme.LIGHT, "zh-CN")) {
            shown.assertFits();
            shown.assertAccessible();
            shown.keep(PICTURES.resolve("acceptance-" + width + ".png"));
            assertEquals(List.of(), shown.page().evaluate(BROKEN_WORDS), "words cut in the middle");
            assertEquals(List.of("file://" + file), shown.asked());
          }
        }
        printed(file);
      }
      return file;
    }
  }

  /** On paper, A4: nothing is cut off at the right, and rows stay whole. */
  private void printed(Path file) {
    int width = 794 - 2 * 38; // px at 96 dpi, less margins of 10 mm
    try (Tab paper = browser.open("file://" + file, width, ColorScheme.LIGHT, "zh-CN")) {
      paper.page().emulateMedia(new Page.EmulateMediaOptions().setMedia(Media.PRINT));
      assertThat(paper.page().locator("tr").first()).hasCSS("break-inside", "avoid");
      assertThat(paper.page().locator("main")).hasCSS("padding-left", "0px");
      paper.assertFits();
      paper.keep(PICTURES.resolve("acceptance-print.png"));
      byte[] pdf =
          paper
              .page()
              .pdf(
                  new Page.PdfOptions()
                      .setFormat("A4")
                      .setPath(PICTURES.resolve("acceptance.pdf")));
      assertTrue(new String(pdf, 0, 5, StandardCharsets.US_ASCII).equals("%PDF-"), "a PDF");
      assertTrue(pdf.length > 10_000, "bytes: " + pdf.length);
    }
  }

  /** As an auditor does it, with the key that the gateway has published. */
  private void verify(Path file, int expected) throws Exception {
    Path key = folder.resolve("gw.key");
    try (HttpClient client = HttpClient.newHttpClient()) {
      client.send(
          HttpRequest.newBuilder(URI.create(page + "api/key")).build(),
          HttpResponse.BodyHandlers.ofFile(key));
    }
    java("verify", "io.lingtan.agent.Main", "verify", "--key", key.toString(), file.toString());
    assertTrue(processes.getLast().waitFor(60, TimeUnit.SECONDS));
    String said = Files.readString(folder.resolve("verify.log"));
    assertEquals(expected, processes.getLast().exitValue(), said);
    assertTrue(said.contains(expected == 0 ? "GOOD" : "BAD"), said);
  }

  @Test
  @RequiresTool("zbarimg")
  void thePresentStateIsTakenAlongAsACode() throws Exception {
    site("", text -> text);
    try (Tab tab = open("")) {
      Page page = tab.page();
      assertThat(page.locator("#chips")).containsText("仪表 8/8", soon());
      choose(page, "现场交接");
      Locator text = page.locator("textarea");
      assertThat(text).hasValue(Pattern.compile("仪表 8/8"));
      keep(tab, "handover");
      Path picture = folder.resolve("code.png");
      page.locator("svg.code").screenshot(new Locator.ScreenshotOptions().setPath(picture));
      Process zbar = new ProcessBuilder("zbarimg", "--quiet", "--raw", picture.toString()).start();
      String read = new String(zbar.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, zbar.waitFor());
      assertEquals(text.inputValue(), read.strip());
    }
  }

  /** Each tool for somebody who reads English, at night, on the narrowest phone. */
  @Test
  void eachToolFitsANarrowPhoneInEnglishAndInTheDark() throws Exception {
    site("", text -> text);
    for (String tool :
        List.of(
            "",
            "/wiring",
            "/ratio",
            "/ratio/house",
            "/scan",
            "/site",
            "/clock",
            "/record",
            "/handover")) {
      try (Tab tab = browser.open(page + "#commission" + tool, 320, ColorScheme.DARK, "en-US")) {
        Locator screen = tab.page().locator("#screen");
        assertThat(screen)
            .containsText(tool.isEmpty() ? "Looking needs no PIN" : "‹ Commissioning", soon());
        if (tool.equals("/wiring")) {
          assertThat(screen).containsText("No wiring fault found", soon());
        }
        if (tool.equals("/handover")) {
          assertThat(tab.page().locator("svg.code")).isVisible();
        }
        assertThat(screen).not().containsText(Pattern.compile("[\u4e00-\u9fff]"));
        tab.assertFits();
        // A first link that is scrolled out of sight is taken for one that skips to the content.
        tab.page()
            .evaluate(
                "() => document.querySelectorAll('nav, #tabs').forEach(e => e.scrollLeft = 0)");
        tab.assertAccessible();
        tab.assertQuiet();
        tab.keep(PICTURES.resolve("commission" + tool.replace('/', '-') + "-320-dark-en.png"));
      }
    }
  }

  @Test
  void aPhoneSetsTheClockAndWhatWaitedGetsItsTime() throws Exception {
    site("", text -> text.replace("clock: {trust: [system]}", "clock: {trust: [phone]}"));
    try (Tab tab = open("")) {
      Page page = tab.page();
      assertThat(page.locator("#chips")).containsText("未对时", soon());
      page.navigate(this.page + "#events");
      assertThat(page.locator(".event-list")).containsText("时间未知", soon());
      choose(page, "时钟");
      assertThat(page.locator("[data-clock]")).isEnabled();
      keep(tab, "clock");
      page.locator("[data-clock]").click();
      assertThat(page.locator("#screen")).containsText("已校时", soon());
      assertThat(page.locator("#chips")).containsText("对时正常", soon());
      page.navigate(this.page + "#events");
      assertThat(page.locator(".event-list")).containsText("有人用手机给网关校了时", soon());
      assertThat(page.locator(".event-list")).not().containsText("时间未知", soon());
    }
  }

  private static long polls(Page page, String device) {
    return number(page, "devices.find(d => d.id === '" + device + "').polls");
  }

  private static long number(Page page, String path) {
    return ((Number)
            page.evaluate("async () => (await (await fetch('/api/snapshot')).json())." + path))
        .longValue();
  }
}
