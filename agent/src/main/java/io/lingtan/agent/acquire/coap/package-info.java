/**
 * CoAP: what a payload says, and the way to a peer. The decoders are pure: SenML in JSON and CBOR
 * (RFC 8428), plain JSON by pointer (RFC 6901), plain text; whatever comes in, they end with
 * values, or with a reason, in time and memory that grow with the payload and not with what it
 * claims. The ports ({@link io.lingtan.agent.acquire.coap.CoapPort}, {@link
 * io.lingtan.agent.acquire.coap.IngestPort}) put everything that happens into an inbox; the real
 * ones are on Californium and Scandium, whose threads do nothing else. {@link
 * io.lingtan.agent.acquire.coap.CoapStep} asks peers, {@link
 * io.lingtan.agent.acquire.coap.CoapServerStep} takes what nodes send by themselves.
 */
@NullMarked
package io.lingtan.agent.acquire.coap;

import org.jspecify.annotations.NullMarked;
