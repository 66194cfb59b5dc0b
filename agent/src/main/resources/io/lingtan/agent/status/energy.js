// Energy and carbon of a day, a month or a year beside the one before, where they went, and a year
// quarter by quarter: all of it figures that were recorded. What was not recorded is left empty.

import { offset, ticks } from '/lines.js';
import { bars, begins, carbon, closed, energy, gather, moved, places, sumOf } from '/sums.js';

export const words = {
  zh: {
    power: '功率', reading: '正在读取历史数据…', failedRead: '没有读到：{why}', view: '时段', figure: '指标', 'by.day': '日', 'by.month': '月', 'by.year': '年', 'by.heat': '全年热力图', earlier: '往前', later: '往后', 'f.elec.load.total': '用电量', 'f.elec.pv.generation': '光伏发电', 'f.elec.grid.import': '下网电量', 'f.elec.grid.export': '上网电量', 'f.elec.battery.charge': '储能充电', 'f.elec.battery.discharge': '储能放电', 'f.co2.total': '碳排放', 'f.h2.produced': '产氢量',
    'before.day': '前一天', 'before.month': '上月', 'before.year': '去年', total: '合计 {value}', 'without.day': '◷ 缺 {n} 小时的记录，未计入', 'without.month': '◷ 缺 {n} 天的记录，未计入', 'without.year': '◷ 缺 {n} 个月的记录，未计入', same: '同一时段：{now}；{before} {then}（{change}）', noneBefore: '{before}没有同一时段的记录', lacks: '◷ {n} 段没有完整数据，图中变浅；没有记录的留空。', none: '这段时间没有记录。区间结束后才有记录。', part: '只读了一部分记录：请选短一些的时间。',
    went: '电从哪里来，到哪里去', carbonWent: '碳排放从哪里来，分摊到哪里', wentWhy: '按站点文件的分摊规则记录的流向；各负荷按电表实际用量，其余为未计量。', carbonWhy: '电的排放：各负荷按记录值，其余为未计量，来源按合计比例拆分；外购热和直接排放单列。', wentLacks: '缺 {n} 段，这里是记录完整的各段之和。', wentNone: '这段时间没有流向记录。',
    'n.grid': '电网', 'n.pv': '光伏', 'n.chp': '热电', 'n.battery': '储能', 'n.load': '负荷', 'n.rest': '未计量', 'n.more': '来源不明', 'n.loss': '损耗', 'n.heat': '外购热', 'n.direct': '直接排放', heat: '每 15 分钟平均功率', heatWhy: '由区间电量除以时间得来；灰色处没有记录。', heatAt: '{time}：{value} kW', most: '最大 {value} kW', readingMonth: '正在读 {n}/12 月…', table: '数据表', time: '时间', csv: '下载 CSV',
  },
  en: {
    power: 'Power', reading: 'Reading the history…', failedRead: 'Nothing was read: {why}', view: 'Period', figure: 'Figure', 'by.day': 'Day', 'by.month': 'Month', 'by.year': 'Year', 'by.heat': 'Heat map of a year', earlier: 'Earlier', later: 'Later', 'f.elec.load.total': 'Consumption', 'f.elec.pv.generation': 'PV yield', 'f.elec.grid.import': 'Grid import', 'f.elec.grid.export': 'Grid export', 'f.elec.battery.charge': 'Charged', 'f.elec.battery.discharge': 'Discharged', 'f.co2.total': 'Carbon', 'f.h2.produced': 'Hydrogen made',
    'before.day': 'the day before', 'before.month': 'last month', 'before.year': 'last year', total: '{value} in all', 'without.day': '◷ {n} h have no record and are not in it', 'without.month': '◷ {n} d have no record and are not in it', 'without.year': '◷ {n} months have no record and are not in it', same: 'Same part: {now}; {before} {then} ({change})', noneBefore: 'No record of the same part of {before}', lacks: '◷ Bars of a part of their time, drawn lighter: {n}. What has no record is left empty.', none: 'Nothing is recorded of this time. A record comes when its interval is over.', part: 'Only some of the records were read: choose a shorter time.',
    went: 'Where energy came from and went', carbonWent: 'Where carbon came from, and whose it is', wentWhy: "Flows as recorded, by the site's rule; loads by their own meters.", carbonWhy: "Electricity's by what loads used, its sources in the ratio of their totals; heat and direct emissions by themselves.", wentLacks: 'Parts missing: {n}. This is the sum of those that are whole.', wentNone: 'No flows are recorded of this time.',
    'n.grid': 'Grid', 'n.pv': 'PV', 'n.chp': 'CHP', 'n.battery': 'Storage', 'n.load': 'Loads', 'n.rest': 'Not metered', 'n.more': 'Unexplained', 'n.loss': 'Losses', 'n.heat': 'Bought heat', 'n.direct': 'Direct', heat: 'Mean power of each 15 min', heatWhy: 'Energy of an interval by its time; grey has no record.', heatAt: '{time}: {value} kW', most: 'at most {value} kW', readingMonth: 'Reading month {n} of 12…', table: 'Data table', time: 'Time', csv: 'Download CSV',
  },
};

