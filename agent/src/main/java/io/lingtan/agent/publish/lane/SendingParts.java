package io.lingtan.agent.publish.lane;

import io.lingtan.agent.journal.Records;
import io.lingtan.agent.publish.link.Topics;

<<<<<<<< HEAD:agent/src/main/java/io/lingtan/agent/publish/lane/SharedSending.java
/** What those share that send records. */
public record SharedSending(
========
/** What all share who send records. */
public record SendingParts(
>>>>>>>> house:agent/src/main/java/io/lingtan/agent/publish/lane/SendingParts.java
    Topics topics,
    Records outbox,
    Sending sending,
    TopicBackoff backoff,
    Notices notices,
    Counters counters) {}
