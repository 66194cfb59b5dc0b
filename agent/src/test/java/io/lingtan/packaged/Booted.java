package io.lingtan.packaged;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import io.lingtan.testing.Child;
import io.lingtan.testing.Launched;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A Debian with its own systemd, in a container without a network or with one of the test's. */
final class Booted implements AutoCloseable {

  /**
   * As a rule the machine has one hierarchy of control groups; where not, a mount of our own. Each
   * has a group of its own there: two in one would end each other's services. Arguments: root,
   * group, network, and what lies below the root if that has only what is changed.
   */
  private static final String BOOT =
      """
      mount --make-rprivate /
      if [ "$(stat -fc %T /sys/fs/cgroup)" != cgroup2fs ]; then
        umount -l /sys/fs/cgroup
        mount -t cgroup2 none /sys/fs/cgroup
      fi
      mkdir -p "/sys/fs/cgroup/$1"
      echo $$ >"/sys/fs/cgroup/$1/cgroup.procs"
      if [ -n "$3" ]; then
        mkdir -p "$0" "$0.changes" "$0.work"
        mount -t overlay overlay -o "lowerdir=$3,upperdir=$0.changes,workdir=$0.work" "$0"
      fi
      exec systemd-nspawn --quiet --directory="$0" --register=no --keep-unit "$2" --boot
      """;

  /** What may be left of a group has nobody in it: the directories, innermost first. */
  private static final String FORGET =
      """
      group=$(stat -fc %T /sys/fs/cgroup)
      [ "$group" = cgroup2fs ] && group=/sys/fs/cgroup || group=/sys/fs/cgroup/unified
      find "$group/$0" -depth -type d -exec rmdir {} + 2>/dev/null || :
      """;

  private static final Duration LONGEST = Duration.ofMinutes(6);

  private final Path root;
  private final String network;
  private final String below;
  private Child nspawn;
  private long leader;

  private Booted(Path root, String network, String below) throws IOException, InterruptedException {
    this.root = root;
    this.network = network;
    this.below = below;
    boot();
  }

  /**
   * Boots what another, which has ended, left at its root: changes stay apart from it. Its files
   * are seen from within alone.
   *
   * @param namespace of {@code ip netns}
   */
  static Booted over(Path below, Path root, String namespace)
      throws IOException, InterruptedException {
    try {
      return new Booted(root, "--network-namespace-path=/run/netns/" + namespace, below.toString());
    } catch (AssertionError e) {
      forget(root);
      throw e;
    }
  }

  /** Makes a root, or takes the one that was made before, unpacks it beside that, and boots. */
  static Booted start(Path cache) throws IOException, InterruptedException {
    Files.createDirectories(cache.getParent());
    make(cache);
    Path root = Files.createTempDirectory(cache.getParent(), "root"); // the archive has its mode
    run(
        "tar",
        "--directory",
        root.toString(),
        "--extract",
        "--preserve-permissions",
        "--file",
        cache.toString());
    return new Booted(root, "--private-network", "");
  }

  /** Once, whichever test comes first: others wait. */
  private static void make(Path cache) throws IOException, InterruptedException {
    Path lock = cache.resolveSibling(cache.getFileName() + ".lock");
    try (FileChannel file = FileChannel.open(lock, CREATE, WRITE)) {
      file.lock(); // until it is closed
      if (Files.exists(cache)) {
        return;
      }
      Path part = cache.resolveSibling("part-" + cache.getFileName());
      run(
          "mmdebstrap",
          "--variant=minbase",
          "--include=systemd,systemd-sysv,dbus,udev,ca-certificates,openjdk-25-jre-headless",
          "trixie",
          part.toString());
      Files.move(part, cache);
    }
  }

