// What points did over hours and days. A gap stays open and its minutes are printed: absent is not zero.
// Times are the site's, whatever the phone's zone is.

import UPlot from '/vendor/uplot.js';
import { strip, words as stripWords } from '/strip.js';

export const styles = ['/screens/charts.css', '/strip.css', '/vendor/uplot.css'];
export const words = {
  zh: {
    ...stripWords.zh, what: '内容', span: '时间', device: '仪表', power: '功率', soc: '荷电状态', hydrogen: '氢气', phases: '分相', temperature: '温度', own: '自定义',
    '1h': '1 小时', '6h': '6 小时', '24h': '24 小时', '7d': '7 天', voltage: '电压', current: '电流', mass: '质量', pressure: '压力', flow: '流量',
    reading: '正在读取历史数据…', failedRead: '没有读到：{why}', again: '再试一次', nothing: '没有仪表提供这类数据。', empty: '这段时间没有数据。',
    sampled: '时间较长，只抽取了部分记录：尖峰和短缺口可能没有显示。', noGap: '无缺口', gap: '缺 {amount}', table: '数据表', csv: '下载 CSV', time: '时间', at: '{time} 的值', latest: '最近的值', band: '色带为该时段内的最低和最高值；空白处没有读数。',
  },
  en: {
    ...stripWords.en, what: 'What', span: 'Time', device: 'Meter', power: 'Power', soc: 'State of charge', hydrogen: 'Hydrogen', phases: 'Phases', temperature: 'Temperature', own: 'Own points',
    '1h': '1 h', '6h': '6 h', '24h': '24 h', '7d': '7 d', voltage: 'Voltage', current: 'Current', mass: 'Mass', pressure: 'Pressure', flow: 'Flow',
    reading: 'Reading the history…', failedRead: 'Nothing was read: {why}', again: 'Try again', nothing: 'No meter has such values.', empty: 'There is no data in this time.',
    sampled: 'A long time: only some of the records were looked at, so peaks and short gaps may be missing.', noGap: 'no gap', gap: '{amount} missing', table: 'Data table', csv: 'Download CSV', time: 'Time', at: 'at {time}', latest: 'latest', band: 'The band shows the lowest and highest value; where it is empty there was no reading.',
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
// The colour of a line says what it is, as in the flow picture.
const ROLES = { pv: 0, grid: 1, battery: 2, load: 3, charger: 3, electrolyser: 4, compressor: 4, h2_storage: 4, h2_dispenser: 4, chp: 5 };
const COLOURS = [0, 1, 2, 3, 4, 5];
const DASHES = [undefined, [6, 4], [2, 3]]; // of those that are the same
const nearly = new Set(['voltage', 'temperature']); // what hardly changes is not drawn from zero
const SPANS = ['1h', '6h', '24h', '7d'];
const MOST = 8; // series of one request
const MOST_OWN = 6; // plots of one device
const ONE = new Set(['phases', 'own']); // groups that are of one device
const REFRESH_MS = { '1h': 15000, '6h': 60000, '24h': 60000, '7d': 300000 };

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

const MINUTE = { hour: '2-digit', minute: '2-digit' };
const SECOND = { ...MINUTE, second: '2-digit' };
const DAY = { month: '2-digit', day: '2-digit' };

export function show(root, context) {
  const { t, language, ask, span: inWords, named, make, draw, snapshot, go } = context;
  const [route = '', routeSpan = '', routeDevice = ''] = context.route.split('/');
  const group = GROUPS[route] ? route : 'power';
  const span = SPANS.includes(routeSpan) ? routeSpan : '24h';
  const phased = (of = group) => snapshot().devices.filter((device) => plots([device], ONE.has(of) ? of : 'phases', device.id).length > 0).map((device) => device.id);
  const device = routeDevice || phased()[0] || '';
  const address = (change) => {
    const to = { group, span, device: ONE.has(group) ? device : '', ...change };
    return `charts/${to.group}/${to.span}${to.device ? `/${to.device}` : ''}`;
  };

  const controls = make('div', { class: 'chart-controls' });
  const holder = make('div', { class: 'stack chart-holder', 'aria-live': 'off' });
  const stripHolder = make('section', {});
  root.append(controls, holder, stripHolder);
  const theStrip = strip(stripHolder, context);
  let drawn = []; // the plots on the screen
  let lastRead = -Infinity;
  let busy = false;
  let over = false;

  function choice(label, options, current, change) {
    return make('div', { class: 'choice', role: 'group', 'aria-label': label }, options.map((option) => make('a', {
      class: 'pick', href: `#${address(change(option))}`, 'aria-current': option === current ? 'true' : null,
    }, words[language][option] ?? named(option))));
  }

  function drawControls() {
    const devices = snapshot().devices;
    const groups = Object.keys(GROUPS).filter((name) => name === group || (ONE.has(name) ? phased(name).length : plots(devices, name).length));
    draw(controls, choice(t('what'), groups, group, (option) => ({ group: option, device: '' })), choice(t('span'), SPANS, span, (option) => ({ span: option })),
      ONE.has(group) && phased().length > 1 && choice(t('device'), phased(), device, (option) => ({ device: option })));
  }

  async function read() {
    if (busy) return;
    const wanted = plots(snapshot().devices, group, device);
    if (wanted.length === 0) {
      holder.replaceChildren(make('p', { class: 'notice' }, t('nothing')));
      return;
    }
    busy = true;
    if (drawn.length === 0) holder.replaceChildren(make('p', { class: 'notice', role: 'status' }, t('reading')));
    try {
      const answers = [];
      for (const plot of wanted) {
        const path = `/api/history?series=${plot.series.join(',')}&span=${span}&parts=${root.clientWidth < 600 ? 150 : 240}`;
        const answer = await ask(path, { timeout: 20000 });
        if (!answer.ok) throw new Error((await answer.text()).trim());
        answers.push({ ...plot, path, data: await answer.json() });
      }
      if (!over) build(answers);
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
  function build(answers) {
    const open = [...holder.querySelectorAll('details')].map((details) => details.open);
    const marked = drawn.map((each) => each.marked());
    holder.style.minHeight = `${holder.offsetHeight}px`;
    drawn.forEach((each) => each.close());
    holder.replaceChildren();
    drawn = answers.map((answer, i) => plot(answer, open[i] ?? false, marked[i]));
    holder.style.minHeight = '';
  }

  /** For each series the number of its colour, and how many before it have the same. */
  function looks(series) {
    const meters = snapshot().flow.meters;
    const own = series.map((each) => (ONE.has(group) ? undefined : ROLES[meters.find((meter) => meter.device === each.device)?.role]));
    const free = COLOURS.filter((colour) => !own.includes(colour));
    const colours = own.map((colour, i) => colour ?? free.shift() ?? i % COLOURS.length);
    return colours.map((colour, i) => [colour, colours.slice(0, i).filter((other) => other === colour).length % DASHES.length]);
  }

  function name(series) {
    const point = language === 'zh' ? series.zh : series.en ?? series.point.replaceAll('_', ' ').replace(/ l([123])$/, (all, phase) => ` ${'ABC'[phase - 1]}`);
    return ONE.has(group) ? point : group === 'hydrogen' || group === 'temperature' || group === 'soc' || group === 'power' ? named(series.device) : `${named(series.device)} ${point}`;
  }

  function gapText(series) {
    return series.gap_ms > 0 ? t('gap', { amount: inWords(series.gap_ms) }) : t('noGap');
  }

  /** One plot with its legend, which tells the values in words too, and its table. */
  function plot({ quantity, path, data }, isOpen, before) {
    const { series, from, to, parts, zone } = data;
    const { factor, symbol } = scale(series);
    const length = (to - from) / parts;
    const time = clock(zone, language, span === '7d' ? { ...DAY, ...MINUTE } : span === '1h' ? SECOND : MINUTE);
    const times = Array.from({ length: parts }, (unused, i) => (from + (i + 0.5) * length) / 1000);
    const text = (value) => (value === null || value === undefined ? t('none') : Math.abs(value * factor) < 0.005 ? String(Number((value * factor).toPrecision(3))) : (value * factor).toLocaleString('en-US', { maximumFractionDigits: Math.abs(value * factor) >= 100 ? 1 : 2 }));
    const look = looks(series);
    const kind = (i) => (group === 'phases' ? `phase${'123'.indexOf(series[i].point.at(-1))}` : `line${look[i][0]}`);

    const place = make('div', { class: 'plot', role: 'img' });
    const legend = make('ul', { class: 'legend' });
    const details = make('details', { class: 'numbers', open: isOpen }, make('summary', {}, t('table')));
    const title = `${t(quantity)}${symbol ? ` · ${symbol}` : ''}`;
    const box = make('section', { class: 'chart' }, make('div', { class: 'head' }, make('h2', {}, title),
      make('a', { href: `${path}&from=${from}&to=${to}&form=csv`, download: `${snapshot().gateway}-${quantity}-${span}.csv` }, t('csv'))),
    place, legend, !data.complete && make('p', { class: 'soft' }, t('sampled')), make('p', { class: 'soft' }, t('band')), details);
    holder.append(box);
    const lastOf = (each) => each.last.findLastIndex((value) => value !== null);
    place.setAttribute('aria-label', `${title}: ${series.map((each) => `${name(each)} ${lastOf(each) < 0 ? t('noData') : `${text(each.last[lastOf(each)])} ${symbol}`}, ${gapText(each)}`).join('; ')}`);

    function drawLegend(at) {
      draw(legend, make('li', { class: 'soft when' }, at === null ? t('latest') : t('at', { time: time(times[at] * 1000) })), series.map((each, i) => {
        const index = at ?? lastOf(each);
        const range = at !== null && each.max && each.max[at] !== null && each.max[at] !== each.min[at] ? ` (${text(each.min[at])}–${text(each.max[at])})` : '';
        return make('li', {}, make('span', { class: `swatch ${kind(i)} dash${look[i][1]}`, 'aria-hidden': 'true' }), make('span', {}, name(each)), ' ',
          make('b', {}, index < 0 ? t('none') : text(each.last[index])), index >= 0 && ` ${symbol}${range}`, ' ', make('small', { class: each.gap_ms > 0 ? 'warn' : '' }, gapText(each)));
      }));
    }

    let chart;
    let touched = false; // a finger that is lifted leaves what it pointed at
    function paint() {
      chart?.destroy();
      const styles = getComputedStyle(root);
      const colour = (key) => styles.getPropertyValue(key).trim();
      const options = [{}];
      const values = [times];
      const bands = [];
      series.forEach((each, i) => {
        const stroke = colour(`--${kind(i)}`);
        // The very gaps of the readings, not those of the parts.
        const gaps = (u) => each.gaps.map(([begin, end]) => [Math.round(u.valToPos(begin / 1000, 'x', true)), Math.round(u.valToPos(end / 1000, 'x', true))]);
        const add = (list, more) => {
          options.push({ spanGaps: false, gaps, points: { show: false }, ...more });
          values.push(list.map((value) => (value === null ? null : value * factor)));
        };
        if (each.max) {
          add(each.max, { stroke: 'transparent', width: 0 });
          add(each.min, { stroke: 'transparent', width: 0 });
          bands.push({ series: [options.length - 2, options.length - 1], fill: `${stroke}33` });
        }
        add(each.last, { stroke, width: 1.75, dash: DASHES[look[i][1]] });
      });
      const axis = { stroke: colour('--soft'), font: '12px system-ui, sans-serif', grid: { stroke: colour('--edge'), width: 1 }, ticks: { stroke: colour('--edge'), width: 1, size: 4 } };
      chart = new UPlot({
        width: Math.max(200, place.clientWidth), height: window.innerWidth < 600 ? 200 : 260, ms: 1e-3,
        tzDate: (seconds) => UPlot.tzDate(new Date(seconds * 1000), zone), legend: { show: false }, cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 }, bind: { mouseleave: (u, over, leave) => (event) => { if (!touched) leave(event); } } },
        scales: { x: { time: true, range: [from / 1000, to / 1000] }, y: { range: (u, low, high) => (low === null ? [0, 1] : nearly.has(quantity) ? UPlot.rangeNum(low, high, 0.2, false) : UPlot.rangeNum(low, high, { min: { pad: 0.1, soft: 0, mode: 2 }, max: { pad: 0.1, soft: 0, mode: 2 } })) } },
        padding: [10, 20, 0, 0], axes: [{ ...axis, space: 56, size: 30, values: (u, splits) => splits.map((seconds) => axisText(seconds * 1000, zone)) }, { ...axis, size: 44, values: (u, splits) => splits.map((value) => value.toLocaleString('en-US')) }],
        series: options, bands,
        hooks: { setCursor: [(u) => drawLegend(u.cursor.left >= 0 ? u.cursor.idx : null)] },
      }, values, place);
      for (const kind of ['pointerdown', 'pointermove']) {
        chart.over.addEventListener(kind, (event) => {
          touched = event.pointerType !== 'mouse';
          if (touched) chart.setCursor({ left: event.offsetX, top: 0 });
        });
      }
    }

    /** The time that is pointed at, null for none. */
    function marked() {
      return chart.cursor.left >= 0 ? chart.posToVal(chart.cursor.left, 'x') : null;
    }

    function axisText(milliseconds, of) {
      const hour = clock(of, 'en', MINUTE)(milliseconds);
      return hour === '00:00' ? clock(of, 'zh', DAY)(milliseconds).replace('/', '-') : hour;
    }

    function fillTable() {
      if (!details.open || details.querySelector('table')) return;
      const rows = [];
      for (let i = parts - 1; i >= 0; i--) {
        if (series.some((each) => each.last[i] !== null)) {
          rows.push(make('tr', {}, make('th', { scope: 'row' }, time(times[i] * 1000)), series.map((each) => make('td', { class: 'right' }, text(each.last[i])))));
        }
      }
      details.append(rows.length === 0 ? make('p', {}, t('empty')) : make('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': `${title} ${t('table')}` }, make('table', {},
        make('thead', {}, make('tr', {}, make('th', { scope: 'col' }, t('time')), series.map((each) => make('th', { scope: 'col', class: 'right' }, `${name(each)} ${symbol}`)))), make('tbody', {}, rows))));
    }

    drawLegend(null);
    paint();
    if (before) queueMicrotask(() => chart.setCursor({ left: chart.valToPos(before, 'x'), top: 0 })); // its scales come as one
    details.addEventListener('toggle', fillTable);
    fillTable();
    const resized = new ResizeObserver(() => {
      const width = Math.max(200, place.clientWidth);
      if (Math.abs(width - chart.width) > 1) chart.setSize({ width, height: chart.height });
    });
    resized.observe(place);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', paint);
    return {
      marked,
      close() {
        resized.disconnect();
        dark.removeEventListener('change', paint);
        chart.destroy();
      },
    };
  }

  root.addEventListener('click', (event) => {
    if (event.target.closest('[data-again]')) read();
  });
  return {
    update() {
      drawControls();
      theStrip.update();
      if (performance.now() - lastRead > REFRESH_MS[span]) read();
    },
    close() {
      over = true;
      theStrip.close();
      drawn.forEach((each) => each.close());
    },
  };
}
