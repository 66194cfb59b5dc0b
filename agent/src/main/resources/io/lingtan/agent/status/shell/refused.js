// What the broker takes the link for but not the data: which topics, the rule that its ACL lacks, and a try at once.

import { ask, refusal } from './api.js';
import { make } from './elements.js';
import { span } from './figures.js';
import { language, t } from './language.js';
import { snapshot, taken } from './snapshot.js';

const NAMED = 3;
const APART_MS = 3000; // the gateway tries no more often
const TOLD_MS = 15000;
let tried = -Infinity; // when somebody asked for a try
let problem = ''; // why that was not done

/** The first few by name, and how many more. */
const names = ({ topics, count }) => `${topics.slice(0, NAMED).join(language === 'zh' ? '、' : ', ')}${count > NAMED ? t('refused.more', { n: count - NAMED }) : ''}`;

/** Where nothing at all was ever taken it is mostly the account, else a rule. */
const isAccount = ({ ack_age_ms: last }) => last < 0;

/** A row of what is to be done: it leads to where this is mended. */
export function refusedRow(uplink) {
  const text = t('todo.refusing', { topic: names(uplink.refusing) });
  return isAccount(uplink) ? [text, t('todo.refusing.fix'), 'broker', '#commission/settings/broker'] : [text, t('refused.fix'), 'uplink', '#uplink'];
}

/** Rules as mosquitto's ACL file has them: several topics of a kind are one. */
function rules({ topics }) {
  const kindOf = (topic) => topic.split('/').slice(0, 4).join('/');
  const rule = (topic) => (topics.filter((other) => kindOf(other) === kindOf(topic)).length > 1 ? `${kindOf(topic)}/#` : topic);
  return [...new Set(topics.map(rule))].map((topic) => `topic write ${topic}`).join('\n');
}

function standing({ connected, refusing, next_try_ms: connects }) {
  const since = performance.now() - tried;
  if (problem) return problem;
  const next = (connected ? refusing.next_try_ms : connects ?? 0) - (performance.now() - taken);
  if (since < APART_MS || next <= 0) return t('refused.trying');
  const when = Number.isNaN(next) ? t('refused.next') : t('refused.in', { n: span(next + 999) });
  return since < TOLD_MS ? `${t('refused.again')} ${when}` : when;
}

/** The rule to be copied, a try at once, and when it is tried by itself. */
export function refusedHelp(uplink) {
  return make('div', { class: 'refused' }, make('p', { class: 'soft' }, t('refused.rule')), make('pre', {}, rules(uplink.refusing)),
    make('div', { class: 'row' }, make('button', { type: 'button', class: 'main', 'data-retry': true, disabled: performance.now() - tried < APART_MS }, t('refused.try')), make('span', { class: 'soft', role: 'status' }, standing(uplink))));
}

async function retry() {
  problem = '';
  try {
    const reply = await ask('/api/action/retry', { body: {} });
    if (reply.ok) tried = performance.now();
    else problem = await refusal(reply);
  } catch {
    problem = t('noAnswer');
  }
}

/** On the uplink's own page, first. */
export function refusedSection() {
  const { uplink } = snapshot;
  if (!uplink.refusing) return null;
  const [text, fix, to, href] = refusedRow(uplink);
  return make('section', { class: 'finding bad', 'data-key': 'refused' }, make('h2', { class: 'bad' }, `✖ ${text}`), make('p', {}, fix),
    to === 'broker' && make('p', {}, make('a', { href }, `${t('go.broker')} ›`)), refusedHelp(uplink));
}

document.addEventListener('click', ({ target }) => {
  if (target instanceof Element && target.closest('[data-retry]')) retry();
});
