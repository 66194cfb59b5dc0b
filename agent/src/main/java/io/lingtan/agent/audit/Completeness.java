package io.lingtan.agent.audit;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.lingtan.agent.audit.message.Arrived;
import io.lingtan.agent.audit.message.Malformed;
import io.lingtan.agent.audit.message.MessageReader;
import io.lingtan.agent.audit.message.ReplayReply;
import io.lingtan.agent.audit.message.Tree;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Decides from received messages of all topics alone whether anything is missing.
 *
 * <ul>
 *   <li>A seq ≤ {@code acked} or in {@code ahead} that did not come and that no declared drop's
 *       count explains is <em>missing</em>.
 *   <li>Any other seq ≤ {@code last} is <em>in transit</em>.
 *   <li>While a gateway is offline, nothing is known since then.
 *   <li>{@code (gateway, epoch, seq)} is the key: the same bytes again are harmless, other bytes
 *       are a contradiction.
 *   <li>{@code after} must name the record before of the same stream.
 *   <li>A time without a record of a device needs an explanation ({@link Gap}).
 * </ul>
 *
 * <p>Order does not matter: live records, batches and replays may mix. What was delivered before
 * listening began is not judged.
 *
 * <p>Memory is bounded. Each gateway has limits of its own (see {@link MessageReader}, {@link
 * EpochTrail}, {@link AfterLinks}, {@link Gaps}, {@link Contents}); when all together take more
 * than a quarter of the heap, whoever takes more than an even share is remembered less of ({@link
 * GatewayTrail#lighten}), so that what one gateway sends costs no other. Of gateways there may be
 * {@value #MOST_GATEWAYS}, or as many as have room; those that were there first stay, and messages
 * of further ones are counted and not read. No input or output; one thread.
 */
public final class Completeness {

  private static final int MOST_GATEWAYS = 10_000;

  /** Of what is saved; another one is refused, since what it left out is not known. */
  private static final long FORMAT = 2;

  private static final String ROOT = "lingtan/v1/";
  private static final Pattern GATEWAY = Pattern.compile("[A-Za-z0-9_-]{1,64}");

  /**
   * A gateway publishes at most 5 s behind on live topics, and messages in flight are acknowledged
   * or sent again within that: after so long nothing older than the listening arrives.
   */
  public static final long STEADY_MILLIS = 5_000;

  private static final long ALWAYS = Long.MIN_VALUE / 2;

  /** How many bytes may come in between two looks at how much memory is taken. */
  private static final long LOOK_BYTES = 256 * 1024;

  /** What a gateway costs that has said anything at all. */
  private static final long LEAST_WEIGHT = 2_048;

  private final MessageReader reader = new MessageReader();
  private final Map<String, GatewayTrail> gateways = new TreeMap<>();
  private long listeningSince = ALWAYS;
  private long refused;
  private long mostBytes = Runtime.getRuntime().maxMemory() / 4;
  private long sinceLook;
  private boolean isFull;
  private boolean leavesOutBefore;
  private GatewayTrail.OnRecord onRecord = (gateway, record, isNew) -> {};

  /**
   * Listening begins, or began anew after an interruption: what was delivered until then is not
   * judged, except what was already called delivered before the interruption. Without this call
   * messages are taken to have been kept for this listener always, as by a broker's session.
   *
   * @param nowMillis UTC ms
   */
  public void listensOnlySince(long nowMillis) {
    listeningSince = nowMillis;
    gateways.values().forEach(GatewayTrail::interrupted);
  }

  /** What was delivered before this audit ever listened is not to be judged. */
  void leaveOutBefore() {
    leavesOutBefore = true;
  }

  /**
   * @param bytes of memory that all gateways may take together, about
   */
  void limit(long bytes) {
    mostBytes = bytes;
  }

  /** About how many bytes of memory all gateways take. */
  long weight() {
    return gateways.values().stream().mapToLong(GatewayTrail::weight).sum();
  }

  private void look(long bytes) {
    sinceLook += bytes;
    if (sinceLook < LOOK_BYTES) {
      return;
    }
    sinceLook = 0;
    long weight = weight();
    long share = mostBytes / Math.max(1, gateways.size());
    if (weight > mostBytes) {
      for (GatewayTrail trail : gateways.values()) {
        long before = Long.MAX_VALUE;
        for (long now = trail.weight(); now > share && now < before; now = trail.weight()) {
          before = now;
          trail.lighten();
        }
      }
      weight = weight();
    }
    isFull = weight > mostBytes;
  }

  /**
   * Takes in one message.
   *
   * @param topic as received; other topics than {@code lingtan/v1/GATEWAY/...} are ignored
   * @param retained whether the broker had kept it from before the subscription
   * @param arrivalMillis UTC ms by the listener's clock
   */
  public void take(String topic, byte[] payload, boolean retained, long arrivalMillis) {
    int slash = topic.startsWith(ROOT) ? topic.indexOf('/', ROOT.length()) : -1;
    if (slash < 0 || !GATEWAY.matcher(topic).region(ROOT.length(), slash).matches()) {
      return;
    }
    String gateway = topic.substring(ROOT.length(), slash);
    GatewayTrail trail = gateways.get(gateway);
    if (trail == null) {
      if (payload.length == 0) {
        return;
      }
      if (gateways.size() >= MOST_GATEWAYS || isFull) {
        refused++;
        look(payload.length);
        return;
      }
      trail = new GatewayTrail(gateway, this::got);
      gateways.put(gateway, trail);
      look(LEAST_WEIGHT);
    }
    look(payload.length);
    trail.take(
        reader.read(topic.substring(slash + 1), payload),
        retained,
        arrivalMillis,
        arrivalMillis - listeningSince >= STEADY_MILLIS);
  }

  /**
   * What a message for whoever asked for a replay brought.
   *
   * @param seqs numbers of the records in it
   * @param fresh how many of them had not come before
   */
  record Taken(ReplayReply reply, List<Long> seqs, long fresh) {}

  /**
   * Takes in an answer to a request for a replay, or a part of one.
   *
   * @return null if it is neither, or of a gateway that is not known
   */
  @Nullable Taken takeReplayed(String gateway, byte[] payload, long arrivalMillis) {
    GatewayTrail trail = gateways.get(gateway);
    if (trail == null) {
      return null;
    }
    look(payload.length);
    try {
      ReplayReply reply = ReplayReply.read(payload);
      if (reply instanceof ReplayReply.Queued || reply instanceof ReplayReply.Refused) {
        return new Taken(reply, List.of(), 0);
      }
      if (!(reader.read("batch", payload) instanceof Arrived.Records records)) {
        throw new Malformed("no records");
      }
      return new Taken(
          reply,
          records.records().stream().map(Arrived.Numbered::seq).toList(),
          trail.takeReplayed(records, arrivalMillis));
    } catch (Malformed e) {
      trail.unreadable("replay: " + e.getMessage());
      return null;
    }
  }

  private void got(String gateway, Arrived.Numbered record, boolean isNew) {
    onRecord.got(gateway, record, isNew);
  }

  /** Whom to tell of each record from now on. */
  public void onRecord(GatewayTrail.OnRecord told) {
    onRecord = told;
  }

  /** What is known of each gateway. */
  Map<String, GatewayTrail> trails() {
    return gateways;
  }

  /**
   * What can be said now.
   *
   * @param nowMillis UTC ms, printed in the report
   */
  public AuditReport report(long nowMillis) {
    List<GatewayReport> reports = new ArrayList<>();
    gateways.values().forEach(trail -> reports.add(trail.report(leavesOutBefore)));
    return new AuditReport(
        nowMillis, listeningSince == ALWAYS ? 0 : listeningSince, reports, refused);
  }

  /**
   * Writes everything that is known, as one line of JSON for {@link #from}, one gateway after the
   * other: there is no room for all of it at once.
   */
  void save(OutputStream out) throws IOException {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("format", FORMAT);
    tree.put("everything", true); // earlier versions could follow some topics only
    tree.put("listening_since", listeningSince);
    tree.put("refused", refused);
    try (JsonGenerator json = Tree.JSON.createGenerator(out)) {
      json.writeStartObject();
      Tree.writeMembers(json, tree);
      json.writeObjectFieldStart("gateways");
      for (Map.Entry<String, GatewayTrail> trail : gateways.entrySet()) {
        json.writeFieldName(trail.getKey());
        Tree.write(json, trail.getValue().save());
      }
      json.writeEndObject();
      json.writeEndObject();
    }
  }

  /**
   * Takes up again what {@link #save} wrote.
   *
   * @throws Malformed if it is something else
   */
  static Completeness from(InputStream saved) throws IOException, Malformed {
    Completeness completeness = null;
    Map<String, @Nullable Object> head = new LinkedHashMap<>();
    try (JsonParser json = Tree.JSON.createParser(saved)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new Malformed("not a JSON object");
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        json.nextToken();
        if (!name.equals("gateways")) {
          head.put(name, Tree.scalar(json));
        } else if (completeness == null) {
          completeness = begun(new Tree(head));
          while (json.nextToken() == JsonToken.FIELD_NAME) {
            String id = json.currentName();
            json.nextToken();
            completeness.gateways.put(
                id, GatewayTrail.from(id, completeness::got, Tree.whole(json)));
          }
        }
      }
    } catch (JsonProcessingException e) {
      throw Tree.malformed(e);
    }
    return completeness == null ? begun(new Tree(head)) : completeness;
  }

  private static Completeness begun(Tree head) throws Malformed {
    if (head.number("format", 0) != FORMAT) {
      throw new Malformed("not format " + FORMAT);
    }
    Completeness completeness = new Completeness();
    completeness.listeningSince = head.number("listening_since");
    completeness.refused = head.count("refused");
    return completeness;
  }
}
