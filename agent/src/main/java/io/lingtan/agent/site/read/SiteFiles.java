package io.lingtan.agent.site.read;

import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.site.SmallFile;
import io.lingtan.agent.site.yaml.Fields;
import io.lingtan.agent.site.yaml.Problems;
import io.lingtan.agent.site.yaml.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The files that a site file names. Relative ones start where the site file is. */
final class SiteFiles {

  private final Path folder;
  private final Problems problems;

  /** Files that the agent writes, and the site file, each with what it is. */
  private final Map<Path, String> own = new HashMap<>();

  /** Files that it reads, each with its key. */
  private final Map<Path, String> read = new HashMap<>();

  /**
   * @param site the site file, in whose folder relative paths begin
   */
  SiteFiles(Path site, Problems problems) {
    Path parent = site.getParent();
    this.folder = parent == null ? site : parent;
    this.problems = problems;
    own.put(site, "the site file");
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
    if (file != null) {
      read.put(file, key);
      checkUse(own.get(file), file, key, fields.valueAt(key));
    }
    if (file != null && SmallFile.isSpecial(file)) {
      special(fields, key, file);
    } else if (file != null && !Files.isReadable(file)) {
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

  /**
   * A file that the agent writes: no other use may be made of it.
   *
   * @param usual its name where {@code key} is not written
   */
  Path own(Fields fields, String key, String usual) {
    Path written = path(fields, key);
    Yaml at = written == null ? fields.at() : fields.valueAt(key);
    Path file = written == null ? folder.resolve(usual) : written;
    String other = own.putIfAbsent(file, key);
    checkUse(other == null ? read.get(file) : other, file, key, at);
    if (written != null) {
      checkPlace(fields, key, file);
    }
    return file;
  }

  /** A secret that the agent makes by itself where it is missing. */
  Path ownSecret(Fields fields, String key, String usual) {
    Path file = own(fields, key, usual);
    checkClosed(fields, key, file);
    return file;
  }

  private void special(Fields fields, String key, Path file) {
    problems.error(
        fields.valueAt(key),
        new Sentence(
            "%s: %s is no regular file, but a folder, a pipe or a device; name a file"
                .formatted(key, file),
            "%s：%s 不是普通文件，而是目录、管道或设备：请写一个文件".formatted(key, file)));
  }

  /** Whether a file that is written can be in its place; a folder that is missing is made. */
  private void checkPlace(Fields fields, String key, Path file) {
    Path above = file.getParent();
    while (above != null && !Files.exists(above)) {
      above = above.getParent();
    }
    if (SmallFile.isSpecial(file)) {
      special(fields, key, file);
    } else if (above != null && !Files.isDirectory(above)) {
      problems.error(
          fields.valueAt(key),
          new Sentence(
              "%s: %s is no folder, and %s cannot be in it".formatted(key, above, file),
              "%s：%s 不是目录，放不下 %s".formatted(key, above, file)));
    } else if (above != null
        && above.equals(file.getParent())
        && !(Files.isWritable(above) && (!Files.exists(file) || Files.isWritable(file)))) {
      problems.warning(
          fields.valueAt(key),
          new Sentence(
              "%s: %s cannot be written by this user; the agent's must be able to"
                  .formatted(key, file),
              "%s：本用户不能写 %s；网关程序的用户必须能写".formatted(key, file)));
    }
  }

  private void checkUse(@Nullable String other, Path file, String key, Yaml at) {
    if (other != null) {
      problems.error(
          at,
          new Sentence(
              "%s: %s is %s, too; give each a file of its own".formatted(key, file, other),
              "%s：%s 同时是 %s：各用各的文件".formatted(key, file, other)));
    }
  }

  private void checkClosed(Fields fields, String key, Path file) {
    try {
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
      if (permissions.contains(PosixFilePermission.OTHERS_READ)
          || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
        problems.warning(
            fields.isWritten(key) ? fields.valueAt(key) : fields.at(),
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
