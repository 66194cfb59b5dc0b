package io.lingtan.simulator.prove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.publish.link.Broker.Will;
import io.lingtan.agent.publish.link.Failure;
import io.lingtan.agent.publish.link.Message;
import io.lingtan.agent.publish.link.Signal;
import io.lingtan.simulator.fault.BrokerFault;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class FaultyBrokerTest {
  private static final long START = 1_764_000_000_000L;
  private static final String SERVER = "mqtt://memory:1883";
  private static final Will WILL = new Will("a/status", bytes("offline"));

  private final MachineClock clock = new MachineClock(START, List.of());
  private final List<String> taken = new ArrayList<>();

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Message message(String topic, String text, boolean retained) {
    return new Message(topic, bytes(text), 1, retained, new byte[0]);
  }

  private FaultyBroker broker(BrokerFault... faults) {
    return new FaultyBroker(
        clock,
        List.of(faults),
        m -> taken.add(m.topic() + "=" + new String(m.payload(), StandardCharsets.UTF_8)));
  }

  /** Steps through every moment at which the broker has something to do. */
  private void until(FaultyBroker broker, long millis) {
    var end = clock.instantAt(START + millis);
    while (clock.now().isBefore(end)) {
      while (broker.step(clock.now()) > 0) {
        // more of the same moment
      }
      clock.advanceTo(broker.due().min(end));
    }
    broker.step(clock.now());
  }

  private static List<Signal> signals(FaultyBroker.Client client) {
    List<Signal> signals = new ArrayList<>();
    client.signals().drain(signals::add, 1000);
    return signals;
  }

  private static Failure.Kind lost(FaultyBroker.Client client) {
    return signals(client).stream()
        .filter(Signal.Lost.class::isInstance)
        .map(signal -> ((Signal.Lost) signal).failure().kind())
        .reduce((a, b) -> b)
        .orElseThrow();
  }

  private static List<Integer> pubacks(FaultyBroker.Client client) {
    return signals(client).stream()
        .filter(Signal.Acked.class::isInstance)
        .map(signal -> ((Signal.Acked) signal).reason())
        .toList();
  }

  @Test
  void retainedMessagesComeToWhoeverSubscribesAndAreClearedByAnEmptyOne() {
    FaultyBroker broker = broker();
    FaultyBroker.Client client = broker.client();
    client.connect(1, SERVER, WILL);
    client.publish(1, message("a/meta/x", "one", true));
    client.publish(2, message("a/meta/y", "two", true));
    client.publish(3, message("a/meta/y", "", true));
    client.subscribe(List.of("a/meta/+"));
    List<Signal.Arrived> arrived = new ArrayList<>();
    client.arrivals().drain(arrived::add, 10);
    assertEquals(List.of("a/meta/x"), arrived.stream().map(Signal.Arrived::topic).toList());
    assertTrue(arrived.getFirst().retained());
    assertEquals(List.of(0, 0, 0), pubacks(client));
  }

  @Test
  void aLostPubackIsOfAMessageThatWasTaken() {
    FaultyBroker broker = broker(new BrokerFault.LosesAcknowledgements(START, START + 1000, 2));
    FaultyBroker.Client client = broker.client();
    client.connect(1, SERVER, WILL);
    assertTrue(client.publish(1, message("a/d", "1", false)));
    assertTrue(client.publish(2, message("a/d", "2", false)));
    assertFalse(client.publish(3, message("a/d", "3", false)));
    assertEquals(List.of("a/d=1", "a/d=2", "a/status=offline"), taken);
    List<Signal> signals = signals(client);
    assertEquals(1, signals.stream().filter(Signal.Acked.class::isInstance).count());
    assertTrue(signals.getLast() instanceof Signal.Lost);
    assertEquals(Map.of("broker_loses_puback", 1L), broker.injected());
  }

  @Test
  void aRefusedMessageIsNotTaken() {
    FaultyBroker broker = broker(new BrokerFault.RefusesMessages(START, START + 1000, 0x97, 2));
    FaultyBroker.Client client = broker.client();
    client.connect(1, SERVER, WILL);
    client.publish(1, message("a/d", "1", false));
    client.publish(2, message("a/d", "2", false));
    assertEquals(List.of("a/d=1"), taken);
    assertEquals(List.of(0, 0x97), pubacks(client));
  }

  @Test
  void whatWasSentIntoAFrozenBrokerIsTakenWhenItThawsThoughNobodyHearsOfIt() {
    FaultyBroker broker = broker(new BrokerFault.Frozen(START + 1000, START + 60_000));
    FaultyBroker.Client client = broker.client();
    client.connect(1, SERVER, WILL);
    until(broker, 2000);
    assertTrue(client.publish(1, message("a/d", "1", false)));
    until(broker, 30_000);
    assertEquals(List.of(), taken);
    client.cut();
    client.connect(2, SERVER, WILL);
    signals(client);
    until(broker, 55_000);
    assertEquals(Failure.Kind.TIMEOUT, lost(client));
    until(broker, 61_000);
    assertEquals(List.of("a/d=1", "a/status=offline"), taken);
    assertEquals(List.of(), pubacks(client));
  }

  @Test
  void aSlowBrokerTakesAndAnswersLate() {
    FaultyBroker broker = broker(new BrokerFault.Slow(START, START + 60_000, 700));
    FaultyBroker.Client client = broker.client();
    client.connect(1, SERVER, WILL);
    assertEquals(List.of(), signals(client));
    until(broker, 700);
    assertTrue(signals(client).getFirst() instanceof Signal.Connected);
    client.publish(1, message("a/d", "1", false));
    until(broker, 1399);
    assertEquals(List.of(), taken);
    until(broker, 1400);
    assertEquals(List.of("a/d=1"), taken);
    assertEquals(List.of(0), pubacks(client));
  }

  @Test
  void aBrokerThatIsDownCutsItsClientsAndAnswersNobody() {
    FaultyBroker broker = broker(new BrokerFault.Down(START + 1000, START + 9000));
    FaultyBroker.Client client = broker.client();
    client.connect(1, SERVER, WILL);
    client.publish(1, message("a/store", "1", true));
    until(broker, 2000);
    assertEquals(Failure.Kind.CLOSED, lost(client));
    client.connect(2, SERVER, WILL);
    assertEquals(Failure.Kind.UNREACHABLE, lost(client));
    until(broker, 9000);
    client.connect(3, SERVER, WILL);
    assertTrue(signals(client).getLast() instanceof Signal.Connected);
    assertTrue(broker.retained("a/store") != null, "it keeps what is on its disk");
    assertEquals(List.of("a/store=1"), taken);
  }

  @Test
  void whoWaitsForAnAnswerGivesUpThoughTheBrokerEndsMeanwhile() {
    FaultyBroker broker =
        broker(
            new BrokerFault.Frozen(START + 1000, START + 60_000),
            new BrokerFault.Down(START + 10_000, START + 30_000));
    FaultyBroker.Client client = broker.client();
    until(broker, 2000);
    client.connect(1, SERVER, WILL);
    until(broker, 21_999);
    assertEquals(List.of(), signals(client));
    until(broker, 22_000);
    assertEquals(Failure.Kind.TIMEOUT, lost(client));
    until(broker, 61_000);
    assertEquals(List.of(), signals(client), "what the broker had not looked at went with it");
    client.connect(2, SERVER, WILL);
    assertTrue(signals(client).getLast() instanceof Signal.Connected);
  }

  @Test
  void aBrokerThatForgetsHasNoRetainedMessagesAndNoSubscriptions() {
    FaultyBroker broker = broker(new BrokerFault.Forgets(START + 1000, START + 1001));
    FaultyBroker.Client client = broker.client();
    client.connect(1, SERVER, WILL);
    client.subscribe(List.of("a/cmd/+"));
    client.publish(1, message("a/store", "1", true));
    assertTrue(broker.publish("a/cmd/ping", bytes("{}"), "r", bytes("c")));
    until(broker, 1500);
    assertNull(broker.retained("a/store"));
    client.connect(2, SERVER, WILL);
    assertFalse(broker.publish("a/cmd/ping", bytes("{}"), "r", bytes("c")));
  }

  @Test
  void aRefusedConnectionSaysWhy() {
    FaultyBroker broker = broker(new BrokerFault.RefusesConnection(START, START + 1000, 0x87));
    FaultyBroker.Client client = broker.client();
    client.connect(1, SERVER, WILL);
    assertEquals(Failure.Kind.NOT_AUTHORISED, lost(client));
    assertFalse(client.publish(1, message("a/d", "1", false)));
  }

  @Test
  void whoIsConnectedWhenARefusalBeginsIsSentAwayAndRefused() {
    FaultyBroker broker =
        broker(new BrokerFault.RefusesConnection(START + 1000, START + 2000, 0x87));
    FaultyBroker.Client client = broker.client();
    client.connect(1, SERVER, WILL);
    until(broker, 999);
    assertEquals(List.of(), taken);
    until(broker, 1000);
    assertEquals(Failure.Kind.REFUSED, lost(client));
    assertEquals(List.of("a/status=offline"), taken);
    client.connect(2, SERVER, WILL);
    assertEquals(Failure.Kind.NOT_AUTHORISED, lost(client));
    assertEquals(Map.of("broker_refuses_connection", 1L), broker.injected());
  }

  @Test
  void aMachineThatVanishesIsMissedWhenKeepaliveHasRunOut() {
    FaultyBroker broker = broker();
    FaultyBroker.Client client = broker.client();
    client.connect(1, SERVER, WILL);
    client.vanished();
    until(broker, 44_000);
    assertEquals(List.of(), taken);
    until(broker, 46_000);
    assertEquals(List.of("a/status=offline"), taken);
  }

  @Test
  void theNextLifeTakesTheIdOver() {
    FaultyBroker broker = broker();
    FaultyBroker.Client first = broker.client();
    first.connect(1, SERVER, WILL);
    first.vanished();
    FaultyBroker.Client second = broker.client();
    second.connect(1, SERVER, WILL);
    assertEquals(List.of("a/status=offline"), taken);
    until(broker, 60_000);
    assertEquals(List.of("a/status=offline"), taken, "a Will is published once");
    assertTrue(second.publish(1, message("a/d", "1", false)));
  }

  @Test
  void moreThanReceiveMaximumIsSeen() {
    FaultyBroker broker = broker(new BrokerFault.Slow(START, START + 60_000, 700));
    FaultyBroker.Client client = broker.client();
    client.connect(1, SERVER, WILL);
    until(broker, 700);
    for (int i = 0; i <= FaultyBroker.RECEIVE_MAXIMUM; i++) {
      client.publish(i, message("a/d", "x", false));
    }
    assertEquals(1, broker.violations().size());
  }
}
