package io.lingtan.simulator.zone.streams;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lingtan.agent.seal.SigningKey;
import io.lingtan.agent.seal.VerifyingKey;
import io.lingtan.simulator.zone.fold.Members;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.StoreBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A list of members that is another one after a restart. */
final class ZoneProcessorTest {
  private static final Horizon HORIZON = new Horizon(Duration.ofDays(400));

  private final VerifyingKey key = SigningKey.make(new Random(1)).open();

  @TempDir private Path folder;

  private Members members(String... names) {
    Map<String, List<VerifyingKey>> keys = new TreeMap<>();
    for (String name : names) {
      keys.put(name, List.of(key));
    }
    return new Members(keys);
  }

  @Test
  void whoIsNoMemberAnyMoreHoldsNothingBackAndStandsForNobody() {
    Properties properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "zone-test");
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:1");
    MockProcessorContext<String, byte[]> context =
        new MockProcessorContext<>(properties, new TaskId(0, 0), folder.toFile());
    var before = ZoneProcessor.supplier(members("roof", "depot"), HORIZON);
    for (StoreBuilder<?> builder : before.stores()) {
      StateStore store = builder.withLoggingDisabled().build();
      store.init(context.getStateStoreContext(), store);
      context.addStateStore(store);
    }
    play(before.get(), context, "roof 1000", "depot 2000");
    assertEquals(1, context.forwarded().size());
    context.resetForwards();
    play(ZoneProcessor.supplier(members("depot", "mill"), HORIZON).get(), context, "depot 5000");
    assertEquals(0, context.forwarded().size(), "of mill nothing is known");
    play(ZoneProcessor.supplier(members("depot", "mill"), HORIZON).get(), context, "mill 4000");
    assertEquals(
        "{\"length\":\"15m\",\"until\":4000,\"members\":2}",
        ZoneProcessor.text(context.forwarded().getFirst().record().value()));
  }

  private static void play(
      Processor<String, String, String, byte[]> processor,
      MockProcessorContext<String, byte[]> context,
      String... covered) {
    processor.init(context);
    for (String one : covered) {
      processor.process(new Record<>("15m", one, 0));
    }
  }
}
