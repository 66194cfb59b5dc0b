package io.lingtan.agent.journal;

/**
 * The ledger's state after it had folded everything up to {@code seq} of {@code epoch}.
 *
 * @param state opaque to the journal
 */
public record Checkpoint(String epoch, long seq, byte[] state) {}
