package io.lingtan.simulator.zone.streams;

import io.lingtan.simulator.zone.fold.Figure;
import io.lingtan.simulator.zone.fold.Outcome;
import io.lingtan.simulator.zone.fold.Outcome.Covered;
import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the newest figure of each gateway's interval, where the gateway's fold is. Out goes, by
 * length and in the order in which it came about, what {@link ZoneProcessor} takes: a figure's
 * JSON, a line with the one that it replaces below it, or {@code GATEWAY UNTIL} of who is covered
 * further.
 */
final class NewestProcessor implements Processor<String, Outcome, String, String> {

  private static final String STORE = "newest";

  private final Horizon horizon;
  private @Nullable ProcessorContext<String, String> context;
  private @Nullable KeyValueStore<String, byte[]> newest;

  private NewestProcessor(Horizon horizon) {
    this.horizon = horizon;
  }

  static ProcessorSupplier<String, Outcome, String, String> supplier(Horizon horizon) {
    return new ProcessorSupplier<>() {
      @Override
      public Processor<String, Outcome, String, String> get() {
        return new NewestProcessor(horizon);
      }

      @Override
      public Set<StoreBuilder<?>> stores() {
        return Set.of(
            Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(STORE), Serdes.String(), Serdes.ByteArray()));
      }
    };
  }

  @Override
  public void init(ProcessorContext<String, String> given) {
    context = given;
    newest = given.getStateStore(STORE);
  }

  @Override
  public void process(Record<String, Outcome> record) {
    if (context == null || newest == null) {
      throw new IllegalStateException("not begun");
    }
    switch (record.value()) {
      case Figure figure -> {
        byte[] saved = newest.get(figure.key());
        Figure before = saved == null ? null : Figure.read(saved);
        if (before != null && Figure.newer(before, figure).equals(before)) {
          return;
        }
        newest.put(figure.key(), figure.json());
        if (before == null) {
          horizon.drop(newest, figure.keyPrefix(), figure.length(), record.timestamp());
        }
        String text = ZoneProcessor.text(figure.json());
        context.forward(
            record
                .withKey(figure.length())
                .withValue(saved == null ? text : text + "\n" + ZoneProcessor.text(saved)));
      }
      case Covered(var gateway, var length, var until) ->
          context.forward(record.withKey(length).withValue(gateway + " " + until));
      case Outcome.Kept _, Outcome.Dead _, Outcome.Command _ -> {}
    }
  }
}
