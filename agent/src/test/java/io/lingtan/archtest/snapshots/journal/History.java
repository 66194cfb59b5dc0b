package io.lingtan.archtest.snapshots.journal;

/** What the page may read. */
public interface History {}
