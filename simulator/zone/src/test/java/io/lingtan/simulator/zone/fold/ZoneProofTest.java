package io.lingtan.simulator.zone.fold;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.audit.verify.SealedRecord;
import io.lingtan.agent.audit.verify.Verification;
import io.lingtan.agent.audit.zone.FigureSum;
import io.lingtan.agent.audit.zone.ZoneClaim;
import io.lingtan.agent.audit.zone.ZoneLeaf;
import io.lingtan.agent.audit.zone.ZoneNode;
import io.lingtan.agent.audit.zone.ZoneProof;
import io.lingtan.agent.audit.zone.ZoneProof.Inside;
import io.lingtan.agent.audit.zone.ZoneProof.Refused;
import io.lingtan.agent.audit.zone.ZoneProof.Verdict;
import io.lingtan.agent.audit.zone.ZoneRoot;
import io.lingtan.agent.seal.SigningKey;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Proofs that a site is inside a zone's total: every true one, and none that is forged. */
final class ZoneProofTest {
  private static final long MEGAWATT_HOUR = 1_000_000_000;
  private static final long SEED = 20;

  /** Has the records judged as {@code lingtan verify} does. */
  private static Verdict verdict(byte[] proof, String root, String records, SigningKey key) {
    ZoneClaim claim = ZoneClaim.of(proof, root, null);
    Verification verification = new Verification(key.open());
    claim.lookIn(verification);
    records.lines().forEach(verification::take);
    return claim.judge(verification);
  }

  private static Inside inside(PaperZone zone, int member) {
    return assertInstanceOf(
        Inside.class,
        zone.proof(member)
            .check(
                PaperZone.sealed(zone.records.get(member)),
                new ZoneRoot.Published(zone.root.hash(), "")));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void everyMemberOfAnyZoneIsInsideItsTotal(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 14; round++) {
      int members = round < 10 ? 1 + round + (int) (seed - 1) * 10 : 1 + random.nextInt(150);
      PaperZone zone = new PaperZone(members, ZoneLeaf.MOST_AMOUNT, false, random);
      for (int member = 0; member < members; member++) {
        Inside inside = inside(zone, member);
        assertEquals(zone.totals, totals(inside.root()), "seed " + seed + ", " + members);
        assertEquals(members, inside.root().top().leaves());
      }
    }
  }

  private static Map<String, BigInteger> totals(ZoneRoot root) {
    Map<String, BigInteger> totals = new TreeMap<>();
    List<FigureSum> sums = root.top().sums();
    for (int i = 0; i < sums.size(); i++) {
      if (sums.get(i).gateways() > 0) {
        totals.put(ZoneLeaf.FIGURES.get(i), sums.get(i).total());
      }
    }
    return totals;
  }

  @Test
  void aProofAmongFiveThousandIsTwoKilobytesAndCheckedInLessThanASecond() {
    PaperZone zone = new PaperZone(5_000, MEGAWATT_HOUR, true, new Random(SEED));
    for (int member : new int[] {0, 2_500, 4_999}) {
      byte[] proof = zone.proof(member).json();
      assertTrue(proof.length <= 2_048, () -> proof.length + " bytes");
      Verdict verdict =
          assertTimeout(
              Duration.ofSeconds(1),
              () -> verdict(proof, zone.root.json(), zone.records.get(member), zone.key));
      assertInstanceOf(Inside.class, verdict);
    }
    assertEquals(13, zone.proof(0).path().size());
  }

  @Test
  void anAmountBelowZeroStandsInTheRoot() {
    Random random = new Random(SEED);
    PaperZone zone = new PaperZone(40, MEGAWATT_HOUR, false, random);
    PaperZone plain = new PaperZone(40, MEGAWATT_HOUR, true, random);
    assertTrue(zone.root.top().sums().stream().anyMatch(sum -> sum.belowZero().signum() > 0));
    assertTrue(plain.root.top().sums().stream().allMatch(sum -> sum.belowZero().signum() == 0));
    assertTrue(inside(zone, 0).text().contains("below zero"));
    assertFalse(inside(plain, 0).text().contains("below zero"));
  }

