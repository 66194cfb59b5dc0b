// The picture of power now: a single-line diagram with what feeds above the busbar and what takes below it.

import { MARKS, unseen, valueOf } from './devices.js';
import { drawn, make } from './elements.js';
import { age, kilowatts, number } from './figures.js';
import { language, t } from './language.js';
import { named } from './names.js';

const GROUPS = [
  { key: 'pv', roles: ['pv'], row: 0 }, { key: 'grid', roles: ['grid'], row: 0 }, { key: 'chp', roles: ['chp'], row: 0 },
  { key: 'battery', roles: ['battery'], row: 1 }, { key: 'load', roles: ['load', 'charger'], row: 1 },
  { key: 'h2', roles: ['electrolyser', 'compressor', 'h2_dispenser'], row: 1 },
];

/** Power of a group as one: the sum of what is known, and what of it is old or lacking. */
function grouped(flow, roles) {
  const meters = flow.meters.filter((meter) => roles.includes(meter.role));
  const electric = meters.filter((meter) => meter.role !== 'h2_dispenser' || meter.w !== undefined);
  const own = electric.filter((meter) => !electric.some((other) => other.id === meter.parent));
  const known = own.filter((meter) => meter.w !== undefined);
  const old = known.filter((meter) => meter.why || meter.state !== 'good');
  const worst = [...old, ...own.filter((meter) => meter.w === undefined)].sort((a, b) => b.age_ms - a.age_ms)[0];
  const rated = own.reduce((sum, meter) => sum + (meter.rated_kw ?? 0), 0) * 1000;
  return {
    meters, w: known.length > 0 ? known.reduce((sum, meter) => sum + meter.w, 0) : undefined,
    lacking: own.length - known.length, old, worst, idle: Math.max(50, rated / 500),
  };
}

/** Attributes that keep a text of 12 px within its box: a Chinese character is as wide as two letters. */
function squeezed(text, wide) {
  return [...text].reduce((sum, each) => sum + (each > '⺀' ? 12 : 6.2), 0) > wide ? { textLength: wide, lengthAdjust: 'spacingAndGlyphs' } : {};
}

function direction(group) {
  if (group.w === undefined) return 'unknown';
  if (Math.abs(group.w) < group.idle) return 'idle';
  return group.w > 0 ? 'out' : 'in';
}

/** Where a box of the picture leads: to the one meter that matters. */
function boxLink({ meters, worst }) {
  const device = worst?.device ?? (new Set(meters.map((meter) => meter.device)).size === 1 && meters[0].device);
  return device ? `#meters/${device}` : '#meters';
}

/** What stands under a group's power: its age where that is not now, else what belongs to it. */
function subline(now, key, group) {
  if (group.lacking > 0 && group.w !== undefined) return t('flow.partly', { n: group.lacking });
  if (group.w === undefined) return group.worst ? unseen(group.worst) : t('noData');
  if (group.old.length > 0) {
    const words = group.old.length < group.meters.length && group.meters.length > 1 ? t('flow.withOld') : age(group.worst.age_ms);
    return `${MARKS[group.worst.state === 'good' ? 'stale' : group.worst.state]} ${words}`;
  }
  if (key === 'battery') {
    const soc = valueOf(now, group.meters, 'battery', 'soc');
    return soc ? `SOC ${number(soc.v)}%${soc.why ? ' ◷' : ''}` : '';
  }
  if (key === 'h2') {
    const compressor = group.meters.find((meter) => meter.role === 'compressor');
    return compressor?.w !== undefined ? t('flow.compressor', { kw: kilowatts(compressor.w) }) : '';
  }
  return '';
}

