package io.lingtan.agent.command;

import io.lingtan.agent.audit.verify.Verification;
import io.lingtan.agent.audit.verify.VerifyReport;
import io.lingtan.agent.audit.zone.ZoneClaim;
import io.lingtan.agent.audit.zone.ZoneProof;
import io.lingtan.agent.audit.zone.ZoneRoot;
import io.lingtan.agent.reading.Json;
import io.lingtan.agent.reading.foreign.ForeignText;
import io.lingtan.agent.seal.JsonValue;
import io.lingtan.agent.seal.SealedText;
import io.lingtan.agent.seal.VerifyingKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lingtan verify}: interval records or acceptance records in files, offline. */
@Command(
    name = "verify",
    sortOptions = false,
    description =
        "Checks what a gateway has signed: interval records in files (signatures, chain, carbon"
            + " worked out again) and among them its reports of months, or acceptance records (HTML"
            + " or CSV, every byte). With a proof also whether one of them is inside a zone's"
            + " total.",
    footer = {
      "",
      "A file is lines of JSON in the order in which the records came, of one gateway:",
      "  mosquitto_sub -V 5 -h BROKER -q 1 -t 'lingtan/v1/GW/interval/#' -t 'lingtan/v1/GW/event' >"
          + " month.ndjson",
      "The key, once, in a way that you trust (never from the records):",
      "  mosquitto_sub -V 5 -h BROKER -C 1 -t lingtan/v1/GW/meta > gw.key",
      "",
      "An acceptance record is given as it came from the page, alone or with others:",
      "  lingtan verify --key gw.key acceptance-GW-20261128T013000Z.html",
      "",
      "A zone's proof (lingtan-zone prove) is of one record of the file, and the root is the one"
          + " that the zone has published:",
      "  lingtan verify --key gw.key --proof proof.json --root root.json month.ndjson",
      "",
      "What it shows: the records left this gateway unchanged, and none between two was taken"
          + " away.",
      "What it does not: that a meter is right; anything against somebody who is root on the"
          + " gateway.",
      "",
      "Exit codes: 0 good, 1 something is wrong, or open (nothing shows that no record was taken"
          + " away where a chain begins anew), or nothing could be judged, 2 wrong usage."
    })
public final class VerifyCommand implements Callable<Integer> {

  private static final long LARGEST_DOCUMENT = 4 << 20;

  /** In bytes. The longest records have some 100 kB. */
  private static final int LONGEST_LINE = 1 << 20;

  private final InputStream in;

  @Spec private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and end.")
  @SuppressWarnings("UnusedVariable") // read by picocli
  private boolean help;

  @Option(
      names = "--key",
      required = true,
      paramLabel = "FILE",
      description = "The gateway's public key: a JWK, or a payload of its meta topic.")
  private Path key;

  @Option(
      names = "--head",
      paramLabel = "HASH",
      description = "The last record has to be this one; a report shows it, and meta does.")
  private @Nullable String head;

  @Option(
      names = "--proof",
      paramLabel = "FILE",
      description = "Shows of one record in the files that it is inside the total of --root.")
  private @Nullable Path proof;

  @Option(
      names = "--root",
      paramLabel = "HASH|FILE",
      description = "The zone's root as it is published for all, or its hash alone.")
  private @Nullable String root;

  @Option(names = "--json", description = "The report as one line of JSON.")
  private boolean json;

  /** The gateway that the key says it is of. */
  private @Nullable String owner;

  @Parameters(
      arity = "1..*",
      paramLabel = "FILE",
      description = "In the order of time; - is the standard input.")
  private List<String> files;

  /**
   * @param in what {@code -} stands for
   */
  public VerifyCommand(InputStream in) {
    this.in = in;
  }

  @Override
  public Integer call() throws IOException {
    if ((proof == null) != (root == null)) {
      throw new ParameterException(spec.commandLine(), "--proof and --root need each other");
    }
    VerifyingKey known = key();
    List<String> documents = new ArrayList<>();
    for (String file : files) {
      if (!file.equals("-") && isDocument(readable(file))) {
        documents.add(file);
      }
    }
    if (!documents.isEmpty() && documents.size() < files.size()) {
      throw new ParameterException(
          spec.commandLine(),
          "acceptance records and files of interval records are verified one kind at a time");
    }
    if (!documents.isEmpty() && proof != null) {
      throw new ParameterException(
          spec.commandLine(), "--proof is of an interval record, not of an acceptance record");
    }
    return documents.isEmpty() ? records(known) : documents(known);
  }

