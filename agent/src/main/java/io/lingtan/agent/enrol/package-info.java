/**
 * The gateway's own certificate: got once with a token, by what a sticker says, and renewed before
 * it ends, both by EST (RFC 7030). In comes an {@link io.lingtan.agent.enrol.Invitation} or the
 * certificate of now, out goes one file with certificate and key, which the link to the broker
 * takes up by itself. The private key is made here and never leaves.
 *
 * <p>{@link io.lingtan.agent.enrol.RenewalStep} has a thread of its own; what it asks the server
 * runs as an errand.
 */
@NullMarked
package io.lingtan.agent.enrol;

import org.jspecify.annotations.NullMarked;
