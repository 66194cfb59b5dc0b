package io.lingtan.agent.acquire.coap;

import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.config.CoapConfig.TrackerMode;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.core.network.InMemoryMessageExchangeStore;
import org.eclipse.californium.core.network.RandomTokenGenerator;
import org.eclipse.californium.elements.Connector;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.elements.config.UdpConfig;
import org.eclipse.californium.scandium.config.DtlsConfig;
import org.eclipse.californium.scandium.config.DtlsConfig.DtlsRole;
import org.eclipse.californium.scandium.dtls.cipher.CipherSuite;

/**
 * The library's settings: few threads, small queues, nothing that grows with the number of peers.
 */
final class Californium {

  /** It tells every setting and socket; kept here, or what is set on it would be forgotten. */
  private static final Logger ITS_LOG = Logger.getLogger("org.eclipse.californium");

  private static final int MOST_PEERS = 256;

  private static final int QUEUE = 64;
  private static final long LEAST_ACK_MILLIS = 100;

  /** RFC 7252, section 4.8: ACK_TIMEOUT. */
  private static final long USUAL_ACK_MILLIS = 2_000;

  private Californium() {}

  /**
   * Settings of one endpoint; no file is read or written.
   *
   * @param timeoutMillis how long an answer is waited for: repetitions must fit into it
   */
  static Configuration settings(long timeoutMillis, DtlsRole role) {
    ITS_LOG.setLevel(Level.SEVERE);
    CoapConfig.register();
    UdpConfig.register();
    DtlsConfig.register();
    Configuration settings = Configuration.createStandardWithoutFile();
    long ack = Math.clamp(timeoutMillis / 4, LEAST_ACK_MILLIS, USUAL_ACK_MILLIS);
    settings.set(CoapConfig.ACK_TIMEOUT, ack, TimeUnit.MILLISECONDS);
    settings.set(CoapConfig.MAX_ACTIVE_PEERS, MOST_PEERS);
    settings.set(CoapConfig.MAX_RESOURCE_BODY_SIZE, PayloadDecoder.LONGEST_PAYLOAD);
    settings.set(CoapConfig.PROTOCOL_STAGE_THREAD_COUNT, 1);
    settings.set(CoapConfig.MID_TRACKER, TrackerMode.GROUPED);
    settings.set(UdpConfig.UDP_RECEIVER_THREAD_COUNT, 1);
    settings.set(UdpConfig.UDP_SENDER_THREAD_COUNT, 1);
    settings.set(UdpConfig.UDP_CONNECTOR_OUT_CAPACITY, QUEUE);
    settings.set(DtlsConfig.DTLS_ROLE, role);
    settings.set(DtlsConfig.DTLS_RECEIVER_THREAD_COUNT, 1);
    settings.set(DtlsConfig.DTLS_CONNECTOR_THREAD_COUNT, 1);
    settings.set(DtlsConfig.DTLS_MAX_CONNECTIONS, MOST_PEERS);
    settings.set(DtlsConfig.DTLS_MAX_PENDING_OUTBOUND_JOBS, QUEUE);
    settings.set(DtlsConfig.DTLS_MAX_PENDING_INBOUND_JOBS, QUEUE);
    settings.set(DtlsConfig.DTLS_MAX_PENDING_HANDSHAKE_RESULT_JOBS, QUEUE);
    // A connection id (RFC 9146) keeps a session alive when a router gives the peer a new address.
    settings.set(DtlsConfig.DTLS_CONNECTION_ID_LENGTH, role == DtlsRole.SERVER_ONLY ? 6 : 0);
    settings.setAsList(
        DtlsConfig.DTLS_CIPHER_SUITES,
        CipherSuite.TLS_PSK_WITH_AES_128_CCM_8,
        CipherSuite.TLS_PSK_WITH_AES_128_GCM_SHA256,
        CipherSuite.TLS_PSK_WITH_AES_128_CBC_SHA256);
    // Of those, the first is what RFC 7252 (section 9.1.3.1) asks every node for.
    settings.set(DtlsConfig.DTLS_RECOMMENDED_CIPHER_SUITES_ONLY, false);
    return settings;
  }

  /** An endpoint on a connector, which remembers no more messages than {@link LastMessages}. */
  static CoapEndpoint endpoint(Configuration settings, Connector connector, String line) {
    var tokens = new RandomTokenGenerator(settings);
    var exchanges = new InMemoryMessageExchangeStore(line, settings, tokens);
    exchanges.setDeduplicator(
        new LastMessages(settings.get(CoapConfig.EXCHANGE_LIFETIME, TimeUnit.NANOSECONDS)));
    return CoapEndpoint.builder()
        .setConfiguration(settings)
        .setConnector(connector)
        .setTokenGenerator(tokens)
        .setMessageExchangeStore(exchanges)
        .setLoggingTag(line)
        .build();
  }

  /** A response code as class × 100 + detail. */
  static int code(int raw) {
    return (raw >> 5) * 100 + (raw & 0x1F);
  }

  /** The raw form of such a code. */
  static int raw(int code) {
    return ((code / 100) << 5) | (code % 100);
  }
}
