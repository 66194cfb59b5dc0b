package io.lingtan.agent.status.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lingtan.agent.run.MachineIdentity;
import io.lingtan.agent.run.WholeFile;
import io.lingtan.agent.site.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of the technician's PIN: the PIN on the first line, and on the second a mark of the
 * machine that it was made on, so that cloned cards do not share one. Who writes a PIN of their own
 * leaves the second line out.
 */
public final class PinFile {
  private static final Logger log = LoggerFactory.getLogger(PinFile.class);

  /** What a person can type with one hand, and nobody guesses at a few tries an hour. */
  static final Pattern PIN = Pattern.compile("[0-9A-Za-z]{6,32}");

  private static final int MADE_BELOW = 1_000_000;
  private static final int MOST_BYTES = 1024;
  private static final String MACHINE = "machine ";
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  private final Path file;
  private final String machine;

  /** Why a PIN that was made could not be written, until one is. */
  private @Nullable String unwritten;

  /**
   * @param machine identity of this machine; only a hash of it is written
   */
  public PinFile(Path file, String machine) {
    this.file = file.toAbsolutePath();
    this.machine = MachineIdentity.mapped(machine, value -> hash("lingtan pin\n" + value));
  }

  /**
   * The PIN in the file, or a new one of six digits that is in the file when this returns.
   *
   * @return null if there can be none; the log says why, and what to do
   */
  public @Nullable String open(RandomGenerator random) {
    try {
      List<String> lines = read();
      String pin = lines.isEmpty() ? "" : lines.getFirst();
      if (!PIN.matcher(pin).matches()) {
        log.error(
            "{} holds no PIN: its first line must be 6 to 32 letters or digits; delete the file and"
                + " the agent makes one. Until then nobody gets in by PIN",
            file);
        return null;
      }
      boolean isForeign = isForeign(lines);
      if (!isForeign) {
        return pin;
      }
      log.warn("{} was made on another machine: this one gets a PIN of its own", file);
    } catch (NoSuchFileException e) {
      if (unwritten == null) {
        log.info("{} does not exist yet: a PIN is made", file);
      }
    } catch (IOException e) {
      log.error("{} cannot be read ({}): nobody gets in by PIN", file, e.toString());
      return null;
    }
    String made = String.format(Locale.ROOT, "%06d", random.nextInt(MADE_BELOW));
    try {
      write(made + "\n" + MACHINE + machine + "\n");
      unwritten = null;
      return made;
    } catch (IOException e) {
      boolean isTold = e.toString().equals(unwritten);
      unwritten = e.toString();
      if (isTold) {
        return null;
      }
      log.error(
          "{} cannot be written ({}): nobody gets in by PIN. The agent's user must be allowed to"
              + " write there; or choose another status.pin_file",
          file,
          e.toString());
      return null;
    }
  }

  /** Whether this is its file. */
  public boolean isAt(Path place) {
    return file.equals(place.toAbsolutePath());
  }

  /** Why the PIN that {@link #open} made last could not be written; null where that is not so. */
  public @Nullable String unwritten() {
    return unwritten;
  }

  /**
   * The PIN in the file.
   *
   * @throws IOException if there is none that this machine uses; the message says what to do
   */
  public String published() throws IOException {
    List<String> lines;
    try {
      lines = read();
    } catch (NoSuchFileException e) {
      throw new IOException(file + " does not exist: the agent makes it at its first start", e);
    }
    if (lines.isEmpty() || !PIN.matcher(lines.getFirst()).matches()) {
      throw new IOException(
          file + " holds no PIN: delete it, and the agent makes one at its start");
    }
    if (isForeign(lines)) {
      throw new IOException(file + " was made on another machine; the agent replaces it at start");
    }
    return lines.getFirst();
  }

  private List<String> read() throws IOException {
    if (Files.size(file) > MOST_BYTES) {
      return List.of();
    }
    // Whatever it holds is looked at; bytes that are no text are no PIN.
    return new String(Files.readAllBytes(file), UTF_8).lines().map(String::strip).toList();
  }

  private void write(String text) throws IOException {
    Path folder = Objects.requireNonNull(file.getParent());
    Files.createDirectories(folder);
    WholeFile.replace(file, text.getBytes(UTF_8), PosixFilePermissions.asFileAttribute(OWNER_ONLY));
  }

  private static String hash(String text) {
    return Sha256.hex(text.getBytes(UTF_8)).substring(0, 32);
  }

  private boolean isForeign(List<String> lines) {
    return lines.size() > 1
        && !(lines.get(1).startsWith(MACHINE)
            && MachineIdentity.isSame(lines.get(1).substring(MACHINE.length()), machine));
  }
}
