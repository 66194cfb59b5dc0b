package io.lingtan.packaged;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lingtan.agent.fleet.FleetDocument;
import io.lingtan.agent.fleet.FleetDocument.Software;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.seal.SigningKey;
import io.lingtan.agent.site.Sha256;
import io.lingtan.testing.Child;
import io.lingtan.testing.KeptRecords;
import io.lingtan.testing.Launched;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Gateways with the package and systemd, each a machine of its own in a network namespace with a
 * meter, and their centre. In each round one of them is given a new site file, a new version, or a
 * bad one of either, and at a random moment its agent is killed or its power fails; the broker is
 * restarted at random moments. {@code -Dfleet.campaign.gateways=20 -Dfleet.campaign.rounds=100
 * -Dfleet.campaign.seed=1} plays others.
 */
@Tag("campaign")
@RequiresTool({
  "dpkg-deb",
  "mmdebstrap",
  "systemd-nspawn",
  "nsenter",
  "ip",
  "mosquitto",
  "mosquitto_pub",
  "mosquitto_sub",
  "python3"
})
@SuppressWarnings("NullAway") // a member that is not there fails the test by itself
final class FleetCampaignIT {

  private static final int GATEWAYS = Integer.getInteger("fleet.campaign.gateways", 5);
  private static final int ROUNDS = Integer.getInteger("fleet.campaign.rounds", 10);
  private static final long SEED = Long.getLong("fleet.campaign.seed", 23);

  private static final SigningKey KEY = SigningKey.make(Randomness.seeded(1));
  private static final Path ROOT = Path.of("target/debian/root.tar").toAbsolutePath();
  private static final String CENTRE = "10.79.0.1";
  private static final List<String> GOOD = List.of("1.0", "1.1");
  private static final String BAD = "9.0";
  private static final int MINUTES = 3;
  private static final List<Change> CHANGES = List.of(Change.values());
  private static final List<Fault> FAULTS = List.of(Fault.values());

  /** Its longest is a bad version whose installation is cut off: it is given its minutes twice. */
  private static final int MOST_SECONDS = 900;

  @TempDir Path folder;
  private final RandomGenerator random = Randomness.seeded(SEED);
  private final String names = "lt" + ProcessHandle.current().pid();
  private final List<Child> world = new ArrayList<>();
  private final ConcurrentLinkedQueue<String> faults = new ConcurrentLinkedQueue<>();
  private final AtomicInteger played = new AtomicInteger();
  private volatile boolean isOver;
  private Path debian;
  private Child broker;
  private HeardRecords heard;

  private enum Change {
    SITE("config", "applied"),
    BAD_SITE("config", "put_back"),
    VERSION("software", "applied"),
    BAD_VERSION("software", "put_back");

    private final String kind;
    private final String end;

    Change(String kind, String end) {
      this.kind = kind;
      this.end = end;
    }
  }

  private enum Fault {
    NONE,
    KILLED,
    POWER_CUT
  }

  private static String run(String... command) throws IOException, InterruptedException {
    Launched done = Launched.run(Map.of(), command);
    if (done.exit() != 0) {
      throw new AssertionError(String.join(" ", command) + ": " + done);
    }
    return done.out().strip();
  }

  private static String[] in(String namespace, String words, String... more) {
    List<String> command =
        new ArrayList<>(List.of(("ip netns exec " + namespace + " " + words).split(" ")));
    command.addAll(List.of(more));
    return command.toArray(String[]::new);
  }

  private Child child(String log, String[] command) throws IOException {
    return Child.start(folder.resolve(log), Map.of("PYTHONUNBUFFERED", "1"), List.of(command));
  }

  private String centre() {
    return names + "c";
  }

