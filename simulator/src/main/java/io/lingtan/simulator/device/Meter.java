package io.lingtan.simulator.device;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.DeviceProfile.WordOrder;
import io.lingtan.simulator.device.measure.Gauge;
import io.lingtan.simulator.device.measure.Measure;
import io.lingtan.simulator.fault.FaultPlan;
import io.lingtan.simulator.world.World;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A device that shows the world through its own registers. What is not mapped within one of its
 * blocks reads 0; outside of them it answers "illegal data address". Used on the thread that drives
 * the world.
 */
public final class Meter implements Measuring {

  static final int ILLEGAL_FUNCTION = 1;
  static final int ILLEGAL_ADDRESS = 2;
  static final int ILLEGAL_VALUE = 3;

  private final String id;
  private final String profile;
  private final int maxWords;
  private final Block[] blocks;
  private final Field[] fields;
  private final long[] held;
  private final @Nullable Serial serial;
  private Map<Point, Long> sentinels = Map.of();
  private Illness illness;
  private long heldPeriod = Long.MIN_VALUE;
  private long heldUpdate;

  private Meter(Builder builder) {
    this.id = builder.id;
    this.profile = builder.profile;
    this.maxWords = builder.maxWords;
    this.blocks = builder.blocks.toArray(Block[]::new);
    this.fields =
        builder.fields.stream()
            .sorted(Comparator.comparingInt(Field::function).thenComparingInt(Field::address))
            .toArray(Field[]::new);
    this.held = new long[fields.length];
    this.serial = builder.serial;
    this.illness = new Illness(id, fields, sentinels, new FaultPlan());
  }

  /**
   * Where the serial number stands.
   *
   * @param registers that it is in, by how many meters have stood here before
   */
  private record Serial(int function, int address, IntFunction<int[]> registers) {}

  /** Whose faults it has. Before the first request. */
  void suffers(FaultPlan plan) {
    illness = new Illness(id, fields, sentinels, plan);
  }

  /** What "not available" looks like, by point. Before the first request. */
  Meter withSentinels(Map<Point, Long> bits) {
    sentinels = Map.copyOf(bits);
    return this;
  }

  /** Points that can say "not available", in register order. */
  public List<Point> pointsWithSentinel() {
    return points().stream().filter(sentinels::containsKey).toList();
  }

  /**
   * Whether the point's register begins again at 0 where it is full. One that is full only beyond
   * what the world counts to, 2.5 billion kWh, never is.
   */
  public boolean isRound(Point point) {
    return fields[index(point)].isRound();
  }

  /** Whether it answers: a device that lives on what it measures may be asleep. */
  boolean isAwake(World world, long millis) {
    illness.advance(world, millis);
    return !illness.isAsleep(world, millis);
  }

  /** Consecutive readable registers with what never changes in them. */
  private record Block(int function, int address, short[] words) {
    boolean holds(int atFunction, int from, int count) {
      return atFunction == function && from >= address && from + count <= address + words.length;
    }
  }

  /** Id in the site file. */
  @Override
  public String id() {
    return id;
  }

  /** Name of the profile that a master reads it with. */
  @Override
  public String profile() {
    return profile;
  }

  /**
   * Puts registers into {@code out} as on the wire.
   *
   * @param function 3 or 4
   * @param count registers, 1..125
   * @param millis an instant of the world's present step
   * @return 0, or the Modbus exception code
   */
  int read(int function, int address, int count, World world, long millis, byte[] out, int at) {
    if (count < 1 || count > maxWords) {
      return ILLEGAL_VALUE;
    }
    Block block = blockOf(function, address, count);
    if (block == null) {
      return ILLEGAL_ADDRESS;
    }
    renew(world, millis);
    for (int i = 0; i < count; i++) {
      put(out, at, i, block.words[address - block.address + i]);
    }
    putSerial(function, address, count, out, at);
    for (int i = 0; i < fields.length; i++) {
      Field field = fields[i];
      int words = field.coding().words();
      int first = field.address() - address;
      if (field.function() == function && first + words > 0 && first < count) {
        illness.read(i);
        long raw = raw(i, world, millis);
        for (int word = 0; word < words; word++) {
          int place = first + word;
          if (place >= 0 && place < count) {
            put(out, at, place, field.word(raw, word));
          }
        }
      }
    }
    return 0;
  }

