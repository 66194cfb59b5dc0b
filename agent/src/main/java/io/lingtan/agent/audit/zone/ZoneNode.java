package io.lingtan.agent.audit.zone;

import io.lingtan.agent.audit.message.Malformed;
import io.lingtan.agent.seal.Digest;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;

/** A node of a zone's tree: a hash, and what is added up below it. */
public final class ZoneNode {

  /** So many gateways a zone may have. */
  public static final long MOST_LEAVES = 1L << 24;

  private static final byte[] LEAF = {0};
  private static final byte[] INNER = {1};
  private static final int HASH_BYTES = 32;
  private static final int LONGEST_TEXT = 1_024;

  private final byte[] hash;
  private final long leaves;
  private final List<FigureSum> sums;

  /** Hash, number of leaves and sums: what the node above is the hash of. */
  private final byte[] bytes;

  private ZoneNode(byte[] hash, long leaves, List<FigureSum> sums) {
    if (leaves < 1 || leaves > MOST_LEAVES) {
      throw new IllegalArgumentException("a tree of " + leaves + " leaves");
    }
    this.hash = hash;
    this.leaves = leaves;
    this.sums = List.copyOf(sums);
    ByteArrayOutputStream out = new ByteArrayOutputStream(128);
    out.writeBytes(hash);
    FigureSum.writeNatural(out, BigInteger.valueOf(leaves));
    sums.forEach(sum -> sum.write(out, leaves));
    bytes = out.toByteArray();
  }

  public static ZoneNode of(ZoneLeaf leaf) {
    return new ZoneNode(
        Digest.sha256(LEAF, leaf.canonical()),
        1,
        ZoneLeaf.FIGURES.stream().map(name -> FigureSum.of(leaf.amounts().get(name))).toList());
  }

  /**
   * The node above two others.
   *
   * @throws IllegalArgumentException if there are more than {@value #MOST_LEAVES} leaves below
   */
  public static ZoneNode above(ZoneNode left, ZoneNode right) {
    List<FigureSum> both = new ArrayList<>();
    Iterator<FigureSum> others = right.sums.iterator();
    left.sums.forEach(sum -> both.add(sum.plus(others.next())));
    return new ZoneNode(
        Digest.sha256(INNER, left.bytes, right.bytes), left.leaves + right.leaves, both);
  }

  /**
   * Reads what {@link #text} wrote.
   *
   * @throws Malformed if it is something else, or written in another way
   */
  static ZoneNode read(String text) throws Malformed {
    if (text.length() > LONGEST_TEXT) {
      throw new Malformed("a node of the path is too long");
    }
    try {
      ByteBuffer in = ByteBuffer.wrap(Base64.getUrlDecoder().decode(text));
      byte[] hash = new byte[HASH_BYTES];
      in.get(hash);
      long leaves = FigureSum.readNatural(in).longValueExact();
      List<FigureSum> sums = new ArrayList<>();
      for (int i = 0; i < ZoneLeaf.FIGURES.size(); i++) {
        sums.add(FigureSum.read(in, leaves));
      }
      ZoneNode node = new ZoneNode(hash, leaves, sums);
      if (!node.text().equals(text)) {
        throw new Malformed("a node of the path is written in another way than there is");
      }
      return node;
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new Malformed("a node of the path is none: " + e.getMessage());
    } catch (BufferUnderflowException e) {
      throw new Malformed("a node of the path is too short");
    }
  }

  /** All of it, base64url. */
  public String text() {
    return Digest.base64(bytes);
  }

  String hash() {
    return Digest.base64(hash);
  }

  public long leaves() {
    return leaves;
  }

  FigureSum sum(String figure) {
    return sums.get(ZoneLeaf.FIGURES.indexOf(figure));
  }

  /** Of each of {@link ZoneLeaf#FIGURES}, in its order. */
  public List<FigureSum> sums() {
    return sums;
  }
}
