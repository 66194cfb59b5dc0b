/** The numbers of records: epochs, boots, chains, drops and signatures. */
@NullMarked
package io.lingtan.agent.journal.number;

import org.jspecify.annotations.NullMarked;
