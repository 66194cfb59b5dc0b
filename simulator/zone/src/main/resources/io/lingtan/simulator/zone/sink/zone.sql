-- What a zone adds to the archive of config/central/postgres.sql, which has to be there: sums over gateways, and what could not be taken.
-- May be run again.

SET client_min_messages = warning;

-- Of each interval of the zone the newest sum: whole milliwatt-hours and milligrams.
CREATE TABLE IF NOT EXISTS zone_sum (
  length text, start timestamptz, until timestamptz NOT NULL,
  rev bigint NOT NULL,       -- counts the changes; a higher one replaces a lower one
  gateways bigint NOT NULL,  -- how many have told this interval
  amounts jsonb NOT NULL,    -- by metric
  counts jsonb NOT NULL,     -- by metric, how many gateways have a value
  PRIMARY KEY (length, start));

-- By length, until when of every member every number is here, declared dropped, or gone by its answer.
CREATE TABLE IF NOT EXISTS zone_closed (
  length text PRIMARY KEY, until timestamptz NOT NULL, members int NOT NULL);

-- What a closed interval's tree is over: of each member the figure that is in the root `root`, and in later ones until there is another.
CREATE TABLE IF NOT EXISTS zone_leaf (
  length text, start timestamptz, gateway text, root int,
  epoch text COLLATE "C" NOT NULL, seq bigint NOT NULL, rev bigint NOT NULL,  -- of the record
  figure json NOT NULL,      -- its amounts, and its hash
  PRIMARY KEY (length, start, gateway, root));

-- What is published of a closed interval: 0 at the close, and one more each time that figures came after it.
CREATE TABLE IF NOT EXISTS zone_root (
  length text, start timestamptz, rev int,
  root text NOT NULL,        -- the hash that stands for all of the statement
  statement json NOT NULL,   -- as it is published, to the byte: totals, number of leaves
  PRIMARY KEY (length, start, rev));

-- What could not be taken, and why; place is where it lies in the topic of dead letters.
CREATE TABLE IF NOT EXISTS dead_letter (
  place text PRIMARY KEY, arrived timestamptz NOT NULL, gateway text NOT NULL, topic text NOT NULL,
  reason text NOT NULL, detail text NOT NULL, content bytea NOT NULL);
CREATE INDEX IF NOT EXISTS dead_letter_time ON dead_letter (arrived);

-- The zone's figures in kWh and kg. A closed interval is complete where `told` is `members`; of the others every number is accounted for
-- too, and what they have not told was declared dropped, is a hole that nothing fills, or was never made. `with_value` is how many gateways are in the value.
CREATE OR REPLACE VIEW zone_figure AS
SELECT s.length, s.start, s.until, a.key AS figure, a.value::numeric / 1000000 AS value,
  CASE WHEN a.key LIKE 'co2.%' THEN 'kg' ELSE 'kW.h' END AS unit, (s.counts->>a.key)::bigint AS with_value, s.gateways AS told,
  c.members, coalesce(s.until <= c.until, false) AS closed,
  (s.rev - s.gateways) / 2 AS revisions  -- each is taken out once and put in once more, which are two changes
FROM zone_sum s LEFT JOIN zone_closed c USING (length), jsonb_each_text(s.amounts) AS a;

-- How many dead letters of each kind there are, and the newest.
CREATE OR REPLACE VIEW dead_letters AS
SELECT reason, gateway, count(*) AS letters, max(arrived) AS newest FROM dead_letter GROUP BY reason, gateway;