  /**
   * A sum tree whose inner nodes hash the sum alone, and not both children's, can be told another
   * total with the same hash; here the other half of the split is another node.
   */
  @Test
  void anInnerNodeBindsTheSumsOfBothItsChildren() {
    PaperZone zone = new PaperZone(4, MEGAWATT_HOUR, true, new Random(SEED));
    ZoneNode first = ZoneNode.above(zone.nodes.get(0), zone.nodes.get(1));
    ZoneNode second = ZoneNode.above(zone.nodes.get(0), zone.nodes.get(2));
    assertFalse(first.text().startsWith(second.text().substring(0, 43)));
    byte[] node = Base64.getUrlDecoder().decode(zone.nodes.get(1).text());
    for (int at = 34; at < node.length; at++) {
      byte[] other = node.clone();
      other[at] ^= 1;
      List<String> path = new ArrayList<>(zone.tree.path(0));
      path.set(0, Base64.getUrlEncoder().withoutPadding().encodeToString(other));
      Verdict verdict = verdict(with(zone.proof(0), path), zone, 0);
      assertInstanceOf(Refused.class, verdict, "byte " + at);
    }
  }

  private static ZoneProof with(ZoneProof one, List<String> path) {
    return with(one, one.leaf(), one.leaves(), path);
  }

  private static ZoneProof with(ZoneProof one, long leaf, long leaves, List<String> path) {
    return new ZoneProof(
        one.gateway(),
        one.epoch(),
        one.seq(),
        one.interval(),
        one.start(),
        one.rev(),
        leaf,
        leaves,
        path);
  }

  private static Verdict verdict(ZoneProof proof, PaperZone zone, int member) {
    return verdict(proof.json(), zone.root.hash(), zone.records.get(member), zone.key);
  }

  /** A way of forging. */
  private enum Forgery {
    BIT_OF_THE_FILE,
    BIT_OF_A_NODE,
    SUM_MOVED_TO_ANOTHER_LEVEL,
    SIBLINGS_SWAPPED,
    LEVEL_LEFT_OUT,
    LEVEL_ADDED,
    OTHER_LEAF,
    OTHER_NUMBER_OF_LEAVES,
    OTHER_GATEWAY,
    RECORD_OF_ANOTHER_GATEWAY,
    RECORD_OF_ANOTHER_INTERVAL,
    RECORD_CHANGED,
    RECORD_IN_ANOTHER_HAND,
    INNER_NODE_AS_LEAF,
    PATH_OF_ANOTHER_LEAF,
    TRUNCATED,
    TOO_LARGE,
    WRITTEN_ANOTHER_WAY,
    OTHER_ROOT,
    ROOT_CHANGED,
    OTHER_REVISION
  }

  @Test
  void tenThousandForgedProofsAreRefusedEachWithAReason() {
    Random random = new Random(SEED);
    List<PaperZone> zones = new ArrayList<>();
    for (int members : new int[] {2, 5, 8, 13, 32, 77}) {
      zones.add(new PaperZone(members, MEGAWATT_HOUR, members % 2 == 0, random));
    }
    Map<Forgery, Integer> refused = new EnumMap<>(Forgery.class);
    int total = 0;
    while (total < 10_000) {
      Forgery how = Forgery.values()[total % Forgery.values().length];
      PaperZone zone = zones.get(random.nextInt(zones.size()));
      PaperZone other = zones.get(random.nextInt(zones.size()));
      Verdict verdict = forged(how, zone, other, random);
      if (verdict == null) {
        continue; // It came out as the true one.
      }
      int number = total;
      Refused no =
          assertInstanceOf(Refused.class, verdict, () -> how + ", seed " + SEED + " no. " + number);
      assertFalse(no.why().isBlank() || no.why().endsWith("null"), () -> how + ": " + no.why());
      refused.merge(how, 1, Integer::sum);
      total++;
    }
    assertEquals(Forgery.values().length, refused.size());
  }

