/**
 * Whether a gateway's interval is inside the total that a zone has published: a proof of some 2 kB
 * is checked against the published root, offline.
 *
 * <p>Of each interval a zone makes a Merkle tree over its members' signed records, in the order of
 * the gateways' names and of the shape of RFC 9162 (section 2.1). It is a <em>sum</em> tree: with
 * its hash a node has, of each figure, how many gateways have a value, and two sums in whole
 * milliwatt-hours or milligrams, of the amounts above zero and of those below. So no amount can be
 * hidden behind a negative one: where the root says that nothing is below zero, nothing is.
 *
 * <ul>
 *   <li>leaf = SHA-256(0x00, {@link io.lingtan.agent.audit.zone.ZoneLeaf}'s canonical JSON), which
 *       has the hash of the signed record and what of it is summed;
 *   <li>inner node = SHA-256(0x01, left, right), each with its hash <em>and its sums</em>;
 *   <li>root = SHA-256(0x02, {@link io.lingtan.agent.audit.zone.ZoneRoot}'s canonical JSON), which
 *       has the interval, the root's revision, the number of leaves and the totals: this one hash
 *       stands for all of it.
 * </ul>
 *
 * <p>A proof has no figure in it and no hash of the record: both are taken from the signed record
 * itself, which lies beside it. What is left to forge is the path, and that is bound to the root.
 *
 * <p>It shows that this record, of the gateway's own hand, is in the total with all its figures,
 * and which total that is. A zone that tells less of some members than they have signed has no
 * proof for these. It does not show that the other leaves are records of meters and each there
 * once: a zone may add a leaf that no gateway signed, and only somebody with all records sees that.
 * Nor does it show that two people were given the same root; so it has to be published where all
 * see it.
 *
 * <p>Pure: no input or output, clock, thread or randomness.
 */
@NullMarked
package io.lingtan.agent.audit.zone;

import org.jspecify.annotations.NullMarked;
