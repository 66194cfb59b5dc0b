package io.lingtan.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.PlaywrightException;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Debian's browser, driven by Debian's node: a test that uses it {@link RequiresTool requires}
 * {@code chromium-headless-shell} and {@code node}. Pages are asked for by the name {@value #NAME},
 * which leads to this machine, because a browser takes 127.0.0.1 for safer than a gateway is.
 */
public final class Browser implements AutoCloseable {

  /** A host name that is no secure context, as a gateway's address is none. */
  public static final String NAME = "gateway.test";

  /** Where pictures of the page are kept, from the folder of either module. */
  public static final Path PICTURES = Path.of("../simulator/target/screens");

  /**
   * What a browser says of everything in flight when an interface comes or goes on this machine, as
   * it does while other tests make networks.
   */
  private static final String NETWORK_CHANGED = "ERR_NETWORK_CHANGED";

  private static final int TRIES = 10;

  private final Playwright playwright =
      Playwright.create(
          new Playwright.CreateOptions()
              .setEnv(
                  Map.of(
                      "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1",
                      "PLAYWRIGHT_NODEJS_PATH", "/usr/bin/node")));
  private final com.microsoft.playwright.Browser browser =
      playwright
          .chromium()
          .launch(
              new BrowserType.LaunchOptions()
                  .setExecutablePath(Path.of("/usr/bin/chromium-headless-shell"))
                  .setArgs(
                      List.of(
                          "--no-sandbox",
                          "--disable-dev-shm-usage",
                          "--host-resolver-rules=MAP " + NAME + " 127.0.0.1")));

  /**
   * A tab of a browser of its own that remembers nothing.
   *
   * @param width of the window, px
   */
  public Tab open(String url, int width, ColorScheme theme, String locale) {
    return open(
        url,
        options(width)
            .setColorScheme(theme)
            .setLocale(locale)
            .setReducedMotion(ReducedMotion.REDUCE));
  }

  /** The same with whatever else a test wants of it. */
  public Tab open(String url, com.microsoft.playwright.Browser.NewContextOptions options) {
    for (int i = 0; i < TRIES; i++) {
      Tab tab = new Tab(browser.newContext(options), url);
      if (tab.came(url)) {
        return tab;
      }
      tab.close();
    }
    throw new IllegalStateException("the network of this machine changes all the time");
  }

  /** Of a phone below 600 px, else of a desk. */
  public static com.microsoft.playwright.Browser.NewContextOptions options(int width) {
    return new com.microsoft.playwright.Browser.NewContextOptions()
        .setViewportSize(width, width < 600 ? 844 : 900);
  }

  @Override
  public void close() {
    browser.close();
    playwright.close();
  }

  /**
   * Texts in SVG whose contrast to what they stand on is below 4.5 (WCAG 2.2, 1.4.3 and its
   * formula). They stand on the last filled rectangle before them that holds their middle, or on
   * what the picture stands on.
   */
  private static final String CONTRAST =
      """
      () => {
        const rgb = (text) => (text.match(/[\\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
        const isSeen = (text) => text !== 'none' && (rgb(text)[3] ?? 1) === 1;
        const light = (text) => {
          const [r, g, b] = rgb(text).slice(0, 3).map((c) => c / 255)
            .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const under = (text) => {
          const box = text.getBoundingClientRect();
          const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
          const holds = [...text.ownerSVGElement.querySelectorAll('rect')].filter((rect) => {
            const { left, right, top, bottom } = rect.getBoundingClientRect();
            return left <= x && x <= right && top <= y && y <= bottom && isSeen(getComputedStyle(rect).fill)
              && rect.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING;
          });
          if (holds.length > 0) return getComputedStyle(holds.at(-1)).fill;
          for (let at = text.ownerSVGElement; at; at = at.parentElement) {
            const { backgroundColor } = getComputedStyle(at);
            if (isSeen(backgroundColor)) return backgroundColor;
          }
          return 'rgb(255, 255, 255)';
        };
        return [...document.querySelectorAll('svg text, svg tspan')].filter((text) => text.textContent.trim())
          .map((text) => {
            const { fill } = getComputedStyle(text);
            const [a, b] = [light(fill), light(under(text))];
            return [text.textContent, fill, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)];
          })
          .filter(([, , ratio]) => ratio < 4.5).map((each) => each.join(' '));
      }\
      """;

  /** A page, and what it did that it should not. */
  public static final class Tab implements AutoCloseable {
    private final BrowserContext context;
    private final Page page;
    private final List<String> complaints = new ArrayList<>();
    private final List<String> asked = new ArrayList<>();
    private boolean wasCut;

    private Tab(BrowserContext context, String url) {
      this.context = context;
      this.page = context.newPage();
      String own = url.replaceAll("^(https?://[^/]+).*", "$1/");
      page.onConsoleMessage(
          message -> {
            boolean isBad = message.type().equals("error") || message.type().equals("warning");
            if (isBad && !message.text().contains(NETWORK_CHANGED)) {
              complaints.add("console: " + message.text());
            }
          });
      page.onPageError(error -> complaints.add("script: " + error));
      page.onRequestFailed(
          request -> wasCut |= String.valueOf(request.failure()).contains(NETWORK_CHANGED));
      page.onRequest(
          request -> {
            asked.add(request.url());
            if (!request.url().startsWith(own) && !request.url().startsWith("data:")) {
              complaints.add("asked elsewhere: " + request.url());
            }
          });
    }

    /** Whether all of it came, or the network changed meanwhile. */
    private boolean came(String url) {
      try {
        page.navigate(url);
      } catch (PlaywrightException e) {
        if (!String.valueOf(e.getMessage()).contains(NETWORK_CHANGED)) {
          throw e;
        }
        return false;
      }
      return !wasCut;
    }

    /** Gives the PIN in this file, as the page does where it is asked for. */
    public void giveThePin(Path file) throws IOException {
      giveThePin(Files.readAllLines(file).getFirst());
    }

    /** The same with a PIN. */
    public void giveThePin(String pin) {
      Object status =
          page.evaluate(
              "async pin => (await fetch('/api/session', {method: 'POST', headers:"
                  + " {'Content-Type': 'application/json', 'X-Lingtan': '1'},"
                  + " body: JSON.stringify({pin})})).status",
              pin);
      assertEquals(204, status, "the PIN is taken");
    }

    public Page page() {
      return page;
    }

    /** What was asked for until now, in order. */
    public List<String> asked() {
      return List.copyOf(asked);
    }

    /** Fails if the console has errors, a script failed, or something was asked of another host. */
    public void assertQuiet() {
      assertEquals(List.of(), complaints);
    }

    /**
     * Fails with what axe-core (MPL-2.0) finds wrong for people who see or move otherwise, such as
     * what is too small for a finger (WCAG 2.2, 2.5.8, which is not among its usual rules), and
     * with text of pictures that is hard to read, at which axe does not look.
     */
    public void assertAccessible() {
      page.evaluate(axe());
      Object found =
          page.evaluate(
              "async () => (await axe.run({rules: {'target-size': {enabled: true}}})).violations"
                  + ".map(v => v.id + ': ' + v.nodes.slice(0, 3)"
                  + ".map(n => n.target.join(' ') + ' ' + n.failureSummary).join(' | '))");
      assertEquals(List.of(), found);
      assertEquals(List.of(), page.evaluate(CONTRAST), "texts of pictures, and their contrast");
    }

    /**
     * Begins to measure, on the page's own clock, how long it takes until a text stands somewhere.
     */
    public void measureUntil(String selector, String text) {
      page.evaluate(
          """
          ([selector, text]) => {
            const start = performance.now();
            window.measured = new Promise((resolve) => {
              const look = () => {
                if (document.querySelector(selector)?.textContent.includes(text)) resolve((performance.now() - start) / 1000);
              };
              new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
              look();
            });
          }\
          """,
          List.of(selector, text));
    }

    /** Waits for it and gives the seconds that it took. */
    public double measured() {
      return ((Number) page.evaluate("() => window.measured")).doubleValue();
    }

    /** Fails if the page can be moved sideways. */
    public void assertFits() {
      Object over =
          page.evaluate(
              "() => document.documentElement.scrollWidth - document.documentElement.clientWidth");
      assertEquals(0, over, "px wider than the window");
    }

    /** Keeps a picture of the whole page. */
    public void keep(Path file) {
      page.evaluate("() => scrollTo(0, 0)");
      page.screenshot(new Page.ScreenshotOptions().setPath(file).setFullPage(true));
    }

    @Override
    public void close() {
      context.close();
    }

    private static String axe() {
      try (InputStream in = Browser.class.getResourceAsStream("/axe.min.js")) {
        if (in == null) {
          throw new IllegalStateException("axe.min.js is not on the class path");
        }
        return "() => {" + new String(in.readAllBytes(), StandardCharsets.UTF_8) + "}";
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
