package io.lingtan.agent.status;

import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What can be asked of the lines from the page and by the commands, made by the agent. One at a
 * time; called on request threads, which it keeps until the answer is whole. Reads only.
 */
public interface Actions {

  /**
   * It was not begun.
   *
   * @param status of HTTP: 400 not understood, 404 no such line or device, 409 another one runs,
   *     429 too many lately
   * @param why for a person, with what to do
   */
  record Refusal(int status, String why) {}

  /**
   * An answer to {@link #ask}.
   *
   * @param status of HTTP
   * @param text JSON where it went well, else why not, for a person
   */
  record Said(int status, String text) {}

  /**
   * Asks for something that is answered in one piece. Only {@code preview} takes line time.
   *
   * @param what {@code propose}, {@code preview}, {@code apply} (the site file), {@code ports},
   *     {@code clock}
   * @param wanted as config/README.md has it
   */
  default Said ask(String what, Map<String, String> wanted) {
    return new Said(404, "this agent does not do that");
  }

  /**
   * Looks who answers on a line. Its answer is lines of JSON: {@code progress found note}, and
   * {@code done} as the last one.
   *
   * @param wanted {@code line from to meters thorough timeout_ms sweep}
   * @param answer called once it begins; takes each line as soon as it is known
   * @return null if it was begun
   */
  @Nullable Refusal scan(Map<String, String> wanted, Supplier<Consumer<String>> answer)
      throws InterruptedException;

  /**
   * Reads a device, or registers by address, once. Its answer is one line of JSON.
   *
   * @param wanted {@code device}; or {@code line} and {@code unit} or {@code meter}, with {@code
   *     profile}, or {@code function address count}, or {@code item bytes}
   * @param answer as above
   * @return null if it was begun
   */
  @Nullable Refusal read(Map<String, String> wanted, Supplier<Consumer<String>> answer)
      throws InterruptedException;

  /**
   * Reads a device and compares a value with what its own display shows. Its answer is one line of
   * JSON; what came of it is an event, which an acceptance record is made of.
   *
   * @param wanted {@code device point shown}, the latter in the point's unit
   * @param answer as above
   * @return null if it was begun
   */
  @Nullable Refusal check(Map<String, String> wanted, Supplier<Consumer<String>> answer)
      throws InterruptedException;

  /**
   * What keeps a line busy now.
   *
   * @param what {@code scan}, {@code read} ...
   * @param leftMillis what it still takes if nobody else answers, -1 if not known
   */
  record Busy(String what, String line, long forMillis, long leftMillis) {}

  /** What runs now; null if nothing does. Any thread. */
  @Nullable Busy busy();

  /**
   * Notes that somebody has seen an event. It is an event itself, and shows once it is kept.
   *
   * @param wanted {@code epoch seq}
   * @return null if it will be noted, or has been before
   */
  @Nullable Refusal acknowledge(Map<String, String> wanted);
}