  /** Null if what came out is the true one. */
  private static @Nullable Verdict forged(
      Forgery how, PaperZone zone, PaperZone other, Random random) {
    int member = random.nextInt(zone.nodes.size());
    ZoneProof truth = zone.proof(member);
    byte[] file = truth.json();
    String record = zone.records.get(member);
    String root = random.nextBoolean() ? zone.root.hash() : zone.root.json();
    List<String> path = new ArrayList<>(truth.path());
    SigningKey key = zone.key;
    int level = random.nextInt(path.size());
    ZoneProof proof = truth;
    switch (how) {
      case BIT_OF_THE_FILE -> file[random.nextInt(file.length)] ^= (byte) (1 << random.nextInt(8));
      case BIT_OF_A_NODE -> {
        byte[] node = Base64.getUrlDecoder().decode(path.get(level));
        node[random.nextInt(node.length)] ^= (byte) (1 << random.nextInt(8));
        path.set(level, Base64.getUrlEncoder().withoutPadding().encodeToString(node));
        proof = with(truth, path);
      }
      case SUM_MOVED_TO_ANOTHER_LEVEL -> {
        if (path.size() < 2) {
          return null;
        }
        int to = (level + 1) % path.size();
        moveSum(path, level, to);
        proof = with(truth, path);
      }
      case SIBLINGS_SWAPPED -> {
        Collections.swap(path, level, random.nextInt(path.size()));
        proof = with(truth, path);
      }
      case LEVEL_LEFT_OUT -> {
        path.remove(level);
        proof = with(truth, path);
      }
      case LEVEL_ADDED -> {
        path.add(level, path.get(random.nextInt(path.size())));
        proof = with(truth, truth.leaf(), truth.leaves() * (1 + random.nextInt(2)), path);
      }
      case OTHER_LEAF -> proof = with(truth, random.nextInt(2_000), truth.leaves(), path);
      case OTHER_NUMBER_OF_LEAVES -> proof = with(truth, truth.leaf(), random.nextInt(2_000), path);
      case OTHER_GATEWAY ->
          file =
              text(file)
                  .replace(truth.gateway(), PaperZone.name(random.nextInt(zone.nodes.size())))
                  .getBytes(StandardCharsets.UTF_8);
      case RECORD_OF_ANOTHER_GATEWAY -> {
        int another = random.nextInt(zone.nodes.size());
        if (another == member) {
          return null;
        }
        record = zone.records.get(another);
        ZoneProof theirs = zone.proof(another);
        proof =
            new ZoneProof(
                truth.gateway(),
                theirs.epoch(),
                theirs.seq(),
                truth.interval(),
                truth.start(),
                truth.rev(),
                random.nextBoolean() ? truth.leaf() : theirs.leaf(),
                truth.leaves(),
                random.nextBoolean() ? truth.path() : theirs.path());
      }
      case RECORD_OF_ANOTHER_INTERVAL -> {
        // What the gateway has signed twice, for two intervals or with two figures.
        long start = PaperGateway.START + random.nextInt(2) * PaperGateway.QUARTER;
        record = zone.record(member, start, MEGAWATT_HOUR, true, random);
      }
      case RECORD_CHANGED -> {
        int digit = record.indexOf("\"v\":") + 4;
        char now = (char) ('0' + (record.charAt(digit) - '0' + 1) % 10);
        record = record.substring(0, digit) + now + record.substring(digit + 1);
      }
      case RECORD_IN_ANOTHER_HAND -> key = SigningKey.make(random);
      case INNER_NODE_AS_LEAF -> {
        path.removeFirst();
        proof = with(truth, truth.leaf() / 2, (truth.leaves() + 1) / 2, path);
      }
      case PATH_OF_ANOTHER_LEAF -> {
        int another = random.nextInt(zone.nodes.size());
        proof = with(truth, truth.leaf(), truth.leaves(), zone.tree.path(another));
      }
      case TRUNCATED -> file = Arrays.copyOf(file, random.nextInt(file.length));
      case TOO_LARGE -> {
        byte[] large = Arrays.copyOf(file, ZoneProof.LARGEST + 1 + random.nextInt(1_000_000));
        Arrays.fill(large, file.length, large.length, (byte) ' ');
        file = large;
      }
      case WRITTEN_ANOTHER_WAY -> {
        String text = text(file);
        String member1 = "\"leaf\":" + truth.leaf();
        text =
            switch (random.nextInt(5)) {
              case 0 -> text.replace(",", ", ");
              case 1 -> text.replace(member1, member1 + "." + "0".repeat(1 + random.nextInt(9)));
              case 2 -> text.replace(member1 + ",", member1 + "," + member1 + ",");
              case 3 -> text.replace(member1, "\"more\":" + random.nextInt() + "," + member1);
              default -> text.replace(member1, "\"leaf\":-" + (1 + random.nextInt(99)));
            };
        file = text.getBytes(StandardCharsets.UTF_8);
      }
      case OTHER_ROOT -> root = random.nextBoolean() ? other.root.hash() : other.root.json();
      case ROOT_CHANGED -> {
        String json = zone.root.json();
        int at = random.nextInt(json.length());
        char now = (char) (json.charAt(at) ^ (1 << random.nextInt(7)));
        root = json.substring(0, at) + now + json.substring(at + 1);
      }
      case OTHER_REVISION ->
          root =
              new ZoneRoot(
                      zone.root.interval(),
                      zone.root.start(),
                      1 + random.nextInt(9),
                      zone.root.top())
                  .json();
    }
    byte[] given = proof.equals(truth) ? file : proof.json();
    boolean isTrue =
        Arrays.equals(given, truth.json())
            && (root.equals(zone.root.json()) || root.equals(zone.root.hash()))
            && record.equals(zone.records.get(member))
            && key.equals(zone.key);
    return isTrue ? null : verdict(given, root, record, key);
  }

