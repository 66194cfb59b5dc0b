/** Messages as a subscriber reads them. */
@NullMarked
package io.lingtan.agent.audit.message;

import org.jspecify.annotations.NullMarked;
