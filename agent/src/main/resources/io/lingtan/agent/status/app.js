// The page's frame and its overview, sent as one script: this file and what it imports by a relative address,
// the folder shell. Every other screen is a script that is fetched when its tab is first opened. See
// agent/README.md, "The page's modules".

import { kept, language } from './shell/language.js';
import { listen, watch, WATCH_MS } from './shell/live.js';
import { redraw, show, speak } from './shell/page.js';

export { words } from './shell/words.js';

window.addEventListener('hashchange', () => {
  scrollTo(0, 0);
  show();
});

redraw();
show();
listen();
if (kept && kept !== language) speak(kept);
setInterval(watch, WATCH_MS);
