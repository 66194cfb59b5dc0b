package io.lingtan.agent.acquire.plan;

import io.lingtan.agent.acquire.modbus.BlockRead;
import io.lingtan.agent.acquire.modbus.ModbusReply.Words;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds a SunSpec device's models: the marker "SunS" at 40000, 50000 or 0, then one header after
 * the other, model id and length, up to id 0xFFFF (SunSpec Device Information Model Specification
 * V1.1, section 6).
 *
 * <p>A state machine without I/O: {@link #next} says what to read, {@link #read} and {@link
 * #refused} take the answer.
 */
public final class SunSpecChain {

  private static final int FUNCTION = 3;
  private static final int[] BASES = {40_000, 50_000, 0};
  private static final int SUNS_HIGH = 0x5375;
  private static final int SUNS_LOW = 0x6E53;
  private static final int END = 0xFFFF;
  private static final int MOST_MODELS = 128;

  private final SequencedMap<Integer, Model> models = new LinkedHashMap<>();

  /**
   * A model in the chain.
   *
   * @param address of its id register
   * @param length of what follows its id and length registers, in registers
   */
  public record Model(int address, int length) {

    /** Whether the device has the registers of the value, and of its scale factor. */
    public boolean has(RegisterPoint source) {
      int end = 2 + length;
      return source.address() + source.words() <= end && source.scaleFrom() < end;
    }
  }

  private int base;
  private int address = BASES[0];
  private boolean marked;
  private boolean done;
  private int headers;

  /** What to read next; null when the search is over. */
  public @Nullable BlockRead next() {
    return done ? null : new BlockRead(FUNCTION, address, 2);
  }

  /** The answer to {@link #next}, or to a longer read around it. */
  public void read(Words words) {
    int at = address - words.read().address();
    int first = words.word(at);
    int second = words.word(at + 1);
    if (!marked) {
      if (first == SUNS_HIGH && second == SUNS_LOW) {
        marked = true;
        address += 2;
      } else {
        nextBase();
      }
      return;
    }
    headers++;
    if (first == END || headers > MOST_MODELS) {
      done = true;
      return;
    }
    // Of several models of one id the first counts: the others are further strings or modules.
    models.putIfAbsent(first, new Model(address, second));
    address += 2 + second;
    // A device may leave the end mark out; a chain that runs out of the address space ends too.
    if (address + 2 > 65_536) {
      done = true;
    }
  }

  /** {@link #next} was refused: nothing is there. */
  public void refused() {
    if (marked) {
      done = true;
    } else {
      nextBase();
    }
  }

  private void nextBase() {
    base++;
    if (base == BASES.length) {
      done = true;
    } else {
      address = BASES[base];
    }
  }

  /** Whether the marker was found and the chain read to its end. */
  public boolean isFound() {
    return done && marked;
  }

  /** Where the marker is; meaningful once found. */
  public int baseAddress() {
    return BASES[Math.min(base, BASES.length - 1)];
  }

  /** Where each model is, by model id, in the chain's order. */
  public Map<Integer, Model> models() {
    return models;
  }
}
