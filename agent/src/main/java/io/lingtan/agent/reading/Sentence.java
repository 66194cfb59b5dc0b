package io.lingtan.agent.reading;

/**
 * What a person should know and do: in English for the log and the command line, in Chinese beside
 * it for who stands before the cabinet and reads the page.
 */
public record Sentence(String english, String chinese) {

  public Sentence {
    if (english.isBlank() || chinese.codePoints().noneMatch(Character::isIdeographic)) {
      throw new IllegalArgumentException("not in both languages: " + english + ", " + chinese);
    }
  }

  /** Both, one after the other. */
  public String both() {
    return chinese + ' ' + english;
  }

  /** The English one. */
  @Override
  public String toString() {
    return english;
  }
}
