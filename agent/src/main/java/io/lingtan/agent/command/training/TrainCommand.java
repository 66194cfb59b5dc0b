package io.lingtan.agent.command.training;

import io.lingtan.agent.acquire.wire.SerialLibrary;
import io.lingtan.agent.command.ExitCode;
import io.lingtan.agent.command.RunCommand;
import io.lingtan.agent.run.Threads;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * {@code lingtan train FOLDER}: a run that ends by itself once meters were read, records were
 * delivered and the page was looked at. Its last line tells how far it came.
 */
public final class TrainCommand {

  /** Three meters, once a second, for some seconds: what was compiled is not kept. */
  private static final int ENOUGH_MESSAGES = 20;

  private static final int LONGEST_SECONDS = 20;

  private static final List<String> LOOKED_AT = List.of("/", "/status.json", "/text");

  private TrainCommand() {}

  public static int run(List<String> words) {
    if (words.size() != 1) {
      System.err.println("usage: lingtan train FOLDER   (an empty one)");
      return ExitCode.WRONG_USAGE;
    }
    Path folder = Path.of(words.getFirst());
    try {
      CountDownLatch messages = new CountDownLatch(ENOUGH_MESSAGES);
      LocalPeer meter = LocalPeer.start("training-meter", TrainingMeter::answer);
      LocalPeer broker = LocalPeer.start("training-broker", new TrainingBroker(messages)::answer);
      int page = LocalPeer.freePort();
      Path site = folder.resolve("site.yaml");
      Files.writeString(site, site(meter.port(), broker.port(), page));
      SerialLibrary.place(Files.createDirectories(folder.resolve("native")));
      Threads.virtual("training").execute(() -> follow(messages, page));
      return RunCommand.run(List.of("--config", site.toString()));
    } catch (IOException e) {
      System.err.println("lingtan train: " + folder + ": " + e.getMessage());
      return ExitCode.FAILED;
    }
  }

  private static void follow(CountDownLatch messages, int page) {
    String came;
    try {
      boolean enough = messages.await(LONGEST_SECONDS, TimeUnit.SECONDS);
      for (String path : LOOKED_AT) {
        look(page, path);
      }
      came = enough ? "all of it" : "only " + (ENOUGH_MESSAGES - messages.getCount()) + " messages";
    } catch (IOException e) {
      came = "the page did not answer: " + e.getMessage();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      came = "was stopped";
    }
    System.out.println("lingtan train: " + came);
    System.exit(ExitCode.GOOD);
  }

  private static void look(int page, String path) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), page)) {
      socket
          .getOutputStream()
          .write(
              ("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      socket.getInputStream().readAllBytes();
    }
  }

  private static String site(int meter, int broker, int page) {
    return """
    gateway: training
    site: {region: CN}
    lines:
      - id: line
        modbus-tcp: {host: 127.0.0.1, port: %d}
        devices:
          - {id: gate, profile: eastron-sdm630, unit: 1, record: 1s}
          - {id: roof, profile: eastron-sdm630, unit: 2, record: 1s}
          - {id: hall, profile: eastron-sdm630, unit: 3, record: 1s}
    metering:
      meters:
        - {id: grid, device: gate, role: grid, rated_kw: 200}
        - {id: pv, device: roof, role: pv, rated_kw: 160}
        - {id: load, device: hall, role: load, rated_kw: 100}
    carbon: {factors: [cn-electricity]}
    mqtt: {servers: ["mqtt://127.0.0.1:%d"]}
    status: {listen: "127.0.0.1:%d"}
    clock: {trust: [system]}
    """
        .formatted(meter, broker, page);
  }
}
