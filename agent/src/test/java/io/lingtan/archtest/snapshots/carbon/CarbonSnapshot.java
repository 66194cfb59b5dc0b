package io.lingtan.archtest.snapshots.carbon;

/** What the page may show. */
public record CarbonSnapshot(long milligrams) {}
