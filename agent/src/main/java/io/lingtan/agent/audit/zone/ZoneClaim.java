package io.lingtan.agent.audit.zone;

import io.lingtan.agent.audit.message.Malformed;
import io.lingtan.agent.audit.verify.SealedRecord;
import io.lingtan.agent.audit.verify.Verification;
import io.lingtan.agent.audit.zone.ZoneProof.Verdict;
import org.jspecify.annotations.Nullable;

/** What a zone claims by a proof and a root, until the record is there that it is about. */
public final class ZoneClaim {

  private final @Nullable ZoneProof proof;
  private final ZoneRoot.@Nullable Published root;

  /** Whether the key says which gateway it is of, and that is the proof's. */
  private final boolean named;

  /** Why it is refused whatever the record is; empty if it may be good. */
  private final String why;

  private ZoneClaim(
      @Nullable ZoneProof proof, ZoneRoot.@Nullable Published root, boolean named, String why) {
    this.proof = proof;
    this.root = root;
    this.named = named;
    this.why = why;
  }

  /**
   * Takes both as they were handed over.
   *
   * @param root hash, or the root's JSON
   * @param owner whose key the records are judged by, null if the key does not say it
   */
  public static ZoneClaim of(byte[] proof, String root, @Nullable String owner) {
    String what = "the root: ";
    try {
      ZoneRoot.Published published = ZoneRoot.Published.read(root);
      what = "the proof: ";
      ZoneProof read = ZoneProof.read(proof);
      if (owner != null && !owner.equals(read.gateway())) {
        throw new Malformed("it is of " + read.gateway() + ", and the key of " + owner);
      }
      return new ZoneClaim(read, published, owner != null, "");
    } catch (Malformed e) {
      return new ZoneClaim(null, null, false, what + e.getMessage());
    }
  }

  /** Has the record looked for while a file is read. */
  public void lookIn(Verification verification) {
    if (proof != null) {
      verification.lookFor(proof.epoch(), proof.seq(), proof.interval(), proof.start());
    }
  }

  /** Judges it, once the file is read that {@link #lookIn} was told of. */
  public Verdict judge(Verification verification) {
    if (proof == null || root == null) {
      return new ZoneProof.Refused(why);
    }
    SealedRecord latest = null;
    for (SealedRecord each : verification.ofThatInterval()) {
      if (latest == null || ZoneLeaf.rev(each.json()) > ZoneLeaf.rev(latest.json())) {
        latest = each;
      }
    }
    return proof.check(verification.found(), root, named, latest);
  }
}
