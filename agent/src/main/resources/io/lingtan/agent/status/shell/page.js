// Draws the page: the frame each second, and the open screen, whose module is fetched when its tab is first opened.

import { ask, linkProblem, refusal } from './api.js';
import { alarmsOf, condition, doubtsOf, quality, reason, state } from './devices.js';
import { byId, draw, drawn, make } from './elements.js';
import { age, amount, number, room, span } from './figures.js';
import { drawHeader } from './header.js';
import { choose, language, own, remember, said, sentence, t, translate } from './language.js';
import { named, spelt, titled, told } from './names.js';
import { showOverview } from './overview.js';
import { refusedSection } from './refused.js';
import { link, snapshot, taken } from './snapshot.js';
import { address, drawTabs } from './tabs.js';
import { drawBanners, goesOn } from './to-do.js';
import { words } from './words.js';

const RETRY_SCREEN_MS = 2000;
const loaded = { overview: { words, show: showOverview } };
let open = { name: '', route: '', screen: null };
export let drawnAt = taken;

export function redraw() {
  drawnAt = performance.now();
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : language;
  document.title = `${snapshot.site} · Lingtan`;
  document.body.classList.toggle('simulated', snapshot.simulated === true);
  document.body.classList.toggle('disconnected', link === 'lost');
  drawHeader();
  drawTabs(open.name);
  drawBanners(open.name);
  const wall = open.name === 'overview' && open.route === 'wall';
  document.body.classList.toggle('wall', wall);
  document.body.classList.toggle('night', wall && isNight());
  const links = wall ? [['#overview', 'wallEnd']] : [[`/help?lang=${language === 'zh' ? 'zh' : 'en'}`, 'help'], ['/report/', 'report'], ['/text', 'text'], ['/api/snapshot', 'json'], ['/metrics', 'metrics'], ['/api/bundle', 'bundle'], [`/technicians?lang=${language === 'zh' ? 'zh' : 'en'}`, 'people'], ['#overview/wall', 'wall']];
  draw(byId('foot'), links.map(([path, key]) => make('a', { href: path }, t(key))), make('span', {}, `Lingtan ${snapshot.software}`));
  open.screen?.update(snapshot);
}

/** By the site's time, whatever the screen's clock says. */
function isNight() {
  const hour = Number(new Intl.DateTimeFormat('en-GB', { timeZone: snapshot.zone, hour: '2-digit', hourCycle: 'h23' }).format(snapshot.now));
  return hour < 6 || hour >= 20;
}

/** Until a style is there: a screen that is drawn before it would jump. */
function styled(href) {
  if (document.querySelector(`link[href="${href}"]`)) return null;
  const sheet = make('link', { rel: 'stylesheet', href });
  document.head.append(sheet);
  return new Promise((resolve) => { sheet.onload = sheet.onerror = resolve; });
}

/** @typedef {Readonly<ReturnType<typeof contextOf>>} Context what a screen is given */

/** What is given to a screen of this name. */
function contextOf(name, module, route) {
  const dictionaries = [own(module.words === words ? 'shell' : name, module.words), said()];
  return {
    t: (key, values) => translate(dictionaries, key, values), own, sentence,
    language, route, snapshot: () => snapshot, ask, refusal, told, linkProblem, refusedSection, room, age, span, number, amount, reason, named, spelt, titled, state, condition, alarms: alarmsOf, doubts: doubtsOf, goesOn, quality, make, drawn, draw,
    go: (path) => { location.hash = path; },
  };
}

export async function show() {
  const { name, route } = address();
  open.screen?.close();
  open = { name, route, screen: null };
  redraw();
  byId(`tab-${name}`).scrollIntoView({ block: 'nearest', inline: 'nearest' });
  const root = byId('screen');
  const wanted = open;
  if (!loaded[name]) {
    draw(root, make('p', { class: 'notice' }, t('loading')));
    try {
      loaded[name] = await import(`/screens/${name}.js`);
    } catch {
      // A module that failed once is not asked for again by the browser: another address is.
      try {
        loaded[name] = await import(`/screens/${name}.js?${Math.floor(performance.now())}`);
      } catch {
        if (wanted === open) {
          draw(root, make('p', { class: 'notice', role: 'alert' }, t('failed')));
          setTimeout(() => { if (wanted === open) show(); }, RETRY_SCREEN_MS);
        }
        return;
      }
    }
    await Promise.all((loaded[name].styles ?? []).map(styled));
  }
  if (wanted !== open) return; // another tab was opened meanwhile
  root.replaceChildren();
  const fresh = make('div', { class: `screen ${name}` });
  root.append(fresh);
  open.screen = loaded[name].show(fresh, contextOf(name, loaded[name], route));
  open.screen.update(snapshot);
}

export async function speak(chosen) {
  try {
    await choose(chosen);
  } catch {
    return; // its file did not come: the language before stays
  }
  redraw();
  show();
}

byId('languages').addEventListener('click', ({ target }) => {
  const chosen = target instanceof Element && target.closest('[data-language]')?.getAttribute('data-language');
  if (!chosen || chosen === language) return;
  remember(chosen);
  speak(chosen);
});
