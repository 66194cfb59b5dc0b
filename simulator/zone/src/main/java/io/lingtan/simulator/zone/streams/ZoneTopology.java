package io.lingtan.simulator.zone.streams;

import io.lingtan.simulator.zone.fold.Figure;
import io.lingtan.simulator.zone.fold.Members;
import io.lingtan.simulator.zone.fold.Outcome;
import io.lingtan.simulator.zone.fold.Outcome.Covered;
import io.lingtan.simulator.zone.fold.ZoneSum;
import io.lingtan.simulator.zone.kafka.ZoneTopic;
import java.util.function.Function;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The zone's flow.
 *
 * <pre>
 * messages ─ fold ─┬─ kept, dead, commands
 *  (by gateway)    ├─ figures: newest of each gateway's interval ─ summed by interval ─ sums
 *                  └─ covered, by length ─ closing ─ closed
 * </pre>
 */
final class ZoneTopology {

  /** Names of repartition topics and stores stay as they are over versions of this program. */
  private static final String FIGURES = "figures";

  private static final String SUMS = "sums";
  private static final String COVERED = "covered";

  private static final Serde<String> TEXT = Serdes.String();
  private static final Serde<byte[]> BYTES = Serdes.ByteArray();
  private static final Serde<Figure> FIGURE = serde(Figure::json, Figure::read);
  private static final Serde<ZoneSum> SUM = serde(ZoneSum::json, ZoneSum::read);

  private ZoneTopology() {}

  /** Between the steps of a table there may be no value: before the first, or after the last. */
  private static <T> Serde<T> serde(Function<T, byte[]> write, Function<byte[], T> read) {
    return Serdes.serdeFrom(
        (_, value) -> value == null ? null : write.apply(value),
        (_, bytes) -> bytes == null ? null : read.apply(bytes));
  }

  /**
   * @param acks whether gateways are told what they may take for delivered; those without {@code
   *     mqtt.require_app_ack} refuse it
   */
  static Topology of(Members members, boolean acks) {
    StreamsBuilder builder = new StreamsBuilder();
    KStream<String, Outcome> outcomes =
        builder.stream(ZoneTopic.MESSAGES.topic(), Consumed.with(TEXT, BYTES))
            .process(FoldProcessor.supplier(members, acks));
    to(outcomes, Outcome.Kept.class, Outcome.Kept::json, ZoneTopic.KEPT);
    to(outcomes, Outcome.Dead.class, Outcome.Dead::content, ZoneTopic.DEAD);
    to(outcomes, Outcome.Command.class, Outcome.Command::json, ZoneTopic.COMMANDS);

    KTable<String, Figure> newest =
        only(outcomes, Figure.class)
            .selectKey((_, figure) -> figure.key())
            .groupByKey(Grouped.with(FIGURES, TEXT, FIGURE))
            .reduce(
                Figure::newer,
                Materialized.<String, Figure, KeyValueStore<Bytes, byte[]>>as(FIGURES)
                    .withKeySerde(TEXT)
                    .withValueSerde(FIGURE));
    newest
        .groupBy(
            (_, figure) -> KeyValue.pair(figure.zoneKey(), figure),
            Grouped.with(SUMS, TEXT, FIGURE))
        .aggregate(
            () -> ZoneSum.NONE,
            (_, figure, sum) -> sum.add(figure),
            (_, figure, sum) -> sum.subtract(figure),
            Materialized.<String, ZoneSum, KeyValueStore<Bytes, byte[]>>as(SUMS)
                .withKeySerde(TEXT)
                .withValueSerde(SUM))
        .toStream()
        .to(ZoneTopic.SUMS.topic(), Produced.with(TEXT, SUM));

    only(outcomes, Covered.class)
        .map(
            (_, covered) ->
                KeyValue.pair(covered.length(), covered.gateway() + " " + covered.untilMillis()))
        .repartition(
            Repartitioned.<String, String>as(COVERED).withKeySerde(TEXT).withValueSerde(TEXT))
        .process(ClosingProcessor.supplier(members))
        .to(ZoneTopic.CLOSED.topic(), Produced.with(TEXT, BYTES));
    return builder.build();
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
