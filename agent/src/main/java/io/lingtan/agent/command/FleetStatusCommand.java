package io.lingtan.agent.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lingtan.agent.audit.link.AuditClient;
import io.lingtan.agent.audit.link.BrokerAddress;
import io.lingtan.agent.audit.link.Trouble;
import io.lingtan.agent.reading.Json;
import io.lingtan.agent.reading.foreign.ForeignText;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.run.Waiter;
import io.lingtan.agent.seal.JsonValue;
import io.lingtan.agent.tls.Tls;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lingtan fleet status}: what each gateway says of the document that it got last. */
@Command(
    name = "status",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = "Lists what gateways say of the documents that they got (reported, retained).")
final class FleetStatusCommand implements Callable<Integer> {

  private static final String REPORTED = "lingtan/v1/+/reported";
  private static final Duration SETTLED = Duration.ofSeconds(1);
  private static final long LOOK_NANOS = 100_000_000L;

  /** More is refused by the inbox, and comes again. */
  private static final int INBOX = 4 * AuditClient.RECEIVE_MAXIMUM;

  /** Of what a gateway says of one thing, in characters. */
  private static final int LONGEST = 400;

  private final Time time;

  /** Messages on topics of gateways that cannot be. */
  private int misnamed;

  private final SortedMap<String, Row> rows = new TreeMap<>();

  @Spec private CommandSpec spec;
  @Mixin private BrokerOptions broker;

  @Option(
      names = "--wait",
      paramLabel = "TIME",
      defaultValue = "30s",
      converter = AuditCommand.DurationConverter.class,
      description = "For the broker, at most (default ${DEFAULT-VALUE}).")
  private Duration wait;

  @Option(names = "--json", description = "As one line of JSON.")
  private boolean json;

  FleetStatusCommand(Time time) {
    this.time = time;
  }

  /** A line of the table; what a gateway does not say is empty. */
  private record Row(
      String hash, String serial, String state, String why, String version, String update) {}

  @Override
  public Integer call() throws IOException {
    BrokerAddress address = broker.address();
    String trouble;
    try {
      trouble =
          listen(
              new AuditClient.Options(
                  address,
                  "lingtan-fleet-" + ProcessHandle.current().pid(),
                  broker.user(),
                  broker.password(),
                  address.tls() ? Tls.factory(broker.identity(), null) : null,
                  false));
    } catch (MqttException | Tls.Unusable e) {
      trouble = String.valueOf(e.getMessage());
    }
    if (trouble != null) {
      spec.commandLine().getErr().println(ForeignText.line(trouble));
      return ExitCode.FAILED;
    }
    if (misnamed > 0) {
      spec.commandLine().getErr().println(misnamed + " messages under names that no gateway has");
    }
    print();
    return ExitCode.GOOD;
  }

  /** Until a second passes without another word; why it could not, null if it could. */
  private @Nullable String listen(AuditClient.Options options) throws MqttException {
    Waiter waiter = Waiter.parking();
    Inbox<AuditClient.Delivery> inbox = new Inbox<>(INBOX);
    inbox.onOffer(waiter::wake);
    Semaphore room = new Semaphore(AuditClient.ROOM_KILOBYTES);
    MonotonicInstant now = time.now();
    MonotonicInstant end = now.plus(wait);
    MonotonicInstant settled = MonotonicInstant.NEVER;
    AuditClient client = AuditClient.connect(options, inbox, room, waiter::wake, now);
    try {
      while (now.isBefore(end) && now.isBefore(settled)) {
        client.advance(now, any -> {}, List.of(REPORTED));
        Trouble trouble = client.trouble();
        if (trouble != null) {
          return trouble.message();
        }
        int taken =
            inbox.drain(
                delivery -> {
                  room.release(delivery.kilobytes());
                  client.acknowledge(delivery);
                  take(delivery.topic(), delivery.payload());
                },
                INBOX);
        now = time.now();
        if (client.isFollowing() && (taken > 0 || settled.equals(MonotonicInstant.NEVER))) {
          settled = now.plus(SETTLED);
        }
        if (taken == 0) {
          waiter.await(LOOK_NANOS);
        }
      }
      return client.isFollowing() ? null : "broker " + options.broker() + " does not answer";
    } finally {
      client.close();
    }
  }

  /** Takes what a gateway, or whoever may write there, has published. */
  void take(String topic, byte[] payload) {
    String[] levels = topic.split("/", -1);
    if (levels.length != 4 || payload.length == 0) {
      return;
    }
    if (!ForeignText.isGateway(levels[2])) {
      misnamed++;
      return;
    }
    Row row;
    try {
      JsonValue.Obj said = JsonValue.object(new String(payload, UTF_8));
      JsonValue.Obj config = said.object("config");
      JsonValue.Obj software = said.object("software");
      String why = shown(config.text("why"));
      String whyNot = shown(software.text("why"));
      row =
          new Row(
              shown(config.text("hash")),
              shown(config.number("serial")),
              shown(config.text("state")),
              whyNot.isEmpty() ? why : why.isEmpty() ? whyNot : why + "; " + whyNot,
              shown(software.text("version")),
              shown(software.text("state")));
    } catch (JsonValue.NotJson e) {
      row = new Row("", "", "", "not readable: " + shown(e.getMessage()), "", "");
    }
    rows.put(levels[2], row);
  }

  private static String shown(@Nullable String text) {
    return text == null ? "" : ForeignText.text(text, LONGEST);
  }

  /** Prints the table. */
  void print() {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(
          Json.object(
              to -> {
                to.writeArrayFieldStart("gateways");
                for (var entry : rows.entrySet()) {
                  Row row = entry.getValue();
                  to.writeStartObject();
                  to.writeStringField("gateway", entry.getKey());
                  to.writeStringField("hash", row.hash());
                  if (row.serial().matches("[0-9]{1,18}")) {
                    to.writeNumberField("serial", Long.parseLong(row.serial()));
                  }
                  to.writeStringField("state", row.state());
                  to.writeStringField("why", row.why());
                  to.writeStringField("version", row.version());
                  to.writeStringField("update", row.update());
                  to.writeEndObject();
                }
                to.writeEndArray();
              }));
      return;
    }
    String form = "%-24s  %-12s  %16s  %-8s  %-12s  %-8s  %s%n";
    out.printf(form, "gateway", "hash", "serial", "state", "version", "update", "why");
    rows.forEach(
        (gateway, row) ->
            out.printf(
                form,
                gateway,
                row.hash().substring(0, Math.min(12, row.hash().length())),
                row.serial().isEmpty() ? "-" : row.serial(),
                row.state(),
                row.version().isEmpty() ? "-" : row.version(),
                row.update().isEmpty() ? "-" : row.update(),
                row.why()));
  }
}
