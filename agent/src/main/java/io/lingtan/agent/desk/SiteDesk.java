package io.lingtan.agent.desk;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lingtan.agent.acquire.poll.ReadPlan;
import io.lingtan.agent.reading.Json;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.KeptFile;
import io.lingtan.agent.run.Threads;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Sha256;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.Loaded;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.agent.site.yaml.Problem;
import io.lingtan.agent.status.Actions;
import io.lingtan.agent.status.Actions.Action;
import io.lingtan.agent.status.Actions.Change;
import io.lingtan.agent.status.Actions.Done;
import io.lingtan.agent.status.Actions.Progress;
import io.lingtan.agent.status.Actions.Refused;
import io.lingtan.agent.status.Actions.Result;
import io.lingtan.agent.status.Why;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Proposes changes of the site file, and makes the one that a person has looked at. Only the last
 * proposal can be made, and only while the file is as it was. The file is read again by the same
 * way as on SIGHUP; if that does not take it, the one before is put back, and the refused one is
 * beside it.
 */
public final class SiteDesk implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(SiteDesk.class);

  /** The answer is on its way before a page that is shown otherwise is opened anew. */
  private static final long ANSWER_FIRST_MILLIS = 300;

  private static final Sentence EDITED =
      new Sentence("the site file was changed by hand meanwhile", "站点文件同时被人手工改动");

  private final Supplier<Site> running;
  private final Supplier<Reloaded> reload;
  private final ScheduledExecutorService later = Threads.scheduled("site-change", 1);
  private @Nullable Proposal last;
  private boolean busy;
  private volatile @Nullable Change change;

  /** Whether what {@link #change} says of a refusal may be otherwise a little later. */
  private volatile boolean passing;

  /**
   * What came of reading the file again.
   *
   * @param why it is not the one that runs; null if it is
   * @param stopping whether that is only because the agent ends: the next start has it
   * @param passing whether the same file may be taken a little later
   */
  public record Reloaded(@Nullable Sentence why, boolean stopping, boolean passing) {

    /** One that is final. */
    public Reloaded(@Nullable Sentence why, boolean stopping) {
      this(why, stopping, false);
    }
  }

  /**
   * @param running the site that runs
   * @param reload has the agent read its file again; returns when that is over
   */
  public SiteDesk(Supplier<Site> running, Supplier<Reloaded> reload) {
    this.running = running;
    this.reload = reload;
  }

  /** What became of the last change; null if there was none. Any thread. */
  public @Nullable Change change() {
    return change;
  }

  /** Whether the last change was refused for what passes, such as a card that is full. */
  public boolean isPassing() {
    return passing;
  }

  /** A text that was shown to somebody. */
  private record Proposal(String id, byte[] before, byte[] after, Site site) {}

  /** The text of a site file that somebody wants. */
  private interface Wanted {
    /**
     * @param file the one that runs
     * @param text what stands in it
     */
    String in(KeptFile file, String text) throws IOException;
  }

  /** What would be another: as JSON, with the id by which it is made. */
  synchronized Result propose(Map<String, String> wanted) {
    return propose(
        (file, text) ->
            "revert".equals(wanted.get("edit"))
                ? new String(file.before(), UTF_8)
                : SiteChanges.in(text, SiteChanges.of(wanted)));
  }

  /** The same for a whole file in place of the one that runs. */
  public synchronized Result propose(String whole) {
    return propose((file, text) -> whole);
  }

  private Result propose(Wanted wanted) {
    Site site = running.get();
    try {
      KeptFile file = KeptFile.of(site.file());
      byte[] before = file.content();
      Loaded present = new SiteLoader().read(site.file(), before);
      if (present.site() == null || !present.site().sha256().equals(site.sha256())) {
        return new Refused(
            Why.FILE_EDITED,
            "the site file was changed by hand and is not the one that runs: have it read again"
                + " first (systemctl reload lingtan)");
      }
      String text = new String(before, UTF_8);
      String changed = wanted.in(file, text);
      if (changed.equals(text)) {
        return new Refused(Why.SAID_ALREADY, "the site file says so already");
      }
      return judged(site, before, text, changed);
    } catch (NoSuchFileException e) {
      return new Refused(Why.NO_FILE_BEFORE, "there is no site file before this one");
    } catch (IOException e) {
      return new Refused(
          Why.FILE_UNREADABLE, "the site file cannot be read: " + e, Map.of("why", e.toString()));
    } catch (IllegalArgumentException e) {
      return Misunderstood.refusal(e, Why.BY_HAND);
    }
  }

  private Result judged(Site site, byte[] before, String text, String changed) {
    byte[] after = changed.getBytes(UTF_8);
    Loaded loaded = new SiteLoader().read(site.file(), after);
    Site next = loaded.site();
    if (next == null) {
      List<Sentence> told =
          loaded.problems().stream()
              .filter(problem -> problem.severity() == Problem.Severity.ERROR)
              .limit(3)
              .map(Problem::said)
              .toList();
      String why = told.stream().map(Sentence::english).collect(Collectors.joining("; "));
      String chinese = told.stream().map(Sentence::chinese).collect(Collectors.joining("；"));
      return new Refused(
          Why.BAD_SITE_FILE,
          "it would not be a good site file: " + why,
          Map.of("why", why, "why_zh", chinese));
    }
    SiteChange change = SiteChange.between(site, next);
    if (!change.refused().isEmpty()) {
      String what = String.join("; ", change.refused());
      return new Refused(
          Why.NEEDS_START, what + ": only a new start changes that", Map.of("what", what));
    }
    last = new Proposal(next.sha256(), before, after, next);
    List<Sentence> warnings = new ArrayList<>(RatioChange.warnings(site, next));
    loaded.problems().stream().map(Problem::said).forEach(warnings::add);
    return new Done(200, json(site, next, change, TextDiff.of(text, changed), warnings));
  }

  private static String json(
      Site site, Site next, SiteChange change, List<TextDiff.Row> diff, List<Sentence> warnings) {
    return Json.object(
        json -> {
          json.writeStringField("id", next.sha256());
          json.writeStringField("what", change.text());
          json.writeArrayFieldStart("diff");
          for (TextDiff.Row row : diff) {
            json.writeStartArray();
            json.writeString(String.valueOf(row.mark()));
            json.writeNumber(row.number());
            json.writeString(row.text());
            json.writeEndArray();
          }
          json.writeEndArray();
          json.writeArrayFieldStart("load");
          for (Line line : next.lines()) {
            Line old = find(site, line.id());
            if (line.isPolled() && !line.equals(old)) {
              json.writeStartObject();
              json.writeStringField("line", line.id());
              json.writeNumberField("before", old == null ? 0 : percent(old));
              json.writeNumberField("after", percent(line));
              json.writeEndObject();
            }
          }
          json.writeEndArray();
          List<Sentence> first = warnings.subList(0, Math.min(5, warnings.size()));
          json.writeArrayFieldStart("warnings");
          for (Sentence warning : first) {
            json.writeString(warning.english());
          }
          json.writeEndArray();
          json.writeArrayFieldStart("warnings_zh");
          for (Sentence warning : first) {
            json.writeString(warning.chinese());
          }
          json.writeEndArray();
        });
  }

  private static @Nullable Line find(Site site, String id) {
    return site.lines().stream().filter(line -> line.id().equals(id)).findFirst().orElse(null);
  }

  private static long percent(Line line) {
    return line.isPolled() && !line.devices().isEmpty()
        ? Math.round(ReadPlan.of(line).utilisationPercent())
        : 0;
  }

  /**
   * Makes the proposal of this id. What comes of it is seen by {@code config} of the snapshot.
   *
   * @param wanted {@code id}
   */
  public synchronized Result apply(Map<String, String> wanted) {
    Proposal proposal = last;
    if (busy) {
      return new Refused(Why.CHANGE_UNDER_WAY, "a change is being made: wait until it is over");
    }
    if (proposal == null || !proposal.id.equals(wanted.get("id"))) {
      return otherProposal();
    }
    last = null;
    try {
      KeptFile file = KeptFile.of(running.get().file());
      if (!Arrays.equals(file.content(), proposal.before)) {
        return new Refused(
            Why.FILE_CHANGED, "the site file was changed meanwhile: look at the change once more");
      }
      file.replace(proposal.after);
      busy = true;
      change = new Change(proposal.id, Progress.PENDING, null);
      var _ =
          later.schedule(() -> take(file, proposal), ANSWER_FIRST_MILLIS, TimeUnit.MILLISECONDS);
      return new Done(202, "{\"id\":\"" + proposal.id + "\"}");
    } catch (IOException e) {
      return unwritable(e);
    }
  }

  /**
   * Puts a secret or a certificate beside the site file, and answers with its name there.
   *
   * @param wanted {@code kind} and {@code text}
   */
  synchronized Result keep(Map<String, String> wanted) {
    Path site = running.get().file();
    try {
      String name = SiteSecrets.beside(KeptFile.of(site)).keep(wanted);
      return new Done(201, Json.object(json -> json.writeStringField("file", name)));
    } catch (IOException e) {
      return unwritable(e);
    } catch (IllegalArgumentException e) {
      return Misunderstood.refusal(e, Why.NOT_UNDERSTOOD);
    }
  }

  private static Refused unwritable(IOException e) {
    return new Refused(
        Why.FILE_UNWRITABLE,
        "the site file cannot be written ("
            + e
            + "): give the agent's user its folder, or write the change by hand",
        Map.of("why", e.toString()));
  }

  static Refused otherProposal() {
    return new Refused(
        Why.OTHER_PROPOSAL, "that is not what was proposed last: look at the change once more");
  }

  /** The site of the last proposal; null if that is not the one of this id. */
  synchronized @Nullable Site proposed(String id) {
    Proposal proposal = last;
    return proposal == null || !proposal.id.equals(id) ? null : proposal.site;
  }

  /** See {@link Actions#entrance}: of a change it is known from the two site files. */
  @Nullable String entrance(Action action, Map<String, String> wanted) {
    Site next = action == Action.APPLY ? proposed(wanted.getOrDefault("id", "")) : null;
    boolean isPin = action == Action.KEEP && "pin".equals(wanted.get("kind"));
    boolean isPage = action == Action.PROPOSE && "page".equals(wanted.get("edit"));
    if (next != null) {
      Site.StatusSettings before = running.get().status();
      isPin = !Objects.equals(next.status().pinFile(), before.pinFile());
      isPage = !next.status().equals(before);
    }
    return isPin ? "pin_file" : isPage ? "status" : null;
  }

  private void take(KeptFile file, Proposal proposal) {
    try {
      Reloaded came = reload.get();
      if (came.stopping()) {
        return;
      }
      if (running.get().sha256().equals(proposal.id)) {
        change = new Change(proposal.id, Progress.IN_USE, null);
        return;
      }
      if (Arrays.equals(file.content(), proposal.after)) {
        Path refused = file.putBack();
        log.warn("{} was not taken: the one before is put back, it is {}", file.file(), refused);
        var _ = reload.get(); // so that it is known to be the one that runs
      }
      // Last: whoever sees it finds the file before in its place.
      passing = came.passing();
      change = new Change(proposal.id, Progress.REFUSED, came.why() == null ? EDITED : came.why());
    } catch (IOException | RuntimeException e) {
      log.error("{} could not be put back", file.file(), e);
      passing = false;
      change =
          new Change(
              proposal.id,
              Progress.REFUSED,
              new Sentence("it could not be put back: " + e, "未被采用，也没能放回原文件：" + e));
    } finally {
      over();
    }
  }

  /**
   * Begins to put the file before back, if the one of this id is in its place still, and to have it
   * read: what it holds now is beside it then. Both may take minutes, and are done by another
   * thread: whoever asks looks at the file and at what runs.
   *
   * @return whether it has begun; false while another change is made
   */
  public synchronized boolean putBack(String id) {
    if (!busy) {
      busy = true;
      later.execute(() -> putBackNow(id));
      return true;
    }
    return false;
  }

  private void putBackNow(String id) {
    try {
      KeptFile file = KeptFile.of(running.get().file());
      if (Sha256.hex(file.content()).equals(id)) {
        log.warn("{}: the one before is put back, it is {}", file.file(), file.putBack());
      }
      var _ = reload.get();
    } catch (IOException | RuntimeException e) {
      log.error("the site file before cannot be put back yet", e);
    } finally {
      over();
    }
  }

  private synchronized void over() {
    busy = false;
  }

  /** Ports that this machine has, as JSON. */
  static Done ports() {
    return new Done(
        200,
        Json.object(
            json -> {
              json.writeArrayFieldStart("ports");
              for (String port : PortCheck.here().ports()) {
                json.writeString(port);
              }
              json.writeEndArray();
            }));
  }

  @Override
  public void close() {
    later.shutdownNow();
  }
}
