package io.lingtan.testing;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Registers typed by hand from a maker's document: {@code src/test/resources/profiles/NAME.txt}.
 *
 * @param document the maker's
 * @param page where in it, or the table
 */
public record Dump(String name, String document, String page, List<Typed> lines) {

  private static final Path FOLDER = Path.of("src/test/resources/profiles");

  /**
   * One value: {@code [model] point function address words = value [ct N] [pt N] [sf N]}, the words
   * hexadecimal, the address on the wire or, in a SunSpec model, from its id register.
   *
   * @param value as it must come out, or {@code absent}
   */
  public record Typed(
      int model,
      String point,
      int function,
      int address,
      List<Integer> words,
      String value,
      BigDecimal ct,
      BigDecimal pt,
      int sf) {

    static Typed of(String line) {
      List<String> parts = new ArrayList<>(List.of(line.trim().split("\\s+")));
      int model = Character.isDigit(parts.getFirst().charAt(0)) ? take(parts) : 0;
      String point = parts.removeFirst();
      int function = take(parts);
      int address = take(parts);
      List<Integer> words = new ArrayList<>();
      while (!parts.getFirst().equals("=")) {
        words.add(Integer.parseInt(parts.removeFirst(), 16));
      }
      parts.removeFirst();
      String value = parts.removeFirst();
      BigDecimal ct = BigDecimal.ONE;
      BigDecimal pt = BigDecimal.ONE;
      int sf = 0;
      while (!parts.isEmpty()) {
        switch (parts.removeFirst()) {
          case "ct" -> ct = new BigDecimal(parts.removeFirst());
          case "pt" -> pt = new BigDecimal(parts.removeFirst());
          case "sf" -> sf = Integer.parseInt(parts.removeFirst());
          default -> throw new IllegalArgumentException(line);
        }
      }
      return new Typed(model, point, function, address, List.copyOf(words), value, ct, pt, sf);
    }

    private static int take(List<String> parts) {
      return Integer.decode(parts.removeFirst());
    }

    @Override
    public String toString() {
      return (model == 0 ? "" : model + " ") + point + " at " + address + " = " + value;
    }
  }

  /** The dump of a profile. */
  public static Dump of(String profile) throws IOException {
    String document = "";
    String page = "";
    List<Typed> lines = new ArrayList<>();
    for (String line :
        Files.readAllLines(FOLDER.resolve(profile + ".txt"), StandardCharsets.UTF_8)) {
      if (line.startsWith("document:")) {
        document = line.substring("document:".length()).strip();
      } else if (line.startsWith("page:")) {
        page = line.substring("page:".length()).strip();
      } else if (!line.isBlank() && !line.startsWith("#")) {
        lines.add(Typed.of(line));
      }
    }
    return new Dump(profile, document, page, List.copyOf(lines));
  }
}
