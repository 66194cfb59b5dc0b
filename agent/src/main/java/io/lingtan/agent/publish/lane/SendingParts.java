package io.lingtan.agent.publish.lane;

import io.lingtan.agent.journal.Records;
import io.lingtan.agent.publish.link.Topics;

/** What all share who send records. */
public record SendingParts(
    Topics topics,
    Records outbox,
    Sending sending,
    TopicBackoff backoff,
    Notices notices,
    Counters counters) {}
