package io.lingtan.simulator.prove;

import static java.util.stream.Collectors.joining;

import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.Loaded;
import io.lingtan.agent.site.read.SiteLoader;
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
import org.jspecify.annotations.Nullable;

/** The site files that somebody puts in place during a run, each read as the agent reads it. */
final class SiteVersions {

  private final String kept;
  private final Path folder;
  private final @Nullable Long journalBytes;
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
   * @param folder where files are written
   * @param journalBytes most that the journal keeps; null for what the file says
   * @throws IllegalArgumentException saying what is wrong, if an agent cannot load it
   */
  SiteVersions(String kept, Path folder, @Nullable Long journalBytes) {
    this.kept = kept;
    this.folder = folder;
    this.journalBytes = journalBytes;
    this.now = new Version(load(Map.of()), Map.of());
  }

  /** The file that is in place. */
  Version now() {
    return now;
  }

  /**
   * Tries a change that will come.
   *
   * @throws IllegalArgumentException saying what is wrong, if an agent cannot load what comes of it
   */
  void check(SiteChanged change) {
    load(Map.of(change.device(), EnumSet.of(change.change())));
    load(Map.of());
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
        throw new IllegalArgumentException(
            (all.isEmpty() ? "the site file" : "the site file, changed by " + all)
                + " is none that an agent can load:\n"
                + loaded.problems().stream().map(Object::toString).collect(joining("\n")));
      }
      return withJournal(site);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write into " + folder, e);
    }
  }

  /** A journal that is smaller than a site file may ask for is full within hours. */
  private Site withJournal(Site site) {
    Long bytes = journalBytes;
    if (bytes == null) {
      return site;
    }
    Site.JournalSettings said = site.journal();
    return new Site(
        site.gateway(),
        site.place(),
        site.lines(),
        site.metering(),
        site.carbon(),
        site.mqtt(),
        new Site.JournalSettings(said.path(), bytes, said.commit(), said.keyFile()),
        site.status(),
        site.clock(),
        site.file(),
        site.sha256(),
        null,
        null,
        null,
        null);
  }
}
