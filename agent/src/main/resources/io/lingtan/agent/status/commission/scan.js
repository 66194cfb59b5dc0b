// Which units of a line answer, and what they look like.

import { proposal } from './change.js';
import { head } from './fields.js';
import { meterForm, SCANNED } from './site.js';

const QUIET_MS = { serial: 300, 'modbus-tcp': 500, 'modbus-rtu-tcp': 500 };

/** @param {import('/shell/page.js').Context} context */
export function scan(root, context, chosen) {
  const { t, make, draw, ask, refusal, span, snapshot } = context;
  const lines = snapshot().lines.filter((line) => SCANNED.includes(line.kind));
  root.append(...head(context, 'scan'));
  if (lines.length === 0) {
    root.append(make('section', {}, make('p', {}, t('noLines')), make('div', { class: 'row act' }, make('a', { class: 'button main', href: '#commission/site' }, t('addLine')))));
    return {};
  }
  const line = make('select', { name: 'line' }, lines.map((each) => make('option', { value: each.id, selected: each.id === chosen }, `${each.id} · ${each.where}`)));
  const from = make('input', { name: 'from', type: 'number', min: 1, max: 247, value: 1, required: true });
  const to = make('input', { name: 'to', type: 'number', min: 1, max: 247, value: 32, required: true });
  const note = make('p', { class: 'soft' });
  const button = make('button', { class: 'main' }, t('scan'));
  const stop = make('button', { type: 'button', hidden: true }, t('stop'));
  const result = make('div', { class: 'stack results', role: 'status' });
  const form = make('form', {}, make('label', {}, t('line'), line), make('div', { class: 'fields' }, make('label', {}, t('from'), from), make('label', {}, t('to'), to)), note, make('div', { class: 'row' }, button, stop));
  root.append(make('section', {}, form), result);
  const explain = () => draw(note, t('scanNote', { ms: QUIET_MS[lines.find((each) => each.id === line.value).kind] }));
  line.addEventListener('change', explain);
  explain();
  let running = null;
  let finds = [];
  let notes = [];

  const who = (find) => (find.meter ? t('meterN', { n: find.meter }) : t('unitN', { n: find.unit }));
  const card = (find) => make('li', { class: 'card', 'data-unit': find.unit ?? find.meter },
    make('div', { class: 'head' }, make('b', {}, who(find)), make('span', { class: find.known ? 'good' : 'warn' }, find.known ? t('known', { id: find.known }) : t('stranger'))),
    !find.known && make('p', {}, find.guesses.length > 0 ? t('like', { list: find.guesses.map((guess) => `${guess.profile} ${guess.percent} %`).join(', ') }) : t('unlike')),
    make('p', { class: 'soft' }, [t('replies', { ms: (find.reply_us / 1000).toFixed(1) }), find.form, ...Object.entries(find.identity).map(([key, value]) => `${key} ${value}`)].filter(Boolean).join(' · ')),
    !find.known && make('details', { 'data-own': true }, make('summary', {}, t('add')), meterForm(context, { line: line.value, unit: find.unit, meter: find.meter, profiles: find.guesses.map((guess) => guess.profile), ...find.identity })));

  /** Devices of the site file that are silent beside units that answer and that it does not have. */
  function mistaken(id, first, last) {
    const silent = snapshot().devices.filter((device) => device.line === id && /^\d+$/.test(device.address) && device.state !== 'good'
      && Number(device.address) >= first && Number(device.address) <= last && !finds.some((find) => find.known === device.id));
    return silent.map((device) => {
      const fits = finds.filter((find) => !find.known && find.unit !== undefined).map((find) => ({ find, guess: find.guesses.find((guess) => guess.profile === device.profile) })).filter(({ guess }) => guess)
        .sort((a, b) => b.guess.percent - a.guess.percent)[0];
      const values = { id: device.id, old: device.address };
      if (!fits) return make('section', { class: 'finding' }, make('p', { class: 'warn' }, `⚠ ${t('silent', values)}`));
      Object.assign(values, { unit: fits.find.unit, profile: fits.guess.profile, percent: fits.guess.percent });
      return make('section', { class: 'finding bad', 'data-kind': 'unit', 'data-device': device.id }, make('h3', {}, `✖ ${t('wrongUnit', values)}`), make('p', {}, t('wrongUnit.how', values)),
        proposal(context, { edit: 'device', device: device.id, key: 'unit', value: String(fits.find.unit) }, t('takeUnit', values)));
    });
  }

  function redraw(progress, end) {
    draw(result, progress && make('section', {}, make('progress', { max: progress.total, value: progress.done, 'aria-label': t('scan') }),
      make('p', { class: 'soft' }, [t('scanning', { what: progress.what, done: progress.done, total: progress.total }), progress.left_ms > 0 && t('left', { span: span(progress.left_ms) })].filter(Boolean).join(' · '))),
    end, finds.length > 0 && make('ul', { class: 'plain' }, finds.map(card)), notes.map((text) => make('p', { class: 'warn' }, text)));
  }

  /** On a phone what is found stands below the form. */
  const intoSight = () => (result.querySelector('.finding') ?? result.querySelector('h3, progress') ?? result).scrollIntoView({ block: 'nearest' });

  async function listen(reply, id, first, last) {
    let sighted = false;
    const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const parts = (rest + value).split('\n');
      rest = parts.pop();
      for (const each of parts.filter(Boolean).map((text) => JSON.parse(text))) {
        if (each.kind === 'found') finds.push(each);
        if (each.kind === 'note') notes = [...notes, context.told(each, 'text')].slice(-8);
        if (each.kind === 'done') redraw(null, [each.problem && make('p', { class: 'bad', role: 'alert' }, context.told(each, 'problem')), make('h3', {}, t('scanDone', { n: each.found })), mistaken(id, first, last)]);
        else redraw(each.kind === 'progress' ? each : null, null);
        if (each.kind === 'done' || !sighted) intoSight();
        sighted = true;
      }
    }
  }

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    running = new AbortController();
    finds = [];
    notes = [];
    button.disabled = true;
    stop.hidden = false;
    draw(result, make('p', { class: 'soft' }, t('loading')));
    try {
      const [first, last] = [Number(from.value), Number(to.value)];
      const reply = await ask('/api/action/scan', { body: { line: line.value, from: first, to: last }, signal: running.signal });
      if (reply.ok) await listen(reply, line.value, first, last);
      else draw(result, make('p', { class: 'bad', role: 'alert' }, await refusal(reply)));
    } catch {
      redraw(null, make('p', { class: 'notice', role: 'alert' }, running.signal.aborted ? t('scanStopped') : t('noAnswer')));
    }
    running = null;
    button.disabled = false;
    stop.hidden = true;
  });
  stop.addEventListener('click', () => running?.abort());
  return { close: () => running?.abort() };
}
