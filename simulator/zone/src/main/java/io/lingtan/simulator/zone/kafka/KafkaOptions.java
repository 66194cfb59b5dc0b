package io.lingtan.simulator.zone.kafka;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How a command comes to Kafka, and as whom. */
public final class KafkaOptions {

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--kafka",
      paramLabel = "SERVERS",
      required = true,
      description = "Kafka, HOST:PORT,HOST:PORT ...")
  private String servers;

  @Option(
      names = "--kafka-config",
      paramLabel = "FILE",
      description =
          "Properties of Kafka's own clients, such as security.protocol, ssl.* and sasl.*. What"
              + " this program sets itself they do not change.")
  private @Nullable Path file;

  /**
   * Settings of a client.
   *
   * @param own what the program needs, whatever stands in the file
   * @throws ParameterException if the file cannot be read
   */
  public Properties with(Map<String, ?> own) {
    Properties properties = new Properties();
    if (file != null) {
      try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
        properties.load(reader);
      } catch (IOException | IllegalArgumentException e) {
        throw new ParameterException(
            spec.commandLine(), "--kafka-config: cannot read " + file + ": " + e.getMessage(), e);
      }
    }
    properties.putAll(own);
    properties.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, servers);
    return properties;
  }
}
