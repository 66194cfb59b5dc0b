package io.lingtan.agent.status;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.lingtan.agent.run.Threads;
import io.lingtan.agent.site.Site.StatusSettings;
import io.lingtan.agent.status.access.Access;
import io.lingtan.agent.status.access.Denial;
import io.lingtan.agent.status.access.HttpCaller;
import io.lingtan.agent.status.access.RequestPlaces;
import io.lingtan.agent.status.access.Technician;
import io.lingtan.agent.status.access.Technician.Role;
import io.lingtan.agent.status.live.LiveFeed;
import io.lingtan.agent.status.report.Language;
import io.lingtan.agent.status.wiring.Verdicts;
import io.lingtan.agent.status.wiring.Wiring;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP side. GET and HEAD of the paths it knows, made from one {@link SiteView} taken at the
 * moment of the request, for whom {@link Access} lets see it; POST only of what {@link
 * ActionServer} lets through. At most {@value #MOST_REQUESTS} requests are worked on at once, and
 * {@value #MOST_OF_ONE} of them for one address; more get 503. Streams of {@link LiveFeed} are not
 * among them, and neither is {@code /healthz}, which has places of its own. An answer that nobody
 * takes is cut off ({@link OpenAnswers}).
 */
public final class StatusServer implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(StatusServer.class);
  private static final int MOST_REQUESTS = 32;
  private static final int MOST_OF_ONE = 16;
  private static final int HEALTH_OF_ONE = 4;

  /** Ticks that an answer may wait for its reader; a short one fits into what the kernel keeps. */
  private static final int LONG = 10;

  private static final int SHORT = 2;
  private static final int LONGEST_BACKLOG = 32;
  private static final Duration LIVE_PERIOD = Duration.ofSeconds(1);
  private static final String LIVE = "/api/live";
  private static final String HEALTH = "/healthz";
  private static final String DEVICE = "device=";
  private static final String POLICY = "Content-Security-Policy";

  private final Supplier<SiteView> view;
  private final Supplier<Bundle> bundle;
  private volatile @Nullable HistoryPages pages;
  private final Access access;
  private final SessionPage sessions;
  private final TechniciansPage technicians;
  private final ActionServer actions;
  private final HttpServer server;
  private final ExecutorService threads = Threads.virtual("http");
  private final LatestEvents events = new LatestEvents(threads);
  private final RequestPlaces places = new RequestPlaces(MOST_REQUESTS, MOST_OF_ONE);
  private final RequestPlaces health = new RequestPlaces(MOST_REQUESTS, HEALTH_OF_ONE);
  private final OpenAnswers answers;
  private final LiveFeed live;
  private final Semaphore bundling = new Semaphore(1);
  private volatile Wiring wiring = new Wiring();
  private final Assets assets = new Assets();
  private final Page page = new Page(assets.screens(), assets.languages());

  private StatusServer(
      HttpServer server,
      Supplier<SiteView> view,
      Supplier<Bundle> bundle,
      @Nullable HistoryPages pages,
      Actions actions,
      Access access,
      Duration livePeriod) {
    this.server = server;
    this.access = access;
    this.sessions = new SessionPage(access, pages == null ? null : pages.site());
    this.technicians = new TechniciansPage(access, Assets.text("technicians.html"));
    this.actions = new ActionServer(actions, access, this::record);
    this.answers = new OpenAnswers(livePeriod, access::tell);
    this.live = new LiveFeed(this::snapshot, livePeriod);
    this.view = view;
    this.bundle = bundle;
    this.pages = pages;
  }

  /**
   * Starts to listen.
   *
   * @param tls what it shows over HTTPS; null: it speaks HTTP
   * @param view takes a snapshot of everything; called on request threads
   * @param bundle the same with what a diagnosis needs beside it
   * @param pages what is read from the journal; null for nothing
   * @param actions what can be asked of the lines
   * @param access decides who may see and act
   * @throws IOException if the address cannot be used; the message says which, and what to do
   */
  public static StatusServer start(
      StatusSettings settings,
      @Nullable SSLContext tls,
      Supplier<SiteView> view,
      Supplier<Bundle> bundle,
      @Nullable HistoryPages pages,
      Actions actions,
      Access access)
      throws IOException {
    return start(settings, tls, view, bundle, pages, actions, access, LIVE_PERIOD);
  }

  /** The same with another time between live messages. */
  static StatusServer start(
      StatusSettings settings,
      @Nullable SSLContext tls,
      Supplier<SiteView> view,
      Supplier<Bundle> bundle,
      @Nullable HistoryPages pages,
      Actions actions,
      Access access,
      Duration livePeriod)
      throws IOException {
    InetSocketAddress address = new InetSocketAddress(settings.host(), settings.port());
    HttpServer server;
    try {
      server = listen(tls, address);
    } catch (IOException e) {
      throw new IOException(
          "status page: cannot listen on "
              + settings.host()
              + ":"
              + settings.port()
              + " ("
              + e.getMessage()
              + "): another program has this port, or the address is not of this machine; set"
              + " status.listen in the site file to a free one",
          e);
    }
    StatusServer status =
        new StatusServer(server, view, bundle, pages, actions, access, livePeriod);
    server.setExecutor(status.threads);
    server.createContext("/", status::answer);
    server.start();
    return status;
  }

  private static HttpServer listen(@Nullable SSLContext tls, InetSocketAddress address)
      throws IOException {
    if (tls == null) {
      return HttpServer.create(address, LONGEST_BACKLOG);
    }
    HttpsServer server = HttpsServer.create(address, LONGEST_BACKLOG);
    server.setHttpsConfigurator(new HttpsConfigurator(tls));
    return server;
  }

  /**
   * Goes on with another site file, to which the view and the actions belong already. What was seen
   * of the wiring before says nothing of it.
   *
   * @param other what is read from the journal for it
   */
  public void goOn(HistoryPages other) {
    pages = other;
    wiring = new Wiring();
  }

  /** The port it listens on. */
  public int port() {
    return server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    if (path.equals(LIVE)) {
      // Streams stay for minutes: they have places of their own, and are dropped there.
      live(exchange);
      return;
    }
    boolean isHealth = path.equals(HEALTH);
    RequestPlaces shares = isHealth ? health : places;
    InetAddress from = exchange.getRemoteAddress().getAddress();
    if (!shares.enter(from)) {
      try (TimedExchange timed = answers.watch(exchange, SHORT)) {
        timed.getResponseHeaders().set("Connection", "close");
        send(timed, 503, "text/plain", "busy, try again\n".getBytes(UTF_8));
      }
      return;
    }
    try (TimedExchange timed = answers.watch(exchange, isHealth ? SHORT : LONG)) {
      answer(timed, path);
    } finally {
      shares.leave(from);
    }
  }

  private void answer(TimedExchange exchange, String path) throws IOException {
    try {
      route(exchange);
    } catch (RuntimeException e) {
      log.error("status page: {} failed", path, e);
      send(
          exchange,
          500,
          "text/plain",
          "this is a fault of the agent, see its log\n".getBytes(UTF_8));
    }
  }

  private void live(HttpExchange exchange) throws IOException {
    HttpCaller asked = asked(exchange);
    Denial denial = access.called(asked);
    if (denial == null) {
      denial = access.view(asked);
    }
    boolean isPacked = Assets.takesPacked(exchange);
    boolean isGood = denial == null && exchange.getRequestMethod().equals("GET");
    if (isGood
        && live.serve(
            asked.from(),
            isPacked,
            () -> access.stillSees(asked),
            () -> beginStream(exchange, isPacked))) {
      exchange.close();
      return;
    }
    try (TimedExchange timed = answers.watch(exchange, SHORT)) {
      if (denial != null) {
        deny(timed, denial);
      } else if (!isGood) {
        timed.getResponseHeaders().set("Allow", "GET");
        send(timed, 405, "text/plain", "only GET\n".getBytes(UTF_8));
      } else {
        timed.getResponseHeaders().set("Retry-After", Integer.toString(LiveFeed.RETRY_SECONDS));
        String why =
            "%d pages are open already, or %d from your address: ask for /api/snapshot\n"
                .formatted(LiveFeed.MOST, LiveFeed.MOST_OF_ONE);
        send(timed, 503, "text/plain", why.getBytes(UTF_8));
      }
    }
  }

  private static OutputStream beginStream(HttpExchange exchange, boolean isPacked)
      throws IOException {
    headers(exchange, "text/event-stream; charset=utf-8");
    if (isPacked) {
      exchange.getResponseHeaders().set("Content-Encoding", "gzip");
    }
    exchange.sendResponseHeaders(200, 0);
    return exchange.getResponseBody();
  }

  private void route(HttpExchange exchange) throws IOException {
    HttpCaller asked = asked(exchange);
    Denial uncalled = access.called(asked);
    if (uncalled != null) {
      deny(exchange, uncalled);
      return;
    }
    String method = exchange.getRequestMethod();
    if (exchange.getRequestURI().getPath().equals(SessionPage.PATH)) {
      sessions.answer(exchange, asked);
      return;
    }
    if (exchange.getRequestURI().getPath().equals(TechniciansPage.PATH)) {
      technicians(exchange, asked);
      return;
    }
    if (ActionServer.knows(exchange.getRequestURI().getPath())) {
      actions.answer(exchange, asked);
      return;
    }
    if (!method.equals("GET") && !method.equals("HEAD")) {
      exchange.getResponseHeaders().set("Allow", "GET, HEAD");
      send(exchange, 405, "text/plain", "only GET\n".getBytes(UTF_8));
      return;
    }
    String path = exchange.getRequestURI().getPath();
    if (sessions.has(path)) {
      sessions.show(exchange, path);
      return;
    }
    Denial unseen = path.equals(HEALTH) ? null : access.view(asked);
    if (unseen != null) {
      if (path.equals("/")) {
        sessions.show(exchange, path);
      } else {
        deny(exchange, unseen);
      }
      return;
    }
    switch (path) {
      case "/" -> {
        exchange.getResponseHeaders().set(POLICY, page.policy());
        send(exchange, 200, "text/html", page.with(snapshot()));
      }
      case "/technicians" -> {
        String made = technicians.html(exchange.getRequestURI().getRawQuery());
        send(exchange, 200, "text/html", made.getBytes(UTF_8));
      }
      case "/text" ->
          send(exchange, 200, "text/plain", SnapshotText.of(view.get()).getBytes(UTF_8));
      case "/api/snapshot" -> send(exchange, 200, "application/json", snapshot().getBytes(UTF_8));
      case "/metrics" ->
          send(exchange, 200, "text/plain; version=0.0.4", metrics().getBytes(UTF_8));
      case HEALTH -> health(exchange);
      case "/api/bundle" -> bundle(exchange);
      case "/api/polled" -> polled(exchange);
      case "/api/profiles" ->
          send(exchange, 200, "application/json", (actions.profiles() + "\n").getBytes(UTF_8));
      case "/api/wiring" -> send(exchange, 200, "application/json", wiring().getBytes(UTF_8));
      case "/api/handover" -> {
        boolean chinese = !"lang=en".equals(exchange.getRequestURI().getRawQuery());
        String made = HandoverNote.json(view.get(), Language.of(chinese ? "zh" : "en"));
        send(exchange, 200, "application/json", made.getBytes(UTF_8));
      }
      default -> {
        if (assets.has(path)) {
          assets.send(exchange, path);
        } else {
          history(exchange, path);
        }
      }
    }
  }

  /** Lists for who may configure; adds and removes by the PIN of the label alone. */
  private void technicians(HttpExchange exchange, HttpCaller asked) throws IOException {
    Access.Permission permission = access.act(asked, Role.CONFIGURE);
    Technician who = permission.who();
    if (who == null) {
      deny(exchange, Objects.requireNonNull(permission.denial()));
      return;
    }
    if (!exchange.getRequestMethod().equals("GET") && !who.isOffice()) {
      send(exchange, 403, "text/plain", (TechniciansPage.OFFICE.both() + "\n").getBytes(UTF_8));
      return;
    }
    HistoryPages.Reply reply;
    switch (exchange.getRequestMethod()) {
      case "GET" -> reply = technicians.list();
      case "POST" -> {
        try {
          reply = technicians.add(ActionServer.fields(exchange), who, asked);
        } catch (IllegalArgumentException e) {
          reply = HistoryPages.Reply.of(400, "text/plain", e.getMessage() + "\n");
        }
      }
      case "DELETE" ->
          reply = technicians.remove(exchange.getRequestURI().getRawQuery(), who, asked);
      default -> {
        exchange.getResponseHeaders().set("Allow", "GET, POST, DELETE");
        reply = HistoryPages.Reply.of(405, "text/plain", "only GET, POST and DELETE\n");
      }
    }
    send(exchange, reply.code(), reply.type(), reply.body());
  }

  /** Of a device of which no frames are kept it is {@code null}: that is nothing wrong. */
  private void polled(HttpExchange exchange) throws IOException {
    String query = String.valueOf(exchange.getRequestURI().getQuery());
    String json =
        query.startsWith(DEVICE) ? actions.polled(query.substring(DEVICE.length())) : null;
    send(exchange, 200, "application/json", (json + "\n").getBytes(UTF_8));
  }

  private String wiring() {
    SiteView now = view.get();
    return wiring.take(WiringLook.of(now), now.now().nanos()).json();
  }

  private Actions.Result record(Map<String, String> wanted, String who) {
    HistoryPages from = pages;
    if (from == null) {
      return new Actions.Refused(Why.NOT_HERE, "this agent keeps no records");
    }
    SiteView now = view.get();
    return from.record(wanted, who, now, wiring.take(WiringLook.of(now), now.now().nanos()));
  }

  private String snapshot() {
    SiteView now = view.get();
    Verdicts seen = wiring.take(WiringLook.of(now), now.now().nanos());
    return SnapshotJson.of(now, events.of(pages), seen, actions.busy(), actions.change());
  }

  private String metrics() {
    LiveFeed.Counts streams = live.counts();
    return Metrics.of(view.get())
        + Metrics.gauge("lingtan_page_streams", "Pages that are told live.", streams.open())
        + Metrics.counter(
            "lingtan_page_streams_opened_total", "Live streams begun.", streams.opened())
        + Metrics.counter(
            "lingtan_page_streams_refused_total",
            "Live streams refused because all places were taken.",
            streams.refused())
        + Metrics.counter(
            "lingtan_page_streams_dropped_total",
            "Live streams ended because the page took nothing for 10 s.",
            streams.dropped())
        + Metrics.counter(
            "lingtan_page_stream_messages_total",
            "Live messages made, each once for all pages.",
            streams.messages())
        + Metrics.counter(
            "lingtan_page_stream_bytes_total", "Bytes of live streams sent.", streams.bytes())
        + Metrics.counter(
            "lingtan_page_cut_total", "Answers cut off because nobody took them.", answers.cut())
        + Metrics.counter("lingtan_page_refused_total", "Requests refused.", access.refused())
        + Metrics.counter("lingtan_page_wrong_pins_total", "Wrong PINs.", access.wrong());
  }

  private static HttpCaller asked(HttpExchange exchange) {
    Headers headers = exchange.getRequestHeaders();
    return new HttpCaller(
        exchange.getRemoteAddress().getAddress(),
        headers.getFirst("Host"),
        headers.getFirst("Origin"),
        headers.getFirst("Cookie"),
        headers.getFirst("Authorization"),
        headers.getFirst("Content-Type"),
        headers.getFirst(HttpCaller.MEANT) != null);
  }

  static void deny(HttpExchange exchange, Denial denial) throws IOException {
    if (denial.status() == 401) {
      // A scheme of no browser's: it asks on the page, not in a window of its own.
      exchange.getResponseHeaders().set("WWW-Authenticate", "PIN");
    }
    if (denial.retrySeconds() > 0) {
      exchange.getResponseHeaders().set("Retry-After", Long.toString(denial.retrySeconds()));
    }
    send(exchange, denial.status(), "text/plain", (denial.why() + "\n").getBytes(UTF_8));
  }

  private void history(HttpExchange exchange, String path) throws IOException {
    HistoryPages from = pages;
    HistoryPages.Reply reply =
        from == null ? null : from.answer(path, exchange.getRequestURI().getRawQuery());
    if (reply == null) {
      send(exchange, 404, "text/plain", "there is no such page\n".getBytes(UTF_8));
      return;
    }
    if (reply.policy() != null) {
      exchange.getResponseHeaders().set(POLICY, reply.policy());
    }
    send(exchange, reply.code(), reply.type(), reply.body());
  }

  private void health(HttpExchange exchange) throws IOException {
    String trouble = view.get().trouble();
    if (trouble.isEmpty()) {
      send(exchange, 200, "text/plain", "ok\n".getBytes(UTF_8));
    } else {
      send(exchange, 503, "text/plain", (trouble + "\n").getBytes(UTF_8));
    }
  }

  /** Streamed, and one at a time: it is the largest thing that is sent. */
  private void bundle(HttpExchange exchange) throws IOException {
    if (!bundling.tryAcquire()) {
      send(exchange, 503, "text/plain", "another bundle is being made\n".getBytes(UTF_8));
      return;
    }
    try {
      Bundle made = bundle.get();
      String name = "lingtan-" + made.view().site().gateway() + ".zip";
      headers(exchange, "application/zip");
      exchange
          .getResponseHeaders()
          .set("Content-Disposition", "attachment; filename=\"" + name + "\"");
      boolean head = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(200, head ? -1 : 0);
      if (!head) {
        made.writeTo(exchange.getResponseBody());
      }
    } finally {
      bundling.release();
    }
  }

  static void send(HttpExchange exchange, int code, String type, byte[] body) throws IOException {
    String charset = type.contains("version=") ? "" : "; charset=utf-8";
    headers(exchange, type + charset);
    Assets.sendMade(exchange, code, body);
  }

  static void headers(HttpExchange exchange, String type) {
    Headers headers = exchange.getResponseHeaders();
    headers.set("Content-Type", type);
    headers.set("Cache-Control", "no-store");
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Referrer-Policy", "no-referrer");
    if (!headers.containsKey(POLICY)) {
      headers.set(
          POLICY,
          "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'");
    }
  }

  @Override
  public void close() {
    live.close();
    answers.close();
    server.stop(0);
    // A scan takes minutes, and nobody is there any more to be told.
    Threads.end("the page", threads);
  }
}
