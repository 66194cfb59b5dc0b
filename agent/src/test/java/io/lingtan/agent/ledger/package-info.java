@NullMarked
package io.lingtan.agent.ledger;

import org.jspecify.annotations.NullMarked;