export function flowPicture(now) {
  const { flow } = now;
  const shown = GROUPS.map((each) => ({ ...each, group: grouped(flow, each.roles) })).filter(({ group }) => group.meters.length > 0);
  const rows = [shown.filter(({ row }) => row === 0), shown.filter(({ row }) => row === 1)];
  const WIDTH = 360;
  const TALL = 76;
  const BUS = 108;
  const parts = [];
  rows.forEach((row, below) => {
    const room = WIDTH / Math.max(1, row.length);
    const wide = Math.min(150, room - 8);
    row.forEach(({ key, group }, i) => {
      const middle = room * (i + 0.5);
      const top = below ? 140 : 0;
      const way = direction(group);
      const doubtful = group.old.length > 0 || group.lacking > 0 || group.w === undefined;
      const [from, to] = below ? [top, BUS] : [TALL, BUS];
      const flowing = way === 'out' || way === 'in';
      const up = below ? way === 'out' : way === 'in'; // towards the top of the picture
      const line = up ? `M${middle} ${Math.max(from, to)}V${Math.min(from, to)}` : `M${middle} ${Math.min(from, to)}V${Math.max(from, to)}`;
      parts.push(drawn('g', { class: `wire ${key} ${doubtful ? 'doubtful' : flowing ? 'flowing' : 'idle'}` },
        drawn('path', { d: line }),
        flowing && !doubtful && drawn('path', { class: 'arrow', d: up ? `M${middle - 6} ${(from + to) / 2 + 4}l6 -8 6 8z` : `M${middle - 6} ${(from + to) / 2 - 4}l6 8 6 -8z` })));
      const value = group.w === undefined ? t('none') : kilowatts(group.w);
      const name = `${t(`flow.${key}`)} · ${t(`way.${key}.${way}`)}`;
      const third = subline(now, key, group);
      const lower = third ? 0 : 8;
      parts.push(drawn('a', { href: boxLink(group) }, drawn('g', { class: `part ${key}${doubtful ? ' doubtful' : ''}` },
        drawn('rect', { x: middle - wide / 2, y: top + 0.5, width: wide, height: TALL - 1, rx: 9 }),
        drawn('rect', { class: 'edge', x: middle - wide / 2, y: below ? top : top + TALL - 4, width: wide, height: 4, rx: 2 }),
        drawn('text', { class: 'name', x: middle, y: top + 21 + lower, ...squeezed(name, wide - 8) }, name),
        drawn('text', { class: 'value', x: middle, y: top + 45 + lower }, value, drawn('tspan', { class: 'unit' }, ' kW')),
        drawn('text', { class: 'sub', x: middle, y: top + 64 }, third))));
    });
  });
  const vessels = hydrogen(now);
  const at = rows[1].findIndex(({ key }) => key === 'h2');
  const height = vessels.length > 0 ? 300 : 222;
  if (vessels.length > 0) {
    const wide = Math.min(150, WIDTH / vessels.length - 8);
    if (at >= 0) {
      const from = (WIDTH / rows[1].length) * (at + 0.5);
      parts.push(drawn('path', { class: 'pipe', d: `M${from} 216V232H${WIDTH / 2}V232` }));
    }
    vessels.forEach(({ name, value, unit, sub, doubtful, device }, i) => {
      const middle = (WIDTH / vessels.length) * (i + 0.5);
      parts.push(drawn('path', { class: 'pipe', d: `M${WIDTH / 2} 232H${middle}V240` }),
        drawn('a', { href: `#meters/${device}` }, drawn('g', { class: `part h2${doubtful ? ' doubtful' : ''}` },
          drawn('rect', { x: middle - wide / 2, y: 240, width: wide, height: 58, rx: 9 }),
          drawn('text', { class: 'name', x: middle, y: sub ? 257 : 262, ...squeezed(name, wide - 8) }, name),
          drawn('text', { class: 'value small', x: middle, y: sub ? 276 : 284 }, value, drawn('tspan', { class: 'unit' }, ` ${unit}`)),
          drawn('text', { class: 'sub', x: middle, y: 292 }, sub))));
    });
  }
  return drawn('svg', { class: 'flow', viewBox: `0 0 ${WIDTH} ${height}`, role: 'group', 'aria-label': spoken(shown) },
    drawn('line', { class: 'bus', x1: 14, x2: WIDTH - 14, y1: BUS, y2: BUS }), parts);
}

/** Tanks and dispensers: not on the busbar. */
function hydrogen(now) {
  const all = [];
  for (const meter of now.flow.meters) {
    if (meter.role !== 'h2_storage' && meter.role !== 'h2_dispenser') continue;
    const storage = meter.role === 'h2_storage';
    const value = valueOf(now, [meter], meter.role, storage ? 'pressure' : 'mass');
    const doubtful = !value || value.why || meter.state !== 'good';
    const count = now.flow.meters.filter((each) => each.role === meter.role).length;
    all.push({
      name: count > 1 ? named(meter.id, 'meter:') : t(storage ? 'flow.tank' : 'flow.dispenser'),
      value: value ? Number(value.v).toLocaleString('en-US', { maximumFractionDigits: 1 }) : t('none'), unit: value?.u ?? '', doubtful,
      sub: doubtful ? (value ? `◷ ${age(value.age_ms)}` : unseen(meter)) : '', device: meter.device,
    });
  }
  return all.slice(0, 4);
}

function spoken(shown) {
  return shown.map(({ key, group }) => `${t(`flow.${key}`)} ${t(`way.${key}.${direction(group)}`)} ${group.w === undefined ? t('noData') : `${kilowatts(group.w)} kW`}`).join(language === 'zh' ? '，' : ', ');
}

export function residual({ flow }) {
  if (flow.residual_w === undefined) {
    const names = flow.lacking.map((id) => named(id, 'meter:')).join(language === 'zh' ? '、' : ', ');
    return make('p', { class: 'residual' }, `${t('residual')} ${t('none')}`, names && make('small', {}, ` ${t('residual.lacking', { names })}`));
  }
  const share = flow.coming_w > 0 ? ` (${((Math.abs(flow.residual_w) / flow.coming_w) * 100).toFixed(1)} %)` : '';
  const sign = flow.residual_w < -50 ? '−' : '';
  const newest = Math.max(0, ...flow.meters.filter((meter) => meter.w !== undefined).map((meter) => meter.age_ms));
  return make('p', { class: 'residual' }, t('residual'), ' ', make('b', {}, `${sign}${kilowatts(flow.residual_w)} kW`), share,
    make('small', {}, ` · ${age(newest)}`, !flow.all_loads_metered && ` · ${t('residual.unmetered')}`));
}
