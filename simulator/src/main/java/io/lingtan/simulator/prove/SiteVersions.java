package io.lingtan.simulator.prove;

import io.lingtan.agent.site.Loaded;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.SiteLoader;
import io.lingtan.simulator.fault.HostFault.SiteChanged;
import io.lingtan.simulator.fault.HostFault.SiteChanged.Change;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The site files that somebody puts in place during a run, each read as the agent reads it. */
final class SiteVersions {

  private final String kept;
  private final Path folder;
  private final Set<SiteChanged> changes = new HashSet<>();
  private Version now;

  /**
   * A site file.
   *
   * @param meant which device of the kept file another id in this one means
   */
  record Version(Site site, Map<String, String> meant) {
    Version {
      meant = Map.copyOf(meant);
    }
  }

  /**
   * @param kept text of the file as it is kept
   * @param folder where files are written: what they name by relative paths stays the same
   */
  SiteVersions(String kept, Path folder) {
    this.kept = kept;
    this.folder = folder;
    this.now = new Version(load(Map.of()), Map.of());
  }

  /** The file that is in place. */
  Version now() {
    return now;
  }

  /** Somebody makes a change. */
  void with(SiteChanged change) {
    changes.add(change);
    write();
  }

  /** Somebody takes it back. */
  void without(SiteChanged change) {
    changes.remove(change);
    write();
  }

  private void write() {
    Map<String, Set<Change>> all = new TreeMap<>();
    for (SiteChanged one : changes) {
      all.computeIfAbsent(one.device(), id -> EnumSet.noneOf(Change.class)).add(one.change());
    }
    Map<String, String> meant = new HashMap<>();
    all.forEach(
        (device, own) -> {
          if (own.contains(Change.RENAMED) && !own.contains(Change.TAKEN_OUT)) {
            meant.put(SiteEdits.renamed(device), device);
          }
        });
    now = new Version(load(all), meant);
  }

  private Site load(Map<String, Set<Change>> all) {
    try {
      Path file = folder.resolve("site.yaml");
      Files.writeString(file, all.isEmpty() ? kept : SiteEdits.edited(kept, all));
      Loaded loaded = new SiteLoader().load(file);
      Site site = loaded.site();
      if (site == null) {
        throw new IllegalStateException(
            "the simulated site's own file, changed by " + all + ": " + loaded.problems());
      }
      return site;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write into " + folder, e);
    }
  }
}
