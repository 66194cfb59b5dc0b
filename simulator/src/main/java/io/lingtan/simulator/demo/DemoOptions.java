package io.lingtan.simulator.demo;

import java.nio.file.Path;

/**
 * How the demo is to run.
 *
 * @param listenHost address that the page listens on
 * @param listenPort its port, 0 for any free one
 * @param reachableHost address at which a browser finds the page
 * @param seconds how long the story plays by itself; 0 for until somebody ends it
 * @param svg where the picture goes
 * @param seed of the world
 */
record DemoOptions(
    String listenHost, int listenPort, String reachableHost, long seconds, Path svg, long seed) {}
