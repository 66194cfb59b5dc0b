// In what state a device is, and why it has no value: always a mark and a word, never a colour alone.

import { make } from './elements.js';
import { language, said, t } from './language.js';
import { named, spelt } from './names.js';
import { snapshot } from './snapshot.js';

export const MARKS = { good: '●', asleep: '☾', stale: '◷', fault: '✖', offline: '✖', never: '○' };
const QUALITY_MARKS = { est_linear: '≈', est_profile: '≈', substituted: '≈', partial: '◷', suspect: '⚠', missing: '○' };
const DOUBTED = ['range', 'suspect'];
// What the snapshot has the newest of: the event that told of it says no more.
export const LIVE_EVENTS = ['meter.offline', 'line.down', 'uplink.down', 'demand.near_limit'];

/** Where the figure of a metering point stands, if no other one is in it. */
const FIGURE_OF = { grid: ['elec.grid.import', 'elec.grid.export'], pv: ['elec.pv.generation'], battery: ['elec.battery.charge', 'elec.battery.discharge'] };

/** A state as mark and word; its class gives the colour, which says nothing alone. */
export function state(name) {
  return make('span', { class: `state ${name}` }, `${MARKS[name] ?? '○'} ${t(`state.${name}`)}`);
}

export function quality(name) {
  const mark = QUALITY_MARKS[name];
  return `${mark ? `${mark} ` : ''}${t(`q.${name}`)}`;
}

/** The state of a device: one that answers while an alarm says that it is wrong is not good. */
export function condition(device) {
  const [alarm] = alarmsOf(device.id);
  if (device.state === 'good' && !alarm && doubtsOf(device).length > 0) return make('span', { class: 'state warn' }, `⚠ ${t('mark.doubt')}`);
  if (device.state !== 'good' || !alarm) return state(device.state);
  const kind = alarm.severity === 'alarm' ? 'bad' : 'warn';
  const own = said()[`mark.${alarm.event}`];
  return make('span', { class: `state ${kind}` }, `${kind === 'bad' ? '✖' : '⚠'} ${own ?? t(`mark.${kind}`)}`);
}

/** Warnings and alarms that go on with this device. */
export function alarmsOf(device) {
  return (snapshot.events?.worst ?? []).filter((event) => event.device === device && !LIVE_EVENTS.includes(event.event));
}

/** What there is against the values of a meter that answers, in words. */
export function doubtsOf(device) {
  const doubted = [...new Map([...device.values, ...device.old].filter(({ why }) => DOUBTED.includes(why)).map((value) => [value.p, value])).values()].map((value) => (language === 'zh' ? value.zh : value.en ?? spelt(value.p)));
  for (const [point, why] of Object.entries(device.bad)) {
    if (DOUBTED.includes(why) && ![...device.values, ...device.old].some(({ p }) => p === point)) doubted.push((language === 'zh' && device.bad_zh?.[point]) || spelt(point));
  }
  const { flow, interval } = snapshot;
  const suspect = flow.meters.some(({ id, role, device: on }) => on === device.id
    && (flow.meters.filter((other) => other.role === role).length === 1 ? FIGURE_OF[role] ?? [] : []).concat(`elec.load.${id}`).some((name) => interval?.metrics[name]?.q === 'suspect'));
  return [doubted.length > 0 && t('doubt.range', { points: doubted.join(language === 'zh' ? '、' : ', ') }), suspect && t('doubt.suspect')].filter(Boolean);
}

/** What a reason means and what to do about it; of a device, by the kind of line that it is on. */
export function reason(code, device) {
  if (!code) return '';
  if (code.startsWith('exception_')) {
    const n = code.slice(10);
    return said()[`why.exception.${n}`] ?? t('why.exception', { n });
  }
  const kind = device && snapshot.lines.find((line) => line.id === device.line)?.kind;
  return t(code === 'timeout' && kind === 'modbus-tcp' ? 'why.tcp' : `why.${code}`);
}

/** Why there is no figure; a device's code is told with what to do about it. */
export function figureReason({ why = '', why_zh: chinese }) {
  const [, device, code] = /^([\w-]+): (\w+)$/.exec(why) ?? [];
  if (said()[`why.${code}`] || code?.startsWith('exception_')) return `${named(device)}${language === 'zh' ? '：' : ': '}${reason(code)}`;
  return (language === 'zh' && chinese) || why;
}

export function valueOf(now, meters, role, point) {
  for (const meter of meters.filter((each) => each.role === role)) {
    const device = now.devices.find((each) => each.id === meter.device);
    const value = device && [...device.values, ...device.old].find((each) => each.p === point);
    if (value) return value;
  }
  return undefined;
}

/** Why a meter that may well answer has no value at present, in a word or two. */
export function unseen({ state: name, why }) {
  return name === 'good' ? t(why === 'suspect' ? 'q.suspect' : 'noData') : t(`state.${name}`);
}
