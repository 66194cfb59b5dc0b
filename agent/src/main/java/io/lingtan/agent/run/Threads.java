package io.lingtan.agent.run;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Threads that are not a step's own. */
public final class Threads {

  private Threads() {}

  /** One virtual thread for each task: for requests that mostly wait. */
  public static ExecutorService virtual(String name) {
    return Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name(name + "-", 0).factory());
  }

  /** Runs {@code action} when the process is asked to end (SIGTERM, SIGINT) or ends by itself. */
  public static void atShutdown(String name, Runnable action) {
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name(name).unstarted(action));
  }
}
