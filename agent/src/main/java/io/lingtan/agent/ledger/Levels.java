package io.lingtan.agent.ledger;

import io.lingtan.agent.carbon.sheet.Level;
import io.lingtan.agent.meter.CheckpointReader;
import io.lingtan.agent.meter.CheckpointWriter;
import io.lingtan.agent.meter.IntervalGrid;
import io.lingtan.agent.meter.Mark;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Site.Meter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** What the site's meters show and do not count: hydrogen in tanks, charge of batteries. */
final class Levels {

  private final List<LevelChannel> channels = new ArrayList<>();

  Levels(Site site, IntervalGrid grid) {
    long maxInterpolation = site.metering().maxInterpolation().toMillis();
    for (Meter meter : site.metering().meters()) {
      for (Device device : site.devices()) {
        if (device.id().equals(meter.device())) {
          channels.addAll(LevelChannel.of(meter, site.place(), device, grid, maxInterpolation));
        }
      }
    }
  }

  void observe(Sample sample, Mark at) {
    for (LevelChannel channel : channels) {
      if (channel.device().equals(sample.device())) {
        channel.observe(sample, at);
      }
    }
  }

  boolean isEmpty() {
    return channels.isEmpty();
  }

  boolean isKnownUntil(long end) {
    return channels.stream().allMatch(channel -> channel.knownUntil() >= end);
  }

  List<Level> between(long start, long end) {
    return channels.stream().map(channel -> channel.between(start, end)).toList();
  }

  List<Level> soFar(long start, long since) {
    return channels.stream().map(channel -> channel.soFar(start, since)).toList();
  }

  void forget(long horizon, Collection<Long> pins) {
    channels.forEach(channel -> channel.forget(horizon, pins));
  }

  void checkpoint(CheckpointWriter to) {
    to.number(channels.size());
    for (LevelChannel channel : channels) {
      CheckpointWriter own = new CheckpointWriter();
      channel.checkpoint(own);
      to.text(channel.name()).bytes(own.bytes());
    }
  }

  /** Takes up what {@link #checkpoint} wrote, of the meters that are still there. */
  void restore(CheckpointReader from) {
    for (int left = from.count(); left > 0; left--) {
      String name = from.text();
      byte[] own = from.bytes();
      for (LevelChannel channel : channels) {
        if (channel.name().equals(name)) {
          channel.restore(new CheckpointReader(own));
        }
      }
    }
  }
}
