package io.lingtan.simulator.live;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.elements.config.UdpConfig;
import org.eclipse.californium.scandium.config.DtlsConfig;
import org.eclipse.californium.scandium.config.DtlsConfig.DtlsRole;
import org.eclipse.californium.scandium.dtls.cipher.CipherSuite;

/** The library's settings, as a small node has them. */
final class Californium {

  /** It tells every setting and socket; kept here, or what is set on it would be forgotten. */
  private static final Logger ITS_LOG = Logger.getLogger("org.eclipse.californium");

  /** What goes into one message; more is sent block by block (RFC 7959). */
  private static final int BLOCK_BYTES = 128;

  private Californium() {}

  static Configuration settings(DtlsRole role) {
    ITS_LOG.setLevel(Level.SEVERE);
    CoapConfig.register();
    UdpConfig.register();
    DtlsConfig.register();
    Configuration settings = Configuration.createStandardWithoutFile();
    settings.set(CoapConfig.PREFERRED_BLOCK_SIZE, BLOCK_BYTES);
    settings.set(CoapConfig.MAX_MESSAGE_SIZE, BLOCK_BYTES);
    settings.set(CoapConfig.PROTOCOL_STAGE_THREAD_COUNT, 1);
    settings.set(CoapConfig.MAX_ACTIVE_PEERS, 64);
    settings.set(UdpConfig.UDP_RECEIVER_THREAD_COUNT, 1);
    settings.set(UdpConfig.UDP_SENDER_THREAD_COUNT, 1);
    settings.set(DtlsConfig.DTLS_ROLE, role);
    settings.set(DtlsConfig.DTLS_MAX_CONNECTIONS, 64);
    settings.set(DtlsConfig.DTLS_RECEIVER_THREAD_COUNT, 1);
    settings.set(DtlsConfig.DTLS_CONNECTOR_THREAD_COUNT, 1);
    settings.setAsList(
        DtlsConfig.DTLS_CIPHER_SUITES,
        CipherSuite.TLS_PSK_WITH_AES_128_CCM_8,
        CipherSuite.TLS_PSK_WITH_AES_128_GCM_SHA256,
        CipherSuite.TLS_PSK_WITH_AES_128_CBC_SHA256);
    settings.set(DtlsConfig.DTLS_RECOMMENDED_CIPHER_SUITES_ONLY, false);
    return settings;
  }
}
