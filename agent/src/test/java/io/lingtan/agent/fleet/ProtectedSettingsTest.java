package io.lingtan.agent.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What nobody changes from afar. */
final class ProtectedSettingsTest {

  @TempDir Path folder;

  private Site site(String keys) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("site.yaml"),
            """
            gateway: gw-1
            site: {name: One, zone: Asia/Shanghai, region: CN-JS}
            lines:
              - id: push
                coap-server: {listen: "127.0.0.1:5684", keys: %s}
            """
                .formatted(keys));
    return Objects.requireNonNull(new SiteLoader().load(file).site());
  }

  @Test
  void anotherFileOfKeysIsRefusedAndOneThatAPersonChangedThereIsNot() throws IOException {
    Path keys = Files.writeString(folder.resolve("keys"), "node1 one-secret\n");
    Site before = site("keys");
    Files.writeString(keys, "node1 another-secret\n");
    assertEquals(List.of(), ProtectedSettings.changed(before, site("keys")));
    assertEquals(
        List.of("key_file or keys of a line"), ProtectedSettings.changed(before, site("other")));
  }
}
