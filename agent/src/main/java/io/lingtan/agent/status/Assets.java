package io.lingtan.agent.status;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import io.lingtan.agent.run.PackedFile;
import io.lingtan.agent.site.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The files that the page is made of, from the jar: just those that are listed, and of these just
 * those that there are, so that the page can tell which screens it has. A script is sent with what
 * it imports by a relative address in front of it, each file once: one request, and one packing of
 * all, where a phone behind a slow gateway would ask for fifteen files one after another. Each is
 * packed once; a browser keeps it and asks by its tag whether it is still the same.
 */
final class Assets {

  private static final String SCRIPT = "text/javascript";
  private static final String STYLE = "text/css";
  private static final String SCREENS = "/screens/";
  private static final String LANGUAGES = "/words/";

  /** Lines of their own: what stands behind code stays. */
  private static final Pattern COMMENT = Pattern.compile("(?m)^ *(?://.*|/\\*(?s:.*?)\\*/ *)\n");

  private static final Pattern INDENT = Pattern.compile("(?m)^\\s+");

  /** What of a script is joined to it; an import by an absolute address stays, and is asked for. */
  private static final Pattern RELATIVE =
      Pattern.compile("(?m)^(?:import|export) \\{[^}]*} from '(\\.[^']+)';\n");

  /** Path to type. A screen is {@code /screens/NAME.js}; they stand in the order of their tabs. */
  private static final Map<String, String> LISTED = listed();

  /** From what size on packing is worth it: less fits into one packet anyway. */
  private static final int WORTH_PACKING = 1024;

  private record Asset(String type, byte[] plain, byte[] packed, String tag) {}

  /** How hard it is packed: a file that is packed once, harder than what is made for each asker. */
  private static final class Packing extends GZIPOutputStream {

    Packing(OutputStream out, int level) throws IOException {
      super(out);
      def.setLevel(level);
    }
  }

  private final Map<String, Asset> assets = new LinkedHashMap<>();

  Assets() {
    LISTED.forEach(
        (path, type) -> {
          byte[] plain = plain(path);
          if (plain != null) {
            assets.put(
                path, new Asset(type, plain, packed(plain, Deflater.BEST_COMPRESSION), tag(plain)));
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
    write(exchange, code, pack ? packed(body, Deflater.DEFAULT_COMPRESSION) : body);
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

  private static byte[] packed(byte[] plain, int level) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(plain.length / 3 + 64);
    try (Packing gzip = new Packing(bytes, level)) {
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
    if (file == null || !path.endsWith(".js")) {
      return file;
    }
    StringBuilder joined = new StringBuilder();
    join(URI.create(path), joined, new HashSet<>());
    return shortened(joined.toString()).getBytes(UTF_8);
  }

  /** A script after what it imports by a relative address; they must not name anything alike. */
  private static void join(URI path, StringBuilder joined, Set<URI> taken) {
    if (!taken.add(path)) {
      return;
    }
    String script = text(path.getPath().substring(1));
    RELATIVE
        .matcher(script)
        .results()
        .forEach(each -> join(path.resolve(each.group(1)), joined, taken));
    joined.append(RELATIVE.matcher(script).replaceAll(""));
  }

  /** Without its comments and what its lines begin with: a phone needs neither. */
  private static String shortened(String script) {
    return INDENT.matcher(COMMENT.matcher(script).replaceAll("")).replaceAll("");
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
