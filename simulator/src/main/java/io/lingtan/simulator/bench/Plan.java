package io.lingtan.simulator.bench;

/**
 * What is asked of each candidate.
 *
 * @param meters of thirty values each, read and sent once a second, 1..247
 * @param seconds how long it is measured, 4..3600; a drain takes as long as it takes
 * @param backlog values that wait in a journal before a drain
 */
record Plan(Course course, int meters, int seconds, int backlog) {}