const FIGURES = { 'elec.load.total': 'load', 'elec.pv.generation': 'pv', 'elec.grid.import': 'grid', 'elec.grid.export': 'grid', 'elec.battery.charge': 'battery', 'elec.battery.discharge': 'battery', 'co2.total': 'carbon', 'h2.produced': 'h2' };
/** Of which figure what parts are recorded, each with whose colour and name it has. */
const PARTS = {
  'elec.load.total': [['flow.pv_to_load', 'pv'], ['flow.battery_to_load', 'battery'], ['flow.grid_to_load', 'grid']],
  'elec.pv.generation': [['flow.pv_to_load', 'load'], ['flow.pv_to_battery', 'battery'], ['flow.pv_to_grid', 'grid']],
};
const HYDROGEN = ['electrolyser', 'compressor', 'h2_dispenser'];
const HEATED = ['elec.load.total', 'elec.pv.generation', 'elec.grid.import'];
const VIEWS = { day: 10, month: 7, year: 4, heat: 4 }; // and how much of a date their address has
const LENGTHS = { day: '1h', month: '1d', year: '1M' };
const ASKED = [...Object.keys(FIGURES), 'elec.load.*', 'flow.*', 'co2.load.*', 'co2.battery.to_load', 'co2.scope1.*', 'co2.scope2.*'].join(',');
const HOUR_MS = 3600000;
const MONTH_MS = 32 * 24 * HOUR_MS;
const CLOSING_MS = 5 * 60000; // until an interval that is over has its record
const SMALL_MS = 48 * HOUR_MS;
const QUARTERS = 96;

