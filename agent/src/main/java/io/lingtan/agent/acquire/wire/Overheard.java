package io.lingtan.agent.acquire.wire;

import io.lingtan.agent.acquire.modbus.OverheardRequests;
import java.nio.ByteBuffer;

/**
 * Listens to what comes over a serial line and was not asked for, and notices in it the requests
 * that another master makes: whole Modbus RTU requests with a good CRC, and DL/T 645 and CJ/T 188
 * requests with a good check sum. Noise and late replies are not taken for any.
 *
 * <p>Keeps the last {@value #MOST} bytes.
 */
final class Overheard {

  private static final int MOST = 128;

  private final byte[] heard = new byte[MOST];
  private int size;
  private long requests;

  /** Takes all of the bytes. */
  void hear(ByteBuffer bytes) {
    while (bytes.hasRemaining()) {
      if (size == MOST) {
        drop(MOST / 2);
      }
      heard[size++] = bytes.get();
      int length = OverheardRequests.endingAt(heard, size);
      if (length == 0) {
        length = io.lingtan.agent.acquire.item.Frames.requestEndingAt(heard, size);
      }
      if (length > 0) {
        requests++;
        size = 0;
      }
    }
  }

  private void drop(int count) {
    size -= count;
    System.arraycopy(heard, count, heard, 0, size);
  }

  /** What came before belongs to nothing that comes now. */
  void clear() {
    size = 0;
  }

  /** OverheardRequests of others heard since start. */
  long requests() {
    return requests;
  }
}
