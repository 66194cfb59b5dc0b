package io.lingtan.agent.publish.lane;

import io.lingtan.agent.journal.Records;
import io.lingtan.agent.publish.link.Topics;

/** What those share that send records. */
public record SharedSending(
    Topics topics,
    Records outbox,
    Sending sending,
    TopicBackoff backoff,
    Notices notices,
    Counters counters) {}
