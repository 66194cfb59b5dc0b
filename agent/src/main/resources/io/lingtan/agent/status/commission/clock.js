// The clock, set from the phone where nothing else keeps it.

import { head } from './fields.js';

// The only place where the phone's date is used: it is shown beside the gateway's before it is sent.
/** @param {import('/shell/page.js').Context} context */
export function clock(root, context) {
  const { t, make, draw, ask, refusal } = context;
  const body = make('div', { class: 'stack' });
  const result = make('p', { role: 'status' });
  root.append(...head(context, 'clock'), body, result);
  let seen = null;
  let taken = 0;
  let doubted = false;
  // In the site's zone, whatever the phone's is: as on the watch of whoever stands there.
  const local = (ms, zone) => new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }).format(ms);
  const update = (now) => {
    if (now.now !== seen?.now) taken = performance.now();
    seen = now;
    const gateway = now.now + performance.now() - taken;
    const off = Math.round((Date.now() - gateway) / 1000);
    const free = !now.clock.trusted || now.clock.source === 'phone' || now.clock.source === 'rtc';
    draw(body, make('section', {}, make('dl', { class: 'rows' },
      make('div', {}, make('dt', {}, t('gatewayTime')), make('dd', {}, local(gateway, now.zone))),
      make('div', {}, make('dt', {}, t('phoneTime')), make('dd', {}, local(Date.now(), now.zone))),
      make('div', {}, make('dt', {}, t('timeOff')), make('dd', { class: Math.abs(off) > 1 ? 'warn' : 'good' }, t('seconds', { n: off.toLocaleString('en-US') })))),
    make('p', { class: 'soft' }, t(free ? 'clockHow' : 'clockFine', { source: t(`source.${now.clock.source}`) })),
    make('div', { class: 'row' }, make('button', { type: 'button', class: 'main', 'data-clock': true, disabled: !free }, t('setClock')))));
  };
  root.addEventListener('click', async (event) => {
    if (!event.target.closest('[data-clock]')) return;
    try {
      const reply = await ask('/api/action/clock', { body: { now: String(Date.now()), ...(doubted && { sure: 'true' }) } });
      doubted = reply.status === 409 && (await reply.clone().text()).includes('"clock_doubtful"');
      result.className = reply.ok ? 'good' : 'bad';
      draw(result, reply.ok ? `● ${t('clockSet')}` : await refusal(reply));
    } catch {
      draw(result, t('noAnswer'));
    }
  });
  return { update };
}
