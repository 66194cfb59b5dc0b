-- A central archive of what gateways publish, for PostgreSQL 14 or later: psql -d DATABASE -f postgres.sql
-- May be run again over an archive of the same form. README.md says what to ask it.

SET client_min_messages = warning;

-- Every record once, under its key (gateway, epoch, seq); keep() sees to that with the table epoch.
CREATE TABLE IF NOT EXISTS record (
  gateway text NOT NULL, epoch text NOT NULL, seq bigint NOT NULL CHECK (seq > 0),
  kind text NOT NULL,     -- data, interval or event
  name text NOT NULL,     -- of data the device, of intervals the length, of events the event
  after bigint NOT NULL,  -- seq of the record before it in its stream, 0 for the first of an epoch
  at timestamptz,         -- of data and events when, of intervals their start; null in a boot without a clock
  rev int,                -- of intervals alone: a higher one replaces a lower one
  record json NOT NULL    -- as it came, to the byte: that is what json keeps, and jsonb does not
) PARTITION BY LIST (kind);
CREATE TABLE IF NOT EXISTS record_interval PARTITION OF record FOR VALUES IN ('interval');
CREATE TABLE IF NOT EXISTS record_event PARTITION OF record FOR VALUES IN ('event');
-- One partition a month, made as records come: record_data_2026_06. The default has what no month can be told of.
CREATE TABLE IF NOT EXISTS record_data PARTITION OF record FOR VALUES IN ('data') PARTITION BY RANGE (at);
CREATE TABLE IF NOT EXISTS record_data_undated PARTITION OF record_data DEFAULT;
CREATE INDEX IF NOT EXISTS record_key ON record (gateway, epoch, seq);
CREATE INDEX IF NOT EXISTS record_time ON record (gateway, name, at);
-- Of all gateways at once: the hours of a day, the alarms of a week.
CREATE INDEX IF NOT EXISTS record_interval_start ON record_interval (name, at);
CREATE INDEX IF NOT EXISTS record_event_at ON record_event (at);

-- Samples of months that pack() has put away: an hour of one device in a row, which is what makes them small.
CREATE TABLE IF NOT EXISTS packed (
  gateway text NOT NULL, epoch text NOT NULL, name text NOT NULL, hour timestamptz NOT NULL,
  first_seq bigint NOT NULL, last_seq bigint NOT NULL, records json[] NOT NULL);
CREATE INDEX IF NOT EXISTS packed_time ON packed (gateway, name, hour);

-- Of each epoch of a gateway which numbers were ever kept, and what its newest store says: survives every deletion of records.
CREATE TABLE IF NOT EXISTS epoch (
  gateway text, epoch text,
  kept int8multirange NOT NULL DEFAULT '{}',
  before bigint NOT NULL,     -- numbers up to it were delivered before this archive listened, and are not judged
  last bigint, acked bigint,  -- null until a store has told
  ahead int8multirange NOT NULL DEFAULT '{}',
  gone int8multirange NOT NULL DEFAULT '{}',  -- asked for, and the gateway has them no more
  dropped jsonb,              -- null: not known
  told timestamptz,           -- by the gateway's clock
  heard timestamptz,          -- by ours
  PRIMARY KEY (gateway, epoch));
ALTER TABLE epoch
  ADD COLUMN IF NOT EXISTS oldest timestamptz,  -- of what it has not delivered; null where that is nothing
  ADD COLUMN IF NOT EXISTS held bigint,         -- records that wait for its clock
  ADD COLUMN IF NOT EXISTS clock boolean;       -- whether it trusted its clock; these three only of the epoch that it is in

-- What came under a key that had another content: of two gateways with one name, or from somebody who is none.
CREATE TABLE IF NOT EXISTS contradiction (
  gateway text, epoch text, seq bigint, seen timestamptz NOT NULL DEFAULT now(), record json NOT NULL,
  PRIMARY KEY (gateway, epoch, seq));

-- The births: of the gateway itself (device is empty) and of its devices.
CREATE TABLE IF NOT EXISTS meta (
  gateway text, device text, meta json NOT NULL, seen timestamptz NOT NULL DEFAULT now(),
  cleared timestamptz,        -- since when there is no such device any more
  PRIMARY KEY (gateway, device));

-- The names of time zones that this server knows; one that it does not know would fail a question.
CREATE TABLE IF NOT EXISTS zone (name text PRIMARY KEY);
INSERT INTO zone SELECT name FROM pg_timezone_names WHERE name !~ '^(posix|right)/' ON CONFLICT DO NOTHING;

