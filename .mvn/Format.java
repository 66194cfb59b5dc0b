import com.google.googlejavaformat.java.Formatter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;

/**
 * Formats the Java files of this repository, or checks that they are formatted.
 *
 * <p>{@code Format check|apply GOOD}, where GOOD is a file that remembers the digests of files
 * known to be formatted, so that only changed ones are looked at.
 */
final class Format {
  private final boolean apply;
  private final Set<String> before;
  private final Set<String> good = new ConcurrentSkipListSet<>();
  private final Set<String> bad = new ConcurrentSkipListSet<>();

  private Format(boolean apply, Set<String> before) {
    this.apply = apply;
    this.before = before;
  }

  public static void main(String[] args) throws Exception {
    Path memory = Path.of(args[1]);
    var before = Files.exists(memory) ? Files.readAllLines(memory) : List.<String>of();
    var format = new Format(args[0].equals("apply"), new TreeSet<>(before));
    for (String root : List.of("agent", "simulator", ".mvn")) {
      try (var files = Files.walk(Path.of(root))) {
        files
            .filter(file -> file.toString().endsWith(".java"))
            .filter(file -> !file.toString().contains("/target/"))
            .toList()
            .parallelStream()
            .forEach(format::file);
      }
    }
    Files.write(memory, format.good);
    if (!format.bad.isEmpty()) {
      format.bad.forEach(System.err::println);
      System.err.println("Apply the format with: mvn -q -N validate -Dformat=apply");
      System.exit(1);
    }
  }

  private void file(Path file) {
    try {
      String source = Files.readString(file);
      String digest = digest(source);
      if (before.contains(digest)) {
        good.add(digest);
        return;
      }
      String formatted = new Formatter().formatSourceAndFixImports(source);
      if (formatted.equals(source)) {
        good.add(digest);
      } else if (apply) {
        Files.writeString(file, formatted);
        good.add(digest(formatted));
      } else {
        bad.add(file + ": not formatted");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (Exception e) {
      bad.add(file + ": " + e.getMessage());
    }
  }

  private static String digest(String source) throws Exception {
    var sha = MessageDigest.getInstance("SHA-256");
    return HexFormat.of().formatHex(sha.digest(source.getBytes("UTF-8")));
  }
}
