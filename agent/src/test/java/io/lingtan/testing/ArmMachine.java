package io.lingtan.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A 64-bit ARM machine under QEMU: Debian's own kernel (of backports, which has gpio-sim), its Java
 * runtime and busybox, put together from packages without installing anything. Boots in a few
 * seconds; needs no privileges.
 *
 * <p>The guest sees two folders: everything from the packages as its root, read-only but for {@code
 * /tmp} and {@code /run}, and {@code /share}, which is the test's and cannot be mapped into memory
 * by two (no database is kept there). What is to happen there is a shell script, which runs as
 * root; when it ends, so does the machine.
 */
public final class ArmMachine {

  /** How a guest's time passes. */
  public enum Clock {
    /** As the host's: two processors, as fast as the host lets them be. */
    HOST,
    /**
     * By the instructions of its one processor, 4 ns each, with waits that take no time: nothing in
     * the guest depends on how busy the host is.
     */
    INSTRUCTIONS;

    private List<String> arguments() {
      return switch (this) {
        case HOST -> List.of("-accel", "tcg,thread=multi", "-smp", "2");
        case INSTRUCTIONS ->
            List.of("-accel", "tcg,thread=single", "-smp", "1", "-icount", "shift=2,sleep=off");
      };
    }
  }

  /** What a Java program needs beside the kernel. */
  private static final List<String> PACKAGES =
      List.of(
          "busybox-static",
          "libc6",
          "libgcc-s1",
          "libstdc++6",
          "zlib1g",
          "libjpeg62-turbo",
          "liblcms2-2",
          "openjdk-25-jre-headless");

  /** Always loaded: the shared folders. */
  private static final List<String> MODULES = List.of("9pnet_virtio", "9p");

  private static final String READY = "complete";
  private static final String DEB =
      "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.pgp] ";
  private static final int BUFFER_BYTES = 262_144;

  private final Path root;
  private final Path modules;

  private ArmMachine(Path root, Path modules) {
    this.root = root;
    this.modules = modules;
  }

  /**
   * Fetches the packages with apt and unpacks them, unless an earlier call has.
   *
   * @param folder to keep them in, such as {@code target/arm64}
   */
  public static ArmMachine in(Path folder) throws IOException, InterruptedException {
    Path at = folder.toAbsolutePath();
    Path root = at.resolve("root");
    if (!Files.exists(at.resolve(READY))) {
      Files.createDirectories(root);
      fetch(at, root);
      Files.createFile(at.resolve(READY));
    }
    try (Stream<Path> kernels = Files.list(root.resolve("usr/lib/modules"))) {
      return new ArmMachine(root, kernels.findFirst().orElseThrow());
    }
  }

  /** Where this machine itself gets the packages of a suite. */
  private static String archive(Path at, String suite) throws IOException, InterruptedException {
    return run(at, Map.of(), "apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE)")
        .lines()
        .filter(line -> line.endsWith(" " + suite))
        .map(line -> line.substring(0, line.indexOf(' ')))
        .findFirst()
        .orElseThrow(
            () -> new AssertionError("apt knows no " + suite + ": run apt-get update as root"));
  }

