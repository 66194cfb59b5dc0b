package io.lingtan.simulator.zone.sink;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lingtan-zone prove}. */
@Command(
    name = "prove",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Writes a proof that a gateway's interval is inside the zone's total, out of what the sink"
            + " has written.",
    footer = {
      "",
      "Checked by whoever has the gateway's key and the published root, offline:",
      "  lingtan verify --key gw.key --proof proof.json --root root.json record.ndjson",
      "",
      "Exit codes: 0 good, 1 there is no such proof, 2 wrong usage."
    })
public final class ProveCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(
      names = "--postgres",
      paramLabel = "ADDRESS",
      required = true,
      description =
          "postgresql://HOST[:PORT]/DATABASE[?user=NAME]; a password has its place in ~/.pgpass.")
  private String postgres = "";

  @Option(names = "--gateway", paramLabel = "GATEWAY", required = true, description = "Whose.")
  private String gateway = "";

  @Option(
      names = "--interval",
      paramLabel = "TIME",
      required = true,
      description = "When it begins, such as 2026-06-01T08:00+08:00.")
  private String interval = "";

  @Option(
      names = "--length",
      paramLabel = "LENGTH",
      defaultValue = "15m",
      description = "Of the interval. Default: ${DEFAULT-VALUE}.")
  private String length = "15m";

  @Option(
      names = "--revision",
      paramLabel = "N",
      defaultValue = "-1",
      description = "Of the root, 0 for the one at the close. Default: the newest.")
  private int revision = -1;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "For the proof, 2 kB. Default: the standard output.")
  private @Nullable Path out;

  @Option(
      names = "--record",
      paramLabel = "FILE",
      description = "For the signed record that it is of, for those who have none.")
  private @Nullable Path record;

  @Option(
      names = "--root",
      paramLabel = "FILE",
      description = "For the root, as it is to be published.")
  private @Nullable Path root;

  @Override
  public Integer call() throws IOException {
    long start;
    try {
      start = OffsetDateTime.parse(interval).toInstant().toEpochMilli();
    } catch (DateTimeException e) {
      throw new ParameterException(
          spec.commandLine(),
          "--interval: write such as 2026-06-01T08:00+08:00, was " + interval,
          e);
    }
    try (Connection connection = DriverManager.getConnection("jdbc:" + postgres)) {
      connection.setAutoCommit(false);
      connection.setReadOnly(true);
      Proving proving = Proving.of(connection, gateway, length, start, revision);
      write(out, new String(proving.proof().json(), StandardCharsets.UTF_8));
      if (record != null) {
        write(record, proving.record());
      }
      if (root != null) {
        write(root, proving.root());
      }
      return 0;
    } catch (Proving.NoProof | SQLException e) {
      spec.commandLine().getErr().println("no proof: " + e.getMessage());
      return 1;
    }
  }

  private void write(@Nullable Path file, String line) throws IOException {
    if (file == null) {
      spec.commandLine().getOut().println(line);
      spec.commandLine().getOut().flush();
    } else {
      Files.writeString(file, line + "\n");
    }
  }
}
