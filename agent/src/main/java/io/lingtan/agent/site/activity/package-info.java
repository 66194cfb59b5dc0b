/**
 * What people tell of things that no meter sees and that emit: fuel in cans and tanks, refrigerant,
 * steam. In come the cells of a line, out goes an {@link io.lingtan.agent.site.activity.Activity}.
 * No thread, no clock.
 */
@NullMarked
package io.lingtan.agent.site.activity;

import org.jspecify.annotations.NullMarked;
