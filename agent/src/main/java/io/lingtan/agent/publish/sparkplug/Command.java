package io.lingtan.agent.publish.sparkplug;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a host asks of the node: one metric of an NCMD.
 *
 * @param name empty if it has none
 * @param flag its value if it is a boolean, else null
 */
record Command(String name, @Nullable Boolean flag) {

  static final int MOST_BYTES = 64 * 1024;
  static final int MOST_METRICS = 64;
  private static final int LONGEST_NAME = 256;

  private static final int METRICS = 2;
  private static final int NAME = 1;
  private static final int BOOLEAN_VALUE = 14;

  /** A payload that is none; the message says what is wrong with it. */
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1;

    Malformed(String what) {
      super(what);
    }
  }

  /**
   * The metrics of a payload.
   *
   * @throws Malformed if it is none, or larger than anything that a host has to say
   */
  static List<Command> of(byte[] payload) throws Malformed {
    if (payload.length > MOST_BYTES) {
      throw new Malformed(payload.length + " bytes are more than " + MOST_BYTES);
    }
    List<Command> commands = new ArrayList<>();
    Reader reader = new Reader(ByteBuffer.wrap(payload));
    while (reader.next()) {
      if (reader.field == METRICS && reader.block != null) {
        if (commands.size() == MOST_METRICS) {
          throw new Malformed("more than " + MOST_METRICS + " metrics");
        }
        commands.add(metric(reader.block));
      }
    }
    return commands;
  }

  private static Command metric(ByteBuffer bytes) throws Malformed {
    String name = "";
    Boolean flag = null;
    Reader reader = new Reader(bytes);
    while (reader.next()) {
      if (reader.field == NAME && reader.block != null) {
        name = text(reader.block);
      } else if (reader.field == BOOLEAN_VALUE && reader.number != null) {
        flag = reader.number != 0;
      }
    }
    return new Command(name, flag);
  }

  private static String text(ByteBuffer bytes) throws Malformed {
    if (bytes.remaining() > LONGEST_NAME) {
      throw new Malformed("a name of " + bytes.remaining() + " bytes");
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw new Malformed("a name that is not UTF-8");
    }
  }

  /** Goes through the fields of a message. */
  private static final class Reader {
    private final ByteBuffer bytes;
    private long field;
    private @Nullable Long number;
    private @Nullable ByteBuffer block;

    Reader(ByteBuffer bytes) {
      this.bytes = bytes;
    }

    /** Whether there is one more. */
    boolean next() throws Malformed {
      if (!bytes.hasRemaining()) {
        return false;
      }
      long key = varint();
      field = key >>> 3;
      number = null;
      block = null;
      switch ((int) (key & 7)) {
        case 0 -> number = varint();
        case 1 -> skip(8);
        case 2 -> block = block();
        case 5 -> skip(4);
        default -> throw new Malformed("wire type " + (key & 7));
      }
      return true;
    }

    private ByteBuffer block() throws Malformed {
      long length = varint();
      if (length < 0 || length > bytes.remaining()) {
        throw new Malformed("a field of " + length + " bytes where " + bytes.remaining() + " are");
      }
      ByteBuffer found = bytes.slice(bytes.position(), (int) length);
      bytes.position(bytes.position() + (int) length);
      return found;
    }

    private void skip(int count) throws Malformed {
      if (bytes.remaining() < count) {
        throw new Malformed("it ends within a field");
      }
      bytes.position(bytes.position() + count);
    }

    private long varint() throws Malformed {
      long value = 0;
      for (int shift = 0; shift < 70; shift += 7) {
        if (!bytes.hasRemaining()) {
          throw new Malformed("it ends within a number");
        }
        byte next = bytes.get();
        value |= (next & 0x7FL) << shift;
        if (next >= 0) {
          return value;
        }
      }
      throw new Malformed("a number of more than ten bytes");
    }
  }
}
