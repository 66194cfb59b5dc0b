package io.lingtan.agent.audit;

import io.lingtan.agent.audit.GatewayReport.Link;
import io.lingtan.agent.audit.message.Drop;
import io.lingtan.agent.audit.message.Tree;
import io.lingtan.agent.reading.foreign.ForeignText;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the audit found, for people and for programs.
 *
 * @param atMillis UTC ms of the report
 * @param listeningSinceMillis UTC ms before which nothing is judged, 0 if there is no such time
 * @param refusedMessages messages of more gateways than are followed
 * @param archiveContradictions records that came with another content than the archive keeps
 * @param repair what came of asking for what is missing, null if nobody was asked
 */
public record AuditReport(
    long atMillis,
    long listeningSinceMillis,
    List<GatewayReport> gateways,
    long refusedMessages,
    long archiveContradictions,
    @Nullable RepairReport repair) {

  public AuditReport {
    gateways = List.copyOf(gateways);
  }

  /** One of an audit that only listened. */
  public AuditReport(
      long atMillis,
      long listeningSinceMillis,
      List<GatewayReport> gateways,
      long refusedMessages) {
    this(atMillis, listeningSinceMillis, gateways, refusedMessages, 0, null);
  }

  /**
   * The worst of all gateways' verdicts; with a repair also what it could not bring back, and with
   * gateways that are not followed at least that.
   */
  public Verdict verdict() {
    if (archiveContradictions > 0 || (repair != null && !repair.isWhole())) {
      return Verdict.FAILED;
    }
    Verdict worst =
        gateways.isEmpty()
            ? Verdict.UNKNOWN
            : refusedMessages > 0 ? Verdict.PARTIAL : Verdict.COMPLETE;
    for (GatewayReport gateway : gateways) {
      Verdict verdict = gateway.verdict();
      worst = verdict.compareTo(worst) < 0 ? verdict : worst;
    }
    return worst;
  }

  /** Lines for a person; the last one is the verdict. */
  public String text() {
    ReportLines out = new ReportLines();
    if (listeningSinceMillis > 0) {
      out.add(
          "listening since %s; what was delivered before is not judged",
          time(listeningSinceMillis));
    }
    for (GatewayReport gateway : gateways) {
      gateway(out, gateway);
    }
    if (refusedMessages > 0) {
      out.add(
          "%,d messages of more gateways than can be followed: name some with --gateway, or give"
              + " more memory (LINGTAN_OPTS=-Xmx512m)",
          refusedMessages);
    }
    if (archiveContradictions > 0) {
      out.add(
          "two contents: %,d times what came is not what the archive has", archiveContradictions);
    }
    if (repair != null) {
      repair.write(out);
    }
    out.add("%s", verdictLine());
    return out.text();
  }

  private static void gateway(ReportLines out, GatewayReport gateway) {
    out.add("%s: %s", gateway.gateway(), link(gateway));
    if (gateway.storeHeardMillis() == 0) {
      out.add("  it never said what it has (topic store): cannot be judged");
    }
    Long blocked = gateway.blockedSinceMillis();
    if (blocked != null) {
      out.add(
          "  nothing new is recorded there%s: its journal cannot be written (event"
              + " journal.not_written says why)",
          blocked == 0 ? "" : " since " + time(blocked));
    }
    gateway.epochs().forEach(epoch -> epoch(out, epoch));
    for (Gap gap : gateway.gaps()) {
      String to = gap.ended() ? time(gap.to()) : "now";
      out.add("  nothing explains: %s from %s to %s", gap.device(), time(gap.from()), to);
    }
    if (gateway.unexplained() > gateway.gaps().size()) {
      out.add("  and %,d more", gateway.unexplained() - gateway.gaps().size());
    }
    if (!gateway.withoutPeriod().isEmpty()) {
      out.add(
          "  gaps not judged, record period unknown: %s",
          String.join(", ", gateway.withoutPeriod()));
    }
    if (gateway.toldTwice() > 0) {
      out.add(
          "  two contents of one interval and rev: %,d times, such as by a card that was put back"
              + " from an older copy; lingtan verify names them",
          gateway.toldTwice());
    }
    if (gateway.notFresh() != null) {
      out.add("  not judged: what it has delivered of late; %s", gateway.notFresh());
    }
    gateway.garbage().forEach((what, count) -> out.add("  %,d not readable: %s", count, what));
    if (gateway.forgottenEpochs() > 0) {
      out.add(
          "  %,d earlier epochs no longer followed, %,d records of them missing",
          gateway.forgottenEpochs(), gateway.forgottenMissing());
    }
    if (gateway.forgottenUnjudged() > 0) {
      out.add("  %,d records of them not judged", gateway.forgottenUnjudged());
    }
    if (gateway.shortened() > 0) {
      out.add(
          "  remembered less of %,d times, for want of memory (LINGTAN_OPTS=-Xmx512m gives more)",
          gateway.shortened());
    }
  }

  private static String link(GatewayReport gateway) {
    String heard =
        gateway.lastHeardMillis() == 0 ? "" : ", last heard " + time(gateway.lastHeardMillis());
    return switch (gateway.link()) {
      case ONLINE -> "online" + heard;
      case OFFLINE ->
          "offline, nothing is known since " + time(gateway.offlineSinceMillis()) + heard;
      case UNKNOWN -> "no status" + heard;
    };
  }

  private static void epoch(ReportLines out, EpochReport epoch) {
    out.add(
        "  epoch %s%s: %,d numbered, %,d received, %,d missing, %,d in transit",
        epoch.epoch(),
        epoch.current() ? "" : " (earlier)",
        epoch.last(),
        epoch.received(),
        epoch.missing(),
        epoch.inTransit());
    if (epoch.unseen() > 0) {
      out.add(
          "    not judged: %,d delivered while nobody listened here; --repair --all asks for them,"
              + " --since-listening leaves out what was before",
          epoch.unseen());
    }
    if (epoch.leftOut() > 0) {
      out.add("    left out: %,d from before this audit first listened", epoch.leftOut());
    }
    list(out, "missing", epoch.holes());
    list(out, "in transit", epoch.transit());
    if (!epoch.broken().isEmpty()) {
      out.add(
          "    broken links: %s",
          epoch.broken().stream()
              .map(link -> link.stream() + " after " + link.after())
              .collect(Collectors.joining(", ")));
    }
    for (Drop drop : epoch.dropped()) {
      out.add(
          "    declared dropped: %,d %s of %d..%d (%s)",
          drop.count(), drop.kind(), drop.from(), drop.to(), drop.reason());
    }
    if (epoch.repeats() + epoch.uncompared() > 0) {
      out.add(
          "    received again: %,d the same, %,d too old to compare",
          epoch.repeats(), epoch.uncompared());
    }
    if (epoch.contradicted() > 0) {
      out.add(
          "    two contents under one number: %,d times, at %s",
          epoch.contradicted(), epoch.contradictions());
    }
    if (epoch.forks() > 0) {
      out.add("    %,d records contradict another one's after", epoch.forks());
    }
  }

  private static void list(ReportLines out, String what, List<Hole> holes) {
    if (!holes.isEmpty()) {
      String all = holes.stream().map(Hole::toString).collect(Collectors.joining(", "));
      out.add("    %s: %s", what, all);
    }
  }

  private long sum(ToLongFunction<GatewayReport> count) {
    return gateways.stream().mapToLong(count).reduce(0, GatewayReport::sum);
  }

  /** Records that are known to exist, but for those left out. */
  private long all() {
    return sum(
        gateway ->
            gateway.epochs().stream()
                .mapToLong(epoch -> Math.max(0, epoch.last() - epoch.leftOut()))
                .reduce(gateway.forgottenUnjudged(), GatewayReport::sum));
  }

  /**
   * One line: the verdict and the sums that it comes from. What was not judged, and what could not
   * be read, is at its end where there is any.
   */
  public String verdictLine() {
    long unjudged = sum(GatewayReport::unjudged);
    long unreadable = sum(GatewayReport::unreadable);
    String sums =
        String.format(
            Locale.ROOT,
            "%d gateway%s, %,d records received, %,d missing, %,d contradictions, "
                + "%,d unexplained gaps, %,d in transit%s%s",
            gateways.size(),
            gateways.size() == 1 ? "" : "s",
            sum(GatewayReport::received),
            sum(GatewayReport::missing),
            sum(GatewayReport::contradicted),
            sum(GatewayReport::unexplained),
            sum(GatewayReport::inTransit),
            unjudged == 0 ? "" : String.format(Locale.ROOT, ", %,d not judged", unjudged),
            unreadable == 0 ? "" : String.format(Locale.ROOT, ", %,d not readable", unreadable));
    long offline = gateways.stream().filter(g -> g.link() == Link.OFFLINE).count();
    return switch (verdict()) {
      case FAILED -> "FAILED: " + sums;
      case UNKNOWN ->
          gateways.isEmpty()
              ? "UNKNOWN: no gateway was heard"
              : "UNKNOWN: " + sums + "; a gateway never said what it has";
      case PARTIAL -> "PARTIAL: " + sums + "; complete as far as judged: " + judged(unjudged);
      case OPEN -> "OPEN: " + sums + (offline == 0 ? "" : ", " + offline + " offline");
      case COMPLETE -> "COMPLETE: " + sums;
    };
  }

  private String judged(long unjudged) {
    long late = gateways.stream().filter(gateway -> gateway.notFresh() != null).count();
    long all = all();
    String records = String.format(Locale.ROOT, "%,d of %,d", Math.max(0, all - unjudged), all);
    return late == 0
        ? records
        : records + String.format(Locale.ROOT, ", %d gateways not of late", late);
  }

  /** One line of JSON. Times are UTC ms. */
  public String json() {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("at", atMillis);
    tree.put("listening_since", listeningSinceMillis == 0 ? null : listeningSinceMillis);
    tree.put("verdict", word(verdict()));
    tree.put("good", verdict().isGood());
    tree.put("complete", verdict() == Verdict.COMPLETE);
    tree.put("received", sum(GatewayReport::received));
    tree.put("missing", sum(GatewayReport::missing));
    tree.put("in_transit", sum(GatewayReport::inTransit));
    tree.put("not_judged", sum(GatewayReport::unjudged));
    tree.put("of", all());
    tree.put("not_readable", sum(GatewayReport::unreadable));
    List<Object> list = new ArrayList<>();
    gateways.forEach(gateway -> list.add(tree(gateway)));
    tree.put("gateways", list);
    tree.put("refused_messages", refusedMessages);
    tree.put("archive_contradictions", archiveContradictions);
    if (repair != null) {
      tree.put("repair", repair.tree());
    }
    return ForeignText.json(new String(Tree.bytes(tree), StandardCharsets.UTF_8));
  }

  private static Map<String, @Nullable Object> tree(GatewayReport gateway) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("gateway", gateway.gateway());
    tree.put("verdict", word(gateway.verdict()));
    tree.put("status", word(gateway.link()));
    tree.put("unknown_since", orNull(gateway.offlineSinceMillis()));
    tree.put("last_heard", orNull(gateway.lastHeardMillis()));
    tree.put("store_heard", orNull(gateway.storeHeardMillis()));
    tree.put("blocked_since", gateway.blockedSinceMillis());
    tree.put("received", gateway.received());
    tree.put("missing", gateway.missing());
    tree.put("contradictions", gateway.contradicted());
    tree.put("told_twice", gateway.toldTwice());
    tree.put("unexplained_gaps", gateway.unexplained());
    tree.put("in_transit", gateway.inTransit());
    tree.put("not_judged", gateway.unjudged());
    tree.put("not_judged_of_late", gateway.notFresh());
    tree.put("shortened", gateway.shortened());
    List<Object> epochs = new ArrayList<>();
    gateway.epochs().forEach(epoch -> epochs.add(tree(epoch)));
    tree.put("epochs", epochs);
    List<Object> gaps = new ArrayList<>();
    for (Gap gap : gateway.gaps()) {
      Map<String, @Nullable Object> one = new LinkedHashMap<>();
      one.put("device", gap.device());
      one.put("from", gap.from());
      one.put("to", gap.ended() ? gap.to() : null);
      gaps.add(one);
    }
    tree.put("gaps", gaps);
    tree.put("gaps_not_judged", gateway.withoutPeriod());
    tree.put("not_readable", gateway.garbage());
    tree.put("forgotten_epochs", gateway.forgottenEpochs());
    return tree;
  }

  private static Map<String, @Nullable Object> tree(EpochReport epoch) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("epoch", epoch.epoch());
    tree.put("current", epoch.current());
    tree.put("last", epoch.last());
    tree.put("acked", epoch.acked());
    tree.put("received", epoch.received());
    tree.put("not_judged", epoch.unseen());
    tree.put("left_out", epoch.leftOut());
    tree.put("missing", epoch.missing());
    tree.put("holes", holes(epoch.holes()));
    tree.put("in_transit", epoch.inTransit());
    tree.put("transit", holes(epoch.transit()));
    tree.put("explained_by_drops", epoch.explained());
    tree.put("dropped", epoch.dropped().stream().map(Drop::save).toList());
    tree.put("repeats", epoch.repeats());
    tree.put("repeats_not_compared", epoch.uncompared());
    tree.put("contradictions", epoch.contradicted());
    tree.put("contradicted", epoch.contradictions());
    tree.put("forks", epoch.forks());
    List<Object> broken = new ArrayList<>();
    epoch
        .broken()
        .forEach(link -> broken.add(Map.of("stream", link.stream(), "after", link.after())));
    tree.put("broken_links", broken);
    return tree;
  }

  private static List<Object> holes(List<Hole> holes) {
    List<Object> list = new ArrayList<>();
    for (Hole hole : holes) {
      Map<String, @Nullable Object> one = new LinkedHashMap<>();
      one.put("from", hole.from());
      one.put("to", hole.to());
      one.put("count", hole.count());
      list.add(one);
    }
    return list;
  }

  private static @Nullable Long orNull(long millis) {
    return millis == 0 ? null : millis;
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static String time(long millis) {
    return Instant.ofEpochMilli(millis).toString();
  }
}
