import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Writes the package's bill of materials (CycloneDX): what Maven knows of each jar, with the sum of
 * the jar as it is packed, and the native libraries in it. A jar that Maven does not name, or one
 * that it names and the package lacks, ends it.
 */
final class Sbom {

  /**
   * SQLite is compiled into the native library of its driver, whose version begins with its own.
   */
  private static final String SQLITE_DRIVER = "sqlite-jdbc";

  private Sbom() {}

  /**
   * @param words Maven's bill of materials, the folder of packed jars, and the file to write
   */
  public static void main(String[] words) throws IOException {
    Map<String, Object> bill;
    try (JsonParser parser = new JsonFactory().createParser(Path.of(words[0]).toFile())) {
      parser.nextToken();
      bill = object(read(parser));
    }
    List<Map<String, Object>> components = new ArrayList<>();
    components.add(object(object(bill.get("metadata")).get("component")));
    for (Object each : (List<?>) bill.get("components")) {
      components.add(object(each));
    }
    TreeSet<String> unnamed = new TreeSet<>();
    try (Stream<Path> files = Files.list(Path.of(words[1]))) {
      files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".jar"))
          .forEach(unnamed::add);
    }
    for (Map<String, Object> component : components) {
      String jar = component.get("name") + "-" + component.get("version") + ".jar";
      if (!unnamed.remove(jar)) {
        throw new IllegalStateException(
            jar + " is in the bill of materials and not in the package");
      }
      describe(component, Path.of(words[1], jar));
    }
    if (!unnamed.isEmpty()) {
      throw new IllegalStateException(unnamed + " are in the package and not in its bill");
    }
    try (JsonGenerator out =
        new JsonFactory()
            .createGenerator(Files.newOutputStream(Path.of(words[2])))
            .useDefaultPrettyPrinter()) {
      write(bill, out);
    }
  }

  private static void describe(Map<String, Object> component, Path jar) throws IOException {
    component.put("hashes", List.of(sum(Files.readAllBytes(jar))));
    List<Object> natives = new ArrayList<>();
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      for (ZipEntry entry : zip.stream().filter(each -> each.getName().endsWith(".so")).toList()) {
        byte[] library = zip.getInputStream(entry).readAllBytes();
        natives.add(nativeLibrary(component, entry.getName(), library));
      }
    }
    if (!natives.isEmpty()) {
      component.put("components", natives);
    }
  }

  private static Map<String, Object> nativeLibrary(
      Map<String, Object> jar, String name, byte[] library) {
    Map<String, Object> component = new LinkedHashMap<>();
    component.put("type", "file");
    component.put("name", name);
    component.put("version", jar.get("version"));
    component.put("hashes", List.of(sum(library)));
    if (jar.get("name").equals(SQLITE_DRIVER)) {
      String[] parts = jar.get("version").toString().split("\\.");
      String version = String.join(".", parts[0], parts[1], parts[2]);
      Map<String, Object> sqlite = new LinkedHashMap<>();
      sqlite.put("type", "library");
      sqlite.put("name", "sqlite");
      sqlite.put("version", version);
      sqlite.put("cpe", "cpe:2.3:a:sqlite:sqlite:" + version + ":*:*:*:*:*:*:*");
      component.put("components", List.of(sqlite));
    }
    return component;
  }

  private static Map<String, Object> sum(byte[] bytes) {
    try {
      String hex = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
      Map<String, Object> sum = new LinkedHashMap<>();
      sum.put("alg", "SHA-256");
      sum.put("content", hex);
      return sum;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  @SuppressWarnings("unchecked") // a JSON object
  private static Map<String, Object> object(Object json) {
    return (Map<String, Object>) json;
  }

  private static Object read(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        Map<String, Object> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          parser.nextToken();
          members.put(name, read(parser));
        }
        yield members;
      }
      case START_ARRAY -> {
        List<Object> elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          elements.add(read(parser));
        }
        yield elements;
      }
      case VALUE_NUMBER_INT -> parser.getLongValue();
      case VALUE_TRUE, VALUE_FALSE -> parser.getBooleanValue();
      default -> parser.getText();
    };
  }

  private static void write(Object json, JsonGenerator out) throws IOException {
    switch (json) {
      case Map<?, ?> members -> {
        out.writeStartObject();
        for (Map.Entry<?, ?> each : members.entrySet()) {
          out.writeFieldName(each.getKey().toString());
          write(each.getValue(), out);
        }
        out.writeEndObject();
      }
      case List<?> elements -> {
        out.writeStartArray();
        for (Object each : elements) {
          write(each, out);
        }
        out.writeEndArray();
      }
      case Long number -> out.writeNumber(number);
      case Boolean truth -> out.writeBoolean(truth);
      default -> out.writeString(json.toString());
    }
  }
}
