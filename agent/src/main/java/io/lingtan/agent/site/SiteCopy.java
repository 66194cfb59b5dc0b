package io.lingtan.agent.site;

import io.lingtan.agent.site.yaml.YamlReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A site file, with the profiles, factors, tariffs and forms of its own, as it may be handed on:
 * without comments, and without what stands before the host in an address. Passwords, keys and the
 * PIN never stand in a site file, only the names of their files.
 */
public final class SiteCopy {

  private static final int MOST_FILES = 64;
  private static final int LARGEST = 256 * 1024;
  private static final Pattern CREDENTIALS = Pattern.compile("(://)[^/@\\s\"']+@");
  private static final Pattern OWN_FOLDER =
      Pattern.compile("(?m)^(profiles|factors|tariffs|reports):[ \\t]*(\\S.*)$");

  private SiteCopy() {}

  /**
   * Reads the files again, as they are now.
   *
   * @return texts by name: {@code site.yaml}, {@code profiles/NAME.yaml}, {@code
   *     factors/NAME.yaml}, {@code tariffs/NAME.yaml} and {@code reports/NAME.yaml}
   * @throws IOException if the site file cannot be read any more
   */
  public static SequencedMap<String, String> of(Path siteFile) throws IOException {
    SequencedMap<String, String> texts = new LinkedHashMap<>();
    String site = withoutSecrets(text(siteFile, YamlReader.LARGEST));
    texts.put("site.yaml", site);
    Path folder = siteFile.toAbsolutePath().getParent();
    Matcher own = OWN_FOLDER.matcher(site);
    StringBuilder moved = new StringBuilder();
    while (own.find()) {
      String name = own.group(1);
      String place = own.group(2).strip().replaceAll("^[\"']|[\"']$", "");
      own.appendReplacement(moved, name + ": " + name);
      if (folder != null) {
        addAll(folder.resolve(place), name, texts);
      }
    }
    own.appendTail(moved);
    texts.put("site.yaml", moved.toString());
    return texts;
  }

  private static void addAll(Path folder, String name, SequencedMap<String, String> to)
      throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files = all.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    }
    for (Path file : files.subList(0, Math.min(MOST_FILES, files.size()))) {
      try {
        to.put(name + "/" + file.getFileName(), withoutSecrets(text(file, LARGEST)));
      } catch (SmallFile.Refused e) {
        // Nothing that the agent reads either.
      }
    }
  }

  private static String text(Path file, int largest) throws IOException {
    return new String(SmallFile.read(file, largest), StandardCharsets.UTF_8);
  }

  /** Lines stay where they are, so that a problem is named at the same place. */
  static String withoutSecrets(String yaml) {
    String text =
        yaml.lines().map(SiteCopy::withoutComment).collect(Collectors.joining("\n", "", "\n"));
    return CREDENTIALS.matcher(text).replaceAll("$1");
  }

  /** YAML 1.2.2, 6.6: a comment begins a line or follows white space, outside of quotes. */
  private static String withoutComment(String line) {
    char quote = 0;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (quote != 0) {
        quote = c == quote ? 0 : quote;
      } else if ((c == '"' || c == '\'')
          && (i == 0 || " \t[{,:".indexOf(line.charAt(i - 1)) >= 0)) {
        quote = c;
      } else if (c == '#' && (i == 0 || Character.isWhitespace(line.charAt(i - 1)))) {
        return line.substring(0, i).stripTrailing();
      }
    }
    return line;
  }
}
