package io.lingtan.agent.status.report;

import io.lingtan.agent.reading.Indicators;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.Catalogue;
import io.lingtan.agent.site.yaml.Problem;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** The forms there are: the built-in ones, and those of the operator's own folder. */
public final class Forms {

  private final Catalogue<ReportForm> catalogue;

  /**
   * @param listed every figure that there is
   */
  public Forms(Site site, Indicators listed) {
    this.catalogue =
        Catalogue.forms(
            site.reports(),
            (fields, problems, name) -> new FormReader(fields, problems, listed).read(name));
  }

  /** What is wrong with any of them, with file, line and column. */
  public List<Problem> problems() {
    return catalogue.names().stream().flatMap(name -> load(name).problems().stream()).toList();
  }

  /** Where those of a month or year are, as HTML; of one that is wrong why. */
  String links(String span, Language language) {
    StringBuilder links = new StringBuilder();
    for (String name : catalogue.names()) {
      Catalogue.Loaded<ReportForm> loaded = load(name);
      ReportForm form = loaded.value();
      links.append(
          form == null
              ? "<p>⚠ %s</p>".formatted(Html.escaped(wrong(loaded)))
              : ("<p>%1$s <a href=\"/report/%2$s/%3$s.xlsx?lang=%4$s\">XLSX</a>"
                      + " <a href=\"/report/%2$s/%3$s.csv?lang=%4$s\">CSV</a></p>")
                  .formatted(Html.escaped(form.title().in(language)), span, name, language.key()));
    }
    return "<section class=\"chapter forms\"><h2>%s</h2>%s</section>"
        .formatted(language.of("报表下载", "Forms"), links);
  }

  static String wrong(Catalogue.Loaded<ReportForm> loaded) {
    return loaded.problems().stream().map(Problem::toString).collect(Collectors.joining("; "));
  }

  Collection<String> names() {
    return catalogue.names();
  }

  boolean has(String name) {
    return names().contains(name);
  }

  Catalogue.Loaded<ReportForm> load(String name) {
    return catalogue.load(name);
  }
}
