package io.lingtan.agent;

import io.lingtan.agent.site.Catalogue;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Catalogue<DeviceProfile> loader = Catalogue.profiles(folder);
    if (name != null) {
      DeviceProfile profile = load(loader, name);
      if (profile == null) {
        return Main.WRONG_USAGE;
      }
      show(out, profile);
      return Main.GOOD;
    }
    int code = Main.GOOD;
    for (String each : loader.names()) {
      DeviceProfile profile = load(loader, each);
      if (profile == null) {
        code = Main.WRONG_USAGE;
        continue;
      }
      out.printf(
          "%-24s %-10s %-14s %s%n",
          profile.name(),
          word(profile.kind()),
          profile.example() ? "made-up example" : profile.maker(),
          profile.document());
    }
    return code;
  }

  private @Nullable DeviceProfile load(Catalogue<DeviceProfile> loader, String wanted) {
    Catalogue.Loaded<DeviceProfile> loaded = loader.load(wanted);
    loaded.problems().forEach(spec.commandLine().getErr()::println);
    return loaded.value();
  }

  private static void show(PrintWriter out, DeviceProfile profile) {
    out.println(profile.name() + (profile.example() ? "  (a made-up example)" : ""));
    out.println("  kind      " + word(profile.kind()) + ", " + word(profile.protocol()));
    out.println("  maker     " + profile.maker());
    out.println("  document  " + profile.document());
    out.println("  source    " + profile.source());
    rows(out, profile.points());
    for (Map.Entry<Integer, List<RegisterPoint>> model : profile.models().entrySet()) {
      out.println("  model " + model.getKey() + " (offsets from its id register)");
      rows(out, model.getValue());
    }
  }

  private static void rows(PrintWriter out, List<RegisterPoint> points) {
    for (RegisterPoint register : points) {
      out.printf(
          "  %-24s function %d  0x%04X  %-8s × %s%s%n",
          register.point(),
          register.function(),
          register.address(),
          word(register.type()),
          register.scale().toPlainString(),
          register.scaleFrom() >= 0 ? " × 10^[" + register.scaleFrom() + "]" : "");
    }
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
