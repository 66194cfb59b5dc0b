package io.lingtan.simulator.referee;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The mappings and courses that come with the referee. */
final class BuiltIn {

  /** Every mapping's files, {@code map.yaml} first. */
  static final Map<String, List<String>> MAPPINGS =
      Map.of(
          "lingtan", List.of("map.yaml", "site.yaml", "referee-meter.yaml"),
          "collectd", List.of("map.yaml", "collectd.conf"),
          "node-red", List.of("map.yaml", "flows.json", "settings.js", "package.json"));

  static final List<String> COURSES = List.of("usual", "wire", "rtu", "short");

  private BuiltIn() {}

  /** Puts a mapping with its templates into a folder; returns its file, null if it is none. */
  static @Nullable Path mapping(String name, Path folder) throws IOException {
    List<String> files = MAPPINGS.get(name);
    if (files == null) {
      return null;
    }
    Path own = Files.createDirectories(folder.resolve("mapping"));
    for (String file : files) {
      copy(name + "/" + file, own.resolve(file));
    }
    return own.resolve(files.getFirst());
  }

  /** The same for a course. */
  static @Nullable Path course(String name, Path folder) throws IOException {
    if (!COURSES.contains(name)) {
      return null;
    }
    Path file = folder.resolve(name + ".yaml");
    copy(name + ".yaml", file);
    return file;
  }

  private static void copy(String resource, Path to) throws IOException {
    try (InputStream in = BuiltIn.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(resource + " is not on the class path");
      }
      Files.write(to, in.readAllBytes());
    }
  }
}
