package io.lingtan.agent.acquire.hand;

import io.lingtan.agent.acquire.item.ItemReply;
import io.lingtan.agent.acquire.mbus.Telegrams;
import io.lingtan.agent.acquire.modbus.BlockRead;
import io.lingtan.agent.acquire.modbus.ModbusReply.Words;
import io.lingtan.agent.acquire.plan.Block;
import io.lingtan.agent.acquire.plan.DataItem;
import io.lingtan.agent.acquire.plan.Identity;
import io.lingtan.agent.acquire.plan.Planning;
import io.lingtan.agent.acquire.plan.Ratios;
import io.lingtan.agent.acquire.plan.RecordValue;
import io.lingtan.agent.acquire.plan.Register;
import io.lingtan.agent.acquire.plan.SunSpecChain;
import io.lingtan.agent.acquire.plan.WireValue;
import io.lingtan.agent.acquire.poll.Station;
import io.lingtan.agent.acquire.wire.Ask;
import io.lingtan.agent.acquire.wire.WireCost;
import io.lingtan.agent.reading.Answer;
import io.lingtan.agent.reading.Inquiry;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Request;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile.Protocol;
import io.lingtan.agent.site.Line;
import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads all that a profile says of one device, once, and keeps what was seen on the way: SunSpec
 * models, identity, then the planned blocks, those that are refused in parts. Waits for each answer
 * in whatever thread it is called.
 */
final class Visit {

  private static final int ILLEGAL_ADDRESS = 2;
  private static final int ILLEGAL_VALUE = 3;
  private static final int NO_SUCH_ITEM = 2;

  /** A device that is silent so often is not asked for the rest. */
  private static final int MOST_SILENT = 2;

  private final Line line;
  private final Device device;
  private final LineAccess asking;
  private final int timeoutMillis;
  private final Inquiry.@Nullable Form form;
  private final int mostRefused;
  private final List<DeviceReport.Step> steps = new ArrayList<>();
  private final Values.Builder values = new Values.Builder();
  private final SortedMap<Point, Reason> bad = new TreeMap<>();
  private final SortedMap<Point, String> chains = new TreeMap<>();
  private final List<Register> zeros = new ArrayList<>();
  private Map<Integer, SunSpecChain.Model> models = Map.of();
  private SortedMap<String, String> identity = new TreeMap<>();
  private @Nullable Ratios ratios;
  private boolean accumulates;
  private int silent;
  private int refused;
  private @Nullable Sentence trouble;

  /**
   * @param mostRefused after so many refused blocks the rest is given up
   */
  Visit(
      Line line,
      Device device,
      LineAccess asking,
      int timeoutMillis,
      Inquiry.@Nullable Form form,
      int mostRefused) {
    this.line = line;
    this.device = device;
    this.asking = LineAccess.patient(asking);
    this.timeoutMillis = timeoutMillis;
    this.form = form;
    this.mostRefused = mostRefused;
  }

  DeviceReport run() throws InterruptedException {
    boolean sunspec = device.profile().protocol() == Protocol.SUNSPEC;
    int base = 0;
    if (sunspec) {
      SunSpecChain chain = search();
      if (!chain.isFound()) {
        return report(
            trouble != null
                ? trouble
                : new Sentence(
                    "no SunSpec map at 40000, 50000 or 0; is SunSpec switched on?",
                    "40000、50000、0 处都没有 SunSpec 点表：检查设备上 SunSpec 是否打开"));
      }
      models = chain.models();
      SunSpecChain.Model common = models.get(1);
      base = common == null ? -1 : common.address();
    }
    if (base >= 0) {
      identify(new Identity(device.profile(), base));
    }
    WireCost cost = WireCost.of(line, device);
    List<WireValue> sought = Station.values(device, models);
    Planning planning = Planning.of(sought, device.profile().maxWords(), cost);
    Deque<Block> todo = new ArrayDeque<>(planning.blocks());
    while (!todo.isEmpty() && !isGivenUp()) {
      Block block = todo.removeFirst();
      List<Block> instead = take(block, planning, ask(block.ask(), places(block)));
      for (Block part : instead.reversed()) {
        todo.addFirst(part);
      }
    }
    for (Register zero : zeros) {
      Reason why = accumulates ? zero.putZero(values) : Reason.SENTINEL;
      if (why != null) {
        bad.put(zero.point(), why);
      }
    }
    return report(trouble);
  }

  private boolean isGivenUp() {
    return trouble != null || silent >= MOST_SILENT || refused > mostRefused;
  }

  private DeviceReport report(@Nullable Sentence problem) {
    Values read = values.build();
    SortedMap<String, String> contradicted = new TreeMap<>();
    if (ratios != null) {
      for (String name : ratios.differing()) {
        BigDecimal declared = name.equals(Identity.CT) ? device.ct() : device.pt();
        contradicted.put(name, declared.toPlainString());
      }
      for (Point point : ratios.suspects()) {
        if (read.has(point)) {
          bad.put(point, Reason.SUSPECT);
        }
      }
      read = read.without(ratios.suspects());
    }
    return new DeviceReport(
        line.id(),
        device.id(),
        device.profile().name(),
        device.address() == null ? "unit " + device.unit() : "meter " + device.address(),
        steps,
        identity,
        contradicted,
        List.copyOf(models.keySet()),
        read,
        bad,
        chains,
        problem);
  }