  /** With apt's state in a folder of its own: the machine's architectures stay as they are. */
  private static void fetch(Path at, Path root) throws IOException, InterruptedException {
    Path debs = Files.createDirectories(at.resolve("debs"));
    Files.createDirectories(at.resolve("apt/lists/partial"));
    Files.createDirectories(at.resolve("apt/cache/archives/partial"));
    Files.writeString(at.resolve("apt/status"), "");
    String codename =
        Files.readAllLines(Path.of("/etc/os-release")).stream()
            .filter(line -> line.startsWith("VERSION_CODENAME="))
            .map(line -> line.substring("VERSION_CODENAME=".length()))
            .findFirst()
            .orElseThrow();
    String main = archive(at, codename);
    Files.writeString(
        at.resolve("apt/sources.list"),
        Stream.of(
                main + " " + codename,
                archive(at, codename + "-security") + " " + codename + "-security",
                main + " " + codename + "-backports")
            .map(source -> DEB + source + " main\n")
            .collect(Collectors.joining()));
    Files.writeString(
        at.resolve("apt/apt.conf"),
        """
        APT::Architecture "arm64";
        APT::Architectures { "arm64"; };
        Dir::State "%1$s";
        Dir::State::status "%1$s/status";
        Dir::Cache "%1$s/cache";
        Dir::Etc::sourcelist "%1$s/sources.list";
        Dir::Etc::sourceparts "-";
        Acquire::Languages "none";
        Acquire::Retries "3";
        """
            .formatted(at.resolve("apt")));
    apt(at, at, "apt-get", "update");
    String depends =
        apt(at, at, "apt-cache", "depends", "linux-image-arm64/" + codename + "-backports");
    String kernel =
        depends
            .lines()
            .map(String::strip)
            .filter(line -> line.matches("Depends: linux-image-\\d.*"))
            .map(line -> line.substring("Depends: linux-image-".length()))
            .findFirst()
            .orElseThrow(() -> new AssertionError("no kernel in\n" + depends));
    List<String> download = new ArrayList<>(List.of("apt-get", "download"));
    download.addAll(PACKAGES);
    download.add("linux-binary-" + kernel);
    download.add("linux-modules-" + kernel);
    apt(at, debs, download.toArray(String[]::new));
    try (DirectoryStream<Path> each = Files.newDirectoryStream(debs, "*.deb")) {
      for (Path deb : each) {
        run(debs, Map.of(), "dpkg-deb", "-x", deb.toString(), root.toString());
      }
    }
    // What the package base-files would have made.
    for (String folder : List.of("bin", "sbin", "lib")) {
      Files.createSymbolicLink(root.resolve(folder), Path.of("usr", folder));
    }
    for (String folder : List.of("proc", "sys", "dev", "tmp", "run", "share", "root", "var")) {
      Files.createDirectories(root.resolve(folder));
    }
    Files.writeString(root.resolve("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
    Files.writeString(root.resolve("etc/hosts"), "127.0.0.1 localhost\n");
    Files.writeString(root.resolve("etc/machine-id"), "0123456789abcdef0123456789abcdef\n");
  }

  private static String apt(Path at, Path folder, String... command)
      throws IOException, InterruptedException {
    return run(folder, Map.of("APT_CONFIG", at.resolve("apt/apt.conf").toString()), command);
  }

  private static String run(Path folder, Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new AssertionError(String.join(" ", command) + " failed:\n" + output);
    }
    return output;
  }

  /**
   * Boots it.
   *
   * @param share the guest's {@code /share}; its console is kept there in {@code console.log}
   * @param drivers further kernel modules, such as {@code gpio-sim}
   * @param clock how its time passes
   * @param script what it does; {@code java} is on the path
   * @param devices further arguments of QEMU, such as a second serial port
   */
  public Child boot(
      Path share, List<String> drivers, Clock clock, String script, List<String> devices)
      throws IOException, InterruptedException {
    Path at = share.toAbsolutePath();
    Files.writeString(at.resolve("script.sh"), script);
    Path initial = at.resolve("initramfs.cpio");
    Files.write(initial, initialFiles(drivers));
    List<String> command =
        new ArrayList<>(
            List.of(
                "qemu-system-aarch64",
                "-M",
                "virt",
                // Pointer authentication costs TCG half of its speed.
                "-cpu",
                "max,pauth=off",
                "-m",
                "1024",
                "-nographic",
                "-no-reboot",
                "-nic",
                "none",
                "-kernel",
                modules.resolve("vmlinuz").toString(),
                "-initrd",
                initial.toString(),
                "-append",
                "console=ttyAMA0 rdinit=/init quiet panic=-1"));
    command.addAll(clock.arguments());
    command.addAll(shared(root, "root", true));
    command.addAll(shared(at, "share", false));
    command.addAll(devices);
    return Child.start(at.resolve("console.log"), Map.of(), command);
  }

  private static List<String> shared(Path folder, String tag, boolean readOnly) {
    return List.of(
        "-virtfs",
        "local,path=%s,mount_tag=%s,security_model=none,multidevs=remap%s"
            .formatted(folder, tag, readOnly ? ",readonly=on" : ""));
  }

  private byte[] initialFiles(List<String> drivers) throws IOException, InterruptedException {
    Map<String, byte[]> loaded = new LinkedHashMap<>();
    for (String module : Stream.concat(MODULES.stream(), drivers.stream()).toList()) {
      load(module.replace('-', '_'), loaded);
    }
    Archive archive = new Archive();
    for (String folder : List.of("bin", "mods", "proc", "sys", "dev", "mnt")) {
      archive.folder(folder);
    }
    archive.program("bin/busybox", Files.readAllBytes(root.resolve("usr/bin/busybox")));
    for (Map.Entry<String, byte[]> module : loaded.entrySet()) {
      archive.program("mods/" + module.getKey() + ".ko", module.getValue());
    }
    archive.program(
        "init",
        """
        #!/bin/busybox sh
        /bin/busybox --install -s /bin
        mount -t proc proc /proc
        mount -t sysfs sys /sys
        mount -t devtmpfs dev /dev
        for m in %s; do insmod /mods/$m.ko || echo "no module $m"; done
        mount -t 9p -o trans=virtio,version=9p2000.L,msize=%2$d,ro root /mnt
        mount -t 9p -o trans=virtio,version=9p2000.L,msize=%2$d share /mnt/share
        for d in proc sys dev; do mount -o bind /$d /mnt/$d; done
        for d in tmp run; do mount -t tmpfs tmp /mnt/$d; done
        mount -t configfs configfs /mnt/sys/kernel/config
        ip link set lo up
        echo "guest: up after $(cut -d' ' -f1 /proc/uptime) s"
        PATH=/usr/lib/jvm/java-25-openjdk-arm64/bin:/usr/bin chroot /mnt /usr/bin/busybox sh -c \
          'mkdir /run/bin; /usr/bin/busybox --install -s /run/bin; export PATH=$PATH:/run/bin; . /share/script.sh'
        echo "guest: script ended with $? after $(cut -d' ' -f1 /proc/uptime) s"
        sync
        poweroff -f
        """
            .formatted(String.join(" ", loaded.keySet()), BUFFER_BYTES)
            .getBytes(StandardCharsets.UTF_8));
    return archive.bytes();
  }

  /** Adds a module after those that it needs; one that is built into the kernel has no file. */
  private void load(String name, Map<String, byte[]> loaded)
      throws IOException, InterruptedException {
    if (loaded.containsKey(name)) {
      return;
    }
    Path file;
    try (Stream<Path> all = Files.walk(modules)) {
      String packed = name + ".ko.xz";
      file =
          all.filter(
                  path ->
                      Objects.requireNonNull(path.getFileName())
                          .toString()
                          .replace('-', '_')
                          .equals(packed))
              .findFirst()
              .orElse(null);
    }
    if (file == null) {
      return;
    }
    Process unpack = new ProcessBuilder("xz", "-dc", file.toString()).start();
    byte[] module = unpack.getInputStream().readAllBytes();
    if (unpack.waitFor() != 0) {
      throw new AssertionError("xz cannot unpack " + file);
    }
    for (String needed : needs(module)) {
      load(needed.replace('-', '_'), loaded);
    }
    loaded.put(name, module);
  }

  /** {@code depends=a,b} among the module's words of itself. */
  private static List<String> needs(byte[] module) {
    String text = new String(module, StandardCharsets.ISO_8859_1);
    int at = text.indexOf("\0depends=");
    if (at < 0) {
      return List.of();
    }
    int from = at + "\0depends=".length();
    String names = text.substring(from, text.indexOf('\0', from));
    return names.isEmpty() ? List.of() : List.of(names.split(",", -1));
  }

  /** A cpio archive in the "newc" form that the kernel unpacks (its buffer-format.rst). */
  private static final class Archive {
    private static final int FOLDER = 0x41ED;
    private static final int PROGRAM = 0x81ED;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private int entries;

    void folder(String name) {
      entry(name, FOLDER, new byte[0]);
    }

    void program(String name, byte[] content) {
      entry(name, PROGRAM, content);
    }

    private void entry(String name, int mode, byte[] content) {
      byte[] bytes = (name + "\0").getBytes(StandardCharsets.US_ASCII);
      int[] fields = {++entries, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, bytes.length, 0};
      StringBuilder head = new StringBuilder("070701");
      for (int field : fields) {
        head.append("%08X".formatted(field));
      }
      out.writeBytes(head.toString().getBytes(StandardCharsets.US_ASCII));
      out.writeBytes(bytes);
      pad();
      out.writeBytes(content);
      pad();
    }

    private void pad() {
      out.writeBytes(new byte[-out.size() & 3]);
    }

    byte[] bytes() {
      entry("TRAILER!!!", 0, new byte[0]);
      return out.toByteArray();
    }
  }
}
