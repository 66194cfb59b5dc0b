/** Contacts that a GPIO chip's lines hang on: pulse outputs of meters, and switches. */
@NullMarked
package io.lingtan.simulator.device.contact;

import org.jspecify.annotations.NullMarked;
