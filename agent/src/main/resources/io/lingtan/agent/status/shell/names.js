// What people call a device, a line or a metering point, and what the agent tells in both languages.

import { make } from './elements.js';
import { language } from './language.js';
import { snapshot } from './snapshot.js';

/** What people call a device, a line ("line:") or a metering point ("meter:"); its id where they have no name for it. */
export function named(id, kind = '') {
  return snapshot.labels?.[`${kind}${id}`]?.[language] ?? snapshot.labels?.[`${kind}${id}`]?.en ?? id;
}

/** The same with the id in small type. */
export function titled(id, kind) {
  const name = named(id, kind);
  return name === id ? id : [name, ' ', make('small', {}, id)];
}

/** A sentence that the agent has in both languages. */
export function told(of, name) {
  return (language === 'zh' && of[`${name}_zh`]) || of[name];
}

/** A point's name in English where nobody gave it one: phases are A, B and C in both languages. */
export const spelt = (point) => point.replaceAll('_', ' ').replace(/ l([123])$/, (_, phase) => ` ${'ABC'[phase - 1]}`);