-- What follows is how views read what gateways sent. Each may send what it likes: what no gateway writes has to be null for the one that
-- sent it, with a word of it in `unreadable` or `quality`, and must not fail a question about all of them.

-- A record whose texts can be read: PostgreSQL has none with the character U+0000, and none with half of a surrogate pair, which JSON allows.
CREATE OR REPLACE FUNCTION readable(record json) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN strpos(record::text, '\u') > 0 THEN
    regexp_replace(replace(replace(record::text, '\\', '\u005c'), '\u0000', '\ufffd'),
      '(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2}', '\1', 'g')::json
    ELSE record END
$$;

-- A number as JSON writes it, from low to high; null for all else. Of a member: number_of((record->'name')::text), where "5" is none.
CREATE OR REPLACE FUNCTION number_of(written text, low numeric DEFAULT -1e15, high numeric DEFAULT 1e15) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN written ~ '^-?[0-9]{1,40}([.][0-9]{1,40})?([eE][-+]?[0-9]{1,2})?$' THEN
    CASE WHEN written::numeric BETWEEN low AND high THEN written::numeric END END
$$;

-- An object, to go through its members: one without a name for what is none.
CREATE OR REPLACE FUNCTION members_of(object json) RETURNS json LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN json_typeof(object) = 'object' THEN object ELSE '{"": null}' END
$$;

-- A time as it is kept: null from a clock that is years or months off, so that no month is made for it.
CREATE OR REPLACE FUNCTION sane(at timestamptz) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN at BETWEEN now() - interval '10 years' AND now() + interval '40 days' THEN at END
$$;

-- Numbers that the broker had (acked, ahead) and that were never kept here, drops included. No gateway comes to 10^15.
CREATE OR REPLACE VIEW lacking AS
SELECT e.gateway, e.epoch,
  (int8multirange(int8range(b.low, greatest(b.high, b.low), '(]')) + e.ahead) * '{[0,1000000000000000]}' - e.kept AS numbers, e.gone, e.dropped
FROM epoch e, LATERAL (
  SELECT least(greatest(e.before, 0), 1000000000000000) AS low, least(e.acked, 1000000000000000) AS high) AS b
WHERE e.dropped IS NOT NULL;

-- Those that no drop explains. A drop explains as many as it counts: where its span lacks more, `missing` says how many more. No row
-- for an epoch of which no store has told the drops.
CREATE OR REPLACE VIEW hole AS
WITH declared AS (
  SELECT gateway, epoch, range_agg(int8range(d."from", d."to", '[]')) AS spans
  FROM epoch, jsonb_to_recordset(dropped) AS d("from" bigint, "to" bigint) GROUP BY gateway, epoch),
found AS (
  SELECT gateway, epoch, h AS span, upper(h) - lower(h) AS missing
  FROM lacking LEFT JOIN declared USING (gateway, epoch), unnest(numbers - coalesce(spans, '{}')) AS h
  UNION ALL
  SELECT gateway, epoch, s,
    (SELECT coalesce(sum(upper(h) - lower(h)), 0) FROM unnest(numbers * int8multirange(s)) AS h)
    - (SELECT sum(greatest(d.count, 0)) FROM jsonb_to_recordset(dropped) AS d("from" bigint, "to" bigint, count bigint) WHERE s @> d."from")
  FROM lacking JOIN declared USING (gateway, epoch), unnest(spans) AS s)
SELECT gateway, epoch, lower(span) AS first, upper(span) - 1 AS last, missing::bigint FROM found WHERE missing > 0;

-- What repair.py asks for: what is missing, and not known to be gone.
CREATE OR REPLACE VIEW wanted AS
SELECT h.gateway, h.epoch, lower(r) AS first, upper(r) - 1 AS last
FROM hole h JOIN lacking l USING (gateway, epoch),
  unnest((l.numbers - l.gone) * int8multirange(int8range(h.first, h.last, '[]'))) AS r;

-- What a gateway's birth says of its site; `unreadable` names what no gateway writes.
CREATE OR REPLACE VIEW site AS
SELECT m.gateway, r.meta->'site'->>'name' AS site, z.name AS zone, r.meta->'site'->>'region' AS region,
  r.meta->'software'->>'version' AS version, r.meta->>'configuration' AS configuration,
  CASE WHEN json_typeof(r.meta) <> 'object' OR json_typeof(r.meta->'site') <> 'object' THEN 'meta'
    WHEN z.name IS NULL AND r.meta->'site'->>'zone' IS NOT NULL THEN 'site.zone' END AS unreadable
