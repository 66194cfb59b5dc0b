package io.lingtan.simulator.fleet;

import io.lingtan.agent.audit.AuditReport;
import io.lingtan.agent.audit.AuditStep;
import io.lingtan.agent.audit.GatewayReport;
import io.lingtan.agent.audit.link.BrokerAddress;
import io.lingtan.agent.audit.link.Subscription;
import io.lingtan.agent.audit.link.Trouble;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.run.Threads;
import io.lingtan.agent.run.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The subscriber of the whole fleet, a program of its own: the same audit as {@code lingtan audit},
 * all gateways at once, in a session that the broker keeps. Prints {@code following} once it gets
 * everything, then every second how many records have come; writes its report as JSON when its
 * standard input ends. Started by {@link Fleet}.
 */
final class Auditor {

  private static final long REPORT_NANOS = 1_000_000_000L;
  private static final long LONGEST_WAIT_NANOS = 100_000_000L;

  private Auditor() {}

  /**
   * @param args broker URL, client id, file for the report
   */
  public static void main(String[] args) throws IOException {
    if (args.length != 3) {
      System.err.println("usage: Auditor URL CLIENT_ID FILE");
      System.exit(2);
    }
    Time time = new SystemTime(List.of("system"));
    AuditStep step =
        AuditStep.open(
            Subscription.toAll(BrokerAddress.parse(args[0]), args[1]), time, Randomness.system());
    AuditReport report = follow(step, time);
    step.close();
    Path written = Path.of(args[2] + ".part");
    Files.writeString(written, report.json());
    Files.move(written, Path.of(args[2]));
    System.exit(0);
  }

  private static AuditReport follow(AuditStep step, Time time) {
    AtomicBoolean ended = new AtomicBoolean();
    ExecutorService threads = Threads.virtual("standard input");
    threads.execute(
        () -> {
          awaitEnd();
          ended.set(true);
        });
    boolean wasFollowing = false;
    MonotonicInstant next = time.now();
    String said = "";
    while (!ended.get()) {
      MonotonicInstant now = time.now();
      int taken = step.step(now);
      if (!wasFollowing && step.followingSince() != null) {
        wasFollowing = true;
        System.out.println("following");
      }
      said = complain(step.trouble(), said);
      if (wasFollowing && !now.isBefore(next)) {
        next = now.plusNanos(REPORT_NANOS);
        System.out.println(received(step.report(now)));
      }
      if (taken == 0) {
        long wait = step.due().nanosSince(time.now());
        step.waiter().await(Math.clamp(wait, 1_000_000L, LONGEST_WAIT_NANOS));
      }
    }
    return step.report(time.now());
  }

  private static void awaitEnd() {
    try {
      while (System.in.read() >= 0) {}
    } catch (IOException e) {
      // Whoever holds the other end is gone: that is the end, too.
      return;
    }
  }

  private static String complain(@Nullable Trouble trouble, String said) {
    String message = trouble == null ? "" : trouble.message();
    if (!message.isEmpty() && !message.equals(said)) {
      System.err.println(message);
    }
    return message;
  }

  private static long received(AuditReport report) {
    return report.gateways().stream().mapToLong(GatewayReport::received).sum();
  }
}
