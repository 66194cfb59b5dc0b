package io.lingtan.agent.tls;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Trusts one server's key and nobody else's: neither its name nor its dates matter, so that a clock
 * that is wrong is no obstacle, and no authority vouches for another. TLS proves that the server
 * has the private key.
 */
final class PinnedKey extends X509ExtendedTrustManager {

  private final byte[] sha256;

  /**
   * @param sha256 of the public key as its certificate has it (SubjectPublicKeyInfo)
   */
  PinnedKey(byte[] sha256) {
    this.sha256 = sha256.clone();
  }

  private void check(X509Certificate[] chain) throws CertificateException {
    try {
      byte[] seen =
          MessageDigest.getInstance("SHA-256").digest(chain[0].getPublicKey().getEncoded());
      if (!MessageDigest.isEqual(seen, sha256)) {
        throw new CertificateException("its key is another than the pin names");
      }
    } catch (GeneralSecurityException e) {
      throw e instanceof CertificateException wrong ? wrong : new CertificateException(e);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(
      X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("nobody connects to us");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
      throws CertificateException {
    checkClientTrusted(chain, authType);
  }

  @Override
  public void checkClientTrusted(
      X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
      throws CertificateException {
    checkClientTrusted(chain, authType);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
