package io.lingtan.simulator.prove;

import io.lingtan.agent.acquire.Channel;
import io.lingtan.agent.acquire.FieldPorts;
import io.lingtan.agent.acquire.gpio.GpioChip;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Line;
import io.lingtan.simulator.check.Witness;
import io.lingtan.simulator.device.Endpoint;
import io.lingtan.simulator.device.Framing;
import io.lingtan.simulator.device.Wiring;
import io.lingtan.simulator.device.WorldClock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Connects an agent's lines, as far as they carry bytes, to the endpoints of the same name. */
public final class MemoryLines implements FieldPorts {

  private final Map<String, Endpoint> endpoints = new HashMap<>();
  private final Map<String, GpioChip> chips = new HashMap<>();
  private final Time time;
  private final WorldClock clock;
  private final @Nullable Witness witness;

  /**
   * @param time that the agent's steps are driven by
   */
  public MemoryLines(List<Endpoint> endpoints, Time time, WorldClock clock) {
    this(endpoints, time, clock, null);
  }

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
    if (chip == null) {
      throw new IllegalArgumentException("the simulated site has no chip for line " + line.id());
    }
    return chip;
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
