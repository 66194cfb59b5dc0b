package io.lingtan.agent.command;

import io.lingtan.agent.command.draft.NewProfileCommand;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.NamedPoint;
import io.lingtan.agent.site.RegisterText;
import io.lingtan.agent.site.read.Catalogue;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lingtan profiles}: the meters it knows, and the table of one. */
@Command(
    name = "profiles",
    description = "The meters it knows; with NAME, that meter's registers.",
    subcommands = NewProfileCommand.class,
    mixinStandardHelpOptions = true)
final class ProfilesCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "NAME", description = "Profile to show.")
  private @Nullable String name;

  @Option(
      names = "--profiles",
      paramLabel = "DIR",
      description = "Folder with profiles of your own.")
  private @Nullable Path folder;

  @Option(names = "--json", description = "Print JSON: a list, or with NAME one profile.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    Catalogue<DeviceProfile> catalogue = Catalogue.profiles(folder);
    if (name != null) {
      DeviceProfile profile = load(catalogue, name);
      if (profile == null) {
        return ExitCode.WRONG_USAGE;
      }
      if (json) {
        ProfileJson.write(out, profile);
      } else {
        show(out, profile);
      }
      return ExitCode.GOOD;
    }
    List<DeviceProfile> profiles = new ArrayList<>();
    for (String each : catalogue.names()) {
      DeviceProfile profile = load(catalogue, each);
      if (profile != null) {
        profiles.add(profile);
      }
    }
    if (json) {
      ProfileJson.list(out, profiles);
    } else {
      list(out, profiles);
    }
    return profiles.size() == catalogue.names().size() ? ExitCode.GOOD : ExitCode.WRONG_USAGE;
  }

  private @Nullable DeviceProfile load(Catalogue<DeviceProfile> catalogue, String wanted) {
    Catalogue.Loaded<DeviceProfile> loaded = catalogue.load(wanted);
    loaded.problems().forEach(spec.commandLine().getErr()::println);
    if (folder == null && !catalogue.names().contains(wanted)) {
      spec.commandLine().getErr().println("One of your own is in a folder: --profiles DIR");
    }
    return loaded.value();
  }

  private static void list(PrintWriter out, List<DeviceProfile> profiles) {
    out.printf("%-23s %-9s %-19s %s%n", "NAME", "KIND", "MAKER", "DOCUMENT");
    for (DeviceProfile profile : profiles) {
      out.printf(
          "%-23s %-9s %-19s %s%n",
          profile.name(),
          RegisterText.word(profile.kind()),
          profile.example() ? "(made-up example)" : profile.maker(),
          profile.document());
    }
    out.println();
    out.println("lingtan profiles NAME shows the registers of one.");
  }

  private static void show(PrintWriter out, DeviceProfile profile) {
    out.println(profile.name() + (profile.example() ? "  (a made-up example)" : ""));
    row(
        out,
        "kind",
        RegisterText.word(profile.kind()) + ", read by " + RegisterText.word(profile.protocol()));
    row(out, "plus", profile.kind().plus());
    row(out, "maker", profile.maker());
    row(out, "document", profile.document());
    row(out, "source", profile.source());
    if (!profile.fits().isEmpty()) {
      row(out, "fits", String.join(", ", profile.fits()));
    }
    if (!profile.partOf().isEmpty()) {
      row(out, "shares", "its unit id with other profiles that are part of " + profile.partOf());
    }
    if (profile.maxWords() < 125) {
      row(out, "requests", "at most " + profile.maxWords() + " registers each");
    }
    if (profile.sleepsAtNight()) {
      row(out, "sleeps", "at night: silence then is no fault");
    }
    if (profile.named().isEmpty()) {
      rows(out, profile.points());
    }
    for (NamedPoint named : profile.named()) {
      out.printf(
          "  %-24s %s%s  %s%s%n",
          named.point(),
          named.sum() ? "sum of " : "",
          named.name(),
          named.unit(),
          named.pointer() == null ? "" : "  " + named.pointer());
    }
    profile
        .models()
        .forEach(
            (model, points) -> {
              out.println();
              out.println("  model " + model + ", places from its id register");
              rows(out, points);
            });
    if (!profile.identity().isEmpty()) {
      out.println();
      out.println("  identity");
      profile
          .identity()
          .forEach(
              (key, register) -> out.printf("  %-24s %s%n", key, RegisterText.place(register)));
    }
  }

  private static void row(PrintWriter out, String key, String value) {
    if (!value.isBlank()) {
      out.printf("  %-9s %s%n", key, value);
    }
  }

  private static void rows(PrintWriter out, List<RegisterPoint> points) {
    if (!points.isEmpty()) {
      out.println();
      out.printf("  %-24s %-6s %-32s %s%n", "POINT", "UNIT", "PLACE", "ONE STEP");
    }
    for (RegisterPoint register : points) {
      out.printf(
          "  %-24s %-6s %-32s %s%n",
          register.point(),
          register.point() == null ? "" : register.point().symbol(),
          RegisterText.place(register),
          RegisterText.meaning(register));
    }
  }
}
