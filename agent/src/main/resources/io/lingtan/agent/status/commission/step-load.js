// A known load is switched on and off again: which meters moved by how much, and whether sign and
// size are what they should be. Worked out of what the page sees anyway; takes no line time.

import { chooser, field } from './fields.js';

export const stepLoadWords = {
  zh: {
    known: '已知负荷 kW', where: '接在哪块表后面', anywhere: '不确定', begin: '开始，先量 {n} 次', before: '① 不要动负荷：正在量…（{done}/{n}）', on: '② 现在接通负荷，接通后点一下', isOn: '已接通', measuringOn: '③ 正在量…（{done}/{n}）', off: '④ 现在断开负荷，断开后点一下', isOff: '已断开', measuringOff: '⑤ 正在量…（{done}/{n}）', again: '再做一次',
    meter: '计量点', moved: '变化 kW', says: '结论', good: '● 方向和大小都对', turned: '✖ 方向反了：应是 {expected} kW', turnedAndSize: '✖ 方向反了，大小是负荷的 {times} 倍', size: '✖ 大小是负荷的 {times} 倍：核对变比', share: '○ 只承担一部分', still: '○ 没有动', missed: '✖ 应该动而没有动：量的是别的回路，或没有数', unasked: '⚠ 别的变化，或接在这块表后面',
    balance: '各表变化之和 {kw} kW', balanceGood: '● 合得上', balanceOpen: '⚠ 合不上：有没装表的，或有一块表不对', swayed: '⚠ 断开以后没有回到原来：另有负荷在变，请再做一次。', toWiring: '接线核对', toRatio: '倍率核对', least: '负荷要比平时的波动大得多，最好在 {kw} kW 以上。',
  },
  en: {
    known: 'Known load, kW', where: 'Behind which meter', anywhere: 'not sure', begin: 'Begin: measure {n} times', before: '① Leave the load alone: measuring… ({done}/{n})', on: '② Switch the load on, then tap', isOn: 'It is on', measuringOn: '③ Measuring… ({done}/{n})', off: '④ Switch the load off, then tap', isOff: 'It is off', measuringOff: '⑤ Measuring… ({done}/{n})', again: 'Once more',
    meter: 'Metering point', moved: 'Change, kW', says: 'Finding', good: '● sign and size are right', turned: '✖ the wrong way: should be {expected} kW', turnedAndSize: '✖ the wrong way, and {times} times the load', size: '✖ {times} times the load: check the ratio', share: '○ bears a part of it', still: '○ did not move', missed: '✖ should have moved: it measures another circuit, or nothing', unasked: '⚠ something else, or the load is behind it',
    balance: 'All changes together {kw} kW', balanceGood: '● they add up', balanceOpen: '⚠ they do not add up: something has no meter, or one of them is wrong', swayed: '⚠ After switching off it is not as it was: something else moves as well; do it once more.', toWiring: 'Wiring check', toRatio: 'Ratio check', least: 'The load should be much more than what sways anyway, best above {kw} kW.',
  },
};

export const LOOKS = 5;
const SKIPPED = 2; // the first looks after a switch may be from before it; more where a meter is asked less often
const MOST_SKIPPED = 60;
const LEAST_SHARE = 0.15; // of the load: less is swaying
const CLOSE = 0.25; // how far from the load a change may be and still be it
const LOADS = ['load', 'charger', 'electrolyser', 'compressor', 'h2_dispenser'];

const mean = (list) => list.reduce((sum, each) => sum + each, 0) / list.length;
const spread = (list) => Math.max(...list) - Math.min(...list);

/**
 * What the looks before, while it was on, and after say: [{id, device, role, moved, verdict, times, expected}], watts into the
 * busbar, and their sum.
 *
 * @param known the load, watts
 * @param behind the metering point that it is behind, "" if not known
 */
export function judge(before, on, off, known, behind) {
  const ids = before[0].map(({ id }) => id);
  const of = (looks, id) => looks.map((meters) => meters.find((each) => each.id === id)?.w).filter((w) => w !== undefined);
  let sum = 0;
  let swayed = false;
  const rows = ids.map((id) => {
    const { device, role, nested } = before[0].find((each) => each.id === id);
    const [b, o, a] = [of(before, id), of(on, id), of(off, id)];
    const row = { id, device, role };
    if (b.length < LOOKS || o.length < LOOKS || a.length < LOOKS) return { ...row, verdict: behind === id ? 'missed' : 'still' };
    row.moved = mean(o) - (mean(b) + mean(a)) / 2;
    if (!nested) sum += row.moved;
    const least = Math.max(known * LEAST_SHARE, Math.min(1.5 * Math.max(spread(b), spread(o)), known));
    if (Math.abs(mean(a) - mean(b)) > Math.max(least, known / 2)) swayed = true;
    const isLoad = LOADS.includes(role);
    row.expected = isLoad ? -known : known;
    row.times = Math.abs(row.moved) / known;
    const isRight = Math.sign(row.moved) === Math.sign(row.expected);
    const isSize = Math.abs(row.times - 1) <= CLOSE;
    const asked = behind === id || (role === 'grid' && !isLoad);
    if (Math.abs(row.moved) < least) row.verdict = behind === id ? 'missed' : 'still';
    else if (isSize) row.verdict = isRight ? 'good' : 'turned';
    else if (!isRight && asked) row.verdict = 'turnedAndSize';
    else if (isLoad && behind && behind !== id) row.verdict = 'unasked';
    else if (!isLoad && row.times < 1) row.verdict = isRight ? 'share' : 'unasked';
    else row.verdict = asked || !behind ? 'size' : 'unasked';
    return row;
  });
  return { rows, sum, closed: Math.abs(sum) <= known * CLOSE, swayed };
}

