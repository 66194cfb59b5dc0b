package io.lingtan.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What a real device answered, recorded and explained by people who do not know this program: a
 * file of {@code src/test/resources/recordings}, with its source.
 *
 * @param registers holding registers by address on the wire
 * @param expected by profile, what its points are; {@code absent} for what the device has not, with
 *     {@code ~} before what was rounded to these digits
 */
public record Recording(
    String name, Map<Integer, Integer> registers, Map<String, Map<String, String>> expected) {

  private static final Path FOLDER = Path.of("src/test/resources/recordings");

  /** All of them. */
  public static List<Recording> all() throws IOException {
    List<Recording> all = new ArrayList<>();
    try (Stream<Path> files = Files.list(FOLDER)) {
      for (Path file : files.sorted().toList()) {
        all.add(of(file));
      }
    }
    return all;
  }

  private static Recording of(Path file) throws IOException {
    Map<Integer, Integer> registers = new LinkedHashMap<>();
    Map<String, Map<String, String>> expected = new LinkedHashMap<>();
    String profile = "";
    for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
      String[] parts = line.split(" ");
      switch (parts[0]) {
        case "#", "source:" -> {}
        case "block" -> registers.putAll(words(Integer.parseInt(parts[1]), parts[2]));
        case "profile" -> profile = parts[1];
        default ->
            expected
                .computeIfAbsent(profile, fresh -> new LinkedHashMap<>())
                .put(parts[0], parts[1].equals("~") ? "~" + parts[2] : parts[2]);
      }
    }
    return new Recording(String.valueOf(file.getFileName()), registers, expected);
  }

  private static Map<Integer, Integer> words(int address, String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    Map<Integer, Integer> words = new LinkedHashMap<>();
    for (int i = 0; i + 1 < bytes.length; i += 2) {
      words.put(address + i / 2, (bytes[i] & 0xFF) << 8 | (bytes[i + 1] & 0xFF));
    }
    return words;
  }

  @Override
  public String toString() {
    return name;
  }
}
