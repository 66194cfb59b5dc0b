package io.lingtan.agent.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.testing.Launched;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class LoopTest {

  private final Time time = new SystemTime(List.of("system"));

  /** Throws until it is told not to. */
  private final class Failing implements Step {
    private final Waiter waiter = Waiter.parking();
    private final CountDownLatch twice = new CountDownLatch(2);
    private final CountDownLatch well = new CountDownLatch(2);
    private volatile boolean fails = true;

    @Override
    public String name() {
      return "failing";
    }

    @Override
    public int step(MonotonicInstant now) {
      if (fails) {
        twice.countDown();
        throw new IllegalStateException("again");
      }
      well.countDown();
      return 0;
    }

    @Override
    public MonotonicInstant due() {
      return time.now();
    }

    @Override
    public Waiter waiter() {
      return waiter;
    }
  }

  @Test
  void itTellsSinceWhenAStepDoesNothingButFail() throws Exception {
    Failing step = new Failing();
    Loop loop = new Loop(step, time).start();
    assertTrue(step.twice.await(20, TimeUnit.SECONDS));
    MonotonicInstant since = loop.health().failingSince();
    assertNotNull(since);
    assertTrue(loop.health().failures() >= 1);
    assertTrue(loop.health().lastStep().isAfter(since), "since the first failure, not the last");
    step.fails = false;
    assertTrue(step.well.await(20, TimeUnit.SECONDS));
    assertNull(loop.health().failingSince());
    assertEquals("java.lang.IllegalStateException: again", loop.health().lastFailure());
    assertTrue(loop.stop(Duration.ofSeconds(10)));
  }

  /** Sets its next time before its work, which fails the first time. */
  private final class Postponing implements Step {
    private final Waiter waiter = Waiter.parking();
    private final CountDownLatch thrice = new CountDownLatch(3);
    private final CountDownLatch again = new CountDownLatch(2);
    private final AtomicInteger works = new AtomicInteger();
    private volatile MonotonicInstant due = time.now();

    @Override
    public String name() {
      return "postponing";
    }

    @Override
    public int step(MonotonicInstant now) {
      thrice.countDown();
      if (now.isBefore(due)) {
        waiter.wake();
        return 0;
      }
      due = now.plus(Duration.ofHours(1));
      if (works.getAndIncrement() == 0) {
        throw new IllegalStateException("at its work");
      }
      again.countDown();
      return 0;
    }

    @Override
    public MonotonicInstant due() {
      return due;
    }

    @Override
    public Waiter waiter() {
      return waiter;
    }
  }

  /** Else what sets its next time before it fails would be well a second later. */
  @Test
  void aCallBeforeTheStepIsDueDoesNotMakeItWell() throws Exception {
    Postponing step = new Postponing();
    Loop loop = new Loop(step, time).start();
    assertTrue(step.thrice.await(20, TimeUnit.SECONDS));
    assertNotNull(loop.health().failingSince(), "it has not worked since");
    for (int works = 0; works < 2; works++) {
      step.due = time.now();
      step.waiter.wake();
      while (step.again.getCount() > 1 - works) {
        Thread.onSpinWait(); // the test's timeout ends it
      }
    }
    assertNull(loop.health().failingSince(), "it has worked since");
    assertTrue(loop.stop(Duration.ofSeconds(10)));
  }

  @Test
  void aStreamOfArrivalsIsGatheredAndNothingOfItIsForgotten() throws Exception {
    Duration rest = Duration.ofMillis(50);
    Waiter waiter = Waiter.gathering(rest);
    AtomicInteger returns = new AtomicInteger();
    Thread waiting =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (!Thread.currentThread().isInterrupted()) {
                    waiter.await(Duration.ofSeconds(500).toNanos());
                    returns.incrementAndGet();
                  }
                });
    long began = System.nanoTime();
    for (int i = 0; i < 300; i++) {
      waiter.wake();
      Thread.sleep(1);
    }
    long rests = (System.nanoTime() - began) / rest.toNanos();
    assertTrue(returns.get() <= rests + 2, () -> returns + " returns in " + rests + " rests");
    for (int i = 0; i < 5; i++) {
      Thread.sleep(2 * rest.toMillis());
      int before = returns.get();
      waiter.wake();
      while (returns.get() == before) {
        Thread.onSpinWait(); // the test's timeout ends it
      }
    }
    waiting.interrupt();
    waiter.wake();
    assertTrue(waiting.join(Duration.ofSeconds(20)));
  }

  @Test
  void whatHangsOrFailsIsWaitedForAndNoLonger() throws Exception {
    assertEquals("done", Threads.within("quick", Duration.ofSeconds(20), () -> "done"));
    CountDownLatch never = new CountDownLatch(1);
    long began = System.nanoTime();
    assertNull(Threads.within("hanging", Duration.ofMillis(200), () -> waits(never)));
    assertTrue(System.nanoTime() - began < TimeUnit.SECONDS.toNanos(15));
    never.countDown();
    assertFalse(waits(never));
  }

  /** A process of its own whose step fails by an error. */
  public static void main(String[] args) throws InterruptedException {
    Time time = new SystemTime(List.of("system"));
    Step broken =
        new Step() {
          private final Waiter waiter = Waiter.parking();

          @Override
          public String name() {
            return "broken";
          }

          @Override
          public int step(MonotonicInstant now) {
            throw new NoClassDefFoundError("gone");
          }

          @Override
          public MonotonicInstant due() {
            return time.now();
          }

          @Override
          public Waiter waiter() {
            return waiter;
          }

          @Override
          public void close() {}
        };
    new Loop(broken, time).start();
    Thread.sleep(60_000);
  }

  @Test
  void anErrorInAStepEndsTheProcessAndSaysWhy() throws Exception {
    Launched ended =
        Launched.run(
            Map.of(),
            ProcessHandle.current().info().command().orElseThrow(),
            "-cp",
            System.getProperty("java.class.path"),
            LoopTest.class.getName());
    assertEquals(1, ended.exit(), ended::toString);
    assertTrue(ended.err().contains("broken failed with"), ended::toString);
    assertTrue(ended.err().contains("the process ends"), ended::toString);
  }

  private static boolean waits(CountDownLatch latch) {
    try {
      return !latch.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      return true;
    }
  }
}
