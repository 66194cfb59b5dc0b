package io.lingtan.agent.journal.commit;

/**
 * How acknowledgements are kept between two commits.
 *
 * @param written entries written to memory that outlives this process
 * @param failed entries that could not be: a kill then has more sent again than was in flight
 * @param ignored files or ranges found there at the start that were damaged or another journal's
 */
public record ReceiptsSnapshot(long written, long failed, long ignored) {}
