package io.lingtan.simulator.broker;

import com.hivemq.embedded.EmbeddedExtension;
import com.hivemq.embedded.EmbeddedHiveMQ;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Runs an MQTT broker that lets everybody in: {@code Main ADDRESS PORT FOLDER}.
 *
 * <p>Sessions, subscriptions, queued and retained messages are kept in FOLDER: a broker that is
 * started again on it goes on where the last one stopped, and a subscriber that was away meanwhile
 * misses nothing. It prints {@code ready} when it listens, and ends when its standard input does,
 * so that it never outlives the program that started it.
 */
public final class Main {
  /** For each subscriber that is away. */
  private static final int MOST_QUEUED = 100_000;

  private Main() {}

  /** Exits 2 on wrong usage. */
  public static void main(String[] args) throws IOException {
    if (args.length != 3) {
      System.err.println("usage: Main ADDRESS PORT FOLDER");
      System.exit(2);
    }
    // HiveMQ has a logback.xml of its own, and logback complains where it finds two.
    System.setProperty("logback.configurationFile", "broker-logback.xml");
    Path folder = Files.createDirectories(Path.of(args[2]));
    Files.writeString(folder.resolve("config.xml"), config(args[0], Integer.parseInt(args[1])));
    var everybody =
        EmbeddedExtension.builder()
            .withId("everybody")
            .withName("Lets everybody in")
            .withVersion("1")
            .withPriority(0)
            .withStartPriority(0)
            .withAuthor("Lingtan")
            .withExtensionMain(new Everybody())
            .build();
    var broker =
        EmbeddedHiveMQ.builder()
            .withConfigurationFolder(folder)
            .withDataFolder(Files.createDirectories(folder.resolve("data")))
            .withExtensionsFolder(Files.createDirectories(folder.resolve("extensions")))
            .withEmbeddedExtension(everybody)
            .build();
    broker.start().join();
    System.out.println("ready");
    while (System.in.read() >= 0) {}
    broker.stop().join();
    System.exit(0);
  }

  private static String config(String address, int port) {
    return """
    <hivemq>
      <listeners>
        <tcp-listener><port>%d</port><bind-address>%s</bind-address></tcp-listener>
      </listeners>
      <persistence><mode>file</mode></persistence>
      <mqtt>
        <queued-messages><max-queue-size>%d</max-queue-size></queued-messages>
      </mqtt>
      <anonymous-usage-statistics><enabled>false</enabled></anonymous-usage-statistics>
    </hivemq>
    """
        .formatted(port, address, MOST_QUEUED);
  }
}
