@NullMarked
package io.lingtan.agent.carbon;

import org.jspecify.annotations.NullMarked;
