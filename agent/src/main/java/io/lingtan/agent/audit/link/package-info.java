/** The auditor's session with a broker. */
@NullMarked
package io.lingtan.agent.audit.link;

import org.jspecify.annotations.NullMarked;
