package io.lingtan.agent.status.handover;

import io.lingtan.agent.status.handover.HandoverSheet.Cell;
import io.lingtan.agent.status.handover.HandoverSheet.Mark;
import io.lingtan.agent.status.report.Language;

/** What a sheet says as a whole: the worst of what stands in it, and never more than that. */
final class SheetVerdict {

  private SheetVerdict() {}

  static Cell of(HandoverSheet sheet, Language language) {
    long bad = sheet.count(Mark.BAD);
    long open = sheet.count(Mark.OPEN);
    if (bad == 0 && open == 0) {
      return new Cell(
          Mark.GOOD, language.of("各项均已核对，未发现异常", "Everything was checked, nothing is wrong"));
    }
    return new Cell(
        bad > 0 ? Mark.BAD : Mark.OPEN,
        language.of(
            "异常 %d 项，未核对 %d 项".formatted(bad, open),
            "%d found wrong, %d not checked".formatted(bad, open)));
  }
}
