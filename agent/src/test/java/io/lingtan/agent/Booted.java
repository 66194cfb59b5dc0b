package io.lingtan.agent;

import io.lingtan.testing.Child;
import io.lingtan.testing.Launched;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A Debian with its own systemd, in a container without a network. */
final class Booted implements AutoCloseable {

  /** As a rule the machine has one hierarchy of control groups; where not, a mount of our own. */
  private static final String BOOT =
      """
      mount --make-rprivate /
      if [ "$(stat -fc %T /sys/fs/cgroup)" != cgroup2fs ]; then
        umount -l /sys/fs/cgroup
        mount -t cgroup2 none /sys/fs/cgroup
      fi
      exec systemd-nspawn --quiet --directory="$0" --register=no --keep-unit --private-network --boot
      """;

  private static final Duration LONGEST = Duration.ofMinutes(6);

  private final Child nspawn;
  private final Path root;
  private final long leader;

  private Booted(Child nspawn, Path root, long leader) {
    this.nspawn = nspawn;
    this.root = root;
    this.leader = leader;
  }

  /** Makes a root, or takes the one that was made before, unpacks it beside that, and boots. */
  static Booted start(Path cache) throws IOException, InterruptedException {
    if (!Files.exists(cache)) {
      Files.createDirectories(cache.getParent());
      Path part = cache.resolveSibling("part-" + cache.getFileName());
      run(
          "mmdebstrap",
          "--variant=minbase",
          "--include=systemd,systemd-sysv,dbus,udev,ca-certificates,openjdk-25-jre-headless",
          "trixie",
          part.toString());
      Files.move(part, cache);
    }
    Path root = Files.createTempDirectory(cache.getParent(), "root"); // the archive has its mode
    run(
        "tar",
        "--directory",
        root.toString(),
        "--extract",
        "--preserve-permissions",
        "--file",
        cache.toString());
    Child nspawn =
        Child.start(
            console(root),
            Map.of(),
            List.of("unshare", "--mount", "bash", "-c", BOOT, root.toString()));
    long leader = -1;
    for (int left = 600; leader < 0; left--) {
      if (left == 0 || !nspawn.isAlive()) {
        throw new AssertionError("no init came up: " + nspawn.output());
      }
      Thread.sleep(50);
      leader =
          ProcessHandle.of(nspawn.pid())
              .flatMap(handle -> handle.children().findFirst())
              .map(ProcessHandle::pid)
              .orElse(-1L);
    }
    Booted booted = new Booted(nspawn, root, leader);
    for (int left = 600; !booted.isUp(); left--) {
      if (left == 0 || !nspawn.isAlive()) {
        throw new AssertionError("it does not come up: " + nspawn.output());
      }
      Thread.sleep(100);
    }
    return booted;
  }

  private static Path console(Path root) {
    return root.resolveSibling(root.getFileName() + ".console");
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

  /** Runs a command in it. */
  Launched tryTo(String... command) throws IOException, InterruptedException {
    List<String> words =
        new ArrayList<>(
            List.of("nsenter", "--target", String.valueOf(leader), "--all", "env", "-i"));
    words.add("PATH=/usr/sbin:/usr/bin:/sbin:/bin");
    words.add("DEBIAN_FRONTEND=noninteractive");
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
    ProcessHandle.of(leader).ifPresent(ProcessHandle::destroyForcibly);
    nspawn.close();
    try {
      nspawn.join(10);
      run("rm", "--recursive", "--force", "--one-file-system", root.toString());
      Files.deleteIfExists(console(root));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
