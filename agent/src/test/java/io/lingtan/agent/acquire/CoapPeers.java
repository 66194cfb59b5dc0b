package io.lingtan.agent.acquire;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.coap.CoapServerStep;
import io.lingtan.agent.acquire.coap.CoapStep;
import io.lingtan.agent.acquire.line.Outlet;
import io.lingtan.agent.acquire.wire.FieldPorts;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.Loop;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.CoapResource;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.Line;
import io.lingtan.testing.Child;
import io.lingtan.testing.CoapSites;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** One real CoAP line in a loop of its own, with libcoap's programs beside it. */
final class CoapPeers implements AutoCloseable {

  final Inbox<Arrival> inbox = new Inbox<>(10_000);
  final List<Sample> samples = new ArrayList<>();
  final List<Event> events = new ArrayList<>();
  final Path folder;
  private final List<Child> children = new ArrayList<>();
  private @Nullable Loop loop;
  private int programs;

  /** The machine's own clock; the test is not allowed to know better. */
  static final class MachineTime implements Time {
    @Override
    public MonotonicInstant now() {
      return new MonotonicInstant(System.nanoTime());
    }

    @Override
    public String boot() {
      return "boot";
    }

    @Override
    public Wall wall() {
      return new Wall(System.currentTimeMillis() - System.nanoTime() / 1_000_000, true, "system");
    }
  }

  CoapPeers(Path folder) {
    this.folder = folder;
  }

  /** A pair of free UDP ports: libcoap takes the next one for DTLS. */
  static int freePorts() throws IOException {
    for (int i = 0; i < 100; i++) {
      int port = freePair();
      if (port > 0) {
        return port;
      }
    }
    throw new IOException("no two free ports in a row");
  }

  private static int freePair() throws IOException {
    InetAddress local = InetAddress.getLoopbackAddress();
    try (DatagramSocket first = new DatagramSocket(0, local);
        DatagramSocket second = new DatagramSocket(first.getLocalPort() + 1, local)) {
      return second.getLocalPort() - 1;
    } catch (BindException taken) {
      return 0;
    }
  }

  static Device device(String id, String path, boolean observe, Duration every) {
    return CoapSites.device(
        id,
        CoapSites.builtIn("senml"),
        new CoapResource(path, observe, CoapResource.Format.AUTO, null, null, null),
        every,
        every);
  }

  CoapStep ask(Line.Coap line) {
    CoapStep step =
        new CoapStep(
            line,
            new MachineTime(),
            new Outlet(line.devices(), inbox, new MachineTime()),
            FieldPorts.real().coap(line));
    loop = new Loop(step, new MachineTime()).start();
    return step;
  }

  CoapServerStep listen(Line.CoapServer line) {
    CoapServerStep step =
        new CoapServerStep(
            line,
            new MachineTime(),
            new Outlet(line.devices(), inbox, new MachineTime()),
            FieldPorts.real().ingest(line));
    loop = new Loop(step, new MachineTime()).start();
    return step;
  }

  Child start(String... command) throws IOException {
    Child child =
        Child.start(folder.resolve("program-" + ++programs + ".txt"), Map.of(), List.of(command));
    children.add(child);
    return child;
  }

  /** Runs a program to its end and returns what it printed. */
  String run(String... command) throws Exception {
    Child child = start(command);
    child.join(20);
    return child.output();
  }

  /** Puts a value into a resource of libcoap's server. */
  void put(int port, String path, int format, String payload) throws Exception {
    run(
        "coap-client-notls",
        "-m",
        "put",
        "-t",
        Integer.toString(format),
        "-e",
        payload,
        "-B",
        "5",
        "coap://127.0.0.1:" + port + path);
  }

  void take() {
    inbox.drain(
        arrival -> {
          switch (arrival) {
            case Arrival.Recorded(var sample) -> samples.add(sample);
            case Arrival.Noticed(var event, var boot, var at) -> events.add(event);
            case Arrival.Exchanged exchange -> events.add(exchange.event());
            case Arrival.Fed fed -> {}
            case Arrival.FeedTried tried -> {}
            case Arrival.HoldEnded ended -> {}
            case Arrival.Counted counted -> {}
            case Arrival.Identified identified -> {}
          }
        },
        Integer.MAX_VALUE);
  }

  void await(String what, BooleanSupplier happened) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (System.nanoTime() < end) {
      take();
      if (happened.getAsBoolean()) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
    assertTrue(happened.getAsBoolean(), () -> what + "; seen: " + samples + events);
  }

  boolean sawValues(String values) {
    return samples.stream().anyMatch(sample -> sample.values().toString().equals(values));
  }

  @Override
  public void close() {
    Loop running = loop;
    if (running != null) {
      running.stop(Duration.ofSeconds(5));
    }
    for (Child child : children) {
      child.close();
    }
  }
}
