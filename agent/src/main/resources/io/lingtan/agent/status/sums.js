// Sums of recorded figures, drawn by energy.js: how many intervals a period has, what of an answer
// belongs to a bar or a quarter of an hour, and what went from where to where.

import { offset } from '/lines.js';
import { midnight } from '/screens/charts.js';

const HOUR_MS = 3600000;
const QUARTER_MS = HOUR_MS / 4;
const WORST = 'mdespx';

/** The period before or after: 2026-03 and -1 give 2026-02. */
export function moved(period, by) {
  const [year, month = 1, day = 1] = period.split('-').map(Number);
  const at = new Date(Date.UTC(year + (period.length === 4 ? by : 0), month - 1 + (period.length === 7 ? by : 0), day + (period.length === 10 ? by : 0)));
  return at.toISOString().slice(0, period.length);
}

/** The instant at which a day, month or year begins, UTC ms. */
export const begins = (period, zone) => midnight(`${period}-01-01`.slice(0, 10), zone);

/** How many bars a day, a month or a year has. */
export function places(period) {
  const [year, month] = period.split('-').map(Number);
  return period.length === 10 ? 24 : period.length === 7 ? new Date(Date.UTC(year, month, 0)).getUTCDate() : 12;
}

/** How many hours, days or months of a period are over. A day in which clocks change has 23 or 25 hours. */
export function closed(period, zone, now) {
  const from = begins(period, zone);
  if (period.length === 10) return Math.max(0, Math.floor((Math.min(now, begins(moved(period, 1), zone)) - from) / HOUR_MS));
  return Array.from({ length: places(period) }, (_, i) => moved(`${period}-${String(i + 1).padStart(2, '0')}`, 1)).filter((next) => begins(next, zone) <= now).length;
}

/** [value, quality] of each bar; undefined where there is no record. Both hours of a clock that is put back are in one. */
export function bars({ start, figures }, figure, period, zone) {
  const found = [];
  start.forEach((at, i) => {
    const [value, quality] = [figures[figure]?.v[i] ?? null, figures[figure]?.q[i]];
    if (value === null) return;
    const local = new Date(at + offset(at, zone));
    const place = period.length === 10 ? local.getUTCHours() : period.length === 7 ? local.getUTCDate() - 1 : local.getUTCMonth();
    const [sum, worst] = found[place] ?? [0, 'm'];
    found[place] = [sum + value, WORST[Math.max(WORST.indexOf(worst), WORST.indexOf(quality))]];
  });
  return found;
}

/** The sum of a figure over these rows, by default those that have it; null where there is none. */
export function sumOf(column, rows = column?.v.keys() ?? []) {
  const known = [...rows].map((i) => column?.v[i] ?? null).filter((value) => value !== null);
  return known.length > 0 ? known.reduce((sum, value) => sum + value, 0) : null;
}

/** The rows that lack none of these figures. What a record does not have at all (.) was not at the site then, and lacks nothing. */
function wholeRows({ start, figures }, names) {
  return [...start.keys()].filter((i) => names.some((name) => figures[name].v[i] !== null) && names.every((name) => figures[name].v[i] !== null || figures[name].q[i] === '.'));
}

/** Those metering points that are behind none of the others, at whatever depth. */
function topmost(ids, meters) {
  const parents = new Map(meters.map(({ id, parent }) => [id, parent]));
  return ids.filter((id) => {
    let up = parents.get(id);
    for (let depth = 0; up && !ids.includes(up) && depth < meters.length; depth++) up = parents.get(up);
    return !ids.includes(up);
  });
}

/** Shares out what came from [name, value] among what [name, value] took: what no meter saw is told by itself, and what meters saw too much. */
function bands(sources, loads) {
  const [came, took] = [sources, loads].map((list) => list.reduce((sum, [, value]) => sum + value, 0));
  const givers = took > came ? [...sources, ['more', took - came]] : sources;
  const takers = loads.length === 0 ? [['load', came]] : took < came ? [...loads, ['rest', came - took]] : loads;
  const all = Math.max(came, took);
  return givers.flatMap(([from, given]) => takers.map(([to, taken]) => [from, to, given * taken / all])).filter(([, , value]) => value > all * 1e-6);
}

