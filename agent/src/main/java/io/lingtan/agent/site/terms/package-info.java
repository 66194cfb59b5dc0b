/** By which settings the intervals of a month were counted and its bill is worked out. */
@NullMarked
package io.lingtan.agent.site.terms;

import org.jspecify.annotations.NullMarked;
