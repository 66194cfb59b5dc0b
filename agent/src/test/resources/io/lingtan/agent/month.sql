-- SITES sites and DAYS days up to now in the tables of config/central/postgres.sql: three devices with a sample every SECONDS seconds, figures
-- of 15m, 1h and 1d with the members that a gateway gives them, an event an hour. The capital words are replaced before it runs.

CREATE TEMP TABLE gateway AS
SELECT g, 'wx-' || to_char(g, 'FM000') AS id, date_trunc('day', now(), 'Asia/Shanghai') - DAYS * interval '1 day' AS begin
FROM generate_series(1, SITES) AS g;
SELECT make_month(m) FROM generate_series(now() - (DAYS + 31) * interval '1 day', now() + interval '31 days', interval '15 days') AS m;

SELECT keep('lingtan/v1/' || id || '/meta', json_build_object('schema', 'lingtan/v1', 'gateway', id, 'software',
  json_build_object('name', 'lingtan', 'version', '0.1.0'), 'configuration', repeat('ab', 32), 'interval', '15m',
  'site', json_build_object('name', '无锡' || g || '号站', 'zone', 'Asia/Shanghai', 'region', 'CN-JS'))) FROM gateway;
SELECT keep('lingtan/v1/' || id || '/meta/' || device, json_build_object('device', device, 'kind',
  CASE device WHEN 'pv1' THEN 'inverter' ELSE 'meter' END, 'line', 'rs485-1', 'every_ms', 2000, 'record_ms', SECONDS * 1000, 'points',
  '{"power":{"u":"W","symbol":"W"},"energy_import":{"u":"kW.h","symbol":"kWh"}}'::json))
FROM gateway, unnest('{gate,house,pv1}'::text[]) AS device;

CREATE TEMP TABLE slot AS
SELECT id, g, length, t AS start, t + step AS until, extract(epoch FROM step) / 3600 AS hours,
  CASE WHEN g = 1 AND t > now() - interval '1 day' AND extract(hour FROM t)::int % 6 = 0 THEN 1 ELSE 0 END AS rev
FROM gateway, (VALUES ('15m', interval '15 minutes'), ('1h', interval '1 hour'), ('1d', interval '1 day')) AS l(length, step),
  generate_series(begin, now() - step, step) AS t;
INSERT INTO slot SELECT id, g, length, start, until, hours, 0 FROM slot WHERE rev = 1;

INSERT INTO record
WITH told AS (
  SELECT id, 'data' AS kind, device AS name, t AS at, NULL::int AS rev, t AS ts,
    format('"device":"%s","values":{"power":%s,"power_l1":%s,"power_l2":%s,"power_l3":%s,"energy_import":%s,"voltage_l1":230.1,"voltage_l2":229.8,"voltage_l3":230.4,"current_l1":28.1,"current_l2":27.6,"current_l3":28.4,"frequency":50.01,"power_factor":0.98},"stats":{"power":[%s,%s,%s]}',
      device, p, round(p / 3, 1), round(p / 3, 1), round(p / 3, 1), round(extract(epoch FROM t - begin) / 360, 2), p - 100, p, p + 100) AS members
  FROM gateway, unnest('{gate,house,pv1}'::text[]) AS device, generate_series(begin, now(), SECONDS * interval '1 second') AS t,
    round((20000 + 10000 * sin(extract(epoch FROM t) / 13751))::numeric, 1) AS p
  UNION ALL
  SELECT id, 'interval', length, start, rev, until + rev * interval '1 hour',
    format('"interval":"%s","start":%s,"end":%s,"rev":%s,"metrics":{%s},"registers":{},"factors":{"cn-elec/CN-JS/2023":{"value":"0.5827","u":"kg/(kW.h)","version":"2025-47.2"}},"prev":"%s","sig":"%s"',
      length, extract(epoch FROM start)::bigint * 1000, extract(epoch FROM until)::bigint * 1000, rev,
      (SELECT string_agg(format('"%s":{"v":%s,"u":"%s","q":"measured","cov":100,"est":0}', m, round(share * load, 6), u), ',') FROM (VALUES
        ('elec.load.total', 'kW.h', 1.0), ('elec.grid.import', 'kW.h', 0.6), ('elec.grid.export', 'kW.h', 0.1), ('elec.pv.generation', 'kW.h', 0.5),
        ('elec.load.building', 'kW.h', 0.9), ('flow.grid_to_load', 'kW.h', 0.6), ('flow.pv_to_load', 'kW.h', 0.4), ('flow.pv_to_grid', 'kW.h', 0.1),
        ('balance.residual', 'kW.h', 0.01), ('co2.total', 'kg', 0.34962), ('co2.scope2.location', 'kg', 0.34962), ('co2.purchased_net', 'kg', 0.29135),
        ('co2.avoided.pv_self', 'kg', 0.23308), ('co2.load.building', 'kg', 0.31), ('demand.sliding', 'kW', 1.2), ('kpi.self_consumption', '1', 0.01)) AS f(m, u, share)),
      repeat('p', 43), repeat('s', 86))
  FROM slot, round((hours * (20 + g + 10 * sin(extract(epoch FROM start) / 13751)))::numeric, 3) AS load
  UNION ALL
  SELECT id, 'event', e[1 + (extract(hour FROM t)::int + g) % 4], t, NULL, t,
    format('"event":"%s","severity":"%s","device":"gate","detail":{"line":"rs485-1"}', e[1 + (extract(hour FROM t)::int + g) % 4],
      CASE WHEN (extract(hour FROM t)::int + g) % 4 = 0 THEN 'warning' ELSE 'info' END)
  FROM gateway, (SELECT '{meter.glitch,meter.rollover,uplink.up,command.fed}'::text[] AS e) AS names, generate_series(begin, now(), interval '1 hour') AS t),
numbered AS (SELECT *, row_number() OVER (PARTITION BY id ORDER BY ts, kind, name, rev) AS seq FROM told)
SELECT id, '5f1c09ab', seq, kind, name, 0, at, rev,
  format('{"epoch":"5f1c09ab","seq":%s,"after":0,"ts":%s,%s}', seq, extract(epoch FROM ts)::bigint * 1000, members)::json FROM numbered ORDER BY ts;

INSERT INTO epoch (gateway, epoch, kept, before)
SELECT gateway, epoch, int8multirange(int8range(1, max(seq), '[]')), 0 FROM record GROUP BY gateway, epoch;
SELECT keep('lingtan/v1/' || gateway || '/store', json_build_object('epoch', epoch, 'ts', extract(epoch FROM now())::bigint * 1000, 'last', upper(kept) - 1,
  'acked', upper(kept) - 1, 'ahead', '{}'::int[], 'dropped', '{}'::int[], 'held', 0, 'oldest_unacked_ts', NULL)) FROM epoch;
DROP TABLE gateway, slot;
ANALYZE;
