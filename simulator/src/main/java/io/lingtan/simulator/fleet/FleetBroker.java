package io.lingtan.simulator.fleet;

import io.lingtan.agent.audit.link.BrokerAddress;
import io.lingtan.simulator.beside.LocalBroker;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The broker that the fleet talks to, and how it is taken away and brought back. */
sealed interface FleetBroker {

  String url();

  /** Of its process on this machine; ≤ 0 if not known. */
  long pid();

  /** Most cores that it can use, of those that there are. */
  int cores(int ofMachine);

  void stop() throws IOException;

  void start() throws IOException;

  /** Leaves nothing of these gateways behind. */
  void close(List<String> gateways);

  default void close() {
    close(List.of());
  }

  /**
   * The one that the options name, or a new one.
   *
   * @throws IOException if it does not answer or start; the message says what to do
   */
  static FleetBroker of(FleetOptions options, Path folder) throws IOException {
    String url = options.broker();
    if (url == null) {
      return new Own(LocalBroker.start(folder, 0));
    }
    URI uri = URI.create(url);
    int port = uri.getPort() > 0 ? uri.getPort() : uri.getScheme().equals("mqtts") ? 8883 : 1883;
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(uri.getHost(), port), 5_000);
    } catch (IOException e) {
      throw new IOException(
          "no broker answers at %s (%s): start it, or leave out --broker to have one started"
              .formatted(url, e.getMessage()),
          e);
    }
    return new Given(url, options.brokerPid(), options.stop(), options.start());
  }

  /** Started by the fleet. */
  record Own(LocalBroker broker) implements FleetBroker {
    @Override
    public String url() {
      return broker.url();
    }

    @Override
    public long pid() {
      return broker.pid();
    }

    @Override
    public int cores(int ofMachine) {
      // mosquitto has one thread for all its clients.
      return broker.name().equals("mosquitto") ? 1 : ofMachine;
    }

    @Override
    public void stop() {
      broker.stop();
    }

    @Override
    public void start() throws IOException {
      broker.restart();
    }

    @Override
    public void close(List<String> gateways) {
      broker.close();
    }
  }

  /** Somebody's; commands for the shell take it away and bring it back. */
  record Given(String url, long pid, @Nullable String stopCommand, @Nullable String startCommand)
      implements FleetBroker {

    private static final long LONGEST_COMMAND_SECONDS = 60;

    @Override
    public int cores(int ofMachine) {
      return ofMachine;
    }

    @Override
    public void stop() throws IOException {
      run(stopCommand);
    }

    @Override
    public void start() throws IOException {
      run(startCommand);
    }

    private static void run(@Nullable String command) throws IOException {
      if (command == null) {
        throw new IllegalStateException("a storm needs commands");
      }
      Process process = new ProcessBuilder("sh", "-c", command).inheritIO().start();
      try {
        if (!process.waitFor(LONGEST_COMMAND_SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly();
          throw new IOException(command + " did not end in " + LONGEST_COMMAND_SECONDS + " s");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        process.destroyForcibly();
        throw new IOException("interrupted during " + command, e);
      }
      if (process.exitValue() != 0) {
        throw new IOException(command + " ended with " + process.exitValue());
      }
    }

    @Override
    public void close(List<String> gateways) {
      Sweep.of(BrokerAddress.parse(url), gateways);
    }
  }
}
