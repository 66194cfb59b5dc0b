package io.lingtan.agent.publish;

import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The topics of one gateway. */
final class Topics {

  private static final String GATEWAYS = "lingtan/v1/";
  private static final Pattern REPLIES = Pattern.compile("lingtan/v1/[^/]+/reply/.+");

  private final String root;

  Topics(String gateway) {
    this.root = GATEWAYS + gateway;
  }

  /**
   * Whether an answer may go there: below our own {@code reply}, or below one of the site file's
   * prefixes. Of what belongs to gateways never elsewhere than below {@code reply}, so that nobody
   * can make one gateway speak for another or command it.
   */
  boolean mayBeAnswered(String topic, List<String> prefixes) {
    return topic.startsWith(root + "/reply/")
        || (prefixes.stream().anyMatch(topic::startsWith)
            && (!topic.startsWith(GATEWAYS) || REPLIES.matcher(topic).matches()));
  }

  /** What all of them begin with. */
  String root() {
    return root;
  }

  String status() {
    return root + "/status";
  }

  String meta() {
    return root + "/meta";
  }

  String meta(String device) {
    return root + "/meta/" + device;
  }

  String anyMetaOfADevice() {
    return root + "/meta/+";
  }

  String store() {
    return root + "/store";
  }

  String data(String device) {
    return root + "/data/" + device;
  }

  String interval(String length) {
    return root + "/interval/" + length;
  }

  String event() {
    return root + "/event";
  }

  String batch() {
    return root + "/batch";
  }

  /** The same, gzipped. */
  String batchGz() {
    return root + "/batch/gz";
  }

  String undated() {
    return root + "/undated";
  }

  String state(String device) {
    return root + "/state/" + device;
  }

  String anyCommand() {
    return root + "/cmd/+";
  }

  /** Each command by its name, for a broker without wildcards. */
  List<String> everyCommand() {
    return Stream.of("ack", "replay", "rebirth", "ping", "feed").map(commands()::concat).toList();
  }

  /** Below it are commands; nothing of ours may be published there. */
  String commands() {
    return root + "/cmd/";
  }

  String reply(String command) {
    return root + "/reply/" + command;
  }

  /** Where a record goes that travels alone. */
  String of(JournalRecord record) {
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
  String deviceOfMeta(String topic) {
    String prefix = root + "/meta/";
    return topic.startsWith(prefix) ? topic.substring(prefix.length()) : null;
  }
}
