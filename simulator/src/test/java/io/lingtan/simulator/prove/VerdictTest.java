package io.lingtan.simulator.prove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.publish.link.Message;
import io.lingtan.simulator.check.Verdict;
import io.lingtan.simulator.scenario.Scenario;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Three quarters of a quiet hour of the real agent, of which one message is spoilt on its way: the
 * check must find just that, and call it by its class.
 */
class VerdictTest {

  private static final Scenario CALM = Scenario.calm("demo-microgrid", 50 * 60_000L);

  /** Not of the first minutes, in which everything is new. */
  private static final int NTH = 40;

  private static Proof run(Function<Message, List<Message>> way) {
    return Rehearsal.of(CALM, 11, List.of(), way);
  }

  @Test
  void whatArrivesAsItWasSentPasses() {
    Proof proof = run(List::of);
    assertTrue(proof.isGood(), () -> ProofText.of(proof));
    assertTrue(proof.account().values() > 20_000, () -> proof.account().values() + " values");
    assertTrue(
        proof.account().rows().stream().allMatch(row -> row.others() == 0 && row.intervals() == 3),
        () -> ProofText.of(proof));
  }

  @Test
  void aDeviceOfWhichNothingComesForMinutesIsFoundByItsSilence() {
    int[] seen = {0};
    Proof proof =
        run(
            message -> {
              boolean silent =
                  message.topic().endsWith("/data/gate") && ++seen[0] > NTH && seen[0] < 2 * NTH;
              return silent ? List.of() : List.of(message);
            });
    assertTrue(proof.account().counts().containsKey(Verdict.UNDECLARED), () -> ProofText.of(proof));
  }

  @Test
  void aRunThatBreaksIsAVerdictAndNoCrash() {
    int[] seen = {0};
    Proof proof =
        run(
            message -> {
              if (++seen[0] == 10 * NTH) {
                throw new IllegalStateException("broken on purpose");
              }
              return List.of(message);
            });
    assertTrue(proof.account().counts().containsKey(Verdict.BROKEN), () -> ProofText.of(proof));
    assertTrue(ProofText.of(proof).contains("broken on purpose"), () -> ProofText.of(proof));
  }

  static Stream<Arguments> spoilt() {
    return Stream.of(
        spoil("data/gate", Set.of(Verdict.LOST), message -> List.of()),
        spoil(
            "interval/15m",
            2,
            Set.of(Verdict.LOST, Verdict.MISSING, Verdict.UNSIGNED),
            message -> List.of()),
        spoil(
            "data/gate",
            Set.of(Verdict.CONTRADICTION),
            message -> List.of(message, edit(message, "\"frequency\":", "\"frequency\":1"))),
        spoil(
            "data/gate",
            Set.of(Verdict.TWICE, Verdict.UNDELIVERED, Verdict.BROKEN_LINK),
            message -> List.of(message, edit(message, "\"seq\":", "\"seq\":9"))),
        spoil(
            "data/bat1",
            Set.of(Verdict.WRONG_BUT_GOOD),
            message -> List.of(edit(message, "\"energy_charged\":", "\"energy_charged\":1"))),
        spoil(
            "data/pv1",
            Set.of(Verdict.WRONG_BUT_GOOD),
            message -> List.of(edit(message, "\"voltage_l1\":2", "\"voltage_l1\":3"))),
        spoil(
            "data/gate",
            Set.of(Verdict.BROKEN_LINK),
            message -> List.of(edit(message, "\"after\":", "\"after\":9"))),
        spoil(
            "data/gate",
            Set.of(Verdict.UNREADABLE, Verdict.LOST),
            message -> List.of(cut(message))),
        spoil(
            "data/gate",
            Set.of(Verdict.UNDECLARED),
            message -> List.of(edit(message, "(,\"frequency\":[0-9.]+)", ""))),
        spoil(
            "data/gate",
            Set.of(Verdict.UNDECLARED),
            message -> List.of(edit(message, "(\"values\":\\{)[^}]*", "$1"))),
        spoil("data/gate", Set.of(Verdict.WRONG_TIME), message -> List.of(later(message))),
        spoil(
            "event",
            4,
            Set.of(Verdict.BROKEN),
            message -> List.of(edit(message, "meter.refuelled", "agent.figures_failed"))),
        spoil(
            "interval/15m",
            2,
            Set.of(Verdict.UNSIGNED),
            message -> List.of(edit(message, "\"version\":\"", "\"version\":\"1"))),
        spoil(
            "interval/15m",
            2,
            Set.of(Verdict.WRONG_BUT_GOOD, Verdict.INCONSISTENT, Verdict.UNSIGNED),
            message ->
                List.of(
                    edit(
                        message,
                        "\"elec.pv.generation\":{\"v\":",
                        "\"elec.pv.generation\":{\"v\":1"))),
        spoil(
            "interval/15m",
            2,
            Set.of(Verdict.NOT_MEASURED, Verdict.INCONSISTENT, Verdict.UNSIGNED),
            message ->
                List.of(
                    edit(
                        message,
                        "(\"h2.produced\":\\{\"v\":[0-9.]+,\"u\":\"kg\",\"q\":\")measured",
                        "$1est_linear"))),
        spoil(
            "interval/15m",
            2,
            Set.of(Verdict.WRONG_FACTOR, Verdict.UNSIGNED),
            message -> List.of(edit(message, "\"value\":\"0.5827\"", "\"value\":\"0.5978\""))),
        spoil(
            "interval/15m",
            2,
            Set.of(Verdict.WRONG_FACTOR, Verdict.INCONSISTENT, Verdict.UNSIGNED),
            message ->
                List.of(
                    edit(
                        message,
                        "\"co2.scope2.location\":{\"v\":",
                        "\"co2.scope2.location\":{\"v\":2"))));
  }

