package io.lingtan.agent.publish.retained;

import io.lingtan.agent.journal.Records;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.journal.number.StoreSnapshot.Elsewhere;
import io.lingtan.agent.publish.lane.Control;
import io.lingtan.agent.publish.lane.Notices;
import io.lingtan.agent.publish.lane.Sending;
import io.lingtan.agent.publish.link.Message;
import io.lingtan.agent.publish.link.Topics;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Site;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * What the broker retains of the gateway itself: {@code status}, {@code meta}, {@code store}, and
 * the devices as views want them described. What is too large for the broker goes in a shorter
 * form, which is told once per connection.
 */
public final class BirthTopics {

  private final Site site;
  private final Birth birth;
  private final Topics topics;
  private final Sending sending;
  private final Control control;
  private final Notices notices;
  private final List<HomeAssistant> homeAssistants;
  private final Set<String> shortened = new HashSet<>();

  public BirthTopics(
      Site site, Birth birth, Topics topics, Sending sending, Control control, Notices notices) {
    this.site = site;
    this.birth = birth;
    this.topics = topics;
    this.sending = sending;
    this.control = control;
    this.notices = notices;
    this.homeAssistants =
        site.mqtt().views().stream()
            .filter(Site.View.HomeAssistant.class::isInstance)
            .map(view -> new HomeAssistant(site, ((Site.View.HomeAssistant) view).prefix()))
            .toList();
  }

  public List<String> devices() {
    return site.devices().stream().map(Device::id).toList();
  }

  /** A new connection, whose broker may take larger or smaller packets. */
  public void connected() {
    shortened.clear();
  }

  /** {@code status} and every {@code meta}, as at the beginning of a connection. */
  public void bear() {
    control.put(Message.retained(topics.status(), "online"));
    for (MetaJson.Detail detail : MetaJson.Detail.values()) {
      Message meta = Message.retained(topics.meta(), MetaJson.site(site, birth, detail));
      if (putIfItFits(meta, detail != MetaJson.Detail.ALL)) {
        break;
      }
    }
    for (Line line : site.lines()) {
      for (Device device : line.devices()) {
        String topic = topics.meta(device.id());
        if (!putIfItFits(Message.retained(topic, MetaJson.device(line, device, true)), false)) {
          putIfItFits(Message.retained(topic, MetaJson.device(line, device, false)), true);
        }
        for (HomeAssistant assistant : homeAssistants) {
          putIfItFits(assistant.found(device, birth.version()), false);
        }
      }
    }
  }

  /**
   * Nothing while the journal was never opened: what is retained is the last that is known.
   *
   * @param elsewhere what other copies of the journal gave out
   * @param sign puts the gateway's signature to it
   * @param run who writes it, see {@link Records#run}
   * @param tsMillis UTC ms of now, UNDATED if no clock is trusted
   * @return false if the broker takes no packet that is large enough
   */
  public boolean store(
      StoreSnapshot state,
      Elsewhere elsewhere,
      UnaryOperator<String> sign,
      String run,
      long tsMillis) {
    if (state.epoch().isEmpty() || run.isEmpty()) {
      return true; // it would take the place of what tells whether this is a copy
    }
    for (StoreJson.Detail detail : StoreJson.Detail.values()) {
      String text = StoreJson.of(state, run, elsewhere, detail, tsMillis);
      Message store =
          Message.retained(
              topics.store(), detail == StoreJson.Detail.UNSIGNED ? text : sign.apply(text));
      if (putIfItFits(store, detail != StoreJson.Detail.ALL)) {
        return true;
      }
    }
    return false;
  }

  /** The broker has retained something here: what describes a device that is gone is removed. */
  public void found(String topic) {
    String device = topics.deviceOfMeta(topic);
    if (device != null && site.devices().stream().noneMatch(d -> d.id().equals(device))) {
      control.put(Message.retained(topic, ""));
      homeAssistants.forEach(assistant -> control.put(assistant.gone(device)));
    }
  }

  private boolean putIfItFits(Message message, boolean isShortened) {
    if (!sending.fits(message)) {
      return false;
    }
    control.put(message);
    if (isShortened && shortened.add(message.topic())) {
      notices.tell(
          Event.of("uplink.truncated", Severity.WARNING)
              .with("topic", message.topic())
              .with("bytes", (long) message.payload().length));
    }
    return true;
  }
}
