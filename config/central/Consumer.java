import java.io.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.security.*;
import java.security.cert.*;
import java.security.cert.Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.sql.*;
import java.util.*;
import java.util.zip.GZIPInputStream;
import javax.net.ssl.*;
import org.eclipse.paho.mqttv5.client.*;
import org.eclipse.paho.mqttv5.common.*;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;

/**
 * As consumer.py, but it ends when broker or database are away: java -cp postgresql.jar:paho.jar
 * Consumer.java ssl://BROKER:8883 'jdbc:postgresql://HOST/DATABASE?user=…&password=…' [CA CERT KEY]
 */
record Consumer(MqttAsyncClient client, Connection db) implements MqttCallback {
  private static final int MOST =
      2 << 20; // bytes of a batch, inflated: a gateway makes none of more than 256 kB

  public static void main(String[] args) throws Exception {
    MqttAsyncClient client = new MqttAsyncClient(args[0], "consumer-java", null);
    client.setManualAcks(true);
    client.setCallback(new Consumer(client, DriverManager.getConnection(args[1])));
    MqttConnectionOptions session = new MqttConnectionOptions();
    session.setCleanStart(false);
    session.setSessionExpiryInterval(
        14 * 86400L); // so long the broker keeps what comes while this is not running
    session.setMaximumPacketSize(1L << 20);
    if (args.length > 2) {
      session.setSocketFactory(tls(Path.of(args[2]), Path.of(args[3]), Path.of(args[4])));
    }
    client.connect(session).waitForCompletion();
    // store first: what was delivered before the first of a gateway is not judged.
    String[] kinds = "store meta meta/+ data/+ interval/+ event batch/# undated".split(" ");
    Arrays.setAll(kinds, i -> "lingtan/v1/+/" + kinds[i]);
    int[] qos = new int[kinds.length];
    Arrays.fill(qos, 1);
    client.subscribe(kinds, qos).waitForCompletion();
  }

  /** Of the PEM files that ca.sh makes; an EC key in PKCS 8. */
  private static SSLSocketFactory tls(Path ca, Path cert, Path key) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    for (Certificate each : certificates(ca)) {
      store.setCertificateEntry("ca" + store.size(), each);
    }
    String pem = Files.readString(key).replaceAll("-----[^-]+-----|\\s", "");
    PrivateKey own =
        KeyFactory.getInstance("EC")
            .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));
    store.setKeyEntry("own", own, new char[0], certificates(cert).toArray(new Certificate[0]));
    var trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trusted.init(store);
    var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trusted.getTrustManagers(), null);
    return context.getSocketFactory();
  }

  private static Collection<? extends Certificate> certificates(Path file) throws Exception {
    try (InputStream in = Files.newInputStream(file)) {
      return CertificateFactory.getInstance("X.509").generateCertificates(in);
    }
  }

  public void messageArrived(String topic, MqttMessage message) throws MqttException {
    try (PreparedStatement keep =
        db.prepareStatement("SELECT * FROM keep(?, nullif(?, '')::json)")) {
      var in = new ByteArrayInputStream(message.getPayload());
      byte[] text = (topic.endsWith("/gz") ? new GZIPInputStream(in) : in).readNBytes(MOST + 1);
      if (text.length > MOST) {
        throw new IOException("more than 2 MB");
      }
      keep.setString(1, topic);
      keep.setString(2, new String(text, StandardCharsets.UTF_8));
      // Commits by itself: what is acknowledged below is on the disk.
      for (ResultSet hole = keep.executeQuery(); hole.next(); ) {
        System.out.printf(
            "missing: %s %s seq %s to %s: %s%n",
            hole.getString(1),
            hole.getString(2),
            hole.getString(3),
            hole.getString(4),
            hole.getString(5));
      }
    } catch (SQLException | IOException e) {
      // 22, 23, 54: the text, or what is in it, is no record.
      if (e instanceof SQLException sql
          && !String.valueOf(sql.getSQLState()).matches("(22|23|54).*")) {
        end("the database: " + e.getMessage());
      }
      System.out.println("not a message of a gateway: " + topic + " " + e.getMessage());
    }
    client.messageArrivedComplete(message.getId(), message.getQos());
  }

  public void disconnected(MqttDisconnectResponse response) {
    end("the broker: " + response.getException());
  }

  /** To be started again: the broker sends again what was not acknowledged. */
  private static void end(String why) {
    System.out.println("ended by " + why);
    Runtime.getRuntime().halt(1);
  }

  public void mqttErrorOccurred(MqttException exception) {}

  public void deliveryComplete(IMqttToken token) {}

  public void connectComplete(boolean reconnect, String uri) {}

  public void authPacketArrived(int reason, MqttProperties properties) {}
}
