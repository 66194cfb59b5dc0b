package io.lingtan.agent.site.read;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.SmallFile;
import io.lingtan.agent.site.yaml.Fields;
import io.lingtan.agent.site.yaml.Problems;
import io.lingtan.agent.site.yaml.Section;
import io.lingtan.agent.site.yaml.Words;
import io.lingtan.agent.site.yaml.Yaml;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code mqtt}, {@code journal}, {@code status}, {@code clock} and {@code fleet}. */
final class UplinkReader {

  private static final List<String> VIEWS = List.of("sparkplug", "homeassistant");
  private static final List<String> SPARKPLUG =
      List.of("group", "primary_host", "servers", "tls", "user", "password_file");
  private static final List<String> TRUST = List.of("ntp", "rtc", "phone", "system");
  private static final long USUAL_JOURNAL = 2_000_000_000L;

  /** 32 bytes in either alphabet of base64. */
  private static final Pattern FLEET_KEY = Pattern.compile("[A-Za-z0-9_-]{43}|[A-Za-z0-9+/]{43}=?");

  private static final Pattern JWK_X = Pattern.compile("\"x\"\\s*:\\s*\"([A-Za-z0-9_-]{43})\"");
  private static final int MOST_KEY_BYTES = 4096;

  private final Fields site;
  private final SiteFiles files;
  private final Problems problems;

  UplinkReader(Fields site, SiteFiles files, Problems problems) {
    this.site = site;
    this.files = files;
    this.problems = problems;
  }

  Site.Mqtt mqtt() {
    Fields mqtt = site.group("mqtt", Section.MQTT);
    List<String> servers = servers(mqtt);
    Site.Link link = link(mqtt, servers);
    List<Site.View> views = views(mqtt, link);
    return new Site.Mqtt(
        servers,
        link.ca(),
        link.cert(),
        link.key(),
        link.user(),
        link.passwordFile(),
        mqtt.duration("batch", Duration.ZERO, Duration.ofHours(24), Duration.ZERO),
        mqtt.whole("max_payload", 1000, 262_144, 60_000),
        mqtt.flag("require_app_ack", false),
        mqtt.flag("state", false)
            || views.stream().anyMatch(Site.View.HomeAssistant.class::isInstance),
        views,
        mqtt.flag("gzip", false),
        mqtt.duration("spread", Duration.ZERO, Duration.ofMinutes(10), Duration.ofSeconds(10)),
        replyPrefixes(mqtt),
        est(mqtt, link));
  }

