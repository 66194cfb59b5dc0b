package io.lingtan.agent.journal.number;

import org.jspecify.annotations.Nullable;

/**
 * Where the chain of signed interval records is.
 *
 * @param key public key that signs, base64url ({@code x} of its JWK)
 * @param head SHA-256 of the newest record, base64url; 43 {@code A} before the first
 * @param epoch of that record, null before the first
 * @param seq of that record, 0 before the first
 */
public record ChainSnapshot(String key, String head, @Nullable String epoch, long seq) {}
