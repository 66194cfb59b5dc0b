package io.lingtan.agent.status.live;

import java.io.ByteArrayOutputStream;
import java.util.zip.Deflater;

/**
 * Packs messages once for all pages: each as whole blocks that refer to what went before, so that a
 * snapshot costs what has changed in it. Blocks that begin at a key message refer to nothing before
 * it: a page that joins is given one of these first, and can read all that follow. Not thread-safe.
 */
final class Packer implements AutoCloseable {

  private static final int ROOM = 2048;

  private final Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
  private final byte[] buffer = new byte[ROOM];

  byte[] pack(byte[] plain, boolean isKey) {
    if (isKey) {
      deflater.reset();
    }
    deflater.setInput(plain);
    ByteArrayOutputStream packed = new ByteArrayOutputStream(ROOM);
    int written;
    do {
      written = deflater.deflate(buffer, 0, buffer.length, Deflater.SYNC_FLUSH);
      packed.write(buffer, 0, written);
    } while (written == buffer.length);
    return packed.toByteArray();
  }

  @Override
  public void close() {
    deflater.end();
  }
}