  private SunSpecChain search() throws InterruptedException {
    SunSpecChain chain = new SunSpecChain();
    for (BlockRead next = chain.next();
        next != null && silent < MOST_SILENT && trouble == null;
        next = chain.next()) {
      switch (ask(new Ask.Registers(next), "SunSpec")) {
        case Answer.Value(var wire, var value) -> chain.read(new Words(next, value));
        case Answer.Refused refusal -> chain.refused();
        default -> {}
      }
    }
    return chain;
  }

  private void identify(Identity asked) throws InterruptedException {
    // What is read so often is believed: there is nothing it could differ from.
    while (asked.isDue(0) && trouble == null) {
      Ask next = asked.next();
      switch (ask(next, asked.nextName())) {
        case Answer.Value(var wire, var value) -> {
          switch (next) {
            case Ask.Registers(var read) -> asked.read(new Words(read, value), 0);
            case Ask.Item(var read) -> asked.read(new ItemReply.Item(read, value), 0);
            case Ask.AnyMeter any -> asked.silent(0);
            case Ask.Telegrams all -> asked.read(Telegrams.of(value), 0);
          }
        }
        case Answer.Refused refusal -> asked.refused(0);
        default -> asked.silent(0);
      }
    }
    identity = new TreeMap<>(asked.known());
    // Of a device that no site file declares nobody has said which ratio is right.
    ratios = line.devices().contains(device) ? Ratios.of(device, asked) : null;
    silent = 0;
  }

  private static String places(Block block) {
    List<String> names = new ArrayList<>();
    for (WireValue value : block.values()) {
      names.add(value.point().name());
    }
    return String.join(" ", names);
  }

  private Answer ask(Ask ask, String what) throws InterruptedException {
    Request request =
        switch (ask) {
          case Ask.Registers(var read) ->
              new Request.Registers(device.unit(), read.function(), read.address(), read.words());
          case Ask.Item(var read) ->
              new Request.Item(Objects.requireNonNull(device.address()), read.id(), read.bytes());
          case Ask.AnyMeter(var family) -> new Request.AnyMeter(family);
          case Ask.Telegrams all -> new Request.Telegrams(Objects.requireNonNull(device.address()));
        };
    Answer answer = asking.ask(request, timeoutMillis, form);
    steps.add(new DeviceReport.Step(request, what, answer));
    switch (answer) {
      case Answer.NotAsked(var why) -> trouble = why;
      case Answer.Silent none -> silent++;
      case Answer.Garbled flawed -> silent++;
      default -> {}
    }
    return answer;
  }

  /** Takes the block's values out; returns what is to be asked in its place. */
  private List<Block> take(Block block, Planning planning, Answer answer) {
    switch (answer) {
      case Answer.Value(var wire, var value) -> {
        switch (block.ask()) {
          case Ask.Registers(var read) -> decode(block, new Words(read, value));
          case Ask.Item(var read) -> decode(block, new ItemReply.Item(read, value));
          case Ask.AnyMeter any -> {}
          case Ask.Telegrams all -> decode(block, Telegrams.of(value));
        }
      }
      case Answer.Refused(var wire, int code) -> {
        refused++;
        boolean item = block.ask() instanceof Ask.Item;
        boolean illegal =
            item ? (code & NO_SUCH_ITEM) != 0 : code == ILLEGAL_ADDRESS || code == ILLEGAL_VALUE;
        if (illegal) {
          List<Block> parts = planning.refuse(block, Reason.exception(code));
          if (!parts.isEmpty()) {
            return parts;
          }
        }
        giveUp(block, Reason.exception(code));
      }
      case Answer.Garbled garbled -> giveUp(block, Reason.CRC);
      case Answer.Silent none -> giveUp(block, Reason.TIMEOUT);
      case Answer.Here here -> giveUp(block, Reason.CRC);
      case Answer.NotAsked not -> giveUp(block, Reason.TIMEOUT);
    }
    return List.of();
  }

  private void giveUp(Block block, Reason why) {
    for (WireValue value : block.values()) {
      bad.put(value.point(), why);
    }
  }

  private void decode(Block block, Words words) {
    for (WireValue value : block.values()) {
      if (value instanceof Register register) {
        chains.put(value.point(), register.chain(words));
        Reason why = register.decode(words, values);
        if (why == null) {
          accumulates |= register.isAccumulator();
        } else if (why.equals(Register.ZERO_ACCUMULATOR)) {
          zeros.add(register);
        } else {
          bad.put(value.point(), why);
        }
      }
    }
  }

  private void decode(Block block, Telegrams told) {
    for (WireValue value : block.values()) {
      if (value instanceof RecordValue record) {
        chains.put(value.point(), record.chain(told));
        Reason why = record.decode(told, values);
        if (why != null) {
          bad.put(value.point(), why);
        }
      }
    }
  }

  private void decode(Block block, ItemReply.Item answer) {
    for (WireValue value : block.values()) {
      if (value instanceof DataItem item) {
        chains.put(value.point(), item.chain(answer));
        Reason why = item.decode(answer, values);
        if (why != null) {
          bad.put(value.point(), why);
        }
      }
    }
  }
}
