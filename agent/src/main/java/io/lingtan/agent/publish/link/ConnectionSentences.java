package io.lingtan.agent.publish.link;

import io.lingtan.agent.packet.PacketGate;
import io.lingtan.agent.publish.link.Failure.Kind;
import io.lingtan.agent.tls.Tls;
import java.io.EOFException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.time.Instant;
import javax.net.ssl.SSLException;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.jspecify.annotations.Nullable;

/** What went wrong with a connection, in one sentence that says what to do. */
public final class ConnectionSentences {

  static final String ONLY_QOS_0 = "takes QoS 0 only; the agent needs QoS 1: allow it there";
  static final String NO_RETAINED =
      "keeps no retained messages; the agent needs them: allow them there";

  static final String TAKES_NOTHING =
      "takes no message at a time (Receive Maximum 0), which MQTT 5 forbids: see its settings";

  private ConnectionSentences() {}

  /** A connection that never came about. */
  static Failure connecting(String server, String gateway, Throwable error) {
    int code = error instanceof MqttException mqtt ? mqtt.getReasonCode() : -1;
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      Failure known = network(server, cause);
      if (known != null) {
        return known;
      }
    }
    return switch (code) {
      case 1, 132 -> noMqtt5(server, code);
      case MqttException.REASON_CODE_INVALID_RETURN_CODE -> unknownAnswer(server);
      case MqttException.REASON_CODE_MALFORMED_PACKET,
          MqttException.REASON_CODE_UNSUPPORTED_PROTOCOL_VERSION ->
          noMqtt5(server, -1);
      case 133 ->
          new Failure(
              Kind.REFUSED,
              code,
              server
                  + ": refuses the client id "
                  + gateway
                  + "; allow it in the broker's settings");
      // 4 and 5 are what a broker of MQTT 3 would say; some say it to MQTT 5 clients too.
      case 4, 134, 140 ->
          new Failure(
              Kind.PASSWORD,
              code,
              server
                  + ": user name, password or client certificate is wrong; check mqtt.user and"
                  + " mqtt.password_file, or mqtt.tls.cert");
      case 5, 135 ->
          new Failure(
              Kind.NOT_AUTHORISED,
              code,
              server
                  + ": "
                  + gateway
                  + " may not connect, or not have its last will published to "
                  + new Topics(gateway).status()
                  + "; check mqtt.user, mqtt.password_file and the broker's permissions");
      case MqttException.REASON_CODE_CLIENT_EXCEPTION -> closedWithoutAnswer(server);
      default ->
          code >= 0x80 && code <= 0xff
              ? broker(server, gateway, code)
              : code == 32000
                  ? timeout(server)
                  : code == 32109 ? closedWithoutAnswer(server) : other(server, code, error);
    };
  }

  private static Failure noMqtt5(String server, int code) {
    return new Failure(
        Kind.NO_MQTT5,
        code,
        server
            + ": does not speak MQTT 5, which the agent needs because older versions cannot say"
            + " that a message was refused; switch it on or use another broker (mosquitto >= 2,"
            + " HiveMQ, EMQX). Until then everything is kept in the journal");
  }

  /**
   * Paho does not know all of MQTT 5's reasons, and keeps those that it does not know to itself: of
   * what a broker may say to us 0x99 and 0x9B.
   */
  private static Failure unknownAnswer(String server) {
    Failure old = noMqtt5(server, -1);
    return new Failure(
        old.kind(),
        old.code(),
        old.sentence()
            + ". If it does speak MQTT 5 it refuses our last will's payload or QoS 1: see its log");
  }

  /** Our own certificate has ended, whatever the broker made of it. */
  public static Failure ownCertificate(String server, Path cert, Instant ended) {
    return tls(server, cert + " has expired at " + ended + "; renew it");
  }

  private static Failure closedWithoutAnswer(String server) {
    return new Failure(
        Kind.CLOSED,
        -1,
        server
            + ": closed the connection without an answer; check that it is an MQTT 5 broker, that"
            + " the port is right (mqtts:// where it wants TLS, mqtt:// where it does not), and"
            + " where it wants a certificate that it accepts mqtt.tls.cert");
  }

  static Failure timeout(String server) {
    return new Failure(
        Kind.TIMEOUT,
        -1,
        server + ": no answer in time; check host, port, firewall and that it is an MQTT broker");
  }

  private static Failure other(String server, int code, Throwable error) {
    return new Failure(
        Kind.CLOSED, code, server + ": cannot connect: " + error.getMessage() + "; trying again");
  }

  private static @Nullable Failure network(String server, Throwable cause) {
    return switch (cause) {
      case UnknownHostException unknown ->
          new Failure(
              Kind.UNKNOWN_HOST,
              -1,
              server + ": this host name is not known here; check mqtt.servers and the DNS");
      case SocketTimeoutException timeout -> timeout(server);
      case NoRouteToHostException noRoute ->
          new Failure(
              Kind.UNREACHABLE, -1, server + ": no way there; check cable, address and route");
      case ConnectException refused ->
          new Failure(
              Kind.UNREACHABLE,
              -1,
              server + ": nobody listens there; check that the broker runs, and host and port");
      case CertificateExpiredException expired -> tls(server, "the certificate has expired");
      case CertificateNotYetValidException early ->
          tls(server, "the certificate is not valid yet; check this machine's clock");
      case PacketGate.BadPacket bad -> badPacket(server, bad);
      case SSLException ssl -> tls(server, tlsReason(ssl));
      case Tls.Unusable file -> new Failure(Kind.CONFIG, -1, server + ": " + file.getMessage());
      default -> null;
    };
  }

  private static Failure tls(String server, String what) {
    return new Failure(Kind.TLS, -1, server + ": TLS failed: " + what);
  }

  private static String tlsReason(SSLException error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertificateExpiredException) {
        return "the broker's certificate has expired; renew it";
      }
      if (cause instanceof CertificateNotYetValidException) {
        return "the broker's certificate is not valid yet; check this machine's clock";
      }
    }
    String seen = String.valueOf(error.getMessage());
    if (seen.contains("PKIX") || seen.contains("unable to find valid certification path")) {
      return "the broker's certificate is not signed by mqtt.tls.ca; put its CA there";
    }
    if (seen.contains("subject alternative") || seen.contains("No name matching")) {
      return "the broker's certificate is for another host name ("
          + seen
          + "); use that name in mqtt.servers or renew the certificate";
    }
    if (seen.contains("certificate_required")
        || seen.contains("bad_certificate")
        || seen.contains("unknown_ca")
        || seen.contains("certificate_unknown")) {
      return "the broker refuses our certificate ("
          + seen
          + "); check mqtt.tls.cert and mqtt.tls.key";
    }
    if (seen.contains("plaintext") || seen.contains("Unsupported or unrecognized SSL message")) {
      return "the port does not speak TLS; use mqtt:// or the TLS port, usually 8883";
    }
    return seen;
  }

  /** A connection that ended. */
  static Failure lost(String server, String gateway, int code, @Nullable Throwable error) {
    if (code >= 0x80 && code <= 0xff) {
      return broker(server, gateway, code);
    }
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof MqttException mqtt
          && mqtt.getReasonCode() >= 0x80
          && mqtt.getReasonCode() <= 0xff) {
        return broker(server, gateway, mqtt.getReasonCode());
      }
      if (cause instanceof PacketGate.BadPacket bad) {
        return badPacket(server, bad);
      }
      if (cause instanceof SSLException ssl) {
        return tls(server, tlsReason(ssl));
      }
      if (cause instanceof EOFException || cause instanceof SocketException) {
        break;
      }
    }
    return new Failure(
        Kind.CLOSED, -1, server + ": the connection broke; trying again until it is back");
  }

  /** Reason codes of CONNACK and DISCONNECT: MQTT 5.0, sections 3.2.2.2 and 3.14.2.1. */
  private static Failure broker(String server, String gateway, int code) {
    return switch (code) {
      case 134, 140 ->
          new Failure(
              Kind.PASSWORD,
              code,
              server + ": user name, password or certificate is no longer accepted; renew them");
      case 135, 138 ->
          new Failure(
              Kind.NOT_AUTHORISED,
              code,
              server + ": " + gateway + " is not allowed; check the broker's permissions");
      case 136, 137, 139, 151, 159 ->
          new Failure(
              Kind.BROKER_BUSY,
              code,
              server
                  + ": is busy or going down (reason "
                  + code
                  + "); trying again until it is back");
      case 142 ->
          new Failure(
              Kind.TAKEN_OVER,
              code,
              server
                  + ": another client connected as "
                  + gateway
                  + "; two gateways must not have the same id, change one in its site file");
      case 144, 153 ->
          new Failure(
              Kind.REFUSED,
              code,
              server
                  + ": refuses our last will, offline to "
                  + new Topics(gateway).status()
                  + " (reason "
                  + code
                  + "); allow topic and payload there");
      case 154 -> unfit(server, NO_RETAINED);
      case 155 -> unfit(server, ONLY_QOS_0);
      case 156, 157 ->
          new Failure(
              Kind.REFUSED,
              code,
              server
                  + ": wants its clients to go to another server (reason "
                  + code
                  + "); name that one in mqtt.servers");
      case 149 ->
          new Failure(
              Kind.PACKET_TOO_LARGE,
              code,
              server + ": a message was too large for it; smaller ones are sent from now on");
      default ->
          new Failure(
              Kind.REFUSED,
              code,
              server + ": ended the connection with reason " + code + "; see the broker's log");
    };
  }

  private static Failure badPacket(String server, PacketGate.BadPacket bad) {
    return new Failure(
        Kind.BAD_PACKET,
        -1,
        server
            + ": sent "
            + bad.getMessage()
            + "; the connection is given up and made again. Find out who publishes that, and"
            + " which broker this is");
  }

  /** Of a broker whose greatest packet is smaller than any record. */
  public static String tinyPackets(int least) {
    return "takes no packets of "
        + least
        + " bytes, so that no record fits: allow larger ones there";
  }

  public static Failure unfit(String server, String what) {
    return new Failure(Kind.REFUSED, -1, server + ": " + what);
  }
}
