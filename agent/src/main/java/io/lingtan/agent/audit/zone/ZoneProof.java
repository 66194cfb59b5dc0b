package io.lingtan.agent.audit.zone;

import io.lingtan.agent.audit.message.Malformed;
import io.lingtan.agent.audit.message.MessageReader;
import io.lingtan.agent.audit.message.Tree;
import io.lingtan.agent.audit.verify.SealedRecord;
import io.lingtan.agent.reading.Json;
import io.lingtan.agent.reading.foreign.ForeignText;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The way from a gateway's record to the root of the zone's tree.
 *
 * @param gateway whose record it is
 * @param epoch of the record
 * @param seq of the record
 * @param interval length, such as {@code 15m}
 * @param start UTC ms
 * @param rev of the root
 * @param leaf which one it is, from 0
 * @param leaves of the tree
 * @param path the nodes beside the way, from the leaf upwards
 */
public record ZoneProof(
    String gateway,
    String epoch,
    long seq,
    String interval,
    long start,
    long rev,
    long leaf,
    long leaves,
    List<String> path) {

  /** In bytes. One over the most gateways that there may be has less. */
  public static final int LARGEST = 16 * 1024;

  private static final String FORMAT = "lingtan zone proof 1";

  public ZoneProof {
    path = List.copyOf(path);
  }

  /** What is said of a proof. */
  public sealed interface Verdict {

    /** For a person. */
    String text();

    /** For a program. */
    Json.Body json();
  }

  /**
   * The record is in the root's total.
   *
   * @param named whether somebody other than the proof says that it is this gateway's
   * @param later a later revision of it that is there, and not in this total; null if there is none
   */
  public record Inside(ZoneLeaf leaf, ZoneRoot root, boolean named, @Nullable SealedRecord later)
      implements Verdict {

    @Override
    public String text() {
      StringBuilder text =
          new StringBuilder(
              "INSIDE the zone's total of %s over %d gateways: %s, epoch %s seq %d, revision %d%n"
                  .formatted(
                      root.words(),
                      root.top().leaves(),
                      named ? "gateway " + leaf.gateway() : "a record of this key",
                      leaf.epoch(),
                      leaf.seq(),
                      leaf.rev()));
      leaf.amounts()
          .forEach(
              (name, amount) -> {
                FigureSum sum = root.top().sum(name);
                String unit = ZoneLeaf.unit(name);
                text.append(
                    "  %s %s of %s %s (%d gateways%s)%n"
                        .formatted(
                            name,
                            ZoneLeaf.decimal(BigInteger.valueOf(amount)),
                            ZoneLeaf.decimal(sum.total()),
                            unit,
                            sum.gateways(),
                            sum.belowZero().signum() == 0
                                ? ""
                                : ", after %s below zero"
                                    .formatted(ZoneLeaf.decimal(sum.belowZero()))));
              });
      if (!named) {
        text.append(
            "  Whose it is was not compared: the proof names %s, and the key is a JWK alone, which names no gateway. Give --key what %s has at its topic meta%n"
                .formatted(leaf.gateway(), leaf.gateway()));
      }
      if (later != null) {
        text.append(
            "  Its interval was told anew later: epoch %s seq %d, revision %d, is not in this total%n"
                .formatted(later.epoch(), later.seq(), ZoneLeaf.rev(later.json())));
      }
      return text.toString();
    }

    @Override
    public Json.Body json() {
      return json -> {
        json.writeBooleanField("inside", true);
        json.writeStringField("gateway", leaf.gateway());
        json.writeBooleanField("gateway_compared", named);
        json.writeStringField("interval", leaf.interval());
        json.writeNumberField("start", leaf.start());
        json.writeNumberField("rev", root.rev());
        json.writeNumberField("record_rev", leaf.rev());
        if (later != null) {
          json.writeNumberField("later_seq", later.seq());
          json.writeNumberField("later_rev", ZoneLeaf.rev(later.json()));
        }
        json.writeNumberField("leaves", root.top().leaves());
        json.writeStringField("root", root.hash());
        json.writeObjectFieldStart("figures");
        for (Map.Entry<String, Long> amount : leaf.amounts().entrySet()) {
          FigureSum sum = root.top().sum(amount.getKey());
          json.writeObjectFieldStart(amount.getKey());
          json.writeStringField("amount", amount.getValue().toString());
          json.writeStringField("total", sum.total().toString());
          json.writeStringField("below_zero", sum.belowZero().toString());
          json.writeNumberField("gateways", sum.gateways());
          json.writeEndObject();
        }
        json.writeEndObject();
      };
    }
  }

  /** It is not, or that is not shown. */
  public record Refused(String why) implements Verdict {

    @Override
    public String text() {
      return ForeignText.line("NOT INSIDE the zone's total, by this proof: " + why) + "\n";
    }

    @Override
    public Json.Body json() {
      return json -> {
        json.writeBooleanField("inside", false);
        json.writeStringField("why", why);
      };
    }
  }

  /** One line of JSON. */
  public byte[] json() {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("format", FORMAT);
    tree.put("gateway", gateway);
    tree.put("epoch", epoch);
    tree.put("seq", seq);
    tree.put("interval", interval);
    tree.put("start", start);
    tree.put("rev", rev);
    tree.put("leaf", leaf);
    tree.put("leaves", leaves);
    tree.put("path", path);
    return Tree.bytes(tree);
  }

  /**
   * Reads what {@link #json} wrote, to the byte; a line may end behind it.
   *
   * @throws Malformed if it is something else; the message says what
   */
  public static ZoneProof read(byte[] json) throws Malformed {
    if (json.length > LARGEST) {
      throw new Malformed("it is larger than any proof");
    }
    Tree tree = Tree.parse(json);
    if (!FORMAT.equals(tree.text("format"))) {
      throw new Malformed("it is no " + FORMAT);
    }
    List<String> path = new ArrayList<>();
    for (Object node : tree.list("path")) {
      path.add(String.valueOf(node));
    }
    ZoneProof proof =
        new ZoneProof(
            tree.name("gateway", MessageReader.LONGEST_ID),
            tree.name("epoch", MessageReader.LONGEST_ID),
            tree.count("seq"),
            tree.name("interval", MessageReader.LONGEST_ID),
            tree.count("start"),
            tree.count("rev"),
            tree.count("leaf"),
            tree.count("leaves"),
            path);
    String text = new String(json, StandardCharsets.UTF_8).stripTrailing();
    if (!text.equals(new String(proof.json(), StandardCharsets.UTF_8))) {
      throw new Malformed("it is written in another way than a proof is");
    }
    return proof;
  }

  /**
   * Judges it.
   *
   * @param record the one of {@code epoch} and {@code seq}, of which it is known that the gateway
   *     has signed it; null if there is none
   */
  public Verdict check(@Nullable SealedRecord record, ZoneRoot.Published published) {
    return check(record, published, true, null);
  }

  /**
   * The same, beside what else is known of its interval.
   *
   * @param named whether the record's key is known to be that of {@code gateway}
   * @param latest of the same interval, the highest revision
   */
  Verdict check(
      @Nullable SealedRecord record,
      ZoneRoot.Published published,
      boolean named,
      @Nullable SealedRecord latest) {
    if (record == null) {
      return new Refused(
          "no record with a good signature has epoch %s and seq %d".formatted(epoch, seq));
    }
    if (!record.epoch().equals(epoch)
        || record.seq() != seq
        || !record.length().equals(interval)
        || record.start() != start) {
      return new Refused(
          "the proof is of %s from %s, and that record is not"
              .formatted(interval, Instant.ofEpochMilli(start)));
    }
    try {
      ZoneLeaf own = ZoneLeaf.of(gateway, record);
      ZoneRoot root = new ZoneRoot(interval, start, rev, top(ZoneNode.of(own)));
      if (!published.words().isEmpty() && !published.words().equals(root.words())) {
        return new Refused(
            "the proof is of %s, the root of %s".formatted(root.words(), published.words()));
      }
      if (!root.hash().equals(published.hash())) {
        return new Refused(
            "gateway, record and path lead to the root %s, and the published one is %s"
                .formatted(root.hash(), published.hash()));
      }
      return new Inside(
          own,
          root,
          named,
          latest != null && ZoneLeaf.rev(latest.json()) > own.rev() ? latest : null);
    } catch (Malformed e) {
      return new Refused(String.valueOf(e.getMessage()));
    } catch (IllegalArgumentException | ArithmeticException e) {
      return new Refused("such figures are in no sum: " + e.getMessage());
    }
  }

  /** RFC 9162, section 2.1.3.2, with sums. */
  private ZoneNode top(ZoneNode own) throws Malformed {
    if (leaf >= leaves || leaves > ZoneNode.MOST_LEAVES) {
      throw new Malformed("there is no leaf %d of %d".formatted(leaf, leaves));
    }
    long at = leaf;
    long last = leaves - 1;
    ZoneNode node = own;
    for (String text : path) {
      if (last == 0) {
        throw new Malformed("the path is too long for %d leaves".formatted(leaves));
      }
      ZoneNode beside = ZoneNode.read(text);
      if (at % 2 == 1 || at == last) {
        node = ZoneNode.above(beside, node);
        while (at % 2 == 0 && at > 0) {
          at /= 2;
          last /= 2;
        }
      } else {
        node = ZoneNode.above(node, beside);
      }
      at /= 2;
      last /= 2;
    }
    if (last != 0 || node.leaves() != leaves) {
      throw new Malformed("the path does not fit %d leaves".formatted(leaves));
    }
    return node;
  }
}
