/**
 * The real agent as its own process between meters and a broker that nobody here wrote. The meters
 * write down every reply they gave: against this witness everything that arrived is compared.
 */
@NullMarked
package io.lingtan.simulator.endtoend;

import org.jspecify.annotations.NullMarked;
