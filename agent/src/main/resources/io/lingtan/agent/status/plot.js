// One plot of the charts with its legend, which tells the values in words too, and its table. A gap
// stays open and its minutes are printed: absent is not zero. Times are the site's.

import { lines } from '/lines.js';

export const words = {
  zh: {
    at: '{time} 的值', band: '色带为该时段内的最低和最高值；空白处没有读数。', csv: '下载 CSV', empty: '这段时间没有数据。', gap: '缺 {amount}', latest: '最近的值', noGap: '无缺口', png: '保存图片', sampled: '时间较长，只抽取了部分记录：尖峰和短缺口可能没有显示。', table: '数据表', then: '（当时 {value}）', time: '时间', since: '从现存最早的读数（{time}）起计。',
  },
  en: {
    at: 'at {time}', band: 'The band shows the lowest and highest value; where it is empty there was no reading.', csv: 'Download CSV', empty: 'There is no data in this time.', gap: '{amount} missing', latest: 'latest', noGap: 'no gap', png: 'Save picture', sampled: 'A long time: only some of the records were looked at, so peaks and short gaps may be missing.', table: 'Data table', then: '(then {value})', time: 'Time', since: 'Counted from the oldest reading kept, {time}.',
  },
};

const ONE = new Set(['phases', 'own']); // groups that are of one device
// The colour of a line says what it is, as in the flow picture.
const ROLES = { pv: 0, grid: 1, battery: 2, load: 3, charger: 3, electrolyser: 4, compressor: 4, h2_storage: 4, h2_dispenser: 4, chp: 5 };
const COLOURS = [0, 1, 2, 3, 4, 5];
const DASHES = [undefined, [6, 4], [2, 3]]; // of those that are the same
const nearly = new Set(['voltage', 'temperature']); // what hardly changes is not drawn from zero
const MINUTE = { hour: '2-digit', minute: '2-digit' };
const SECOND = { ...MINUTE, second: '2-digit' };
const DAY = { month: '2-digit', day: '2-digit' };
const DAY_MS = 86400000;
const SECOND_MS = 1000; // a shorter gap is how punctual polls are
const hidden = new Set(); // series that nobody wants to see, while the page is open

/** Values as the scale shows them: watts as kilowatts where they are many. */
export function scale(series) {
  const largest = Math.max(0, ...series.flatMap((each) => [...(each.max ?? each.last), ...(each.min ?? [])].map((value) => Math.abs(value ?? 0))));
  const kilo = series.every((each) => each.symbol === 'W') && largest >= 1000;
  return { factor: kilo ? 0.001 : 1, symbol: kilo ? 'kW' : series[0]?.symbol ?? '' };
}

function clock(zone, language, options) {
  const format = new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', { timeZone: zone, hourCycle: 'h23', ...options });
  return (milliseconds) => format.format(milliseconds);
}

/**
 * Draws one. The answer has its quantity, path, data and, to compare with, the data of as long before.
 *
 * @param zoom called with the two ends of what a mouse was drawn over, UTC ms
 * @param {import('/shell/page.js').Context} context
 */
