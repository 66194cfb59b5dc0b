package io.lingtan.simulator.device;

import io.lingtan.agent.site.Line.CharacterFormat;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** The meters of a line that have an address of their own, beside its Modbus units. */
final class ItemUnits {

  private final List<ItemMeter> meters = new ArrayList<>();

  void add(ItemMeter meter) {
    if (meters.stream().anyMatch(other -> other.digits().equals(meter.digits()))) {
      throw new IllegalArgumentException("two meters have the address of " + meter.meter().id());
    }
    meters.add(meter);
  }

  List<Meter> meters() {
    return meters.stream().map(ItemMeter::meter).toList();
  }

  /** By address. */
  SequencedMap<String, Meter> names() {
    SequencedMap<String, Meter> names = new LinkedHashMap<>();
    meters.forEach(meter -> names.put(meter.digits(), meter.meter()));
    return names;
  }

  /**
   * Length of the request that begins at {@code from}.
   *
   * @return 0 while that cannot be said; -1 if it is none of any meter's protocol
   */
  int requestLength(byte[] bytes, int from, int available) {
    int known = -1;
    for (ItemMeter meter : meters) {
      known = Math.max(known, meter.requestLength(bytes, from, available));
    }
    return known;
  }

  boolean isRequest(byte[] bytes, int length) {
    return meters.stream().anyMatch(meter -> meter.isRequest(bytes, length));
  }

  /** Those that a request is meant for. */
  List<ItemMeter> meant(byte[] bytes, int length) {
    meters.forEach(meter -> meter.hear(bytes, length));
    return meters.stream().filter(meter -> meter.isMeant(bytes, length)).toList();
  }

  static CharacterFormat format(ItemMeter meter, CharacterFormat usual) {
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
}
