package io.lingtan.agent.audit.message;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lingtan.agent.audit.message.Arrived.Device;
import io.lingtan.agent.audit.message.Arrived.DeviceGone;
import io.lingtan.agent.audit.message.Arrived.Garbage;
import io.lingtan.agent.audit.message.Arrived.Meta;
import io.lingtan.agent.audit.message.Arrived.Numbered;
import io.lingtan.agent.audit.message.Arrived.Other;
import io.lingtan.agent.audit.message.Arrived.Previous;
import io.lingtan.agent.audit.message.Arrived.Records;
import io.lingtan.agent.audit.message.Arrived.Status;
import io.lingtan.agent.audit.message.Arrived.Store;
import io.lingtan.agent.reading.foreign.ForeignText;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads payloads. Whatever it cannot read is {@link Garbage}; it never throws. One thread.
 *
 * <p>Limits: {@value #MOST_BYTES} bytes of a payload, {@value #MOST_INFLATED_BYTES} of one that was
 * gzipped (a gateway's batches have 256 kB at most), {@value #MOST_RECORDS} records in one, and
 * what {@link Tree} takes of each. What is beyond is counted as not readable.
 */
public final class MessageReader {

  public static final int MOST_BYTES = 1 << 20;

  /** What follows {@code lingtan/v1/GATEWAY/} in the topic of what could not be read. */
  public static final String FLAWED = "flawed";

  static final int MOST_INFLATED_BYTES = 2 << 20;
  static final int MOST_RECORDS = 10_000;
  public static final int LONGEST_ID = 64;
  private static final int LONGEST_EVENT = 128;

  /** Devices, ranges, drops or epochs that one message may name. */
  private static final int MOST_NAMED = 4_096;

  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");

  private final MessageDigest sha256;

  public MessageReader() {
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /**
   * @param topic what follows {@code lingtan/v1/GATEWAY/}
   */
  public Arrived read(String topic, byte[] payload) {
    int slash = topic.indexOf('/');
    String head = slash < 0 ? topic : topic.substring(0, slash);
    String rest = slash < 0 ? "" : topic.substring(slash + 1);
    try {
      if (payload.length > MOST_BYTES) {
        throw new Malformed("more than 1 MB");
      }
      return switch (head) {
        case "status" -> status(payload);
        case "store" -> payload.length == 0 ? new Other() : store(Tree.parse(payload));
        case "meta" -> meta(rest, payload);
        case "data" -> single(payload, "data/" + rest, true);
        case "interval" -> single(payload, "interval/" + rest, false);
        case "event" -> single(payload, "event", false);
        case "undated" -> undated(payload);
        case "batch" -> batch(rest.equals("gz") ? inflate(payload) : payload);
        case FLAWED -> new Garbage("a topic or property that MQTT libraries refuse");
        default -> new Other();
      };
    } catch (Malformed e) {
      return new Garbage(kind(head) + ": " + e.getMessage());
    }
  }

  /** A topic that somebody made up shall not fill the table of what could not be read. */
  private static String kind(String head) {
    return head.length() > "interval".length() ? "topic" : head;
  }

  private static Arrived status(byte[] payload) throws Malformed {
    return switch (payload.length > LONGEST_ID
        ? "?"
        : new String(payload, StandardCharsets.UTF_8)) {
      case "online" -> new Status(true);
      case "offline" -> new Status(false);
      case "" -> new Other();
      default -> throw new Malformed("neither online nor offline");
    };
  }

  private static Arrived meta(String device, byte[] payload) throws Malformed {
    if (device.length() > LONGEST_ID) {
      throw new Malformed("device is too long");
    }
    if (!device.isEmpty() && !ForeignText.isName(device)) {
      throw new Malformed("device has letters that are in no such name");
    }
    if (payload.length == 0) {
      return device.isEmpty() ? new Other() : new DeviceGone(device);
    }
    Tree tree = Tree.parse(payload);
    if (!device.isEmpty()) {
      return device(device, tree);
    }
    List<Device> devices = new ArrayList<>();
    for (Object element : few(tree.list("devices"), "devices")) {
      Tree described = element instanceof String id ? new Tree(Map.of("id", id)) : Tree.of(element);
      devices.add(device(described.name("id", LONGEST_ID), described));
    }
    return new Meta(devices, tree.has("devices") && !tree.isTrue("truncated"));
  }

  /** With a deadband a record may stay away for {@code max_interval}. */
  private static Device device(String id, Tree tree) {
    return new Device(id, Math.max(millis(tree, "record"), millis(tree, "max_interval")));
  }

  /** A duration as {@code "10s"}, as ms, or as ms under a name that says so; 0 if absent. */
  private static long millis(Tree tree, String name) {
    String text = tree.textOrNull(name);
    Matcher matcher = DURATION.matcher(text == null ? "" : text.toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      return Math.max(0, tree.number(name + "_ms", tree.number(name, 0)));
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> number;
      case "s" -> number * 1_000;
      case "m" -> number * 60_000;
      default -> number * 3_600_000;
    };
  }

  private static Store store(Tree tree) throws Malformed {
    return new Store(
        tree.name("epoch", LONGEST_ID),
        tree.seqOrNone("last"),
        tree.seqOrNone("acked"),
        tree.has("ahead") ? ahead(tree) : null,
        tree.has("dropped") ? drops(tree) : null,
        tree.has("previous") ? previous(tree) : null,
        tree.tells("blocked_since") ? tree.number("blocked_since", 0) : null);
  }

  private static List<Range> ahead(Tree tree) throws Malformed {
    List<Range> ahead = new ArrayList<>();
    for (Object pair : few(tree.list("ahead"), "ahead")) {
      if (!(pair instanceof List<?> ends) || ends.size() != 2) {
        throw new Malformed("ahead is not a list of pairs");
      }
      ahead.add(Tree.range(ends.get(0), ends.get(1)));
    }
    return ahead;
  }

  private static List<Previous> previous(Tree tree) throws Malformed {
    List<Previous> previous = new ArrayList<>();
    for (Tree earlier : few(tree.trees("previous"), "previous")) {
      previous.add(
          new Previous(
              earlier.name("epoch", LONGEST_ID),
              earlier.seqOrNone("last"),
              earlier.seqOrNone("acked"),
              drops(earlier)));
    }
    return previous;
  }

  private static List<Drop> drops(Tree tree) throws Malformed {
    List<Drop> drops = new ArrayList<>();
    for (Tree drop : few(tree.trees("dropped"), "dropped")) {
      for (String word : List.of("kind", "reason")) {
        if (drop.has(word)) {
          drop.name(word, LONGEST_ID);
        }
      }
      drops.add(Drop.from(drop));
    }
    return drops;
  }

  private static <T> List<T> few(List<T> list, String name) throws Malformed {
    if (list.size() > MOST_NAMED) {
      throw new Malformed(name + " has more than " + MOST_NAMED);
    }
    return list;
  }

  private Records single(byte[] payload, String stream, boolean live) throws Malformed {
    Numbered record = record(payload, 0, payload.length);
    if (!record.stream().equals(stream)) {
      throw new Malformed("a record of another topic");
    }
    return new Records(List.of(record), live, Map.of());
  }

  private Records undated(byte[] payload) throws Malformed {
    Tree tree = Tree.parse(payload);
    return tree.has("records")
        ? batch(payload)
        : new Records(List.of(record(payload, 0, payload.length)), false, Map.of());
  }

  /**
   * Each record of the array is taken as the bytes that it is, because these are what a record's
   * identity means.
   */
  private Records batch(byte[] payload) throws Malformed {
    List<Numbered> records = new ArrayList<>();
    Map<String, Long> broken = new TreeMap<>();
    boolean found = false;
    long count = 0;
    try (JsonParser parser = Tree.JSON.createParser(payload)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new Malformed("not a JSON object");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        boolean isRecords = parser.currentName().equals("records");
        if (parser.nextToken() != JsonToken.START_ARRAY || !isRecords) {
          parser.skipChildren();
          continue;
        }
        found = true;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          int start = (int) parser.currentTokenLocation().getByteOffset();
          parser.skipChildren();
          int end = (int) parser.currentLocation().getByteOffset();
          try {
            if (++count > MOST_RECORDS) {
              throw new Malformed("more than " + MOST_RECORDS + " records");
            }
            records.add(record(payload, start, end - start));
          } catch (Malformed e) {
            broken.merge("batch: " + e.getMessage(), 1L, Long::sum);
          }
        }
      }
    } catch (IOException e) {
      // What came before the fault is not trusted either: the message as a whole is not JSON.
      throw Tree.malformed(e);
    }
    if (!found) {
      throw new Malformed("no records");
    }
    return new Records(records, false, broken);
  }

  private Numbered record(byte[] bytes, int offset, int length) throws Malformed {
    Tree tree = Tree.parse(bytes, offset, length);
    long seq = tree.seqOrNone("seq");
    long after = tree.count("after");
    if (seq < 1 || after >= seq) {
      throw new Malformed("seq and after do not fit");
    }
    long ts = tree.number("ts", Numbered.UNDATED);
    if (ts == Numbered.UNDATED && !(tree.has("boot") && tree.has("mono"))) {
      throw new Malformed("neither ts nor boot and mono");
    }
    String device = tree.has("device") ? tree.name("device", LONGEST_ID) : null;
    String event = tree.has("event") ? tree.name("event", LONGEST_EVENT) : null;
    sha256.update(bytes, offset, length);
    ByteBuffer digest = ByteBuffer.wrap(sha256.digest());
    return new Numbered(
        tree.name("epoch", LONGEST_ID),
        seq,
        after,
        stream(tree, device, event),
        device,
        ts,
        tree.object("bad").has("*"),
        event,
        event == null ? tree.object("") : tree.object("detail"),
        digest.getLong(),
        digest.getLong(),
        Arrays.copyOfRange(bytes, offset, offset + length));
  }

  private static String stream(Tree tree, @Nullable String device, @Nullable String event)
      throws Malformed {
    if (Stream.of("event", "interval", "values").filter(tree::has).count() > 1) {
      throw new Malformed("more than one of data, interval and event");
    }
    if (event != null) {
      return "event";
    }
    if (tree.has("interval")) {
      return "interval/" + tree.name("interval", LONGEST_ID);
    }
    if (device != null && tree.has("values")) {
      return "data/" + device;
    }
    throw new Malformed("neither data, interval nor event");
  }

  private static byte[] inflate(byte[] payload) throws Malformed {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(payload))) {
      byte[] bytes = in.readNBytes(MOST_INFLATED_BYTES + 1);
      if (bytes.length > MOST_INFLATED_BYTES) {
        throw new Malformed("inflates to more than 2 MB");
      }
      return bytes;
    } catch (IOException e) {
      throw new Malformed("not gzip");
    }
  }
}
