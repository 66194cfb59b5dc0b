package io.lingtan.simulator.device;

import io.lingtan.agent.site.Line.CharacterFormat;
import io.lingtan.simulator.fault.WireFault;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** The DL/T 645 meters of a line, beside its Modbus units. */
final class Dlt645Units {

  private final List<Dlt645Meter> meters = new ArrayList<>();

  void add(Dlt645Meter meter) {
    if (meters.stream().anyMatch(other -> Arrays.equals(other.address(), meter.address()))) {
      throw new IllegalArgumentException("two meters have the address of " + meter.meter().id());
    }
    meters.add(meter);
  }

  boolean isEmpty() {
    return meters.isEmpty();
  }

  List<Meter> meters() {
    return meters.stream().map(Dlt645Meter::meter).toList();
  }

  /** By address. */
  SequencedMap<String, Meter> names() {
    SequencedMap<String, Meter> names = new LinkedHashMap<>();
    meters.forEach(meter -> names.put(meter.digits(), meter.meter()));
    return names;
  }

  /** Those that a request is meant for and that hear it. */
  List<Dlt645Meter> meant(
      Dlt645.Request request, CharacterFormat usual, @Nullable CharacterFormat spoken) {
    return meters.stream()
        .filter(meter -> request.means(meter.address()))
        .filter(meter -> spoken == null || spoken.equals(format(meter, usual)))
        .toList();
  }

  static CharacterFormat format(Dlt645Meter meter, CharacterFormat usual) {
    CharacterFormat own = meter.format();
    return own == null ? usual : own;
  }

  /** What several meters send at once, as a line mixes it: nothing that anybody can use. */
  static byte[] mixed(List<byte[]> frames) {
    byte[] mix = frames.getFirst().clone();
    for (byte[] other : frames.subList(1, frames.size())) {
      for (int i = 0; i < mix.length && i < other.length; i++) {
        mix[i] &= other[i];
      }
    }
    return mix;
  }

  /** The frame in a name: its own, or under a fault that of another meter. */
  static byte[] frame(byte[] address, int control, byte[] data, List<WireFault> struck) {
    byte[] named = address.clone();
    for (WireFault fault : struck) {
      if (fault instanceof WireFault.ForeignUnit) {
        named[0] ^= 0x01;
      }
    }
    return Dlt645.frame(named, control, data);
  }
}
