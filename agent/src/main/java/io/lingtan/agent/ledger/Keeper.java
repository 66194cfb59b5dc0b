package io.lingtan.agent.ledger;

/** The receiver of what is kept for years of each interval. */
interface Keeper {

  /** Nothing is kept. */
  Keeper NOBODY =
      new Keeper() {
        @Override
        public void keep(KeptInterval base) {}

        @Override
        public void keep(KeptLonger longer) {}
      };

  /** Of a base interval that was told, in place of what was kept of it before. */
  void keep(KeptInterval base);

  /** The same of a day, a month or a year. */
  void keep(KeptLonger longer);
}
