/**
 * {@code lingtan-zone sink}: from Kafka into PostgreSQL, read committed; and {@code lingtan-zone
 * prove}: out of it a proof that a gateway's interval is inside the zone's total.
 *
 * <p>Tables and views of {@code config/central/postgres.sql}, the archive of a small centre, and of
 * {@code zone.sql} beside this. One thread. Whatever comes again changes nothing, so offsets are
 * committed to Kafka after the transaction is on PostgreSQL's disk.
 */
@NullMarked
package io.lingtan.simulator.zone.sink;

import org.jspecify.annotations.NullMarked;
