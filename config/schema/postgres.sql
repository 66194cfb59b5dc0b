-- What consumer.py and Consumer.java call, and where lingtan audit --archive postgresql://... writes: PostgreSQL 12 or later.
CREATE TABLE IF NOT EXISTS record (
  gateway text, epoch text, seq bigint,
  stream text NOT NULL,   -- data/DEVICE, interval/LENGTH or event
  after bigint NOT NULL,  -- seq of the record before it in its stream, 0 for the first of an epoch
  ts timestamptz,         -- null in records of a boot without a clock
  record json NOT NULL,   -- as it came, to the byte: that is what json keeps, and jsonb does not
  PRIMARY KEY (gateway, epoch, seq));
CREATE INDEX IF NOT EXISTS record_in_time ON record (gateway, stream, ts);

-- The newest that a gateway said of what it holds and has delivered.
CREATE TABLE IF NOT EXISTS store (gateway text, epoch text, store json NOT NULL, PRIMARY KEY (gateway, epoch));

-- The record seq of a stream is not here, although the broker had it (acked) and no drop explains it; told_by follows it.
CREATE OR REPLACE VIEW hole AS
WITH told AS (
  SELECT gateway, epoch, (store->>'acked')::bigint AS acked, store->'dropped' AS dropped FROM store
  UNION ALL
  SELECT gateway, p.epoch, p.acked, p.dropped FROM store,
    json_to_recordset(store->'previous') AS p(epoch text, acked bigint, dropped json))
SELECT r.gateway, r.epoch, r.stream, r.after AS seq, r.seq AS told_by
FROM record r
WHERE r.after > 0
  AND NOT EXISTS (SELECT FROM record b WHERE (b.gateway, b.epoch, b.seq) = (r.gateway, r.epoch, r.after))
  AND EXISTS (SELECT FROM told t WHERE (t.gateway, t.epoch) = (r.gateway, r.epoch) AND r.after <= t.acked)
  AND NOT EXISTS (
    SELECT FROM told t, json_to_recordset(t.dropped) AS d("from" bigint, "to" bigint, kind text)
    WHERE (t.gateway, t.epoch, d.kind) = (r.gateway, r.epoch, split_part(r.stream, '/', 1))
      AND r.after BETWEEN d."from" AND d."to");

-- Takes what came on TOPIC; says what is missing among the newest 100,000 numbers whenever a gateway has said what there is.
CREATE OR REPLACE FUNCTION keep(topic text, message json) RETURNS SETOF hole LANGUAGE plpgsql AS $$
DECLARE
  gw text := split_part(topic, '/', 3);
BEGIN
  IF topic NOT LIKE '%/store' THEN
    INSERT INTO record
    SELECT gw, r->>'epoch', (r->>'seq')::bigint,
      CASE WHEN r->>'interval' IS NOT NULL THEN 'interval/' || (r->>'interval')
           WHEN r->>'event' IS NOT NULL THEN 'event' ELSE 'data/' || (r->>'device') END,
      (r->>'after')::bigint, to_timestamp((r->>'ts')::bigint / 1000.0), r
    FROM json_array_elements(coalesce(message->'records', json_build_array(message))) AS r
    ON CONFLICT DO NOTHING;
    RETURN;
  END IF;
  -- What the view could not read would fail it for every gateway: refused here.
  PERFORM (message->>'last')::bigint, (message->>'acked')::bigint;
  PERFORM FROM json_to_recordset(message->'dropped') AS d("from" bigint, "to" bigint, kind text);
  PERFORM d."from" FROM json_to_recordset(message->'previous') AS p(epoch text, acked bigint, dropped json),
    json_to_recordset(p.dropped) AS d("from" bigint, "to" bigint, kind text);
  INSERT INTO store VALUES (gw, message->>'epoch', message)
  ON CONFLICT (gateway, epoch) DO UPDATE SET store = excluded.store;
  RETURN QUERY SELECT h.* FROM hole h JOIN store s USING (gateway, epoch)
    WHERE h.gateway = gw AND h.told_by > (s.store->>'last')::bigint - 100000 ORDER BY h.epoch, h.seq;
END $$;
