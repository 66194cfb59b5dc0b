// Which meter is reversed and which phases are exchanged: looks at the balance, once a second.

import { propose, siteTime } from './change.js';
import { head, kw } from './fields.js';

const IDLE_W = 50;
const JUDGED_MS = 30000; // by then looks from before a change are no more
/** By which words of the overview a role's power goes. */
const WAYS = { grid: 'grid', pv: 'pv', battery: 'battery', chp: 'chp', electrolyser: 'h2', compressor: 'h2' };

/** @param {import('/shell/page.js').Context} context */
export function wiring(root, context) {
  const { t, make, draw, ask, language } = context;
  const body = make('div', { class: 'stack', 'aria-live': 'off' });
  root.append(...head(context, 'wiring'), body);
  const names = (list) => list.join(language === 'zh' ? '、' : ', ');
  const place = make('div', { 'data-own': true });
  root.insertBefore(place, body);
  let last = null;
  let open = true;
  let timer;
  let slow;
  let disagreeing = [];
  const changed = new Map(); // by metering point: when it was changed here
  place.addEventListener('used', (event) => changed.set(/** @type {CustomEvent} */ (event).detail.meter, { at: performance.now(), time: siteTime(context) }));
  const seenReversed = (id) => last?.meters.find((part) => part.id === id)?.reversed ?? false;
  root.addEventListener('click', (event) => {
    const button = event.target.closest('[data-reverse]');
    if (button) propose(place, context, { edit: 'meter', meter: button.dataset.reverse, value: button.dataset.value });
  });

  function sentence(finding, balance) {
    const isOpen = finding.kind === 'moved' && !finding.alone;
    const kind = finding.kind === 'reversed' && !finding.alone ? 'maybe' : isOpen ? 'moved_maybe' : finding.kind;
    const values = {
      ...finding, device: context.named(finding.device), meter: finding.meter ? context.named(finding.meter, 'meter:') : context.named(finding.device), phases: finding.phases.map((n) => 'ABC'[n - 1]).join(language === 'zh' ? '、' : ' and '),
      now: kw(balance.residual_w), then: kw(finding.residual_w), factor: Number(finding.factor.toPrecision(3)),
    };
    const recent = changed.get(finding.meter);
    if (recent && performance.now() - recent.at < JUDGED_MS) {
      return make('section', { class: 'finding', 'data-key': `${finding.kind} ${finding.device}` }, make('h3', {}, `○ ${t(`f.${kind}`, values)}`), make('p', { role: 'status' }, t('changedAt', { time: recent.time })));
    }
    return make('section', { class: isOpen ? 'finding' : 'finding bad', 'data-kind': finding.kind, 'data-device': finding.device, 'data-key': `${finding.kind} ${finding.device}` },
      make('h3', {}, `${isOpen ? '○' : '✖'} ${t(`f.${kind}`, values)}`), make('p', {}, t(['reversed', 'against_role'].includes(kind) && seenReversed(finding.meter) ? `f.${kind}.set` : `f.${kind}.how`, values)),
      ((finding.kind === 'reversed' && finding.alone) || finding.kind === 'against_role') && finding.meter && make('div', { class: 'row' }, make('button', { type: 'button', 'data-reverse': finding.meter, 'data-value': String(!seenReversed(finding.meter)) }, t(seenReversed(finding.meter) ? 'turnBack' : 'turnRound'))),
      finding.kind === 'ratio' && make('div', { class: 'row' }, make('a', { class: 'button', href: `#commission/ratio/${encodeURIComponent(finding.device)}` }, t('toRatio'))));
  }

  function verdict(seen) {
    if (seen.findings.length > 0) return seen.findings.map((finding) => sentence(finding, seen.balance));
    if (seen.looks < 3) return make('p', { class: 'notice' }, t('more'));
    if (seen.balance.closed === false) return make('section', { class: 'finding' }, make('p', { class: 'warn' }, `⚠ ${t('unexplained')}`));
    if (seen.balance.residual_w === undefined) return null;
    return make('section', { class: 'finding good' }, make('h3', {}, `● ${t('fine')}`), make('p', { class: 'soft' }, t('fine.how')));
  }

  /** What the events say: a register takes a quarter of an hour and more to be compared. */
  async function readDisagreeing() {
    try {
      const answer = await ask('/api/events?active=1&area=meter&limit=100', { timeout: 15000 });
      if (answer.ok) disagreeing = (await answer.json()).events.filter((event) => event.event === 'meter.power_disagrees');
    } catch {
      // the header says that the gateway does not answer
    }
    if (open) slow = setTimeout(readDisagreeing, 30000);
  }

  const disagreement = ({ device, detail }) => make('section', { class: 'finding bad', 'data-kind': 'power', 'data-device': device, 'data-key': `power ${detail.meter} ${detail.point}` },
    make('h3', {}, `✖ ${t('f.power', detail)}`), make('p', {}, t('f.power.how')));

  function balanceOf({ balance, meters }) {
    const unknown = balance.residual_w === undefined;
    return make('section', {}, make('h2', {}, t('whatIf')),
      make('p', {}, `${t('balance')} `, make('b', {}, unknown ? '—' : `${kw(balance.residual_w)} kW`), ' ',
        !unknown && make('span', { class: balance.closed ? 'good' : 'warn' }, t(balance.closed ? 'closed' : 'opened', { kw: kw(balance.tolerance_w) }))),
      unknown && make('p', { class: 'warn' }, balance.lacking.length > 0 ? t('lacking', { names: names(balance.lacking) }) : t('noGate')),
      make('table', {}, make('thead', {}, make('tr', {}, make('th', { scope: 'col' }, t('meter')), make('th', { scope: 'col', class: 'right' }, t('power')), make('th', { scope: 'col', class: 'right' }, t('turned')))),
        make('tbody', {}, meters.map((part) => make('tr', { 'data-key': part.id },
          make('th', { scope: 'row', class: 'whose' }, context.named(part.id, 'meter:'), make('small', {}, ` ${part.device}${part.reversed ? ` · ${t('turnedRound')}` : ''}`)),
          make('td', { class: 'right nowrap' }, make('small', {}, t(`way.${WAYS[part.role] ?? 'load'}.${Math.abs(part.w) < IDLE_W ? 'idle' : part.w > 0 ? 'out' : 'in'}`)), ` ${kw(Math.abs(part.w))}`),
          make('td', { class: 'right nowrap' }, kw(part.turned_w)))))));
  }

  function phasesOf({ phases }) {
    if (phases.length === 0) return null;
    const row = (one, key, values, scale = 1, places = 1) => make('tr', {}, make('th', { scope: 'row' }, t(key)), one[values].map((value) => make('td', {}, (value / scale).toFixed(places).replace('-', '−'))));
    return make('section', {}, make('h2', {}, t('phasesTitle')), make('div', { class: 'of-meters' }, phases.map((one) => make('div', { 'data-key': one.device },
      make('h3', { class: 'head' }, context.named(one.device), make('small', { class: one.verdict === 'straight' ? 'good' : one.verdict ? 'warn' : null }, t(one.verdict === 'straight' ? 'straight' : one.verdict ? 'odd' : 'unknown'))),
      make('table', { class: 'phases' }, make('thead', {}, make('tr', {}, make('th', { scope: 'col' }, t('phase')), [1, 2, 3].map((n) => make('th', { scope: 'col' }, 'ABC'[n - 1])))),
        make('tbody', {}, row(one, 'volts', 'volts'), row(one, 'amps', 'amps'), row(one, 'watts', 'watts', 1000, 2), row(one, 'factor', 'factors', 1, 2)))))));
  }

  async function look() {
    try {
      const reply = await ask('/api/wiring', { timeout: 5000 });
      if (reply.ok && open) {
        const seen = await reply.json();
        last = seen;
        draw(body, make('p', { class: 'soft', role: 'status' }, t('looks', { n: seen.looks })), disagreeing.map(disagreement), verdict(seen), balanceOf(seen), phasesOf(seen));
      }
    } catch {
      // the header says that the gateway does not answer
    }
    if (open) timer = setTimeout(look, 1000);
  }
  draw(body, make('p', { class: 'soft' }, t('waiting')));
  look();
  readDisagreeing();
  return { close() { open = false; clearTimeout(timer); clearTimeout(slow); } };
}
