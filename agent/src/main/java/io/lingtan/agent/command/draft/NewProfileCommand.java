package io.lingtan.agent.command.draft;

import io.lingtan.agent.command.draft.CellAddress.Counting;
import io.lingtan.agent.reading.foreign.ForeignText;
import io.lingtan.agent.site.SmallFile;
import io.lingtan.agent.site.yaml.Problem;
import io.lingtan.agent.site.yaml.Problem.Severity;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lingtan profiles new}: a draft profile of a maker's register table. */
@Command(
    name = "new",
    sortOptions = false,
    description = {
      "A draft profile of a maker's register table, saved as CSV, to stdout.",
      "Columns are found by their headings: address, name, type, scale, unit, function, words;"
          + " 地址, 名称, 类型, 倍率, 单位, 功能码, 长度.",
      "UTF-8, GBK or UTF-16; comma, semicolon or tab. What is not sure is marked '# ?'."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "lingtan profiles new table.csv > profiles/table.yaml",
      "lingtan read --profiles profiles --profile table --unit 1 --port /dev/ttyUSB0",
      "",
      "Exit codes: 0 there is a draft, 2 none can be made of the file."
    })
public final class NewProfileCommand implements Callable<Integer> {

  private static final int GOOD = 0;
  private static final int WRONG_USAGE = 2;
  private static final int LARGEST = 4_000_000;

  /** Kinds of devices, as a profile names them. */
  enum Kind {
    METER,
    INVERTER,
    BATTERY,
    FUEL_CELL,
    SENSOR
  }

  @Spec private CommandSpec spec;

  @Parameters(arity = "1", paramLabel = "TABLE.csv", description = "The table.")
  private Path file;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "What the profile is called; else as the file.")
  private @Nullable String name;

  @Option(
      names = "--kind",
      paramLabel = "KIND",
      description = "meter, inverter, battery, fuel_cell or sensor; else guessed by its values.")
  private @Nullable Kind kind;

  @Option(
      names = "--addresses",
      paramLabel = "HOW",
      description = "wire: from 0; one: from 1; reference: 30001, 40001. Else told by the numbers.")
  private @Nullable Counting counting;

  @Option(
      names = "--function",
      paramLabel = "N",
      description = "3 (holding) or 4 (input registers), for rows that name none.")
  private @Nullable Integer function;

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    if (function != null && (function < 1 || function > 4)) {
      err.println("lingtan profiles new: --function is 1 to 4, was " + function);
      return WRONG_USAGE;
    }
    String called = name == null ? nameOf(file) : name;
    if (!called.matches("[a-z0-9][a-z0-9-]{0,63}")) {
      err.println(
          "lingtan profiles new: --name is 1 to 64 of a-z 0-9 -, was '"
              + ForeignText.text(called, 64)
              + "'");
      return WRONG_USAGE;
    }
    try {
      byte[] bytes = SmallFile.read(file, LARGEST);
      String kindWord = kind == null ? null : kind.name().toLowerCase(Locale.ROOT);
      Draft draft = Draft.of(file, bytes, new Draft.Wishes(called, kindWord, counting, function));
      spec.commandLine().getOut().print(draft.yaml());
      spec.commandLine().getOut().flush();
      draft.problems().forEach(err::println);
      err.printf(
          "%s: %d values, %d of them with a \"# ?\" to look at. Save it as profiles/%s.yaml,"
              + " then:%n",
          called, draft.points(), draft.unsure(), called);
      Draft.nextCommands(called).forEach(next -> err.println("  " + next));
      err.flush();
      return GOOD;
    } catch (Unusable e) {
      err.println(new Problem(Severity.ERROR, file, e.line(), 1, e.why()));
    } catch (IOException e) {
      err.println(
          new Problem(
              Severity.ERROR,
              file,
              0,
              0,
              Files.exists(file)
                  ? "cannot be read: " + e.getMessage()
                  : "does not exist: name a table saved as CSV"));
    }
    return WRONG_USAGE;
  }

  private static String nameOf(Path file) {
    String plain =
        String.valueOf(file.getFileName())
            .replaceFirst("\\.[A-Za-z0-9]{1,4}$", "")
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^a-z0-9]+", "-")
            .replaceAll("^-+|-+$", "");
    return plain.isEmpty() ? "new-device" : plain;
  }
}