FROM meta m CROSS JOIN LATERAL (SELECT readable(m.meta) AS meta OFFSET 0) AS r LEFT JOIN zone z ON z.name = r.meta->'site'->>'zone'
WHERE m.device = '';

-- What a device's samples say between two times, packed or not: one row for each value that was read. Values that are no object are one
-- without a name.
CREATE OR REPLACE FUNCTION samples(gw text, device text, since timestamptz, until timestamptz)
RETURNS TABLE (at timestamptz, point text, value text, unit text) LANGUAGE sql STABLE AS $$
  WITH data AS (
    SELECT r.at, r.record FROM record r
    WHERE r.kind = 'data' AND (r.gateway, r.name) = (gw, device) AND r.at >= since AND r.at < until
    UNION ALL
    SELECT to_timestamp((readable(r)->>'ts')::bigint / 1000.0), r FROM packed p, unnest(p.records) AS r
    WHERE (p.gateway, p.name) = (gw, device) AND p.hour > since - interval '1 hour' AND p.hour < until)
  SELECT d.at, v.key, v.value, p.points->v.key->>'u'
  FROM data d
  LEFT JOIN LATERAL (
    SELECT readable(m.meta)->'points' AS points FROM meta m WHERE (m.gateway, m.device) = (gw, samples.device) OFFSET 0) AS p ON true,
    LATERAL (SELECT readable(d.record)->'values' AS said OFFSET 0) AS r, json_each_text(members_of(r.said)) AS v
  WHERE d.at >= since AND d.at < until ORDER BY 1, 2
$$;

-- Figures of intervals, of each interval the newest revision. A missing one has no value, and says why. One that is not as gateways write it
-- has no value either and the quality `unreadable`; its name is empty where that is so of the whole record. `contents` is how many the newest
-- revision has: more than one is a card that was put back from an older copy, or two gateways of one name. Then the one that was told last is
-- shown, and suspect.
CREATE OR REPLACE VIEW figure AS
SELECT i.gateway, s.site, i.name AS length, i.at AS start, f.key AS figure, CASE WHEN w.readable THEN n.v END AS value, f.value->>'u' AS unit,
  CASE WHEN NOT w.readable THEN 'unreadable' WHEN c.contents > 1 AND n.v IS NOT NULL THEN 'suspect' ELSE m.q #>> '{}' END AS quality,
  CASE WHEN w.readable THEN n.cov END AS coverage, CASE WHEN w.readable THEN n.est END AS estimated,
  CASE WHEN NOT w.readable THEN 'v, q, cov or est is not as a gateway writes it: ' || left(f.value::text, 200)
    WHEN c.contents > 1 AND n.v IS NOT NULL THEN c.contents || ' contents of rev ' || i.rev ELSE f.value->>'why' END AS why,
  i.rev, i.epoch, i.seq, greatest(c.contents, 1)::int AS contents
FROM (SELECT DISTINCT ON (gateway, name, at) gateway, name, at, rev, epoch, seq, record, alike
      FROM (SELECT gateway, name, at, rev, epoch, seq, record, count(*) OVER (PARTITION BY gateway, name, at, rev) AS alike
            FROM record WHERE kind = 'interval') AS k
      ORDER BY gateway, name, at, rev DESC, CASE WHEN alike > 1 THEN number_of((readable(record)->'ts')::text) END DESC NULLS LAST, epoch, seq) AS i
LEFT JOIN site s USING (gateway)
CROSS JOIN LATERAL (
  SELECT count(DISTINCT (readable(o.record)->'metrics')::text) AS contents FROM record o
  WHERE i.alike > 1 AND o.kind = 'interval' AND (o.gateway, o.name, o.at, o.rev) = (i.gateway, i.name, i.at, i.rev)) AS c,
  -- OFFSET 0 has each read once.
  LATERAL (SELECT readable(i.record)->'metrics' AS metrics OFFSET 0) AS r, json_each(members_of(r.metrics)) AS f,
  LATERAL (SELECT f.value->'v' AS v, f.value->'q' AS q, f.value->'cov' AS cov, f.value->'est' AS est OFFSET 0) AS m,
  LATERAL (SELECT number_of(m.v::text) AS v, number_of(m.cov::text, 0, 100)::int AS cov, number_of(m.est::text, 0, 100)::int AS est OFFSET 0) AS n,
  LATERAL (SELECT coalesce(json_typeof(m.q) = 'string', false) AND (n.v IS NULL) = (m.q::text = '"missing"')
    AND (n.v IS NULL) = (coalesce(m.v::text, 'null') = 'null') AND (n.cov IS NULL) = (coalesce(m.cov::text, 'null') = 'null')
    AND (n.est IS NULL) = (coalesce(m.est::text, 'null') = 'null') AS readable OFFSET 0) AS w;