/** @param {import('/shell/page.js').Context} context */
export function stepLoad(root, context) {
  const { make, draw, named, language, snapshot } = context;
  const own = { ...context, t: (key, values = {}) => (context.own('step-load', stepLoadWords)[key] ?? context.t(key)).replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all) };
  const { t } = own;
  const kw = (watts) => (watts === undefined ? '—' : `${watts < 0 ? '−' : ''}${(Math.abs(watts) / 1000).toFixed(1)}`);
  const electric = (now) => now.flow.meters.filter((each) => each.role !== 'h2_storage' && each.role !== 'gas' && each.role !== 'heat');
  const loads = electric(snapshot()).filter(({ role }) => LOADS.includes(role));
  const form = make('form', {}, make('div', { class: 'fields' }, field(own, 'known', 'known', { inputmode: 'decimal', required: true, pattern: '[0-9]+([.,][0-9]+)?', maxlength: 8 }),
    chooser(own, 'behind', 'where', [['', t('anywhere')], ...loads.map(({ id }) => [id, named(id, 'meter:')])], '')),
  make('p', { class: 'soft' }, t('least', { kw: '1' })), make('div', { class: 'row' }, make('button', { class: 'main' }, t('begin', { n: LOOKS }))));
  const body = make('div', { class: 'stack', 'data-own': true, role: 'status' });
  root.append(make('section', {}, form), body);
  const looks = { before: [], on: [], off: [] };
  let step = '';
  let toSkip = 0;
  let last = null;

  const waits = (text, button, next) => draw(body, make('section', { class: 'finding' }, make('h3', {}, t(text)), make('div', { class: 'row' }, make('button', { type: 'button', class: 'main', 'data-step': next }, t(button)))));
  const measures = (text, list) => draw(body, make('section', {}, make('p', {}, t(text, { done: list.length, n: LOOKS }))));
  function begin(next) {
    step = next;
    const slowest = Math.max(0, ...snapshot().devices.map(({ every_ms: every }) => every));
    toSkip = next === 'before' ? 0 : Math.min(MOST_SKIPPED, Math.max(SKIPPED, Math.ceil((1.5 * slowest) / 1000)));
    looks[next] = [];
    measures({ before: 'before', on: 'measuringOn', off: 'measuringOff' }[next], looks[next]);
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    begin('before');
  });
  body.addEventListener('click', (event) => {
    const next = event.target.closest('[data-step]')?.dataset.step;
    if (next) begin(next);
  });

  function verdicts() {
    const known = Number(form.elements.known.value.replace(',', '.')) * 1000;
    const { rows, sum, closed, swayed } = judge(looks.before, looks.on, looks.off, known, form.elements.behind.value);
    const ways = { turned: ['#commission/wiring', 'toWiring'], turnedAndSize: ['#commission/wiring', 'toWiring'] };
    draw(body, make('section', {}, swayed && make('p', { class: 'warn' }, t('swayed')),
      make('table', {}, make('thead', {}, make('tr', {}, ['meter', 'moved', 'says'].map((key) => make('th', { scope: 'col', class: key === 'moved' ? 'right' : null }, t(key))))),
        make('tbody', {}, [...rows].sort((a, b) => Number(a.verdict === 'still') - Number(b.verdict === 'still')).map(({ id, device, moved, verdict, times, expected }) => make('tr', { 'data-meter': id, 'data-verdict': verdict }, make('th', { scope: 'row' }, named(id, 'meter:')), make('td', { class: 'right nowrap' }, kw(moved)),
          make('td', {}, t(verdict, { times: times === undefined ? '' : Number(times.toPrecision(2)), expected: kw(expected) }), (ways[verdict] || verdict === 'size') && [' ', make('a', { href: verdict === 'size' ? `#commission/ratio/${device}` : ways[verdict][0] }, t(verdict === 'size' ? 'toRatio' : ways[verdict][1]))]))))),
      make('p', {}, `${t('balance', { kw: kw(sum) })}${language === 'zh' ? '，' : ': '}`, make('span', { class: closed ? 'good' : 'warn' }, t(closed ? 'balanceGood' : 'balanceOpen'))),
      make('div', { class: 'row' }, make('button', { type: 'button', 'data-step': 'before' }, t('again')))));
  }

  return {
    update(now) {
      if (!looks[step] || looks[step].length >= LOOKS || now === last) return;
      last = now;
      if (toSkip > 0) {
        toSkip -= 1;
        return;
      }
      looks[step].push(electric(now).map(({ id, device, role, nested, w, why, state }) => ({ id, device, role, nested, w: why || state !== 'good' ? undefined : w })));
      const done = looks[step].length === LOOKS;
      if (!done) measures({ before: 'before', on: 'measuringOn', off: 'measuringOff' }[step], looks[step]);
      else if (step === 'before') waits('on', 'isOn', 'on');
      else if (step === 'on') waits('off', 'isOff', 'off');
      else verdicts();
    },
  };
}
