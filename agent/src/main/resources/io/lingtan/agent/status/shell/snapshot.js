// The newest snapshot and when it came. Ages come from the server and grow here by the clock that counts
// since the page was opened; the phone's date and zone are never used.

import { byId } from './elements.js';

export let snapshot = JSON.parse(byId('snapshot').textContent);
export let taken = performance.now();
export let link = 'live'; // live, polling, or lost

const JUDGED_MS = 8000; // after a change of the site file the gateway judges its meters anew
let before = []; // the alarms of before the change
let changed = -Infinity;

/** Takes a newer one. What a change has ended goes on, as being checked again, until there was time to raise it anew. */
export function keep(fresh) {
  if (fresh.config.sha256 !== snapshot.config.sha256) {
    before = snapshot.events?.worst ?? [];
    changed = performance.now();
  }
  if (fresh.events && performance.now() - changed < JUDGED_MS) {
    const { worst } = fresh.events;
    const lost = before.filter((event) => event.device && fresh.devices.some(({ id }) => id === event.device) && !worst.some((other) => other.event === event.event && other.device === event.device));
    fresh.events = { ...fresh.events, count: fresh.events.count + lost.length, worst: [...worst, ...lost.map((event) => ({ ...event, again: true }))] };
  }
  snapshot = fresh;
  taken = performance.now();
}

export function setLink(now) {
  link = now;
}
