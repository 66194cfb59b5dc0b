package io.lingtan.agent.command.training;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/** Modbus TCP units whose registers, two by two, are all the float 230. */
final class TrainingMeter {

  private static final float EVERYWHERE = 230;

  private TrainingMeter() {}

  static void answer(DataInputStream from, DataOutputStream to) throws IOException {
    while (true) {
      int transaction = from.readUnsignedShort();
      from.readUnsignedShort(); // protocol
      byte[] asked = from.readNBytes(from.readUnsignedShort());
      if (asked.length < 6) {
        return;
      }
      int bytes = 2 * (Byte.toUnsignedInt(asked[4]) << Byte.SIZE | Byte.toUnsignedInt(asked[5]));
      to.writeShort(transaction);
      to.writeShort(0);
      to.writeShort(3 + bytes);
      to.write(asked, 0, 2); // unit and function
      to.writeByte(bytes);
      for (int i = 0; i < bytes; i += Short.BYTES) {
        int bits = Float.floatToIntBits(EVERYWHERE);
        to.writeShort(i % Float.BYTES == 0 ? bits >>> Short.SIZE : bits);
      }
      to.flush();
    }
  }
}
