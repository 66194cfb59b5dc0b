package io.lingtan.agent.publish;

import io.lingtan.agent.publish.link.Broker;
import io.lingtan.agent.publish.link.Message;
import io.lingtan.agent.publish.link.Signal;
import io.lingtan.agent.run.Inbox;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A broker whose messages somebody sees on their way out, on the publisher's thread. */
record SeenBroker(Broker to, Consumer<Message> seen) implements Broker {
  @Override
  public Inbox<Signal> signals() {
    return to.signals();
  }

  @Override
  public Inbox<Signal.Arrived> arrivals() {
    return to.arrivals();
  }

  @Override
  public void certificatesAsOf(@Nullable Instant when) {
    to.certificatesAsOf(when);
  }

  @Override
  public void lookAtFiles() {
    to.lookAtFiles();
  }

  @Override
  public Files files() {
    return to.files();
  }

  @Override
  public void connect(long connection, String server, Will will) {
    to.connect(connection, server, will);
  }

  @Override
  public boolean publish(long id, Message message) {
    seen.accept(message);
    return to.publish(id, message);
  }

  @Override
  public boolean subscribe(List<String> filters) {
    return to.subscribe(filters);
  }

  @Override
  public boolean subscribeToNew(List<String> filters) {
    return to.subscribeToNew(filters);
  }

  @Override
  public Heard heard() {
    return to.heard();
  }

  @Override
  public void unsubscribe(List<String> filters) {
    to.unsubscribe(filters);
  }

  @Override
  public void cut() {
    to.cut();
  }

  @Override
  public void close() {
    to.close();
  }

  @Override
  public long certificateEndsMillis() {
    return to.certificateEndsMillis();
  }
}
