package io.lingtan.agent.acquire.coap;

import io.lingtan.agent.site.Line;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files of pre-shared keys. A key is text as it stands, or {@code hex:} and hexadecimal digits. A
 * file for one peer holds one key; a file of nodes holds {@code IDENTITY KEY [DEVICE ...]} line by
 * line. Empty lines, and those that begin with {@code #}, are passed over.
 */
final class SharedKeys {

  private static final Logger log = LoggerFactory.getLogger(SharedKeys.class);

  private static final int LONGEST = 64;

  /** Bytes; of a shorter one every possibility can be tried on a handshake that was recorded. */
  private static final int SAFE = 16;

  private SharedKeys() {}

  /**
   * A node that may push.
   *
   * @param devices for which it may speak
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Node(byte[] key, Set<String> devices) {}

  /**
   * The one key of a file.
   *
   * @throws IOException with words for a person
   */
  static byte[] one(Path file) throws IOException {
    List<String> lines = lines(file);
    if (lines.size() != 1) {
      throw new IOException(
          file + " must hold one key on a line of its own, and holds " + lines.size() + " lines");
    }
    return key(lines.getFirst(), file);
  }

  /**
   * The nodes of a file by identity.
   *
   * @throws IOException with words for a person
   */
  static Map<String, Node> nodes(Path file) throws IOException {
    Map<String, Node> nodes = new LinkedHashMap<>();
    for (String line : lines(file)) {
      List<String> words = List.of(line.split("\\s+", -1));
      String identity = words.getFirst();
      if (words.size() < 2) {
        throw new IOException(file + ": identity " + identity + " has no key behind it");
      }
      Set<String> devices =
          words.size() == 2 ? Set.of(identity) : Set.copyOf(words.subList(2, words.size()));
      if (nodes.put(identity, new Node(key(words.get(1), file), devices)) != null) {
        throw new IOException(file + ": identity " + identity + " is there twice");
      }
    }
    return nodes;
  }

  private static List<String> lines(Path file) throws IOException {
    try {
      if (Files.size(file) > Line.KeyFile.LARGEST) {
        throw new IOException(file + " is no file of keys: it is larger than a megabyte");
      }
      return Files.readAllLines(file, StandardCharsets.UTF_8).stream()
          .map(String::strip)
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .toList();
    } catch (java.nio.file.NoSuchFileException e) {
      throw new IOException(file + " does not exist: put the key there", e);
    } catch (java.nio.file.AccessDeniedException e) {
      throw new IOException(file + " cannot be read by this user", e);
    }
  }

  private static byte[] key(String text, Path file) throws IOException {
    byte[] key;
    if (text.startsWith("hex:")) {
      try {
        key = HexFormat.of().parseHex(text.substring(4));
      } catch (IllegalArgumentException e) {
        throw new IOException(file + ": a key behind hex: has an even number of digits 0-9 a-f", e);
      }
    } else {
      key = text.getBytes(StandardCharsets.UTF_8);
    }
    if (key.length == 0 || key.length > LONGEST) {
      throw new IOException(file + ": a key has 1 to " + LONGEST + " bytes, not " + key.length);
    }
    if (key.length < SAFE) {
      log.warn(
          "{}: a key of {} bytes can be guessed from what goes over the network: take {} random"
              + " bytes (hex: and the output of openssl rand -hex {})",
          file,
          key.length,
          SAFE,
          SAFE);
    }
    return key;
  }
}
