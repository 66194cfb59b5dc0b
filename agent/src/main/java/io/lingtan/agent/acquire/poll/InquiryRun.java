package io.lingtan.agent.acquire.poll;

import io.lingtan.agent.acquire.item.Address;
import io.lingtan.agent.acquire.modbus.BlockRead;
import io.lingtan.agent.acquire.wire.Ask;
import io.lingtan.agent.acquire.wire.LateReplies;
import io.lingtan.agent.acquire.wire.Outcome;
import io.lingtan.agent.reading.Answer;
import io.lingtan.agent.reading.Answer.Wire;
import io.lingtan.agent.reading.Inquiry;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.site.Line.CharacterFormat;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An inquiry as its line asks it.
 *
 * @param unit Modbus unit id, 0 where a meter with an address is asked
 * @param address of a DL/T 645, CJ/T 188 or M-Bus meter, else null
 * @param wanted what is to be known
 * @param sent what is asked, which is more where a late reply could be mistaken
 * @param format speed and character form of a serial port, null for what it is set to
 * @param late what its unit may still answer
 */
record InquiryRun(
    Inquiry inquiry,
    int unit,
    @Nullable Address address,
    Ask wanted,
    Ask sent,
    @Nullable CharacterFormat format,
    LateReplies late) {

  InquiryRun sending(Ask other) {
    return new InquiryRun(inquiry, unit, address, wanted, other, format, late);
  }

  void notAsked(Sentence why) {
    inquiry.answer().complete(new Answer.NotAsked(why));
  }

  /** It is over. */
  void answer(Outcome outcome, byte[] request, byte[] received, long nanos) {
    Wire wire = new Wire(request, received, nanos / 1000);
    inquiry
        .answer()
        .complete(
            switch (outcome) {
              case Outcome.Registers(var words) ->
                  new Answer.Value(wire, cut(words.read(), words.bytes()));
              case Outcome.Item(var item) -> new Answer.Value(wire, item.bytes());
              case Outcome.Telegrams(var told, _) -> new Answer.Value(wire, told.frames());
              case Outcome.Here(var meter) -> new Answer.Here(wire, meter.toString());
              case Outcome.Refused(int code) -> new Answer.Refused(wire, code);
              case Outcome.Garbled(var flaw, var what) -> new Answer.Garbled(wire, what);
              case Outcome.Silent(var bytes) -> new Answer.Silent(wire);
              case Outcome.Broken(var trouble) -> new Answer.NotAsked(trouble.words());
              case Outcome.Pending pending ->
                  throw new IllegalArgumentException("not over: " + inquiry.request());
            });
  }

  /** What was wanted out of a longer read around it. */
  private byte[] cut(BlockRead read, byte[] bytes) {
    if (!(wanted instanceof Ask.Registers(var want)) || want.equals(read)) {
      return bytes;
    }
    int from = 2 * (want.address() - read.address());
    return Arrays.copyOfRange(bytes, from, from + 2 * want.words());
  }
}
