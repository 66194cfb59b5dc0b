package io.lingtan.archtest.cycle.carbon;

/** There is another one of this name. */
public interface Twice {}
