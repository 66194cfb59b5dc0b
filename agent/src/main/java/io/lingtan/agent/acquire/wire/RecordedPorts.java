package io.lingtan.agent.acquire.wire;

import io.lingtan.agent.acquire.coap.CoapPort;
import io.lingtan.agent.acquire.coap.IngestPort;
import io.lingtan.agent.acquire.gpio.GpioChip;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Line;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Ports of which the last ten minutes are kept, for the diagnostics bundle. All lines together keep
 * at most 2 MB.
 */
public final class RecordedPorts implements FieldPorts {

  private static final int MOST_BYTES = 2 * 1024 * 1024;

  private final FieldPorts ports;
  private final Time time;
  private volatile int bytesEach;
  private final List<FrameLog> logs = new CopyOnWriteArrayList<>();

  /**
   * @param lines how many lines share the room, ≥ 1
   */
  public RecordedPorts(FieldPorts ports, Time time, int lines) {
    this.ports = ports;
    this.time = time;
    this.bytesEach = MOST_BYTES / Math.max(1, lines);
  }

  @Override
  public Channel channel(Line line) {
    Channel channel = ports.channel(line);
    int idBytes = line instanceof Line.ModbusTcp ? 2 : 0;
    logs.removeIf(old -> old.line().equals(line.id()));
    FrameLog log = new FrameLog(line.id(), channel.where(), idBytes, bytesEach);
    logs.add(log);
    return new RecordedChannel(channel, log, time);
  }

  @Override
  public GpioChip chip(Line.Gpio line) {
    return ports.chip(line);
  }

  @Override
  public CoapPort coap(Line.Coap line) {
    return ports.coap(line);
  }

  @Override
  public IngestPort ingest(Line.CoapServer line) {
    return ports.ingest(line);
  }

  /** From here on there are these lines: what others have seen is forgotten, the room shared. */
  public void share(Collection<String> lines) {
    bytesEach = MOST_BYTES / Math.max(1, lines.size());
    logs.removeIf(log -> !lines.contains(log.line()));
    logs.forEach(log -> log.limit(bytesEach));
  }

  /**
   * What one line has seen; null of one that carries no bytes, or that there is not. Any thread.
   */
  public @Nullable FramesSnapshot frames(String line) {
    for (FrameLog log : logs) {
      if (log.line().equals(line)) {
        return log.snapshot();
      }
    }
    return null;
  }

  /** What the lines that carry bytes have seen. Any thread. */
  public List<FramesSnapshot> frames() {
    return logs.stream().map(FrameLog::snapshot).toList();
  }
}
