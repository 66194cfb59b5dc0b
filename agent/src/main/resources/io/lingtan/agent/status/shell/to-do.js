// What is wrong, worst first, each with what to do and one tap to where it is done.

import { linkProblem } from './api.js';
import { alarmsOf, doubtsOf, LIVE_EVENTS, reason } from './devices.js';
import { byId, draw, make } from './elements.js';
import { age, days, kilowatts, span } from './figures.js';
import { language, sentence, t } from './language.js';
import { named, told } from './names.js';
import { refusedHelp, refusedRow } from './refused.js';
import { link, snapshot, taken } from './snapshot.js';

const SCANNED = ['serial', 'modbus-tcp', 'modbus-rtu-tcp'];
const WIRING_EVENTS = ['meter.residual', 'meter.power_disagrees', 'meter.export_without_source'];
const MOST_ROWS = 8;
const ROWS_ELSEWHERE = 3;
const OPEN_LOOKS = 5; // so many times in a row a residual is open before it is told: meters are not read at one instant
let openLooks = 0;

/** How many snapshots in a row had a residual that cannot be explained. */
export function countOpen() {
  const { residual_w: watts, tolerance_w: allowed, all_loads_metered: whole } = snapshot.flow;
  openLooks = watts !== undefined && (whole ? Math.abs(watts) : -watts) > allowed ? openLooks + 1 : 0;
}

/** What to say of an event that goes on: [cause, what to do, what is there, where]. */
export function goesOn(event) {
  const { device, detail } = event;
  const again = event.again ? ` ${t('todo.again')}` : '';
  if (event.event === 'meter.ratio') {
    const key = detail.ct_site === undefined ? 'pt' : 'ct';
    return [`${t('todo.ratio', { device: named(device), key: key.toUpperCase(), site: detail[`${key}_site`], meter: detail[`${key}_meter`] })}${again}`, t('todo.ratio.fix'), 'ratio', `#commission/ratio/${device}`];
  }
  const told = [`${device ? `${named(device)}${language === 'zh' ? '：' : ': '}` : ''}${sentence(event) ?? event.event}${again}`, sentence(event, '_do') ?? ''];
  if (WIRING_EVENTS.includes(event.event)) return [...told, 'wiring', '#commission/wiring'];
  if (device) return [...told, 'meter', `#meters/${device}`];
  if (event.event.startsWith('uplink.')) return [...told, 'uplink', '#uplink'];
  return event.event.startsWith('config.') ? [...told, 'site', '#commission/site'] : [...told, 'events', '#events/active'];
}

/** Meters that give no present values: one row where a whole line is silent. As severe as the event that tells of it. */
function silent({ lines, devices }, add) {
  for (const line of lines.filter((each) => !each.problem)) {
    const on = devices.filter((device) => device.line === line.id);
    const bad = on.filter((device) => device.state !== 'good' && device.state !== 'asleep');
    const scan = SCANNED.includes(line.kind) ? ['scan', `#commission/scan/${line.id}`] : null;
    if (bad.length > 1 && bad.length === on.length && bad.every((device) => device.state === 'never' || device.state === 'offline')) {
      add('warn', t('todo.silent', { line: named(line.id, 'line:'), n: on.length }), t('todo.silent.fix'), ...(scan ?? ['meters', '#meters']));
      continue;
    }
    for (const device of bad) {
      const lost = device.state === 'never' || device.state === 'offline';
      add('warn', `${t('todo.device', { device: named(device.id), state: t(`state.${device.state}`) })}${device.age_ms < 0 ? '' : t('todo.since', { age: age(device.age_ms) })}`, reason(device.failure, device),
        ...(scan && (lost || device.failure === 'exception_11') ? scan : ['meter', `#meters/${device.id}`]), device.id);
    }
  }
}

