package io.lingtan.agent.acquire.wire;

import io.lingtan.agent.acquire.item.Frames;
import io.lingtan.agent.acquire.item.ItemRead;
import io.lingtan.agent.acquire.mbus.Readout;
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
      return family == MeterFamily.MBUS
          ? Telegrams.REQUEST_BYTES
          : Frames.addressQuestionBytes(family);
    }

    @Override
    public int replyBytes(Framing framing) {
      return family == MeterFamily.MBUS ? Telegrams.REPLY_BYTES : Frames.addressReplyBytes(family);
    }

    @Override
    public String toString() {
      return "the address of any meter";
    }
  }

  /** All that an M-Bus meter tells. How long that is, the meter alone knows: at most so much. */
  record Telegrams() implements Ask {
    private static final int REQUEST_BYTES = Readout.MAX_REQUEST + Readout.SHORT;
    private static final int REPLY_BYTES = 1 + Readout.MAX_REPLY;

    @Override
    public int requestBytes(Framing framing) {
      return REQUEST_BYTES;
    }

    @Override
    public int replyBytes(Framing framing) {
      return REPLY_BYTES;
    }

    @Override
    public String toString() {
      return "all records";
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
