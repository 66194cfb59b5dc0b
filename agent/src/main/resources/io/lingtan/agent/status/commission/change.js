// A change of the site file: what it would be, what it would send, and whether it is in use.

/**
 * Shows what an edit would make of the site file, and makes it when a person says so. The place is
 * a node of its own, which nothing else draws into; it hears `used` with the edit once that is in
 * use.
 *
 * @param {import('/shell/page.js').Context} context
 */
export async function propose(place, context, edit) {
  const { t, make, ask, refusal } = context;
  const say = (...parts) => place.replaceChildren(...parts.flat().filter(Boolean));
  const alarm = (text) => say(make('p', { class: 'bad', role: 'alert' }, text));
  say(make('p', { class: 'soft', role: 'status' }, t('proposing')));
  try {
    const reply = await ask('/api/action/propose', { body: edit });
    if (!reply.ok) return alarm(await refusal(reply));
    const shown = await reply.json();
    const yes = make('button', { type: 'button', class: 'main' }, t('apply'));
    const no = make('button', { type: 'button' }, t('dismiss'));
    const look = make('button', { type: 'button', 'data-preview': true }, t('preview'));
    const published = make('div', { role: 'status' });
    look.addEventListener('click', () => preview(published, context, shown.id));
    no.addEventListener('click', () => say());
    yes.addEventListener('click', async () => {
      yes.disabled = true;
      try {
        const made = await ask('/api/action/apply', { body: { id: shown.id } });
        if (!made.ok) return alarm(await refusal(made));
        say(make('p', { role: 'status' }, t('applying')));
        const { progress, why } = await outcome(context, shown.id);
        const used = progress === 'in_use';
        const finding = used && place.closest('.finding');
        if (finding) judgedAgain(finding, t('changedAt', { time: siteTime(context) }));
        if (used) place.dispatchEvent(new CustomEvent('used', { detail: edit }));
        if (used && ASKED.includes(edit.edit)) say(make('p', { role: 'status' }, t('asking')));
        const silent = used && await silence(context, edit, shown.id);
        if (finding && silent === '' && finding.dataset.kind === 'unit') judgedAgain(finding, t('answersNow'), true);
        say(make('p', { class: silent ? 'warn' : used ? 'soft' : 'bad', role: 'status', 'data-made': shown.id }, silent || (used ? t('applied') : progress === 'refused' ? t('notApplied', { why }) : t('noAnswer'))), used && make('p', { class: 'soft' }, t('backup'), ' ', make('a', { href: '#overview' }, `${t('todo')} ›`)));
      } catch {
        alarm(t('noAnswer'));
      }
      return undefined;
    });
    say(make('section', { class: 'change' }, make('h3', {}, t('change')),
      make('pre', { tabindex: 0, 'aria-label': t('change') }, shown.diff.map(([mark, line, text]) => make('span', { class: mark === '+' ? 'plus' : mark === '-' ? 'minus' : null }, mark === '.' ? '  …\n' : `${mark} ${String(line).padStart(3)}  ${text}\n`))),
      shown.load.map(({ line, before, after }) => make('p', { class: after > 80 ? 'warn' : 'soft' }, t('load', { line, before, after }), after > 80 && ` ⚠ ${t('over')}`)),
      ((context.language === 'zh' && shown.warnings_zh) || shown.warnings).map((text) => make('p', { class: 'warn' }, `⚠ ${text}`)),
      make('div', { class: 'row' }, yes, look, no), published));
    no.scrollIntoView({ block: 'nearest' });
  } catch {
    alarm(t('noAnswer'));
  }
  return undefined;
}

const ASKED = ['line', 'device', 'settings', 'add_device']; // changes after which a meter should answer
const ANSWERS_MS = 15000;
const REFUSED_MS = 5000; // a line that does not work is tried again meanwhile
const SOON_MS = 5000; // who is read less often is not waited for

/** The site's time, hours and minutes; empty while it is not known. */
export function siteTime({ snapshot }) {
  const { now, zone } = snapshot();
  return now === undefined ? '' : new Intl.DateTimeFormat('sv-SE', { timeZone: zone, timeStyle: 'short' }).format(now);
}

/** A finding that was mended is not red any more, and says what is known since. */
export function judgedAgain(finding, text, isGood = false) {
  finding.classList.remove('bad');
  finding.classList.toggle('good', isGood);
  const head = finding.querySelector('h3');
  head.textContent = `${isGood ? '●' : '○'} ${text}`;
  for (const button of finding.querySelectorAll('[data-propose]')) button.disabled = true; // it says what is there now
}

