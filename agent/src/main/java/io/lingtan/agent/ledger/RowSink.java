package io.lingtan.agent.ledger;

/** The receiver of the rows that are kept for years, one of each interval. */
interface RowSink {

  /** Nothing is kept. */
  RowSink NOBODY =
      new RowSink() {
        @Override
        public void keep(BaseRow base) {}

        @Override
        public void keep(RollUpRow longer) {}
      };

  /** Of a base interval that was told, in place of what was kept of it before. */
  void keep(BaseRow base);

  /** The same of a day, a month or a year. */
  void keep(RollUpRow longer);
}
