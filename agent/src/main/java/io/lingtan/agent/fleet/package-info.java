/**
 * What the centre of a fleet wants of this gateway: signed documents with a whole site file, why
 * one is not obeyed, and the trial of one that is.
 *
 * <p>The way of a document: the publisher hands over what stands at {@code desired/config} ({@link
 * io.lingtan.agent.publish.DesiredState}); {@link io.lingtan.agent.fleet.FleetDocument} reads it
 * and finds out whether it is signed, for this gateway, newer than all before and still valid;
 * {@link io.lingtan.agent.fleet.FleetStep} notes in {@link io.lingtan.agent.fleet.ObeyedFile} what
 * it is about to do, has {@link io.lingtan.agent.desk.SiteDesk} make the change as it makes one of
 * the page, and waits until a record has been acknowledged. Where none is in time the file before
 * is put back, in this process or at its next start.
 *
 * <p>One thread, that of {@link io.lingtan.agent.fleet.FleetStep}; a start looks before there is
 * one.
 */
@NullMarked
package io.lingtan.agent.fleet;

import org.jspecify.annotations.NullMarked;
