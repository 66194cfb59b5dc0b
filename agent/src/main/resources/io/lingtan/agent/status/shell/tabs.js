// The tabs, and the address after "#" that says which one is open.

import { byId, draw, make } from './elements.js';
import { t } from './language.js';
import { snapshot } from './snapshot.js';

const ORDER = ['overview', 'meters', 'charts', 'uplink', 'events', 'commission'];
export const screens = ['overview', ...document.body.dataset.screens.split(' ').filter(Boolean)]
  .sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b));

/** The address after "#": the tab, then what the tab makes of the rest. */
export function address() {
  const [name, ...rest] = decodeURIComponent(location.hash.slice(1)).split('/');
  return screens.includes(name) ? { name, route: rest.join('/') } : { name: 'overview', route: '' };
}

export function drawTabs(open) {
  byId('tabs').setAttribute('aria-label', t('tabs'));
  draw(byId('tabs'), screens.map((name) => make('a', {
    role: 'tab', id: `tab-${name}`, href: `#${name}`, 'aria-selected': String(name === open), 'aria-controls': 'screen',
    tabindex: name === open ? 0 : -1,
  }, t(`tab.${name}`), name === 'events' && badge())));
  byId('screen').setAttribute('aria-labelledby', `tab-${open}`);
}

/** How many warnings and alarms go on. */
function badge() {
  const { count = 0, worst = [] } = snapshot.events ?? {};
  const alarm = worst.some(({ severity }) => severity === 'alarm');
  return count > 0 && make('span', { class: `badge ${alarm ? 'bad' : 'warn'}`, title: t('toConfirm', { n: count }) }, String(count));
}

byId('tabs').addEventListener('keydown', (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1, Home: -screens.length, End: screens.length }[event.key];
  if (!step) return;
  event.preventDefault();
  const at = screens.indexOf(address().name) + step; // keys may come faster than screens
  const to = Math.abs(step) > 1 ? Math.max(0, Math.min(screens.length - 1, at)) : (at + screens.length) % screens.length;
  location.hash = screens[to];
  byId(`tab-${screens[to]}`).focus();
});
