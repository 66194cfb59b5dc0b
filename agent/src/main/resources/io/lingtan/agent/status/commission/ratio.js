// What a meter's display shows beside what is read of it, and which ratio explains the difference.

import { judgedAgain, proposal, siteTime } from './change.js';
import { head } from './fields.js';

const FEW = 4;
const FIRST = ['energy_import', 'energy_generated', 'energy_discharged', 'power', 'voltage_l1', 'current_l1'];

/** @param {import('/shell/page.js').Context} context */
export function ratio(root, context, id) {
  const { t, make, snapshot } = context;
  const devices = snapshot().devices;
  const device = devices.find((each) => each.id === id);
  root.append(...head(context, 'ratio'));
  if (device) return compare(root, context, device);
  root.append(make('section', {}, make('h2', {}, t('choose')), devices.length === 0 ? make('p', { class: 'soft' }, t('none_yet'))
    : make('ul', { class: 'menu' }, devices.map((each) => make('li', {}, make('a', { class: 'card', href: `#commission/ratio/${encodeURIComponent(each.id)}` },
      make('b', {}, context.titled(each.id)), make('span', { class: 'soft' }, `${context.named(each.line, 'line:')} · ${each.address} · ${each.profile}`)))))));
  return {};
}

/** @param {import('/shell/page.js').Context} context */
function compare(root, context, device) {
  const { t, make, draw, ask, refusal, number, reason, language } = context;
  const rank = (value) => (FIRST.indexOf(value.p) + 1 || 99);
  const label = (value) => (language === 'zh' ? value.zh : value.en ?? context.spelt(value.p));
  const point = make('select', { name: 'point' });
  let sorted = [];
  const shown = make('input', { name: 'shown', inputmode: 'decimal', autocomplete: 'off', maxlength: 18, required: true });
  const unit = make('select', { name: 'unit' });
  const button = make('button', { class: 'main' }, t('compare'));
  const result = make('div', { class: 'stack', role: 'status' });
  const form = make('form', {}, make('label', {}, t('point'), point), make('div', { class: 'fields' }, make('label', {}, t('shown'), shown), make('label', {}, t('unit'), unit)), make('div', { class: 'row' }, button));
  const contradicted = make('div', { class: 'stack', hidden: true });
  const withheld = make('div', {});
  root.append(contradicted, make('section', {}, make('h2', {}, context.titled(device.id), make('small', {}, `${context.named(device.line, 'line:')} · ${device.address} · ${device.profile}`)), make('p', { class: 'soft' }, t('ratio.hint')), withheld, form), result);

  result.addEventListener('used', () => {
    const finding = result.querySelector('.finding');
    if (finding) judgedAgain(finding, t('compareAgain', { time: siteTime(context) }));
  }, true);
  // One tap where the meter itself says another ratio than the site file, which may show only after a while.
  const said = new Set();
  const contradictions = () => {
    for (const alarm of context.alarms(device.id).filter(({ event }) => event === 'meter.ratio')) {
      const about = JSON.stringify(alarm.detail);
      if (said.has(about)) continue;
      said.add(about);
      const ways = ['ct', 'pt'].filter((key) => Number(alarm.detail[`${key}_meter`]) > 0)
        .map((key) => proposal(context, { edit: 'device', device: device.id, key, value: String(Number(alarm.detail[`${key}_meter`])) }, t('takeRatio', { key: key.toUpperCase(), value: Number(alarm.detail[`${key}_meter`]) })));
      contradicted.append(make('section', { class: 'finding bad', 'data-kind': 'contradicted' }, make('h3', {}, `✖ ${context.goesOn(alarm)[0]}`), make('p', {}, t('differ.how')), ways));
      contradicted.hidden = false;
    }
    if (said.size > 0 && !context.alarms(device.id).some(({ event }) => event === 'meter.ratio')) {
      for (const finding of contradicted.querySelectorAll('.finding:not(.good)')) judgedAgain(finding, t('ratioAgrees'), true);
    }
  };
  contradictions();
  // As it was before this comparison: one that is accepted is not to be changed by a tap.
  const accepted = ask('/api/checks').then((reply) => (reply.ok ? reply.json() : null)).then((found) => found?.devices[device.id] === 'good' && found.records.length > 0).catch(() => false);
  const units = () => {
    const symbol = sorted.find((value) => value.p === point.value)?.u ?? '';
    const kilo = ['W', 'var', 'VA'].includes(symbol);
    unit.replaceChildren(...(kilo ? [[`k${symbol}`, 1000], [symbol, 1]] : [[symbol || '1', 1]]).map(([name, scale]) => make('option', { value: scale }, name)));
  };
  /** A meter that has not answered yet has nothing to choose; what is chosen stays chosen. */
  const choices = (seen) => {
    const held = Object.keys(seen.bad).filter((p) => !seen.values.some((value) => value.p === p));
    const few = held.sort((a, b) => rank({ p: a }) - rank({ p: b })).slice(0, FEW).map((p) => (language === 'zh' && seen.bad_zh?.[p]) || context.spelt(p));
    draw(withheld, held.length > 0 && make('p', { class: 'warn small' }, `⚠ ${t(said.size > 0 && context.alarms(device.id).length > 0 ? 'ratio.heldBack' : 'ratio.notRead', { points: few.join(language === 'zh' ? '、' : ', '), more: held.length > FEW ? t('ratio.more', { n: held.length - FEW }) : '', why: reason(seen.bad[held[0]], device) })}`));
    const before = sorted.map((value) => value.p).join();
    sorted = [...seen.values, ...seen.old].filter((value) => typeof value.v === 'number').sort((a, b) => rank(a) - rank(b));
    if (sorted.length === 0) draw(result, make('p', { class: 'notice' }, `○ ${t('noData')}`));
    else if (before === '') draw(result);
    if (sorted.map((value) => value.p).join() === before) return;
    const chosen = point.value;
    point.replaceChildren(...sorted.map((value) => make('option', { value: value.p, selected: value.p === chosen }, label(value))));
    button.disabled = sorted.length === 0;
    if (point.value !== chosen) units();
  };
  point.addEventListener('change', units);
  button.disabled = true;
  choices(device);

  function verdict(answer, isAccepted) {
    if (!answer.answered) {
      const list = Object.entries(answer.contradicted).map(([key, value]) => `${key}: ${value}`).join(', ');
      return make('section', { class: 'finding bad' }, make('p', {}, list ? t('check.contradicted', { list }) : t('check.absent', { why: answer.why ? reason(answer.why) : context.told(answer, 'problem') ?? t('noData') })));
    }
    const times = Number(answer.factor.toPrecision(3)).toLocaleString('en-US', { maximumSignificantDigits: 3 });
    const cause = ({ kind, key, value }) => {
      const name = kind === 'ratio' && value === '1' ? 'ratio1' : kind === 'meter_ratio' && value.startsWith('1/') ? 'meter_ratio_less' : kind;
      if (kind === 'which') return [make('p', { 'data-cause': kind }, t('c.which', { value })), ['secondary', 'primary'].map((display) => make('p', {}, make('button', { type: 'button', 'data-display': display }, t(`which.${display}`)), ' ', make('span', { class: 'soft' }, t(`which.${display}.then`))))].flat();
      return [make('p', { 'data-cause': kind }, t(`c.${name}`, { key, value })), key && (isAccepted ? make('p', { class: 'warn' }, t('ratio.accepted')) : proposal(context, { edit: 'device', device: device.id, key, value }, t('propose')))];
    };
    const asks = answer.causes[0]?.kind === 'which';
    const secondary = answer.causes[0]?.kind === 'secondary';
    return make('section', { class: `finding ${answer.good ? 'good' : asks ? '' : 'bad'}` },
      make('h3', {}, answer.good ? t('same') : `${asks ? '○' : '✖'} ${t('times', { n: times })}`),
      make('p', { class: 'soft' }, `${t('read')} ${number(answer.read, answer.u)} · ${t('shown')} ${number(answer.shown, answer.u)}`),
      (!answer.good || secondary) && (answer.causes.length > 0 ? answer.causes.map(cause) : make('p', {}, t('c.none'))),
      answer.decoded && make('p', { class: 'soft' }, `${t('decoded')}: ${answer.decoded}`),
      answer.good && !answer.of_ratios && sorted.some((value) => value.p === 'power' || value.p.startsWith('energy')) && make('p', { class: 'warn' }, `○ ${t('check.no_ratio')}`),
      answer.by_plate && make('p', { class: 'warn' }, `○ ${t('check.plate')}`),
      !asks && make('p', { class: 'soft' }, t('check.saved')));
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    compares({});
  });
  result.addEventListener('click', (event) => {
    const display = event.target.closest('[data-display]')?.dataset.display;
    if (display) compares({ display });
  });
  async function compares(known) {
    button.disabled = true;
    draw(result, make('p', { class: 'soft' }, t('comparing')));
    try {
      const text = shown.value.trim().replace(',', '.').replace('−', '-');
      const scaled = Number(unit.value) === 1 || !/^[-+]?\d+(\.\d*)?$/.test(text) ? text : String(Math.round(Number(text) * 1e9) / 1e6);
      const reply = await ask('/api/action/check', { body: { device: device.id, point: point.value, shown: scaled, ...known }, timeout: 60000 });
      draw(result, reply.ok ? verdict(JSON.parse((await reply.text()).trim().split('\n').at(-1)), await accepted) : make('p', { class: 'bad', role: 'alert' }, await refusal(reply)));
    } catch {
      draw(result, make('p', { class: 'bad', role: 'alert' }, t('noAnswer')));
    }
    button.disabled = false;
  }
  return {
    update(now) {
      const seen = now.devices.find((each) => each.id === device.id);
      if (seen) choices(seen);
      contradictions();
    },
  };
}
