// The acceptance record, and what is handed over to whoever comes next.

import { head } from './fields.js';

/** @param {import('/shell/page.js').Context} context */
export function record(root, context) {
  const { t, make, draw, ask, refusal, language } = context;
  const name = make('input', { name: 'technician', autocomplete: 'name', maxlength: 64, required: true });
  const note = make('input', { name: 'note', autocomplete: 'off', maxlength: 500 });
  const button = make('button', { class: 'main' }, t('makeRecord'));
  const looks = make('p', { class: 'soft' });
  const result = make('div', { class: 'stack', role: 'status' });
  const kept = make('section');
  const form = make('form', {}, make('label', {}, t('technician'), name), make('label', {}, t('remark'), note), make('div', { class: 'row' }, button));
  root.append(...head(context, 'record'), make('section', {}, make('p', { class: 'soft' }, t('recordHow')), looks, form), result, kept);
  let open = true;
  let timer;
  const file = (each, type) => `/acceptance/${encodeURIComponent(each)}.${type}`;
  const links = (each) => make('div', { class: 'row' }, make('a', { class: 'button', href: file(each, 'html'), target: '_blank' }, t('openRecord')),
    make('a', { class: 'button', href: file(each, 'html'), download: '' }, t('recordHtml')), make('a', { class: 'button', href: file(each, 'csv'), download: '' }, t('recordCsv')));

  async function list() {
    try {
      const reply = await ask('/acceptance/');
      const names = reply.ok ? await reply.json() : [];
      draw(kept, make('h2', {}, t('recordKept')), names.length > 0 ? names.map((each) => make('div', { 'data-key': each, class: 'kept' }, make('p', {}, each), links(each))) : make('p', { class: 'soft' }, t('recordNone')));
    } catch {
      draw(kept, make('p', { class: 'soft' }, t('noAnswer')));
    }
  }
  // Each look at the wiring counts: the record says what the last two minutes have shown.
  async function look() {
    try {
      const reply = await ask('/api/wiring', { timeout: 5000 });
      if (reply.ok && open) draw(looks, t('recordLooks', { n: (await reply.json()).looks }));
    } catch {
      // the header says that the gateway does not answer
    }
    if (open) timer = setTimeout(look, 1000);
  }
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    button.disabled = true;
    draw(result, make('p', { class: 'soft' }, t('making')));
    const alarm = (text) => draw(result, make('p', { class: 'bad', role: 'alert' }, text));
    try {
      const reply = await ask('/api/action/record', { body: { technician: name.value.trim(), note: note.value.trim(), lang: language === 'zh' ? 'zh' : 'en' }, timeout: 30000 });
      if (!reply.ok) alarm(await refusal(reply));
      else {
        const made = await reply.json();
        const fine = made.wrong + made.unchecked === 0;
        draw(result, make('section', { class: `finding ${fine ? 'good' : 'bad'}`, 'data-record': made.name }, make('h3', {}, t('recordMade')), make('p', {}, fine ? t('recordAll') : t('recordCounts', made)), links(made.name)));
        list();
      }
    } catch {
      alarm(t('noAnswer'));
    }
    button.disabled = false;
  });
  list();
  look();
  return { close() { open = false; clearTimeout(timer); } };
}

/** @param {import('/shell/page.js').Context} context */
export function handover(root, context) {
  const { t, make, drawn, draw, ask, language } = context;
  const body = make('section', { 'data-own': true });
  const again = make('button', { type: 'button', class: 'main' }, t('handoverAgain'));
  root.append(...head(context, 'handover'), body, make('div', { class: 'row' }, again));
  async function take() {
    try {
      const reply = await ask(`/api/handover?lang=${language === 'zh' ? 'zh' : 'en'}`);
      if (!reply.ok) throw new Error(String(reply.status));
      const { text, size, path } = await reply.json();
      const box = make('textarea', { readonly: true, rows: text.split('\n').length + 1, 'aria-label': t('handoverText') });
      box.value = text;
      box.addEventListener('click', () => box.select());
      body.replaceChildren(drawn('svg', { class: 'code', viewBox: `0 0 ${size} ${size}`, role: 'img', 'aria-label': t('handoverCode'), 'shape-rendering': 'crispEdges' },
        drawn('rect', { width: size, height: size, fill: '#fff' }), drawn('path', { d: path, fill: '#000' })),
      make('p', { class: 'soft' }, t('handoverSelect')), box);
    } catch {
      draw(body, make('p', { class: 'bad', role: 'alert' }, t('noAnswer')));
    }
  }
  again.addEventListener('click', take);
  take();
  return {};
}
