// Ages, amounts and units as people read them.

import { t } from './language.js';
import { taken } from './snapshot.js';

const UNITS = { 'kW.h': 'kWh', 'kg/(kW.h)': 'kg/kWh', 'kW.h/kg': 'kWh/kg', Cel: '°C', m3: 'm³', 'm3/h': 'm³/h', 1: '' };
const LITTLE_ROOM_DAYS = 2;

export function span(milliseconds) {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 120) return t('seconds', { n: seconds });
  if (seconds < 7200) return t('minutes', { n: Math.floor(seconds / 60) });
  return seconds < 172800 ? t('hours', { n: Math.floor(seconds / 3600) }) : t('days', { n: Math.floor(seconds / 86400) });
}

/** How long ago in words; the age is as the snapshot has it, and grows since. */
export function age(milliseconds) {
  if (milliseconds === null || milliseconds === undefined || milliseconds < 0) return t('never');
  return t('ago', { amount: span(milliseconds + performance.now() - taken) });
}

/** A unit as people write it. */
function symbolOf(unit) {
  return UNITS[unit] ?? unit.replace('{ce}', 'ce').replace('{CO2e}', ' CO₂e').replace(/\(kW\.h\)|kW\.h/g, 'kWh').replace(/m3$/, 'm³');
}

/** Value and unit as two texts: few digits, watts as kilowatts where they are many; absent is "—". */
export function amount(value, unit) {
  const symbol = symbolOf(unit ?? '');
  if (value === null || value === undefined) return [t('none'), symbol];
  if (typeof value === 'string') return [value, ''];
  const scaled = unit === 'W' && Math.abs(value) >= 1000 ? value / 1000 : value;
  const size = Math.abs(scaled);
  const places = symbol === 'W' || symbol === 'V' ? 1 : size >= 100 ? 1 : size >= 10 ? 2 : 3;
  const text = size > 0 && size < 0.0005 ? String(Number(scaled.toPrecision(3))) : scaled.toLocaleString('en-US', { maximumFractionDigits: places });
  return [text === '-0' ? '0' : text.replace('-', '−'), scaled === value ? symbol : 'kW'];
}

export function number(value, unit) {
  return amount(value, unit).filter((part) => part !== '').join(' ');
}

export function kilowatts(watts) {
  return (Math.abs(watts) / 1000).toLocaleString('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
}

export function days(count) {
  return count >= 10 ? Math.floor(count).toLocaleString('en-US') : count.toFixed(1);
}

export function bytes(count) {
  if (count === undefined) return t('none');
  const [divisor, unit] = count >= 1e9 ? [1e9, 'GB'] : [1e6, 'MB'];
  return `${(count / divisor).toLocaleString('en-US', { maximumFractionDigits: 1 })} ${unit}`;
}

/** How long the store lasts without a broker, and how bad that is: the same on each screen. */
export function room({ days_left: left }, { configured, connected }) {
  if (left === undefined) return [t('none')];
  const text = t('health.daysLeft', { n: days(left) });
  if (left >= LITTLE_ROOM_DAYS || !configured) return [text];
  return connected ? [`⚠ ${text}`, 'warn'] : [`✖ ${text}`, 'bad'];
}
