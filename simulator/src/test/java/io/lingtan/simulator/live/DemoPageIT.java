package io.lingtan.simulator.live;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import io.lingtan.testing.Browser;
import io.lingtan.testing.Browser.Tab;
import io.lingtan.testing.Mosquitto;
import io.lingtan.testing.Ports;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A person before the demonstration site's cabinet: site, broker, agent and browser are real, each
 * a process of its own. Pictures are kept in {@link Browser#PICTURES}.
 */
@RequiresTool({"chromium-headless-shell", "node", "mosquitto", "mosquitto_sub"})
@Timeout(240)
class DemoPageIT {

  private static final Pattern SWITCHBOARD =
      Pattern.compile("id: switchboard\\s+modbus-tcp: \\{host: 127\\.0\\.0\\.1, port: (\\d+)");

  /** As if its meters were behind a serial line: a read and a scan of it take their time. */
  private static final Duration EACH_WAY = Duration.ofMillis(20);

  @TempDir Path folder;
  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void stop() throws InterruptedException {
    for (Process process : processes.reversed()) {
      process.destroyForcibly();
      process.waitFor(10, TimeUnit.SECONDS);
    }
  }

  private Process java(String name, String main, String... arguments) throws IOException {
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
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(name + ".log").toFile())
            .start();
    processes.add(process);
    return process;
  }

  private static void signal(Process process, String signal)
      throws IOException, InterruptedException {
    String pid = Long.toString(process.pid());
    new ProcessBuilder("kill", "-" + signal, pid).inheritIO().start().waitFor();
  }

  private String log(String name) throws IOException {
    Path file = folder.resolve(name + ".log");
    return Files.exists(file) ? Files.readString(file) : "";
  }

  @Test
  void aTechnicianSeesWhatTheSiteDoesAndWhatIsWrongWithIt() throws Exception {
    Path brokerFolder = Files.createDirectory(folder.resolve("broker"));
    folder.toFile().setExecutable(true, false);
    Path file = folder.resolve("site.yaml");
    try (Mosquitto broker = Mosquitto.start(brokerFolder);
        Browser browser = new Browser()) {
      Process site =
          java(
              "site",
              "io.lingtan.simulator.Main",
              "run",
              "--port",
              "0",
              "--site-file",
              file.toString(),
              "--broker",
              broker.url());
      for (int i = 0; i < 600 && !(Files.exists(file) && log("site").contains("mbpoll")); i++) {
        Thread.sleep(100);
      }
      int port = Ports.free();
      String yaml = Files.readString(file).replaceAll("127\\.0\\.0\\.1:8080", "127.0.0.1:" + port);
      Matcher line = SWITCHBOARD.matcher(yaml);
      assertTrue(line.find(), yaml);
      try (SlowRelay slow = new SlowRelay(Integer.parseInt(line.group(1)))) {
        Files.writeString(
            file, yaml.substring(0, line.start(1)) + slow.port() + yaml.substring(line.end(1)));
        Process agent = java("agent", "io.lingtan.agent.Main", "run", "--config", file.toString());
        awaitPage(port);
        try (Tab tab =
            browser.open(
                "http://127.0.0.1:" + port + "/", Browser.options(390).setLocale("zh-CN"))) {
          looksAround(tab);
          tab.giveThePin(folder.resolve("secrets/pin"));
          slow.delay(EACH_WAY);
          readsByHand(tab);
          followsAValueToTheBroker(tab, broker);
          followsAValueThatCannotGo(tab, broker);
          seesThatSomebodyScans(
              tab, port, Files.readString(folder.resolve("journal.db.pass")).strip().split(" ")[1]);
          slow.delay(Duration.ZERO);
          missesTheMeters(tab, site);
          missesTheAgent(tab, agent);
          tab.assertQuiet();
        }
      }
    }
  }

  private static void awaitPage(int port) throws InterruptedException {
    for (int i = 0; i < 300; i++) {
      if (Ports.answers(port)) {
        return;
      }
      Thread.sleep(100);
    }
    throw new IllegalStateException("the agent's page does not come up");
  }

  private static void looksAround(Tab tab) {
    Page page = tab.page();
    assertThat(page.locator("#chips")).containsText("仪表 8/8", within(30));
    assertThat(page.locator("#chips")).containsText("MQTT 已连接", within(30));
    for (String part : List.of("光伏 · ", "电网 · ", "储能 · ", "负荷 · 用电", "制氢 · ")) {
      assertThat(page.locator("svg.flow")).containsText(part);
    }
    assertThat(page.locator(".residual"))
        .containsText(Pattern.compile("平衡差 −?[0-9.]+ kW"), within(30));
    tab.assertFits();
    tab.assertAccessible();
    tab.keep(Browser.PICTURES.resolve("demo-overview-390.png"));
    page.locator("#tab-uplink").click();
    assertThat(page.locator("#screen")).containsText("已确认到");
    assertThat(page.locator("#screen")).containsText("全部已送达", within(30));
    tab.assertAccessible();
    tab.keep(Browser.PICTURES.resolve("demo-uplink-390.png"));
  }

  private static void readsByHand(Tab tab) {
    Page page = tab.page();
    page.locator("#tab-meters").click();
    page.locator(".cards a").filter(new Locator.FilterOptions().setHasText("gate")).click();
    // What the polls got is there by itself, below the values.
    Locator polled =
        page.locator("section").filter(new Locator.FilterOptions().setHasText("最近一次采集"));
    assertThat(polled.locator(".chain")).containsText("int32 ABCD", within(30));
    assertThat(polled.locator(".chain")).containsText("ct·pt ×80");
    polled.locator("details:has(.chain) summary").click();
    assertThat(polled.locator(".chain")).isVisible();
    polled.locator("details:has(.frame) summary").click();
    assertThat(polled.locator(".frame").first()).containsText("01 03");
    tab.assertFits();
    tab.assertAccessible();
    tab.keep(Browser.PICTURES.resolve("demo-meter-polled-390.png"));
    page.locator("[data-read=gate]").click();
    assertThat(page.locator("#screen")).containsText("试读成功", within(30));
    Locator read = page.locator("section").filter(new Locator.FilterOptions().setHasText("试读成功"));
    assertThat(read.locator(".chain")).containsText("int32 ABCD");
    assertThat(read.locator(".chain")).containsText("ct·pt ×80");
    read.locator("details summary").click();
    assertThat(read.locator(".frame").first()).containsText("01 03");
    tab.assertFits();
    tab.assertAccessible();
    tab.keep(Browser.PICTURES.resolve("demo-meter-390.png"));
  }

  /** The record that the page names is the one that went over the wire. */
  private static void followsAValueToTheBroker(Tab tab, Mosquitto broker) throws Exception {
    Process listens =
        new ProcessBuilder(
                "mosquitto_sub",
                "-p",
                Integer.toString(broker.port()),
                "-V",
                "5",
                "-W",
                "30",
                "-C",
                "1",
                "-t",
                "lingtan/v1/wx-demo-001/data/gate")
            .start();
    String record = new String(listens.getInputStream().readAllBytes(), US_ASCII);
    Matcher number =
        Pattern.compile("\"epoch\":\"(\\w+)\",\"seq\":(\\d+).*\"power\":").matcher(record);
    assertTrue(number.find(), record);
    Page page = tab.page();
    Locator named = page.locator("[data-key='" + number.group(1) + number.group(2) + "']");
    assertThat(named).containsText("记录 #" + number.group(2), within(10));
    assertThat(named).containsText("● 已确认");
    assertThat(named).containsText("lingtan/v1/wx-demo-001/data/gate");
    assertThat(named).containsText(Pattern.compile("PUBACK 确认于 \\d\\d:\\d\\d:\\d\\d · 用时 \\d+ ms"));
    assertThat(named).containsText("功率");
    // By hand from the frame to the number, and from the same point's number to the broker.
    assertThat(page.locator(".chain .place").first())
        .containsText(Pattern.compile("→ #\\d+ ● 已确认|◷ 本记录周期未结束 · 上一条 #\\d+"));
    assertThat(page.locator("[data-point=power] .place")).hasCount(0);
    tab.assertFits();
    tab.assertAccessible();
    tab.keep(Browser.PICTURES.resolve("demo-passage-390.png"));
  }

  private static void followsAValueThatCannotGo(Tab tab, Mosquitto broker) throws Exception {
    Page page = tab.page();
    broker.stop();
    Locator waiting = page.locator(".passage [data-fate=waiting]");
    assertThat(waiting).containsText("◷ 待上送", within(30));
    assertThat(waiting).containsText("lingtan/v1/wx-demo-001/batch");
    assertThat(waiting).not().containsText("PUBACK");
    String text = page.evaluate("async () => (await fetch('/text')).text()").toString();
    assertTrue(text.contains("lingtan/v1/wx-demo-001/batch  待上送 waiting"), text);
    tab.assertFits();
    tab.assertAccessible();
    tab.keep(Browser.PICTURES.resolve("demo-passage-waiting-390.png"));
    broker.restart();
    assertThat(waiting).hasCount(0, new LocatorAssertions.HasCountOptions().setTimeout(60_000));
    assertThat(page.locator(".passage [data-fate=acked]").first()).containsText("PUBACK");
  }

  /** A command on the gateway, which gives up in the middle. */
  private static void seesThatSomebodyScans(Tab tab, int port, String pass) throws IOException {
    byte[] body = "{\"line\":\"switchboard\",\"thorough\":true}".getBytes(US_ASCII);
    String head =
        "POST /api/action/scan HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Lingtan: 1\r\n"
            + "Authorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                .formatted(pass, body.length);
    Locator banners = tab.page().locator("#banners");
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.getOutputStream().write(head.getBytes(US_ASCII));
      socket.getOutputStream().write(body);
      assertThat(banners).containsText("正在扫描线路 switchboard（本机命令", within(10));
      assertThat(banners).containsText("约剩", within(20));
      assertThat(tab.page().locator("#chips")).containsText("仪表 8/8");
      tab.keep(Browser.PICTURES.resolve("demo-busy-390.png"));
    }
    assertThat(banners).not().containsText("正在扫描", within(20));
  }

  private static void missesTheMeters(Tab tab, Process site) throws Exception {
    Page page = tab.page();
    page.locator("#tab-overview").click();
    signal(site, "STOP");
    try {
      assertThat(page.locator("#chips")).containsText("仪表 0/8", within(40));
      assertThat(page.locator(".residual")).containsText("平衡差 —");
      assertThat(page.locator("svg.flow .wire.flowing")).hasCount(0);
      tab.keep(Browser.PICTURES.resolve("demo-silent-390.png"));
    } finally {
      signal(site, "CONT");
    }
    assertThat(page.locator("#chips")).containsText("仪表 8/8", within(60));
  }

  private static void missesTheAgent(Tab tab, Process agent) throws Exception {
    Locator first = tab.page().locator("#chips li").first();
    assertThat(first).containsText("实时");
    tab.measureUntil("#chips li", "页面已断开");
    signal(agent, "STOP");
    try {
      double noticed = tab.measured();
      System.out.printf("a stopped agent is noticed after %.2f s%n", noticed);
      assertTrue(noticed < 6, "noticed after s: " + noticed);
      tab.keep(Browser.PICTURES.resolve("demo-disconnected-390.png"));
    } finally {
      signal(agent, "CONT");
    }
    assertThat(first).containsText("实时", within(5));
  }

  private static LocatorAssertions.ContainsTextOptions within(int seconds) {
    return new LocatorAssertions.ContainsTextOptions().setTimeout(seconds * 1_000.0);
  }
}
