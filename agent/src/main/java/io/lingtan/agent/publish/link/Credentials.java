package io.lingtan.agent.publish.link;

import io.lingtan.agent.site.Site;
import io.lingtan.agent.tls.Tls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files by which a broker knows us and we know it. They may be replaced at any time: a
 * connection takes those that are there when it is made, and one that lasts is told when others lie
 * there. Whoever replaces a certificate and its key does so one after the other, so others count
 * only when they are still the same a look later, and fit each other.
 */
final class Credentials {

  private final Site.Mqtt settings;
  private volatile String used = "";
  private volatile String seen = "";
  private volatile long ends = Long.MIN_VALUE;
  private volatile Broker.Files files = Broker.Files.SAME;

  Credentials(Site.Mqtt settings) {
    this.settings = settings;
  }

  Tls.Identity identity() {
    return new Tls.Identity(settings.ca(), settings.cert(), settings.key());
  }

  /** Null: none is sent. */
  byte @Nullable [] password() throws Tls.Unusable {
    Path file = settings.passwordFile();
    if (file == null) {
      return null;
    }
    try {
      return Files.readString(file, StandardCharsets.UTF_8)
          .strip()
          .getBytes(StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw Tls.unreadable(file, e);
    }
  }

  /** A connection is being made with what is there now. */
  void use() {
    used = stamp();
    seen = used;
    ends = Tls.ends(settings.cert());
    files = Broker.Files.SAME;
  }

  /**
   * Compares; blocks while it reads.
   *
   * @param at when the other's certificates must be valid; null: now
   */
  void look(@Nullable Instant at) {
    String now = stamp();
    boolean settled = now.equals(seen) || isOneFile();
    seen = now;
    if (now.equals(used)) {
      files = Broker.Files.SAME;
    } else if (settled) {
      String problem = problem(at);
      ends = Tls.ends(settings.cert());
      files = new Broker.Files(problem == null, problem);
    }
  }

  /** Which is replaced as a whole: nothing of it is still to come. */
  private boolean isOneFile() {
    Path cert = settings.cert();
    return cert != null && cert.equals(settings.key());
  }

  private @Nullable String problem(@Nullable Instant at) {
    try {
      password();
      Tls.factory(identity(), at);
      return null;
    } catch (Tls.Unusable e) {
      return e.getMessage();
    }
  }

  Broker.Files files() {
    return files;
  }

  /** When our own certificate ends, UTC; {@link Long#MIN_VALUE} if there is none to read. */
  long endsMillis() {
    return ends;
  }

  /** Another one for files with other contents. */
  private String stamp() {
    return Stream.of(settings.ca(), settings.cert(), settings.key(), settings.passwordFile())
        .filter(Objects::nonNull)
        .map(Tls::stamp)
        .collect(Collectors.joining(";"));
  }
}
