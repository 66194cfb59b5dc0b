/**
 * Archives, into which the auditor writes what it received.
 *
 * <p>In come records byte for byte; out goes their place on the disk once {@code commit} returns.
 * The auditor's thread.
 */
@NullMarked
package io.lingtan.agent.audit.archive;

import org.jspecify.annotations.NullMarked;
