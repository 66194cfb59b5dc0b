package io.lingtan.agent.publish.sparkplug;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a view remembers over restarts, beside the journal: the next bdSeq and its cursor.
 *
 * <p>Crash contract: when {@link #save} returns true the file is on the card whole, and before that
 * the old one is. A view that is killed sends again what it sent since the last save. A file that
 * cannot be read counts as none: the view begins with what is recorded from then on.
 */
final class CursorFile {

  private static final Logger log = LoggerFactory.getLogger(CursorFile.class);
  private static final String FIRST = "lingtan sparkplug cursor 1";
  private static final String NEXT_BDSEQ = "bdseq ";
  private static final int MOST_BYTES = 256 * 1024;

  private final Path file;
  private String saved = "";
  private boolean failed;

  CursorFile(Path file) {
    this.file = file;
  }

  /**
   * What was saved last.
   *
   * @param isFirst whether nothing was
   */
  record Kept(int nextBdSeq, SentRecords told, boolean isFirst) {}

  Kept load() {
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new IllegalArgumentException("larger than a cursor can be");
      }
      String text = Files.readString(file);
      List<String> lines = text.lines().toList();
      if (lines.size() < 2
          || !lines.getFirst().equals(FIRST)
          || !lines.get(1).startsWith(NEXT_BDSEQ)) {
        throw new IllegalArgumentException("it is not one of ours");
      }
      SentRecords told = new SentRecords();
      int bdSeq = Integer.parseInt(lines.get(1).substring(NEXT_BDSEQ.length()));
      lines.subList(2, lines.size()).forEach(told::read);
      saved = text;
      return new Kept(bdSeq, told, false);
    } catch (NoSuchFileException e) {
      return new Kept(0, new SentRecords(), true);
    } catch (IOException | IllegalArgumentException e) {
      log.warn(
          "{}: the Sparkplug view's cursor cannot be read ({}): it begins with what is recorded"
              + " from now on",
          file,
          e.toString());
      return new Kept(0, new SentRecords(), true);
    }
  }

  /** Writes it unless it is there already; false if that is not possible now. */
  boolean save(int nextBdSeq, SentRecords told) {
    StringBuilder text = new StringBuilder(FIRST).append('\n');
    text.append(NEXT_BDSEQ).append(nextBdSeq).append('\n');
    told.lines().forEach(line -> text.append(line).append('\n'));
    if (saved.contentEquals(text)) {
      return true;
    }
    try {
      write(text.toString());
      saved = text.toString();
      failed = false;
      return true;
    } catch (IOException e) {
      if (!failed) {
        log.warn("{}: the Sparkplug view's cursor cannot be saved: {}", file, e.toString());
      }
      failed = true;
      return false;
    }
  }

  private void write(String text) throws IOException {
    Path next = file.resolveSibling(file.getFileName() + ".new");
    try (FileChannel channel =
        FileChannel.open(
            next,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
