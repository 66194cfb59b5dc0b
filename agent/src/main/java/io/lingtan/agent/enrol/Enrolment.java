package io.lingtan.agent.enrol;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lingtan.agent.run.KeptFile;
import io.lingtan.agent.site.Sha256;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.Loaded;
import io.lingtan.agent.site.read.SiteEdit;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.agent.site.yaml.Problem;
import io.lingtan.agent.tls.Tls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A gateway's first certificate, by what a sticker says: key and request are made here, the server
 * is known by its key before anything is sent to it, and the site file names the broker afterwards.
 *
 * <p>Crash contract: the key is on the card before it is asked with, and stays until the site file
 * names what came. Whatever ends it in between, the same sticker once more goes on with the same
 * key, which the server's answer to a token is bound to. The certificate of before is in use until
 * the new one is whole in its place, and the site file is written last.
 */
public final class Enrolment {

  private static final Pattern AUTO =
      Pattern.compile("(?m)^gateway:\\s*[\"']?auto[\"']?\\s*(#.*)?$");

  private static final Pattern GATEWAY = Pattern.compile("(?m)^gateway:");

  private final Path siteFile;
  private final Path folder;
  private final Path ca;
  private final Path own;
  private final Path pending;

  private Enrolment(Path siteFile) {
    this.siteFile = siteFile;
    this.folder = siteFile.resolveSibling("tls");
    this.ca = folder.resolve("ca.pem");
    this.own = folder.resolve("gateway.pem");
    this.pending = pending(own);
  }

  static Path pending(Path own) {
    return own.resolveSibling(own.getFileName() + ".pending");
  }

  /** Why nothing came of it, with what to do. What was in use is in use. */
  public static final class Failed extends Exception {
    private static final long serialVersionUID = 1;

    Failed(String why, @Nullable Throwable cause) {
      super(why, cause);
    }
  }

  /**
   * What a gateway has become.
   *
   * @param gateway its id
   * @param ends when its certificate does
   */
  public record Enrolled(String gateway, Instant ends) {}

  /**
   * Gets the certificate and writes the site file. Blocks for some seconds, two minutes at most.
   *
   * @throws Failed if nothing came of it
   */
  public static Enrolled enrol(Path siteFile, Invitation invitation) throws Failed {
    try {
      return new Enrolment(siteFile.toRealPath()).enrol(invitation);
    } catch (EstServer.Refused e) {
      throw new Failed(e.getMessage() + "; a token is good once: ask the centre for another", e);
    } catch (IOException e) {
      throw new Failed(e.getMessage() + "; the same sticker can be tried again", e);
    } catch (IllegalArgumentException e) {
      throw new Failed(String.valueOf(e.getMessage()), e);
    }
  }

  private Enrolled enrol(Invitation invitation) throws Failed, IOException, EstServer.Refused {
    KeptFile file = KeptFile.of(siteFile);
    String text = new String(file.content(), UTF_8);
    Site site = read(text);
    boolean isAuto = AUTO.matcher(text).find();
    String id = isAuto ? invitation.gateway() : site.gateway();
    if (!isAuto && !site.gateway().equals(invitation.gateway())) {
      throw new Failed(
          "the sticker is of %s, and %s of gateway %s: it takes gateway: auto"
              .formatted(
                  Objects.requireNonNullElse(invitation.gateway(), "any id"),
                  siteFile,
                  site.gateway()),
          null);
    }
    if (site.mqtt().isConfigured()
        && !(own.equals(site.mqtt().cert()) && own.equals(site.mqtt().key()))) {
      throw new Failed(
          "%s names a broker of another kind already: remove mqtt there, or write tls: {%s} into it"
              .formatted(siteFile, tls(invitation)),
          null);
    }
    Files.createDirectories(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-x---")));
    OwnKey key =
        OwnKey.pending(
            pending, "enrol " + Sha256.hex((invitation + invitation.token()).getBytes(UTF_8)));
    EstServer server = EstServer.of(invitation);
    List<X509Certificate> authorities = server.authorities();
    String asked = id == null ? site.gateway() : id;
    List<X509Certificate> chain =
        key.chain(server.enrol(key.request(asked), asked, invitation.token()), id);
    X509Certificate leaf = chain.getFirst();
    requireVouched(leaf, authorities);
    String name = Tls.commonName(leaf);
    String next = next(text, site, name, invitation);
    OwnKey.write(ca, OwnKey.certificates(authorities));
    OwnKey.write(own, key.with(chain));
    if (!next.equals(text)) {
      file.replace(next.getBytes(UTF_8));
    }
    OwnKey.forget(pending);
    return new Enrolled(name, leaf.getNotAfter().toInstant());
  }

  /** One of the server's own authorities has signed it, be it directly. */
  private static void requireVouched(X509Certificate leaf, List<X509Certificate> authorities)
      throws EstServer.Refused {
    if (authorities.stream().noneMatch(each -> hasSigned(each, leaf))) {
      throw new EstServer.Refused(
          "the certificate that came is signed by none of the EST server's authorities");
    }
  }

  private static boolean hasSigned(X509Certificate authority, X509Certificate leaf) {
    try {
      leaf.verify(authority.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false; // another's
    }
  }

  private Site read(String text) throws Failed {
    Loaded loaded = new SiteLoader().read(siteFile, text.getBytes(UTF_8));
    Site site = loaded.site();
    if (site == null) {
      throw new Failed(
          siteFile
              + " has to be put right first: "
              + loaded.problems().stream()
                  .filter(problem -> problem.severity() == Problem.Severity.ERROR)
                  .map(Problem::toString)
                  .collect(Collectors.joining("; ")),
          null);
    }
    return site;
  }

  private static String tls(Invitation invitation) {
    return "ca: tls/ca.pem, cert: tls/gateway.pem, key: tls/gateway.pem, est: \"https://%s\""
        .formatted(invitation.est());
  }

  /** The site file with the gateway's id and its broker. */
  private String next(String text, Site site, String name, Invitation invitation) throws Failed {
    String next = text;
    if (!site.gateway().equals(name) || AUTO.matcher(text).find()) {
      next =
          GATEWAY.matcher(text).find()
              ? new SiteEdit.OfSite("gateway", name).in(next)
              : "gateway: " + name + "\n" + next;
    }
    if (!site.mqtt().isConfigured()) {
      String servers =
          invitation.brokers().stream()
              .map(broker -> "\"mqtts://" + broker + "\"")
              .collect(Collectors.joining(", "));
      next =
          new SiteEdit.OfSite(
                  "mqtt", "{servers: [%s], tls: {%s}}".formatted(servers, tls(invitation)))
              .in(next);
    }
    Site made = read(next);
    if (!made.gateway().equals(name) || made.mqtt().est() == null) {
      throw new Failed(siteFile + " is written in a way that only a person should change", null);
    }
    return next;
  }
}
