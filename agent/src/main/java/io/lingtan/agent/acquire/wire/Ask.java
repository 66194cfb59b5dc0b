package io.lingtan.agent.acquire.wire;

import io.lingtan.agent.acquire.dlt645.Frames;
import io.lingtan.agent.acquire.dlt645.ItemRead;
import io.lingtan.agent.acquire.modbus.BlockRead;
import io.lingtan.agent.acquire.modbus.Framing;

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

  /** The address of whatever DL/T 645 meter hears the question. */
  record AnyMeter() implements Ask {
    @Override
    public int requestBytes(Framing framing) {
      return Frames.addressQuestionBytes();
    }

    @Override
    public int replyBytes(Framing framing) {
      return Frames.addressReplyBytes();
    }

    @Override
    public String toString() {
      return "the address of any meter";
    }
  }

  /** A data item of a DL/T 645 meter. */
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
