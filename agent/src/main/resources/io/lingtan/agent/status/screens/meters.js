// Every device, worst first, and one device in full: its values, what its line counted, and a reading
// by hand from frame to number.

export { words } from '../meters/words.js';

export const styles = ['/screens/meters.css'];

const ORDER = ['never', 'offline', 'fault', 'stale', 'asleep', 'good'];
const WAYS = { pv: 'pv', grid: 'grid', battery: 'battery', load: 'load', charger: 'load', electrolyser: 'h2', compressor: 'h2', chp: 'chp' };
const RECENT_MS = 600000;
const RECENT_PARTS = 60;
const REFRESH_MS = 10000;
const POLLED_MS = 3000;
const FIRST = ['power', 'soc', 'pressure', 'mass', 'volume', 'flow', 'energy_import', 'temperature', 'state'];

/** @param {import('/shell/page.js').Context} context */
export function show(root, context) {
  const { t, language, route, age, span, number, reason, named, spelt, titled, condition, alarms, doubts, goesOn, told, make, drawn, draw, ask, refusal } = context;
  const wide = matchMedia('(min-width: 600px)');
  const refresh = () => update(context.snapshot());
  wide.addEventListener('change', refresh);
  let result = null; // of the reading by hand
  let isReading = false;
  let recent = null; // what its main value was of late
  let lastRead = -Infinity;
  let polls = null; // what its last polls sent and got
  let lastPolled = -Infinity;

  const label = (value) => (language === 'zh' ? value.zh : value.en ?? spelt(value.p));
  const labelOf = (point, device) => { const value = [...device.values, ...device.old].find((each) => each.p === point); return value ? label(value) : (language === 'zh' && device.bad_zh?.[point]) || spelt(point); };
  const shownOf = (value) => (value.raised ? value.raised.map((bit) => bit[language] ?? bit.en).join(language === 'zh' ? '、' : ', ') || t('none') : value.v);
  const count = (n) => n.toLocaleString('en-US');
  const micros = (us) => (us ? `${(us / 1000).toFixed(1)} ms` : t('none'));

  function roles(now, device) {
    return now.flow.meters.filter((meter) => meter.device === device.id).map((meter) => `${t(`role.${meter.role}`)}${meter.reverse ? ` (${t('reversed')})` : ''}`).join(' · ');
  }

  function telling(device) {
    const all = [...device.values, ...device.old];
    return FIRST.map((point) => all.find((each) => each.p === point)).find(Boolean) ?? all[0];
  }

  /** The one value that says most of a device; an old one says that it is old. */
  function main(device) {
    const value = telling(device);
    if (!value) return make('span', { class: 'never' }, t('none'));
    return make('span', { class: value.why ? 'dim' : null }, value.why ? '◷ ' : '', value.p === 'power' && !value.why && way(device), number(unsigned(value, device), value.u));
  }

  /** Its power as the site counts it: what the site file turns round is turned beside a word that says which way. */
  function turned(value, { id }) {
    const reverse = context.snapshot().flow.meters.some((each) => each.device === id && each.reverse && each.w !== undefined && WAYS[each.role]);
    return reverse && value.p === 'power' && !value.why ? -value.v : shownOf(value);
  }

  /** Without a sign where the word beside it says which way. */
  const unsigned = (value, device) => (value.p === 'power' && !value.why && ways(device) !== '' && !ways(device).endsWith('.idle') ? Math.abs(turned(value, device)) : turned(value, device));

  /** Which way its power goes, in a word: what a sign means depends on the meter. */
  function ways({ id }) {
    const meter = context.snapshot().flow.meters.find((each) => each.device === id && each.w !== undefined);
    const key = meter && WAYS[meter.role];
    return key ? `way.${key}.${Math.abs(meter.w) < Math.max(50, (meter.rated_kw ?? 0) * 2) ? 'idle' : meter.w > 0 ? 'out' : 'in'}` : '';
  }

  const way = (device) => (ways(device) ? make('small', {}, `${t(ways(device))} `) : '');

  const again = ({ next_ms }) => next_ms !== undefined && ` · ${t('nextTry', { in: span(next_ms) })}`;
  const where = (device) => `${named(device.line, 'line:')} · ${device.address}`;
  const counts = (device) => `${count(device.timeouts)} · ${count(device.crc)} · ${count(device.exceptions)}`;
  const isAlarmed = (device) => alarms(device.id).length > 0 || (device.state === 'good' && doubts(device).length > 0);
  const rank = (device) => ORDER.indexOf(device.state !== 'good' || !isAlarmed(device) ? device.state : alarms(device.id).length > 0 ? 'fault' : 'stale');
  const sorted = (devices) => [...devices].sort((a, b) => rank(a) - rank(b));

  function cards(now) {
    const edge = (device) => (device.state === 'good' && !isAlarmed(device) ? '' : condition(device).matches('.warn, .stale') ? 'poor mild' : 'poor');
    return make('ul', { class: 'cards' }, sorted(now.devices).map((device) => make('li', { 'data-key': device.id },
      make('a', { class: `card ${edge(device)}`, href: `#meters/${encodeURIComponent(device.id)}` },
        make('span', { class: 'head' }, make('b', {}, titled(device.id), make('small', {}, ` ${roles(now, device)}`)), make('b', { class: 'num' }, main(device))),
        make('span', { class: 'head' }, condition(device), make('span', { class: 'soft' }, age(device.age_ms))),
        make('span', { class: 'soft' }, [where(device), device.timeouts > 0 && `${t('timeouts')} ${count(device.timeouts)}`, device.crc > 0 && `CRC ${count(device.crc)}`, `${t('reply')} ${micros(device.reply_us)}`].filter(Boolean).join(' · ')),
        device.failure && make('span', { class: 'bad small' }, reason(device.failure, device), again(device))))));
  }

  function table(now) {
    const head = ['name', 'state', 'value', 'seen', 'where', 'counts', 'reply'];
    return make('section', {}, make('table', { class: 'wide' }, make('thead', {}, make('tr', {}, head.map((key) => make('th', { scope: 'col', class: key === 'value' || key === 'reply' ? 'right' : null }, t(key))))),
      make('tbody', {}, sorted(now.devices).map((device) => make('tr', { 'data-key': device.id },
        make('td', {}, make('a', { href: `#meters/${encodeURIComponent(device.id)}` }, titled(device.id)), make('small', {}, ` ${roles(now, device)}`)),
        make('td', {}, condition(device), device.failure && make('div', { class: 'soft' }, reason(device.failure, device), again(device))),
        make('td', { class: 'right' }, main(device)), make('td', {}, age(device.age_ms)), make('td', {}, where(device)),
        make('td', {}, counts(device)), make('td', { class: 'right' }, micros(device.reply_us)))))));
  }

  /** A value; what differs from the head of the meter is marked, and nothing else. */
  function cell(value, device) {
    const text = number(shownOf(value), value.u);
    const record = device.records.find((each) => each.seq === value.seq);
    const late = value.age_ms > device.age_ms + Math.max(10000, 3 * device.every_ms);
    const ofAll = value.why === device.failure || value.why === 'offline'; // the head says it once for all
    return make('div', { 'data-key': value.p, 'data-point': value.p }, make('dt', {}, label(value)),
      make('dd', { class: value.why ? 'dim' : null }, value.why ? t('last', { value: text }) : text),
      value.why && !ofAll && make('dd', { class: 'warn small' }, `◷ ${reason(value.why)}`),
      (late || (value.why && !ofAll)) && make('dd', { class: 'soft' }, age(value.age_ms)),
      (value.how === 'left_out' || record?.state === 'refused' || record?.state === 'dropped') && make('dd', {}, place(value, device)));
  }

  const numbered = (seq) => `#${seq}`;
  const FATES = { acked: '●', taken: '●', under_way: '◷', waiting: '◷', held: '◷', kept: '○', refused: '✖', dropped: '✖' };
  const fateClass = (fate) => ({ acked: 'good', taken: 'good', refused: 'bad', dropped: 'bad' })[fate] ?? 'soft';
  const fateText = (fate) => `${FATES[fate]} ${t(`fate.${fate}`)}`;

  /** In which record a value is. */
  function place(value, device) {
    const record = device.records.find((each) => each.seq === value.seq);
    if (!value.how) return make('small', { class: 'place' }, `→ ${numbered(value.seq)} `, record && make('span', { class: fateClass(record.state) }, fateText(record.state)));
    return make('small', { class: 'place' }, `◷ ${t(`how.${value.how}`)}`, record && ` · ${t('lastRecord', { seq: numbered(record.seq) })}`);
  }

  /** When the broker answered, by the gateway's clock, or else how long ago. */
  function answered({ at, sent_age_ms, took_ms }, zone) {
    if (took_ms === undefined) return '';
    const clock = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, timeStyle: 'medium' });
    return t('puback', { at: at === undefined ? t('noClock', { age: age(sent_age_ms - took_ms) }) : clock.format(at) });
  }

  /** What became of the records that these values are in. */
  function passage(device) {
    const { zone } = context.snapshot();
    const all = [...device.values, ...device.old];
    return device.records.length === 0 ? make('p', { class: 'soft' }, t('notYet')) : make('ul', { class: 'plain passage' }, device.records.map((record) => make('li', { 'data-key': `${record.epoch}${record.seq}`, 'data-fate': record.state },
      make('div', { class: 'head' }, make('b', {}, t('record', { seq: numbered(record.seq) })), make('span', { class: fateClass(record.state) }, fateText(record.state))),
      make('p', { class: 'soft' }, [t('epochIs', { epoch: record.epoch }), t('taken', { age: age(record.age_ms) }), t('holds', { points: all.filter((value) => value.seq === record.seq).map(label).join(language === 'zh' ? '、' : ', ') })].join(' · ')),
      make('p', { class: 'soft' }, record.topic && make('code', {}, record.topic), ' ', [answered(record, zone), record.took_ms !== undefined && t('took', { n: record.took_ms }), record.state === 'under_way' && t('sentAgo', { age: age(record.sent_age_ms) }), record.reason >= 128 && t('because', { n: record.reason })].filter(Boolean).join(' · ')))));
  }

  /** Points without any value: a reason is told once, with all whose it is. */
  function lacking(device) {
    const absent = Object.entries(device.bad).filter(([point]) => point !== '*' && !device.old.some((value) => value.p === point));
    const names = (why) => absent.filter(([, each]) => each === why).map(([point]) => labelOf(point, device));
    return [...new Set(absent.map(([, why]) => why))].map((why) => make('details', { 'data-key': why, class: 'lacking' },
      make('summary', { class: 'warn' }, `○ ${t('absent', { n: names(why).length, why: why === device.failure ? t(`state.${device.state}`) : reason(why) })}`), make('p', { class: 'soft' }, names(why).join(language === 'zh' ? '、' : ', '))));
  }

  /** What goes on with it, each with the way to where it is mended. */
  function alarmed(device) {
    return alarms(device.id).map((event) => {
      const [cause, fix, to, href] = goesOn(event);
      return make('p', { class: event.severity === 'alarm' ? 'bad' : 'warn', 'data-key': `${event.epoch}${event.seq}` }, `${event.severity === 'alarm' ? '✖' : '⚠'} ${cause} `, to !== 'meter' && make('a', { class: 'go', href }, `${t(`go.${to}`)} ›`), make('br'), make('small', {}, fix));
    });
  }

  const scanned = (now, device) => ['serial', 'modbus-tcp', 'modbus-rtu-tcp'].includes(now.lines.find((line) => line.id === device.line)?.kind);

  function detail(now, device) {
    const fact = (key, value) => value !== undefined && value !== '' && make('div', {}, make('dt', {}, t(key)), make('dd', {}, value));
    return [
      make('p', {}, make('a', { href: '#meters' }, `‹ ${t('back')}`)),
      make('section', {}, make('h2', {}, make('span', {}, titled(device.id)), condition(device)),
        make('p', { class: 'soft' }, `${age(device.age_ms)} · ${where(device)}`),
        alarmed(device),
        device.state === 'good' && alarms(device.id).length === 0 && doubts(device).map((text) => make('p', { class: 'warn', 'data-doubt': true }, `⚠ ${text}`, make('br'), make('small', {}, t('doubt.fix')))),
        sparkline(device),
        device.failure && make('p', { class: 'bad' }, `✖ ${reason(device.failure, device)}`, make('br'), make('small', { lang: 'en' }, device.detail), device.next_ms !== undefined && [make('br'), make('small', {}, t('nextTry', { in: span(device.next_ms) }))]),
        make('div', { class: 'row act' }, make('button', { type: 'button', class: 'main', 'data-read': device.id, disabled: isReading }, t(isReading ? 'reading' : 'read')),
          make('a', { class: 'button', href: `#commission/ratio/${device.id}` }, t('go.ratio')), scanned(now, device) && make('a', { class: 'button', href: `#commission/scan/${device.line}` }, t('go.scan')),
          make('a', { class: 'button', href: `#commission/meter/${device.id}` }, t('settings'))), make('small', {}, t('readNote'))),
      device.failure && lastFrame(device),
      result && answer(result, device),
      make('div', { class: 'halves' }, make('div', { class: 'stack' }, device.values.length + device.old.length + lacking(device).length > 0 && make('section', {}, make('h2', {}, t('values')), make('dl', { class: 'tiles points' }, [...device.values, ...device.old].map((value) => cell(value, device))), lacking(device),
        Object.values(device.bad).some((why) => why === 'range') && make('p', { class: 'hint warn' }, `⚠ ${t('exchanged')}`)),
      lastPolls(device)),
      make('div', { class: 'stack' }, make('section', {}, make('h2', {}, t('passage')), passage(device)),
      make('section', {}, make('h2', {}, t('counters')), make('dl', { class: 'rows counted' },
        fact('polls', count(device.polls)), fact('timeouts', count(device.timeouts)), fact('crc', count(device.crc)), fact('exceptions', count(device.exceptions)),
        fact('replyTime', micros(device.reply_us)), fact('delay', micros(device.delay_us)), fact('period', t('seconds', { n: device.every_ms / 1000 })), fact('blocks', device.blocks))),
      make('section', {}, make('h2', {}, t('identity')), make('dl', { class: 'rows' },
        fact('role', roles(now, device)), fact('line', titled(device.line, 'line:')), fact('address', device.address), fact('profile', device.profile),
        Object.entries(device.identity ?? {}).map(([key, value]) => fact(key, value)))))),
    ];
  }

  /** What its last polls sent and got: decoded by the gateway as a test read is, and no bus is asked. */
  async function readPolled(device) {
    try {
      const reply = await ask(`/api/polled?device=${device.id}`);
      const got = reply.ok ? await reply.json() : null;
      polls = got && { ...got, at: performance.now() };
    } catch {
      polls = null;
    }
  }

  function lastPolls(device) {
    if (!polls || polls.device !== device.id || Object.keys(polls.decoded).length === 0) return null;
    return make('section', {}, make('h2', {}, t('lastPoll')), make('p', { class: 'soft' }, `${t('ago', { amount: span(polls.age_ms + performance.now() - polls.at) })} · ${t('lastPollHow')}`),
      make('details', {}, make('summary', {}, `${t('decode')} (${Object.keys(polls.decoded).length})`), chain(polls, device)), frames(polls.steps));
  }

  /** The last thing that was asked and what came, of a device that fails. */
  function lastFrame(device) {
    const newest = polls?.device === device.id && polls.newest;
    return newest && make('div', { class: 'frame', 'data-newest': true }, make('code', {}, `→ ${pairs(newest.sent)}`), make('code', {}, `← ${newest.received ? pairs(newest.received) : t('noReply')}`));
  }

  async function readRecent(now, device) {
    const value = telling(device);
    if (!value || typeof value.v !== 'number') return;
    lastRead = performance.now();
    try {
      const reply = await ask(`/api/history?series=${device.id}/${value.p}&from=${now.now - RECENT_MS}&to=${now.now}&parts=${RECENT_PARTS}`);
      recent = reply.ok ? { value, ...(await reply.json()).series[0] } : { last: [] };
    } catch {
      recent ??= { last: [] }; // the values beside it tell that nothing comes
    }
  }

  /** Ten minutes of its main value; where there was no reading there is no line. */
  function sparkline(device) {
    if (!recent) return typeof telling(device)?.v === 'number' && make('div', { class: 'spark-to-come' });
    const known = recent.last.filter((each) => each !== null);
    if (known.length === 0) return null;
    const low = Math.min(...(recent.min ?? recent.last).filter((each) => each !== null));
    const high = Math.max(...(recent.max ?? recent.last).filter((each) => each !== null));
    const height = (each) => (high === low ? 20 : 38 - ((each - low) / (high - low)) * 36);
    let path = '';
    recent.last.forEach((each, i) => {
      if (each !== null) path += `${path && recent.last[i - 1] !== null ? 'L' : 'M'}${i + 0.5} ${height(each).toFixed(1)}h.01`;
    });
    const text = t('recentValues', { point: label(recent.value), low: number(low, recent.value.u), high: number(high, recent.value.u) });
    return [drawn('svg', { class: 'spark', viewBox: `0 0 ${RECENT_PARTS} 40`, preserveAspectRatio: 'none', role: 'img', 'aria-label': text }, drawn('path', { d: path })), make('p', { class: 'soft' }, text)];
  }

  function answer(read, device) {
    if (read.problem) return make('section', {}, make('p', { class: 'bad', role: 'alert' }, told(read, 'problem')));
    const good = read.answered && Object.keys(read.bad).length === 0;
    return make('section', {}, make('h2', {}, make('span', { class: good ? 'good' : 'bad' }, `${good ? '●' : '✖'} ${t(good ? 'readOk' : 'readFail')}`)),
      Object.keys(read.decoded ?? {}).length > 0 && [make('h3', {}, t('decode')), chain(read, device, (point) => polled(point, device)), make('p', { class: 'soft' }, t('byHand'))],
      frames(read.steps));
  }

  /** From registers to values; with more of a point where that belongs to the same moment. */
  function chain(read, device, more = (_point) => null) {
    return make('dl', { class: 'chain' }, Object.entries(read.decoded).map(([point, how]) => make('div', {}, make('dt', {}, labelOf(point, device)),
      make('dd', {}, how, ' → ', make('b', {}, read.values[point] === undefined ? t('none') : `${String(read.values[point]).replace('-', '−')} ${[...device.values, ...device.old].find((each) => each.p === point)?.u ?? ''}`), more(point)))));
  }

  function frames(steps) {
    return make('details', {}, make('summary', {}, `${t('frames')} (${steps.length})`), steps.map((step) => make('div', { class: 'frame' },
      make('p', { class: 'soft' }, step.request), make('code', {}, `→ ${pairs(step.sent)}`), make('code', {}, `← ${step.received ? pairs(step.received) : t('noReply')}`))));
  }

  /** Where the value of a point is that a poll has read: what is read by hand goes nowhere. */
  function polled(point, device) {
    const value = [...device.values, ...device.old].find((each) => each.p === point);
    return value && [make('br'), make('small', {}, `${t('polled')} `), place(value, device)];
  }

  const pairs = (hex) => (hex ?? '').replace(/../g, '$& ').trim();

  async function read(id) {
    isReading = true;
    result = null;
    refresh();
    try {
      const reply = await ask('/api/action/read', { body: { device: id }, timeout: 60000 });
      if (reply.ok) result = JSON.parse((await reply.text()).trim().split('\n').at(-1));
      else if (reply.status !== 401) result = { problem: await refusal(reply) };
    } catch {
      result = { problem: t('noAnswer') };
    }
    isReading = false;
    refresh();
  }

  root.addEventListener('click', (event) => {
    const id = event.target.closest('[data-read]')?.dataset.read;
    if (id && !isReading) read(id);
  });

  function update(now) {
    if (route) {
      const device = now.devices.find((each) => each.id === route);
      if (device && performance.now() - lastPolled > POLLED_MS) {
        lastPolled = performance.now();
        readPolled(device);
      }
      if (device && performance.now() - lastRead > REFRESH_MS) readRecent(now, device);
      draw(root, device ? detail(now, device) : [make('p', {}, make('a', { href: '#meters' }, `‹ ${t('back')}`)), make('p', { class: 'notice' }, t('gone'))]);
    } else if (now.devices.length === 0) draw(root, make('p', { class: 'notice' }, t('none_yet'), ' ', make('a', { href: '#commission/site' }, `${t('go.site')} ›`)));
    else draw(root, wide.matches ? table(now) : cards(now));
  }

  return { update, close: () => wide.removeEventListener('change', refresh) };
}