  private long raw(int i, World world, long millis) {
    return heldUpdate == 0 ? illness.raw(i, world, millis) : held[i];
  }

  /** The number of the meter that stands there now. */
  private void putSerial(int function, int address, int count, byte[] out, int at) {
    Serial number = serial;
    if (number == null || illness.exchanges() == 0 || number.function != function) {
      return;
    }
    int[] words = number.registers.apply(illness.exchanges());
    for (int i = 0; i < words.length; i++) {
      int place = number.address + i - address;
      if (place >= 0 && place < count) {
        put(out, at, place, words[i]);
      }
    }
  }

  /** Whether registers can be read there. */
  boolean holds(int function, int address, int count) {
    return blockOf(function, address, count) != null;
  }

  /** Whether what it last said of a point was a spike. */
  public boolean isSpiked(Point point) {
    return illness.isSpiked(point);
  }

  /** How many meters have stood here before this one. */
  int exchanges() {
    return illness.exchanges();
  }

  /** Whether it has a field there, of registers or of items. */
  boolean has(int function, int address) {
    return fieldAt(function, address) >= 0;
  }

  /** The bits of one field, read once more. */
  long raw(int function, int address, World world, long millis) {
    int i = fieldAt(function, address);
    if (i < 0) {
      throw new IllegalArgumentException(id + " has nothing at " + address);
    }
    renew(world, millis);
    illness.read(i);
    return raw(i, world, millis);
  }

  private int fieldAt(int function, int address) {
    for (int i = 0; i < fields.length; i++) {
      if (fields[i].function() == function && fields[i].address() == address) {
        return i;
      }
    }
    return -1;
  }

  private @Nullable Block blockOf(int function, int address, int count) {
    for (Block block : blocks) {
      if (block.holds(function, address, count)) {
        return block;
      }
    }
    return null;
  }

  /** Registers that are renewed once a period keep their value until the next. */
  private void renew(World world, long millis) {
    illness.advance(world, millis);
    long update = illness.updateMillis(millis);
    if (update != heldUpdate) {
      heldUpdate = update;
      heldPeriod = Long.MIN_VALUE;
    }
    if (update == 0) {
      return;
    }
    long period = Math.floorDiv(millis, update);
    if (period != heldPeriod) {
      heldPeriod = period;
      for (int i = 0; i < fields.length; i++) {
        held[i] = illness.raw(i, world, millis);
      }
    }
  }

  private static void put(byte[] out, int at, int word, int value) {
    out[at + 2 * word] = (byte) (value >>> 8);
    out[at + 2 * word + 1] = (byte) value;
  }

  /** Points that it measures, in register order. */
  @Override
  public List<Point> points() {
    return Arrays.stream(fields).map(Field::point).filter(Objects::nonNull).toList();
  }

  /** Those of its points whose registers lie wholly within a block, in register order. */
  public List<Point> points(int function, int address, int count) {
    return within(function, address, count).map(Field::point).toList();
  }

  /** Where those of its points that lie wholly within a block are in it. */
  public List<Placed> placed(int function, int address, int count) {
    return within(function, address, count)
        .map(
            field ->
                new Placed(field, 2 * (field.address() - address), sentinels.get(field.point())))
        .toList();
  }

  private Stream<Field> within(int function, int address, int count) {
    return Arrays.stream(fields)
        .filter(
            field ->
                field.point() != null
                    && field.function() == function
                    && field.address() >= address
                    && field.address() + field.coding().words() <= address + count);
  }

  /** The true value before any register rounds it, in millionths of the point's unit. */
  @Override
  public long trueMicros(Point point, World world, long millis) {
    return fields[index(point)].trueMicros(world, millis);
  }

  /** What the register says, faults included, in millionths of the point's unit. */
  public long shownMicros(Point point, World world, long millis) {
    renew(world, millis);
    int i = index(point);
    return fields[i].shownMicros(raw(i, world, millis));
  }

  /**
   * How far two readings may be from what was counted between them, by the register alone: one
   * step; of a float two, because it is rounded, and then handed on as the shortest decimal that
   * names it.
   */
  @Override
  public long resolutionMicros(Point point, World world, long millis) {
    int i = index(point);
    if (!fields[i].coding().isFloat()) {
      return fields[i].stepMicros(world, millis);
    }
    illness.advance(world, millis);
    return 2 * fields[i].stepMicros(fields[i].raw(illness.value(i, world, millis)));
  }

