/**
 * What is handed over when a site is put into operation: the acceptance record, signed by the
 * gateway and kept as files, and the short state that a phone takes along as a QR code.
 *
 * <p>Made on a request's thread, of what is shown and of what the journal's events say was checked.
 * What was not checked says so; nothing here fills a gap.
 */
@NullMarked
package io.lingtan.agent.status.handover;

import org.jspecify.annotations.NullMarked;