/**
 * Waits for an answer of what was changed: '' once it answers, or why a change that is in use
 * brings nothing; null where nobody is asked, or only after a while.
 *
 * @param {import('/shell/page.js').Context} context
 */
async function silence({ t, named, told, reason, snapshot }, edit, id) {
  if (!ASKED.includes(edit.edit)) return null;
  const one = edit.edit === 'add_device' ? edit.id : edit.device;
  const begun = performance.now();
  const asked = () => snapshot().devices.filter((device) => (one ? device.id === one : device.line === edit.line) && device.every_ms <= SOON_MS);
  const lineOf = (device) => snapshot().lines.find((each) => each.id === device?.line);
  while (performance.now() - begun < (lineOf(asked()[0])?.problem ? REFUSED_MS : ANSWERS_MS)) {
    await new Promise((resolve) => { setTimeout(resolve, 500); });
    if (snapshot().config.sha256 !== id) continue; // of before the change
    if (asked().length === 0) return null;
    if (asked().some(({ state, age_ms: age }) => state === 'asleep' || (state === 'good' && age < performance.now() - begun))) return '';
  }
  const [first] = asked();
  if (!first) return null;
  const line = lineOf(first);
  return line?.problem ? t('writtenLine', { why: told(line, 'problem') }) : t('writtenSilent', { device: asked().map((each) => named(each.id)).join(' '), why: reason(first.failure ?? 'timeout', first) });
}

/**
 * What would be sent of a proposal: topics, and one record as the meter answers now.
 *
 * @param {any} place
 * @param {import('/shell/page.js').Context} context
 */
async function preview(place, { t, make, ask, refusal, told }, id) {
  const say = (...parts) => place.replaceChildren(...parts.flat().filter(Boolean));
  say(make('p', { class: 'soft' }, t('previewing')));
  try {
    const reply = await ask('/api/action/preview', { body: { id }, timeout: 60000 });
    if (!reply.ok) return say(make('p', { class: 'bad', role: 'alert' }, await refusal(reply)));
    const { messages } = await reply.json();
    say(make('h3', {}, t('preview.title')), make('p', { class: 'soft' }, t(messages.length > 0 ? 'preview.how' : 'preview.none')), messages.map((one) => [
      make('p', {}, make('b', { class: 'topic' }, one.topic), one.retained && make('small', {}, ` ${t('retained')}`)),
      one.payload ? make('pre', { tabindex: 0, 'aria-label': one.topic }, JSON.stringify(JSON.parse(one.payload), null, 1)) : make('p', { class: 'warn' }, `⚠ ${t('preview.why', { why: told(one, 'why') })}`)]).flat());
  } catch {
    say(make('p', { class: 'bad', role: 'alert' }, t('noAnswer')));
  }
  return undefined;
}

/** What became of the change of this id. A journal that cannot be written is waited for two minutes. */
async function outcome({ ask, told }, id) {
  for (let i = 0; i < 150; i++) {
    await new Promise((resolve) => { setTimeout(resolve, 1000); });
    try {
      const { config } = await (await ask('/api/snapshot', { timeout: 3000 })).json();
      if (config.sha256 === id) return { progress: 'in_use' };
      if (config.change?.id === id && config.change.progress === 'refused') return { progress: 'refused', why: told(config.change, 'why') };
    } catch {
      // no answer this time, or the change moves the page
    }
  }
  return { progress: 'unknown' };
}

/**
 * Takes what is in use now for what a form's fields were, so that they can be set back.
 *
 * @param {HTMLElement} place of the proposals
 * @param {HTMLFormElement} form
 */
export function keepUsed(place, form) {
  place.addEventListener('used', (event) => {
    for (const [name, value] of Object.entries(/** @type {CustomEvent} */ (event).detail)) {
      const parts = /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll(`[name="${name}"], [data-list="${name}"]`));
      for (const part of parts) if ('was' in part.dataset) part.dataset.was = value;
    }
  });
}

/**
 * A button that proposes, and below it the place for what comes of it.
 *
 * @param {import('/shell/page.js').Context} context
 */
export function proposal(context, edit, label) {
  const { make } = context;
  const place = make('div', { 'data-own': true });
  const button = make('button', { type: 'button', 'data-propose': label }, label);
  button.addEventListener('click', () => propose(place, context, edit));
  return [make('div', { class: 'row' }, button), place];
}
