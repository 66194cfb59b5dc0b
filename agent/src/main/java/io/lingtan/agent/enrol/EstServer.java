package io.lingtan.agent.enrol;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.lingtan.agent.tls.Tls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * An EST server (RFC 7030), known by its key or by an authority. Each call blocks, for 40 s at most
 * and a slow answer.
 */
final class EstServer {

  private static final int CONNECT_MILLIS = 10_000;
  private static final int READ_MILLIS = 30_000;
  private static final int MOST_ANSWER = 64 * 1024;
  private static final int MOST_WHY = 300;

  private final String root;
  private final SSLSocketFactory connections;
  private final boolean isPinned;

  private EstServer(String root, SSLSocketFactory connections, boolean isPinned) {
    this.root = root;
    this.connections = connections;
    this.isPinned = isPinned;
  }

  /** It did not do it; the message says why. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    Refused(String why) {
      super(why);
    }
  }

  /** It does not do it now. */
  private static final class NotNow extends IOException {
    private static final long serialVersionUID = 1;

    NotNow(String why) {
      super(why);
    }
  }

  /** The one that an invitation names. Nothing is sent to another. */
  static EstServer of(Invitation invitation) {
    int slash = invitation.est().indexOf('/');
    String place = slash < 0 ? invitation.est() : invitation.est().substring(0, slash);
    String label = slash < 0 ? "" : invitation.est().substring(slash + 1) + "/";
    return new EstServer(
        "https://" + place + "/.well-known/est/" + label, Tls.pinned(invitation.pinned()), true);
  }

  /**
   * The one of a gateway that has a certificate, which is shown to it.
   *
   * @param ca who vouches for it, as for the broker
   * @param own certificate and key
   * @param at when its certificate must be valid; null: now
   */
  static EstServer of(URI est, @Nullable Path ca, Path own, @Nullable Instant at)
      throws Tls.Unusable {
    String path = est.getPath() == null ? "" : est.getPath().replaceFirst("^/+", "");
    String label = path.isEmpty() || path.endsWith("/") ? path : path + "/";
    return new EstServer(
        est.resolve("/.well-known/est/" + label).toString(),
        Tls.factory(new Tls.Identity(ca, own, own), at),
        false);
  }

  /** Its authorities. */
  List<X509Certificate> authorities() throws IOException, Refused {
    return ask("cacerts", null, null);
  }

  /** The certificate for whoever has a token. */
  List<X509Certificate> enrol(byte[] request, String name, String token)
      throws IOException, Refused {
    String both = Base64.getEncoder().encodeToString((name + ":" + token).getBytes(UTF_8));
    return ask("simpleenroll", request, "Basic " + both);
  }

  /** The next certificate of whoever shows one. */
  List<X509Certificate> renew(byte[] request) throws IOException, Refused {
    return ask("simplereenroll", request, null);
  }

  private List<X509Certificate> ask(
      String what, byte @Nullable [] request, @Nullable String authorization)
      throws IOException, Refused {
    HttpsURLConnection connection =
        (HttpsURLConnection) URI.create(root + what).toURL().openConnection();
    try {
      connection.setSSLSocketFactory(connections);
      if (isPinned) {
        connection.setHostnameVerifier((name, session) -> true); // its key is the one
      }
      connection.setInstanceFollowRedirects(false);
      connection.setUseCaches(false);
      connection.setConnectTimeout(CONNECT_MILLIS);
      connection.setReadTimeout(READ_MILLIS);
      connection.setRequestProperty("Connection", "close");
      if (authorization != null) {
        connection.setRequestProperty("Authorization", authorization);
      }
      if (request != null) {
        byte[] body = Base64.getMimeEncoder().encode(request);
        connection.setRequestMethod("POST");
        connection.setRequestProperty("Content-Type", "application/pkcs10");
        connection.setRequestProperty("Content-Transfer-Encoding", "base64");
        connection.setDoOutput(true);
        connection.getOutputStream().write(body);
      }
      int code = connection.getResponseCode();
      if (code != HttpsURLConnection.HTTP_OK) {
        String why = root + ": " + why(code, connection.getErrorStream());
        if (code < 400 || code == 429 || code >= 500) {
          throw new NotNow(why);
        }
        throw new Refused(why);
      }
      try (InputStream in = connection.getInputStream()) {
        return certificates(in.readNBytes(MOST_ANSWER));
      }
    } catch (NotNow e) {
      throw e;
    } catch (SSLException e) {
      boolean isRefused = said(e).contains("Received fatal alert");
      throw new IOException(
          root
              + (isRefused
                  ? ": it does not take our certificate; if that has ended it takes a new sticker: "
                  : ": not the server that is meant, or no TLS: ")
              + said(e),
          e);
    } catch (IOException e) {
      throw new IOException(root + ": cannot be reached: " + said(e), e);
    } finally {
      connection.disconnect();
    }
  }

  private static String said(IOException e) {
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }

  private static String why(int code, @Nullable InputStream body) throws IOException {
    String text =
        body == null
            ? ""
            : new String(body.readNBytes(MOST_WHY), UTF_8).strip().replaceAll("\\p{Cntrl}+", " ");
    return code == 202 ? "it wants to be asked again later" : "HTTP " + code + " " + text;
  }

  /** PKCS#7 that holds certificates alone, base64 or not. */
  private static List<X509Certificate> certificates(byte[] answer) throws Refused {
    try {
      byte[] der =
          answer.length > 0 && answer[0] == 0x30
              ? answer
              : Base64.getMimeDecoder().decode(new String(answer, US_ASCII));
      List<X509Certificate> found =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(der))
              .stream()
              .map(X509Certificate.class::cast)
              .toList();
      if (found.isEmpty()) {
        throw new Refused("the EST server's answer holds no certificate");
      }
      return found;
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new Refused("the EST server's answer is not one of certificates: " + e.getMessage());
    }
  }
}
