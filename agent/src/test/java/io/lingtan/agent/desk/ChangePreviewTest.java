package io.lingtan.agent.desk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What would be published, where a meter has nothing to tell. */
final class ChangePreviewTest {

  @TempDir Path folder;

  private Site site(String from, String to) throws Exception {
    String text = Files.readString(Path.of("../config/sites/demo-microgrid.yaml"));
    assertTrue(text.contains(from), from);
    Path file = Files.writeString(folder.resolve("site.yaml"), text.replace(from, to));
    return Objects.requireNonNull(new SiteLoader().load(file).site());
  }

  @Test
  void aMeterThatCannotBeReadHasNoExample() throws Exception {
    Site running = site("", "");
    Site next = site("ct: 80", "ct: 60");
    List<String> asked = new ArrayList<>();
    String shown =
        new ChangePreview(running, next, new VirtualTime(1_795_000_000_000L))
            .json(
                (line, device) -> {
                  asked.add(line.id() + "/" + device.id());
                  return null;
                });
    assertEquals(List.of("switchboard/gate"), asked, "only what is changed is read");
    assertTrue(shown.contains("\"topic\":\"lingtan/v1/wx-demo-001/meta/gate\""), shown);
    assertTrue(
        shown.endsWith(
            "{\"topic\":\"lingtan/v1/wx-demo-001/data/gate\",\"retained\":false,"
                + "\"why\":\"its line cannot be asked\",\"why_zh\":\"这条线路现在问不了\"}]}"),
        shown);
    assertFalse(shown.contains("\"topic\":\"lingtan/v1/wx-demo-001/meta\","), shown);
  }

  @Test
  void nothingIsReadWhereNothingChanges() throws Exception {
    Site site = site("", "");
    String shown =
        new ChangePreview(site, site("", ""), new VirtualTime(0))
            .json(
                (line, device) -> {
                  throw new AssertionError(device.id());
                });
    assertEquals("{\"messages\":[]}", shown);
  }
}
