package io.lingtan.agent.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lingtan.agent.desk.FieldJson;
import io.lingtan.agent.reading.Json;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.status.access.Pass;
import io.lingtan.agent.tls.Tls;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import javax.net.ssl.HttpsURLConnection;
import org.jspecify.annotations.Nullable;

/** The local HTTP of an agent on this machine, as a command uses it. */
public final class AgentPage {

  private static final int CONNECT_MILLIS = 1000;
  private static final int LOOK_MILLIS = 3000;

  /** A scan tells something at least with each question, and a line may keep one waiting. */
  private static final int READ_MILLIS = 60_000;

  private final URI root;

  private final Site.@Nullable PageTls tls;
  private final Path passFile;

  private AgentPage(URI root, Site.@Nullable PageTls tls, Path passFile) {
    this.root = root;
    this.tls = tls;
    this.passFile = passFile;
  }

  /** The page of a site's agent; it listens on loopback too, or on nothing else. */
  public static AgentPage of(Site site) {
    String host = site.status().host();
    boolean all = host.equals("0.0.0.0") || host.equals("::");
    String named = all ? "127.0.0.1" : host.contains(":") ? "[" + host + "]" : host;
    URI root = URI.create(site.status().scheme() + "://" + named + ":" + site.status().port());
    return new AgentPage(root, site.status().tls(), Pass.file(site.journal().path()));
  }

  URI root() {
    return root;
  }

  /**
   * Whether an agent of this name answers there; one that tells nothing without its PIN is taken
   * for it.
   */
  public boolean isOf(String gateway) {
    try {
      HttpURLConnection connection = open("/api/snapshot");
      connection.setReadTimeout(LOOK_MILLIS);
      if (connection.getResponseCode() == HttpURLConnection.HTTP_UNAUTHORIZED) {
        return "PIN".equals(connection.getHeaderField("WWW-Authenticate"));
      }
      try (InputStream in = connection.getInputStream()) {
        String snapshot = new String(in.readAllBytes(), UTF_8);
        return FieldJson.members(snapshot).stream()
            .anyMatch(
                member -> member.getKey().equals("gateway") && member.getValue().equals(gateway));
      } finally {
        connection.disconnect();
      }
    } catch (IOException | RuntimeException e) {
      return false;
    }
  }

  private HttpURLConnection open(String path) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) root.resolve(path).toURL().openConnection();
    if (tls != null && connection instanceof HttpsURLConnection secure) {
      try {
        secure.setSSLSocketFactory(Tls.onlyTo(tls.cert()));
      } catch (Tls.Unusable e) {
        throw new IOException(e.getMessage(), e);
      }
      // It is on this machine, and has the certificate that lies here: its name is another.
      secure.setHostnameVerifier((name, session) -> true);
    }
    connection.setConnectTimeout(CONNECT_MILLIS);
    connection.setReadTimeout(READ_MILLIS);
    String pass = pass();
    if (pass != null) {
      connection.setRequestProperty("Authorization", Pass.SCHEME + pass);
    }
    return connection;
  }

  /** Null if this user may not have it, or it is for another listener. */
  private @Nullable String pass() {
    try {
      Pass pass = Pass.read(passFile);
      return pass.port() == root.getPort() ? pass.text() : null;
    } catch (IOException e) {
      return null;
    }
  }

  /** It did not do it. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    Refused(String why) {
      super(why);
    }
  }

  /**
   * Asks for something and gives each line of the answer on as it comes.
   *
   * @throws Refused if it is not done; the message is the agent's own
   * @throws IOException if the agent does not answer
   */
  void post(String path, Map<String, String> fields, Consumer<String> lines)
      throws IOException, Refused {
    HttpURLConnection connection = open(path);
    try {
      connection.setRequestMethod("POST");
      connection.setRequestProperty("Content-Type", "application/json");
      connection.setRequestProperty("X-Lingtan", "1");
      connection.setDoOutput(true);
      connection.getOutputStream().write(json(fields).getBytes(UTF_8));
      int code = connection.getResponseCode();
      if (code == HttpURLConnection.HTTP_UNAUTHORIZED && pass() == null) {
        throw new Refused(
            "to ask from here, show %s, which only its user and root can read: run this as that user (sudo -u lingtan), or ask at the page with the PIN"
                .formatted(passFile));
      }
      if (code != HttpURLConnection.HTTP_OK) {
        InputStream why = connection.getErrorStream();
        throw new Refused(
            why == null ? "HTTP " + code : new String(why.readAllBytes(), UTF_8).strip());
      }
      BufferedReader in =
          new BufferedReader(new InputStreamReader(connection.getInputStream(), UTF_8));
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        lines.accept(line);
      }
    } finally {
      connection.disconnect();
    }
  }

  private static String json(Map<String, String> fields) throws IOException {
    return Json.object(
        json -> {
          for (Map.Entry<String, String> field : fields.entrySet()) {
            json.writeStringField(field.getKey(), field.getValue());
          }
        });
  }
}
