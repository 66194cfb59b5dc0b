package io.lingtan.simulator.fault;

/**
 * What a fault has done, for whoever compares figures with the truth.
 *
 * @param strikes how often it struck, ≥ 1
 * @param firstMillis when it struck first, UTC ms of the world
 * @param lastMillis when it struck last
 */
public record Touch(Fault fault, long strikes, long firstMillis, long lastMillis) {}
