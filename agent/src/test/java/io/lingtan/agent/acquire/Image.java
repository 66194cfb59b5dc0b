package io.lingtan.agent.acquire;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.testing.Dump.Typed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a device's registers hold according to lines of its dump: words by function and address. For
 * a SunSpec device the chain of models is built around them.
 */
public record Image(Map<Integer, Map<Integer, Integer>> words) {

  private static final int BASE = 40_000;
  private static final int COMMON = 66;

  /** Lengths of the models, without id and length (sunspec/models; of 160 with four inputs). */
  private static final Map<Integer, Integer> LENGTHS =
      Map.ofEntries(
          Map.entry(101, 50),
          Map.entry(102, 50),
          Map.entry(103, 50),
          Map.entry(111, 60),
          Map.entry(112, 60),
          Map.entry(113, 60),
          Map.entry(124, 24),
          Map.entry(160, 88),
          Map.entry(201, 105),
          Map.entry(202, 105),
          Map.entry(203, 105),
          Map.entry(204, 105),
          Map.entry(211, 124),
          Map.entry(212, 124),
          Map.entry(213, 124),
          Map.entry(214, 124),
          Map.entry(701, 153),
          Map.entry(713, 7),
          Map.entry(802, 62),
          Map.entry(803, 26));

  public static Image of(DeviceProfile profile, List<Typed> lines) {
    Image image = new Image(new HashMap<>());
    if (profile.models().isEmpty()) {
      lines.forEach(line -> image.set(line.function(), line.address(), line.words()));
      return image;
    }
    image.set(3, BASE, List.of(0x5375, 0x6E53, 1, COMMON));
    int at = BASE + 2;
    for (Typed line : lines) {
      if (line.model() == 0) {
        image.set(3, at + line.address(), line.words());
      }
    }
    at += 2 + COMMON;
    for (int model : new ArrayList<>(profile.models().keySet())) {
      List<Typed> members = lines.stream().filter(line -> line.model() == model).toList();
      if (!members.isEmpty()) {
        int length = LENGTHS.getOrDefault(model, 0);
        image.set(3, at, List.of(model, length));
        for (Typed line : members) {
          image.set(3, at + line.address(), line.words());
          RegisterPoint register = register(profile, line);
          if (register.scaleFrom() >= 0) {
            image.set(3, at + register.scaleFrom(), List.of(line.sf() & 0xFFFF));
          }
        }
        at += 2 + length;
      }
    }
    image.set(3, at, List.of(0xFFFF, 0));
    return image;
  }

  private static RegisterPoint register(DeviceProfile profile, Typed line) {
    return profile.models().getOrDefault(line.model(), List.of()).stream()
        .filter(register -> Point.of(line.point()).equals(register.point()))
        .findFirst()
        .orElseThrow();
  }

  private void set(int function, int address, List<Integer> values) {
    Map<Integer, Integer> registers = words.computeIfAbsent(function, any -> new HashMap<>());
    for (int i = 0; i < values.size(); i++) {
      registers.put(address + i, values.get(i));
    }
  }
}
