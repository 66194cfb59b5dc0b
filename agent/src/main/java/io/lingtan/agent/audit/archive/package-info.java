/** Archives, into which the auditor writes what it received. */
@NullMarked
package io.lingtan.agent.audit.archive;

import org.jspecify.annotations.NullMarked;