  /** A switch with the centre's machine, where broker and web server are. */
  private void openTheCentre() throws Exception {
    run("ip", "netns", "add", centre());
    run(in(centre(), "ip link set lo up"));
    run(in(centre(), "ip link add sw type bridge"));
    run(in(centre(), "ip addr add " + CENTRE + "/24 dev sw"));
    run(in(centre(), "ip link set sw up"));
    Path file =
        Files.writeString(
            folder.resolve("mosquitto.conf"),
            """
            listener 1883 %s
            allow_anonymous true
            user root
            persistence true
            persistence_location %s/
            max_queued_messages 0
            max_inflight_messages 0
            """
                .formatted(CENTRE, folder));
    broker = child("mosquitto.log", in(centre(), "/usr/sbin/mosquitto -c " + file));
    String[] hello = in(centre(), "mosquitto_pub -q 1 -t hello -n -h " + CENTRE);
    // A subscriber that finds no broker at its start ends.
    if (!await(60, () -> Launched.run(Map.of(), hello).exit() == 0)) {
      throw new AssertionError("no broker: " + broker.output());
    }
    world.add(
        child(
            "web.log",
            in(
                centre(),
                "/usr/bin/python3 -m http.server --bind " + CENTRE + " 8000 --directory",
                folder.toString())));
    world.add(
        child(
            "heard.txt",
            in(
                centre(),
                "mosquitto_sub -V 5 -c -x 86400 -i centre -q 1 -h "
                    + CENTRE
                    + " -t lingtan/v1/# -F",
                "%t %p")));
    heard = new HeardRecords(folder.resolve("heard.txt"));
  }

  private void restartBroker() throws Exception {
    broker.stop(20);
    Thread.sleep(random.nextInt(5_000));
    broker =
        child(
            "mosquitto.log",
            in(centre(), "/usr/sbin/mosquitto -c " + folder.resolve("mosquitto.conf")));
  }