  /** Certificate and key are renewed together, so they are one file: half of a pair is no pair. */
  private @Nullable URI est(Fields mqtt, Site.Link link) {
    Fields tls = mqtt.group("tls", Section.TLS);
    String text = tls.text("est");
    if (text == null) {
      return null;
    }
    if (link.cert() == null || !link.cert().equals(link.key())) {
      problems.error(
          tls.at("est"),
          "est needs cert and key in one file, which both name: it is replaced whole");
    }
    try {
      URI uri = new URI(text);
      if ("https".equals(uri.getScheme())
          && uri.getHost() != null
          && uri.getUserInfo() == null
          && uri.getQuery() == null
          && uri.getFragment() == null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      problems.error(tls.valueAt("est"), "'" + text + "' is no address: " + e.getReason());
      return null;
    }
    problems.error(tls.valueAt("est"), "'" + text + "' is no EST server; one is https://HOST:8443");
    return null;
  }

  private List<String> replyPrefixes(Fields mqtt) {
    List<String> prefixes = new ArrayList<>();
    for (Yaml.Text word : mqtt.words("reply_prefixes")) {
      if (word.text().matches("[^$+#\\p{Cntrl}/][^+#\\p{Cntrl}]{0,254}/")) {
        prefixes.add(word.text());
      } else {
        problems.error(
            word,
            "a prefix of reply_prefixes is the beginning of a topic, with a / at its end, such as"
                + " central/answers/, not '"
                + word.text()
                + "'");
      }
    }
    return prefixes;
  }

  /** What {@code tls}, {@code user} and {@code password_file} of a group say. */
  private Site.Link link(Fields mqtt, List<String> servers) {
    Fields tls = mqtt.group("tls", Section.TLS);
    if (mqtt.isWritten("tls") && servers.stream().noneMatch(url -> url.startsWith("mqtts:"))) {
      problems.warning(mqtt.at("tls"), "tls is not used: no server begins with mqtts://");
    }
    if (tls.has("cert") != tls.has("key")) {
      problems.error(tls.at(tls.has("cert") ? "cert" : "key"), "cert and key come together");
    }
    if (mqtt.has("password_file") && !mqtt.has("user")) {
      problems.error(mqtt.at("password_file"), "password_file needs user");
    }
    if (mqtt.has("user") && !mqtt.has("password_file")) {
      problems.warning(mqtt.at("user"), "user without password_file: no password is sent");
    }
    return new Site.Link(
        servers,
        files.needed(tls, "ca"),
        files.needed(tls, "cert"),
        files.secret(tls, "key"),
        mqtt.text("user"),
        files.secret(mqtt, "password_file"));
  }

  private List<String> servers(Fields mqtt) {
    if (!site.isWritten("mqtt")) {
      problems.warning(
          site.at(),
          "no mqtt: readings are kept and shown, and sent nowhere; mqtt: {servers: [mqtt://HOST]}"
              + " names a broker");
    } else if (site.has("mqtt")
        && mqtt.require("servers", "brokers to try in order, such as [mqtts://HOST:8883]")
        && mqtt.items("servers").isEmpty()) {
      problems.error(mqtt.valueAt("servers"), "servers is empty");
    }
    return named(mqtt);
  }

  private List<String> named(Fields mqtt) {
    List<String> servers = new ArrayList<>();
    for (Yaml.Text word : mqtt.words("servers")) {
      String server = server(word);
      if (server != null && servers.contains(server)) {
        problems.error(word, server + " is named twice");
      } else if (server != null) {
        servers.add(server);
      }
    }
    return servers;
  }

  /** {@code mqtt://host:port} with its port written out. */
  private @Nullable String server(Yaml.Text word) {
    String form = "; a broker is mqtt://HOST:1883 or mqtts://HOST:8883";
    try {
      URI uri = new URI(word.text());
      String scheme = Objects.requireNonNullElse(uri.getScheme(), "");
      if (!scheme.equals("mqtt") && !scheme.equals("mqtts")) {
        problems.error(word, "'" + word.text() + "' is no broker" + form);
      } else if (uri.getUserInfo() != null) {
        problems.error(word, "user and password go to mqtt.user and mqtt.password_file" + form);
      } else if (uri.getHost() == null || uri.getPort() > 65_535 || uri.getPort() == 0) {
        problems.error(word, "'" + word.text() + "' has no host or a wrong port" + form);
      } else if (!Objects.requireNonNullElse(uri.getPath(), "").matches("/?")
          || uri.getQuery() != null
          || uri.getFragment() != null) {
        problems.error(word, "'" + word.text() + "' has a path" + form);
      } else {
        int port = uri.getPort() < 0 ? scheme.equals("mqtt") ? 1883 : 8883 : uri.getPort();
        boolean plain = scheme.equals("mqtt");
        if (port == (plain ? 8883 : 1883)) {
          problems.warning(
              word,
              plain
                  ? new Sentence(
                      "8883 is the port of brokers with TLS, and mqtt:// is without: mqtts:// is"
                          + " meant, or another port",
                      "8883 是 TLS 端口，而 mqtt:// 不加密：应写 mqtts://，或改端口")
                  : new Sentence(
                      "1883 is the port of brokers without TLS, and mqtts:// is with it: port 8883"
                          + " is meant, or mqtt://",
                      "1883 是不加密的端口，而 mqtts:// 要求 TLS：应写 8883 端口，或改为 mqtt://"));
        }
        return scheme + "://" + uri.getHost() + ":" + port;
      }
    } catch (URISyntaxException e) {
      problems.error(word, "'" + word.text() + "' is no address: " + e.getReason() + form);
    }
    return null;
  }

  private List<Site.View> views(Fields mqtt, Site.Link link) {
    List<Site.View> views = new ArrayList<>();
    for (Fields view : mqtt.groups("views", Section.VIEW)) {
      view.require("kind", "one of " + String.join(" ", VIEWS));
      String kind = view.text("kind", "");
      switch (kind) {
        case "" -> {}
        case "homeassistant" -> views.add(homeAssistant(view));
        case "sparkplug" -> {
          if (views.stream().anyMatch(Site.View.Sparkplug.class::isInstance)) {
            problems.error(view.at(), "there is one view of kind sparkplug at most");
          } else {
            views.add(sparkplug(view, link));
          }
        }
        default ->
            problems.error(
                view.valueAt("kind"), "'" + kind + "' is no view" + Words.instead(kind, VIEWS));
      }
    }
    return views;
  }

  private Site.View homeAssistant(Fields view) {
    for (String key : SPARKPLUG) {
      notOf(view, key, "sparkplug");
    }
    String prefix = view.text("prefix", "homeassistant");
    if (!Words.fits(prefix, "[^/+#\\s]+(/[^/+#\\s]+)*")) {
      problems.error(
          view.valueAt("prefix"),
          "'" + prefix + "' is no prefix of topics: without + # and spaces");
    }
    return new Site.View.HomeAssistant(prefix);
  }

  private Site.View sparkplug(Fields view, Site.Link records) {
    notOf(view, "prefix", "homeassistant");
    view.require("group", "the Sparkplug group id");
    boolean ownServers = view.isWritten("servers");
    List<String> servers = ownServers ? named(view) : records.servers();
    if (ownServers && view.items("servers").isEmpty()) {
      problems.error(view.valueAt("servers"), "servers is empty");
    }
    if (view.group("tls", Section.TLS).has("est")) {
      problems.error(
          view.at("tls"), "est belongs to mqtt.tls: renew a view's certificate yourself");
    }
    boolean ownName = view.isWritten("tls") || view.has("user") || view.has("password_file");
    Site.Link link =
        ownName
            ? link(view, servers)
            : new Site.Link(
                servers,
                records.ca(),
                records.cert(),
                records.key(),
                records.user(),
                records.passwordFile());
    return new Site.View.Sparkplug(
        Objects.requireNonNullElse(level(view, "group"), ""), level(view, "primary_host"), link);
  }

  /** A word that is a level of topics; null if it is not there or cannot be one. */
  private @Nullable String level(Fields view, String key) {
    String word = view.text(key);
    if (word == null || word.matches("[^/+#\\p{Cntrl}]{1,64}")) {
      return word;
    }
    problems.error(
        view.valueAt(key),
        "'" + word + "' cannot be " + key + ": 1 to 64 characters without / + #");
    return null;
  }

  private void notOf(Fields view, String key, String kind) {
    if (view.isWritten(key)) {
      problems.error(view.at(key), key + " belongs to views of kind " + kind);
    }
  }

  /**
   * Null also where the key's file is not there: nobody is obeyed whose signature cannot be told.
   */
  Site.@Nullable Centre fleet() {
    if (!site.isWritten("fleet")) {
      return null;
    }
    Fields fleet = site.group("fleet", Section.CENTRE);
    fleet.require("key", "the fleet's public key or a file with it; lingtan fleet key makes one");
    String group = fleet.text("group");
    if (group != null && !Words.isId(group)) {
      problems.error(
          fleet.valueAt("group"), "'" + group + "' is no group: 1 to 64 of A-Z a-z 0-9 _ -");
    }
    if (!site.has("mqtt")) {
      problems.warning(site.at("fleet"), "fleet needs mqtt: without a broker nothing arrives");
    }
    Duration confirm =
        fleet.duration(
            "confirm", Duration.ofSeconds(5), Duration.ofHours(24), Duration.ofMinutes(10));
    String key = fleetKey(fleet);
    boolean isHere = FLEET_KEY.matcher(fleet.text("key", "")).matches();
    return key == null
        ? null
        : new Site.Centre(key, isHere ? null : files.path(fleet, "key"), group, confirm);
  }

  private @Nullable String fleetKey(Fields fleet) {
    String text = fleet.text("key");
    if (text == null || FLEET_KEY.matcher(text).matches()) {
      return text == null ? null : base64Url(text);
    }
    Path file = files.needed(fleet, "key");
    if (file == null || !Files.isReadable(file) || SmallFile.isSpecial(file)) {
      return null;
    }
    try {
      String content = new String(SmallFile.read(file, MOST_KEY_BYTES), UTF_8).strip();
      Matcher jwk = JWK_X.matcher(content);
      if (content.contains("\"d\"")) {
        problems.error(
            fleet.valueAt("key"),
            file + " holds the private key, which must not be on a gateway: only its x is needed");
      } else if (FLEET_KEY.matcher(content).matches()) {
        return base64Url(content);
      } else if (content.contains("\"Ed25519\"") && jwk.find()) {
        return jwk.group(1);
      } else {
        problems.error(
            fleet.valueAt("key"), file + " holds no Ed25519 public key, neither base64 nor a JWK");
      }
    } catch (IOException e) {
      problems.error(fleet.valueAt("key"), "key: " + file + " " + e.getMessage());
    }
    return null;
  }

  private static String base64Url(String key) {
    return key.replace("=", "").replace('+', '-').replace('/', '_');
  }

  Site.JournalSettings journal() {
    Fields journal = site.group("journal", Section.JOURNAL);
    return new Site.JournalSettings(
        files.own(journal, "path", "journal.db"),
        size(journal),
        journal.duration(
            "commit", Duration.ofMillis(100), Duration.ofMinutes(1), Duration.ofSeconds(1)),
        files.ownSecret(journal, "key_file", "secrets/signing.key"));
  }

  private long size(Fields journal) {
    String text = journal.text("max_size");
    if (text == null) {
      return USUAL_JOURNAL;
    }
    long size = Words.size(text);
    if (size < 0) {
      problems.error(
          journal.valueAt("max_size"), "max_size is a size such as 64MB 2GB, not '" + text + "'");
    } else if (size < 8_000_000L || size > 1_000_000_000_000L) {
      problems.error(journal.valueAt("max_size"), "max_size is from 8MB to 1000GB, not " + text);
    }
    return size < 0 ? USUAL_JOURNAL : size;
  }

  Site.StatusSettings status() {
    Fields status = site.group("status", Section.STATUS);
    Listen listen = listen(status);
    Path pin = files.ownSecret(status, "pin_file", "secrets/pin");
    boolean open = status.choice("view", Map.of("open", true, "pin", false), true);
    boolean enabled = status.flag("enabled", true);
    return new Site.StatusSettings(
        enabled, listen.host(), listen.port(), pin, open, hosts(status), pageTls(status));
  }

  private Site.@Nullable PageTls pageTls(Fields status) {
    if (!status.isWritten("tls")) {
      return null;
    }
    Fields tls = status.group("tls", Section.PAGE_TLS);
    tls.require("cert", "the page's certificate, such as the one of mqtt.tls");
    tls.require("key", "the certificate's private key");
    Path cert = files.needed(tls, "cert");
    Path key = files.secret(tls, "key");
    return cert == null || key == null ? null : new Site.PageTls(cert, key);
  }

  private List<String> hosts(Fields status) {
    List<String> hosts = new ArrayList<>();
    for (Yaml.Text word : status.words("hosts")) {
      if (word.text().matches("[A-Za-z0-9_.-]{1,253}")) {
        hosts.add(word.text());
      } else {
        problems.error(
            word, "hosts are names without port such as gateway.lan, not '" + word.text() + "'");
      }
    }
    return hosts;
  }

  private record Listen(String host, int port) {}

  private Listen listen(Fields status) {
    String text = status.text("listen", "0.0.0.0:8080");
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? "" : text.substring(0, colon);
    Long port = Words.whole(text.substring(colon + 1));
    boolean named = host.matches("[A-Za-z0-9_.-]{1,253}|\\[[0-9A-Fa-f:.]+]");
    if (!named || port == null || port < 0 || port > 65_535) {
      problems.error(
          status.valueAt("listen"),
          "listen is ADDRESS:PORT such as 0.0.0.0:8080, not '" + text + "'");
      return new Listen("0.0.0.0", 8080);
    }
    String plain = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    return new Listen(plain, Math.toIntExact(port));
  }

  Site.ClockSettings clock() {
    Fields clock = site.group("clock", Section.CLOCK);
    List<String> trust = new ArrayList<>();
    for (Yaml.Text word : clock.words("trust")) {
      if (!TRUST.contains(word.text())) {
        problems.error(
            word, "'" + word.text() + "' vouches for no clock" + Words.instead(word.text(), TRUST));
      } else if (!trust.contains(word.text())) {
        trust.add(word.text());
      }
    }
    if (!clock.isWritten("trust")) {
      trust.add("ntp");
    } else if (trust.isEmpty()) {
      problems.warning(
          clock.at("trust"),
          "nothing vouches for the clock: records are held for max_hold and then sent undated");
    }
    return new Site.ClockSettings(
        trust,
        clock.duration("max_hold", Duration.ZERO, Duration.ofDays(7), Duration.ofMinutes(10)));
  }
}
