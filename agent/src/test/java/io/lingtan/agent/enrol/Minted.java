package io.lingtan.agent.enrol;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.lingtan.agent.tls.Der;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import javax.security.auth.x500.X500Principal;

/** Certificates of any name and time, signed by whoever (RFC 5280, section 4.1). */
final class Minted {

  private static final DateTimeFormatter UTC_TIME =
      DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

  private static final byte[] ECDSA_SHA256 =
      Der.sequence(new byte[] {6, 8, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 4, 3, 2});

  private static long serial;

  private Minted() {}

  /**
   * @param publicKey as certificates have it
   */
  static X509Certificate certificate(
      String name, byte[] publicKey, long fromMillis, long toMillis, PrivateKey signer) {
    byte[] subject = new X500Principal("CN=" + name).getEncoded();
    byte[] about =
        Der.sequence(
            Der.tagged(2, BigInteger.valueOf(++serial).toByteArray()),
            ECDSA_SHA256,
            subject,
            Der.sequence(time(fromMillis), time(toMillis)),
            subject,
            publicKey);
    try {
      Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(signer);
      signature.update(about);
      byte[] der =
          Der.sequence(about, ECDSA_SHA256, Der.tagged(Der.BITS, new byte[1], signature.sign()));
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(der));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] time(long millis) {
    return Der.tagged(0x17, UTC_TIME.format(Instant.ofEpochMilli(millis)).getBytes(US_ASCII));
  }

  /** The public key of a request, which must have signed itself (RFC 2986). */
  static byte[] keyOf(byte[] request) {
    // SEQUENCE { SEQUENCE { 0, name, key, [0] }, algorithm, signature }; EC P-256 keys have 91
    // bytes.
    byte[] prefix = {0x30, 0x59, 0x30, 0x13};
    for (int at = 0; at < request.length - 91; at++) {
      if (Arrays.equals(request, at, at + 4, prefix, 0, 4)) {
        return Arrays.copyOfRange(request, at, at + 91);
      }
    }
    throw new AssertionError("no key in the request");
  }
}
