package io.lingtan.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The front page is read on a phone, too: what it shows is there, and small. */
final class PicturesTest {

  private static final Path ROOT = Path.of("..");
  private static final int MOST_BYTES = 150_000;

  @Test
  void everyPictureOfTheFrontPageIsThereAndSmall() throws IOException {
    String page = Files.readString(ROOT.resolve("README.md"));
    List<Path> pictures =
        Pattern.compile("!\\[[^]]+]\\(([^)]+)\\)")
            .matcher(page)
            .results()
            .map(found -> ROOT.resolve(found.group(1)))
            .toList();
    long real = pictures.stream().filter(each -> each.toString().endsWith(".png")).count();
    assertTrue(real >= 2, "a phone's overview and a meter's detail: " + pictures);
    for (Path picture : pictures) {
      assertTrue(Files.size(picture) < MOST_BYTES, picture + " has bytes: " + Files.size(picture));
      if (picture.toString().endsWith(".png")) {
        String head = new String(Files.readAllBytes(picture), 1, 3, StandardCharsets.ISO_8859_1);
        assertEquals("PNG", head, picture.toString());
      }
    }
  }
}
