package io.lingtan.packaged;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.testing.Launched;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whoever builds a commit gets the same package, byte for byte. Two whole builds take minutes; what
 * makes them differ is looked for here: when, where and by whom it was built, and a packing that is
 * another one each time.
 */
@Tag("campaign")
@RequiresTool({"dpkg-deb", "tar"})
final class SameBytesIT {

  private static final Path CHECKOUT = Path.of("..").toAbsolutePath().normalize();

  @TempDir Path folder;

  private static String run(String... command) throws Exception {
    Launched done = Launched.run(Map.of(), command);
    assertEquals(0, done.exit(), done::toString);
    return done.out();
  }

  /** Of all that is built, whenever that is. */
  private static Instant stamp() throws IOException {
    Matcher stamp =
        Pattern.compile("<project.build.outputTimestamp>([^<]+)<")
            .matcher(Files.readString(CHECKOUT.resolve("pom.xml")));
    assertTrue(stamp.find());
    return Instant.parse(stamp.group(1));
  }

  @Test
  void nothingInThePackageSaysWhenOrByWhomItWasBuilt() throws Exception {
    Path deb = PackageIT.deb();
    byte[] ar = Files.readAllBytes(deb);
    // ar: 8 bytes, then members with a header of 60, the time in seconds at 16 and the size at 48.
    int members = 0;
    for (int at = 8; at < ar.length; members++) {
      String header = new String(ar, at, 60, ISO_8859_1);
      assertEquals(stamp().getEpochSecond(), Long.parseLong(header.substring(16, 28).strip()));
      int size = Integer.parseInt(header.substring(48, 58).strip());
      at += 60 + size + size % 2;
    }
    assertEquals(3, members);
    String when =
        DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT)
            .withZone(ZoneOffset.UTC)
            .format(stamp());
    for (String part : List.of("--fsys-tarfile", "--ctrl-tarfile")) {
      String listed =
          run(
              "bash",
              "-c",
              "dpkg-deb %s %s | tar --list --verbose --full-time --utc".formatted(part, deb));
      List<String> others =
          listed
              .lines()
              .filter(line -> !line.contains(" root/root ") || !line.contains(" " + when + " "))
              .toList();
      assertEquals(List.of(), others, part);
    }
  }

  @Test
  void noJarInItSaysWhenOrWhereItWasBuilt() throws Exception {
    run("dpkg-deb", "-x", PackageIT.deb().toString(), folder.toString());
    long today = Files.getLastModifiedTime(PackageIT.deb()).toMillis() - 86_400_000;
    int seen = 0;
    try (Stream<Path> jars = Files.list(folder.resolve("usr/lib/lingtan/lib"))) {
      for (Path jar : jars.filter(file -> file.toString().endsWith(".jar")).toList()) {
        boolean isOwn = jar.getFileName().toString().startsWith("lingtan-");
        try (ZipFile zip = new ZipFile(jar.toFile())) {
          for (ZipEntry entry : Collections.list(zip.entries())) {
            String name = jar.getFileName() + " " + entry.getName();
            long packed = entry.getTimeLocal().toInstant(ZoneOffset.UTC).toEpochMilli();
            assertTrue(isOwn ? packed == stamp().toEpochMilli() : packed < today, name);
            String text = new String(zip.getInputStream(entry).readAllBytes(), ISO_8859_1);
            assertFalse(text.contains(CHECKOUT.toString()), name);
            seen++;
          }
        }
      }
    }
    assertTrue(seen > 1_000, "entries: " + seen);
    String bill = Files.readString(folder.resolve("usr/share/doc/lingtan/sbom.cdx.json"), UTF_8);
    assertFalse(bill.contains(CHECKOUT.toString()) || bill.contains("\"timestamp\""), "the bill");
  }

  /** Against what the build put together. */
  @Test
  void whatIsPackedOnceMoreIsTheSame() throws Exception {
    String version = PackageIT.deb().getFileName().toString().split("_", -1)[1];
    String again = folder.resolve("again").toString();
    run("sh", "src/main/deb/tree.sh", "target/lingtan", again, version, "target/sbom.json");
    assertEquals("", run("diff", "-r", "target/deb", again));
  }
}