  private void boot() throws IOException, InterruptedException {
    nspawn =
        Child.start(
            console(root),
            Map.of(),
            List.of(
                "unshare",
                "--mount",
                "bash",
                "-ec",
                BOOT,
                root.toString(),
                group(root),
                network,
                below));
    leader = -1;
    for (int left = 600; leader < 0; left--) {
      if (left == 0 || !nspawn.isAlive()) {
        throw failed("no init came up: " + nspawn.output());
      }
      Thread.sleep(50);
      leader =
          ProcessHandle.of(nspawn.pid()).stream()
              .flatMap(ProcessHandle::descendants)
              .map(ProcessHandle::pid)
              .filter(Booted::isInit)
              .findFirst()
              .orElse(-1L);
    }
    for (int left = 600; !isUp(); left--) {
      if (left == 0 || !nspawn.isAlive()) {
        throw failed(
            "it does not come up: %s%n%s%n%s"
                .formatted(
                    tryTo("systemctl", "is-system-running"),
                    tryTo("systemctl", "--failed"),
                    nspawn.output()));
      }
      Thread.sleep(100);
    }
  }

  /** Nothing of it goes on. */
  private AssertionError failed(String why) {
    ProcessHandle.of(nspawn.pid())
        .ifPresent(it -> it.descendants().forEach(ProcessHandle::destroyForcibly));
    nspawn.close();
    return new AssertionError(why);
  }

  /**
   * Ends everything in it at once and boots what is left on the card: as after a power cut, but
   * that the file system has everything that was written, synced or not.
   */
  void powerCut() throws IOException, InterruptedException {
    end();
    boot();
  }

  /** Removes what is left of one that has ended. */
  static void forget(Path root) throws IOException, InterruptedException {
    run("bash", "-c", FORGET, group(root));
    for (String each : List.of("", ".changes", ".work")) {
      run("rm", "--recursive", "--force", "--one-file-system", root + each);
    }
    Files.deleteIfExists(console(root));
  }

  /** Ends everything in it at once; what it wrote stays. */
  void end() throws InterruptedException {
    ProcessHandle.of(leader).ifPresent(ProcessHandle::destroyForcibly);
    nspawn.join(10);
    nspawn.close();
    nspawn.join(10);
  }

  private static String group(Path root) {
    return "lingtan-" + root.getFileName();
  }

  private static Path console(Path root) {
    return root.resolveSibling(root.getFileName() + ".console");
  }

  /** Whether it is the first process of a machine in this one: on the way there are others. */
  private static boolean isInit(long pid) {
    try {
      return Files.readString(Path.of("/proc", String.valueOf(pid), "status"))
          .contains("\nNSpid:\t" + pid + "\t1\n");
    } catch (IOException e) {
      return false; // it has ended
    }
  }

  private boolean isUp() throws IOException, InterruptedException {
    return tryTo("systemctl", "is-system-running").out().strip().equals("running");
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Launched done = Launched.within(LONGEST, Map.of(), command);
    if (done.exit() != 0) {
      throw new AssertionError(String.join(" ", command) + ": " + done);
    }
  }

  Path root() {
    return root;
  }

  /** Runs a program of this machine that sees only the network of that one. */
  Child inItsNetwork(Path output, String... command) throws IOException {
    List<String> words =
        new ArrayList<>(List.of("nsenter", "--target", String.valueOf(leader), "--net"));
    words.addAll(List.of(command));
    return Child.start(output, Map.of(), words);
  }

  /** Starts a command of the shell in it. */
  Child inside(Path output, String command) throws IOException {
    List<String> words = entered();
    words.addAll(List.of("bash", "-c", command));
    return Child.start(output, Map.of(), words);
  }

  private List<String> entered() {
    return new ArrayList<>(
        List.of(
            "nsenter",
            "--target",
            String.valueOf(leader),
            "--all",
            "env",
            "-i",
            "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
            "DEBIAN_FRONTEND=noninteractive"));
  }

  /** Runs a command in it. */
  Launched tryTo(String... command) throws IOException, InterruptedException {
    List<String> words = entered();
    words.addAll(List.of(command));
    return Launched.within(LONGEST, Map.of(), words.toArray(String[]::new));
  }

  /** The same; returns what it printed. */
  String sh(String command) throws IOException, InterruptedException {
    Launched done = tryTo("bash", "-c", command);
    if (done.exit() != 0) {
      throw new AssertionError(command + ": " + done);
    }
    return done.out().strip();
  }

  /** Ends everything in it at once: a boot that nothing stopped cleanly. */
  @Override
  public void close() {
    try {
      end();
      forget(root);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
