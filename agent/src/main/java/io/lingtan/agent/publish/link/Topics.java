package io.lingtan.agent.publish.link;

import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import java.util.List;
import java.util.regex.Pattern;

/** The topics of one gateway. */
public final class Topics {

  /** Every command that is obeyed, by its name. */
  public static final List<String> COMMANDS = List.of("ack", "feed", "replay", "rebirth", "ping");

  private static final String GATEWAYS = "lingtan/v1/";
  private static final Pattern REPLIES = Pattern.compile("lingtan/v1/[^/]+/reply/.+");

  private final String root;

  public Topics(String gateway) {
    this.root = GATEWAYS + gateway;
  }

  /**
   * Whether an answer may go there: below our own {@code reply}, or below one of the site file's
   * prefixes. Of what belongs to gateways never elsewhere than below {@code reply}, so that nobody
   * can make one gateway speak for another or command it.
   */
  public boolean mayBeAnswered(String topic, List<String> prefixes) {
    return topic.startsWith(root + "/reply/")
        || (prefixes.stream().anyMatch(topic::startsWith)
            && (!topic.startsWith(GATEWAYS) || REPLIES.matcher(topic).matches()));
  }

  /** What all of them begin with. */
  public String root() {
    return root;
  }

  public String status() {
    return root + "/status";
  }

  public String meta() {
    return root + "/meta";
  }

  public String meta(String device) {
    return root + "/meta/" + device;
  }

  public String anyMetaOfADevice() {
    return root + "/meta/+";
  }

  public String store() {
    return root + "/store";
  }

  public String data(String device) {
    return root + "/data/" + device;
  }

  String interval(String length) {
    return root + "/interval/" + length;
  }

  String event() {
    return root + "/event";
  }

  public String batch() {
    return root + "/batch";
  }

  /** The same, gzipped. */
  public String batchGz() {
    return root + "/batch/gz";
  }

  public String undated() {
    return root + "/undated";
  }

  public String state(String device) {
    return root + "/state/" + device;
  }

  /** What the centre wants the site file to be. */
  public String desiredConfig() {
    return root + "/desired/config";
  }

  /** Which version of the software the centre wants. */
  public String desiredSoftware() {
    return root + "/desired/software";
  }

  /** What has become of it. */
  public String reported() {
    return root + "/reported";
  }

  /**
   * What a month came to.
   *
   * @param month such as {@code 2026-06}
   */
  public String report(String month) {
    return root + "/report/" + month;
  }

  public String anyCommand() {
    return root + "/cmd/+";
  }

  /** Each command by its name, for a broker without wildcards. */
  public List<String> everyCommand() {
    return COMMANDS.stream().map(commands()::concat).toList();
  }

  /** Below it are commands; nothing of ours may be published there. */
  public String commands() {
    return root + "/cmd/";
  }

  public String reply(String command) {
    return root + "/reply/" + command;
  }

  /** Where a record goes that travels alone. */
  public String of(JournalRecord record) {
    return switch (record) {
      case DataRecord data when data.tsMillis() == JournalRecord.UNDATED -> undated();
      case EventRecord event when event.tsMillis() == JournalRecord.UNDATED -> undated();
      case DataRecord data -> data(data.sample().device());
      case IntervalRecord interval -> interval(interval.length());
      case EventRecord event -> event();
    };
  }

  /** The device in a topic {@code meta/{device}}, or null. */
  @org.jspecify.annotations.Nullable
  public String deviceOfMeta(String topic) {
    String prefix = root + "/meta/";
    return topic.startsWith(prefix) ? topic.substring(prefix.length()) : null;
  }
}