-- Events, as they can be read.
CREATE OR REPLACE VIEW event AS
SELECT r.gateway, s.site, r.at, r.name AS event, e->>'severity' AS severity, e->>'device' AS device, e->'detail' AS detail, r.epoch, r.seq
FROM record r LEFT JOIN site s USING (gateway), readable(r.record) AS e WHERE r.kind = 'event';

-- One row for each device: its newest record, and whether it has been silent for more than five of its periods, null where its birth does
-- not say how long one is; `unreadable` names what no gateway writes.
CREATE OR REPLACE VIEW device AS
SELECT m.gateway, s.site, m.device, n.at AS newest,
  n.at IS NULL OR n.at < now() - 5 * number_of((r.meta->'record_ms')::text, 1, 1e10)::float8 * interval '1 ms' AS silent,
  r.meta->>'kind' AS kind,
  CASE WHEN json_typeof(r.meta) <> 'object' THEN 'meta'
    WHEN r.meta->>'record_ms' IS NOT NULL AND number_of((r.meta->'record_ms')::text, 1, 1e10) IS NULL THEN 'record_ms' END AS unreadable
FROM meta m LEFT JOIN site s USING (gateway)
CROSS JOIN LATERAL (SELECT readable(m.meta) AS meta OFFSET 0) AS r
LEFT JOIN LATERAL (
  SELECT r.at FROM record r WHERE r.kind = 'data' AND r.gateway = m.gateway AND r.name = m.device AND r.at <= now() + interval '1 h'
  ORDER BY r.at DESC LIMIT 1) AS n ON true
WHERE m.device <> '' AND m.cleared IS NULL;

-- One row for each gateway: what it last told, and what of it is wrong. `backlog` is how old the oldest record was that it had not
-- delivered when it told. A certificate's end is told from 30 days before: it is null before that, and where another was heard of since.
-- `unreadable` names what it told as no gateway does; what would be made of that is null.
CREATE OR REPLACE VIEW fleet AS
SELECT e.gateway, s.site, e.heard, CASE WHEN e.readable THEN e.waiting::bigint END AS waiting,
  CASE WHEN e.readable THEN coalesce(h.missing, 0)::bigint END AS missing, CASE WHEN e.readable THEN e.dropped::bigint END AS dropped,
  (SELECT count(*) FROM contradiction c WHERE c.gateway = e.gateway) AS contradictions, e.epochs, s.version, s.configuration,
  d.newest, d.devices, CASE WHEN d.unreadable IS NULL THEN d.silent END AS silent,
  CASE WHEN e.readable THEN e.backlog END AS backlog, e.clock, CASE WHEN e.readable THEN e.held END AS held,
  CASE WHEN c.name = 'uplink.certificate' AND c.ends > e.heard THEN c.ends END AS certificate_ends,
  nullif(concat_ws(', ', s.unreadable, CASE WHEN NOT e.readable OR NOT e.dated THEN 'store' END, d.unreadable,
    CASE WHEN c.name = 'uplink.certificate' AND c.ends IS NULL THEN c.name END), '') AS unreadable