  /** Takes a little from one node of the path and gives it to another, so that the total stays. */
  private static void moveSum(List<String> path, int from, int to) {
    for (int level : new int[] {from, to}) {
      byte[] node = Base64.getUrlDecoder().decode(path.get(level));
      node[node.length - 1] += (byte) (level == from ? -1 : 1);
      path.set(level, Base64.getUrlEncoder().withoutPadding().encodeToString(node));
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Test
  void aRecordThatNobodySignedIsNotLookedAt() {
    PaperZone zone = new PaperZone(3, MEGAWATT_HOUR, true, new Random(SEED));
    String unsigned = zone.records.getFirst().replaceFirst(",\"sig\":\"[^\"]*\"", "");
    assertInstanceOf(
        Refused.class, verdict(zone.proof(0).json(), zone.root.hash(), unsigned, zone.key));
    assertInstanceOf(Inside.class, verdict(zone.proof(0), zone, 0));
    SealedRecord none = null;
    assertInstanceOf(
        Refused.class, zone.proof(0).check(none, new ZoneRoot.Published(zone.root.hash(), "")));
  }

  /** Whoever adds up what was told first has a proof of it, which says that more was told. */
  @Test
  void aRevisionThatCameLaterIsSaidNotToBeInTheTotal() {
    PaperZone zone = new PaperZone(3, MEGAWATT_HOUR, true, new Random(SEED));
    String first = zone.records.getFirst();
    String later =
        PaperGateway.signed(
            first
                .replaceFirst(",\"sig\":\"[^\"]*\"", "")
                .replace("\"rev\":0", "\"rev\":1")
                .replace("\"seq\":812000", "\"seq\":812900"),
            zone.key);
    String root = zone.root.hash();
    for (String records : List.of(first + "\n" + later, later + "\n" + first)) {
      Verdict verdict = verdict(zone.proof(0).json(), root, records, zone.key);
      SealedRecord told = assertInstanceOf(Inside.class, verdict).later();
      assertEquals(812_900, told == null ? 0 : told.seq());
      assertTrue(verdict.text().contains("seq 812900, revision 1, is not in"), verdict::text);
    }
    Verdict alone = verdict(zone.proof(0).json(), root, first, zone.key);
    assertNull(assertInstanceOf(Inside.class, alone).later());
  }

  @Test
  void theKeyOfAnotherGatewayIsSaidToBeThat() {
    PaperZone zone = new PaperZone(3, MEGAWATT_HOUR, true, new Random(SEED));
    Verdict verdict =
        ZoneClaim.of(zone.proof(0).json(), zone.root.hash(), "gw-00001")
            .judge(new Verification(zone.key.open()));
    assertTrue(assertInstanceOf(Refused.class, verdict).why().contains("gw-00001"));
  }
}
