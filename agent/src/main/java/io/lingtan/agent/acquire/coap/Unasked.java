package io.lingtan.agent.acquire.coap;

import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.californium.core.coap.EmptyMessage;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.network.interceptors.MessageInterceptorAdapter;
import org.eclipse.californium.core.network.serialization.UdpDataParser;
import org.eclipse.californium.elements.RawData;
import org.eclipse.californium.elements.RawDataChannel;

/**
 * Counts the datagrams that Californium refuses without a word to us where we only ask: those that
 * are no CoAP, that answer nothing that was asked, or that ask something themselves. Any thread.
 */
final class Unasked extends MessageInterceptorAdapter {

  private final UdpDataParser parser = new UdpDataParser();
  private final AtomicLong count = new AtomicLong();

  long count() {
    return count.get();
  }

  /** The way in, with what is no CoAP counted. */
  RawDataChannel before(RawDataChannel receiver) {
    return data -> {
      if (!isMessage(data)) {
        count.incrementAndGet();
      }
      receiver.receiveData(data);
    };
  }

  private boolean isMessage(RawData data) {
    try {
      parser.parseMessage(data.getBytes());
      return true;
    } catch (RuntimeException e) {
      return false;
    }
  }

  @Override
  public void receiveRequest(Request request) {
    count.incrementAndGet();
  }

  @Override
  public void receiveResponse(Response response) {
    add(response.isCanceled());
  }

  @Override
  public void receiveEmptyMessage(EmptyMessage message) {
    add(message.isCanceled());
  }

  private void add(boolean refused) {
    if (refused) {
      count.incrementAndGet();
    }
  }
}
