package io.lingtan.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
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
    return new Tab(browser.newContext(options), url);
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

  /** A page, and what it did that it should not. */
  public static final class Tab implements AutoCloseable {
    private final BrowserContext context;
    private final Page page;
    private final List<String> complaints = new ArrayList<>();
    private final List<String> asked = new ArrayList<>();

    private Tab(BrowserContext context, String url) {
      this.context = context;
      this.page = context.newPage();
      String own = url.replaceAll("^(https?://[^/]+).*", "$1/");
      page.onConsoleMessage(
          message -> {
            if (message.type().equals("error") || message.type().equals("warning")) {
              complaints.add("console: " + message.text());
            }
          });
      page.onPageError(error -> complaints.add("script: " + error));
      page.onRequest(
          request -> {
            asked.add(request.url());
            if (!request.url().startsWith(own) && !request.url().startsWith("data:")) {
              complaints.add("asked elsewhere: " + request.url());
            }
          });
      page.navigate(url);
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

    /** Fails with what axe-core (MPL-2.0) finds wrong for people who see or move otherwise. */
    public void assertAccessible() {
      page.evaluate(axe());
      Object found =
          page.evaluate(
              "async () => (await axe.run()).violations.map(v => v.id + ': ' + v.nodes.slice(0, 3)"
                  + ".map(n => n.target.join(' ') + ' ' + n.failureSummary).join(' | '))");
      assertEquals(List.of(), found);
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
