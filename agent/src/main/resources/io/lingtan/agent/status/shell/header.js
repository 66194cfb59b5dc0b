// Site, gateway, languages, and the chips that say how the gateway is.

import { alarmsOf } from './devices.js';
import { byId, draw, make } from './elements.js';
import { language, LANGUAGES, t } from './language.js';
import { link, snapshot } from './snapshot.js';

/** A fact in the header, and the way to what it is about; what the page has lost the gateway for is neither good nor bad. */
function chip(kind, mark, text, href) {
  const inside = [make('span', { class: 'mark', 'aria-hidden': 'true' }, mark), text];
  return make('li', { class: link === 'lost' && href ? 'old' : kind }, href ? make('a', { href }, inside) : inside);
}

export function drawHeader() {
  const { uplink, store, clock, devices } = snapshot;
  draw(byId('site'), snapshot.site);
  draw(byId('gateway'), snapshot.gateway);
  draw(byId('languages'), LANGUAGES.map((each) => make('button', { type: 'button', 'data-language': each, lang: each === 'zh' ? 'zh-CN' : each, 'aria-pressed': String(each === language) }, each === 'zh' ? '中' : each.toUpperCase())));
  byId('languages').setAttribute('aria-label', t('language'));
  const good = devices.filter((device) => device.state === 'good' || device.state === 'asleep').length;
  const alarmed = devices.filter((device) => alarmsOf(device.id).some((event) => event.severity === 'alarm')).length;
  const fine = good === devices.length && alarmed === 0;
  const sure = !fine || snapshot.events?.complete;
  draw(byId('chips'),
    link === 'lost' ? chip('bad', '✖', t('lost')) : link === 'polling' ? chip('warn', '◷', t('polling')) : chip('good', '●', t('live')),
    !uplink.configured ? chip('', '○', t('mqttNone'), '#uplink') : uplink.refusing ? chip('bad', '✖', t('mqttRefused'), '#uplink') : uplink.connected ? chip('good', '●', t('mqttOn'), '#uplink') : chip('bad', '✖', t('mqttOff'), '#uplink'),
    chip('', '↑', t('waiting', { n: store.waiting.toLocaleString('en-US') }), '#uplink'),
    clock.trusted ? chip('good', '●', t('clockGood'), '#commission/clock') : chip('bad', '✖', t('clockBad'), '#commission/clock'),
    devices.length > 0 && chip(!sure ? '' : fine ? 'good' : 'bad', !sure ? '○' : fine ? '●' : '✖', [t('devices', { good, all: devices.length }), alarmed > 0 && ` · ${t('alarmed', { n: alarmed })}`], '#meters'),
    snapshot.simulated && chip('warn', '⚠', t('simulated')));
}