/** @param {import('/shell/page.js').Context} context */
export function show(root, context) {
  const { language, ask, make, drawn, draw, named, snapshot, go } = context;
  const t = (key, values = {}) => (context.own('energy', words)[key] ?? context.t(key)).replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
  const [, view = '', wanted = '', chosen = ''] = context.route.split('/');
  const kind = VIEWS[view] ? view : 'day';
  const { zone } = snapshot();
  const today = new Date(snapshot().now + offset(snapshot().now, zone)).toISOString().slice(0, 10);
  const period = /^\d{4}(-\d\d){0,2}$/.test(wanted) && wanted.length === VIEWS[kind] ? wanted : today.slice(0, VIEWS[kind]);
  const offered = (kind === 'heat' ? HEATED : Object.keys(FIGURES));
  const figure = offered.includes(chosen) ? chosen : offered[0];
  const role = FIGURES[figure];
  const place = make('div', { class: 'stack energy' });
  let over = false;

  const number = (value) => (value === null || value === undefined ? t('none') : value.toLocaleString('en-US', { maximumFractionDigits: Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2 }).replace('-', '−'));
  const start = (of) => begins(of, zone);
  const address = (to) => `#charts/energy/${to.kind ?? kind}/${to.period ?? period}/${to.figure ?? figure}`;
  const pick = (text, to, current) => make('a', { class: 'pick', href: address(to), 'aria-current': current ? 'true' : null }, text);
  const fit = (of, name) => (VIEWS[name] <= of.length ? of.slice(0, VIEWS[name]) : (today.startsWith(of) ? today : `${of}-01-01`).slice(0, VIEWS[name]));

  function controls() {
    const type = { 10: 'date', 7: 'month', 4: 'number' }[period.length];
    return make('div', { class: 'chart-controls' }, make('div', { class: 'choice', role: 'group', 'aria-label': t('view') }, make('a', { class: 'pick', href: '#charts' }, `‹ ${t('power')}`),
      Object.keys(VIEWS).map((name) => pick(t(`by.${name}`), { kind: name, period: fit(period, name) }, name === kind))),
    make('div', { class: 'choice', role: 'group', 'aria-label': t('time') }, make('a', { class: 'pick', href: address({ period: moved(period, -1) }), 'aria-label': t('earlier') }, '‹'),
      make('input', { class: 'pick', type, value: period, max: today.slice(0, period.length), min: type === 'number' ? '2000' : null, 'aria-label': t('time') }),
      period < today.slice(0, period.length) && make('a', { class: 'pick', href: address({ period: moved(period, 1) }), 'aria-label': t('later') }, '›')),
    make('div', { class: 'choice', role: 'group', 'aria-label': t('figure') }, offered.map((name) => pick(t(`f.${name}`), { figure: name }, name === figure))));
  }

  async function rows(of, length, names = ASKED, from = start(of), to = start(moved(of, 1))) {
    const answer = await ask(`/api/figures?length=${length}&from=${from}&to=${to}&names=${names}`, { timeout: 30000 });
    if (!answer.ok) throw new Error((await answer.text()).trim());
    return answer.json();
  }

  /** How many intervals of the period are over and have no record with a figure. */
  function lacking(data, recorded) {
    return Math.max(0, closed(period, zone, data.now - CLOSING_MS) - recorded);
  }

  function chart(now, then) {
    const count = places(period);
    const [ours, others] = [bars(now, figure, period, zone), bars(then, figure, moved(period, -1), zone)];
    const without = lacking(now, now.figures[figure]?.v.filter((value) => value !== null).length ?? 0);
    const unit = { kg: 'co2.total' === figure ? 'kgCO₂' : 'kg' }[now.figures[figure]?.symbol] ?? now.figures[figure]?.symbol ?? then.figures[figure]?.symbol ?? '';
    const known = ours.filter(Boolean);
    if (known.length === 0 && others.filter(Boolean).length === 0) return make('section', {}, make('h2', {}, t(`f.${figure}`)), make('p', { class: 'soft' }, t('none')));
    const both = ours.map((bar, i) => bar && others[i] && i).filter((i) => i !== undefined);
    const [sum, sumThen] = [ours, others].map((list) => both.reduce((all, i) => all + list[i][0], 0));
    const levels = ticks(0, Math.max(...[...ours, ...others].filter(Boolean).map(([value]) => value), 1e-6), 4);
    const narrow = root.clientWidth < 600;
    const [wide, high, left, low] = [narrow ? 360 : root.clientWidth - 34, narrow ? 200 : 240, 46, 22]; // as wide as it is shown, so that its letters have their size
    const step = (wide - left) / count;
    const y = (value) => high - low - (value / levels.at(-1)) * (high - low - 10);
    const label = (i) => (kind === 'day' ? `${String(i).padStart(2, '0')}:00` : String(i + 1));
    const bar = ([value, quality], i, kindOf, at, size) => drawn('rect', { class: `${kindOf} ${quality === 'm' || quality === 'd' ? '' : 'partly'}`, x: left + i * step + at * step, y: y(value), width: size * step, height: Math.max(0, high - low - y(value)), 'data-bar': i }, drawn('title', {}, `${label(i)} · ${number(value)} ${unit}${quality === 'm' ? '' : ` · ${context.quality({ d: 'derived', e: 'est_linear', s: 'substituted', p: 'partial', x: 'suspect' }[quality])}`}`));
    const parts = (PARTS[figure] ?? []).map(([name, of]) => ({ of, list: bars(now, name, period, zone) })).filter(({ list }) => list.some(([value] = [0]) => value > 0));
    /** What of a bar came from where, or went where, one upon the other; what is not known keeps the bar's colour. */
    const stack = ([whole, quality], i) => {
      let below = 0;
      return parts.map(({ of, list }) => {
        const value = Math.min(list[i]?.[0] ?? 0, whole - below);
        if (value <= 0) return null;
        below += value;
        return drawn('rect', { class: `part ${of} ${quality === 'm' || quality === 'd' ? '' : 'partly'}`, x: left + (i + 0.1) * step, y: y(below), width: step * 0.4, height: y(below - value) - y(below) }, drawn('title', {}, `${label(i)} · ${t(`n.${of}`)} ${number(value)} ${unit}`));
      });
    };
    const every = Math.ceil(count / (narrow ? 6 : kind === 'day' ? 12 : 16));
    const partly = known.filter(([, quality]) => quality === 'p' || quality === 'x').length;
    const change = sumThen > 0 ? `${sum >= sumThen ? '+' : '−'}${Math.abs((sum / sumThen - 1) * 100).toFixed(1)} %` : t('none');
    return make('section', { class: `chart bars ${role}` }, make('div', { class: 'head' }, make('h2', {}, `${t(`f.${figure}`)} · ${unit}`), make('b', {}, t('total', { value: `${number(sumOf(now.figures[figure]))} ${unit}` })), without > 0 && make('small', { class: 'warn' }, t(`without.${kind}`, { n: without }))),
      drawn('svg', { viewBox: `0 0 ${wide} ${high}`, role: 'img', 'aria-label': `${t(`f.${figure}`)} ${period}: ${number(sumOf(now.figures[figure]))} ${unit}` },
        levels.map((level) => [drawn('path', { class: 'level', d: `M${left} ${y(level)}H${wide}` }), drawn('text', { class: 'right', x: left - 6, y: y(level) + 4 }, level.toLocaleString('en-US'))]),
        others.map((each, i) => each && i < count && bar(each, i, 'then', 0.5, 0.36)), ours.map((each, i) => each && [bar(each, i, 'now', 0.1, 0.4), stack(each, i)]),
        Array.from({ length: count }, (_, i) => i % every === 0 && drawn('text', { x: left + (i + 0.5) * step, y: high - 5 }, label(i)))),
      make('p', { class: 'legend' }, make('span', { class: 'key now' }), period, parts.map(({ of }) => [make('span', { class: `key part ${of}` }), t(`n.${of}`)]), ' ', make('span', { class: 'key then' }), `${t(`before.${kind}`)} ${moved(period, -1)}`),
      make('p', { class: 'compared' }, both.length > 0 ? t('same', { now: `${number(sum)} ${unit}`, before: t(`before.${kind}`), then: `${number(sumThen)} ${unit}`, change }) : t('noneBefore', { before: t(`before.${kind}`) })),
      partly > 0 && make('p', { class: 'soft' }, t('lacks', { n: partly })), !now.complete && make('p', { class: 'warn' }, t('part')),
      make('details', { class: 'numbers' }, make('summary', {}, t('table')), make('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': t('table') }, make('table', {}, make('thead', {}, make('tr', {}, [t('time'), period, moved(period, -1)].map((text) => make('th', { scope: 'col' }, text)))),
        make('tbody', {}, Array.from({ length: count }, (_, i) => make('tr', {}, make('th', { scope: 'row' }, label(i)), [ours, others].map((list) => make('td', {}, list[i] ? `${number(list[i][0])} ${unit}` : t('none'))))))))),
      make('a', { href: csv(label, count, ours, others), download: `${snapshot().gateway}-${figure}-${period}.csv` }, t('csv')));
  }

  function csv(label, count, ours, others) {
    const lines = Array.from({ length: count }, (_, i) => [label(i), ours[i]?.[0] ?? '', ours[i]?.[1] ?? '', others[i]?.[0] ?? '', others[i]?.[1] ?? ''].join(','));
    return URL.createObjectURL(new Blob([`\ufeff${['time', `${figure} ${period}`, 'quality', `${figure} ${moved(period, -1)}`, 'quality'].join(',')}\n${lines.join('\n')}\n`], { type: 'text/csv' }));
  }

  /** Bands between what gives and what takes, as wide as what went there. */
  function sankey(unsorted, unit, nameOf) {
    const whole = (side, link) => unsorted.filter((other) => other[side] === link[side]).reduce((sum, [, , value]) => sum + value, 0);
    const links = [...unsorted].sort((a, b) => whole(0, b) - whole(0, a) || whole(1, b) - whole(1, a)); // the largest on top, on both sides
    const room = root.clientWidth - 34;
    const [wide, high, box] = [room < 560 ? 360 : room < 800 ? room : (room - 50) / 2, room < 560 ? 260 : 320, 10];
    const all = links.reduce((sum, [, , value]) => sum + value, 0);
    const ends = [0, 1].map((side) => [...new Set(links.map((link) => link[side]))].map((name) => ({ name, value: links.filter((link) => link[side] === name).reduce((sum, link) => sum + link[2], 0), used: 0, top: 0 })));
    const scale = (high - 30 * (Math.max(ends[0].length, ends[1].length) - 1) - 20) / all;
    ends.forEach((side) => side.reduce((top, end) => { end.top = top; return top + end.value * scale + 30; }, 14));
    // A load of hydrogen has its colour, as in the flow picture.
    const kindOf = (name) => (name.startsWith('load.') && snapshot().flow.meters.some((meter) => meter.id === name.slice(5) && HYDROGEN.includes(meter.role)) ? 'h2' : name.split('.')[0]);
    const text = (end, x, side) => drawn('text', { class: side, x, y: end.top - 3 }, `${nameOf(end.name)} ${number(end.value)} ${unit}`);
    const end = (side, name) => ends[side].find((each) => each.name === name);
    return drawn('svg', { class: 'sankey', viewBox: `0 0 ${wide} ${high}`, role: 'img', 'aria-label': links.map(([from, to, value]) => `${nameOf(from)} → ${nameOf(to)} ${number(value)} ${unit}`).join(language === 'zh' ? '；' : '; ') },
      links.map(([from, to, value]) => {
        const [a, b, size] = [end(0, from), end(1, to), value * scale];
        const [y, z] = [a.top + a.used + size / 2, b.top + b.used + size / 2];
        a.used += size;
        b.used += size;
        return drawn('path', { class: `band ${from.split('.')[0]}`, d: `M${box} ${y}C${wide / 2} ${y} ${wide / 2} ${z} ${wide - box} ${z}`, 'stroke-width': Math.max(1, size) }, drawn('title', {}, `${nameOf(from)} → ${nameOf(to)} ${number(value)} ${unit}`));
      }),
      ends.map((side, i) => side.map((each) => [drawn('rect', { class: `node ${kindOf(each.name)}`, x: i === 0 ? 0 : wide - box, y: each.top, width: box, height: Math.max(1, each.value * scale) }), text(each, i === 0 ? 0 : wide, i === 0 ? 'left' : 'right')])));
  }

  function went(title, why, links, unit, missing) {
    const nameOf = (end) => (end.startsWith('load.') ? named(end.slice(5), 'meter:') : context.own('energy', words)[`n.${end}`] ?? end);
    const note = links.length > 0 && missing > 0 && make('p', { class: 'warn small' }, `◷ ${t('wentLacks', { n: missing })}`);
    return make('section', { class: 'went' }, make('h2', {}, t(title)), links.length > 0 ? sankey(links, unit, nameOf) : make('p', { class: 'soft' }, t('wentNone')), note, make('p', { class: 'soft' }, t(why)));
  }

  async function compared() {
    const [now, then] = [await rows(period, LENGTHS[kind]), await rows(moved(period, -1), LENGTHS[kind])];
    if (over) return;
    const { meters } = snapshot().flow;
    const [energies, emissions] = [energy(now, meters), carbon(now, meters)];
    place.replaceChildren(chart(now, then), make('div', { class: 'halves' }, went('went', 'wentWhy', energies.links, 'kWh', lacking(now, energies.rows)), went('carbonWent', 'carbonWhy', emissions.links, 'kgCO₂', lacking(now, emissions.rows))));
  }

  /** Twelve answers, each drawn as it comes: a day is a column on a desk and a row on a phone. */
  async function heat() {
    const across = root.clientWidth >= 600;
    const days = Math.round((start(moved(period, 1)) - start(period)) / (24 * HOUR_MS));
    const cells = Array.from({ length: days }, () => []);
    const size = across ? [3 * days, 3 * QUARTERS] : [3 * QUARTERS, 2 * days];
    const canvas = make('canvas', { width: size[0], height: size[1], class: 'heat', role: 'img', 'aria-label': `${t('heat')} ${period}` });
    const axis = (of, texts) => make('div', { class: `axis ${of}`, 'aria-hidden': 'true' }, texts.map((text) => make('span', {}, text)));
    const said = make('p', { class: 'soft', role: 'status' });
    const scaleText = make('span', {});
    draw(place, make('section', { class: `chart ${role}` }, make('div', { class: 'head' }, make('h2', {}, `${t(`f.${figure}`)} · ${t('heat')}`), make('span', { class: 'soft' }, '0 ', make('span', { class: 'ramp' }), ' ', scaleText)), make('div', { class: `heat-plot ${across ? 'across' : ''}` }, canvas, axis('months', Array.from({ length: 12 }, (_, i) => String(i + 1))), axis('hours', ['00', '06', '12', '18'])), said, make('p', { class: 'soft' }, t('heatWhy'))));
    const shownCanvas = place.querySelector('canvas');
    const pen = shownCanvas.getContext('2d');
    const first = Date.parse(`${period}-01-01`) / (24 * HOUR_MS);
    let most = 0;
    const paint = () => {
      const styles = getComputedStyle(shownCanvas);
      pen.fillStyle = styles.getPropertyValue('--edge');
      pen.fillRect(0, 0, ...size);
      cells.forEach((day, d) => day.forEach((kw, q) => {
        pen.globalAlpha = 1;
        pen.fillStyle = styles.getPropertyValue('--card');
        const box = across ? [3 * d, 3 * q, 3, 3] : [3 * q, 2 * d, 3, 2];
        pen.fillRect(...box);
        pen.globalAlpha = most > 0 ? 0.06 + 0.94 * (kw / most) : 0.06;
        pen.fillStyle = styles.getPropertyValue(`--${role}`);
        pen.fillRect(...box);
      }));
      pen.globalAlpha = 1;
      place.querySelector('.head span span:last-child').textContent = t('most', { value: number(most) });
    };
    const status = place.querySelector('[role=status]');
    let chunk = MONTH_MS;
    let whole = true;
    for (let month = 1; month <= 12 && !over; month++) {
      const of = `${period}-${String(month).padStart(2, '0')}`;
      if (start(of) > snapshot().now) break;
      status.textContent = t('readingMonth', { n: month });
      const sums = new Map();
      const end = Math.min(snapshot().now, start(moved(of, 1)));
      for (let from = start(of); from < end && !over; from += chunk) {
        let data = await rows(of, 'base', figure, from, Math.min(end, from + chunk));
        if (!data.complete && chunk > SMALL_MS) { // intervals of a minute are more than fit into one answer
          chunk = SMALL_MS;
          data = await rows(of, 'base', figure, from, Math.min(end, from + chunk));
        }
        whole &&= data.complete;
        gather(data, figure, zone, sums);
      }
      sums.forEach(([kwh, time], key) => {
        const day = Math.floor(key / QUARTERS) - first;
        const kw = kwh / (time / HOUR_MS);
        if (cells[day]) cells[day][key % QUARTERS] = kw;
        most = Math.max(most, kw);
      });
      paint();
      status.textContent = whole ? '' : t('part');
    }
    const point = ({ offsetX, offsetY }) => {
      const [x, y] = [offsetX / shownCanvas.clientWidth, offsetY / shownCanvas.clientHeight];
      const [d, q] = across ? [Math.floor(x * days), Math.floor(y * QUARTERS)] : [Math.floor(y * days), Math.floor(x * QUARTERS)];
      const at = new Date(Date.UTC(Number(period), 0, 1 + d, 0, 15 * q)).toISOString();
      status.textContent = t('heatAt', { time: `${at.slice(5, 10)} ${at.slice(11, 16)}`, value: number(cells[d]?.[q]) });
    };
    for (const event of ['pointermove', 'pointerdown']) shownCanvas.addEventListener(event, point);
  }

  const top = make('div', {});
  root.append(top, place);
  draw(top, controls());
  top.addEventListener('change', ({ target }) => {
    if (/^\d{4}(-\d\d){0,2}$/.test(target.value)) go(address({ period: target.value }).slice(1));
  });
  place.append(make('p', { class: 'notice', role: 'status' }, t('reading')));
  (kind === 'heat' ? heat() : compared()).catch((problem) => {
    if (!over) place.replaceChildren(make('p', { class: 'notice', role: 'alert' }, t('failedRead', { why: problem.message })));
  });
  return { update() {}, close() { over = true; } };
}
