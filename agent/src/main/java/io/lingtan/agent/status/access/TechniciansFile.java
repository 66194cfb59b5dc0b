package io.lingtan.agent.status.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lingtan.agent.run.WholeFile;
import io.lingtan.agent.status.access.Technician.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file {@value #NAME} beside that of the PIN: technicians with a PIN each, one a line, as
 * {@code wang configure 4711aa}. It is optional; the agent writes it only for who adds or removes
 * somebody at the page, and leaves all other lines as they are. A line that cannot be used lets
 * nobody in, and the log says which.
 */
public final class TechniciansFile {
  private static final Logger log = LoggerFactory.getLogger(TechniciansFile.class);

  private static final String NAME = "technicians";
  private static final int MOST = 64;
  private static final int MOST_BYTES = 16 * 1024;
  private static final Pattern WHO = Pattern.compile("[\\p{L}\\p{N}._-]{1,32}");

  private static final FileAttribute<?> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private TechniciansFile() {}

  /** Why a file is not written; with what to do. */
  public static final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    private Refused(String why) {
      super(why);
    }
  }

  /**
   * Writes somebody into it who is in it when this returns. Crash contract: it is as it was, or has
   * one line more.
   *
   * @param name 1 to 32 letters, digits and {@code . _ -}
   * @param pin nobody's yet
   */
  static void add(Path pinFile, String name, Role role, String pin) throws IOException, Refused {
    if (!WHO.matcher(name).matches()) {
      throw new Refused("a name is 1 to 32 letters, digits and . _ -");
    }
    List<String> lines = new ArrayList<>(lines(pinFile));
    if (lines.stream().anyMatch(line -> isOf(line, name))) {
      throw new Refused(name + " is in the file already: remove that line first");
    }
    if (lines.stream().filter(TechniciansFile::isSomebody).count() >= MOST) {
      throw new Refused("there are " + MOST + " already: remove somebody first");
    }
    lines.add(name + " " + role.word() + " " + pin);
    write(pinFile, lines);
  }

  /** Takes all lines of somebody out of it; false if there is none. */
  static boolean remove(Path pinFile, String name) throws IOException, Refused {
    List<String> lines = new ArrayList<>(lines(pinFile));
    if (!lines.removeIf(line -> isOf(line, name))) {
      return false;
    }
    write(pinFile, lines);
    return true;
  }

  private static boolean isSomebody(String line) {
    return !line.isBlank() && !line.strip().startsWith("#");
  }

  private static boolean isOf(String line, String name) {
    return isSomebody(line) && line.strip().split("\\s+", 2)[0].equals(name);
  }

  private static List<String> lines(Path pinFile) throws IOException, Refused {
    Path file = file(pinFile);
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new Refused(file + " has more than " + MOST_BYTES + " bytes");
      }
      // What everybody could read would let somebody in once it is written anew.
      if (isReadByOthers(file)) {
        throw new Refused(file + " can be read by everybody: chmod 600, and change its PINs");
      }
      return Files.readString(file, UTF_8).lines().toList();
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  private static void write(Path pinFile, List<String> lines) throws IOException, Refused {
    byte[] text = String.join("", lines.stream().map(line -> line + "\n").toList()).getBytes(UTF_8);
    if (text.length > MOST_BYTES) {
      throw new Refused("the file would have more than " + MOST_BYTES + " bytes");
    }
    WholeFile.replace(file(pinFile), text, OWNER_ONLY);
  }

  private static Path file(Path pinFile) {
    return pinFile.toAbsolutePath().resolveSibling(NAME);
  }

  private static boolean isReadByOthers(Path file) throws IOException {
    return Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ);
  }

  /**
   * Who there is, by PIN; nobody if there is no file.
   *
   * @param pinFile beside which it lies
   * @param pin of the label, which nobody else has; null if there is none
   */
  public static Map<String, Technician> beside(Path pinFile, @Nullable String pin) {
    Path file = file(pinFile);
    Map<String, Technician> all = new LinkedHashMap<>();
    try {
      if (Files.size(file) > MOST_BYTES) {
        log.error("{} has more than {} bytes: none of its technicians gets in", file, MOST_BYTES);
        return all;
      }
      if (isReadByOthers(file)) {
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
