package io.lingtan.simulator.zone.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;

/** What Kafka's own clients are told. */
final class KafkaOptionsTest {
  @TempDir private Path folder;

  @Command
  private static final class Any {
    @Mixin private KafkaOptions kafka;
  }

  private static Properties with(Map<String, ?> own, String... words) {
    Any any = new Any();
    new CommandLine(any).parseArgs(words);
    return any.kafka.with(own);
  }

  @Test
  void theFileSaysHowToConnectAndChangesNothingThatTheProgramNeeds() throws Exception {
    Path file = folder.resolve("client.properties");
    Files.writeString(
        file, "security.protocol=SASL_SSL\nacks=0\nbootstrap.servers=elsewhere:9092\n");
    Properties properties =
        with(Map.of("acks", "all"), "--kafka", "k1:9092", "--kafka-config", file.toString());
    assertEquals("SASL_SSL", properties.get("security.protocol"));
    assertEquals("all", properties.get("acks"));
    assertEquals("k1:9092", properties.get("bootstrap.servers"));
  }

  @Test
  void aFileThatIsNotThereIsWrongUsage() {
    ParameterException refused =
        assertThrows(
            ParameterException.class,
            () -> with(Map.of(), "--kafka", "k1:9092", "--kafka-config", folder + "/none"));
    assertTrue(String.valueOf(refused.getMessage()).contains("none"), refused::toString);
  }
}
