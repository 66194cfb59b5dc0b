package io.lingtan.simulator.zone.fold;

import io.lingtan.agent.audit.message.Malformed;
import io.lingtan.agent.audit.verify.SealedRecord;
import io.lingtan.agent.audit.zone.ZoneLeaf;
import io.lingtan.agent.audit.zone.ZoneNode;
import io.lingtan.agent.audit.zone.ZoneProof;
import io.lingtan.agent.audit.zone.ZoneRoot;
import io.lingtan.agent.seal.Digest;
import io.lingtan.agent.seal.JsonValue;
import io.lingtan.agent.seal.JsonValue.NotJson;
import io.lingtan.agent.seal.SigningKey;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** A zone on paper: one interval's signed records of its members, and the tree over them. */
final class PaperZone {
  final SigningKey key;
  final List<String> records = new ArrayList<>();
  final List<ZoneNode> nodes = new ArrayList<>();
  final SortedMap<String, BigInteger> totals = new TreeMap<>();
  final ZoneTree tree;
  final ZoneRoot root;

  /**
   * @param most of an amount, mWh or mg
   * @param complete whether every member has all figures, none below zero
   */
  PaperZone(int members, long most, boolean complete, RandomGenerator random) {
    key = SigningKey.make(random);
    for (int member = 0; member < members; member++) {
      String record = record(member, PaperGateway.START, most, complete, random);
      records.add(record);
      ZoneLeaf leaf = ZoneLeaf.of(name(member), sealed(record));
      leaf.amounts()
          .forEach(
              (name, amount) -> totals.merge(name, BigInteger.valueOf(amount), BigInteger::add));
      nodes.add(ZoneNode.of(leaf));
    }
    tree = new ZoneTree(nodes);
    root = new ZoneRoot("15m", PaperGateway.START, 0, tree.top());
  }

  static String name(int member) {
    return "gw-%05d".formatted(member);
  }

  String record(int member, long start, long most, boolean complete, RandomGenerator random) {
    List<String> metrics = new ArrayList<>();
    for (String name : ZoneLeaf.FIGURES) {
      int drawn = complete ? 2 : random.nextInt(8);
      if (drawn > 0) {
        long amount = random.nextLong(most / 2, most) * (drawn == 1 ? -1 : 1);
        metrics.add(
            "\"%s\":{\"v\":%s,\"u\":\"kW.h\",\"q\":\"measured\"}"
                .formatted(name, BigDecimal.valueOf(amount, 6).toPlainString()));
      }
    }
    return PaperGateway.signed(
        "{\"epoch\":\"8085bfa6\",\"seq\":%d,\"after\":0,\"ts\":1,\"interval\":\"15m\",\"start\":%d,\"end\":%d,\"rev\":0,\"metrics\":{%s},\"prev\":\"%s\"}"
            .formatted(
                812_000 + member,
                start,
                start + PaperGateway.QUARTER,
                String.join(",", metrics),
                Digest.NONE),
        key);
  }

  ZoneProof proof(int member) {
    return new ZoneProof(
        name(member),
        "8085bfa6",
        812_000 + member,
        "15m",
        PaperGateway.START,
        0,
        member,
        nodes.size(),
        tree.path(member));
  }

  static SealedRecord sealed(String record) {
    try {
      return SealedRecord.of(1, JsonValue.object(record));
    } catch (NotJson | Malformed e) {
      throw new IllegalStateException(e);
    }
  }
}
