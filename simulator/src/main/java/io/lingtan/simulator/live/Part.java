package io.lingtan.simulator.live;

import io.lingtan.agent.run.MonotonicInstant;

/** Something that shows the world to the outside. All methods are called from the site's thread. */
public sealed interface Part extends AutoCloseable permits CoapPart, InputPart, PushPart {

  /** Does what is due; returns how many things that were. */
  int step(MonotonicInstant now);

  /** When there is something to do again. */
  MonotonicInstant due();

  @Override
  void close();
}
