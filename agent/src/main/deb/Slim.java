import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Copies the jars of the app folder for the package: native libraries of Linux on x86-64 and arm64
 * alone, and no signatures of jars, which a class cache would pass by.
 */
final class Slim {

  private static final List<String> KEPT =
      List.of(
          "org/sqlite/native/Linux/x86_64/",
          "org/sqlite/native/Linux/aarch64/",
          "Linux/x86_64/",
          "Linux/armv8_64/");

  private Slim() {}

  /**
   * @param words the folder of jars and the folder for the slim ones
   */
  public static void main(String[] words) throws IOException {
    Path to = Files.createDirectories(Path.of(words[1]));
    try (Stream<Path> old = Files.list(to)) {
      for (Path each : old.toList()) {
        Files.delete(each);
      }
    }
    long before = 0;
    long after = 0;
    try (Stream<Path> jars = Files.list(Path.of(words[0]))) {
      for (Path jar : jars.sorted().toList()) {
        Path target = to.resolve(jar.getFileName());
        if (jar.toString().endsWith(".jar")) {
          copy(jar, target);
        } else {
          Files.copy(jar, target);
        }
        before += Files.size(jar);
        after += Files.size(target);
      }
    }
    System.out.printf("libraries: %.1f MB of %.1f MB%n", after / 1e6, before / 1e6);
  }

  private static void copy(Path jar, Path target) throws IOException {
    try (ZipFile from = new ZipFile(jar.toFile());
        OutputStream file = Files.newOutputStream(target);
        ZipOutputStream to = new ZipOutputStream(file)) {
      Enumeration<? extends ZipEntry> entries = from.entries();
      while (entries.hasMoreElements()) {
        ZipEntry entry = entries.nextElement();
        if (isKept(entry.getName())) {
          ZipEntry copy = new ZipEntry(entry.getName());
          copy.setTimeLocal(entry.getTimeLocal());
          to.putNextEntry(copy);
          try (InputStream in = from.getInputStream(entry)) {
            in.transferTo(to);
          }
          to.closeEntry();
        }
      }
    }
  }

  private static boolean isKept(String name) {
    if (name.matches("META-INF/[^/]+\\.(SF|RSA|DSA|EC)")) {
      return false;
    }
    boolean isNative = name.matches(".*\\.(so|dll|dylib|jnilib|a)");
    return !isNative || KEPT.stream().anyMatch(name::startsWith);
  }
}
