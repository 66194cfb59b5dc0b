package io.lingtan.agent.fleet;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lingtan.agent.fleet.Obeyed.Fate;
import io.lingtan.agent.reading.Json;
import io.lingtan.agent.run.KeptFile;
import io.lingtan.agent.run.WholeFile;
import io.lingtan.agent.seal.JsonValue;
import io.lingtan.agent.site.Sha256;
import io.lingtan.agent.site.SmallFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was obeyed last, in a file beside the site file: {@code site.yaml.fleet}.
 *
 * <p>Crash contract: it says what is about to be done before that is done, and is replaced as a
 * whole. A process that is killed anywhere leaves a site file that is the one before or the one
 * that was asked for, and here which of them is to stay.
 */
public final class ObeyedFile {

  private static final Logger log = LoggerFactory.getLogger(ObeyedFile.class);
  private static final int LARGEST = 64 * 1024;

  /** After so many runs of the agent with it, the one that took it included, it is put back. */
  static final int MOST_STARTS = 3;

  private static final String FULL =
      "it had not proved itself, and there was no room to write down why";

  private final Path siteFile;
  private final Path file;

  /**
   * What is noted where no room is left: written before there is a trial, and only renamed then.
   */
  private final Path undone;

  private ObeyedFile(Path siteFile) {
    this.siteFile = siteFile;
    this.file = siteFile.resolveSibling(siteFile.getFileName() + ".fleet");
    this.undone = file.resolveSibling(file.getFileName() + ".undone");
  }

  /** Follows links, as whoever replaces the site file does. */
  static ObeyedFile beside(Path siteFile) throws IOException {
    return new ObeyedFile(siteFile.toRealPath());
  }

  /** Whether a fleet's centre ever was obeyed, or waited for, by this site file. */
  public static boolean isBeside(Path siteFile) {
    try {
      return Files.exists(beside(siteFile).file);
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * What it says; {@link Obeyed#NOTHING} if there is none.
   *
   * @throws IOException if it cannot be read or makes no sense: then nobody knows which document is
   *     an old one, and none must be obeyed
   */
  Obeyed read() throws IOException {
    if (!Files.exists(file)) {
      return Obeyed.NOTHING;
    }
    try {
      JsonValue.Obj said = JsonValue.object(new String(SmallFile.read(file, LARGEST), UTF_8));
      return new Obeyed(
          Long.parseLong(String.valueOf(said.number("serial"))),
          String.valueOf(said.text("digest")),
          String.valueOf(said.text("hash")),
          said.text("before"),
          Integer.parseInt(String.valueOf(said.number("starts"))),
          Fate.valueOf(String.valueOf(said.text("state")).toUpperCase(Locale.ROOT)),
          said.text("why"));
    } catch (JsonValue.NotJson | IllegalArgumentException e) {
      throw new IOException(
          file
              + " makes no sense ("
              + e.getMessage()
              + "): no document is obeyed until it is removed, and then an old one might be",
          e);
    }
  }

  /**
   * Notes what is about to be done. Of a trial that begins, what its end would be is on the card
   * before, so that a full one keeps nothing from being put back.
   */
  void write(Obeyed obeyed) throws IOException {
    if (obeyed.isOpen() && obeyed.fate() == Fate.PENDING) {
      WholeFile.replace(undone, bytes(obeyed.undone(FULL)));
    }
    try {
      WholeFile.replace(file, bytes(obeyed));
    } catch (IOException e) {
      if (obeyed.fate() != Fate.PUT_BACK || !obeyed.isOpen() || !Files.exists(undone)) {
        throw e;
      }
      log.warn("what becomes of a trial is noted without its reason: {}", e.toString());
      Files.move(undone, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      WholeFile.syncFolder(file);
    }
    if (!obeyed.isOpen()) {
      Files.deleteIfExists(undone);
    }
  }

  private static byte[] bytes(Obeyed obeyed) throws IOException {
    String text =
        Json.object(
            json -> {
              json.writeNumberField("serial", obeyed.serial());
              json.writeStringField("digest", obeyed.digest());
              json.writeStringField("hash", obeyed.hash());
              if (obeyed.before() != null) {
                json.writeStringField("before", obeyed.before());
              }
              json.writeNumberField("starts", obeyed.starts());
              json.writeStringField("state", obeyed.fate().word());
              if (obeyed.why() != null) {
                json.writeStringField("why", obeyed.why());
              }
            });
    return (text + "\n").getBytes(UTF_8);
  }

  /**
   * Before the site file is read at a start: counts the start against a change that is on trial,
   * and puts back one that has had {@value #MOST_STARTS} runs, that is refused, or that was about
   * to be put back when the process ended.
   *
   * @param siteFile that the agent is started with
   * @param isRefused whether it has been read already, and cannot be used
   * @param isRunning whether another agent runs by it: then this is no start of it
   * @return whether the site file is another one now
   */
  public static boolean atStart(Path siteFile, boolean isRefused, BooleanSupplier isRunning) {
    try {
      return Files.exists(siteFile) && beside(siteFile).start(isRefused, isRunning);
    } catch (IOException e) {
      log.error("what the fleet's centre last wanted cannot be told: {}", e.toString());
      return false;
    }
  }

  private boolean start(boolean isRefused, BooleanSupplier isRunning) throws IOException {
    Obeyed obeyed = read();
    if (!obeyed.isOpen() || isRunning.getAsBoolean()) {
      return false;
    }
    KeptFile kept = KeptFile.of(siteFile);
    if (!Sha256.hex(kept.content()).equals(obeyed.hash())) {
      return false;
    }
    Obeyed next = obeyed;
    if (obeyed.fate() == Fate.PENDING && isRefused) {
      next = obeyed.undone("the agent could not start with it");
    } else if (obeyed.fate() == Fate.PENDING && obeyed.starts() >= MOST_STARTS) {
      next =
          obeyed.undone(
              "no record was acknowledged in " + MOST_STARTS + " runs of the agent with it");
    } else if (obeyed.fate() == Fate.PENDING) {
      next = obeyed.startedAgain();
    }
    if (!next.equals(obeyed)) {
      try {
        write(next);
      } catch (IOException e) {
        // A start that cannot be counted is the last: without an end the trial would have none.
        next = obeyed.undone(FULL);
        write(next);
      }
    }
    if (next.fate() != Fate.PUT_BACK) {
      return false;
    }
    log.warn("{}: the one before is put back, it is {}", siteFile, kept.putBack());
    return true;
  }
}
