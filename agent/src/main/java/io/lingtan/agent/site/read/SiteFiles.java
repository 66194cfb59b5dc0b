package io.lingtan.agent.site.read;

import io.lingtan.agent.site.yaml.Fields;
import io.lingtan.agent.site.yaml.Problems;
import io.lingtan.agent.site.yaml.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The files that a site file names. Relative ones start where the site file is. */
final class SiteFiles {

  private final Path folder;
  private final Problems problems;

  SiteFiles(Path folder, Problems problems) {
    this.folder = folder;
    this.problems = problems;
  }

  /** The path under {@code key}; null if it is not written or no path. */
  @Nullable Path path(Fields fields, String key) {
    String text = fields.text(key);
    return text == null ? null : resolve(text, fields.valueAt(key));
  }

  @Nullable Path resolve(String text, Yaml at) {
    try {
      return folder.resolve(text).normalize();
    } catch (InvalidPathException e) {
      problems.error(at, "'" + text + "' is no path: " + e.getReason());
      return null;
    }
  }

  /** A file that must be there for its part of the agent to work. The rest works without it. */
  @Nullable Path needed(Fields fields, String key) {
    Path file = path(fields, key);
    if (file != null && !Files.isReadable(file)) {
      problems.warning(
          fields.valueAt(key),
          key
              + ": "
              + file
              + (Files.exists(file)
                  ? " cannot be read by this user"
                  : " does not exist; what needs it will wait"));
    }
    return file;
  }

  /** The same for a file that others must not read. */
  @Nullable Path secret(Fields fields, String key) {
    Path file = needed(fields, key);
    if (file != null) {
      checkClosed(fields, key, file);
    }
    return file;
  }

  /** A secret that the agent makes by itself where it is missing. */
  @Nullable Path ownSecret(Fields fields, String key) {
    Path file = path(fields, key);
    if (file != null) {
      checkClosed(fields, key, file);
    }
    return file;
  }

  private void checkClosed(Fields fields, String key, Path file) {
    try {
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
      if (permissions.contains(PosixFilePermission.OTHERS_READ)
          || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
        problems.warning(
            fields.valueAt(key),
            key + ": everybody on this machine can read " + file + "; run: chmod o-rwx " + file);
      }
    } catch (IOException | UnsupportedOperationException absent) {
      // That it is missing was told where it matters; without POSIX rights there is nothing to see.
      return;
    }
  }

  /** A folder that must be there. */
  @Nullable Path folder(Fields fields, String key) {
    Path path = path(fields, key);
    if (path != null && !Files.isDirectory(path)) {
      problems.error(fields.valueAt(key), key + ": " + path + " is no folder");
      return null;
    }
    return path;
  }
}
