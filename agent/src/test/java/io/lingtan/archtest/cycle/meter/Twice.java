package io.lingtan.archtest.cycle.meter;

/** There is another one of this name. */
public interface Twice {}
