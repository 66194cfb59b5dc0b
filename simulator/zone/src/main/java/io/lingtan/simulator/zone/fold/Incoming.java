package io.lingtan.simulator.zone.fold;

/**
 * A message of a gateway.
 *
 * @param topic what follows {@code lingtan/v1/GATEWAY/}
 * @param arrivedMillis when it reached the zone, UTC ms
 */
public record Incoming(String gateway, String topic, byte[] payload, long arrivedMillis) {}
