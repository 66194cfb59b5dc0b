package io.lingtan.agent.audit.link;

import java.net.UnknownHostException;
import javax.net.ssl.SSLException;
import org.eclipse.paho.mqttv5.client.MqttClientException;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.packet.MqttReturnCode;

/**
 * Why there is no connection.
 *
 * @param message what, where, and what to do
 * @param hopeless whether trying again cannot help
 */
public record Trouble(String message, boolean hopeless) {

  private static final int SESSION_TAKEN_OVER = 142;

  public static Trouble of(BrokerAddress broker, String clientId, MqttException e) {
    Throwable cause = e.getCause();
    return switch (e.getReasonCode()) {
      case MqttClientException.REASON_CODE_SERVER_CONNECT_ERROR -> unreachable(broker, cause);
      case MqttClientException.REASON_CODE_CLIENT_TIMEOUT -> silent(broker);
      case 1, MqttReturnCode.RETURN_CODE_UNSUPPORTED_PROTOCOL_VERSION ->
          new Trouble(
              "broker "
                  + broker
                  + " does not speak MQTT 5: use one that does (mosquitto 2, EMQX, HiveMQ)",
              true);
      // Mosquitto answers a wrong password with "not authorised".
      case MqttReturnCode.RETURN_CODE_BAD_USERNAME_OR_PASSWORD,
          MqttReturnCode.RETURN_CODE_NOT_AUTHORIZED ->
          new Trouble(
              "broker "
                  + broker
                  + " does not let "
                  + clientId
                  + " in: check --user and --password-file, and what the broker allows them",
              true);
      case MqttReturnCode.RETURN_CODE_IDENTIFIER_NOT_VALID ->
          new Trouble(
              "broker " + broker + " refuses the client id " + clientId + ": give --client-id",
              true);
      default ->
          cause instanceof SSLException
              ? unreachable(broker, cause)
              : new Trouble(
                  "connection to broker "
                      + broker
                      + " failed ("
                      + e.getReasonCode()
                      + ", "
                      + (cause == null ? e.getMessage() : cause.getMessage())
                      + "): see the broker's log",
                  false);
    };
  }

  private static Trouble unreachable(
      BrokerAddress broker, @org.jspecify.annotations.Nullable Throwable cause) {
    if (cause instanceof SSLException) {
      return new Trouble(
          "no TLS with broker "
              + broker
              + " ("
              + cause.getMessage()
              + "): check --ca, the host name in the broker's certificate, and that this port"
              + " speaks TLS",
          true);
    }
    if (cause instanceof UnknownHostException) {
      return new Trouble(
          "broker " + broker + ": there is no host of this name: check it, or the name server",
          false);
    }
    String why = cause == null ? "no answer" : String.valueOf(cause.getMessage());
    return new Trouble(
        "cannot reach broker "
            + broker
            + " ("
            + why
            + "): start it, or check host, port and firewall",
        false);
  }

  static Trouble silent(BrokerAddress broker) {
    return new Trouble(
        "broker "
            + broker
            + " takes the connection and does not answer: check that MQTT"
            + (broker.tls() ? " over TLS" : " without TLS")
            + " is spoken on this port",
        false);
  }

  static Trouble disconnected(BrokerAddress broker, String clientId, int reason, String text) {
    return reason == SESSION_TAKEN_OVER
        ? new Trouble(
            "another program uses the client id "
                + clientId
                + " at broker "
                + broker
                + ": stop it, or give --client-id",
            true)
        : new Trouble("connection to broker " + broker + " is lost (" + text + ")", false);
  }

  static Trouble notSubscribed(BrokerAddress broker, String filter, int reason) {
    return new Trouble(
        "broker "
            + broker
            + " does not allow to subscribe "
            + filter
            + " (reason "
            + reason
            + "): allow this user to read lingtan/v1/#",
        true);
  }
}
