package io.lingtan.agent.audit.archive;

import io.lingtan.agent.audit.message.Arrived.Numbered;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * A line {@code {"gateway":"ID","record":{...}}} for each record when it first came. A file that
 * has become too large is put aside as {@code NAME.1.ndjson}, {@code NAME.2.ndjson} and so on, the
 * first being the oldest; none is ever deleted. One thread.
 */
final class NdjsonArchive implements Archive {

  private static final int TAIL = 1 << 20;
  private static final String LINE = "{\"gateway\":\"";

  private final Path file;
  private final long mostBytes;
  private final ByteArrayOutputStream added = new ByteArrayOutputStream();
  private FileChannel channel;

  private NdjsonArchive(Path file, long mostBytes, FileChannel channel) {
    this.file = file;
    this.mostBytes = mostBytes;
    this.channel = channel;
  }

  static NdjsonArchive open(Path file, long mostBytes) throws IOException {
    Path place = file.toAbsolutePath();
    try {
      FileChannel channel = append(place);
      cutTornLine(channel);
      return new NdjsonArchive(place, mostBytes, channel);
    } catch (IOException e) {
      throw new IOException(cannot(place, e), e);
    }
  }

  private static FileChannel append(Path file) throws IOException {
    return FileChannel.open(
        file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  /** What a kill left of a line comes again as a whole. */
  private static void cutTornLine(FileChannel channel) throws IOException {
    long size = channel.size();
    long from = Math.max(0, size - TAIL);
    byte[] tail = new byte[(int) (size - from)];
    ByteBuffer into = ByteBuffer.wrap(tail);
    int read;
    do {
      read = channel.read(into, from + into.position());
    } while (read > 0);
    int end = tail.length;
    while (end > 0 && tail[end - 1] != '\n') {
      end--;
    }
    boolean isOurs = begins(tail, end) && (from > 0 ? end > 0 : begins(tail, 0));
    if (!isOurs) {
      throw new IOException("it holds something else: name another file");
    }
    channel.truncate(from + end);
    channel.position(from + end);
  }

  /** Whether what begins here is a line of ours, or the beginning of one, or nothing. */
  private static boolean begins(byte[] text, int at) {
    byte[] line = LINE.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(line.length, text.length - at);
    return Arrays.equals(text, at, at + length, line, 0, length);
  }

  @Override
  public void add(String gateway, Numbered record, boolean isNew) {
    if (isNew) {
      added.writeBytes((LINE + gateway + "\",\"record\":").getBytes(StandardCharsets.UTF_8));
      added.writeBytes(record.json());
      added.writeBytes(new byte[] {'}', '\n'});
    }
  }

  @Override
  public void commit() throws IOException {
    if (added.size() == 0) {
      return;
    }
    long before = -1;
    try {
      before = channel.position();
      ByteBuffer bytes = ByteBuffer.wrap(added.toByteArray());
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(false);
    } catch (IOException e) {
      takeBack(before);
      throw new IOException(cannot(file, e), e);
    }
    added.reset();
    if (channel.position() >= mostBytes) {
      putAside();
    }
  }

  private void takeBack(long size) {
    try {
      if (size >= 0) {
        channel.truncate(size);
        channel.position(size);
      }
    } catch (IOException e) {
      // The next attempt overwrites it from the same place, or fails the same way.
    }
  }

  /** Where that fails the file goes on growing, and the next commit tries again. */
  private void putAside() {
    String name = String.valueOf(file.getFileName());
    int dot = name.lastIndexOf('.');
    int number = 1;
    Path aside;
    do {
      aside = file.resolveSibling(name.substring(0, dot) + "." + number + name.substring(dot));
      number++;
    } while (Files.exists(aside));
    try {
      Files.move(file, aside);
      FileChannel next = append(file);
      channel.close();
      channel = next;
    } catch (IOException e) {
      // Said by the next commit, if it concerns that too.
    }
  }

  private static String cannot(Path file, IOException e) {
    return "cannot write the archive "
        + file
        + " ("
        + e
        + "): make room or give permission; until then the broker keeps what comes";
  }

  @Override
  public long contradictions() {
    return 0;
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // Everything that counts has been forced to the disk.
    }
  }
}
