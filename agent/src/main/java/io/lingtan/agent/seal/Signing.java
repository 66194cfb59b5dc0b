package io.lingtan.agent.seal;

import org.jspecify.annotations.Nullable;

/**
 * What a gateway signs with.
 *
 * @param key the key in use
 * @param previous the key that it replaces and that vouches for it once; null if none does
 * @param origin where the key comes from
 */
public record Signing(SigningKey key, @Nullable SigningKey previous, Origin origin) {

  /** Where a key comes from. */
  public enum Origin {
    /** It was in its file. */
    KEPT("key"),
    /** It was made, because there was none. */
    NEW("new"),
    /** It was made, because the one that was there is another machine's. */
    OTHER_MACHINE("machine"),
    /** It was made, because what was in its file is no key; that was set aside. */
    DAMAGED("damaged_key"),
    /** It was made and cannot be kept: it ends with this process. */
    NOT_KEPT("key_not_kept");

    private final String word;

    Origin(String word) {
      this.word = word;
    }

    /** As the event {@code chain.start} gives it for a reason. */
    public String word() {
      return word;
    }
  }
}