/** What is wrong, worst first: each with what to do and where; what is about the page alone says so. */
function troubles() {
  const { config, uplink, store, clock, lines, health, devices, busy, flow, events, wiring = [] } = snapshot;
  const all = [];
  const add = (kind, text, fix, to, href, of) => all.push({ kind, text, fix, to, href, of });
  const known = (kind, key, values, to, href) => add(kind, t(`banner.${key}`, values), '', to, href);
  const ofPage = (kind, key, values) => all.push({ kind, text: t(`banner.${key}`, values), ofPage: true });
  if (link === 'lost') ofPage('bad', 'lost', { age: age(0) });
  if (store.failure) known('bad', 'store', { why: told(store, 'failure') }, 'uplink', '#uplink');
  for (const stage of health) if (!stage.alive) known('bad', 'stopped', { name: stage.name }, 'bundle', '/api/bundle');
  if (config.refused) known('bad', 'refused', { why: told(config, 'refused') }, 'site', '#commission/site');
  if (!clock.trusted) known('bad', 'clock', {}, 'clock', '#commission/clock');
  if (clock.ahead_until) known('warn', 'ahead', { until: clock.ahead_until }, 'clock', '#commission/clock');
  if (snapshot.demand?.warning) known('warn', snapshot.demand.sliding ? 'sliding' : 'demand', { forecast: snapshot.demand.forecast_kw, limit: snapshot.demand.limit_kw, may: snapshot.demand.may_draw_kw }, 'events', '#events/active');
  if (lines.length === 0) known('warn', 'noLines', {}, 'site', '#commission/site');
  for (const line of lines) if (line.problem) known('bad', 'line', { line: named(line.id, 'line:'), why: told(line, 'problem') }, 'line', `#commission/line/${line.id}`);
  const going = (events?.worst ?? []).filter((event, i, every) => !LIVE_EVENTS.includes(event.event) && every.findIndex((other) => other.event === event.event && other.device === event.device) === i);
  for (const event of going.filter(({ severity }) => severity === 'alarm')) add('bad', ...goesOn(event), event.device);
  silent(snapshot, add);
  for (const found of wiring) {
    const isOpen = found.kind === 'moved' && !found.alone;
    const kind = found.kind === 'reversed' && !found.alone ? 'maybe' : isOpen ? 'moved_maybe' : found.kind;
    add(isOpen ? 'warn' : 'bad', t(`wrong.${kind}`, { ...found, device: named(found.device), meter: found.meter ? named(found.meter, 'meter:') : named(found.device), factor: Number(found.factor.toPrecision(2)) }), isOpen ? '' : t(`wrong.fix.${found.residual_w !== undefined ? 'balance' : kind === 'against_role' ? 'role' : 'phases'}`), 'wiring', '#commission/wiring');
  }
  if (uplink.certificate_days !== undefined && uplink.certificate_days < 0) known('bad', 'certificateEnded', {}, 'uplink', '#uplink');
  if (uplink.configured && !uplink.connected) {
    known('warn', 'away', { why: linkProblem(uplink) }, 'uplink', '#uplink');
    if (store.days_left !== undefined) all.at(-1).text += ` ${t('banner.space', { days: days(store.days_left) })}`;
  }
  if (uplink.refusing) {
    add('bad', ...refusedRow(uplink));
    all.at(-1).help = () => refusedHelp(uplink);
  }
  if (openLooks >= OPEN_LOOKS && !wiring.some(({ kind, alone }) => kind !== 'moved' || alone) && !going.some(({ event }) => event === 'meter.residual')) {
    add('warn', t('todo.residual', { kw: kilowatts(flow.residual_w), allowed: kilowatts(flow.tolerance_w) }), t('todo.residual.fix'), 'wiring', '#commission/wiring');
  }
  for (const event of going.filter(({ severity }) => severity !== 'alarm')) add('warn', ...goesOn(event), event.device);
  for (const device of devices.filter(({ id, state: now }) => now === 'good' && alarmsOf(id).length === 0)) {
    const doubts = doubtsOf(device);
    if (doubts.length > 0) add('warn', t('todo.device', { device: named(device.id), state: doubts.join(language === 'zh' ? '；' : '; ') }), t('doubt.fix'), 'meter', `#meters/${device.id}`, device.id);
  }
  for (const line of lines) {
    const planned = line.schedule?.utilisation;
    const most = planned > 80 && busiest(line.id, devices);
    if (most) known('warn', 'overload', { line: named(line.id, 'line:'), percent: planned, device: named(most) }, 'meter', `#meters/${most}`);
  }
  if (uplink.connected && uplink.late && store.waiting > 0) {
    const values = { n: store.waiting.toLocaleString('en-US'), age: store.oldest_age_ms >= 0 ? span(store.oldest_age_ms) : t('none') };
    if (uplink.eta_ms !== undefined) known('warn', 'backlog', { ...values, rate: Math.round(uplink.records_per_second), eta: span(uplink.eta_ms) }, 'uplink', '#uplink');
    else known('warn', 'backlogSlow', values, 'uplink', '#uplink');
  }
  if (uplink.certificate_days >= 0 && uplink.certificate_days <= 30) known('warn', 'certificate', { days: uplink.certificate_days }, 'uplink', '#uplink');
  if (busy) {
    const left = busy.left_ms === undefined ? '' : t('busy.left', { amount: span(Math.max(0, busy.left_ms - (performance.now() - taken))) });
    ofPage('warn', 'busy', { what: t(`busy.${busy.what}`), line: named(busy.line, 'line:'), by: busy.by ?? t('busy.local'), since: age(busy.since_ms), left });
  }
  if (link === 'polling') ofPage('warn', 'polling');
  return all.sort((a, b) => (a.kind === 'bad' ? 0 : 1) - (b.kind === 'bad' ? 0 : 1));
}

