package io.lingtan.agent.status;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import io.lingtan.agent.run.PackedFile;
import io.lingtan.agent.site.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The files that the page is made of, from the jar: just those that are listed, and of these just
 * those that there are, so that the page can tell which screens it has. Each is packed once; a
 * browser keeps it and asks by its tag whether it is still the same.
 */
final class Assets {

  private static final String SCRIPT = "text/javascript";
  private static final String STYLE = "text/css";
  private static final String SCREENS = "/screens/";
  private static final String LANGUAGES = "/words/";

  /** Lines of their own: what stands behind code stays. */
  private static final Pattern COMMENT = Pattern.compile("(?m)^ *(?://.*|/\\*(?s:.*?)\\*/ *)\n");

  private static final Pattern INDENT = Pattern.compile("(?m)^\\s+");

  /** Path to type. A screen is {@code /screens/NAME.js}; they stand in the order of their tabs. */
  private static final Map<String, String> LISTED = listed();

  /** From what size on packing is worth it: less fits into one packet anyway. */
  private static final int WORTH_PACKING = 1024;

  private record Asset(String type, byte[] plain, byte[] packed, String tag) {}

  private final Map<String, Asset> assets = new LinkedHashMap<>();

  Assets() {
    LISTED.forEach(
        (path, type) -> {
          byte[] plain = plain(path);
          if (plain != null) {
            assets.put(path, new Asset(type, plain, packed(plain), tag(plain)));
          }
        });
  }

  private static Map<String, String> listed() {
    Map<String, String> listed = new LinkedHashMap<>();
    listed.put("/app.js", SCRIPT);
    for (String name : List.of("meters", "charts", "uplink", "events", "commission")) {
      listed.put(SCREENS + name + ".js", SCRIPT);
      listed.put(SCREENS + name + ".css", STYLE);
    }
    for (String name :
        List.of(
            "strip",
            "plot",
            "lines",
            "chart-tools",
            "energy",
            "sums",
            "steps",
            "settings",
            "step-load",
            "activities",
            "technicians")) {
      listed.put("/" + name + ".js", SCRIPT);
    }
    listed.put("/strip.css", STYLE);
    listed.put("/activities.css", STYLE);
    // A language is there by its file alone.
    for (String language : Locale.getISOLanguages()) {
      listed.put(LANGUAGES + language + ".js", SCRIPT);
    }
    return listed;
  }

  /** Names of the screens that there are beside the overview, in the order of their tabs. */
  List<String> screens() {
    return named(SCREENS);
  }

  /** Names of the scripts in a folder. */
  private List<String> named(String folder) {
    return assets.keySet().stream()
        .filter(path -> path.startsWith(folder) && path.endsWith(".js"))
        .map(path -> path.substring(folder.length(), path.length() - ".js".length()))
        .toList();
  }

  /** Those that there is a file of, beside Chinese and English, which every module has. */
  List<String> languages() {
    return named(LANGUAGES);
  }

  boolean has(String path) {
    return assets.containsKey(path);
  }

  /** Sends one that there is, or says that the browser's copy is still good. */
  void send(HttpExchange exchange, String path) throws IOException {
    Asset asset = assets.get(path);
    if (asset == null) {
      throw new IllegalArgumentException("no such file: " + path);
    }
    StatusServer.headers(exchange, asset.type + "; charset=utf-8");
    exchange.getResponseHeaders().set("Cache-Control", "no-cache");
    exchange.getResponseHeaders().set("ETag", asset.tag);
    exchange.getResponseHeaders().set("Vary", "Accept-Encoding");
    String known = exchange.getRequestHeaders().getFirst("If-None-Match");
    if (asset.tag.equals(known)) {
      exchange.sendResponseHeaders(304, -1);
      return;
    }
    boolean pack = takesPacked(exchange) && asset.packed.length < asset.plain.length;
    if (pack) {
      exchange.getResponseHeaders().set("Content-Encoding", "gzip");
    }
    write(exchange, 200, pack ? asset.packed : asset.plain);
  }

  /** Sends what was made for this request, packed where that is taken and worth it. */
  static void sendMade(HttpExchange exchange, int code, byte[] body) throws IOException {
    boolean pack = body.length >= WORTH_PACKING && takesPacked(exchange);
    if (pack) {
      exchange.getResponseHeaders().set("Content-Encoding", "gzip");
      exchange.getResponseHeaders().set("Vary", "Accept-Encoding");
    }
    write(exchange, code, pack ? packed(body) : body);
  }

  private static void write(HttpExchange exchange, int code, byte[] body) throws IOException {
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.sendResponseHeaders(code, -1);
      return;
    }
    exchange.sendResponseHeaders(code, body.length);
    exchange.getResponseBody().write(body);
  }

  static boolean takesPacked(HttpExchange exchange) {
    List<String> accepted = exchange.getRequestHeaders().get("Accept-Encoding");
    return accepted != null
        && accepted.stream()
            .flatMap(header -> List.of(header.split(",")).stream())
            .map(coding -> coding.replace(" ", ""))
            .anyMatch(
                coding ->
                    coding.equals("gzip")
                        || (coding.startsWith("gzip;q=") && !coding.matches("gzip;q=0(\\.0*)?")));
  }

  private static byte[] packed(byte[] plain) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(plain.length / 3 + 64);
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(plain);
    } catch (IOException e) {
      throw new UncheckedIOException("an array does not fail", e);
    }
    return bytes.toByteArray();
  }

  private static String tag(byte[] plain) {
    return '"' + Sha256.hex(plain).substring(0, 16) + '"';
  }

  private static byte @Nullable [] plain(String path) {
    byte[] file = find(path.substring(1));
    return file != null && path.endsWith(".js") ? shortened(file) : file;
  }

  /** Without its comments and what its lines begin with: a phone needs neither. */
  private static byte[] shortened(byte[] script) {
    String text = COMMENT.matcher(new String(script, UTF_8)).replaceAll("");
    return INDENT.matcher(text).replaceAll("").getBytes(UTF_8);
  }

  private static byte @Nullable [] find(String name) {
    try (InputStream in = Assets.class.getResourceAsStream(name)) {
      return in == null ? null : in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A file that the agent cannot be without, as text. */
  static String text(String name) {
    return PackedFile.text(Assets.class, name);
  }
}
