/** The tables, in a PostgreSQL of the test's own. */
@NullMarked
package io.lingtan.simulator.zone.sink;

import org.jspecify.annotations.NullMarked;
