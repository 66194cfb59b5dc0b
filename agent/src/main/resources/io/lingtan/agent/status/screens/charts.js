// What points did over hours and days: which, of what time, and compared with what. The plots are
// plot.js, the completeness strip strip.js; years and balances of energy are energy.js, which is
// fetched when it is asked for. Times are the site's, whatever the phone's zone is.

import { offset } from '/lines.js';
import { plot, words as plotWords } from '/plot.js';
import { strip, words as stripWords } from '/strip.js';

export const styles = ['/screens/charts.css', '/strip.css'];
export const words = {
  zh: {
    ...stripWords.zh, ...plotWords.zh, what: '内容', span: '时间', device: '仪表', power: '功率', soc: '荷电状态', hydrogen: '氢气', phases: '分相', temperature: '温度', own: '自定义', energy: '能量与碳 ›',
    back: '往前', next: '往后', day: '日期', closer: '放大', wider: '缩小', compare1: '对比前一天', compare: '对比 {n} 天前',
    '1h': '1 小时', '6h': '6 小时', '24h': '24 小时', '7d': '7 天', voltage: '电压', current: '电流', mass: '质量', pressure: '压力', flow: '流量',
    reading: '正在读取历史数据…', failedRead: '没有读到：{why}', again: '再试一次', nothing: '没有仪表提供这类数据。',
  },
  en: {
    ...stripWords.en, ...plotWords.en, what: 'What', span: 'Time', device: 'Meter', power: 'Power', soc: 'State of charge', hydrogen: 'Hydrogen', phases: 'Phases', temperature: 'Temperature', own: 'Own points', energy: 'Energy and carbon ›',
    back: 'Earlier', next: 'Later', day: 'Day', closer: 'Closer', wider: 'Wider', compare1: 'with the day before', compare: 'with {n} d before',
    '1h': '1 h', '6h': '6 h', '24h': '24 h', '7d': '7 d', voltage: 'Voltage', current: 'Current', mass: 'Mass', pressure: 'Pressure', flow: 'Flow',
    reading: 'Reading the history…', failedRead: 'Nothing was read: {why}', again: 'Try again', nothing: 'No meter has such values.',
  },
};

const GROUPS = {
  power: [['power', ['power']]],
  soc: [['soc', ['soc']]],
  hydrogen: [['pressure', ['pressure']], ['flow', ['flow']], ['mass', ['mass']]],
  phases: [['power', ['power_l1', 'power_l2', 'power_l3']], ['voltage', ['voltage_l1', 'voltage_l2', 'voltage_l3']], ['current', ['current_l1', 'current_l2', 'current_l3']]],
  temperature: [['temperature', ['temperature']]],
  own: [], // what the device's profile names itself, by unit
};
const SPANS = ['1h', '6h', '24h', '7d'];
const MOST = 8; // series of one request
const MOST_OWN = 6; // plots of one device
const ONE = new Set(['phases', 'own']); // groups that are of one device
const ALONE = new Set(['power', 'soc', 'hydrogen', 'temperature']); // whose lines a device's name says enough of
const REFRESH_MS = { '1h': 15000, '6h': 60000, '24h': 60000, '7d': 300000 };
const DAY_MS = 86400000;
const LENGTHS = { '1h': DAY_MS / 24, '6h': DAY_MS / 4, '24h': DAY_MS, '7d': 7 * DAY_MS };
const LEAST_MS = 300000;
const MOST_MS = 31 * DAY_MS;
let isCompared = false;

/** What lines there are: a list of plots, each of one quantity and at most eight series. */
export function plots(devices, group, chosen) {
  const all = [];
  for (const [quantity, points] of GROUPS[group]) {
    const series = [];
    for (const device of devices) {
      if (group === 'phases' && device.id !== chosen) continue;
      const known = new Set([...device.values, ...(device.old ?? [])].map((value) => value.p));
      for (const point of points) if (known.has(point)) series.push(`${device.id}/${point}`);
    }
    for (let i = 0; i < series.length; i += MOST) all.push({ quantity, series: series.slice(i, i + MOST) });
  }
  if (group === 'own') {
    const units = new Map();
    for (const device of devices.filter(({ id }) => id === chosen)) {
      for (const { p, u, en, v } of [...device.values, ...(device.old ?? [])]) {
        if (en !== undefined && typeof v === 'number') units.set(u, [...(units.get(u) ?? []), `${device.id}/${p}`]);
      }
    }
    for (const series of units.values()) {
      for (let i = 0; i < series.length; i += MOST) all.push({ quantity: group, series: series.slice(i, i + MOST) });
    }
    return all.slice(0, MOST_OWN);
  }
  return all;
}

