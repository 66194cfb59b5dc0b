/** How records become bytes of a segment and back. */
@NullMarked
package io.lingtan.agent.journal.code;

import org.jspecify.annotations.NullMarked;
