// The tools of somebody who puts a site into operation: each is a view of its own behind
// #commission/NAME. They look and propose; what touches a line is asked for by POST.

import { clock } from '../commission/clock.js';
import { head } from '../commission/fields.js';
import { ratio } from '../commission/ratio.js';
import { handover, record } from '../commission/record.js';
import { scan } from '../commission/scan.js';
import { settingsOf } from '../commission/settings.js';
import { lineSettings, settings, site } from '../commission/site.js';
import { stepLoad } from '../commission/step-load.js';
import { steps } from '../commission/steps.js';
import { wiring } from '../commission/wiring.js';

export { words } from '../commission/words.js';

export const styles = ['/screens/commission.css'];

const TOOLS = ['wiring', 'step', 'ratio', 'scan', 'site', 'settings', 'clock', 'record', 'handover'];

/** @param {import('/shell/page.js').Context} context */
export function show(root, context) {
  const [tool, ...rest] = context.route.split('/');
  const views = { wiring, ratio, scan, site, clock, record, handover, step, settings: gateway, meter: settings, line: lineSettings };
  const view = (views[tool] ?? menu)(root, context, rest.join('/'));
  return { update: view.update ?? (() => {}), close: view.close ?? (() => {}) };
}

/** @param {import('/shell/page.js').Context} context */
function menu(root, context) {
  const { t, make } = context;
  const place = make('section', { class: 'guide' });
  const shown = steps(place, context);
  root.append(place, make('ul', { class: 'menu' }, TOOLS.map((name) => make('li', {}, make('a', { class: 'card', href: `#commission/${name}` },
    make('b', {}, t(`tool.${name}`)), make('span', { class: 'soft' }, t(`tool.${name}.how`))))),
  make('li', {}, make('a', { class: 'card', href: '/api/bundle', download: '' }, make('b', {}, t('tool.bundle')), make('span', { class: 'soft' }, t('tool.bundle.how')))),
  make('li', {}, make('a', { class: 'card', href: '/verify.html', download: '' }, make('b', {}, t('tool.verify')), make('span', { class: 'soft' }, t('tool.verify.how'))))),
  make('p', { class: 'notice' }, t('rights')));
  return shown;
}

/**
 * A known load is switched, and the meters are watched.
 *
 * @param {import('/shell/page.js').Context} context
 */
function step(root, context) {
  root.append(...head(context, 'step'));
  return stepLoad(root, context);
}

/**
 * What of the gateway itself can be set.
 *
 * @param {import('/shell/page.js').Context} context
 */
function gateway(root, context, part) {
  root.append(...(part ? [context.make('p', {}, context.make('a', { href: '#commission/settings' }, `‹ ${context.t('tool.settings')}`))] : head(context, 'settings')));
  return settingsOf(root, context, part);
}