/** The instant at which a local day begins, UTC ms; the day as 2026-11-30. */
export function midnight(day, zone) {
  const utc = Date.parse(`${day}T00:00Z`);
  return utc - offset(utc - offset(utc, zone), zone);
}

const localDay = (milliseconds, zone) => new Date(milliseconds + offset(milliseconds, zone)).toISOString().slice(0, 10);

/**
 * Energy and carbon are a module of their own, behind #charts/energy.
 *
 * @param {import('/shell/page.js').Context} context
 */
function showEnergy(root, context) {
  let shown;
  let over = false;
  import('/energy.js').then((module) => { if (!over) shown = module.show(root, context); });
  return { update() {}, close() { over = true; shown?.close(); } };
}

/** @param {import('/shell/page.js').Context} context */
export function show(root, context) {
  if (context.route.split('/')[0] === 'energy') return showEnergy(root, context);
  const { t, ask, named, make, draw, snapshot, go } = context;
  const [route = '', routeSpan = '', routeDevice = ''] = context.route.split('/');
  const group = GROUPS[route] ? route : 'power';
  const fixed = /^(\d+)-(\d+)$/.exec(routeSpan)?.slice(1).map(Number); // two instants, UTC ms; else the last hours or days
  let span = fixed ? routeSpan : SPANS.includes(routeSpan) ? routeSpan : '24h';
  const phased = (of = group) => snapshot().devices.filter((device) => plots([device], ONE.has(of) ? of : 'phases', device.id).length > 0).map((device) => device.id);
  const device = routeDevice || phased()[0] || '';
  const address = (change) => {
    const to = { group, span, device: ONE.has(group) ? device : '', ...change };
    return `charts/${to.group}/${to.span}${to.device ? `/${to.device}` : ''}`;
  };

  /** The time that is shown, UTC ms. */
  const shown = () => fixed ?? [snapshot().now - LENGTHS[span], snapshot().now];

  /** The address of another time; one that ends now is a span by its name. */
  function timed(from, to) {
    const { now } = snapshot();
    const length = Math.max(LEAST_MS, Math.min(MOST_MS, to - from));
    const named = to >= now - LEAST_MS && SPANS.find((each) => LENGTHS[each] === length);
    const end = Math.round(Math.min(to, now));
    return address({ span: named || `${Math.round(end - length)}-${end}` });
  }

  const controls = make('div', { class: 'chart-controls' });
  const holder = make('div', { class: 'stack chart-holder', 'aria-live': 'off' });
  const stripHolder = make('section', {});
  root.append(controls, holder, stripHolder);
  const theStrip = strip(stripHolder, context);
  let drawn = []; // the plots on the screen
  let lastRead = -Infinity;
  let busy = false;
  let over = false;

  function choice(label, options, current, change, more) {
    return make('div', { class: 'choice', role: 'group', 'aria-label': label }, options.map((option) => make('a', {
      class: 'pick', href: `#${address(change(option))}`, 'aria-current': option === current ? 'true' : null,
    }, context.own('charts', words)[option] ?? named(option))), more);
  }

  /** Ways to another time: before and after, a day of the calendar, closer and wider; and what to compare with. */
  function times() {
    const { now, zone } = snapshot();
    const [from, to] = shown();
    const length = to - from;
    const step = (text, key, ...range) => make('a', { class: 'pick', href: `#${timed(...range)}`, 'aria-label': t(key), title: t(key) }, text);
    const middle = fixed ? (from + to) / 2 : to;
    const days = Math.ceil(length / DAY_MS);
    return make('div', { class: 'choice', role: 'group', 'aria-label': t('day') }, step('‹', 'back', from - length, from),
      make('input', { type: 'date', class: 'pick', 'aria-label': t('day'), max: localDay(now, zone), value: localDay(to - 1, zone) }),
      fixed && to < now && step('›', 'next', to, to + length),
      step('＋', 'closer', Math.max(middle - length / 4, to - length), Math.min(to, middle + length / 4)), step('－', 'wider', from - length / 2, to + length / 2),
      make('button', { type: 'button', class: 'pick', 'data-compare': true, 'aria-pressed': String(isCompared) }, t(days === 1 ? 'compare1' : 'compare', { n: days })));
  }

  function drawControls() {
    const devices = snapshot().devices;
    const groups = Object.keys(GROUPS).filter((name) => name === group || (ONE.has(name) ? phased(name).length : plots(devices, name).length));
    draw(controls, choice(t('what'), groups, group, (option) => ({ group: option, device: '' }), make('a', { class: 'pick', href: '#charts/energy/day' }, t('energy'))), choice(t('span'), SPANS, span, (option) => ({ span: option })), times(),
      ONE.has(group) && phased().length > 1 && choice(t('device'), phased(), device, (option) => ({ device: option })));
  }

  /** What is kept of these series; null where it is not asked for. */
  async function history(path) {
    const answer = await ask(path, { timeout: 20000 });
    if (!answer.ok) throw new Error((await answer.text()).trim());
    return answer.json();
  }

  /** One plot's data, and those of as many whole days before. */
  async function readPlot(of) {
    const parts = root.clientWidth < 600 ? 150 : 240;
    const path = `/api/history?series=${of.series.join(',')}&parts=${parts}`;
    const data = await history(`${path}${fixed ? `&from=${fixed[0]}&to=${fixed[1]}` : `&span=${span}`}`);
    const back = Math.ceil((data.to - data.from) / DAY_MS) * DAY_MS;
    return { ...of, path, data, earlier: isCompared ? await history(`${path}&from=${data.from - back}&to=${data.to - back}`) : null };
  }

  async function read() {
    if (busy) return;
    const wanted = plots(snapshot().devices, group, device);
    if (wanted.length === 0) {
      holder.style.minHeight = '0';
      holder.replaceChildren(make('p', { class: 'notice' }, t('nothing')));
      return;
    }
    busy = true;
    // As much room as the plots will take, so that nothing below them jumps.
    const reserved = wanted.length === 1 && wanted[0].series.length < 3 ? '24rem' : '';
    holder.style.minHeight = reserved;
    if (drawn.length === 0) holder.replaceChildren(...wanted.map((_, i) => make('section', { class: 'coming' }, i === 0 && make('p', { class: 'notice', role: 'status' }, t('reading')))));
    try {
      const answers = [];
      for (const each of wanted) {
        let answer = await readPlot(each);
        const { since, to } = answer.data;
        const fits = since && !routeSpan && SPANS.find((name) => LENGTHS[name] >= to - since);
        if (fits && fits !== span) { // of a young site the last hour says more than a day of nothing
          span = fits;
          answer = await readPlot(each);
        }
        answers.push(answer);
      }
      drawControls();
      if (!over) build(answers, reserved);
    } catch (problem) {
      if (!over && drawn.length === 0) {
        holder.replaceChildren(make('p', { class: 'notice', role: 'alert' }, t('failedRead', { why: problem.message }), ' ', make('button', { type: 'button', 'data-again': true }, t('again'))));
      }
    } finally {
      busy = false;
      lastRead = performance.now();
    }
  }

  /** The same again with what came since: table, cursor and scroll stay. */
  function build(answers, reserved) {
    const open = [...holder.querySelectorAll('details')].map((details) => details.open);
    const marked = drawn.map((each) => each.marked());
    holder.style.minHeight = `${holder.offsetHeight}px`;
    drawn.forEach((each) => each.close());
    holder.replaceChildren();
    drawn = answers.map((answer, i) => plot(holder, root, context, { group, isAlone: ALONE.has(group), answer, isOpen: open[i] ?? false, before: marked[i] ?? null, zoom: (from, to) => go(timed(from, to)) }));
    holder.style.minHeight = reserved;
  }

  root.addEventListener('click', (event) => {
    if (event.target.closest('[data-again]')) read();
    if (event.target.closest('[data-compare]')) {
      isCompared = !isCompared;
      drawControls();
      read();
    }
  });
  root.addEventListener('change', ({ target }) => {
    if (target.type !== 'date' || !target.value) return;
    const from = midnight(target.value, snapshot().zone);
    go(timed(from, Math.min(from + DAY_MS, snapshot().now)));
  });
  return {
    update() {
      drawControls();
      stripHolder.hidden = snapshot().devices.length === 0;
      theStrip.update();
      if (performance.now() - lastRead > (REFRESH_MS[span] ?? (fixed[1] < snapshot().now && drawn.length > 0 ? Infinity : 60000))) read();
    },
    close() {
      over = true;
      theStrip.close();
      drawn.forEach((each) => each.close());
    },
  };
}
