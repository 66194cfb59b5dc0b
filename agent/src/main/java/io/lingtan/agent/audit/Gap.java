package io.lingtan.agent.audit;

/**
 * Two neighbouring records of a device that are further apart in time than its record period
 * allows.
 *
 * @param from UTC ms of the record before
 * @param to UTC ms of the record after, or of the gateway's newest record where none came after
 * @param failedBefore whether the record before is a wholly failed poll
 * @param ended whether a record came after
 */
record Gap(String device, long from, long to, boolean failedBefore, boolean ended) {}
