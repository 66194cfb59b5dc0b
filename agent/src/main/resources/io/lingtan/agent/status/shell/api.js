// What is asked of the gateway: a GET, or a POST that is meant, for which the PIN is asked.

import { make } from './elements.js';
import { language, said, t } from './language.js';

/**
 * Asks the gateway. Without options a GET; with {body} a POST that is meant, for which the PIN is asked when it is wanted.
 * Returns the Response; rejects when nothing comes or the person gives up.
 *
 * @param {string} path
 * @param {{body?: object, timeout?: number, signal?: AbortSignal}} [options]
 */
export async function ask(path, options = {}) {
  const { body, timeout = 10000, ...rest } = options;
  const request = () => fetch(path, {
    ...rest,
    ...(body === undefined ? {} : {
      method: 'POST', headers: { Accept: 'application/json', 'Content-Type': 'application/json', 'X-Lingtan': '1' }, body: JSON.stringify(body),
    }),
    signal: rest.signal ?? AbortSignal.timeout(timeout),
  });
  const answer = await request();
  if (answer.status !== 401) return answer;
  if (body === undefined) {
    location.reload(); // the session has ended: the page asks for the PIN
    return answer;
  }
  return (await login()) ? request() : answer;
}

/** What a refusal means for whoever pressed the button; nothing for who would not type the PIN. */
export async function refusal(reply) {
  if (reply.status === 401) return '';
  const text = (await reply.text()).trim();
  try {
    const { why, values, text: english } = JSON.parse(text);
    const all = { ...values, why: (language === 'zh' && values?.why_zh) || values?.why, form: said()[`form.${values?.name}`] ?? '' };
    return said()[`no.${why}`] ? t(`no.${why}`, all) : t('refused', { why: english });
  } catch {
    return t('refused', { why: text });
  }
}

/** Why there is no link to the broker, with what to do. */
export function linkProblem({ why, error, server }) {
  return said()[`link.${why}`] ? t(`link.${why}`, { server }) : error ?? t('mqttOff');
}

let asking;

/** Asks for the PIN in a window of its own; true when a session has begun. One at a time. */
function login() {
  asking ??= new Promise((resolve) => {
    const problem = make('p', { role: 'alert', class: 'bad' });
    const pin = make('input', { id: 'pin', type: 'password', inputmode: 'numeric', autocomplete: 'current-password', minlength: 6, maxlength: 32, required: true });
    const cancel = make('button', { type: 'button' }, t('cancel'));
    const form = make('form', { class: 'card' }, make('label', { for: 'pin' }, t('pinTitle')), pin, problem,
      make('div', { class: 'row' }, make('button', { class: 'main' }, t('pinOk')), cancel));
    const window = make('dialog', { class: 'pin', 'aria-label': t('pinTitle') }, form);
    let given = false;
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      try {
        const answer = await fetch('/api/session', {
          method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Lingtan': '1' },
          body: JSON.stringify({ pin: pin.value }), signal: AbortSignal.timeout(10000),
        });
        given = answer.status === 204;
        if (given) window.close();
        else problem.textContent = answer.status === 429 ? t('pinWait', { n: answer.headers.get('Retry-After') }) : t(answer.status === 403 ? 'pinNone' : 'pinWrong');
      } catch {
        problem.textContent = t('noAnswer');
      }
    });
    cancel.addEventListener('click', () => window.close());
    window.addEventListener('close', () => {
      window.remove();
      asking = undefined;
      resolve(given);
    });
    document.body.append(window);
    window.showModal();
  });
  return asking;
}