export function plot(holder, root, context, { group, isAlone, answer, isOpen, before, zoom }) {
  const { t, language, span: inWords, named, spelt, make, draw, snapshot } = context;
  const { quantity, path, data, earlier } = answer;
  const { series, from, to, parts, zone } = data;
  const { factor, symbol } = scale(series);
  const length = (to - from) / parts;
  const time = clock(zone, language, to - from > 1.5 * DAY_MS ? { ...DAY, ...MINUTE } : to - from <= DAY_MS / 24 ? SECOND : MINUTE);
  const times = Array.from({ length: parts }, (_, i) => (from + (i + 0.5) * length) / 1000);
  const minus = (text) => text.replace('-', '−');
  const text = (value) => (value === null || value === undefined ? t('none') : minus(Math.abs(value * factor) < 0.005 ? String(Number((value * factor).toPrecision(3))) : (value * factor).toLocaleString('en-US', { maximumFractionDigits: Math.abs(value * factor) >= 100 ? 1 : 2 })));
  const look = looks();
  const kind = (i) => (group === 'phases' ? `phase${'123'.indexOf(series[i].point.at(-1))}` : `line${look[i][0]}`);
  const key = (each) => `${each.device}/${each.point}`;

  const place = make('div', { class: 'plot', role: 'img' });
  const legend = make('ul', { class: 'legend' });
  const details = make('details', { class: 'numbers', open: isOpen }, make('summary', {}, t('table')));
  const title = `${t(quantity)}${symbol ? ` · ${symbol}` : ''}`;
  const file = `${snapshot().gateway}-${quantity}-${new Date(to).toISOString().slice(0, 10)}`;
  const png = make('button', { type: 'button', class: 'plain-link' }, t('png'));
  const box = make('section', { class: 'chart' }, make('div', { class: 'head' }, make('h2', {}, title), make('span', { class: 'save' }, png, ' ',
    make('a', { href: `${path}&from=${from}&to=${to}&form=csv`, download: `${file}.csv` }, t('csv')))),
  place, legend, !data.complete && make('p', { class: 'soft' }, t('sampled')), make('p', { class: 'soft' }, t('band'), data.since && ` ${t('since', { time: clock(zone, language, { ...DAY, ...MINUTE })(data.since) })}`), details);
  holder.append(box);
  const lastOf = (each) => each.last.findLastIndex((value) => value !== null);
  place.setAttribute('aria-label', `${title}: ${series.map((each) => `${name(each)} ${lastOf(each) < 0 ? t('noData') : `${text(each.last[lastOf(each)])} ${symbol}`}, ${gapText(each)}`).join('; ')}`);

  /** For each series the number of its colour, and how many before it have the same. */
  function looks() {
    const meters = snapshot().flow.meters;
    const own = series.map((each) => (ONE.has(group) ? undefined : ROLES[meters.find((meter) => meter.device === each.device)?.role]));
    const free = COLOURS.filter((colour) => !own.includes(colour));
    const colours = own.map((colour, i) => colour ?? free.shift() ?? i % COLOURS.length);
    return colours.map((colour, i) => [colour, colours.slice(0, i).filter((other) => other === colour).length % DASHES.length]);
  }

  function name(each) {
    const point = language === 'zh' ? each.zh : each.en ?? spelt(each.point);
    return ONE.has(group) ? point : isAlone ? named(each.device) : `${named(each.device)} ${point}`;
  }

  function gapText(each) {
    return each.gap_ms >= SECOND_MS ? t('gap', { amount: inWords(each.gap_ms) }) : t('noGap');
  }

  function drawLegend(at) {
    draw(legend, make('li', { class: 'soft when' }, at === null ? t('latest') : t('at', { time: time(times[at] * 1000) })), series.map((each, i) => {
      const index = at ?? lastOf(each);
      const range = at !== null && each.max && each.max[at] !== null && each.max[at] !== each.min[at] ? ` (${text(each.min[at])}–${text(each.max[at])})` : '';
      const then = at !== null && earlier?.series[i].last[at];
      const off = hidden.has(key(each));
      return make('li', { class: off ? 'off' : null }, make('span', { class: `swatch ${kind(i)} dash${look[i][1]}`, 'aria-hidden': 'true' }), make('button', { type: 'button', 'data-series': key(each), 'aria-pressed': String(!off) }, name(each)), ' ',
        make('b', {}, index < 0 ? t('none') : text(each.last[index])), index >= 0 && ` ${symbol}${range}`, ' ',
        typeof then === 'number' && make('small', {}, `${t('then', { value: text(then) })} `), make('small', { class: each.gap_ms >= SECOND_MS ? 'warn' : '' }, gapText(each)));
    }));
  }

  /** The lines that are wanted, in the colours of the theme; of an earlier time thin and behind. */
  function drawing() {
    const styles = getComputedStyle(root);
    const colour = (of) => styles.getPropertyValue(of).trim();
    const scaled = (list) => list?.map((value) => (value === null ? null : value * factor));
    const shift = earlier ? from - earlier.from : 0;
    const all = [];
    series.forEach((each, i) => {
      if (hidden.has(key(each))) return;
      const stroke = colour(`--${kind(i)}`);
      const then = earlier?.series[i];
      if (then) all.unshift({ values: scaled(then.last), stroke: `${stroke}88`, width: 1, dash: [3, 3], gaps: then.gaps.map((gap) => gap.map((end) => end + shift)) });
      all.push({ values: scaled(each.last), min: scaled(each.min), max: scaled(each.max), stroke, width: 1.75, dash: DASHES[look[i][1]], gaps: each.gaps });
    });
    return { from, to, zone, lines: all, none: t('empty'), tight: nearly.has(quantity), ink: colour('--soft'), edge: colour('--edge'), accent: colour('--accent') };
  }

  // Table and picture are fetched when somebody wants one.
  const tools = () => import('/chart-tools.js');
  async function fillTable() {
    if (details.open && !details.querySelector('.scroll')) (await tools()).table(details, context, { ...data, title, symbol, name, text, said: { table: t('table'), empty: t('empty'), time: t('time') }, time: (i) => time(times[i] * 1000) });
  }

  legend.addEventListener('click', (event) => {
    const pressed = event.target.closest('[data-series]')?.dataset.series;
    if (!pressed) return;
    if (!hidden.delete(pressed)) hidden.add(pressed);
    chart.paint();
    drawLegend(null);
  });
  png.addEventListener('click', async () => (await tools()).picture(context, { title, file: `${file}.png`, canvas: chart.canvas, legend, when: [from, to].map(clock(zone, language, { ...DAY, ...MINUTE })).join(' – '), root }));
  drawLegend(null);
  const chart = lines(place, window.innerWidth < 600 ? 200 : 260, parts, drawing, { point: drawLegend, select: zoom });
  if (before !== null) chart.mark(before);
  details.addEventListener('toggle', fillTable);
  fillTable();
  const dark = matchMedia('(prefers-color-scheme: dark)');
  dark.addEventListener('change', chart.paint);
  return {
    marked: chart.marked,
    close() {
      chart.close();
      dark.removeEventListener('change', chart.paint);
    },
  };
}
