package io.lingtan.simulator.check;

import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.simulator.check.record.Received;
import io.lingtan.simulator.check.record.RecordReader;
import io.lingtan.simulator.device.Measuring;
import io.lingtan.simulator.device.site.DemoMicrogrid;
import io.lingtan.simulator.fault.Fault;
import io.lingtan.simulator.json.Json;
import io.lingtan.simulator.world.Plant;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;

/** The demonstration site, what a run did to it, and records of it that were written by hand. */
final class Bench {

  /** A quarter of an hour begins here, and an hour. */
  static final long START = 1_764_057_600_000L;

  static final long SECOND = 1_000;
  static final long MINUTE = 60 * SECOND;
  static final long HOUR = 60 * MINUTE;

  final Site site =
      Objects.requireNonNull(
          new SiteLoader().load(Path.of("../config/sites/demo-microgrid.yaml")).site());
  final Map<String, Measuring> meters = new HashMap<>();
  final Happened happened = new Happened(site);
  final Findings findings = new Findings();
  final Sites sites;
  final Delivery delivery = new Delivery(findings);

  Bench() {
    new DemoMicrogrid(Plant.demo(17), 0)
        .endpoints()
        .forEach(endpoint -> endpoint.meters().forEach(meter -> meters.put(meter.id(), meter)));
    sites = new Sites(site, meters);
  }

  /** Something that the run did, before any agent was away. */
  Bench with(Fault fault) {
    happened.fault(fault);
    return this;
  }

  /** From a time on {@code gate} is called {@code gate-new}. */
  void rename(long since) {
    sites.inForce(
        since,
        edited(
            text ->
                text.replace("id: gate,", "id: gate-new,")
                    .replace("device: gate,", "device: gate-new,")),
        Map.of("gate-new", "gate"));
  }

  /** From a time on {@code gate} has half its ratio in the site file. It shows its own. */
  void halveTheRatio(long since) {
    sites.inForce(since, edited(text -> text.replace("ct: 80", "ct: 40")), Map.of());
  }

  private static Site edited(UnaryOperator<String> edit) {
    try {
      Path file = Path.of("../config/sites/demo-microgrid.yaml");
      byte[] bytes = edit.apply(Files.readString(file)).getBytes(StandardCharsets.UTF_8);
      return Objects.requireNonNull(new SiteLoader().read(file, bytes).site());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A record that has come. */
  static Received read(String json) {
    try {
      Received[] read = new Received[1];
      RecordReader.read(bytes(json), (record, message, from, length) -> read[0] = record);
      return Objects.requireNonNull(read[0]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A reading of {@code gate}, delivered. */
  void deliver(long seq, long after, long arrived) {
    String json =
        "{\"epoch\":\"e\",\"seq\":%d,\"after\":%d,\"ts\":%d,\"device\":\"gate\",\"values\":{}}"
            .formatted(seq, after, START + seq * SECOND);
    delivery.take(read(json), bytes(json), 0, json.length(), arrived);
  }

  /** A {@code store} message that comes at a time. */
  void store(String json, long at) {
    try {
      delivery.store(Json.read(bytes(json)), at);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An event of this time. */
  static Received.Event event(String name, long ts, String detail) {
    return (Received.Event)
        read(
            "{\"epoch\":\"e\",\"seq\":1,\"after\":0,\"ts\":%d,\"event\":\"%s\",\"detail\":{%s}}"
                .formatted(ts, name, detail));
  }

  /** How many of each class were found. */
  Map<Verdict, Long> found() {
    return findings.counts();
  }

  /** In words. */
  List<String> words() {
    return findings.list().stream().map(Finding::what).toList();
  }

  private static byte[] bytes(String json) {
    return json.getBytes(StandardCharsets.UTF_8);
  }
}