  /** One step of the register as it stands, in millionths of the point's unit. */
  public long stepMicros(Point point, World world, long millis) {
    return fields[index(point)].stepMicros(world, millis);
  }

  private int index(Point point) {
    for (int i = 0; i < fields.length; i++) {
      if (point.equals(fields[i].point())) {
        return i;
      }
    }
    throw new IllegalArgumentException(id + " does not measure " + point);
  }

  /** ASCII, two characters a register, padded with NUL. */
  private static int[] words(int words, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    if (bytes.length > 2 * words) {
      throw new IllegalArgumentException(text + " is longer than " + 2 * words);
    }
    int[] values = new int[words];
    for (int i = 0; i < bytes.length; i++) {
      values[i / 2] |= (bytes[i] & 0xFF) << (i % 2 == 0 ? 8 : 0);
    }
    return values;
  }

  static Builder named(String id, String profile) {
    return new Builder(id, profile);
  }

  /** Lays out a meter's registers. */
  static final class Builder {
    private final String id;
    private final String profile;
    private final List<Block> blocks = new ArrayList<>();
    private final List<Field> fields = new ArrayList<>();
    private int function = 3;
    private int maxWords = 125;
    private @Nullable Serial serial;

    private Builder(String id, String profile) {
      this.id = id;
      this.profile = profile;
    }

    /** Readable registers; what is laid out afterwards lies in the same table. */
    Builder block(int inFunction, int address, int words) {
      function = inFunction;
      blocks.add(new Block(inFunction, address, new short[words]));
      return this;
    }

    /** What is laid out afterwards lies in this table. */
    Builder in(int inFunction) {
      function = inFunction;
      return this;
    }

    Builder maxWords(int words) {
      maxWords = words;
      return this;
    }

    Builder constant(int address, int... words) {
      Block block = blockAt(address, words.length);
      for (int i = 0; i < words.length; i++) {
        block.words[address - block.address + i] = (short) words[i];
      }
      return this;
    }

    /** ASCII, two characters a register, padded with NUL. */
    Builder text(int address, int words, String text) {
      return constant(address, words(words, text));
    }

    /** The serial number, as text; another meter in this one's place has another. */
    Builder serial(int address, int words, String text) {
      return serial(address, place -> words(words, place == 0 ? text : text + "-" + place));
    }

    /** The same as a number of 32 bits, high word first. */
    Builder serial(int address, int number) {
      return serial(address, place -> new int[] {(number + place) >>> 16, number + place});
    }

    private Builder serial(int address, IntFunction<int[]> registers) {
      serial = new Serial(function, address, registers);
      return constant(address, registers.apply(0));
    }

    Builder live(
        @Nullable String point,
        int address,
        Coding coding,
        Measure measure,
        long perCount,
        Gauge gauge) {
      return live(point, address, coding, measure, perCount, 0, gauge);
    }

    Builder live(
        @Nullable String point,
        int address,
        Coding coding,
        Measure measure,
        long perCount,
        long modulus,
        Gauge gauge) {
      blockAt(address, coding.words());
      Point measured = point == null ? null : Point.of(point);
      return live(
          new Field(
              measured,
              function,
              address,
              coding,
              WordOrder.BIG,
              measure,
              perCount,
              1,
              0,
              modulus,
              gauge));
    }

    Builder live(Field field) {
      fields.add(field);
      return this;
    }

    /** A counter of energy by the Wh. */
    Builder wattHours(String point, int address, Gauge gauge) {
      return live(
          point, address, Coding.UINT32, Measure.MILLIJOULE, Meters.MILLIJOULES_PER_WH, gauge);
    }

    /** Mass by the gram. */
    Builder grams(int address, Gauge gauge) {
      return live("mass", address, Coding.UINT32, Measure.MILLIGRAM, 1_000, gauge);
    }

    /** A number that stands for what the device does. */
    Builder state(int address, Gauge gauge) {
      return live("state", address, Coding.UINT16, Measure.ONE, 1, gauge);
    }

    private Block blockAt(int address, int words) {
      return blocks.stream()
          .filter(block -> block.holds(function, address, words))
          .findFirst()
          .orElseThrow(
              () -> new IllegalArgumentException(id + " has no block that holds " + address));
    }

    Meter build() {
      return new Meter(this);
    }
  }
}
