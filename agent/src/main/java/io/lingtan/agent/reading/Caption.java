package io.lingtan.agent.reading;

/** What people call something, in both languages; both are the same where only one was given. */
public record Caption(String english, String chinese) {

  public Caption {
    if (english.isBlank() || chinese.isBlank()) {
      throw new IllegalArgumentException("a label has a text: '" + english + "' '" + chinese + "'");
    }
  }
}
