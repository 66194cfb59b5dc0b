import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.sql.*;
import java.util.zip.GZIPInputStream;
import org.eclipse.paho.mqttv5.client.*;
import org.eclipse.paho.mqttv5.common.*;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;

/**
 * As consumer.py: java -cp postgresql.jar:paho.jar Consumer.java tcp://BROKER:1883
 * jdbc:postgresql:DATABASE
 */
record Consumer(MqttAsyncClient client, Connection db) implements MqttCallback {
  private static final int MOST =
      2 << 20; // bytes of a batch, inflated: a gateway makes none of more than 256 kB

  public static void main(String[] args) throws Exception {
    MqttAsyncClient client = new MqttAsyncClient(args[0], "consumer-java", null);
    client.setManualAcks(true);
    client.setCallback(new Consumer(client, DriverManager.getConnection(args[1])));
    MqttConnectionOptions session =
        new MqttConnectionOptions(); // with TLS: ssl://, and setSocketFactory here
    session.setCleanStart(false);
    session.setSessionExpiryInterval(
        14 * 86400L); // so long the broker keeps what comes while this is not running
    session.setMaximumPacketSize(1L << 20);
    client.connect(session).waitForCompletion();
    for (String kind : "data/+ interval/+ event batch/# undated store".split(" ")) {
      client.subscribe("lingtan/v1/+/" + kind, 1).waitForCompletion();
    }
  }

  public void messageArrived(String topic, MqttMessage message) throws MqttException {
    try (PreparedStatement keep = db.prepareStatement("SELECT * FROM keep(?, ?::json)")) {
      var in = new ByteArrayInputStream(message.getPayload());
      byte[] text = (topic.endsWith("/gz") ? new GZIPInputStream(in) : in).readNBytes(MOST + 1);
      if (text.length > MOST) {
        throw new java.io.IOException("more than 2 MB");
      }
      keep.setString(1, topic);
      keep.setString(2, new String(text, StandardCharsets.UTF_8));
      // Commits by itself: what is acknowledged below is on the disk.
      for (ResultSet hole = keep.executeQuery();
          hole.next(); ) { // by "after": whose predecessor is not there
        System.out.printf(
            "missing: %s %s %s seq %s, which %s follows%n",
            hole.getString(1),
            hole.getString(2),
            hole.getString(3),
            hole.getString(4),
            hole.getString(5));
      }
    } catch (SQLException | java.io.IOException e) {
      // 22, 23, 54: the text, or what is in it, is no record.
      if (e instanceof SQLException sql
          && !String.valueOf(sql.getSQLState()).matches("(22|23|54).*")) {
        disconnected(null); // the database is away
      }
      System.out.println("not a message of a gateway: " + topic + " " + e.getMessage());
    }
    client.messageArrivedComplete(message.getId(), message.getQos());
  }

  public void disconnected(MqttDisconnectResponse response) {
    Runtime.getRuntime().halt(1); // to be started again, and the broker sends again
  }

  public void mqttErrorOccurred(MqttException exception) {}

  public void deliveryComplete(IMqttToken token) {}

  public void connectComplete(boolean reconnect, String uri) {}

  public void authPacketArrived(int reason, MqttProperties properties) {}
}