FROM (
  SELECT e.gateway, max(e.heard) AS heard, count(*) AS epochs, sum(n.waiting) AS waiting, coalesce(sum(n.dropped), 0) AS dropped,
    coalesce(bool_and(n.readable), true) AND coalesce(sum(n.waiting), 0) <= 1e15 AND coalesce(sum(n.dropped), 0) <= 1e15 AS readable,
    (array_agg(CASE WHEN clock THEN sane(told) - sane(oldest) END ORDER BY heard DESC NULLS LAST) FILTER (WHERE clock IS NOT NULL))[1] AS backlog,
    (array_agg((told IS NULL OR sane(told) IS NOT NULL) AND (oldest IS NULL OR sane(oldest) IS NOT NULL) ORDER BY heard DESC NULLS LAST)
      FILTER (WHERE clock IS NOT NULL))[1] AS dated,
    (array_agg(clock ORDER BY heard DESC NULLS LAST) FILTER (WHERE clock IS NOT NULL))[1] AS clock,
    (array_agg(held ORDER BY heard DESC NULLS LAST) FILTER (WHERE clock IS NOT NULL))[1] AS held
  FROM epoch e CROSS JOIN LATERAL (
    SELECT s.waiting, s.dropped,
      e.acked >= 0 AND e.last <= 1e15 AND s.waiting >= 0 AND coalesce(s.least, 0) >= 0 AND coalesce(e.held, 0) BETWEEN 0 AND 1e15 AS readable
    FROM (
      SELECT e.last::numeric - e.acked - (SELECT coalesce(sum(upper(a)::numeric - lower(a)), 0) FROM unnest(e.ahead) AS a) AS waiting, -- not delivered
        d.dropped, d.least
      FROM (SELECT sum(d.count) AS dropped, min(d.count) AS least FROM jsonb_to_recordset(e.dropped) AS d(count bigint)) AS d) AS s) AS n
  GROUP BY e.gateway) AS e
LEFT JOIN site s USING (gateway)
LEFT JOIN (SELECT gateway, sum(missing) AS missing FROM hole GROUP BY gateway) AS h USING (gateway)
LEFT JOIN LATERAL (
  SELECT max(v.newest) AS newest, count(*) AS devices, count(*) FILTER (WHERE v.silent) AS silent,
    string_agg(v.unreadable || ' of ' || v.device, ', ' ORDER BY v.device) AS unreadable
  FROM device v WHERE v.gateway = e.gateway) AS d ON true
LEFT JOIN LATERAL (
  SELECT w.name, to_timestamp(number_of((w.detail->'ends')::text, 0, 1e14)::float8 / 1000) AS ends
  FROM (SELECT r.name, r.at, readable(r.record)->'detail' AS detail FROM record r
    WHERE r.kind = 'event' AND r.gateway = e.gateway AND r.name IN ('uplink.certificate', 'uplink.renewed')) AS w
  WHERE w.detail->>'view' IS NULL ORDER BY w.at DESC NULLS LAST LIMIT 1) AS c ON true;

-- The intervals of a length between two times, from a gateway's first one until now, that are not here: `unknown` where the gateway
-- has not been heard of since, `waiting` while it has records to deliver, `absent` otherwise. One row without a start, `unreadable`, for a
-- gateway whose days nobody can tell, since this server does not know its time zone.
CREATE OR REPLACE FUNCTION lacking_intervals(length text, since timestamptz, until timestamptz)
RETURNS TABLE (gateway text, start timestamptz, quality text) LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH each AS (
    SELECT g.gateway, coalesce(s.zone, CASE WHEN s.unreadable IS NULL THEN 'UTC' END) AS zone, first.at AS first, least(until, now()) AS until, g.told, g.waits,
      (left(length, -1) || CASE right(length, 1) WHEN 'm' THEN ' minutes' WHEN 'h' THEN ' hours' WHEN 'd' THEN ' days'
        WHEN 'M' THEN ' months' ELSE ' years' END)::interval AS step
    FROM (SELECT e.gateway, max(sane(e.told)) AS told, bool_or(e.last > e.acked) AS waits FROM epoch e GROUP BY e.gateway) AS g
    LEFT JOIN site s USING (gateway)
    CROSS JOIN LATERAL (
      SELECT r.at FROM record r WHERE r.kind = 'interval' AND (r.gateway, r.name) = (g.gateway, length) ORDER BY r.at LIMIT 1) AS first),
  slot AS (
    -- Days and longer are local and begin with the first, and others count in real time, which divides the hour.
    SELECT e.*, t AS start
    FROM each e, generate_series(greatest(e.first, date_trunc('hour', since)), e.until, e.step) AS t WHERE right(length, 1) IN ('m', 'h')
    UNION ALL
    SELECT e.*, t AT TIME ZONE e.zone
    FROM each e, generate_series(e.first AT TIME ZONE e.zone, e.until AT TIME ZONE e.zone, e.step) AS t
    WHERE right(length, 1) NOT IN ('m', 'h'))
  -- An interval is told once it is over, and a minute later at the latest.
  SELECT s.gateway, s.start,
    CASE WHEN s.told IS NULL OR s.start + s.step + interval '1 minute' > s.told THEN 'unknown' WHEN s.waits THEN 'waiting' ELSE 'absent' END
  FROM slot s
  WHERE s.start >= since AND s.start + s.step + interval '1 minute' <= s.until
    AND NOT EXISTS (SELECT FROM record r WHERE r.kind = 'interval' AND (r.gateway, r.name, r.at) = (s.gateway, length, s.start))
  UNION ALL
  SELECT e.gateway, NULL, 'unreadable' FROM each e WHERE e.zone IS NULL AND right(length, 1) NOT IN ('m', 'h')
