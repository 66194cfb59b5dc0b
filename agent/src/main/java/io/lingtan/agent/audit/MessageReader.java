package io.lingtan.agent.audit;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lingtan.agent.audit.Arrived.Device;
import io.lingtan.agent.audit.Arrived.DeviceGone;
import io.lingtan.agent.audit.Arrived.Garbage;
import io.lingtan.agent.audit.Arrived.Meta;
import io.lingtan.agent.audit.Arrived.Numbered;
import io.lingtan.agent.audit.Arrived.Other;
import io.lingtan.agent.audit.Arrived.Previous;
import io.lingtan.agent.audit.Arrived.Records;
import io.lingtan.agent.audit.Arrived.Status;
import io.lingtan.agent.audit.Arrived.Store;
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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** Reads payloads. Whatever it cannot read is {@link Garbage}; it never throws. One thread. */
final class MessageReader {

  /** A batch of 60 kB never inflates to more; a larger one is an attack or a mistake. */
  private static final int MOST_INFLATED_BYTES = 16 << 20;

  /** Beyond what every JSON reader takes exactly. */
  private static final long HIGHEST_SEQ = 1L << 53;

  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");

  private final MessageDigest sha256;

  MessageReader() {
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /**
   * @param topic what follows {@code lingtan/v1/GATEWAY/}
   */
  Arrived read(String topic, byte[] payload) {
    int slash = topic.indexOf('/');
    String head = slash < 0 ? topic : topic.substring(0, slash);
    String rest = slash < 0 ? "" : topic.substring(slash + 1);
    try {
      return switch (head) {
        case "status" -> status(payload);
        case "store" -> payload.length == 0 ? new Other() : store(Tree.parse(payload));
        case "meta" -> meta(rest, payload);
        case "data" -> single(payload, "data/" + rest, true);
        case "interval" -> single(payload, "interval/" + rest, false);
        case "event" -> single(payload, "event", false);
        case "undated" -> undated(payload);
        case "batch" -> batch(rest.equals("gz") ? inflate(payload) : payload);
        default -> new Other();
      };
    } catch (Malformed e) {
      return new Garbage(head + ": " + e.getMessage());
    }
  }

  private static Arrived status(byte[] payload) throws Malformed {
    return switch (new String(payload, StandardCharsets.UTF_8)) {
      case "online" -> new Status(true);
      case "offline" -> new Status(false);
      case "" -> new Other();
      default -> throw new Malformed("neither online nor offline");
    };
  }

  private static Arrived meta(String device, byte[] payload) throws Malformed {
    if (payload.length == 0) {
      return device.isEmpty() ? new Other() : new DeviceGone(device);
    }
    Tree tree = Tree.parse(payload);
    if (!device.isEmpty()) {
      return device(device, tree);
    }
    List<Device> devices = new ArrayList<>();
    for (Object element : tree.list("devices")) {
      if (element instanceof String id) {
        devices.add(new Device(id, 0));
      } else {
        Tree described = Tree.of(element);
        devices.add(device(described.text("id"), described));
      }
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
        tree.text("epoch"),
        tree.count("last"),
        tree.count("acked"),
        tree.has("ahead") ? ahead(tree) : null,
        tree.has("dropped") ? drops(tree) : null,
        tree.has("previous") ? previous(tree) : null);
  }

  private static List<Range> ahead(Tree tree) throws Malformed {
    List<Range> ahead = new ArrayList<>();
    for (Object pair : tree.list("ahead")) {
      if (!(pair instanceof List<?> ends) || ends.size() != 2) {
        throw new Malformed("ahead is not a list of pairs");
      }
      ahead.add(Tree.range(ends.get(0), ends.get(1)));
    }
    return ahead;
  }

  private static List<Previous> previous(Tree tree) throws Malformed {
    List<Previous> previous = new ArrayList<>();
    for (Tree earlier : tree.trees("previous")) {
      previous.add(
          new Previous(
              earlier.text("epoch"),
              earlier.count("last"),
              earlier.count("acked"),
              drops(earlier)));
    }
    return previous;
  }

  private static List<Drop> drops(Tree tree) throws Malformed {
    List<Drop> drops = new ArrayList<>();
    for (Tree drop : tree.trees("dropped")) {
      drops.add(Drop.from(drop));
    }
    return drops;
  }

  private Records single(byte[] payload, String stream, boolean live) throws Malformed {
    Numbered record = record(payload, 0, payload.length);
    if (!record.stream().equals(stream)) {
      throw new Malformed("a record of another topic");
    }
    return new Records(List.of(record), live, List.of());
  }

  private Records undated(byte[] payload) throws Malformed {
    Tree tree = Tree.parse(payload);
    return tree.has("records")
        ? batch(payload)
        : new Records(List.of(record(payload, 0, payload.length)), false, List.of());
  }

  /**
   * Each record of the array is taken as the bytes that it is, because these are what a record's
   * identity means.
   */
  private Records batch(byte[] payload) throws Malformed {
    List<Numbered> records = new ArrayList<>();
    List<String> broken = new ArrayList<>();
    boolean found = false;
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
            records.add(record(payload, start, end - start));
          } catch (Malformed e) {
            broken.add("batch: " + e.getMessage());
          }
        }
      }
    } catch (IOException e) {
      // What came before the fault is not trusted either: the message as a whole is not JSON.
      throw new Malformed("not JSON");
    }
    if (!found) {
      throw new Malformed("no records");
    }
    return new Records(records, false, broken);
  }

  private Numbered record(byte[] bytes, int offset, int length) throws Malformed {
    Tree tree = Tree.parse(bytes, offset, length);
    long seq = tree.number("seq");
    long after = tree.count("after");
    if (seq < 1 || seq > HIGHEST_SEQ || after >= seq) {
      throw new Malformed("seq and after do not fit");
    }
    long ts = tree.number("ts", Numbered.UNDATED);
    if (ts == Numbered.UNDATED && !(tree.has("boot") && tree.has("mono"))) {
      throw new Malformed("neither ts nor boot and mono");
    }
    String device = tree.textOrNull("device");
    String event = tree.textOrNull("event");
    sha256.update(bytes, offset, length);
    ByteBuffer digest = ByteBuffer.wrap(sha256.digest());
    return new Numbered(
        tree.text("epoch"),
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
    if (event != null) {
      return "event";
    }
    String length = tree.textOrNull("interval");
    if (length != null) {
      return "interval/" + length;
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
        throw new Malformed("inflates to more than 16 MB");
      }
      return bytes;
    } catch (IOException e) {
      throw new Malformed("not gzip");
    }
  }
}
