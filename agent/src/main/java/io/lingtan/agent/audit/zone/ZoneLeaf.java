package io.lingtan.agent.audit.zone;

import io.lingtan.agent.audit.Exact;
import io.lingtan.agent.audit.verify.SealedRecord;
import io.lingtan.agent.seal.CanonicalJson;
import io.lingtan.agent.seal.JsonValue;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a zone's tree has of one gateway's interval.
 *
 * @param gateway 1..64 of {@code A-Z a-z 0-9 _ -}
 * @param seq 1..2^53
 * @param interval length, such as {@code 15m}
 * @param start UTC ms
 * @param rev of the interval, from 0
 * @param record hash of the record with its signature
 * @param amounts of {@link #FIGURES}, whole milliwatt-hours and milligrams; one that the record has
 *     no value of is absent, and never zero
 */
public record ZoneLeaf(
    String gateway,
    String epoch,
    long seq,
    String interval,
    long start,
    long rev,
    String record,
    SortedMap<String, Long> amounts) {

  /** What a zone adds up: a fixed list, so that nobody can fill its tables with names. */
  public static final List<String> FIGURES =
      List.of(
          "co2.scope2.location",
          "co2.total",
          "elec.battery.charge",
          "elec.battery.discharge",
          "elec.grid.export",
          "elec.grid.import",
          "elec.load.total",
          "elec.pv.generation");

  /** A terawatt-hour, and a million tonnes. */
  public static final long MOST_AMOUNT = 1_000_000_000_000_000L;

  /** Millionths: mWh of a kWh, mg of a kg. */
  private static final int DIGITS = 6;

  private static final String NAME = "[A-Za-z0-9_-]{1,64}";

  /** Beyond it two numbers have one canonical form. */
  private static final long MOST_EXACT = 1L << 53;

  public ZoneLeaf {
    if (!gateway.matches(NAME)) {
      throw new IllegalArgumentException("no name of a gateway: " + gateway);
    }
    for (long number : new long[] {seq, start, rev}) {
      if (number < 0 || number > MOST_EXACT) {
        throw new IllegalArgumentException("seq, start and rev must be 0..2^53, was " + number);
      }
    }
    for (var amount : amounts.entrySet()) {
      if (!FIGURES.contains(amount.getKey()) || !isAmount(amount.getValue())) {
        throw new IllegalArgumentException("no amount of a zone: " + amount);
      }
    }
    amounts = Collections.unmodifiableSortedMap(new TreeMap<>(amounts));
  }

  /**
   * The leaf of a record.
   *
   * @throws IllegalArgumentException or ArithmeticException if its figures are in no sum
   */
  public static ZoneLeaf of(String gateway, SealedRecord record) {
    return new ZoneLeaf(
        gateway,
        record.epoch(),
        record.seq(),
        record.length(),
        record.start(),
        rev(record.json()),
        record.hash(),
        amounts(record.json()));
  }

  /**
   * Which revision of its interval a record is.
   *
   * @throws ArithmeticException if it is not one of 0..2^31-1
   */
  public static int rev(JsonValue.Obj record) {
    String literal = record.number("rev");
    int rev = literal == null ? 0 : Exact.of(literal).intValueExact();
    if (rev < 0) {
      throw new ArithmeticException("rev is negative");
    }
    return rev;
  }

  /**
   * What of a record is summed.
   *
   * @throws ArithmeticException if a number is not whole in millionths, or beyond {@value
   *     #MOST_AMOUNT} of them
   * @throws NumberFormatException if one is none
   */
  public static SortedMap<String, Long> amounts(JsonValue.Obj record) {
    SortedMap<String, Long> amounts = new TreeMap<>();
    JsonValue.Obj metrics = record.object("metrics");
    for (String name : FIGURES) {
      String value = metrics.object(name).number("v");
      if (value != null) {
        long amount = Exact.of(value).movePointRight(DIGITS).longValueExact();
        if (!isAmount(amount)) {
          throw new ArithmeticException(name + " is out of all bounds");
        }
        amounts.put(name, amount);
      }
    }
    return amounts;
  }

  private static boolean isAmount(long amount) {
    return -MOST_AMOUNT <= amount && amount <= MOST_AMOUNT;
  }

  /** What is hashed. */
  byte[] canonical() {
    SequencedMap<String, JsonValue> sums = new LinkedHashMap<>();
    amounts.forEach((name, amount) -> sums.put(name, number(amount)));
    SequencedMap<String, JsonValue> members = new LinkedHashMap<>();
    members.put("gateway", new JsonValue.Str(gateway));
    members.put("epoch", new JsonValue.Str(epoch));
    members.put("seq", number(seq));
    members.put("interval", new JsonValue.Str(interval));
    members.put("start", number(start));
    members.put("rev", number(rev));
    members.put("record", new JsonValue.Str(record));
    members.put("amounts", new JsonValue.Obj(sums));
    return CanonicalJson.of(new JsonValue.Obj(members)).getBytes(StandardCharsets.UTF_8);
  }

  static String unit(String figure) {
    return figure.startsWith("co2.") ? "kg" : "kWh";
  }

  /** Millionths as kWh or kg. */
  static String decimal(BigInteger millionths) {
    return new BigDecimal(millionths, DIGITS).toPlainString();
  }

  static JsonValue number(long whole) {
    return new JsonValue.Num(String.valueOf(whole));
  }
}
