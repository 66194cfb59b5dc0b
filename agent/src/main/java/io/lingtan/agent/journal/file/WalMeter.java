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
 * Counts bytes that the kernel writes for SQLite, in whole blocks of 4 KiB, by reading the WAL's
 * frame headers (SQLite file format, section 4.1): the blocks that a commit's frames lie in, and
 * those of its pages once more when the WAL is copied into the file, which a new salt shows. What
 * the file system writes for itself is not in it. Ledger thread.
 */
public final class WalMeter implements AutoCloseable {
  private static final int HEADER = 32;
  private static final int FRAME_HEADER = 24;

  /** What the kernel writes at least: a page of its memory. */
  private static final int BLOCK = 4096;

  private final Path wal;
  private final ByteBuffer header = ByteBuffer.allocate(HEADER);
  private final ByteBuffer frame = ByteBuffer.allocate(FRAME_HEADER);
  private @Nullable FileChannel opened;
  private final Set<Integer> blocks = new HashSet<>();
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

  /** The same once the WAL is wholly copied into the file, as its last connection leaves it. */
  public long copied() {
    restarted(0);
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
    }
    long before = end();
    while (channel.read(frame.clear(), HEADER + frames * Database.FRAME) == FRAME_HEADER
        && frame.getLong(8) == salt) {
      frames++;
      // Pages count from 1.
      blocks.add((frame.getInt(0) - 1) / (BLOCK / Database.PAGE));
    }
    if (end() > before) {
      written += BLOCK * ((end() + BLOCK - 1) / BLOCK - before / BLOCK);
    }
  }

  /** Where the next frame begins; the header is written with the first. */
  private long end() {
    return frames == 0 ? 0 : HEADER + frames * Database.FRAME;
  }

  private void restarted(long found) {
    written += (long) blocks.size() * BLOCK;
    blocks.clear();
    frames = 0;
    salt = found;
  }
}
