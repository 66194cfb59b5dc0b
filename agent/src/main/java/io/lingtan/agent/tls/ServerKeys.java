package io.lingtan.agent.tls;

import java.net.Socket;
import java.nio.file.Path;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Certificate and key of a server, from files that may come late and be replaced at any time: each
 * handshake takes those that are there. Where they cannot be used, or do not fit each other because
 * one of them is being replaced, the last that could be used stay; before there were any no
 * handshake succeeds. Any thread.
 */
final class ServerKeys extends X509ExtendedKeyManager {

  private static final Logger log = LoggerFactory.getLogger(ServerKeys.class);

  private final Path cert;
  private final Path key;
  private String used = "";
  private String complaint = "";
  private long count;
  private @Nullable Held now;
  private @Nullable Held before;

  /** One pair, under a name that no other pair had. */
  private record Held(String alias, Tls.Pair pair) {}

  ServerKeys(Path cert, Path key) {
    this.cert = cert;
    this.key = key;
  }

  private synchronized @Nullable String choose(String keyType) {
    String stamp = Tls.stamp(cert) + ";" + Tls.stamp(key);
    if (!stamp.equals(used)) {
      try {
        Tls.Pair pair = Tls.pair(cert, key);
        before = now;
        now = new Held("pair-" + ++count, pair);
        used = stamp;
        complaint = "";
      } catch (Tls.Unusable e) {
        complain(String.valueOf(e.getMessage()));
      }
    }
    return now != null && now.pair().key().getAlgorithm().equals(keyType) ? now.alias() : null;
  }

  /** Once for each reason: what is in the way may be mended without the files being others. */
  private void complain(String why) {
    if (!why.equals(complaint)) {
      complaint = why;
      log.warn(
          "{}; {}",
          why,
          now == null ? "nobody can connect until then" : "the certificate of before is shown");
    }
  }

  private synchronized Tls.@Nullable Pair of(String alias) {
    for (Held held : new @Nullable Held[] {now, before}) {
      if (held != null && held.alias().equals(alias)) {
        return held.pair();
      }
    }
    return null;
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return choose(keyType);
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return choose(keyType);
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    Tls.Pair pair = of(alias);
    return pair == null ? null : pair.chain().toArray(X509Certificate[]::new);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    Tls.Pair pair = of(alias);
    return pair == null ? null : pair.key();
  }

  @Override
  public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    String alias = choose(keyType);
    return alias == null ? null : new String[] {alias};
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return null;
  }
}
