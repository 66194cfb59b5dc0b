package io.lingtan.agent.status.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lingtan.agent.status.access.Technician.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file {@value #NAME} beside that of the PIN: technicians with a PIN each, one a line, as
 * {@code wang configure 4711aa}. It is optional, and the agent never writes it. A line that cannot
 * be used lets nobody in, and the log says which.
 */
public final class TechniciansFile {
  private static final Logger log = LoggerFactory.getLogger(TechniciansFile.class);

  private static final String NAME = "technicians";
  private static final int MOST = 64;
  private static final int MOST_BYTES = 16 * 1024;
  private static final Pattern WHO = Pattern.compile("[\\p{L}\\p{N}._-]{1,32}");

  private TechniciansFile() {}

  /**
   * Who there is, by PIN; nobody if there is no file.
   *
   * @param pinFile beside which it lies
   * @param pin of the label, which nobody else has; null if there is none
   */
  public static Map<String, Technician> beside(Path pinFile, @Nullable String pin) {
    Path file = pinFile.toAbsolutePath().resolveSibling(NAME);
    Map<String, Technician> all = new LinkedHashMap<>();
    try {
      if (Files.size(file) > MOST_BYTES) {
        log.error("{} has more than {} bytes: none of its technicians gets in", file, MOST_BYTES);
        return all;
      }
      Set<PosixFilePermission> others = Files.getPosixFilePermissions(file);
      if (others.contains(PosixFilePermission.OTHERS_READ)) {
        log.error("{} can be read by everybody: none of its technicians gets in; chmod 600", file);
        return all;
      }
      int number = 0;
      for (String line : Files.readString(file, UTF_8).lines().map(String::strip).toList()) {
        number++;
        if (!line.isEmpty() && !line.startsWith("#")) {
          String why = all.size() < MOST ? add(all, line, pin) : "more than " + MOST;
          if (!why.isEmpty()) {
            log.error("{} line {} lets nobody in: {}", file, number, why);
          }
        }
      }
    } catch (NoSuchFileException e) {
      return all;
    } catch (IOException e) {
      log.error("{} cannot be read: {}", file, e.toString());
    }
    return all;
  }

  /** Why it cannot be used, without the PIN; empty if it can. */
  private static String add(Map<String, Technician> all, String line, @Nullable String pin) {
    String[] words = line.split("\\s+", -1);
    if (words.length != 3 || !WHO.matcher(words[0]).matches()) {
      return "a line is NAME ROLE PIN";
    }
    if (!PinFile.PIN.matcher(words[2]).matches()) {
      return "a PIN is 6 to 32 letters or digits";
    }
    if (words[2].equals(pin) || all.containsKey(words[2])) {
      return "its PIN is another's too";
    }
    if (all.values().stream().anyMatch(each -> each.name().equals(words[0]))) {
      return words[0] + " is there twice";
    }
    for (Role role : Role.values()) {
      if (role.word().equals(words[1].toLowerCase(Locale.ROOT))) {
        all.put(words[2], new Technician(words[0], role));
        return "";
      }
    }
    return "its role is none of look act configure";
  }
}