  private static Arguments spoil(
      String topic, Set<Verdict> verdicts, Function<Message, List<Message>> way) {
    return spoil(topic, NTH, verdicts, way);
  }

  private static Arguments spoil(
      String topic, int nth, Set<Verdict> verdicts, Function<Message, List<Message>> way) {
    return Arguments.of(topic, nth, verdicts, way);
  }

  @ParameterizedTest
  @MethodSource("spoilt")
  void oneSpoiltMessageIsFoundAndCalledByItsClass(
      String topic, int nth, Set<Verdict> verdicts, Function<Message, List<Message>> way) {
    Predicate<Message> spoilt =
        new Predicate<>() {
          private int seen;

          @Override
          public boolean test(Message message) {
            return message.topic().endsWith("/" + topic) && ++seen == nth;
          }
        };
    Proof proof = run(message -> spoilt.test(message) ? way.apply(message) : List.of(message));
    Set<Verdict> found = EnumSet.noneOf(Verdict.class);
    found.addAll(proof.account().counts().keySet());
    assertEquals(verdicts, found, () -> ProofText.of(proof));
  }

  private static Message edit(Message message, String from, String to) {
    return with(
        message,
        text -> {
          String edited =
              from.startsWith("(") ? text.replaceFirst(from, to) : text.replace(from, to);
          if (edited.equals(text)) {
            throw new AssertionError(from + " is not in " + text);
          }
          return edited;
        });
  }

  private static Message cut(Message message) {
    return with(message, text -> text.substring(0, text.length() - 9));
  }

  /** The same, half a minute later. */
  private static Message later(Message message) {
    return with(
        message,
        text -> {
          int at = text.indexOf("\"ts\":") + 5;
          long ts = Long.parseLong(text.substring(at, at + 13));
          return text.substring(0, at) + (ts + 33_333) + text.substring(at + 13);
        });
  }

  @SuppressWarnings("NullAway") // It does not see that an array of the agent's may be null.
  private static Message with(Message message, UnaryOperator<String> change) {
    String text = new String(message.payload(), StandardCharsets.UTF_8);
    return new Message(
        message.topic(),
        change.apply(text).getBytes(StandardCharsets.UTF_8),
        message.qos(),
        message.retained(),
        message.correlation());
  }
}
