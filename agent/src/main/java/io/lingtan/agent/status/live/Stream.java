package io.lingtan.agent.status.live;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;

/** One page's stream, written by the thread of its request alone. */
final class Stream {

  /** Of gzip (RFC 1952): deflate, no name, no time, made anywhere. */
  private static final byte[] HEADER = {0x1F, (byte) 0x8B, 8, 0, 0, 0, 0, 0, 0, (byte) 0xFF};

  /** An empty block that says that it is the last. */
  private static final byte[] LAST_BLOCK = {3, 0};

  private final OutputStream out;
  private final boolean isPacked;
  private final CRC32 crc = new CRC32();
  private int size;
  private long last;

  Stream(OutputStream out, boolean isPacked) throws IOException {
    this.out = out;
    this.isPacked = isPacked;
    if (isPacked) {
      out.write(HEADER);
    }
    out.flush();
  }

  /** Whether this page can read it after what it has had; what it has had already it cannot. */
  boolean canTake(ServerEvent message) {
    return message.seq() > last
        && (!isPacked || message.isKey() || (last > 0 && message.seq() == last + 1));
  }

  /** Whether it waits for a key message, having missed one or had none. */
  boolean isBehind(ServerEvent message) {
    return message.seq() > last && !canTake(message);
  }

  /** Returns how many bytes that were. */
  int write(ServerEvent message) throws IOException {
    byte[] bytes = isPacked ? message.packed() : message.plain();
    out.write(bytes);
    out.flush();
    crc.update(message.plain());
    size += message.plain().length;
    last = message.seq();
    return bytes.length;
  }

  /** Ends it so that the browser takes it for ended, not for broken. */
  void end() throws IOException {
    if (isPacked) {
      out.write(LAST_BLOCK);
      ByteBuffer trailer = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      out.write(trailer.putInt((int) crc.getValue()).putInt(size).array());
    }
    out.flush();
  }
}
