package io.lingtan.simulator.endtoend;

import io.lingtan.testing.Child;
import io.lingtan.testing.Json;
import io.lingtan.testing.Ports;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** pymodbus meters that log each reply they served. */
@SuppressWarnings("NullAway") // a member that is not there fails the test by itself
public final class Witness implements AutoCloseable {

  /**
   * One reply.
   *
   * @param wallMillis UTC ms at which it was served
   * @param energy kWh, null if the reply did not cover the register
   * @param power W, likewise
   */
  public record Served(
      int unit, long wallMillis, @Nullable BigDecimal energy, @Nullable BigDecimal power) {}

  private final Child child;
  private final Path log;

  private Witness(Child child, Path log) {
    this.child = child;
    this.log = log;
  }

  /** Serves over TCP on {@code port}; {@code units} such as {@code 1:sdm630,2:dtsd1352}. */
  public static Witness tcp(Path folder, int port, String units)
      throws IOException, InterruptedException {
    Witness witness = start(folder, units, "--tcp", String.valueOf(port));
    witness.child.await("the meters to listen on " + port, 20, () -> Ports.answers(port));
    return witness;
  }

  /** Serves RTU on a serial port. */
  static Witness serial(Path folder, Path port, String units) throws IOException {
    return start(folder, units, "--serial", port.toString());
  }

  private static Witness start(Path folder, String units, String kind, String where)
      throws IOException {
    Path script = folder.resolve("witness_meter.py");
    try (InputStream in =
        Witness.class.getResourceAsStream("/io/lingtan/simulator/witness_meter.py")) {
      if (in == null) {
        throw new IOException("the tests' resources lack witness_meter.py");
      }
      Files.copy(in, script);
    }
    Path log = folder.resolve("witness.log");
    Files.createFile(log);
    Child child =
        Child.start(
            folder.resolve("witness.out"),
            Map.of(),
            List.of(
                "/usr/bin/python3",
                script.toString(),
                "--log",
                log.toString(),
                "--units",
                units,
                kind,
                where));
    return new Witness(child, log);
  }

  /** Everything served so far, in order. */
  public List<Served> served() throws IOException {
    List<Served> all = new ArrayList<>();
    for (String line : Files.readAllLines(log)) {
      Map<String, Object> entry = Json.object(line);
      all.add(
          new Served(
              ((BigDecimal) entry.get("unit")).intValueExact(),
              ((BigDecimal) entry.get("wall")).longValueExact(),
              (BigDecimal) entry.get("energy"),
              (BigDecimal) entry.get("power")));
    }
    return all;
  }

  @Override
  public void close() {
    child.close();
  }
}