  /** A card with the package on it, as many machines then have it. */
  private Path card() throws Exception {
    Path deb = PackageIT.deb();
    for (String version : GOOD) {
      PackageIT.later(deb, folder, version);
    }
    UpdateIT.spoil(PackageIT.later(deb, folder, BAD), folder.resolve("spoilt"));
    Booted machine = Booted.start(ROOT);
    Files.copy(deb, machine.root().resolve("lingtan.deb"));
    machine.sh("dpkg -i /lingtan.deb 2>&1");
    machine.sh(
        "systemctl stop lingtan && rm -rf /var/lib/lingtan/* /lingtan.deb && truncate -s 0"
            + " /etc/machine-id");
    machine.sh(
        "printf 'key=%s\\nminutes=%d\\n' >/etc/lingtan-update.conf"
            .formatted(KEY.open().x(), MINUTES));
    // Twenty machines share the inotify instances of one user of this one: 128 as a rule.
    machine.sh(
        "systemctl mask -q systemd-ask-password-wall.path systemd-ask-password-console.path"
            + " systemd-udevd systemd-udevd-control.socket systemd-udevd-kernel.socket"
            + " systemd-logind console-getty dbus dbus.socket 2>&1");
    // A class cache for each version at each machine, which takes 8 s to make, is not what is
    // tried.
    machine.sh(
        "mkdir /etc/systemd/system/lingtan-update.service.d && printf '[Service]\\nEnvironment="
            + "JAVA_TOOL_OPTIONS=-XX:+NoSuchOption\\n'"
            + " >/etc/systemd/system/lingtan-update.service.d/quick.conf && sync");
    machine.end();
    return machine.root();
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  private static boolean await(int seconds, Condition condition) throws Exception {
    long until = System.nanoTime() + seconds * 1_000_000_000L;
    while (!condition.holds()) {
      if (System.nanoTime() > until) {
        return false;
      }
      Thread.sleep(500);
    }
    return true;
  }

  private final class Gateway implements AutoCloseable {
    private final int number;
    private final String id;
    private final String namespace;
    private final RandomGenerator random;
    private Booted machine;
    private Child meter;
    private String site;
    private String version = "0.1.0";
    private long serial;
    private int ends;
    private int visits;

    Gateway(int number, long seed) {
      this.number = number;
      this.id = "gw-%02d".formatted(number);
      this.namespace = names + "g" + number;
      this.random = Randomness.seeded(seed);
    }

    private void wire() throws Exception {
      run("ip", "netns", "add", namespace);
      run(in(namespace, "ip link set lo up"));
      run(
          in(
              centre(),
              "ip link add g%1$d type veth peer name eth0 netns %2$s"
                  .formatted(number, namespace)));
      run(in(centre(), "ip link set g" + number + " master sw up"));
      run(in(namespace, "ip addr add 10.79.0." + (10 + number) + "/24 dev eth0"));
      run(in(namespace, "ip link set eth0 up"));
      meter =
          child(
              id + ".served",
              in(
                  namespace,
                  "/usr/bin/python3 " + folder.resolve("pymodbus_meter.py") + " tcp 502 1"));
    }

    void open() throws Exception {
      wire();
      machine = Booted.over(debian, debian.resolveSibling(names + id), namespace);
      site =
          """
          gateway: %s
          site: {name: "0", region: CN}
          lines:
            - id: hall
              modbus-tcp: {host: 127.0.0.1}
              devices:
                - {id: m1, profile: eastron-sdm630, unit: 1, every: 1s, record: 1s}
          journal: {path: /var/lib/lingtan/journal.db, max_size: 64MB}
          mqtt: {servers: ["mqtt://%s:1883"], spread: 0s}
          clock: {trust: [system]}
          fleet: {key: %s, confirm: 60s}
          """
              .formatted(id, CENTRE, KEY.open().x());
      Path own = Files.writeString(folder.resolve(id + ".yaml"), site);
      // Its root is seen from within alone.
      machine.sh(
          "cat >/etc/lingtan/site.yaml <<'END'\n%sEND\nsystemctl restart lingtan"
              .formatted(Files.readString(own)));
      if (!await(120, () -> !heard.energies(id).isEmpty())) {
        throw new AssertionError(id + " does not come: " + log());
      }
    }

    private String log() throws Exception {
      return machine.sh(
          "journalctl --no-pager -n 80 -u lingtan -u lingtan-update -u '*.path';"
              + " cat /var/lib/lingtan-update/state || :");
    }

    private String document(Change change) throws IOException {
      String body = "";
      Software software = null;
      if (change.kind.equals("config")) {
        body =
            change == Change.BAD_SITE
                ? site.replace(CENTRE, "10.79.0.254")
                : site.replaceFirst("name: \"\\d+\"", "name: \"" + serial + "\"");
        site = change == Change.SITE ? body : site;
      } else {
        String wanted = version.equals(GOOD.getFirst()) ? GOOD.getLast() : GOOD.getFirst();
        version = change == Change.VERSION ? wanted : version;
        String named = change == Change.VERSION ? wanted : BAD;
        byte[] deb = Files.readAllBytes(folder.resolve("lingtan_" + named + "_all.deb"));
        software = new Software(named, Sha256.hex(deb), deb.length, "http://" + CENTRE + ":8000");
      }
      return new FleetDocument(id, null, serial, null, 4_000_000_000_000L, body, software)
          .signed(KEY);
    }

    private boolean isSaid(Change change) throws IOException {
      Map<?, ?> said = heard.reported(id, change.kind);
      return said.get("serial") instanceof Number it
          && it.longValue() == serial
          && List.of("applied", "put_back", "refused").contains(said.get("state"));
    }

    void play(int round) throws Exception {
      Change change = CHANGES.get((round + number) % CHANGES.size());
      Fault fault = FAULTS.get(random.nextInt(FAULTS.size()));
      long began = System.nanoTime();
      serial++;
      Path document =
          Files.writeString(folder.resolve(id + "-" + serial + ".json"), document(change), UTF_8);
      String topic = "lingtan/v1/" + id + "/desired/" + change.kind;
      String[] publish =
          in(
              centre(),
              "mosquitto_pub -V 5 -q 1 -r -h " + CENTRE + " -t " + topic + " -f " + document);
      // The broker may be away just now.
      if (!await(60, () -> Launched.run(Map.of(), publish).exit() == 0)) {
        throw new AssertionError("no broker");
      }
      int after = random.nextInt(change.kind.equals("config") ? 15_000 : 60_000);
      Thread.sleep(after);
      if (fault == Fault.KILLED) {
        machine.tryTo("systemctl", "kill", "--signal=KILL", "lingtan");
        ends++;
      } else if (fault == Fault.POWER_CUT) {
        machine.powerCut();
        ends++;
      }
      boolean isOver = await(MOST_SECONDS, () -> isSaid(change));
      Map<?, ?> said = heard.reported(id, change.kind);
      String words =
          "%s round %d: %s, %s after %.1f s, %.0f s in all: %s"
              .formatted(
                  id, round, change, fault, after / 1e3, (System.nanoTime() - began) / 1e9, said);
      System.out.println(words);
      played.incrementAndGet();
      if (!isOver) {
        visits++;
      }
      if (!isOver || !change.end.equals(said.get("state"))) {
        faults.add(words + "\n" + log());
        version = machine.sh("dpkg-query -W -f '${Version}' lingtan");
      }
      String file = machine.sh("cat /etc/lingtan/site.yaml");
      if (!file.equals(site.strip())) {
        faults.add(words + ": another site file is there: " + file);
      }
    }

    /**
     * Every reading that left the meter is at the centre, but for what an end of the agent cost.
     */
    String account() throws Exception {
      if (!await(60, () -> machine.sh("systemctl is-active lingtan || :").equals("active"))) {
        visits++;
        faults.add(id + " does not run: " + log());
      }
      meter.close();
      List<Long> served = KeptRecords.served(Files.readString(folder.resolve(id + ".served")));
      // What a commit of 1 s holds at each sudden end, and what is under way at any end. The broker
      // may have been away just now: then some are still to come.
      boolean isHere =
          await(150, () -> missing(served).size() <= most() + 1 && heard.isDelivered(id));
      machine.sh("systemctl stop lingtan");
      List<Long> missing = missing(served);
      List<String> holes = heard.holes(id);
      if (!holes.isEmpty() || !isHere) {
        faults.add(id + ": holes " + holes + ", readings that are missing " + missing);
      }
      return "%s: %d readings served, %d lost at %d starts (%d of them sudden, at most %d); holes %s, late %d, visits %d"
          .formatted(
              id,
              served.size(),
              missing.size(),
              heard.events(id, "agent.start"),
              ends,
              most(),
              holes.size(),
              heard.events(id, "poll.late"),
              visits);
    }

    private List<Long> missing(List<Long> served) throws IOException {
      List<Long> missing = new ArrayList<>(served);
      missing.removeAll(heard.energies(id));
      return missing;
    }

    /** How many readings its restarts may have cost. */
    private int most() throws IOException {
      return 2 * ends + heard.events(id, "agent.start");
    }

    @Override
    public void close() {
      if (meter != null) {
        meter.close();
      }
      if (machine != null) {
        machine.close();
      }
    }
  }

  private static void all(ExecutorService threads, List<Gateway> gateways, Task task)
      throws Exception {
    List<Future<?>> running = new ArrayList<>();
    for (Gateway each : gateways) {
      running.add(
          threads.submit(
              () -> {
                task.of(each);
                return null;
              }));
    }
    for (Future<?> each : running) {
      each.get();
    }
  }

  private interface Task {
    void of(Gateway gateway) throws Exception;
  }

  @Test
  @Timeout(7200)
  void gatewaysChangeAndGoBackUnderFaultsAndLoseNothing() throws Exception {
    System.out.println("fleet.campaign.seed " + SEED);
    try (InputStream in =
        PackageIT.class.getResourceAsStream("/io/lingtan/agent/acquire/pymodbus_meter.py")) {
      Files.write(folder.resolve("pymodbus_meter.py"), Objects.requireNonNull(in).readAllBytes());
    }
    List<Gateway> gateways = new ArrayList<>();
    for (int number = 1; number <= GATEWAYS; number++) {
      gateways.add(new Gateway(number, random.nextLong()));
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(GATEWAYS)) {
      debian = card();
      openTheCentre();
      Semaphore few = new Semaphore(3);
      all(
          threads,
          gateways,
          gateway -> {
            few.acquire();
            try {
              gateway.open();
            } finally {
              few.release();
            }
          });
      System.out.println(GATEWAYS + " gateways are there");
      Thread breaker = Thread.ofVirtual().start(this::breakBroker);
      try {
        all(threads, gateways, this::playAll);
      } finally {
        isOver = true;
        breaker.join();
      }
      all(threads, gateways, gateway -> System.out.println(gateway.account()));
      System.out.printf("%d rounds at %d gateways%n", played.get(), GATEWAYS);
    } finally {
      gateways.forEach(Gateway::close);
      world.forEach(Child::close);
      if (broker != null) {
        broker.close();
      }
      for (Gateway each : gateways) {
        Launched.run(Map.of(), "ip", "netns", "del", each.namespace);
      }
      Launched.run(Map.of(), "ip", "netns", "del", centre());
      if (debian != null) {
        Booted.forget(debian);
      }
    }
    assertEquals(List.of(), List.copyOf(faults));
  }

  private void playAll(Gateway gateway) {
    try {
      for (int round = gateway.number; round <= ROUNDS; round += GATEWAYS) {
        gateway.play((round - 1) / GATEWAYS);
      }
    } catch (Exception | AssertionError e) {
      gateway.visits++;
      faults.add(gateway.id + ": " + e);
    }
  }

  private void breakBroker() {
    int times = 0;
    try {
      while (!await(30 + random.nextInt(60), () -> isOver)) {
        restartBroker();
        times++;
      }
    } catch (Exception e) {
      faults.add("the broker: " + e);
    }
    System.out.println("the broker was restarted " + times + " times");
  }
}
