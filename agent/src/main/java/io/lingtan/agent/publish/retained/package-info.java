/** Retained topics: birth, store, meta, discovery. */
@NullMarked
package io.lingtan.agent.publish.retained;

import org.jspecify.annotations.NullMarked;