function loadsOf(figures, beginning, meters) {
  const ids = Object.keys(figures).filter((name) => name.startsWith(beginning) && name !== 'elec.load.total').map((name) => name.slice(beginning.length));
  return topmost(ids, meters);
}

/** Flows of energy, and of how many rows: to each load what it used, from each source in the ratio of all. */
export function energy(data, meters) {
  const { figures } = data;
  const loads = loadsOf(figures, 'elec.load.', meters);
  const flows = Object.keys(figures).filter((name) => /^flow\.\w+_to_\w+$/.test(name));
  const rows = flows.length > 0 ? wholeRows(data, [...flows, ...loads.map((id) => `elec.load.${id}`)]) : [];
  const ends = flows.map((name) => [...name.slice('flow.'.length).split('_to_'), sumOf(figures[name], rows) ?? 0]);
  const shared = bands(ends.filter(([, to]) => to === 'load').map(([from, , value]) => [from, value]), loads.map((id) => [`load.${id}`, sumOf(figures[`elec.load.${id}`], rows) ?? 0]));
  const others = ends.filter(([, to, value]) => to !== 'load' && value > 0);
  return { links: [...shared, ...others].sort((a, b) => a[0].localeCompare(b[0])), rows: rows.length };
}

/** The same of CO2: that of electricity shared among loads, what the battery gave in the ratio of all; heat and direct emissions by themselves. */
export function carbon(data, meters) {
  const { figures } = data;
  const loads = loadsOf(figures, 'co2.load.', meters);
  const direct = Object.keys(figures).filter((name) => name.startsWith('co2.scope1.'));
  const heat = Object.keys(figures).filter((name) => /^co2\.scope2\.(heat|steam|hot_water)$/.test(name));
  const [bought, used, all, stored] = ['co2.scope2.location', 'flow.grid_to_load', 'elec.grid.import', 'co2.battery.to_load'].map((name) => figures[name]);
  const names = [...loads.map((id) => `co2.load.${id}`), ...direct, ...heat, ...['co2.scope2.location', 'flow.grid_to_load', 'elec.grid.import', 'co2.battery.to_load'].filter((name) => figures[name])];
  const rows = wholeRows(data, names);
  const grid = rows.reduce((sum, i) => sum + (all?.v[i] > 0 ? (bought?.v[i] ?? 0) * (used?.v[i] ?? 0) / all.v[i] : 0), 0);
  const shared = bands([['grid', grid], ['battery', sumOf(stored, rows) ?? 0]], loads.map((id) => [`load.${id}`, sumOf(figures[`co2.load.${id}`], rows) ?? 0]));
  const own = Object.entries({ heat, direct }).map(([end, list]) => [end, end, list.reduce((sum, name) => sum + (sumOf(figures[name], rows) ?? 0), 0)]);
  return { links: [...shared, ...own].filter(([, , value]) => value > 0), rows: rows.length };
}

/** Adds energy and time of each interval to the quarters of a local hour that it lies in, to each its part. */
export function gather({ start, end, figures }, figure, zone, sums) {
  let [asked, ahead] = [null, 0];
  start.forEach((at, i) => {
    const value = figures[figure]?.v[i] ?? null;
    for (let from = at; value !== null && from < end[i];) {
      const to = Math.min(end[i], (Math.floor(from / QUARTER_MS) + 1) * QUARTER_MS);
      const hour = Math.floor(from / HOUR_MS) * HOUR_MS;
      if (hour !== asked) ahead = offset(asked = hour, zone);
      const key = Math.floor((from + ahead) / QUARTER_MS);
      const [energyOf, time] = sums.get(key) ?? [0, 0];
      sums.set(key, [energyOf + value * (to - from) / (end[i] - at), time + to - from]);
      from = to;
    }
  });
}
