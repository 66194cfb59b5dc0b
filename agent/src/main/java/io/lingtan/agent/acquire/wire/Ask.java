package io.lingtan.agent.acquire.wire;

import io.lingtan.agent.acquire.item.Frames;
import io.lingtan.agent.acquire.item.ItemRead;
import io.lingtan.agent.acquire.modbus.BlockRead;
import io.lingtan.agent.acquire.modbus.Framing;
import io.lingtan.agent.reading.MeterFamily;

/** What one request asks of a device. */
public sealed interface Ask {

  /** Bytes of the request. */
  int requestBytes(Framing framing);

  /** Bytes of the reply with everything that is asked for. */
  int replyBytes(Framing framing);

  /** Registers or bits of a Modbus unit. */
  record Registers(BlockRead read) implements Ask {
    @Override
    public int requestBytes(Framing framing) {
      return framing.requestBytes();
    }

    @Override
    public int replyBytes(Framing framing) {
      return framing.replyBytes(read);
    }

    @Override
    public String toString() {
      return read.toString();
    }
  }

  /** The address of whatever meter of the protocol hears the question. */
  record AnyMeter(MeterFamily family) implements Ask {
    @Override
    public int requestBytes(Framing framing) {
      return Frames.addressQuestionBytes(family);
    }

    @Override
    public int replyBytes(Framing framing) {
      return Frames.addressReplyBytes(family);
    }

    @Override
    public String toString() {
      return "the address of any meter";
    }
  }

  /** A data item of a DL/T 645 or CJ/T 188 meter. */
  record Item(ItemRead read) implements Ask {
    @Override
    public int requestBytes(Framing framing) {
      return Frames.requestBytes();
    }

    @Override
    public int replyBytes(Framing framing) {
      return Frames.replyBytes(read);
    }

    @Override
    public String toString() {
      return read.toString();
    }
  }
}
