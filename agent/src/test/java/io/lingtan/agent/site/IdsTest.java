package io.lingtan.agent.site;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lingtan.agent.site.yaml.Words;
import io.lingtan.testing.MessageSchemas;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The reader of site files and the schemas of messages take the same ids. */
final class IdsTest {

  private static final Path SCHEMAS = Path.of("../config/schema");

  @Test
  void anIdHasOneToSixtyFourSignsForBoth() throws IOException {
    compare("a".repeat(64));
    compare("a".repeat(65));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Building", "b", "_b", "-b", "9", "B2_x-1", "a b", "a.b", "a/b", "\u697c", "+"})
  void theReaderTakesWhatTheSchemasTake(String id) throws IOException {
    compare(id);
  }

  private static void compare(String id) throws IOException {
    MessageSchemas schemas = MessageSchemas.of(SCHEMAS);
    boolean taken = Words.isId(id);
    for (String name : List.of("data", "interval")) {
      List<String> problems = schemas.problems(name, message(name, id));
      assertEquals(taken, problems.isEmpty(), name + " of " + id + ": " + problems);
    }
  }

  private static String message(String name, String id) {
    return name.equals("data")
        ? """
        {"epoch":"44c7bf34","seq":1,"after":0,"ts":1,"device":"%s","values":{"power":1}}\
        """
            .formatted(id)
        : """
        {"epoch":"44c7bf34","seq":1,"after":0,"ts":1,"interval":"15m","start":0,"end":900000,\
        "rev":0,"metrics":{"elec.load.%s":{"v":1,"u":"kW.h","q":"measured","cov":100,"est":0}},\
        "registers":{"%s/energy_import":[1,2]},"factors":{}}\
        """
            .formatted(id, id);
  }
}
