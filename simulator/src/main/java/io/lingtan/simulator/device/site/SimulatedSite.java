package io.lingtan.simulator.device.site;

import io.lingtan.agent.site.CoapResource;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.GpioInput;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.Loaded;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.agent.site.yaml.Problem;
import io.lingtan.agent.site.yaml.Problems;
import io.lingtan.simulator.device.Cjt188Meter;
import io.lingtan.simulator.device.CoapNode;
import io.lingtan.simulator.device.CoapPeer;
import io.lingtan.simulator.device.Dlt645Meter;
import io.lingtan.simulator.device.Endpoint;
import io.lingtan.simulator.device.MbusMeter;
import io.lingtan.simulator.device.Measuring;
import io.lingtan.simulator.device.Meter;
import io.lingtan.simulator.device.Models;
import io.lingtan.simulator.device.Wiring;
import io.lingtan.simulator.device.contact.Contact;
import io.lingtan.simulator.device.contact.PulseOutput;
import io.lingtan.simulator.device.contact.StateContact;
import io.lingtan.simulator.device.contact.WiredChip;
import io.lingtan.simulator.device.measure.Installed;
import io.lingtan.simulator.device.measure.View;
import io.lingtan.simulator.fault.FaultPlan;
import io.lingtan.simulator.world.Plant;
import io.lingtan.simulator.world.World;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A site made of data: a site file for the agent, the world file beside it, and a seed. Each line
 * of the site file that carries frames is an {@link Endpoint}, wired as the file says.
 */
public final class SimulatedSite {

  /** Sites that come with the simulator. */
  public static final List<String> NAMES =
      List.of(
          "all-lines",
          "demo-microgrid",
          "heat-and-water",
          "hydrogen-depot",
          "pv-rooftop",
          "storage");

  private static final String FOLDER = "/io/lingtan/config/sites/";

  private final String text;
  private final Site site;
  private final World world;
  private final FaultPlan faults = new FaultPlan();
  private final List<Endpoint> endpoints;
  private final List<CoapPeer> coapPeers;
  private final List<WiredChip> chips;
  private final Map<String, Installed> installed = new HashMap<>();

  private SimulatedSite(
      String text, Site site, WorldFile.Read read, Plant plant, long replyDelayMillis) {
    this.text = text;
    this.site = site;
    this.world = new World(plant);
    for (Installed one : read.devices()) {
      installed.put(one.id(), one);
    }
    this.endpoints =
        site.lines().stream()
            .filter(Line::isPolled)
            .map(line -> endpoint(line, replyDelayMillis))
            .toList();
    List<CoapPeer> peers = new ArrayList<>();
    List<WiredChip> wired = new ArrayList<>();
    for (Line line : site.lines()) {
      switch (line) {
        case Line.Coap coap -> peers.add(peer(coap, false));
        case Line.CoapServer server -> peers.add(peer(server, true));
        case Line.Gpio gpio -> wired.add(chip(gpio));
        case Line.Serial frames -> {}
        case Line.ModbusTcp frames -> {}
        case Line.ModbusRtuTcp frames -> {}
      }
    }
    this.coapPeers = List.copyOf(peers);
    this.chips = List.copyOf(wired);
  }

  /**
   * A site that comes with the simulator.
   *
   * @param replyDelayMillis of every device when nothing goes wrong, ≥ 0
   * @throws IllegalArgumentException if there is none of that name
   */
  public static SimulatedSite of(String name, long seed, long replyDelayMillis) {
    return of(name, seed, replyDelayMillis, plant -> plant);
  }

  /** The same with something about the world changed. */
  public static SimulatedSite of(
      String name, long seed, long replyDelayMillis, UnaryOperator<Plant> change) {
    if (!NAMES.contains(name)) {
      throw new IllegalArgumentException(
          "no site is called " + name + "; there are " + String.join(" ", NAMES));
    }
    Built built =
        build(
            Path.of(name + ".yaml"),
            resource(name + ".yaml"),
            Path.of(name + ".world.yaml"),
            resource(name + ".world.yaml"),
            seed,
            replyDelayMillis,
            change);
    SimulatedSite made = built.site;
    if (made == null) {
      throw new IllegalStateException("a site that comes with the simulator: " + built.problems);
    }
    return made;
  }

  /**
   * What came of two files.
   *
   * @param site null if anything is wrong with them
   */
  public record Built(@Nullable SimulatedSite site, List<Problem> problems) {
    public Built {
      problems = List.copyOf(problems);
    }
  }

  /**
   * A site of any two files: {@code NAME.yaml} and {@code NAME.world.yaml} beside it.
   *
   * @throws IOException if they cannot be read
   */
  public static Built load(Path siteFile, long seed, long replyDelayMillis) throws IOException {
    String name = siteFile.getFileName().toString();
    Path worldFile =
        siteFile.resolveSibling(
            (name.endsWith(".yaml") ? name.substring(0, name.length() - 5) : name) + ".world.yaml");
    return build(
        siteFile,
        Files.readAllBytes(siteFile),
        worldFile,
        Files.readAllBytes(worldFile),
        seed,
        replyDelayMillis,
        plant -> plant);
  }

