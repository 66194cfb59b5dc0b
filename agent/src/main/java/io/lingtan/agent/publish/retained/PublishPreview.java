package io.lingtan.agent.publish.retained;

import io.lingtan.agent.publish.link.Topics;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.RecordJson;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Site;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What a site would send, before it does: made by the same code as the messages themselves. A
 * record here has the epoch {@value #EPOCH} and the seq 0, which no real one has. Any thread.
 */
public final class PublishPreview {

  static final String EPOCH = "preview";

  private final Site site;
  private final Topics topics;

  /**
   * @param site that does not run yet
   */
  public PublishPreview(Site site) {
    this.site = site;
    this.topics = new Topics(site.gateway());
  }

  /**
   * A message as it would be.
   *
   * @param payload null where there is none to show
   */
  public record Shown(String topic, boolean retained, @Nullable String payload) {}

  /** How the site describes itself, without figures and factors, which are long. */
  public Shown site(String version) {
    Birth birth = new Birth(version, new LinkedHashMap<>());
    return new Shown(
        topics.meta(),
        true,
        MetaJson.site(site, birth, MetaJson.Detail.WITHOUT_FACTORS_AND_METRICS));
  }

  /** How a device is described. */
  public Shown description(Line line, Device device) {
    return new Shown(topics.meta(device.id()), true, MetaJson.device(line, device, true));
  }

  /**
   * What a device would tell.
   *
   * @param sample as it was read just now; null if it did not answer: then nothing is made up
   * @param millis UTC ms of now, {@code UNDATED} where nothing vouches for the clock
   */
  public Shown data(Device device, @Nullable Sample sample, long millis) {
    return new Shown(
        topics.data(device.id()),
        false,
        sample == null ? null : RecordJson.of(new DataRecord(EPOCH, 0, 0, millis, sample)));
  }
}
