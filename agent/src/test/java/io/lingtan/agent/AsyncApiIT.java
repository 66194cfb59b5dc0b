package io.lingtan.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.publish.link.Topics;
import io.lingtan.testing.Launched;
import io.lingtan.testing.MessageSchemas;
import io.lingtan.testing.Npm;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code config/schema/asyncapi.yaml}, as the parser of those who wrote AsyncAPI reads it. */
final class AsyncApiIT {

  private static final Path FOLDER = Path.of("..", "config", "schema");
  private static final Path FILE = FOLDER.resolve("asyncapi.yaml");

  @TempDir private Path folder;

  @Test
  void everySchemaOfAMessageIsThatOfAChannel() throws IOException {
    Set<String> named = new TreeSet<>();
    var reference = Pattern.compile("\\./([a-z-]+)\\.json").matcher(Files.readString(FILE));
    while (reference.find()) {
      named.add(reference.group(1));
    }
    assertEquals(new TreeSet<>(MessageSchemas.of(FOLDER).names()), named);
  }

  @Test
  void everyCommandHasAChannelAnAnswerAndAPlaceInTheContract() throws IOException {
    String file = Files.readString(FILE);
    String contract = Files.readString(FOLDER.resolveSibling("MQTT.md"));
    Set<String> addresses = new TreeSet<>();
    var address = Pattern.compile("/cmd/([a-z]+)\\n").matcher(file);
    while (address.find()) {
      addresses.add(address.group(1));
    }
    Set<String> commands = new TreeSet<>(Topics.COMMANDS);
    assertEquals(commands, addresses);
    assertTrue(file.contains("enum: [" + String.join(", ", commands) + "]"), "names of replies");
    String row = "| `{root}/cmd/{name}` | in | `" + String.join(" ", Topics.COMMANDS) + "`";
    assertTrue(contract.contains(row), row);
  }

  @Test
  @Tag("campaign")
  @RequiresTool("npm")
  void theParserOfAsyncApiFindsNothingWrong() throws Exception {
    Files.writeString(
        folder.resolve("read.mjs"),
        """
        import { Parser, fromFile } from '@asyncapi/parser';
        const { document, diagnostics } = await fromFile(new Parser(), process.argv[2]).parse();
        for (const one of diagnostics) {
          if (one.code !== 'asyncapi-latest-version') console.log(one.path.join('.'), one.message);
        }
        console.log(document ? Object.keys(document.json().channels).length : 'unreadable');
        """);
    Npm.install(folder, "@asyncapi/parser@3.6.6");
    Launched read =
        Launched.run(
            Map.of(), "node", folder.resolve("read.mjs").toString(), FILE.toRealPath().toString());
    assertEquals(0, read.exit(), read.err());
    assertTrue(read.out().strip().matches("[0-9]+"), read.out());
  }
}