$$;

-- Each gateway's hours between two times, from its first one until now: what it used and emitted, how much of the hour is behind
-- that, and the quality of both. An hour that is not here has no numbers, and is `absent`, `waiting` or `unknown`; nor has one that is
-- `unreadable`.
CREATE OR REPLACE FUNCTION hours(since timestamptz, until timestamptz)
RETURNS TABLE (gateway text, site text, start timestamptz, kwh numeric, kg_co2 numeric, coverage int, quality text, quality_co2 text)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT gateway, site, start, max(value) FILTER (WHERE figure = 'elec.load.total'), max(value) FILTER (WHERE figure = 'co2.total'),
    min(coverage) FILTER (WHERE figure = 'elec.load.total'),
    max(quality) FILTER (WHERE figure IN ('elec.load.total', '')), max(quality) FILTER (WHERE figure IN ('co2.total', ''))
  FROM figure WHERE length = '1h' AND start >= since AND start < until GROUP BY gateway, site, start
  UNION ALL
  SELECT l.gateway, s.site, l.start, NULL, NULL, 0, l.quality, l.quality
  FROM lacking_intervals('1h', since, until) AS l LEFT JOIN site s USING (gateway)
  ORDER BY 1, 3
$$;

-- Makes the month's partition. Where there is none what belongs there is in the default.
CREATE OR REPLACE FUNCTION make_month(at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  month timestamp := date_trunc('month', at AT TIME ZONE 'UTC');
  name text := 'record_data_' || to_char(month, 'YYYY_MM');
BEGIN
  IF to_regclass(name) IS NULL THEN
    EXECUTE format('CREATE TABLE %I PARTITION OF record_data FOR VALUES FROM (%L) TO (%L)', name,
      month AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC');
  END IF;
EXCEPTION
  -- Somebody else has just made it, or some of it came while it was being packed.
  WHEN duplicate_table OR unique_violation OR check_violation THEN NULL;
END $$;

-- Reads JSON once from further down the stack than any view will: how deep it may be nested is a matter of what is left of that, and
-- what is a little too deep for a view fails here (SQLSTATE 54001).
CREATE OR REPLACE FUNCTION read_below(sent json, calls int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF calls > 0 THEN
    PERFORM read_below(sent, calls - 1);
  ELSE
    PERFORM readable(sent)->'';
  END IF;
END $$;

-- Whether a store of the gateway has told: of an epoch that begins after that everything is judged.
CREATE OR REPLACE FUNCTION is_known(gw text) RETURNS boolean LANGUAGE sql STABLE AS
  'SELECT EXISTS (SELECT FROM epoch e WHERE e.gateway = gw AND e.last IS NOT NULL)';

-- Keeps records of one gateway, each once, and returns how many contradict what stands there.
CREATE OR REPLACE FUNCTION keep_records(gw text, records json) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  ep text;
  texts json[];
  seqs bigint[];
  had int8multirange;
  others int := 0;
  more int;
BEGIN
  PERFORM read_below(records, 8);
  FOR ep, texts, seqs IN
    SELECT readable(r)->>'epoch', array_agg(r ORDER BY n), array_agg((readable(r)->>'seq')::bigint ORDER BY n)
    FROM json_array_elements(records) WITH ORDINALITY AS e(r, n) GROUP BY 1 ORDER BY 1
  LOOP
    -- A number that is absent would stand for all there are.
    IF ep IS NULL OR array_position(seqs, NULL) IS NOT NULL OR (SELECT min(s) FROM unnest(seqs) AS s) < 1 THEN
      RAISE invalid_parameter_value USING MESSAGE = 'a record has an epoch, and a seq from 1 on';
    END IF;
    INSERT INTO epoch (gateway, epoch, before)
    SELECT gw, ep, CASE WHEN is_known(gw) THEN 0 ELSE min(s) - 1 END FROM unnest(seqs) AS s ON CONFLICT DO NOTHING;
    SELECT kept INTO had FROM epoch e WHERE (e.gateway, e.epoch) = (gw, ep) FOR UPDATE;
    PERFORM make_month(month) FROM (
      SELECT DISTINCT date_trunc('month', sane(to_timestamp((o->>'ts')::bigint / 1000.0)), 'UTC') AS month
      FROM unnest(texts) AS r, readable(r) AS o WHERE o->'values' IS NOT NULL) AS months WHERE month IS NOT NULL;
    INSERT INTO record
    SELECT DISTINCT ON (s) gw, ep, s,
      CASE WHEN o->>'event' IS NOT NULL THEN 'event' WHEN o->>'interval' IS NOT NULL THEN 'interval' ELSE 'data' END,
      coalesce(o->>'event', o->>'interval', o->>'device'), (o->>'after')::bigint,
      sane(to_timestamp(coalesce(o->>'start', o->>'ts')::bigint / 1000.0)), (o->>'rev')::int, r
    FROM unnest(texts, seqs) AS t(r, s), readable(r) AS o WHERE NOT had @> s;
    -- All partitions are looked through for those that came before, so only where there are any.
    IF EXISTS (SELECT FROM unnest(seqs) AS s WHERE had @> s) THEN
      WITH other AS (
        INSERT INTO contradiction (gateway, epoch, seq, record)
        SELECT DISTINCT ON (s) gw, ep, s, r
        FROM unnest(texts, seqs) AS t(r, s) JOIN record k ON (k.gateway, k.epoch, k.seq) = (gw, ep, s)
        WHERE had @> s AND k.record::text <> r::text
        ON CONFLICT DO NOTHING RETURNING 1)
      SELECT count(*) INTO more FROM other;
      others := others + more;
    END IF;
    UPDATE epoch e SET kept = kept + (SELECT range_agg(int8range(s, s, '[]')) FROM unnest(seqs) AS s)
    WHERE (e.gateway, e.epoch) = (gw, ep);
  END LOOP;
  RETURN others;
END $$;

-- Keeps what a store says of one epoch; of one that is new here all is judged, or what is delivered from now on. An older store,
-- such as a broker has that was put back, changes nothing.
CREATE OR REPLACE FUNCTION keep_store(gw text, told_at timestamptz, said jsonb, judge_all boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  beyond int8multirange := coalesce((
    SELECT range_agg(int8range((a->>0)::bigint, (a->>1)::bigint, '[]')) FROM jsonb_array_elements(said->'ahead') AS a), '{}');
BEGIN
  -- What the view hole could not read would fail it for every gateway, a bound that is absent means no bound, and long lists (a gateway has
  -- 32) keep everybody waiting: refused here.
  IF said->>'epoch' IS NULL OR (said->>'last')::bigint IS NULL OR (said->>'acked')::bigint IS NULL
    OR EXISTS (SELECT FROM jsonb_array_elements(said->'ahead') AS a WHERE (a->>0)::bigint IS NULL OR (a->>1)::bigint IS NULL)
    OR EXISTS (SELECT FROM jsonb_to_recordset(said->'dropped') AS d("from" bigint, "to" bigint, count bigint)
      WHERE d."from" IS NULL OR d."to" IS NULL OR d.count IS NULL OR int8range(d."from", d."to", '[]') IS NULL)
    OR jsonb_array_length(said->'ahead') > 100 OR jsonb_array_length(said->'dropped') > 100 THEN
    RAISE invalid_parameter_value USING MESSAGE = 'a store has an epoch, last and acked, and at most 100 ranges of two numbers';
  END IF;
  INSERT INTO epoch AS e (gateway, epoch, before, last, acked, ahead, dropped, told, heard, oldest, held, clock)
  VALUES (gw, said->>'epoch', CASE WHEN judge_all THEN 0 ELSE (said->>'acked')::bigint END,
    (said->>'last')::bigint, (said->>'acked')::bigint, beyond, said->'dropped', told_at, CASE WHEN told_at IS NULL THEN NULL ELSE now() END,
    to_timestamp((said->>'oldest_unacked_ts')::bigint / 1000.0), (said->>'held')::bigint, said->'ts' <> 'null')
  ON CONFLICT (gateway, epoch) DO UPDATE
  SET last = excluded.last, acked = excluded.acked, ahead = excluded.ahead, dropped = excluded.dropped,
    oldest = excluded.oldest, held = excluded.held, clock = excluded.clock, told = coalesce(excluded.told, e.told),
    heard = CASE WHEN excluded.told > e.told OR sane(e.told) IS NULL THEN excluded.heard ELSE e.heard END -- a retained one is no news
  WHERE e.last IS NULL OR (excluded.last, excluded.acked) >= (e.last, e.acked);
END $$;

-- Takes what came on a topic, null for what was cleared. Says what is missing among the newest 100,000 numbers whenever a gateway
-- has told what there is.
CREATE OR REPLACE FUNCTION keep(topic text, message json) RETURNS SETOF hole LANGUAGE plpgsql AS $$
DECLARE
  gw text := split_part(topic, '/', 3);
  known boolean;
  records json;
BEGIN
  CASE split_part(topic, '/', 4)
  WHEN 'meta' THEN
    IF message IS NULL THEN
      UPDATE meta m SET cleared = now() WHERE (m.gateway, m.device) = (gw, split_part(topic, '/', 5)) AND m.cleared IS NULL;
    ELSE
      PERFORM read_below(message, 8);
      INSERT INTO meta VALUES (gw, split_part(topic, '/', 5), message)
      ON CONFLICT (gateway, device) DO UPDATE SET meta = excluded.meta, seen = excluded.seen, cleared = NULL;
    END IF;
  WHEN 'store' THEN
    IF message IS NULL THEN
      RETURN;
    END IF;
    known := is_known(gw);
    PERFORM keep_store(gw, to_timestamp((message->>'ts')::bigint / 1000.0), message::jsonb, known);
    -- Of an epoch before, a list of drops that is left out is empty, unless the packet had no room for lists.
    PERFORM keep_store(gw, NULL, CASE WHEN message->'truncated' IS NULL THEN '{"dropped": []}'::jsonb ELSE '{}' END || p, known)
    FROM jsonb_array_elements(message::jsonb->'previous') AS p;
    RETURN QUERY SELECT h.* FROM hole h JOIN epoch e USING (gateway, epoch)
      WHERE h.gateway = gw AND h.last > e.last::numeric - 100000 ORDER BY h.epoch, h.first;
  ELSE
    -- A message with U+0000 has no members for PostgreSQL: two characters that nobody writes stand for it meanwhile.
    records := (replace(message::text, '\u0000', '\uf8fe\uf8ff')::json)->'records';
    PERFORM keep_records(gw, coalesce(replace(records::text, '\uf8fe\uf8ff', '\u0000')::json, json_build_array(message)));
  END CASE;
END $$;

-- Puts the samples of whole months before a day away, an hour of a device in a row, one month after the other. A month is taken out of
-- record first, so that consumers wait for a moment only; what comes late of it meanwhile is in the default. Ended in the middle,
-- it goes on with the next call. No row of more than some 16 MB: a device that tells 1 GB in an hour would fail it for all.
CREATE OR REPLACE PROCEDURE pack(until date) LANGUAGE plpgsql AS $$
DECLARE
  part text;
BEGIN
  PERFORM make_month(now() + interval '15 days');
  COMMIT;
  FOR part IN
    SELECT c.relname FROM pg_class c
    WHERE c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'record_data'::regclass)
      AND c.relname ~ '^record_data_\d{4}_\d\d$' AND to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' <= until
    ORDER BY 1
  LOOP
    IF (SELECT relispartition FROM pg_class WHERE oid = part::regclass) THEN
      EXECUTE format('ALTER TABLE record_data DETACH PARTITION %I', part);
      COMMIT;
    END IF;
    EXECUTE format('INSERT INTO packed SELECT gateway, epoch, name, hour, min(seq), max(seq), array_agg(record ORDER BY seq)
      FROM (SELECT *, sum(octet_length(record::text)) OVER (PARTITION BY gateway, epoch, name, hour ORDER BY seq) / 16000000 AS part
        FROM (SELECT *, date_trunc(''hour'', at, ''UTC'') AS hour FROM %I) AS r) AS r GROUP BY 1, 2, 3, 4, part', part);
    EXECUTE format('DROP TABLE %I', part);
    COMMIT;
  END LOOP;
END $$;

-- Deletes samples of whole months before a day, packed or not. Figures and events stay, and so does the knowledge of what was kept.
CREATE OR REPLACE PROCEDURE forget(until date) LANGUAGE plpgsql AS $$
BEGIN
  CALL pack(until);
  DELETE FROM packed WHERE hour < date_trunc('month', until::timestamp) AT TIME ZONE 'UTC';
  DELETE FROM record_data_undated WHERE at < date_trunc('month', until::timestamp) AT TIME ZONE 'UTC';
END $$;
