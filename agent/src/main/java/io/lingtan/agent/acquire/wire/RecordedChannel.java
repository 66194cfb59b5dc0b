package io.lingtan.agent.acquire.wire;

import io.lingtan.agent.acquire.wire.FramesSnapshot.Kind;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.run.Waiter;
import io.lingtan.agent.site.Line.CharacterFormat;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A channel that notes what goes through it. */
public final class RecordedChannel implements Channel {

  private final Channel channel;
  private final FrameLog log;
  private final Time time;
  private boolean open;

  public RecordedChannel(Channel channel, FrameLog log, Time time) {
    this.channel = channel;
    this.log = log;
    this.time = time;
  }

  @Override
  public String where() {
    return channel.where();
  }

  @Override
  public Opening open() {
    Opening opening = channel.open();
    switch (opening) {
      case OPEN -> {
        if (!open) {
          log.add(Kind.OPENED, time.now().nanos(), new byte[0]);
        }
        open = true;
      }
      case FAILED -> trouble(Kind.FAILED);
      case PENDING -> {}
    }
    return opening;
  }

  @Override
  public boolean format(CharacterFormat format) {
    return channel.format(format);
  }

  @Override
  public int send(ByteBuffer bytes) {
    int count = channel.send(bytes);
    if (count > 0) {
      log.add(Kind.SENT, time.now().nanos(), bytes, bytes.position(), count);
    }
    return noted(count);
  }

  @Override
  public int receive(ByteBuffer into) {
    int count = channel.receive(into);
    if (count > 0) {
      log.add(Kind.RECEIVED, time.now().nanos(), into, into.position(), count);
    }
    return noted(count);
  }

  private int noted(int count) {
    if (count < 0 && open) {
      trouble(Kind.BROKEN);
    }
    return count;
  }

  private void trouble(Kind kind) {
    open = false;
    Trouble trouble = channel.trouble();
    String words = trouble == null ? "" : trouble.reason().code() + " " + trouble.words();
    log.add(kind, time.now().nanos(), words.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public @Nullable Trouble trouble() {
    return channel.trouble();
  }

  @Override
  public void close() {
    open = false;
    channel.close();
  }

  @Override
  public void release() {
    channel.release();
  }

  @Override
  public Waiter waiter() {
    return channel.waiter();
  }

  @Override
  public MonotonicInstant arrival() {
    return channel.arrival();
  }
}
