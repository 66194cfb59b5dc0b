/** Verification of sealed records: chain, signature, and figures derived anew. */
@NullMarked
package io.lingtan.agent.audit.verify;

import org.jspecify.annotations.NullMarked;
