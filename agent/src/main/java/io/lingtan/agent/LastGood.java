package io.lingtan.agent;

import io.lingtan.agent.run.WholeFile;
import io.lingtan.agent.site.Sha256;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.SmallFile;
import io.lingtan.agent.site.read.Loaded;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.agent.site.yaml.YamlReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A copy of the site file that was in use last, for a start at which that file is refused: a
 * gateway that reads its meters by the file before is better than one that is dark. Only a service
 * has one, in its state directory; whoever starts the agent by hand is there to mend the file.
 * Files that the site file names are not copied.
 *
 * <p>Crash contract: at every moment the copy is one that was in use, whole, or there is none.
 */
public final class LastGood {

  private static final Logger log = LoggerFactory.getLogger(LastGood.class);

  private final @Nullable Path copy;

  private LastGood(@Nullable Path copy) {
    this.copy = copy;
  }

  /**
   * The one of the service that these variables of systemd name; one that keeps nothing if none.
   */
  public static LastGood of(Map<String, String> environment) {
    String folders = environment.getOrDefault("STATE_DIRECTORY", "");
    return new LastGood(
        folders.isEmpty() ? null : Path.of(folders.split(":", -1)[0], "site.last-good.yaml"));
  }

  /** Keeps the file of a site that is in use, unless it has become another already. */
  void keep(Site site) {
    if (copy == null) {
      return;
    }
    try {
      byte[] bytes = SmallFile.read(site.file(), YamlReader.LARGEST);
      if (Sha256.hex(bytes).equals(site.sha256()) && !Arrays.equals(bytes, kept(copy))) {
        WholeFile.replace(
            copy,
            bytes,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      }
    } catch (IOException e) {
      log.warn("the site file cannot be kept as {} for a later start: {}", copy, e.toString());
    }
  }

  private static byte @Nullable [] kept(Path copy) throws IOException {
    try {
      return Files.readAllBytes(copy);
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /** The site of the copy, as if it stood in {@code file}; null if there is none that is good. */
  public @Nullable Site load(Path file) {
    if (copy == null) {
      return null;
    }
    try {
      byte[] bytes = kept(copy);
      if (bytes == null) {
        return null;
      }
      Loaded loaded = new SiteLoader().read(file, bytes);
      if (loaded.site() == null) {
        log.error("{} is refused, too: {}", copy, loaded.problems());
      }
      return loaded.site();
    } catch (IOException e) {
      log.error("{} cannot be read: {}", copy, e.toString());
      return null;
    }
  }
}
