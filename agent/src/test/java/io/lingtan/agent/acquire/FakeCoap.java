package io.lingtan.agent.acquire;

import io.lingtan.agent.acquire.coap.CoapPort;
import io.lingtan.agent.acquire.coap.CoapSignal;
import io.lingtan.agent.acquire.coap.PayloadDecoder;
import io.lingtan.agent.run.Inbox;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A peer in memory that answers at once, or not at all. */
public final class FakeCoap implements CoapPort {

  public final List<Get> asked = new ArrayList<>();
  public final Map<String, String> resources = new HashMap<>();
  public boolean silent;
  public boolean observable = true;
  public long maxAge = 60;
  public int number = 2;
  public int renewals;
  public long lastId;
  private final Inbox<CoapSignal> signals = new Inbox<>(64);

  @Override
  public String where() {
    return "coap://fake";
  }

  @Override
  public Inbox<CoapSignal> signals() {
    return signals;
  }

  @Override
  public void get(long id, Get question) {
    asked.add(question);
    lastId = id;
    if (silent) {
      return;
    }
    String body = resources.get(question.path());
    if (body == null) {
      answer(id, 404, CoapSignal.NOT_OBSERVED, "");
    } else {
      answer(id, 205, question.observe() && observable ? number++ : CoapSignal.NOT_OBSERVED, body);
    }
  }

  /** Tells what is observed by the last question of a change. */
  public void notify(int observe, String body) {
    answer(lastId, 205, observe, body);
  }

  public void answer(long id, int code, int observe, String body) {
    signals.offer(
        new CoapSignal.Answered(
            id,
            code,
            PayloadDecoder.SENML_JSON,
            maxAge,
            observe,
            body.getBytes(StandardCharsets.UTF_8)));
  }

  @Override
  public void cancel(long id) {}

  @Override
  public void renew() {
    renewals++;
  }

  @Override
  public void close() {}
}
