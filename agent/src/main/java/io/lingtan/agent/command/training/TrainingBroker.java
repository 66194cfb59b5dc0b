package io.lingtan.agent.command.training;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;

/** An MQTT 5 broker that takes everything and has nothing to tell. */
final class TrainingBroker {

  private static final int CONNECT = 1;
  private static final int PUBLISH = 3;
  private static final int SUBSCRIBE = 8;
  private static final int UNSUBSCRIBE = 10;
  private static final int PING = 12;
  private static final int DISCONNECT = 14;

  private final CountDownLatch awaited;

  /**
   * @param awaited counts down with each message that was taken
   */
  TrainingBroker(CountDownLatch awaited) {
    this.awaited = awaited;
  }

  void answer(DataInputStream from, DataOutputStream to) throws IOException {
    while (true) {
      int first = from.readUnsignedByte();
      byte[] packet = from.readNBytes(length(from));
      switch (first >>> 4) {
        case CONNECT -> to.write(new byte[] {0x20, 3, 0, 0, 0});
        case PUBLISH -> {
          if ((first & 6) != 0) {
            int id = 2 + number(packet, 0);
            to.write(new byte[] {0x40, 2, packet[id], packet[id + 1]});
          }
          awaited.countDown();
        }
        case SUBSCRIBE -> granted(0x90, filters(packet, 1), 1, packet, to);
        case UNSUBSCRIBE -> granted(0xB0, filters(packet, 0), 0, packet, to);
        case PING -> to.write(new byte[] {(byte) 0xD0, 0});
        case DISCONNECT -> {
          return;
        }
        default -> throw new IOException("packet " + first);
      }
      to.flush();
    }
  }

  private static void granted(int first, int filters, int code, byte[] packet, DataOutputStream to)
      throws IOException {
    to.write(new byte[] {(byte) first, (byte) (3 + filters), packet[0], packet[1], 0});
    for (int i = 0; i < filters; i++) {
      to.write(code);
    }
  }

  /** How many topic filters it names, {@code after} each of which so many bytes of options come. */
  private static int filters(byte[] packet, int after) {
    int at = 3 + packet[2]; // a packet id, and properties of less than 128 bytes
    int count = 0;
    while (at < packet.length) {
      at += 2 + number(packet, at) + after;
      count++;
    }
    return count;
  }

  private static int length(DataInputStream from) throws IOException {
    int length = 0;
    for (int shift = 0; shift < 28; shift += 7) {
      int next = from.readUnsignedByte();
      length |= (next & 0x7F) << shift;
      if (next < 0x80) {
        return length;
      }
    }
    throw new IOException("a length of more than four bytes");
  }

  private static int number(byte[] packet, int at) {
    return Byte.toUnsignedInt(packet[at]) << Byte.SIZE | Byte.toUnsignedInt(packet[at + 1]);
  }
}
