package io.lingtan.agent.status.access;

/**
 * Why somebody may not.
 *
 * @param status of HTTP: 401 the PIN is asked for, 403 never, 429 later
 * @param why for a person, with what to do
 * @param retrySeconds when to try again; 0 if that is not a matter of time
 */
public record Denial(int status, String why, long retrySeconds) {

  static Denial never(String why) {
    return new Denial(403, why, 0);
  }
}
