package io.lingtan.simulator.prove;

/** Who is told that something broke which is no record. */
@FunctionalInterface
interface Troubles {

  /**
   * Something broke.
   *
   * @param worldMillis UTC ms
   */
  void happened(long worldMillis, String what);
}
