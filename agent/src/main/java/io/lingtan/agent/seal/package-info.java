/**
 * What makes it provable that a record is as a gateway wrote it: one canonical form (RFC 8785), a
 * hash of it, a signature (Ed25519, RFC 8032) and the key in its file.
 *
 * <p>The journal signs with it and the auditor checks with it. What keeps the two honest is that
 * neither is alone: the canonical form is tested against the vectors of the RFC, and signed records
 * against a verifier in another language. Nothing here is loaded before the first key is needed. In
 * the caller's thread.
 */
@NullMarked
package io.lingtan.agent.seal;

import org.jspecify.annotations.NullMarked;
