package io.lingtan.simulator.prove.memory;

import io.lingtan.agent.acquire.coap.CoapPort;
import io.lingtan.agent.acquire.coap.IngestPort;
import io.lingtan.agent.acquire.gpio.GpioChip;
import io.lingtan.agent.acquire.wire.Channel;
import io.lingtan.agent.acquire.wire.FieldPorts;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Line;
import io.lingtan.simulator.check.Witness;
import io.lingtan.simulator.device.CoapPeer;
import io.lingtan.simulator.device.Endpoint;
import io.lingtan.simulator.device.Framing;
import io.lingtan.simulator.device.Wiring;
import io.lingtan.simulator.device.WorldClock;
import io.lingtan.simulator.device.contact.WiredChip;
import io.lingtan.simulator.device.site.SimulatedSite;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Connects an agent's lines to what a simulated site has under the same names. */
public final class MemoryLines implements FieldPorts {

  /** From a message to its arrival. */
  private static final long COAP_DELAY_MILLIS = 20;

  /** An observed node tells so often. */
  private static final long TELL_MILLIS = 5_000;

  private static final long MAX_AGE_SECONDS = 15;

  private final Map<String, Endpoint> endpoints = new HashMap<>();
  private final Map<String, GpioChip> chips = new HashMap<>();
  private final Map<String, CoapPeer> peers = new HashMap<>();
  private final Map<String, WiredChip> wired = new HashMap<>();
  private @Nullable SimulatedSite site;
  private final Time time;
  private final WorldClock clock;
  private final @Nullable Witness witness;

  /**
   * @param time that the agent's steps are driven by
   * @param witness who is told of what goes out, null for nobody
   */
  public MemoryLines(
      List<Endpoint> endpoints, Time time, WorldClock clock, @Nullable Witness witness) {
    this.witness = witness;
    endpoints.forEach(endpoint -> this.endpoints.put(endpoint.id(), endpoint));
    this.time = time;
    this.clock = clock;
  }

  /**
   * Every line of a simulated site.
   *
   * @param time that the agent's steps are driven by
   * @param witness who is told of what goes out
   */
  public static MemoryLines of(SimulatedSite site, Time time, WorldClock clock, Witness witness) {
    MemoryLines lines = new MemoryLines(site.endpoints(), time, clock, witness);
    lines.site = site;
    site.coapPeers().forEach(peer -> lines.peers.put(peer.line(), peer));
    site.chips().forEach(chip -> lines.wired.put(chip.line(), chip));
    return lines;
  }

  /** Puts a chip where the agent has a GPIO line. */
  public MemoryLines plug(String line, GpioChip chip) {
    chips.put(line, chip);
    return this;
  }

  /**
   * @throws IllegalArgumentException if the site has no such line
   */
  @Override
  public GpioChip chip(Line.Gpio line) {
    GpioChip chip = chips.get(line.id());
    if (chip != null) {
      return chip;
    }
    WiredChip contacts = wired.get(line.id());
    if (contacts == null) {
      throw new IllegalArgumentException("the simulated site has no chip for line " + line.id());
    }
    return new MemoryChip(contacts.contacts(), time, clock);
  }

  /**
   * @throws IllegalArgumentException if the site has no such line
   */
  @Override
  public CoapPort coap(Line.Coap line) {
    SimulatedSite behind = behind(line);
    return new MemoryCoap(
        line.id(),
        peer(line).nodes(),
        behind.world(),
        behind.faults(),
        time,
        clock,
        COAP_DELAY_MILLIS,
        TELL_MILLIS,
        MAX_AGE_SECONDS,
        witness);
  }

  /**
   * @throws IllegalArgumentException if the site has no such line
   */
  @Override
  public IngestPort ingest(Line.CoapServer line) {
    SimulatedSite behind = behind(line);
    return new MemoryIngest(
        line,
        peer(line).nodes(),
        behind.world(),
        behind.faults(),
        time,
        clock,
        COAP_DELAY_MILLIS,
        witness);
  }

  private SimulatedSite behind(Line line) {
    SimulatedSite behind = site;
    if (behind == null) {
      throw new IllegalArgumentException("there is no site behind CoAP line " + line.id());
    }
    return behind;
  }

  private CoapPeer peer(Line line) {
    CoapPeer peer = peers.get(line.id());
    if (peer == null) {
      throw new IllegalArgumentException("the simulated site has no CoAP line " + line.id());
    }
    return peer;
  }

  /**
   * @throws IllegalArgumentException if the site has no such line, or it is wired otherwise
   */
  @Override
  public Channel channel(Line line) {
    Endpoint endpoint = endpoints.get(line.id());
    if (endpoint == null) {
      throw new IllegalArgumentException("the simulated site has no line " + line.id());
    }
    Framing framing = Wiring.of(line).framing();
    if (endpoint.wiring().framing() != framing) {
      throw new IllegalArgumentException(
          "line "
              + line.id()
              + " is "
              + endpoint.wiring().framing()
              + " on the site, and not "
              + framing);
    }
    return new MemoryLine(endpoint, time, clock, witness, line.timeout().toNanos());
  }
}
