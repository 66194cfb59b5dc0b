package io.lingtan.agent.publish.link;

import io.lingtan.agent.site.Site;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tries a site's brokers: TLS, name and password, MQTT 5, and whether the gateway may publish and
 * subscribe where it has to. Under a client id of its own, and with one short message to a topic
 * that nobody keeps, so that a running agent of the same name notices nothing.
 */
public final class BrokerCheck {

  /** Behind the gateway's name. */
  public static final String SUFFIX = "-check";

  private static final String REPLY = "check";
  private static final int SECONDS = 25;
  private static final int REFUSED = 0x80;

  private final Site site;
  private final String server;
  private final Topics topics;
  private final Semaphore told = new Semaphore(0);
  private final List<Seen> seen = new ArrayList<>();

  /**
   * The result of one part of the check.
   *
   * @param good whether it is as the agent needs it
   * @param state for a person
   * @param todo what to do about it, null if nothing
   */
  public record Seen(boolean good, String state, @Nullable String todo) {}

  private BrokerCheck(Site site, String server) {
    this.site = site;
    this.server = server;
    this.topics = new Topics(site.gateway());
  }

  /**
   * Tries one server of the site, for at most half a minute.
   *
   * @param server as the site file has it
   * @throws InterruptedException if it is to end before
   */
  public static List<Seen> of(Site site, String server) throws InterruptedException {
    return new BrokerCheck(site, server).run();
  }

  private List<Seen> run() throws InterruptedException {
    PahoBroker broker = new PahoBroker(site.mqtt(), site.gateway() + SUFFIX);
    broker.signals().onOffer(told::release);
    try {
      // The last will is what the broker keeps of us: nothing, at a place that nobody reads.
      broker.connect(1, server, new Broker.Will(topics.reply(REPLY), new byte[0]));
      switch (next(broker)) {
        case Signal.Connected connected -> use(broker, connected);
        case Signal.Lost lost -> add(lost.failure());
        case null -> silence("connecting");
        default -> silence("connecting");
      }
    } finally {
      broker.close();
    }
    return seen;
  }

  private void add(Failure failure) {
    seen.add(new Seen(false, failure.sentence(), null));
  }

  private void silence(String what) {
    seen.add(
        new Seen(
            false,
            server + ": no answer to " + what + " within " + SECONDS + " s",
            "is it an MQTT 5 broker, and is the port right?"));
  }

  private void use(PahoBroker broker, Signal.Connected connected) throws InterruptedException {
    boolean tls = server.toLowerCase(Locale.ROOT).startsWith("mqtts:");
    seen.add(
        new Seen(
            true,
            "%s: MQTT 5%s, %s in flight%s"
                .formatted(
                    server,
                    tls ? " over TLS, certificate and name fit" : " without TLS",
                    connected.receiveMaximum() == 65_535
                        ? "no limit"
                        : connected.receiveMaximum() + " messages",
                    connected.maximumPacket() == Integer.MAX_VALUE
                        ? ""
                        : ", packets up to " + connected.maximumPacket() + " bytes"),
            null));
    String topic = topics.reply(REPLY);
    boolean taken = broker.publish(7, Message.of(topic, "check"));
    Signal answer = taken ? next(broker) : null;
    switch (answer) {
      case Signal.Acked(var connection, var id, int reason) when reason >= REFUSED ->
          seen.add(refused("publish to " + topic, reason));
      case Signal.Acked acked -> seen.add(new Seen(true, "may publish to " + topic, null));
      case Signal.Lost(var connection, var failure, var isSent) -> {
        add(failure);
        return;
      }
      case null, default -> {
        silence("a message");
        return;
      }
    }
    List<String> commands = List.of(topics.anyCommand());
    answer = broker.subscribeToNew(commands) ? next(broker) : null;
    switch (answer) {
      case Signal.Subscribed(var connection, var filters, var reasons)
          when reasons.stream().anyMatch(reason -> reason >= REFUSED) ->
          seen.add(refused("subscribe to " + commands.getFirst(), reasons.getFirst()));
      case Signal.Subscribed subscribed ->
          seen.add(new Seen(true, "may subscribe to " + commands.getFirst(), null));
      case Signal.Lost lost -> add(lost.failure());
      case null, default -> silence("a subscription");
    }
  }

  private Seen refused(String what, int reason) {
    return new Seen(
        false,
        "%s: client %s%s may not %s (reason %d)"
            .formatted(server, site.gateway(), SUFFIX, what, reason),
        "allow lingtan/v1/"
            + site.gateway()
            + "/# for user or certificate of this gateway in the broker's ACL; where the ACL goes"
            + " by client id, this look has another one than the agent");
  }

  private @Nullable Signal next(PahoBroker broker) throws InterruptedException {
    return told.tryAcquire(SECONDS, TimeUnit.SECONDS) ? broker.signals().poll() : null;
  }
}
