package io.lingtan.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Debian's packages for 64-bit ARM, unpacked without running what would install them. */
final class ArmPackages {

  /** With what they depend on. */
  private static final List<String> PACKAGES =
      List.of(
          "?essential",
          "busybox-static",
          "systemd",
          "systemd-sysv",
          "udev",
          "openjdk-25-jre-headless");

  private static final String READY = "complete";
  private static final String DEB =
      "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.pgp] ";

  private ArmPackages() {}

  /** Makes {@code root} and {@code kernel} in a folder, unless an earlier call has. */
  static void into(Path at) throws IOException, InterruptedException {
    if (!Files.exists(at.resolve(READY))) {
      fetch(at, Files.createDirectories(at.resolve("root")));
      Files.createFile(at.resolve(READY));
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
    Files.createDirectories(at.resolve("apt/lists/partial"));
    Path debs = at.resolve("apt/cache/archives");
    Files.createDirectories(debs.resolve("partial"));
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
    List<String> download =
        new ArrayList<>(
            List.of("apt-get", "install", "-y", "--download-only", "--no-install-recommends"));
    download.addAll(PACKAGES);
    apt(at, at, download.toArray(String[]::new));
    unpack(debs, root);
    Path kernelDebs = Files.createDirectories(at.resolve("kernel-debs"));
    apt(at, kernelDebs, "apt-get", "download", "linux-binary-" + kernel, "linux-modules-" + kernel);
    for (Path deb : debs(kernelDebs)) {
      run(at, Map.of(), "dpkg-deb", "-x", deb.toString(), at.resolve("kernel").toString());
    }
  }

  private static List<Path> debs(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(file -> file.toString().endsWith(".deb")).sorted().toList();
    }
  }

  /** Unpacks them and tells dpkg that they are installed; does of their scripts what is needed. */
  private static void unpack(Path folder, Path root) throws IOException, InterruptedException {
    Path base = folder.resolve("base");
    run(folder, Map.of(), "sh", "-c", "mkdir base && mv base-files_*.deb base/"); // makes /bin
    StringBuilder status = new StringBuilder();
    Path lists = root.resolve("var/lib/dpkg/info");
    for (Path deb : Stream.concat(debs(base).stream(), debs(folder).stream()).toList()) {
      run(folder, Map.of(), "dpkg-deb", "-x", deb.toString(), root.toString());
      String fields = run(folder, Map.of(), "dpkg-deb", "-f", deb.toString());
      status.append(fields.replaceFirst("\n", "\nStatus: install ok installed\n")).append('\n');
      Files.createDirectories(lists);
      String name = fields.lines().findFirst().orElseThrow().replace("Package: ", "");
      String architecture = fields.contains("\nMulti-Arch: same\n") ? ":arm64" : "";
      Files.writeString(lists.resolve(name + architecture + ".list"), "/.\n");
    }
    Files.writeString(root.resolve("var/lib/dpkg/status"), status);
    for (String each : List.of("passwd", "group")) {
      Files.copy(
          root.resolve("usr/share/base-passwd/" + each + ".master"), root.resolve("etc/" + each));
    }
    Files.createSymbolicLink(root.resolve("usr/bin/awk"), Path.of("mawk"));
    Files.createDirectories(root.resolve("share"));
    Files.writeString(root.resolve("etc/hosts"), "127.0.0.1 localhost\n");
    Files.writeString(root.resolve("etc/machine-id"), "0123456789abcdef0123456789abcdef\n");
    // So that systemd does not make its tables of hardware and libraries anew at each boot.
    Files.createFile(root.resolve("etc/.updated"));
    Files.createFile(root.resolve("var/.updated"));
  }

  private static String apt(Path at, Path folder, String... command)
      throws IOException, InterruptedException {
    return run(folder, Map.of("APT_CONFIG", at.resolve("apt/apt.conf").toString()), command);
  }

  static String run(Path folder, Map<String, String> environment, String... command)
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
}
