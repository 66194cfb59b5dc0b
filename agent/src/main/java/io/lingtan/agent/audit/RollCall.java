package io.lingtan.agent.audit;

import io.lingtan.agent.audit.link.GatewayRequests;
import io.lingtan.agent.run.MonotonicInstant;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The question to each gateway what it has now ({@code cmd/ping}, which makes it publish {@code
 * store}), for an audit that comes to an end: what the broker keeps of {@code store} may be a
 * minute old, and what was delivered since would be judged by nobody. It is asked again every
 * {@link #AGAIN} while numbers lie between what it calls delivered and what came.
 *
 * <p>Who may not ask waits for the next {@code store}, which comes each minute. A gateway whose
 * commands nobody listens to is none that could answer: then what it said last counts. One thread.
 */
final class RollCall {

  static final Duration AGAIN = Duration.ofSeconds(3);
  private static final Duration ROUND = Duration.ofMillis(100);

  /** The way to a gateway. */
  interface Call {
    /**
     * Publishes {@code cmd/ping} of a gateway.
     *
     * @return null if there is no connection, or no room on it
     */
    GatewayRequests.@Nullable SentRequest ping(String gateway);
  }

  /** What became of asking one gateway. */
  private static final class Answer {
    final long before;
    GatewayRequests.@Nullable SentRequest asked;
    MonotonicInstant next;
    boolean isFresh;

    Answer(long before, MonotonicInstant next) {
      this.before = before;
      this.next = next;
    }
  }

  private final Map<String, Answer> answers = new TreeMap<>();

  /** Gateways that are not asked any more, and why: some brokers end the connection over it. */
  private final Map<String, String> refusals = new TreeMap<>();

  private MonotonicInstant nextRound = new MonotonicInstant(0);

  /** Another connection: everything is asked anew, but what may have ended the one before. */
  void begin() {
    answers.forEach(
        (gateway, answer) -> {
          if (answer.asked != null && !answer.isFresh) {
            refusals.putIfAbsent(gateway, "the connection ended when it was asked");
          }
        });
    answers.clear();
  }

  /**
   * Goes on as far as it can without waiting.
   *
   * @param sinceMillis UTC ms; gateways are asked when the broker has given what it keeps of their
   *     {@code store} after that
   */
  void step(MonotonicInstant now, Map<String, GatewayTrail> trails, long sinceMillis, Call call) {
    if (now.isBefore(nextRound)) {
      return;
    }
    nextRound = now.plus(ROUND);
    for (Map.Entry<String, GatewayTrail> each : trails.entrySet()) {
      GatewayTrail trail = each.getValue();
      if (!trail.isReachable() || trail.keptStoreMillis() < sinceMillis) {
        continue;
      }
      Answer answer =
          answers.computeIfAbsent(each.getKey(), id -> new Answer(trail.freshStores(), now));
      answer.isFresh |= trail.freshStores() > answer.before;
      GatewayRequests.Failure failure = failure(answer);
      if (failure != null && failure.isRefused()) {
        refusals.put(each.getKey(), failure.text());
      }
      boolean mayAsk = failure == null && !refusals.containsKey(each.getKey());
      boolean wants = !answer.isFresh || trail.isBetweenWords();
      if (wants && mayAsk && !now.isBefore(answer.next)) {
        GatewayRequests.SentRequest asked = call.ping(each.getKey());
        answer.asked = asked == null ? answer.asked : asked;
        answer.next = asked == null ? nextRound : now.plus(AGAIN);
      }
    }
  }

  /** When to call {@link #step} again. */
  MonotonicInstant due() {
    return nextRound;
  }

  private static GatewayRequests.@Nullable Failure failure(Answer answer) {
    return answer.asked == null ? null : answer.asked.failure();
  }

  /** Whether what this gateway has yet to say is worth waiting for. */
  boolean isAwaited(String gateway, GatewayTrail trail) {
    Answer answer = answers.get(gateway);
    if (!trail.isReachable()) {
      return false;
    }
    if (answer == null) {
      return true;
    }
    GatewayRequests.Failure failure = failure(answer);
    boolean cannotAnswer = failure != null && !failure.isRefused();
    return !cannotAnswer && (!answer.isFresh || trail.isBetweenWords());
  }

  /**
   * Whether every gateway that could answer has said what it has since it was asked. What the
   * broker had kept for us came before that.
   */
  boolean isAnswered(Map<String, GatewayTrail> trails) {
    return trails.entrySet().stream()
        .allMatch(
            each -> {
              Answer answer = answers.get(each.getKey());
              return !each.getValue().isReachable() || (answer != null && answer.isFresh);
            });
  }

  /** Tells each gateway's trail why what it has delivered of late is not known, if it is not. */
  void tell(Map<String, GatewayTrail> trails) {
    trails.forEach((gateway, trail) -> trail.notFresh(whyNotFresh(gateway, trail)));
  }

  private @Nullable String whyNotFresh(String gateway, GatewayTrail trail) {
    Answer answer = answers.get(gateway);
    if (answer == null || !isAwaited(gateway, trail) || answer.isFresh) {
      return null;
    }
    return refusals.getOrDefault(gateway, "it did not answer cmd/ping")
        + ": --wait 75s waits for its next store, or let this user publish lingtan/v1/"
        + gateway
        + "/cmd/ping";
  }
}
