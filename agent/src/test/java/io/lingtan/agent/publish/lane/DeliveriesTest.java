package io.lingtan.agent.publish.lane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.publish.World;
import io.lingtan.agent.publish.lane.DeliverySnapshot.Mark;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.MonotonicInstant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What became of records, by a publisher on virtual time. */
@SuppressWarnings("NullAway")
final class DeliveriesTest {

  private final World world = new World();

  private Mark mark(long seq) {
    return world.step.deliveries().find("pv1", "e1", seq);
  }

  private void connect() {
    world.run(3000);
    assertTrue(world.step.snapshot().connected());
  }

  @Test
  void aRecordIsUnderWayUntilItsPubackAndThenHasItsTime() {
    connect();
    world.broker.holdsAcks = true;
    long seq = world.outbox.data("pv1", 1_000);
    world.run(500);
    assertTrue(mark(seq).isUnderWay());
    assertEquals("lingtan/v1/gw/data/pv1", mark(seq).topic());
    long before = world.time.now().nanos();
    world.broker.holdsAcks = false;
    world.broker.answer();
    world.run(500);
    assertTrue(mark(seq).isTaken());
    assertTrue(mark(seq).answeredNanos() >= before);
    assertTrue(mark(seq).answeredNanos() > mark(seq).sentNanos());
  }

  @Test
  void aRefusalIsKnownWithItsReason() {
    connect();
    world.broker.reason = message -> message.topic().endsWith("/data/pv1") ? 0x87 : 0;
    long seq = world.outbox.data("pv1", 1_000);
    world.run(500);
    // Its own topic refuses it; then it goes late, and is taken.
    world.run(10_000);
    assertTrue(mark(seq).isTaken());
    assertEquals("lingtan/v1/gw/batch", mark(seq).topic());
    world.broker.reason = message -> message.topic().contains("pv1") ? 0x87 : 0x97;
    long next = world.outbox.data("pv1", 2_000);
    world.run(500);
    assertFalse(mark(next).isTaken());
    assertFalse(mark(next).isUnderWay());
    assertTrue(mark(next).reason() >= 0x80);
  }

  @Test
  void whatWasUnderWayWhenTheConnectionEndedWaitsAgain() {
    connect();
    world.broker.holdsAcks = true;
    long seq = world.outbox.data("pv1", 1_000);
    world.run(200);
    assertTrue(mark(seq).isUnderWay());
    world.broker.isDown = true;
    world.broker.drop();
    world.run(500);
    assertNull(mark(seq));
    world.broker.holdsAcks = false;
    world.broker.isDown = false;
    world.run(70_000);
    assertTrue(mark(seq).isTaken());
    assertEquals("lingtan/v1/gw/batch", mark(seq).topic());
  }

  @Test
  void aBacklogThatDrainsDisplacesNoMarkOfWhatIsLive() {
    for (int i = 0; i < 300; i++) {
      world.outbox.data("pv1", 1_000 + i);
    }
    connect();
    long live = world.outbox.data("pv1", 2_000);
    world.run(5_000);
    assertEquals(live, world.outbox.ackedCount());
    assertEquals("lingtan/v1/gw/data/pv1", mark(live).topic());
    assertEquals(1, world.step.deliveries().marks().get("pv1").size());
  }

  private static DataRecord record(String device, long seq, String point) {
    Values values = new Values.Builder().put(Point.of(point), seq).build();
    return new DataRecord("e", seq, 0, 0, Sample.of(device, "b", seq, values));
  }

  @Test
  void aRecordIsRememberedAsLongAsOneOfItsPointsIsInNoNewer() {
    Deliveries deliveries = new Deliveries();
    MonotonicInstant now = MonotonicInstant.ofMillis(1);
    deliveries.sent(record("a", 1, "energy_import"), "t", now);
    for (int seq = 2; seq < 500; seq++) {
      deliveries.sent(record("a", seq, "power"), "t", now);
    }
    assertEquals(
        List.of(1L, 499L), deliveries.marks().get("a").stream().map(Mark::seq).sorted().toList());
    deliveries.answered(new Window.Load("e", new long[] {1, 499}), 0, now.plusMillis(7));
    assertTrue(deliveries.marks().get("a").stream().allMatch(Mark::isTaken));
    // An answer that comes for what is no longer remembered changes nothing.
    deliveries.answered(new Window.Load("e", new long[] {300}), 0x87, now);
    assertTrue(deliveries.marks().get("a").stream().allMatch(Mark::isTaken));
  }

  @Test
  void noMoreDevicesAreRememberedThanTheLimit() {
    Deliveries deliveries = new Deliveries();
    MonotonicInstant now = MonotonicInstant.ofMillis(1);
    deliveries.sent(record("first", 1, "power"), "t", now);
    for (int i = 0; i < Deliveries.MOST_DEVICES; i++) {
      deliveries.sent(record("d" + i, 2 + i, "power"), "t", now);
    }
    assertEquals(Deliveries.MOST_DEVICES, deliveries.marks().size());
    assertNull(deliveries.marks().get("first"));
  }
}