  private static Built build(
      Path siteFile,
      byte[] siteBytes,
      Path worldFile,
      byte[] worldBytes,
      long seed,
      long replyDelayMillis,
      UnaryOperator<Plant> change) {
    Loaded loaded = new SiteLoader().read(siteFile, siteBytes);
    List<Problem> all = new ArrayList<>(loaded.problems());
    Site site = loaded.site();
    if (site == null) {
      return new Built(null, all);
    }
    if (!site.mqtt().isConfigured()) {
      Problems without = new Problems(siteFile);
      without.error("names no broker in mqtt: what is simulated is judged by what arrives at one");
      all.addAll(without.list());
      return new Built(null, all);
    }
    Problems problems = new Problems(worldFile);
    WorldFile.Read read = WorldFile.read(worldBytes, site, seed, problems);
    all.addAll(problems.list());
    if (read == null) {
      return new Built(null, all);
    }
    String text = new String(siteBytes, java.nio.charset.StandardCharsets.UTF_8);
    return new Built(
        new SimulatedSite(text, site, read, change.apply(read.plant()), replyDelayMillis), all);
  }

  private Endpoint endpoint(Line line, long replyDelayMillis) {
    Endpoint endpoint = new Endpoint(line.id(), Wiring.of(line), world, faults, replyDelayMillis);
    for (Device device : line.devices()) {
      Installed one = installed(device);
      switch (device.profile().protocol()) {
        case DLT645 -> endpoint.with(Dlt645Meter.of(one));
        case CJT188 -> endpoint.with(Cjt188Meter.of(one));
        case MBUS -> endpoint.with(MbusMeter.of(one));
        default -> endpoint.beside(device.unit(), Models.of(one));
      }
    }
    return endpoint;
  }

  private Installed installed(Device device) {
    Installed one = installed.get(device.id());
    if (one == null) {
      throw new IllegalStateException(device.id() + " is in the site file and not in the world");
    }
    return one;
  }

  private CoapPeer peer(Line line, boolean pushing) {
    List<CoapNode> nodes = new ArrayList<>();
    for (Device device : line.devices()) {
      CoapResource resource = device.coap();
      if (resource == null) {
        throw new IllegalStateException(device.id() + " is on a CoAP line and has no resource");
      }
      nodes.add(CoapNode.of(installed(device), resource));
    }
    return new CoapPeer(line.id(), pushing, nodes);
  }

  private WiredChip chip(Line.Gpio line) {
    SortedMap<Integer, Contact> contacts = new TreeMap<>();
    for (Device device : line.devices()) {
      Installed one = installed(device);
      switch (device.gpio()) {
        case GpioInput.Pulses pulses ->
            contacts.put(pulses.pin().offset(), PulseOutput.of(one, pulses, world, faults));
        case GpioInput.Level level ->
            contacts.put(
                level.pin().offset(),
                new StateContact(device.id(), world, faults, one.view().power()));
        case null ->
            throw new IllegalStateException(device.id() + " is on a GPIO line and has no input");
      }
    }
    return new WiredChip(line.id(), contacts);
  }

  public World world() {
    return world;
  }

  public FaultPlan faults() {
    return faults;
  }

  /** The site as an agent reads it from the file as it is kept. */
  public Site site() {
    return site;
  }

  /** The kept file's text. */
  public String text() {
    return text;
  }

  /** One for each line of the site file that carries frames, in its order. */
  public List<Endpoint> endpoints() {
    return endpoints;
  }

  /** The nodes of each CoAP line, in the order of the site file. */
  public List<CoapPeer> coapPeers() {
    return coapPeers;
  }

  /** What is wired to each GPIO line, in the order of the site file. */
  public List<WiredChip> chips() {
    return chips;
  }

  /** Every device, in the order of the site file. */
  public List<Measuring> devices() {
    Map<String, Measuring> all = new HashMap<>();
    endpoints.forEach(endpoint -> endpoint.meters().forEach(meter -> all.put(meter.id(), meter)));
    coapPeers.forEach(peer -> peer.nodes().forEach(node -> all.put(node.id(), node)));
    for (WiredChip chip : chips) {
      for (Contact contact : chip.contacts().values()) {
        switch (contact) {
          case PulseOutput pulses -> all.put(pulses.id(), pulses);
          case StateContact state -> all.put(state.id(), state);
        }
      }
    }
    return site.devices().stream()
        .map(device -> Objects.requireNonNull(all.get(device.id())))
        .toList();
  }

  /**
   * The meter with this id.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Meter meter(String id) {
    return endpoints.stream()
        .flatMap(endpoint -> endpoint.meters().stream())
        .filter(meter -> meter.id().equals(id))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("the site has no meter " + id));
  }

  /** What the device sees. */
  public View view(String id) {
    Installed one = installed.get(id);
    if (one == null) {
      throw new IllegalArgumentException("the site has no meter " + id);
    }
    return one.view();
  }

  /**
   * The site file for an agent that reads this site where it really is.
   *
   * @param ports by line: TCP ports as numbers, serial ports as paths
   * @param broker such as {@code mqtt://127.0.0.1:1883}
   * @param statusPort of the agent's page, 0 for any free one
   */
  public String siteFile(Map<String, String> ports, String broker, Path journal, int statusPort) {
    SiteText file = new SiteText(text, site);
    ports.forEach(file::port);
    return file.broker(broker).journal(journal).status(statusPort).simulated().text();
  }

  private static byte[] resource(String name) {
    try (InputStream in = SimulatedSite.class.getResourceAsStream(FOLDER + name)) {
      if (in == null) {
        throw new IllegalStateException(FOLDER + name + " is not on the class path");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + name, e);
    }
  }
}
