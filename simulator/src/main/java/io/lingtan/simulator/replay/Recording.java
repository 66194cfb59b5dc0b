package io.lingtan.simulator.replay;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.Loaded;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.agent.site.yaml.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;

/**
 * A bundle that can be replayed.
 *
 * @param folder where its files are
 * @param madeNanos when it was made, monotonic
 * @param offsetMillis UTC ms of that clock's zero
 * @param trusted whether something vouched for that
 */
record Recording(
    Path folder,
    Site site,
    long madeNanos,
    long offsetMillis,
    boolean trusted,
    List<Frames> lines) {

  private static final long LARGEST = 64L * 1024 * 1024;
  private static final int MOST_FILES = 1000;
  private static final long FORMAT = 1;

  /**
   * Reads a bundle.
   *
   * @param bundle a zip, or a folder with the same files
   * @param unpacked where a zip is unpacked
   */
  static Recording read(Path bundle, Path unpacked) throws BadBundle {
    if (!Files.exists(bundle)) {
      throw new BadBundle(
          bundle + " does not exist; a bundle comes from http://GATEWAY:8080/api/bundle");
    }
    Path folder = bundle;
    if (!Files.isDirectory(bundle)) {
      unpack(bundle, unpacked);
      folder = unpacked;
    }
    Map<String, Object> about = about(folder.resolve("bundle.json"), bundle);
    long format = number(about, "format", bundle);
    if (format != FORMAT) {
      throw new BadBundle(
          bundle
              + ": its format is "
              + format
              + ", this program knows "
              + FORMAT
              + "; use the lingtan-sim of the version that made it");
    }
    Site site = site(folder.resolve("site.yaml"), bundle);
    List<Frames> lines = frames(folder.resolve("frames"), site, bundle);
    return new Recording(
        folder,
        site,
        number(about, "made_ns", bundle),
        number(about, "offset_ms", bundle),
        Boolean.TRUE.equals(about.get("clock_trusted")),
        lines);
  }

  private static void unpack(Path bundle, Path to) throws BadBundle {
    try (InputStream in = Files.newInputStream(bundle);
        ZipInputStream zip = new ZipInputStream(in)) {
      long room = LARGEST;
      int files = 0;
      for (ZipEntry entry; (entry = zip.getNextEntry()) != null; ) {
        Path file = to.resolve(entry.getName()).normalize();
        if (!file.startsWith(to) || entry.isDirectory()) {
          throw new BadBundle(
              bundle + ": holds '" + entry.getName() + "', which is no file of a bundle");
        }
        byte[] bytes = zip.readNBytes((int) room + 1);
        room -= bytes.length;
        if (room < 0 || ++files > MOST_FILES) {
          throw new BadBundle(bundle + ": holds more than 64 MB or 1000 files: not a bundle");
        }
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
      }
      if (files == 0) {
        throw new BadBundle(bundle + ": is neither a zip nor a folder; fetch it again");
      }
    } catch (ZipException e) {
      throw new BadBundle(bundle + ": is a damaged zip (" + e.getMessage() + "); fetch it again");
    } catch (IOException e) {
      throw new BadBundle(
          bundle
              + ": cannot be unpacked ("
              + e.getMessage()
              + "); if it is cut off, fetch it again");
    }
  }

  private static Map<String, Object> about(Path file, Path bundle) throws BadBundle {
    Map<String, Object> about = new HashMap<>();
    try (JsonParser json = new JsonFactory().createParser(file.toFile())) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new BadBundle(file + ": is no JSON object");
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        switch (json.nextToken()) {
          case VALUE_NUMBER_INT -> about.put(name, json.getLongValue());
          case VALUE_TRUE, VALUE_FALSE -> about.put(name, json.getBooleanValue());
          case VALUE_STRING -> about.put(name, json.getText());
          default -> json.skipChildren();
        }
      }
    } catch (IOException e) {
      throw new BadBundle(
          bundle
              + ": its bundle.json is missing or no JSON: "
              + firstLine(String.valueOf(e.getMessage())));
    }
    return about;
  }

  private static long number(Map<String, Object> about, String name, Path bundle) throws BadBundle {
    if (about.get(name) instanceof Long number) {
      return number;
    }
    throw new BadBundle(bundle + ": its bundle.json has no whole number '" + name + "'");
  }

  private static Site site(Path file, Path bundle) throws BadBundle {
    Loaded loaded = new SiteLoader().load(file);
    Site site = loaded.site();
    if (site != null) {
      return site;
    }
    StringBuilder text = new StringBuilder(bundle + ": its site file cannot be used:");
    for (Problem problem : loaded.problems()) {
      if (problem.severity() == Problem.Severity.ERROR) {
        text.append("\n").append(problem);
      }
    }
    throw new BadBundle(text.toString());
  }

  private static List<Frames> frames(Path folder, Site site, Path bundle) throws BadBundle {
    Set<String> known = new HashSet<>();
    site.lines().forEach(line -> known.add(line.id()));
    List<Frames> lines = new ArrayList<>();
    List<Path> files = List.of();
    if (Files.isDirectory(folder)) {
      try (Stream<Path> all = Files.list(folder)) {
        files = all.filter(file -> file.toString().endsWith(".txt")).sorted().toList();
      } catch (IOException e) {
        throw new BadBundle(folder + ": cannot be read: " + e.getMessage());
      }
    }
    for (Path file : files) {
      Frames read = Frames.read(file);
      if (!known.contains(read.line())) {
        throw new BadBundle(file + ": the site file has no line " + read.line());
      }
      lines.add(read);
    }
    if (lines.stream().allMatch(line -> line.frames().isEmpty())) {
      throw new BadBundle(bundle + ": holds no frames: nothing can be replayed");
    }
    return lines;
  }

  /** From when on all lines are there, monotonic. */
  long startNanos() {
    long start = Long.MAX_VALUE;
    for (Frames line : lines) {
      long since = line.sinceNanos();
      long first =
          line.frames().stream()
              .mapToLong(Frames.Frame::atNanos)
              .filter(at -> at >= since)
              .findFirst()
              .orElse(Long.MAX_VALUE);
      start = Math.min(start, first);
    }
    return start == Long.MAX_VALUE ? madeNanos : Math.min(start, madeNanos);
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }
}
