package io.lingtan.simulator.bench;

import io.lingtan.simulator.beside.Apps;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A program that reads meters and publishes what they say. */
enum Candidate {
  /** The packed agent with journal, intervals and page. */
  LINGTAN("lingtan", "#0b5394"),
  /** {@link BareLoop}. */
  BARE_LOOP("bare loop", "#8fb8de"),
  /** The loop in Python, with pymodbus and paho-mqtt. */
  PYTHON("pymodbus + paho", "#e69138"),
  /** Debian's collectd with its plugins modbus and mqtt, which send each value in a message. */
  COLLECTD("collectd", "#93a29b");

  /**
   * What it has to know.
   *
   * @param folder an existing one for its files
   * @param timeoutSeconds how long a meter has to answer
   * @param agent the agent
   * @param options of the agent's JVM, for another Java program
   */
  record Place(
      Path folder,
      int modbusPort,
      int brokerPort,
      int meters,
      int timeoutSeconds,
      PackedAgent agent,
      List<String> options) {}

  private static final Path COLLECTD_PROGRAM = Path.of("/usr/sbin/collectd");
  private static final Path COLLECTD_PLUGINS = Path.of("/usr/lib/collectd");
  private static final List<String> PYTHONS = List.of("/usr/bin/python3", "python3");

  private final String word;
  private final String colour;

  Candidate(String word, String colour) {
    this.word = word;
    this.colour = colour;
  }

  String word() {
    return word;
  }

  /** In a picture. */
  String colour() {
    return colour;
  }

  /** Whether what it has read and not delivered outlives it. */
  boolean keeps() {
    return this == LINGTAN;
  }

  boolean isInstalled() {
    return switch (this) {
      case LINGTAN, BARE_LOOP -> true;
      case PYTHON -> python() != null;
      case COLLECTD ->
          Files.isExecutable(COLLECTD_PROGRAM)
              && Files.exists(COLLECTD_PLUGINS.resolve("modbus.so"))
              && Files.exists(COLLECTD_PLUGINS.resolve("mqtt.so"));
    };
  }

  private static @Nullable String python() {
    return PYTHONS.stream().filter(Candidate::hasModules).findFirst().orElse(null);
  }

  private static boolean hasModules(String python) {
    try {
      Process process =
          new ProcessBuilder(python, "-c", "import pymodbus.client, paho.mqtt.client")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      boolean ended = process.waitFor(20, TimeUnit.SECONDS);
      process.destroyForcibly();
      return ended && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Writes its files and tells how it is started. */
  List<String> command(Place place) throws IOException {
    List<String> ports =
        List.of(
            String.valueOf(place.modbusPort),
            String.valueOf(place.brokerPort),
            String.valueOf(place.meters),
            String.valueOf(place.timeoutSeconds));
    List<String> command = new ArrayList<>();
    switch (this) {
      case LINGTAN -> {
        Path site = place.folder.resolve("site.yaml");
        Files.createDirectories(place.folder.resolve("profiles"));
        Files.writeString(place.folder.resolve("profiles/wide-meter.yaml"), WideMeters.profile());
        Files.writeString(site, site(place));
        command.addAll(place.agent.command("run", "--config", site.toString()));
      }
      case BARE_LOOP -> {
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(place.options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add(BareLoop.class.getName());
        command.addAll(ports);
      }
      case PYTHON -> {
        Path script = place.folder.resolve("loop.py");
        try (InputStream text = Candidate.class.getResourceAsStream("loop.py")) {
          Files.write(script, text.readAllBytes());
        }
        command.addAll(List.of(String.valueOf(python()), script.toString()));
        command.addAll(ports);
        IntStream.range(0, WideMeters.WIDTH)
            .mapToObj(i -> WideMeters.name(i) + ":" + WideMeters.decimals(i))
            .forEach(command::add);
      }
      case COLLECTD -> {
        Path file = Files.writeString(place.folder.resolve("collectd.conf"), collectd(place));
        command.addAll(List.of(COLLECTD_PROGRAM.toString(), "-f", "-C", file.toString()));
      }
    }
    return command;
  }

  private static String site(Place place) throws IOException {
    List<String> ids = IntStream.rangeClosed(1, place.meters).mapToObj(i -> "m" + i).toList();
    return """
    gateway: bench
    site: {name: Bench, zone: Asia/Shanghai, region: CN-JS}
    profiles: profiles
    lines:
      - id: line1
        modbus-tcp: {host: 127.0.0.1, port: %d, timeout: %ds}
        devices:
    %s
    mqtt: {servers: ["mqtt://127.0.0.1:%d"]}
    journal: {path: journal.db}
    status: {listen: "127.0.0.1:%d"}
    clock: {trust: [system]}
    """
        .formatted(
            place.modbusPort,
            place.timeoutSeconds,
            Backlog.devices(ids, "wide-meter").stripTrailing(),
            place.brokerPort,
            Apps.freePort());
  }

  private static String collectd(Place place) {
    StringBuilder text = new StringBuilder();
    text.append("Hostname \"bench\"\nFQDNLookup false\nInterval 1\n");
    text.append("BaseDir \"%s\"\nPIDFile \"%s/pid\"\n".formatted(place.folder, place.folder));
    text.append("TypesDB \"/usr/share/collectd/types.db\"\n");
    text.append(
        "LoadPlugin logfile\n<Plugin logfile>\n  LogLevel warning\n  File STDERR\n</Plugin>\n");
    text.append("LoadPlugin modbus\nLoadPlugin mqtt\n<Plugin modbus>\n");
    StringBuilder collect = new StringBuilder();
    for (int i = 0; i < WideMeters.WIDTH; i++) {
      String name = WideMeters.name(i);
      text.append("  <Data \"%s\">\n    RegisterBase %d\n".formatted(name, 2 * i));
      text.append("    RegisterType Uint32\n    RegisterCmd ReadHolding\n    Type gauge\n");
      text.append("    Scale %s\n".formatted(1 / Math.pow(10, WideMeters.decimals(i))));
      text.append("    Instance \"%s\"\n  </Data>\n".formatted(name));
      collect.append("      Collect \"%s\"\n".formatted(name));
    }
    text.append("  <Host \"bench\">\n    Address \"127.0.0.1\"\n");
    text.append("    Port \"%d\"\n    Interval 1\n".formatted(place.modbusPort));
    for (int unit = 1; unit <= place.meters; unit++) {
      text.append("    <Slave %d>\n      Instance \"m%d\"\n".formatted(unit, unit));
      text.append(collect).append("    </Slave>\n");
    }
    text.append("  </Host>\n</Plugin>\n<Plugin mqtt>\n  <Publish \"bench\">\n");
    text.append("    Host \"127.0.0.1\"\n    Port %d\n".formatted(place.brokerPort));
    text.append("    ClientId \"collectd\"\n    QoS 1\n    Prefix \"collectd\"\n");
    text.append("    StoreRates false\n    Retain false\n  </Publish>\n</Plugin>\n");
    return text.toString();
  }

  /**
   * The options that a running JVM was started with, without those that only fit its own jars.
   *
   * @throws IOException if the process is gone
   */
  static List<String> options(long pid) throws IOException {
    List<String> words =
        List.of(
            Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.UTF_8)
                .split("\0", -1));
    int classPath = words.indexOf("-cp");
    if (classPath < 1) {
      throw new IOException("process " + pid + " is no JVM with a class path: " + words);
    }
    return words.subList(1, classPath).stream()
        .filter(word -> !word.startsWith("-XX:AOTCache="))
        .toList();
  }
}
