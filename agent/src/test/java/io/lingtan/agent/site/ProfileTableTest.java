package io.lingtan.agent.site;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.site.read.Catalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code config/METERS.md} is the profiles that ship, for people who look for their meter. */
final class ProfileTableTest {

  private static final Path FILE = Path.of("..", "config", "METERS.md");
  private static final String HEAD = "| profile | kind | maker | models | document | source |";

  /** Those of real devices that are asked for registers or data items. */
  private static List<DeviceProfile> real() {
    Catalogue<DeviceProfile> catalogue = Catalogue.profiles(null);
    return catalogue.names().stream()
        .map(name -> Objects.requireNonNull(catalogue.load(name).value(), name))
        .filter(profile -> !profile.example() && !profile.allPoints().isEmpty())
        .filter(profile -> profile.named().isEmpty())
        .toList();
  }

  @Test
  void theTableIsTheProfiles() throws IOException {
    List<String> expected =
        Stream.concat(
                Stream.of(HEAD, "|---|---|---|---|---|---|"),
                real().stream().map(ProfileTableTest::line))
            .toList();
    List<String> written =
        Files.readAllLines(FILE).stream()
            .dropWhile(line -> !line.equals(HEAD))
            .takeWhile(line -> line.startsWith("|"))
            .toList();
    assertEquals(
        String.join("\n", expected),
        String.join("\n", written),
        () -> "the table of config/METERS.md ought to be\n" + String.join("\n", expected));
  }

  private static String line(DeviceProfile of) {
    return "| `%s` | %s | %s | %s | %s | %s |"
        .formatted(
            of.name(),
            of.kind().name().toLowerCase(Locale.ROOT),
            of.maker(),
            of.fits().isEmpty() ? "any that follows it" : String.join(", ", of.fits()),
            of.document(),
            of.source());
  }

  @Test
  void thereAreManyModels() {
    Set<String> models = new TreeSet<>();
    int profiles = 0;
    for (DeviceProfile profile : real()) {
      profiles += profile.fits().isEmpty() ? 0 : 1;
      for (String model : profile.fits()) {
        assertFalse(model.isBlank() || model.contains("|"), profile.name());
        models.add(profile.maker() + " " + model);
      }
      assertEquals(Set.copyOf(profile.fits()).size(), profile.fits().size(), profile.name());
    }
    assertTrue(profiles >= 60, profiles + " profiles");
    assertTrue(models.size() >= 120, models.size() + " models");
  }
}
