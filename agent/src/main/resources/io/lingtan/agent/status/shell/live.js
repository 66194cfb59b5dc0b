// New snapshots: from the live stream, or asked for every 5 s where all streams are taken.

import { ask } from './api.js';
import { drawnAt, redraw } from './page.js';
import { keep, link, setLink, taken } from './snapshot.js';
import { countOpen } from './to-do.js';

const SILENCE_MS = 5000;
export const WATCH_MS = 250; // so that 5 s of silence are noticed before they are 6
const RETRY_STREAM_MS = 30000;
let stream;
let heard = taken;
let opened = taken;
let polled = taken;

function take(fresh) {
  keep(fresh);
  countOpen();
  redraw();
}

export function listen() {
  stream?.close();
  opened = performance.now();
  stream = new EventSource('/api/live');
  stream.onmessage = (event) => {
    heard = performance.now();
    setLink('live');
    take(JSON.parse(event.data));
  };
  stream.onerror = () => {
    if (stream.readyState !== EventSource.CLOSED) {
      // The server ends every stream after a while, so that those of phones that went away end too.
      if (performance.now() - opened > SILENCE_MS && performance.now() - heard < SILENCE_MS) listen();
    } else if (link !== 'polling') {
      setLink('polling'); // refused: all streams are taken, or the session has ended
      poll();
    }
  };
}

async function poll() {
  polled = performance.now();
  try {
    const answer = await ask('/api/snapshot', { timeout: SILENCE_MS });
    if (!answer.ok) throw new Error(String(answer.status));
    const fresh = await answer.json();
    if (link === 'live') return;
    heard = performance.now();
    setLink('polling');
    take(fresh);
  } catch {
    // the watchdog tells
  }
}

export function watch() {
  if (document.hidden) return;
  const now = performance.now();
  const silent = now - heard;
  if (silent > (stream.readyState === EventSource.CLOSED ? 2 : 1) * SILENCE_MS && link !== 'lost') {
    setLink('lost');
    listen();
    redraw();
  } else if (stream.readyState === EventSource.CLOSED) {
    if (now - opened > RETRY_STREAM_MS) listen();
    else if (now - polled >= SILENCE_MS) poll();
  } else if (link === 'lost' && now - opened > Math.min(RETRY_STREAM_MS, Math.max(SILENCE_MS, silent / 2))) {
    listen();
  }
  if (now - drawnAt > 900) redraw(); // ages grow
}

document.addEventListener('visibilitychange', () => {
  if (document.hidden) {
    stream.close();
  } else {
    heard = performance.now();
    listen();
  }
});
