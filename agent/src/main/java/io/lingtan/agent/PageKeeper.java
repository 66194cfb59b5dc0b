package io.lingtan.agent;

import io.lingtan.agent.run.Loop;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Site.StatusSettings;
import io.lingtan.agent.status.Actions;
import io.lingtan.agent.status.SiteView;
import io.lingtan.agent.status.StatusServer;
import io.lingtan.agent.status.access.Access;
import io.lingtan.agent.status.access.Pass;
import io.lingtan.agent.status.access.PinFile;
import io.lingtan.agent.status.access.TechniciansFile;
import io.lingtan.agent.tls.Tls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the page open, over changes of the site file too. A page that cannot be shown at the start
 * is tried again and costs nobody a reading; one that could not be shown after a change makes the
 * change refused.
 */
final class PageKeeper implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(PageKeeper.class);
  private static final Set<String> ALL_ADDRESSES = Set.of("0.0.0.0", "::");

  private final Agent agent;
  private final Supplier<SiteView> view;
  private final Actions actions;
  private final Time time;
  private final RandomGenerator random;
  private final String pass;
  private Access access;
  private volatile @Nullable StatusServer shown;
  private @Nullable String problem;
  private @Nullable Loop retry;
  private boolean closed;
  private @Nullable PinFile pinFile;

  /** Why the pass is not on the card; null where it is. */
  private @Nullable String passNotKept;

  /**
   * Opens it, now or as soon as its address can be had.
   *
   * @param view what it shows, taken at each request
   * @param actions what can be asked for at it
   */
  PageKeeper(
      Agent agent, Supplier<SiteView> view, Actions actions, Time time, RandomGenerator random) {
    this.agent = agent;
    this.view = view;
    this.actions = actions;
    this.time = time;
    this.random = random;
    this.pass = Pass.made(random);
    this.access = access(agent.site().status());
    open();
  }

  private synchronized void open() {
    StatusSettings settings = agent.site().status();
    if (closed || shown != null || !settings.enabled()) {
      return;
    }
    try {
      shown = start(settings, access);
      handOut(shown.port());
      if (problem != null) {
        problem = null;
        log.info("the status page is open: {}", greeting());
      }
    } catch (IOException e) {
      String now = String.valueOf(e.getMessage());
      if (!now.equals(problem)) {
        problem = now;
        log.error("{}; it is tried again, and everything else goes on", now);
      }
      if (retry == null) {
        retry = new Loop(new Retry("page", this::open, time.now()), time).start();
      }
    }
  }

  /** Where it cannot, programs of this machine are as good as others: they need the PIN. */
  private void handOut(int port) {
    Path file = passFile();
    try {
      new Pass(port, pass).write(file);
      passNotKept = null;
    } catch (IOException e) {
      if (!e.toString().equals(passNotKept)) {
        log.error(
            "{} cannot be written ({}): lingtan scan and read need the PIN", file, e.toString());
      }
      passNotKept = e.toString();
    }
  }

  /** Why PIN or pass are not on the card; empty where they are. */
  synchronized String notKept() {
    String pinNotKept = pinFile == null ? null : pinFile.unwritten();
    return Stream.of(pinNotKept, passNotKept)
        .filter(Objects::nonNull)
        .collect(Collectors.joining(", "));
  }

  /** Tries again to put them there. */
  synchronized void keepSecrets() {
    StatusServer open = shown;
    if (closed) {
      return;
    }
    if (pinFile != null && pinFile.unwritten() != null && renewed(access, agent.site().status())) {
      log.info("the PIN is on the card now: whoever has it gets in");
    }
    if (passNotKept != null && open != null) {
      handOut(open.port());
    }
  }

  private Path passFile() {
    return Pass.file(agent.site().journal().path());
  }

  private StatusServer start(StatusSettings settings, Access who) throws IOException {
    return StatusServer.start(
        settings,
        tls(settings.tls()),
        view,
        () -> agent.bundle(view.get()),
        agent.pages(),
        actions,
        who);
  }

  private static @Nullable SSLContext tls(Site.@Nullable PageTls files) {
    if (files == null) {
      return null;
    }
    try {
      Tls.check(files.cert(), files.key());
    } catch (Tls.Unusable e) {
      log.error("status page: {}; it opens as soon as that is mended", e.getMessage());
    }
    return Tls.server(files.cert(), files.key());
  }

  private @Nullable String pin(StatusSettings settings) {
    Path file = settings.enabled() ? settings.pinFile() : null;
    if (file == null) {
      pinFile = null;
    } else if (pinFile == null || !pinFile.isAt(file)) {
      pinFile = new PinFile(file, Machine.identity());
    }
    return pinFile == null ? null : pinFile.open(random);
  }

  /** Everybody needs the PIN to act; {@code view: pin} asks for it to see, too. */
  private Access access(StatusSettings settings) {
    Set<String> names = new HashSet<>(settings.hosts());
    names.add(settings.host());
    for (String name : Machine.names()) {
      names.add(name);
      names.add(name + ".local");
    }
    Access access =
        new Access(
            settings.open(),
            null,
            pass,
            names,
            settings.tls() != null,
            time,
            random,
            agent::notice);
    renewed(access, settings);
    return access;
  }

  private boolean renewed(Access access, StatusSettings settings) {
    String pin = pin(settings);
    Path file = settings.enabled() ? settings.pinFile() : null;
    access.keepBeside(file);
    return access.renew(pin, file == null ? Map.of() : TechniciansFile.beside(file, pin));
  }

  /** The page as another site file wants it, ready; the one before is open until it is taken. */
  final class Next implements AutoCloseable {
    private final Access who;
    private @Nullable StatusServer ready;

    private Next(Access who, @Nullable StatusServer ready) {
      this.who = who;
      this.ready = ready;
    }

    /** It is the page from now on. The agent's site is the other one already. */
    void take() {
      synchronized (PageKeeper.this) {
        StatusServer before = shown;
        if (before != null) {
          before.close();
        }
        access = who;
        shown = ready;
        ready = null;
        problem = null;
        if (shown != null) {
          handOut(shown.port());
        }
        open();
      }
    }

    /** Not taken: nothing of it is left. */
    @Override
    public void close() {
      if (ready != null) {
        ready.close();
      }
    }
  }

  /**
   * Makes ready what another site file wants.
   *
   * @throws IOException if it could not be shown; the message says why, and what to do
   */
  synchronized Next prepare(StatusSettings next) throws IOException {
    Site.PageTls files = next.tls();
    if (next.enabled() && files != null) {
      try {
        Tls.check(files.cert(), files.key());
      } catch (Tls.Unusable e) {
        throw new IOException("status page: " + e.getMessage(), e);
      }
    }
    StatusSettings before = agent.site().status();
    boolean stays =
        before.enabled() && next.host().equals(before.host()) && next.port() == before.port();
    Access who = access(next);
    StatusServer now = shown;
    if (!next.enabled() || stays) {
      return new Next(who, null);
    }
    if (now == null || now.port() != next.port()) {
      return new Next(who, start(next, who));
    }
    // The port is its own and cannot be had twice; whether there is such an address can be seen.
    try (ServerSocket probe = new ServerSocket()) {
      probe.bind(new InetSocketAddress(next.host(), 0));
    } catch (IOException e) {
      throw new IOException(
          "status page: %s is no address of this machine (%s): set status.listen to one that is"
              .formatted(next.host(), e.getMessage()),
          e);
    }
    return new Next(who, null);
  }

  /**
   * Goes on by the site that the agent has now, and by the PIN that is in its file; whoever looks
   * notices nothing.
   */
  synchronized void goOn() {
    if (renewed(access, agent.site().status())) {
      log.info("the PIN of the page is another: whoever acts has to give the new one");
    }
    if (shown != null) {
      shown.goOn(agent.pages());
    }
  }

  /** Where it is, in a few words. */
  String greeting() {
    StatusSettings settings = agent.site().status();
    StatusServer open = shown;
    if (open == null) {
      return settings.enabled() ? "no status page yet" : "no status page";
    }
    return ALL_ADDRESSES.contains(settings.host())
        ? "page on port %d of every address of this machine%s"
            .formatted(open.port(), settings.tls() == null ? "" : ", over HTTPS")
        : "page %s://%s:%d/".formatted(settings.scheme(), settings.host(), open.port());
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (retry != null) {
      retry.askToStop();
    }
    if (shown != null) {
      shown.close();
      try {
        Files.deleteIfExists(passFile());
      } catch (IOException e) {
        log.warn("{} stays: {}", passFile(), e.toString());
      }
    }
  }
}
