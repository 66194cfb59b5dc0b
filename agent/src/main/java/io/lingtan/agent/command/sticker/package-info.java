/**
 * The command that takes what a gateway's sticker says: a text in, a gateway with a certificate.
 *
 * <p>It runs in the thread of {@code main}.
 */
@NullMarked
package io.lingtan.agent.command.sticker;

import org.jspecify.annotations.NullMarked;
