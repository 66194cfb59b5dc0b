package io.lingtan.agent.journal.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Counts bytes that SQLite wrote, by reading the WAL's frame headers (SQLite file format, section
 * 4.1): each frame once into the WAL, and each page of it once more when the WAL is copied into the
 * file, which a new salt shows. Ledger thread.
 */
public final class WalMeter implements AutoCloseable {
  private static final int HEADER = 32;
  private static final int FRAME_HEADER = 24;

  private final Path wal;
  private final ByteBuffer header = ByteBuffer.allocate(HEADER);
  private final ByteBuffer frame = ByteBuffer.allocate(FRAME_HEADER);
  private @Nullable FileChannel opened;
  private final Set<Integer> pages = new HashSet<>();
  private long salt;
  private long frames;
  private long written;

  public WalMeter(Path file) {
    this.wal = file.resolveSibling(file.getFileName() + "-wal");
  }

  /** Bytes written up to now, as far as the WAL shows; call it after each commit. */
  public long written() {
    try {
      FileChannel channel = channel();
      if (channel.read(header.clear(), 0) == HEADER) {
        count(channel, header.getLong(16));
      }
    } catch (NoSuchFileException e) {
      restarted(0);
    } catch (IOException e) {
      // A figure for people: the commits themselves will say what is wrong with the disk.
      close();
    }
    return written;
  }

  private FileChannel channel() throws IOException {
    FileChannel channel = opened;
    if (channel == null) {
      channel = FileChannel.open(wal, StandardOpenOption.READ);
      opened = channel;
    }
    return channel;
  }

  /** Lets go of the WAL: with its last connection SQLite removes it. */
  @Override
  public void close() {
    FileChannel channel = opened;
    opened = null;
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        // It was only read.
      }
    }
  }

  private void count(FileChannel channel, long found) throws IOException {
    if (found != salt) {
      restarted(found);
      written += HEADER;
    }
    while (channel.read(frame.clear(), HEADER + frames * Database.FRAME) == FRAME_HEADER
        && frame.getLong(8) == salt) {
      frames++;
      written += Database.FRAME;
      pages.add(frame.getInt(0));
    }
  }

  private void restarted(long found) {
    written += (long) pages.size() * Database.PAGE;
    pages.clear();
    frames = 0;
    salt = found;
  }
}
