package io.lingtan.simulator.zone.streams;

import io.lingtan.simulator.zone.fold.Members;
import io.lingtan.simulator.zone.fold.Outcome;
import io.lingtan.simulator.zone.kafka.ZoneTopic;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.processor.StreamPartitioner;

/**
 * The zone's flow.
 *
 * <pre>
 * messages ─ fold ─┬─ kept, dead, commands
 *  (by gateway)    └─ figures: newest of each gateway's interval; covered ─ by length ─ sums, closed,
 *                                                                                       leaves, roots
 * </pre>
 */
final class ZoneTopology {

  /** Names of repartition topics and stores stay as they are over versions of this program. */
  private static final String LENGTHS = "lengths";

  private static final Serde<String> TEXT = Serdes.String();
  private static final Serde<byte[]> BYTES = Serdes.ByteArray();

  private ZoneTopology() {}

  @SuppressWarnings("removal") // The only abstract method of it, until it is gone.
  private static StreamPartitioner<String, byte[]> byLength() {
    return (_, key, _, count) -> Optional.of(Set.of(partition(key, count)));
  }

  /** All of one length in one partition, so that its order is kept up to the sink. */
  static int partition(String key, int count) {
    return Math.floorMod(key.split(" ")[0].hashCode(), count);
  }

  /**
   * @param acks whether gateways are told what they may take for delivered; those without {@code
   *     mqtt.require_app_ack} refuse it
   */
  static Topology of(Members members, boolean acks, Horizon horizon) {
    StreamsBuilder builder = new StreamsBuilder();
    KStream<String, Outcome> outcomes =
        builder.stream(ZoneTopic.MESSAGES.topic(), Consumed.with(TEXT, BYTES))
            .process(FoldProcessor.supplier(members, acks, horizon));
    to(outcomes, Outcome.Kept.class, Outcome.Kept::json, ZoneTopic.KEPT);
    to(outcomes, Outcome.Dead.class, Outcome.Dead::content, ZoneTopic.DEAD);
    to(outcomes, Outcome.Command.class, Outcome.Command::json, ZoneTopic.COMMANDS);

    outcomes
        .process(NewestProcessor.supplier(horizon))
        .repartition(
            Repartitioned.<String, String>as(LENGTHS).withKeySerde(TEXT).withValueSerde(TEXT))
        .process(ZoneProcessor.supplier(members, horizon))
        .to(
            (key, value, context) -> topic(key).topic(),
            Produced.with(TEXT, BYTES).withStreamPartitioner(byLength()));
    return builder.build();
  }

  private static ZoneTopic topic(String key) {
    return switch (key.split(" ").length) {
      case 4 -> ZoneTopic.LEAVES;
      case 3 -> ZoneTopic.ROOTS;
      default -> ZoneTopic.SUMS;
    };
  }

  private static <T extends Outcome> KStream<String, T> only(
      KStream<String, Outcome> outcomes, Class<T> kind) {
    return outcomes.filter((_, outcome) -> kind.isInstance(outcome)).mapValues(kind::cast);
  }

  private static <T extends Outcome> void to(
      KStream<String, Outcome> outcomes,
      Class<T> kind,
      Function<T, byte[]> bytes,
      ZoneTopic topic) {
    only(outcomes, kind).mapValues(bytes::apply).to(topic.topic(), Produced.with(TEXT, BYTES));
  }
}
