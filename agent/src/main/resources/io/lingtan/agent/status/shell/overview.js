// The first screen: what is to be done, power now, today's figures, lines, the gateway.

import { figureReason, quality } from './devices.js';
import { draw, drawn, make } from './elements.js';
import { age, amount, bytes, room } from './figures.js';
import { flowPicture, residual } from './flow.js';
import { t } from './language.js';
import { titled, told } from './names.js';
import { screens } from './tabs.js';
import { toDoSection } from './to-do.js';

const WORSE = ['measured', 'derived', 'est_linear', 'est_profile', 'substituted', 'partial', 'suspect', 'missing'];

/** @type {[string, string?][]} a figure, and in what form */
const TILES = [
  ['elec.pv.generation'], ['elec.grid.import'], ['elec.grid.export'], ['elec.load.total'], ['kpi.self_sufficiency', '%'], ['kpi.self_consumption', '%'],
  ['co2.total'], ['co2.avoided'], ['tce.total', 'kgce'], ['tce.equal_value', 'kgce'], ['h2.produced'], ['h2.storage_mass'], ['h2.sec'], ['h2.sec_nm3'], ['h2.ci'],
];

function tile(metrics, usual, [name, form = undefined]) {
  const metric = name === 'co2.avoided' ? avoided(metrics) : metrics[name];
  if (!metric) return null;
  const missing = metric.v === undefined;
  const scale = form === '%' ? 100 : form === 'kgce' ? 1000 : 1;
  const unit = form ?? metric.symbol ?? metric.u;
  const shown = missing ? t('none') : Number(metric.v * scale).toLocaleString('en-US', { minimumFractionDigits: 1, maximumFractionDigits: metric.v * scale < 10 && form !== '%' ? 2 : 1 });
  const guessed = metric.q.startsWith('est') || metric.q === 'substituted';
  return make('div', { class: missing ? 'missing' : null }, make('dt', {}, t(`tile.${name}`)),
    make('dd', {}, guessed && '≈ ', shown, make('small', {}, ` ${unit.replace('kg/kg', 'kgCO₂/kg').replace(/^kg$/, name.startsWith('co2') ? 'kgCO₂' : 'kg')}`)),
    metric.pm !== undefined && !missing && make('dd', { class: 'soft', title: t('tile.sure') }, `± ${Number((metric.pm * scale).toPrecision(2)).toLocaleString('en-US', { maximumFractionDigits: 6 })}`),
    name === 'co2.total' && metric.text && make('dd', { class: 'soft' }, t('tile.covers', { of: metric.text.split(' ').map((each) => t(`covers.${each}`).replace(/^covers\..*\./, '')).join(' + ') })),
    (missing || metric.q !== usual || metric.est > 0) && make('dd', { class: 'soft' }, missing ? figureReason(metric) : metric.est > 0 ? t(form === '%' || metric.u === 'kg/kg' ? 'tile.estOf' : 'tile.est', { n: metric.est }) : quality(metric.q)));
}

function avoided(metrics) {
  const both = [metrics['co2.avoided.pv_self'], metrics['co2.avoided.pv_export']].filter(Boolean);
  if (both.length === 0) return undefined;
  const lacking = both.find((metric) => metric.v === undefined);
  const worst = both.reduce((one, other) => (WORSE.indexOf(other.q) > WORSE.indexOf(one.q) ? other : one));
  const sum = (of) => both.reduce((total, metric) => total + of(metric), 0);
  // The share of the whole, rounded up as in a record; of nothing at all there is none.
  const size = sum((metric) => Math.abs(metric.v));
  return lacking ?? { ...worst, v: sum((metric) => metric.v), est: size > 0 ? Math.ceil(sum((metric) => Math.abs(metric.v) * (metric.est ?? 0)) / size - 1e-9) : 0 };
}

function factorNote({ factors }) {
  return Object.entries(factors).map(([id, factor]) => t('factor', { id, value: factor.value, unit: amount(null, factor.u)[1].replace('kg/kWh', 'kgCO₂/kWh'), version: factor.version })
    + (factor.provisional ? ` · ${t('factor.provisional')}` : '') + (factor.standing !== 'official' ? ` · ${t(`factor.${factor.standing}`)}` : ''));
}

function todaySection(now) {
  const day = now.today;
  if (!day) return make('section', {}, make('h2', {}, t('today')), make('p', { class: 'soft' }, t('today.none')));
  // What most figures are is told once; a tile says only what it has of its own.
  const all = Object.values(day.metrics).map((metric) => metric.q);
  const usual = all.filter((q) => q === 'partial').length > all.length / 2 ? 'partial' : 'measured';
  const tiles = TILES.map((each) => tile(day.metrics, usual, each)).filter(Boolean);
  return make('section', {}, make('h2', {}, t('today'), make('small', {}, day.local.slice(0, 10), usual === 'partial' && ` · ${t('today.partial')}`)),
    tiles.length > 0 ? make('dl', { class: 'tiles' }, tiles) : make('p', { class: 'soft' }, t('today.none')),
    factorNote(day).map((note) => make('p', { class: 'soft factor' }, note)));
}