function busiest(line, devices) {
  const asked = (device) => ((device.reply_us ?? 0) * (device.blocks ?? 1)) / device.every_ms;
  return devices.filter((device) => device.line === line).reduce((most, device) => (asked(device) > asked(most) ? device : most)).id;
}

/** The list that stands first on the overview. */
export function toDoSection() {
  if (link === 'lost') return null; // what there was to do is not known any more, and the banner says so
  const rows = troubles().filter((each) => !each.ofPage);
  const known = snapshot.events?.complete;
  if (rows.length === 0) return make('p', { class: `calm ${known ? 'good' : ''}`, 'data-key': 'todo' }, t(known ? 'todo.none' : 'todo.unknown'));
  // A line tells its cause and what to do about it in one sentence.
  const halves = ({ text, fix, to }) => (to === 'line' && !fix && /^(.*?：.*?)：(.+)$|^(.*?); (.+)$/.exec(text)?.slice(1).filter(Boolean)) || [text, fix];
  const row = (each, [text, fix] = halves(each), { kind, to, href } = each) => make('li', { class: kind }, make('a', { href }, make('span', { class: 'level' }, t(`level.${kind}`)),
    make('span', { class: 'cause' }, make('b', {}, text), fix && make('small', {}, fix)), make('span', { class: 'go' }, `${t(`go.${to}`)} ›`)), each.help?.());
  return make('section', { class: 'todo', 'data-key': 'todo' }, make('h2', {}, t('todo'), make('small', {}, String(rows.length))), make('ul', {}, rows.slice(0, MOST_ROWS).map((each) => row(each))),
    rows.length > MOST_ROWS && make('details', {}, make('summary', {}, t('todo.more', { n: rows.length - MOST_ROWS })), make('ul', {}, rows.slice(MOST_ROWS).map((each) => row(each)))),
    !known && make('p', { class: 'soft' }, t('todo.unknown')));
}

/** What the list of meters says itself. */
const OF_METERS = ['meter', 'meters', 'scan', 'ratio'];

/** On the overview what is to be done stands below, and where something is mended or listed, and at a meter of its own, it stands already. */
export function drawBanners(screen) {
  const shown = troubles().filter((each) => each.ofPage || (screen !== 'overview' && location.hash !== `#meters/${each.of}` && !(['meters', 'commission'].includes(screen) && each.href === location.hash) && !(screen === 'uplink' && each.help) && !(location.hash === '#meters' && OF_METERS.includes(each.to)))).slice(0, ROWS_ELSEWHERE);
  draw(byId('banners'), shown.map(({ kind, text, href }) => {
    const inside = [make('span', { 'aria-hidden': 'true' }, kind === 'bad' ? '✖ ' : '⚠ '), text];
    return make('p', { class: kind }, href ? make('a', { href }, inside) : inside);
  }));
}
