package io.lingtan.packaged;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.lingtan.testing.Json;
import io.lingtan.testing.Launched;
import io.lingtan.testing.RequiresTool;
import io.lingtan.testing.Schema;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bill of materials in the package, held against the package. */
@Tag("campaign")
@RequiresTool("dpkg-deb")
@SuppressWarnings({"NullAway", "unchecked"}) // a member that is not there fails the test by itself
final class BillOfMaterialsIT {

  @TempDir Path folder;
  private Map<String, Object> bill;

  @BeforeEach
  void unpack() throws Exception {
    Launched unpacked =
        Launched.run(
            Map.of(), "dpkg-deb", "-x", PackageIT.deb().toString(), folder.resolve("r").toString());
    assertEquals(0, unpacked.exit(), unpacked::toString);
    bill = Json.object(Files.readString(folder.resolve("r/usr/share/doc/lingtan/sbom.cdx.json")));
  }

  @Test
  void itIsCycloneDx() throws Exception {
    Schema schema =
        Schema.of(
            resource("bom-1.6.schema.json"),
            resource("spdx.schema.json"),
            resource("jsf-0.82.schema.json"));
    assertEquals(List.of(), schema.problems(bill));
    bill.remove("bomFormat");
    assertFalse(schema.problems(bill).isEmpty());
  }

  private static String resource(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(BillOfMaterialsIT.class.getResourceAsStream("/" + name), name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void itNamesEachJarAndEachNativeLibraryAndNothingElse() throws Exception {
    Map<String, String> packed = new TreeMap<>();
    try (Stream<Path> jars = Files.list(folder.resolve("r/usr/lib/lingtan/lib"))) {
      for (Path jar : jars.filter(file -> file.toString().endsWith(".jar")).toList()) {
        packed.put(jar.getFileName().toString(), sum(Files.readAllBytes(jar)));
        try (ZipFile zip = new ZipFile(jar.toFile())) {
          for (ZipEntry entry : Collections.list(zip.entries())) {
            if (entry.getName().matches(".*\\.(so|dll|dylib|jnilib)")) {
              packed.put(entry.getName(), sum(zip.getInputStream(entry).readAllBytes()));
            }
          }
        }
      }
    }
    Map<String, String> billed = new TreeMap<>();
    Object self = object(bill.get("metadata")).get("component");
    for (Map<String, Object> jar :
        Stream.concat(Stream.of(self), list(bill)).map(BillOfMaterialsIT::object).toList()) {
      billed.put(jar.get("name") + "-" + jar.get("version") + ".jar", sum(jar));
      list(jar)
          .map(BillOfMaterialsIT::object)
          .forEach(library -> billed.put((String) library.get("name"), sum(library)));
    }
    assertEquals(packed, billed);
    assertEquals(4, packed.keySet().stream().filter(name -> name.endsWith(".so")).count());
  }

  private static Map<String, Object> object(Object json) {
    return (Map<String, Object>) json;
  }

  private static Stream<Object> list(Map<String, Object> component) {
    return ((List<?>) component.getOrDefault("components", List.of()))
        .stream().map(Object.class::cast);
  }

  private static String sum(Map<String, Object> component) {
    List<?> hashes = (List<?>) component.get("hashes");
    return (String) object(hashes.getFirst()).get("content");
  }

  private static String sum(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
}