function lineSection({ lines, devices }) {
  if (lines.length === 0) return null;
  return make('section', {}, make('h2', {}, t('lines')), make('ul', { class: 'lines' }, lines.map((line) => {
    const planned = line.schedule?.utilisation ?? 0;
    const used = Math.max(line.busy, 0);
    const on = devices.filter((device) => device.line === line.id);
    const good = on.filter((device) => device.state === 'good' || device.state === 'asleep').length;
    return make('li', { 'data-key': line.id },
      make('div', { class: 'head' }, make('b', {}, titled(line.id, 'line:')), make('span', { class: 'soft' }, line.where)),
      make('div', { class: 'bar', role: 'img', 'aria-label': t('line.used', { n: used }) }, bar(used, planned)),
      make('p', { class: `soft ${line.problem ? 'bad' : ''}` }, line.problem ? `✖ ${told(line, 'problem')}`
        : [t('line.used', { n: used }), planned > 0 && t('line.planned', { n: planned }), t('line.answer', { good, all: on.length }), line.skipped > 0 && t('line.skipped', { n: line.skipped }), line.lost_pulses > 0 && t('line.lost', { n: line.lost_pulses }), line.strangers > 0 && t('line.strangers', { n: line.strangers }), line.share && (line.share.problem ? told(line.share, 'problem') : t('line.shared', { n: line.share.callers, where: line.share.where }))].filter(Boolean).join(' · ')));
  })));
}

/** What is used of a line's time, upon what is planned of it; more than 80 % planned is too much. */
function bar(used, planned) {
  return drawn('svg', { viewBox: '0 0 100 4', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    drawn('rect', { class: 'room', width: 100, height: 4 }), drawn('rect', { class: planned > 80 ? 'over' : 'planned', width: Math.min(100, planned), height: 4 }), drawn('rect', { class: 'used', width: Math.min(100, used), height: 4 }),
    drawn('rect', { class: 'limit', x: 80, width: 0.4, height: 4 }));
}

function healthSection({ store, uplink, clock, health, software }) {
  const stopped = health.filter((stage) => !stage.alive);
  const row = (key, value, kind) => make('div', {}, make('dt', {}, t(key)), make('dd', { class: kind }, value));
  return make('section', {}, make('h2', {}, t('health')), make('dl', { class: 'rows' },
    row('health.stages', stopped.length === 0 ? `● ${t('health.running')}` : `✖ ${stopped.map((stage) => stage.name).join(', ')}`, stopped.length === 0 ? 'good' : 'bad'),
    row('health.clock', clock.trusted ? `● ${t('clock.by', { source: t(`source.${clock.source}`) })}` : `✖ ${t('clockBad')}`, clock.trusted ? 'good' : 'bad'),
    row('health.ack', age(uplink.ack_age_ms)),
    row('health.store', `${bytes(store.bytes)} / ${bytes(store.max_bytes)}`),
    row('health.days', ...room(store, uplink)),
    row('health.free', bytes(store.free_bytes)),
    row('health.written', store.bytes_per_day === undefined ? t('none') : t('health.perDay', { n: bytes(store.bytes_per_day) })),
    uplink.certificate_days !== undefined && row('health.certificate', t('days', { n: uplink.certificate_days }), uplink.certificate_days <= 30 ? 'warn' : null),
    row('health.software', software)));
}

function firstRun() {
  const step = (n) => make('li', {}, make('h3', {}, t(`first.${n}`)), make('p', { class: 'soft' }, t(`first.${n}.how`)));
  return make('section', { class: 'first' }, make('h2', {}, t('first')), make('ol', {}, [1, 2, 3].map(step)),
    screens.includes('commission') && make('a', { class: 'button main', href: '#commission' }, t('tab.commission')));
}

export function showOverview(root) {
  return {
    update(now) {
      if (now.devices.length === 0) {
        draw(root, firstRun(), healthSection(now));
        return;
      }
      const never = now.devices.every((device) => device.state === 'never');
      draw(root, toDoSection(),
        make('div', { class: 'columns' },
          make('section', { class: 'now' }, make('h2', {}, t('flow')), now.flow.meters.length > 0 ? [flowPicture(now), residual(now)] : make('p', { class: 'soft' }, t('flow.none')),
            never && make('p', { class: 'hint warn' }, `⚠ ${t('never.hint')}`)),
          make('div', { class: 'stack' }, todaySection(now), lineSection(now), healthSection(now))));
    },
    close() {},
  };
}