  private static boolean isDocument(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return SealedText.isOne(in.readNBytes(32));
    }
  }

  /** Each is judged by itself; all have to be good. */
  private int documents(VerifyingKey known) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    boolean allGood = true;
    for (String file : files) {
      byte[] content =
          Files.size(Path.of(file)) > LARGEST_DOCUMENT ? null : Files.readAllBytes(Path.of(file));
      SealedText.Verdict verdict =
          content == null
              ? new SealedText.Verdict.Bad("it is larger than any acceptance record")
              : SealedText.check(content, known);
      allGood &= verdict instanceof SealedText.Verdict.Good;
      out.println(
          json ? ForeignText.json(line(file, verdict)) : ForeignText.line(words(file, verdict)));
    }
    out.flush();
    return allGood ? ExitCode.GOOD : ExitCode.FAILED;
  }

  private static String words(String file, SealedText.Verdict verdict) {
    return switch (verdict) {
      case SealedText.Verdict.Good good ->
          "GOOD  " + file + ": every byte is as the gateway signed it";
      case SealedText.Verdict.Bad(String why) -> "BAD   " + file + ": " + why;
    };
  }

  private static String line(String file, SealedText.Verdict verdict) throws IOException {
    return Json.object(
        writer -> {
          writer.writeStringField("file", file);
          writer.writeBooleanField("good", verdict instanceof SealedText.Verdict.Good);
          if (verdict instanceof SealedText.Verdict.Bad(String why)) {
            writer.writeStringField("why", why);
          }
        });
  }

  private int records(VerifyingKey known) throws IOException {
    Verification verification = new Verification(known);
    ZoneClaim claim = claim();
    if (claim != null) {
      claim.lookIn(verification);
    }
    for (String file : files) {
      try (InputStream from = file.equals("-") ? in : Files.newInputStream(readable(file));
          Lines lines = new Lines(from)) {
        for (String line = lines.next(); line != null; line = lines.next()) {
          if (lines.wasTooLong()) {
            verification.takeTooLong();
          } else {
            verification.take(line);
          }
        }
      }
    }
    VerifyReport report = verification.report(head);
    PrintWriter out = spec.commandLine().getOut();
    ZoneProof.Verdict inZone = claim == null ? null : claim.judge(verification);
    boolean isGood = report.isGood() && !(inZone instanceof ZoneProof.Refused);
    if (json) {
      out.println(
          report.json(
              isGood,
              members -> {
                if (inZone != null) {
                  members.writeObjectFieldStart("zone");
                  inZone.json().to(members);
                  members.writeEndObject();
                }
              }));
    } else {
      out.print(report.text() + (inZone == null ? "" : inZone.text()));
    }
    out.flush();
    return isGood ? ExitCode.GOOD : ExitCode.FAILED;
  }

  /** What is claimed by --proof and --root, null without them. */
  private @Nullable ZoneClaim claim() throws IOException {
    if (proof == null || root == null) {
      return null;
    }
    byte[] given;
    try (InputStream from = Files.newInputStream(readable(proof.toString()))) {
      given = from.readNBytes(ZoneProof.LARGEST + 1);
    }
    String published = root;
    if (!ZoneRoot.Published.isHash(root)) {
      try (InputStream from = Files.newInputStream(readable(root))) {
        published = new String(from.readNBytes(ZoneProof.LARGEST), StandardCharsets.UTF_8);
      }
    }
    return ZoneClaim.of(given, published, owner);
  }

  private VerifyingKey key() throws IOException {
    try (InputStream from = Files.newInputStream(readable(key.toString()))) {
      byte[] text = from.readNBytes(LONGEST_LINE + 1);
      if (text.length > LONGEST_LINE) {
        throw new IllegalArgumentException("it is larger than any key");
      }
      String jwk = new String(text, StandardCharsets.UTF_8);
      VerifyingKey known = VerifyingKey.ofJwk(jwk);
      owner = owner(jwk);
      return known;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(), ForeignText.line("--key: " + key + ": " + e.getMessage()), e);
    }
  }

  /** Whose key a payload of meta is; null for a JWK alone. */
  private static @Nullable String owner(String key) {
    try {
      return JsonValue.object(key).text("gateway");
    } catch (JsonValue.NotJson e) {
      return null;
    }
  }

  private Path readable(String file) {
    Path path = Path.of(file);
    if (!Files.isReadable(path)) {
      throw new ParameterException(
          spec.commandLine(),
          ForeignText.line("cannot read " + file + ": check its name and permission"));
    }
    return path;
  }

  /** The lines of a file, whatever their length; of one that is too long only the beginning. */
  private static final class Lines implements AutoCloseable {
    private final InputStream in;
    private final byte[] buffer = new byte[64 * 1024];
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private int at;
    private int end;
    private boolean tooLong;

    Lines(InputStream in) {
      this.in = in;
    }

    boolean wasTooLong() {
      return tooLong;
    }

    /** Null at the end. */
    @Nullable String next() throws IOException {
      line.reset();
      tooLong = false;
      boolean isBegun = false;
      while (true) {
        if (at == end) {
          at = 0;
          end = Math.max(0, in.read(buffer));
          if (end == 0) {
            return isBegun ? line.toString(StandardCharsets.UTF_8) : null;
          }
        }
        isBegun = true;
        int from = at;
        while (at < end && buffer[at] != '\n') {
          at++;
        }
        int room = LONGEST_LINE - line.size();
        tooLong |= at - from > room;
        line.write(buffer, from, Math.min(at - from, room));
        if (at < end) {
          at++;
          return line.toString(StandardCharsets.UTF_8);
        }
      }
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
