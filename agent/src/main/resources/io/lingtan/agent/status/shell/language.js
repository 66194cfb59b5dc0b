// The chosen language. Chinese and English are in the modules; each further language is a file of its
// own, which is fetched when it is chosen.

import { words } from './words.js';

export const LANGUAGES = ['zh', 'en', ...document.body.dataset.languages.split(' ').filter(Boolean)];
let third = null; // the language file that is in use
let filled = new Map(); // by module: its words of that language

function remembered() {
  try {
    const kept = localStorage.getItem('language');
    return LANGUAGES.includes(kept) ? kept : null;
  } catch {
    return null; // storage is shut
  }
}

export function remember(chosen) {
  try {
    localStorage.setItem('language', chosen);
  } catch {
    // it holds until the page is closed
  }
}

export const kept = remembered();
export let language = ['zh', 'en'].includes(kept) ? kept : navigator.language.startsWith('zh') ? 'zh' : 'en';

/** A module's words in the chosen language. What a language file lacks is English, and says so. */
export function own(name, dictionary) {
  if (dictionary[language]) return dictionary[language];
  if (!filled.has(name)) filled.set(name, Object.fromEntries(Object.entries(dictionary.en).map(([key, text]) => [key, third.words[name]?.[key] ?? `${text} [en]`])));
  return filled.get(name);
}

export const said = () => own('shell', words);

export async function choose(wanted) {
  if (!['zh', 'en'].includes(wanted)) third = await import(`/words/${wanted}.js`);
  filled = new Map();
  language = wanted;
}

/** What an event means, or (suffix "_do") what to do about it. */
export function sentence(event, suffix = '') {
  const known = event[`${language}${suffix}`] ?? third?.words.sentences[`${event.event}${suffix}`];
  return known ?? (event[`en${suffix}`] && `${event[`en${suffix}`]} [en]`);
}

export function translate(dictionaries, key, values) {
  const text = dictionaries.map((each) => each[key]).find((each) => each !== undefined) ?? key;
  return values ? text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all) : text;
}

export const t = (key, values) => translate([said()], key, values);
