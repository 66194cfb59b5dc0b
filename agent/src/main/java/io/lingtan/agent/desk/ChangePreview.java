package io.lingtan.agent.desk;

import io.lingtan.agent.acquire.hand.DeviceReport;
import io.lingtan.agent.publish.retained.PublishPreview;
import io.lingtan.agent.publish.retained.PublishPreview.Shown;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.Json;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.Release;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Site;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a proposed site file would have published: of each device that it changes its description
 * and one record, whose values are read from the meter at that moment, as the new file decodes
 * them. Where a meter does not answer there is no example.
 */
final class ChangePreview {

  /** Each is read, which takes its line's time. */
  static final int MOST_DEVICES = 4;

  private final Site running;
  private final Site next;
  private final Time time;

  ChangePreview(Site running, Site next, Time time) {
    this.running = running;
    this.next = next;
    this.time = time;
  }

  /** Reads a device of the site that does not run yet; null if its line cannot be asked. */
  interface Reading {
    @Nullable DeviceReport of(Line line, Device device) throws InterruptedException;
  }

  private record Message(Shown shown, @Nullable Sentence why) {}

  private static final Sentence CANNOT_ASK = new Sentence("its line cannot be asked", "这条线路现在问不了");
  private static final Sentence SILENT = new Sentence("it does not answer", "它没有应答");

  /** As JSON: {@code messages} with {@code topic retained}, and {@code payload} or {@code why}. */
  String json(Reading reading) throws InterruptedException {
    PublishPreview preview = new PublishPreview(next);
    List<Message> messages = new ArrayList<>();
    if (!running.metering().meters().equals(next.metering().meters())
        || !running.devices().stream()
            .map(Device::id)
            .toList()
            .equals(next.devices().stream().map(Device::id).toList())) {
      messages.add(new Message(preview.site(Release.version()), null));
    }
    int left = MOST_DEVICES;
    for (Line line : next.lines()) {
      for (Device device : line.devices()) {
        if (!running.devices().contains(device) && left-- > 0) {
          messages.add(new Message(preview.description(line, device), null));
          messages.add(data(preview, reading.of(line, device), device));
        }
      }
    }
    return json(messages);
  }

  private Message data(PublishPreview preview, @Nullable DeviceReport report, Device device) {
    // As in a record: no date where nothing vouches for the clock.
    long now = time.wall().trusted() ? time.wall().millisAt(time.now()) : JournalRecord.UNDATED;
    if (report == null || !report.isAnswered()) {
      Sentence why = report == null ? CANNOT_ASK : report.problem();
      return new Message(preview.data(device, null, now), why != null ? why : SILENT);
    }
    Sample sample =
        new Sample(
            device.id(),
            time.boot(),
            time.now().nanos(),
            report.values(),
            new TreeMap<>(),
            report.bad(),
            null);
    return new Message(preview.data(device, sample, now), null);
  }

  private static String json(List<Message> messages) {
    return Json.object(
        json -> {
          json.writeArrayFieldStart("messages");
          for (Message message : messages) {
            json.writeStartObject();
            json.writeStringField("topic", message.shown.topic());
            json.writeBooleanField("retained", message.shown.retained());
            String payload = message.shown.payload();
            if (payload != null) {
              json.writeStringField("payload", payload);
            }
            if (message.why != null) {
              json.writeStringField("why", message.why.english());
              json.writeStringField("why_zh", message.why.chinese());
            }
            json.writeEndObject();
          }
          json.writeEndArray();
        });
  }
}
