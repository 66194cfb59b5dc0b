package io.lingtan.agent.acquire.coap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import org.eclipse.californium.core.network.Exchange;
import org.eclipse.californium.core.network.Exchange.Origin;
import org.eclipse.californium.core.network.KeyMID;
import org.junit.jupiter.api.Test;

/** What is remembered of messages that came. */
final class LastMessagesTest {
  private static final long LIFETIME = 247_000_000_000L;

  private final LastMessages messages = new LastMessages(LIFETIME);

  @Test
  void peersFromEverNewPortsFillNothing() {
    Exchange exchange = at(0);
    for (int port = 0; port < 100_000; port++) {
      assertNull(messages.findPrevious(new KeyMID(1, "node:" + port), exchange));
    }
    assertEquals(LastMessages.MOST, messages.size());
  }

  @Test
  void aRepetitionIsKnownAmongTheLast() {
    Exchange first = at(0);
    messages.findPrevious(new KeyMID(7, "node"), first);
    for (int port = 1; port < LastMessages.MOST; port++) {
      messages.findPrevious(new KeyMID(7, "other:" + port), at(1));
    }
    assertSame(first, messages.findPrevious(new KeyMID(7, "node"), at(2)));
  }

  @Test
  void anIdThatIsUsedAgainAfterItsLifetimeIsAnotherMessage() {
    messages.findPrevious(new KeyMID(7, "node"), at(0));
    Exchange later = at(LIFETIME);
    assertNull(messages.findPrevious(new KeyMID(7, "node"), later));
    assertSame(later, messages.find(new KeyMID(7, "node")));
  }

  @Test
  void anExchangeTakesThePlaceOfTheOneThatItFollows() {
    var key = new KeyMID(7, "node");
    Exchange first = at(0);
    Exchange next = at(1);
    messages.findPrevious(key, first);
    assertTrue(messages.replacePrevious(key, first, next));
    assertSame(next, messages.find(key));
  }

  private static Exchange at(long nanos) {
    Exchange exchange = mock();
    when(exchange.getOrigin()).thenReturn(Origin.REMOTE);
    when(exchange.getNanoTimestamp()).thenReturn(nanos);
    return exchange;
  }
}
