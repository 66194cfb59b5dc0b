package io.lingtan.agent.status;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lingtan.agent.acquire.wire.FramesSnapshot;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.Json;
import io.lingtan.agent.reading.RecordJson;
import io.lingtan.agent.site.SiteCopy;
import io.lingtan.agent.status.access.TechniciansFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * {@code /api/bundle}: everything that somebody far away needs to see what happened, in one zip.
 *
 * <pre>
 * bundle.json       versions, boot, clock, when it was made
 * site.yaml         without secrets; profiles/, factors/ and tariffs/ of its own beside it, and in
 *                   files/ the corrections, feeds, certificates and prices that it names
 * technicians.txt   name and role of each who has a PIN of his own, and no PIN; left out without any
 * snapshot.json     as /api/snapshot
 * page.txt          as /text
 * verify.html       checks signed records and acceptance records with no network
 * metrics.txt       as /metrics
 * events.ndjson     the last events, oldest first
 * frames/LINE.txt   the last ten minutes of each line that carries bytes
 * </pre>
 *
 * A frame is a line, as {@link FramesSnapshot#lines} has it.
 *
 * @param boot that the nanoseconds count from
 * @param frames taken when they are written
 * @param events oldest first
 */
public record Bundle(
    SiteView view, String boot, Supplier<List<FramesSnapshot>> frames, List<EventRecord> events) {

  /** Of {@code bundle.json}; goes up when something that is there changes its meaning. */
  private static final int FORMAT = 1;

  /**
   * Writes the zip, a line of the site at a time so that little of it is ever in memory.
   *
   * @throws IOException if whoever asked is gone
   */
  public void writeTo(OutputStream to) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(to, UTF_8)) {
      entry(zip, "bundle.json", about());
      for (Map.Entry<String, String> file : site().entrySet()) {
        entry(zip, file.getKey(), file.getValue());
      }
      String technicians = technicians();
      if (!technicians.isEmpty()) {
        entry(zip, "technicians.txt", technicians);
      }
      entry(zip, "snapshot.json", SnapshotJson.of(view) + "\n");
      entry(zip, "page.txt", SnapshotText.of(view));
      entry(zip, "verify.html", new String(HistoryPages.resource("verify.html"), UTF_8));
      entry(zip, "metrics.txt", Metrics.of(view));
      begin(zip, "events.ndjson");
      for (EventRecord event : events) {
        zip.write((RecordJson.of(event) + "\n").getBytes(UTF_8));
      }
      zip.closeEntry();
      for (FramesSnapshot line : frames.get()) {
        begin(zip, "frames/" + line.line() + ".txt");
        write(line, zip);
        zip.closeEntry();
      }
    }
  }

  private SequencedMap<String, String> site() {
    try {
      return SiteCopy.of(view.site().file());
    } catch (IOException e) {
      SequencedMap<String, String> nothing = new LinkedHashMap<>();
      nothing.put("site-unreadable.txt", e + "\n");
      return nothing;
    }
  }

  private String technicians() {
    Path pin = view.site().status().pinFile();
    return pin == null
        ? ""
        : TechniciansFile.beside(pin, null).values().stream()
            .map(each -> each.name() + " " + each.role().name().toLowerCase(Locale.ROOT) + "\n")
            .collect(Collectors.joining());
  }

  private String about() {
    return Json.text(
            json -> {
              json.useDefaultPrettyPrinter();
              json.writeStartObject();
              json.writeNumberField("format", FORMAT);
              json.writeStringField("gateway", view.site().gateway());
              json.writeStringField("software", view.software());
              json.writeStringField("java", Runtime.version().toString());
              json.writeStringField(
                  "system",
                  System.getProperty("os.name")
                      + " "
                      + System.getProperty("os.version")
                      + " "
                      + System.getProperty("os.arch"));
              json.writeStringField("config", view.site().sha256());
              json.writeStringField("boot", boot);
              json.writeNumberField("made_ns", view.now().nanos());
              json.writeNumberField("offset_ms", view.wall().offsetMillis());
              json.writeBooleanField("clock_trusted", view.wall().trusted());
              json.writeStringField("clock_source", view.wall().source());
              json.writeEndObject();
            })
        + "\n";
  }

  private static void begin(ZipOutputStream zip, String name) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    // The same content gives the same bytes: no clock in it but ours.
    entry.setTime(0);
    zip.putNextEntry(entry);
  }

  private static void entry(ZipOutputStream zip, String name, String text) throws IOException {
    begin(zip, name);
    zip.write(text.getBytes(UTF_8));
    zip.closeEntry();
  }

  private static void write(FramesSnapshot line, OutputStream to) throws IOException {
    String head =
        "# line %s%n# where %s%n# id_bytes %d%n# since %d%n# dropped %d%n"
            .formatted(
                line.line(), line.where(), line.idBytes(), line.sinceNanos(), line.dropped());
    to.write(head.getBytes(UTF_8));
    for (Iterator<String> lines = line.lines().iterator(); lines.hasNext(); ) {
      to.write((lines.next() + "\n").getBytes(UTF_8));
    }
  }
}
