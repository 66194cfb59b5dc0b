package io.lingtan.agent.publish;

import io.lingtan.agent.journal.Records;
import io.lingtan.agent.run.Time;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/**
 * When a broker's certificate must be valid as long as this machine does not know what time it is:
 * a gateway without a battery for its clock starts in 1970, or where it was switched off. What is
 * known is that this software was built and that the journal was written before now. So a
 * certificate that had ended by then stays refused, and one that was issued since is taken only
 * when the clock is known. Chain and name are checked as always.
 */
public final class CertificateTime {
  private final Time time;
  private final Records records;
  private final Instant built;

  /** Over the newest record of a journal. */
  public CertificateTime(Time time, Records records) {
    this(time, records, built());
  }

  CertificateTime(Time time, Records records, Instant built) {
    this.time = time;
    this.records = records;
    this.built = built;
  }

  /** Null: now, by this machine's clock, which is trusted. */
  public @Nullable Instant whenCertificatesMustBeValid() {
    return time.wall().trusted() ? null : past(records, built);
  }

  /** What is past by all that this machine knows beside its clock. */
  public static Instant past(Records records) {
    return past(records, built());
  }

  private static Instant past(Records records, Instant built) {
    Instant written = Instant.ofEpochMilli(Math.max(0, records.datedUntil()));
    return written.isAfter(built) ? written : built;
  }

  /** The build writes it beside this class; the epoch where it did not. */
  private static Instant built() {
    try (InputStream text = CertificateTime.class.getResourceAsStream("built.txt")) {
      return text == null
          ? Instant.EPOCH
          : Instant.parse(new String(text.readAllBytes(), StandardCharsets.UTF_8).strip());
    } catch (DateTimeParseException e) {
      return Instant.EPOCH; // run from sources that no build has filled in
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
