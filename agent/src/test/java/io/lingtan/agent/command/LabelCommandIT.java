package io.lingtan.agent.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.options.ColorScheme;
import io.lingtan.agent.Machine;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.seal.KeyFile;
import io.lingtan.agent.status.access.PinFile;
import io.lingtan.testing.Browser;
import io.lingtan.testing.Browser.Tab;
import io.lingtan.testing.Launched;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code lingtan label}, as it is typed and as a phone reads it. */
@Timeout(60)
final class LabelCommandIT {

  private static final Path SHOTS = Path.of("target/screens");

  @TempDir private Path folder;

  private StringWriter out = new StringWriter();
  private StringWriter err = new StringWriter();
  private Path site;

  @BeforeEach
  void site() throws IOException {
    site = folder.resolve("site.yaml");
    Files.writeString(
        site,
        Files.readString(Path.of("../config/sites/demo-microgrid.yaml"))
            .replaceAll("(?m)^status:.*$", "status: {listen: \"192.168.1.20:8080\"}"));
  }

  private int label(String... more) {
    out = new StringWriter();
    err = new StringWriter();
    String[] words = new String[more.length + 2];
    words[0] = "--config";
    words[1] = site.toString();
    System.arraycopy(more, 0, words, 2, more.length);
    return new CommandLine(new LabelCommand())
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(words);
  }

  private String pin() {
    return Objects.requireNonNull(
        new PinFile(folder.resolve("secrets/pin"), Machine.identity()).open(Randomness.seeded(4)));
  }

  @Test
  void theStickerOfAGatewayThatHasToEnrolNeedsNoSiteFile() {
    String text =
        "lingtan-enroll:1,est=est.example:8443,pin=h-ipR6NQYUNH7XjXSAyVYKy5VenujUL2sSeZxbBAb5g,"
            + "token=V_iYaAJ-yFwGcYLhaUCX8g,broker=one.example:8883,gateway=wx-017";
    CommandLine line =
        new CommandLine(new LabelCommand())
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err));
    assertEquals(ExitCode.GOOD, line.execute("--enroll", text), err::toString);
    assertTrue(out.toString().contains("<title>" + text + "</title>"), out::toString);
    assertTrue(out.toString().contains(">wx-017</text>"), out::toString);
    assertEquals(ExitCode.WRONG_USAGE, line.execute("--enroll", text.replace("pin=", "p=")));
    assertEquals(ExitCode.WRONG_USAGE, line.execute("--enroll", text, "--config", site.toString()));
  }

  @Test
  void beforeTheFirstStartThereIsNoPinToPrint() {
    assertEquals(ExitCode.FAILED, label());
    assertTrue(err.toString().contains("the agent makes it at its first start"), err::toString);
    assertEquals("", out.toString());
    assertEquals(ExitCode.GOOD, label("--without-pin"));
    assertTrue(err.toString().contains("without the public key"), err::toString);
  }

  @Test
  void aPinOfAnotherMachineIsNotPrinted() {
    new PinFile(folder.resolve("secrets/pin"), "another").open(Randomness.seeded(4));
    assertEquals(ExitCode.FAILED, label());
    assertTrue(err.toString().contains("was made on another machine"), err::toString);
  }

  @Test
  void anAddressIsOneThatAPhoneCanOpen() {
    pin();
    assertEquals(ExitCode.WRONG_USAGE, label("--address", "gateway"));
    assertTrue(err.toString().contains("--address is a URL"), err::toString);
    assertEquals(ExitCode.GOOD, label("--address", "http://gw.local:81/"));
    assertTrue(out.toString().contains(">http://gw.local:81/</text>"), out::toString);
  }

  @Test
  void aPageThatIsOffHasNoSticker() throws IOException {
    Files.writeString(
        site, Files.readString(site).replaceAll("(?m)^status:.*$", "status: {enabled: false}"));
    assertEquals(ExitCode.WRONG_USAGE, label());
    assertTrue(err.toString().contains("status is off"), err::toString);
  }

  private static final String MISPLACED =
      """
      () => {
        const whole = document.querySelector('svg').getBoundingClientRect();
        const texts = [...document.querySelectorAll('text')];
        const boxes = texts.map((text) => text.getBoundingClientRect());
        const wrong = texts.filter((text, i) => boxes[i].right > whole.right - 4
          || boxes[i].left < whole.left + 4 || boxes[i].top < whole.top + 2
          || boxes[i].bottom > whole.bottom - 2).map((text) => 'beyond: ' + text.textContent);
        // What a line of text keeps above and below its letters may touch.
        const near = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
          && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4;
        boxes.forEach((box, i) => boxes.slice(0, i).forEach((other, j) => {
          if (near(box, other)) wrong.push('over: ' + texts[i].textContent + ' ' + texts[j].textContent);
        }));
        return wrong;
      }\
      """;

  @Test
  @RequiresTool({"chromium-headless-shell", "node", "zbarimg"})
  void aPhoneReadsThePagesAddressFromThePrint() throws Exception {
    String pin = pin();
    String key =
        new KeyFile(folder.resolve("secrets/signing.key"), Machine.identity())
            .open(Randomness.seeded(3))
            .key()
            .open()
            .x();
    assertEquals(ExitCode.GOOD, label(), err::toString);
    String svg = out.toString();
    for (String told : new String[] {">wx-demo-001<", ">" + pin + "<", "Ed25519 " + key}) {
      assertTrue(svg.contains(told), told + " is not in " + svg);
    }
    Path page = folder.resolve("label.html");
    Files.writeString(page, "<!doctype html><meta charset=utf-8><title>label</title>" + svg);
    Path picture = SHOTS.resolve("label.png");
    try (Browser browser = new Browser();
        Tab tab = browser.open("file://" + page, 390, ColorScheme.LIGHT, "zh-CN")) {
      // No text stands over another one or the code, or beyond an edge.
      assertEquals(List.of(), tab.page().evaluate(MISPLACED));
      tab.page().evaluate("() => document.querySelector('text').setAttribute('y', -2)");
      assertEquals(1, ((List<?>) tab.page().evaluate(MISPLACED)).size(), "above the edge");
      tab.page()
          .evaluate(
              "() => { const [one, two] = document.querySelectorAll('text');"
                  + " for (const at of ['x', 'y']) one.setAttribute(at, two.getAttribute(at)); }");
      assertNotEquals(List.of(), tab.page().evaluate(MISPLACED), "over another");
      tab.page().reload();
      tab.keep(picture);
    }
    Launched read =
        Launched.within(
            Duration.ofSeconds(20), Map.of(), "zbarimg", "--quiet", "--raw", picture.toString());
    assertEquals("http://192.168.1.20:8080/", read.out().strip(), read::toString);
    assertEquals(ExitCode.GOOD, label("--without-pin"));
    assertFalse(out.toString().contains(pin), out::toString);
  }
}
