package io.lingtan.simulator.zone.bridge;

import io.lingtan.agent.audit.link.AuditClient;
import io.lingtan.agent.audit.link.AuditClient.Delivery;
import io.lingtan.agent.audit.link.Trouble;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.NamedStep;
import io.lingtan.agent.run.Time;
import io.lingtan.simulator.zone.fold.GatewayFold;
import io.lingtan.simulator.zone.fold.Refusal;
import io.lingtan.simulator.zone.kafka.TextHeaders;
import io.lingtan.simulator.zone.kafka.ZoneTopic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes messages from the MQTT broker to Kafka, and acknowledges each once Kafka has it on all
 * replicas in sync and everything before it is there too. Crash contract: what was not acknowledged
 * comes again, so a message is in Kafka once or more, and never not at all.
 *
 * <p>Limits: {@link AuditClient#RECEIVE_MAXIMUM} messages under way; a message that Kafka does not
 * take within its {@code delivery.timeout.ms} ends the connection, which begins anew a second
 * later.
 */
final class BridgeStep extends NamedStep {

  private static final Logger log = LoggerFactory.getLogger(BridgeStep.class);
  private static final Pattern TOPIC =
      Pattern.compile("lingtan/v1/([A-Za-z0-9_-]{1,64})/(.{1,256})", Pattern.DOTALL);
  private static final Duration AGAIN_AFTER = Duration.ofSeconds(1);
  private static final long COMMANDS_EVERY_MILLIS = 200;
  private static final int AT_ONCE = 512;
  private static final int MOST_DEAD_BYTES = 4_096;

  private final AuditClient.Options options;
  private final List<String> filters;
  private final Producer<String, byte[]> producer;
  private final Consumer<String, byte[]> commands;
  private final Time time;
  private final Inbox<Delivery> inbox = new Inbox<>(AuditClient.RECEIVE_MAXIMUM + 16);
  private final Semaphore room = new Semaphore(AuditClient.ROOM_KILOBYTES);
  private @Nullable AuditClient client;

  /** Of {@link #client}. What becomes of those of an earlier one is told to nobody. */
  private InOrder<Delivery> underWay = new InOrder<>();

  private MonotonicInstant connectDue = new MonotonicInstant(0);
  private MonotonicInstant commandsDue = new MonotonicInstant(0);

  /**
   * @param group under which bridges share the subscription
   * @param commands a consumer of {@link ZoneTopic#COMMANDS} that has subscribed
   */
  BridgeStep(
      AuditClient.Options options,
      String group,
      Producer<String, byte[]> producer,
      Consumer<String, byte[]> commands,
      Time time) {
    super("bridge");
    this.options = options;
    this.filters = filters(group);
    this.producer = producer;
    this.commands = commands;
    this.time = time;
    inbox.onOffer(waiter::wake);
  }

  /**
   * Records are shared. What gateways say of themselves goes to each bridge, because a broker sends
   * retained messages to no shared subscription; twice does no harm.
   */
  static List<String> filters(String group) {
    String shared = "$share/" + group + "/lingtan/v1/+/";
    String own = "lingtan/v1/+/";
    return List.of(
        shared + "data/+",
        shared + "interval/+",
        shared + "event",
        shared + "batch",
        shared + "batch/gz",
        shared + "undated",
        shared + "reply/replay",
        own + "store",
        own + "meta",
        own + "meta/+");
  }

  @Override
  public int step(MonotonicInstant now) {
    AuditClient connection = client;
    if (connection == null) {
      return now.isBefore(connectDue) ? 0 : connect(now);
    }
    connection.advance(now, present -> log.info("connected; session kept: {}", present), filters);
    int done = inbox.drain(this::send, AT_ONCE);
    for (Delivery delivery : underWay.takeDone()) {
      connection.acknowledge(delivery);
      done++;
    }
    String why = underWay.failure();
    if (why != null) {
      end(connection, now, why);
    } else if (connection.isOver()) {
      Trouble trouble = connection.trouble();
      end(connection, now, trouble == null ? "closed" : trouble.message());
    } else if (connection.isFollowing() && !now.isBefore(commandsDue)) {
      commandsDue = now.plusMillis(COMMANDS_EVERY_MILLIS);
      done += passCommands(connection);
    }
    return done;
  }

  private int connect(MonotonicInstant now) {
    try {
      client = AuditClient.connect(options, inbox, room, waiter::wake, now);
      return 1;
    } catch (MqttException e) {
      connectDue = now.plus(AGAIN_AFTER);
      log.warn("cannot connect to {}: {}", options.broker(), e.getMessage());
      return 0;
    }
  }

  private void end(AuditClient connection, MonotonicInstant now, String why) {
    log.warn("connection ends, with {} messages under way: {}", underWay.size(), why);
    connection.close();
    client = null;
    connectDue = now.plus(AGAIN_AFTER);
    // They come again on the next connection; what is done by then is there twice, and counted
    // once.
    underWay = new InOrder<>();
    inbox.drain(delivery -> room.release(delivery.kilobytes()), Integer.MAX_VALUE);
  }

  private void send(Delivery delivery) {
    room.release(delivery.kilobytes());
    if (delivery.from() != client) {
      return; // Of a connection that is over: its packet ids mean nothing on this one.
    }
    InOrder<Delivery>.Slot slot = underWay.add(delivery.withoutPayload());
    Matcher topic = TOPIC.matcher(delivery.topic());
    if (!topic.matches()) {
      slot.done();
      return;
    }
    try {
      var _ =
          producer.send(
              record(topic.group(1), topic.group(2), delivery.payload()),
              (_, exception) -> {
                if (exception == null) {
                  slot.done();
                } else {
                  slot.failed("Kafka does not take a message: " + exception.getMessage());
                }
                waiter.wake();
              });
    } catch (KafkaException e) {
      slot.failed("Kafka does not take a message: " + e.getMessage());
    }
  }

  /**
   * What no gateway sends would not fit into a batch of Kafka, and hold everything behind it up.
   */
  private ProducerRecord<String, byte[]> record(String gateway, String topic, byte[] payload) {
    boolean isTooLarge = payload.length > GatewayFold.MOST_BYTES;
    ProducerRecord<String, byte[]> record =
        new ProducerRecord<>(
            (isTooLarge ? ZoneTopic.DEAD : ZoneTopic.MESSAGES).topic(),
            null,
            time.wall().millisAt(time.now()),
            gateway,
            isTooLarge ? Arrays.copyOf(payload, MOST_DEAD_BYTES) : payload);
    TextHeaders.put(record.headers(), ZoneTopic.TOPIC, topic);
    if (isTooLarge) {
      TextHeaders.put(record.headers(), ZoneTopic.REASON, Refusal.TOO_LARGE.word());
      TextHeaders.put(record.headers(), ZoneTopic.DETAIL, payload.length + " bytes");
    }
    return record;
  }

  /**
   * An acknowledgement that gets lost is told again when the gateway next says what it waits for.
   */
  private int passCommands(AuditClient connection) {
    int passed = 0;
    for (ConsumerRecord<String, byte[]> command : commands.poll(Duration.ZERO)) {
      connection.command(
          "lingtan/v1/" + command.key() + "/" + TextHeaders.get(command.headers(), ZoneTopic.TOPIC),
          new String(command.value(), StandardCharsets.UTF_8),
          null,
          "zone");
      passed++;
    }
    return passed;
  }

  @Override
  public MonotonicInstant due() {
    MonotonicInstant now = time.now();
    return client == null ? connectDue : now.plusMillis(20).min(commandsDue);
  }

  @Override
  public void close() {
    AuditClient connection = client;
    if (connection != null) {
      producer.flush();
      underWay.takeDone().forEach(connection::acknowledge);
      connection.close();
    }
    producer.close(Duration.ofSeconds(5));
    commands.close();
  }
}
