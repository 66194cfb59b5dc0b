// The newest snapshot and when it came. Ages come from the server and grow here by the clock that counts
// since the page was opened; the phone's date and zone are never used.

import { byId } from './elements.js';

export let snapshot = JSON.parse(byId('snapshot').textContent);
export let taken = performance.now();
export let link = 'live'; // live, polling, or lost

/** Takes a newer one. */
export function keep(fresh) {
  snapshot = fresh;
  taken = performance.now();
}

export function setLink(now) {
  link = now;
}
