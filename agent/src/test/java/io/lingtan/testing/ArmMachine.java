package io.lingtan.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A 64-bit ARM machine under QEMU: Debian's own kernel (of backports, which has gpio-sim), its
 * essential packages, systemd, Java runtime and busybox, unpacked without running what would
 * install them. Needs no privileges.
 *
 * <p>It boots with systemd from a disk that is as it was at each boot. What is to happen there is a
 * shell script, which runs as root; when it ends, so does the machine. {@code /share} is the test's
 * folder and cannot be mapped into memory by two (no database is kept there).
 *
 * <p>Its time passes by the instructions of its one processor, 4 ns each, so that nothing in it
 * depends on how busy the host is. It is never idle, since its time would then run ahead of what it
 * waits for from the host: a disk, the folder, the other end of a serial port.
 */
public final class ArmMachine {

  /** Always loaded: the disk and the shared folder. */
  private static final List<String> MODULES = List.of("virtio_blk", "ext4", "9pnet_virtio", "9p");

  private static final String DISK_SIZE = "700M";
  private static final int BUFFER_BYTES = 262_144;

  /** Written before what a script does. */
  private static final String PREAMBLE =
      """
      exec >/dev/console 2>&1
      export TERM=dumb SYSTEMD_COLORS=0
      mkdir /run/bin
      busybox --install -s /run/bin
      PATH=$PATH:/run/bin
      """;

  /** What never ends, and gives way to everything else, keeps the guest from being idle. */
  private static final String ROOT =
      """
      mount -t ext4 /dev/vda /mnt
      mount -t 9p -o trans=virtio,version=9p2000.L,msize=%d share /mnt/share
      [ "$(stat -c %%u /mnt/usr)" = 0 ] || chown -hR 0:0 /mnt/etc /mnt/usr /mnt/var
      chroot /mnt chrt --idle 0 busybox sh -c 'while :; do :; done' &
      for d in proc sys dev; do mount -o move /$d /mnt/$d; done
      echo "guest: up after $(cut -d' ' -f1 /mnt/proc/uptime) s"
      exec switch_root /mnt /usr/lib/systemd/systemd
      """
          .formatted(BUFFER_BYTES);

  private final Path at;
  private final Path root;
  private final Path modules;

  private ArmMachine(Path at, Path modules) {
    this.at = at;
    this.root = at.resolve("root");
    this.modules = modules;
  }

  /**
   * Fetches the packages with apt and unpacks them, unless an earlier call has.
   *
   * @param folder to keep them in, such as {@code target/arm64}
   */
  public static ArmMachine in(Path folder) throws IOException, InterruptedException {
    Path at = folder.toAbsolutePath();
    ArmPackages.into(at);
    try (Stream<Path> kernels = Files.list(at.resolve("kernel/usr/lib/modules"))) {
      return new ArmMachine(at, kernels.findFirst().orElseThrow());
    }
  }

  /**
   * Boots it.
   *
   * @param share the guest's {@code /share}; its console is kept there in {@code console.log}
   * @param drivers further kernel modules, such as {@code gpio-sim}
   * @param script what it does; busybox's programs are on the path, after Debian's
   * @param devices further arguments of QEMU; a second {@code -serial} is {@code /dev/ttyAMA1}
   */
  public Child boot(Path share, List<String> drivers, String script, List<String> devices)
      throws IOException, InterruptedException {
    Path shared = share.toAbsolutePath();
    Files.writeString(shared.resolve("script.sh"), PREAMBLE + script);
    Path initial = shared.resolve("initramfs.cpio");
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
                "-accel",
                "tcg,thread=single",
                "-icount",
                "shift=2,sleep=off",
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
                "console=ttyAMA0 rdinit=/init quiet panic=-1 systemd.show_status=false"
                    + " systemd.run=\"/bin/sh /share/script.sh\"",
                "-drive",
                "file=" + disk() + ",if=virtio,format=raw,snapshot=on",
                "-virtfs",
                "local,path=" + shared + ",mount_tag=share,security_model=none,multidevs=remap",
                "-serial",
                "mon:stdio"));
    command.addAll(devices);
    return Child.start(shared.resolve("console.log"), Map.of(), command);
  }

  /** Made at the first boot; a guest's writes go to a copy of it. */
  private Path disk() throws IOException, InterruptedException {
    Path disk = at.resolve("disk.img");
    if (!Files.exists(disk)) {
      String part = at.resolve("disk.part").toString();
      ArmPackages.run(
          at, Map.of(), "mke2fs", "-q", "-t", "ext4", "-F", "-d", root.toString(), part, DISK_SIZE);
      Files.move(Path.of(part), disk);
    }
    return disk;
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
        """
            .formatted(String.join(" ", loaded.keySet()))
            .concat(ROOT)
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
