package io.lingtan.simulator.demo;

import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.NamedStep;
import io.lingtan.simulator.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Asks the agent's page each second what the agent itself says. Own thread. */
final class AgentPage extends NamedStep {

  private static final long EVERY_MILLIS = 1_000;
  private static final int PATIENCE_MILLIS = 900;
  private static final long FRESH_MILLIS = 3_000;

  /** Far more than the snapshot of a site has. */
  private static final int MOST_BYTES = 4 * 1024 * 1024;

  private final URI snapshot;
  private volatile @Nullable View view;
  private MonotonicInstant due = new MonotonicInstant(0);

  AgentPage(String host, int port) {
    super("demo page reader");
    this.snapshot = URI.create("http://" + host + ":" + port + "/api/snapshot");
  }

  /**
   * What the agent says of itself.
   *
   * @param waiting records not yet acknowledged by the broker
   * @param linked whether it is connected to the broker
   * @param watts power by device, of those read within the last few seconds
   */
  record View(long waiting, boolean linked, Map<String, BigDecimal> watts) {
    View {
      watts = Map.copyOf(watts);
    }
  }

  /** The latest answer; null while it does not answer. Any thread. */
  @Nullable View view() {
    return view;
  }

  @Override
  public int step(MonotonicInstant now) {
    if (now.isBefore(due)) {
      return 0;
    }
    due = now.plusMillis(EVERY_MILLIS);
    try {
      view = read(Json.read(fetch()));
    } catch (IOException e) {
      view = null;
    }
    return 0;
  }

  private byte[] fetch() throws IOException {
    HttpURLConnection connection = (HttpURLConnection) snapshot.toURL().openConnection();
    connection.setConnectTimeout(PATIENCE_MILLIS);
    connection.setReadTimeout(PATIENCE_MILLIS);
    try (InputStream in = connection.getInputStream()) {
      return in.readNBytes(MOST_BYTES);
    } finally {
      connection.disconnect();
    }
  }

  static View read(Json snapshot) {
    Map<String, BigDecimal> watts = new HashMap<>();
    for (Json device : snapshot.objects("devices")) {
      String id = device.text("id");
      long age = device.number("age_ms", -1);
      if (id == null || age < 0 || age > FRESH_MILLIS) {
        continue;
      }
      for (Json value : device.objects("values")) {
        BigDecimal number = value.decimal("v");
        if ("power".equals(value.text("p")) && number != null) {
          watts.put(id, number);
        }
      }
    }
    return new View(
        snapshot.object("store").number("waiting", 0),
        snapshot.object("uplink").isTrue("connected"),
        watts);
  }

  @Override
  public MonotonicInstant due() {
    return due;
  }
}
