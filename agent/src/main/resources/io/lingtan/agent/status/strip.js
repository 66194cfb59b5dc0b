// What became of the last day's readings, a row for each device; height tells the states apart.

export const words = {
  zh: {
    strip: '24 小时数据完整性', stripWhy: '每格 15 分钟；右侧为已采集的比例。', stripSince: '从现存最早的读数（{time}）起计。', stripReading: '正在统计…', stripFailed: '没有统计到：{why}',
    stripA: '已送达', stripB: '已采集，待上送', stripP: '部分缺失', stripF: '仪表未应答', stripN: '未采集', stripX: '未送达即删除', stripU: '未知', stripRow: '{device}：已采集 {percent}，待上送 {waiting} 条', stripMore: '只抽查了部分记录。',
  },
  en: {
    strip: 'Completeness over 24 h', stripWhy: 'Each cell is 15 min; on the right the share that was read.', stripSince: 'Counted from the oldest reading kept, {time}.', stripReading: 'Counting…', stripFailed: 'Could not be counted: {why}',
    stripA: 'delivered', stripB: 'read, to send', stripP: 'partly missing', stripF: 'meter silent', stripN: 'not read', stripX: 'removed unsent', stripU: 'not known', stripRow: '{device}: {percent} read, {waiting} to send', stripMore: 'Only some of the records were looked at.',
  },
};

const LETTERS = { a: 'stripA', b: 'stripB', p: 'stripP', f: 'stripF', n: 'stripN', x: 'stripX', u: 'stripU' };
const TOP = { a: 4, b: 8, p: 14, f: 17, n: 19, x: 0, u: 22 };
const REFRESH_MS = 300000;

/** Equal neighbours as one: [letter, from, count]. */
export function runs(cells) {
  const found = [];
  [...cells].forEach((letter, i) => {
    if (found.length > 0 && found.at(-1)[0] === letter) found.at(-1)[2]++;
    else found.push([letter, i, 1]);
  });
  return found;
}

export function percent(read, expected) {
  if (expected === 0) return '—';
  // Never rounded up to a hundred.
  return `${(Math.floor((read / expected) * 1000) / 10).toFixed(1)} %`;
}

/** @param {import('/shell/page.js').Context} context */
export function strip(root, context) {
  const { ask, make, drawn, draw, named } = context;
  const t = (key, values = {}) => context.own('strip', words)[key].replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
  let lastRead = -Infinity;
  let busy = false;

  function clock(zone, milliseconds) {
    return new Intl.DateTimeFormat('en-GB', { timeZone: zone, hourCycle: 'h23', hour: '2-digit', minute: '2-digit' }).format(milliseconds);
  }

  function row(device, parts) {
    const share = percent(device.read, device.expected);
    return make('li', {}, make('span', { class: 'strip-name', title: device.id }, named(device.id)),
      drawn('svg', { viewBox: `0 0 ${parts} 24`, preserveAspectRatio: 'none', role: 'img', 'aria-label': t('stripRow', { device: named(device.id), percent: share, waiting: device.waiting }) },
        runs(device.cells).filter(([letter]) => TOP[letter] !== undefined).map(([letter, from, count]) => drawn('rect', { class: `cell-${letter}`, x: from, y: TOP[letter], width: count, height: 24 - TOP[letter] }))),
      make('span', { class: 'strip-share' }, share));
  }

  function paint({ devices, parts, zone, from, to, since, complete }) {
    const present = Object.keys(LETTERS).filter((letter) => letter === 'a' || devices.some((device) => device.cells.includes(letter)));
    const middle = from + (to - from) / 2;
    draw(root, make('h2', {}, t('strip')), make('ol', { class: 'strip' }, devices.map((device) => row(device, parts))),
      make('div', { class: 'strip-axis' }, [from, middle, to].map((at) => make('span', {}, clock(zone, at)))),
      make('ul', { class: 'strip-legend' }, present.map((letter) => make('li', {}, drawn('svg', { viewBox: '0 0 24 24', 'aria-hidden': 'true' }, drawn('rect', { class: `cell-${letter}`, x: 4, y: TOP[letter], width: 16, height: 24 - TOP[letter] })), t(LETTERS[letter])))),
      make('p', { class: 'soft' }, t('stripWhy'), since !== undefined && ` ${t('stripSince', { time: clock(zone, since) })}`, !complete && ` ${t('stripMore')}`));
  }

  async function read() {
    busy = true;
    if (!root.firstChild) draw(root, make('h2', {}, t('strip')), make('p', { class: 'soft', role: 'status' }, t('stripReading')));
    try {
      const answer = await ask('/api/coverage', { timeout: 20000 });
      if (!answer.ok) throw new Error((await answer.text()).trim());
      paint(await answer.json());
      lastRead = performance.now();
    } catch (problem) {
      draw(root, make('h2', {}, t('strip')), make('p', { class: 'soft' }, t('stripFailed', { why: problem.message })));
      lastRead = performance.now() - REFRESH_MS + 10000;
    } finally {
      busy = false;
    }
  }

  return {
    update() {
      if (!busy && performance.now() - lastRead > REFRESH_MS) read();
    },
    close() {},
  };
}
