// Every device, worst first, and one device in full: its values, what its line counted, and a reading
// by hand from frame to number.

export const words = {
  zh: {
    name: '仪表', value: '读数', seen: '最近应答', where: '线路 · 地址', counts: '超时 · CRC · 拒绝', reply: '应答', state: '状态', none_yet: '站点文件里还没有仪表。',
    back: '全部仪表', reversed: '反向', values: '测点', settings: '改设置', absent: '{n} 个测点没有读数：{why}', counters: '通信', polls: '轮询', timeouts: '超时', crc: 'CRC 错误', exceptions: '仪表拒绝', replyTime: '应答时间', delay: '应答延迟', period: '采集周期', blocks: '每轮请求',
    last: '上次 {value}', nextTry: '{in}后再试', exchanged: '这个数值保留但不计入合计。换过表或清过零？清零会自动识别并记为事件；换表按表号识别，读不到表号的，请把换表时间、旧表止数和新表起数写进站点文件该计量点的 exchange。否则先做倍率核对。', identity: '仪表自报', profile: '仪表型号文件', role: '计量点', address: '地址', line: '线路', gone: '没有这块仪表，它可能已从站点文件中删除。',
    read: '立即试读', reading: '正在试读…', readNote: '只读一次，排在正常轮询的空隙里，最长约 20 秒；不写仪表。', readOk: '试读成功', readFail: '试读没有得到完整应答', frames: '报文', noReply: '无应答', decode: '从寄存器到读数', byHand: '试读的结果不入库；“轮询值”是轮询读到的同一测点所在的记录。', polled: '轮询值',
    passage: '从读数到服务器', record: '记录 {seq}', epochIs: '序列 {epoch}', taken: '采于 {age}', holds: '含：{points}', 'how.next': '本记录周期未结束', lastPoll: '最近一次采集', lastPollHow: '从报文到数值，取自保存的报文，不占用线路。', 'how.same': '变化在死区内，不重复记录', 'how.left_out': '未入记录：该周期的记录取自之后的一次采集，没有这个值', lastRecord: '上一条 {seq}', puback: 'PUBACK 确认于 {at}', took: '用时 {n} ms', noClock: '{age}（未对时）', sentAgo: '{age}发出', because: '原因码 {n}', notYet: '还没有记录。',
    'fate.kept': '只在本机保存', 'fate.held': '等待对时', 'fate.waiting': '待上送', 'fate.under_way': '已发出，等待确认', 'fate.taken': '服务器已收，等待应用确认', 'fate.acked': '已确认', 'fate.refused': '服务器拒收，稍后重试', 'fate.dropped': '已声明丢弃',
    recentValues: '{point}近 10 分钟 {low} 至 {high}', serial: '表号', model: '型号', ct: 'CT 变比', pt: 'PT 变比',
    'role.grid': '关口', 'role.pv': '光伏', 'role.battery': '储能', 'role.load': '负荷', 'role.electrolyser': '制氢', 'role.compressor': '压缩机', 'role.h2_storage': '储氢', 'role.h2_dispenser': '加氢机', 'role.charger': '充电桩', 'role.gas': '燃气', 'role.heat': '热量', 'role.chp': '热电',
  },
  en: {
    name: 'Meter', value: 'Reading', seen: 'Last answer', where: 'Line · address', counts: 'Timeouts · CRC · refused', reply: 'Reply', state: 'State', none_yet: 'The site file has no meters yet.',
    back: 'All meters', reversed: 'reversed', values: 'Points', settings: 'Settings', absent: '{n} points without a value: {why}', counters: 'Communication', polls: 'Polls', timeouts: 'Timeouts', crc: 'CRC errors', exceptions: 'Refused', replyTime: 'Reply time', delay: 'Delay', period: 'Period', blocks: 'Requests a round',
    last: 'last {value}', nextTry: 'next try in {in}', exchanged: 'This value is kept, but is in no total. Was the meter exchanged or reset? A reset is recognised and told as an event; an exchange is known by the serial number, and where that cannot be read, write when it was, the old reading and the new one under exchange of the metering point in the site file. Otherwise check the ratio first.', identity: 'What it says of itself', profile: 'Profile', role: 'Metering point', address: 'Address', line: 'Line', gone: 'There is no such meter: it may have been taken out of the site file.',
    read: 'Test read now', reading: 'Reading…', readNote: 'Reads once, between polls, for about 20 s at most; nothing is written to the meter.', readOk: 'The test read is good', readFail: 'The test read had no complete answer', frames: 'Frames', noReply: 'no answer', decode: 'From registers to readings', byHand: 'A test read is not recorded; “as polled” is the record with the value that a poll has read.', polled: 'as polled',
    passage: 'From reading to broker', record: 'Record {seq}', epochIs: 'epoch {epoch}', taken: 'taken {age}', holds: 'holds {points}', 'how.next': 'record period not over yet', lastPoll: 'Last poll', lastPollHow: 'From frames to values, out of the frames that are kept: no bus time.', 'how.same': 'within its deadband, not recorded again', 'how.left_out': "in no record: its period's record is of a later reading, which lacks it", lastRecord: 'last {seq}', puback: 'PUBACK {at}', took: 'took {n} ms', noClock: '{age} (the clock is not set)', sentAgo: 'sent {age}', because: 'reason {n}', notYet: 'There is no record yet.',
    'fate.kept': 'kept here alone', 'fate.held': 'held until the clock is set', 'fate.waiting': 'waiting', 'fate.under_way': 'sent, no PUBACK yet', 'fate.taken': 'taken by the broker, cmd/ack to come', 'fate.acked': 'acknowledged', 'fate.refused': 'refused by the broker, to be tried again', 'fate.dropped': 'declared dropped',
    recentValues: '{point} over 10 min: {low} to {high}', serial: 'Serial', model: 'Model', ct: 'CT ratio', pt: 'PT ratio',
    'role.grid': 'grid meter', 'role.pv': 'PV', 'role.battery': 'storage', 'role.load': 'load', 'role.electrolyser': 'electrolyser', 'role.compressor': 'compressor', 'role.h2_storage': 'H₂ tank', 'role.h2_dispenser': 'dispenser', 'role.charger': 'charger', 'role.gas': 'gas', 'role.heat': 'heat', 'role.chp': 'CHP',
  },
};

const ORDER = ['never', 'offline', 'fault', 'stale', 'asleep', 'good'];
const WAYS = { pv: 'pv', grid: 'grid', battery: 'battery', load: 'load', charger: 'load', electrolyser: 'h2', compressor: 'h2', chp: 'chp' };
const RECENT_MS = 600000;
const RECENT_PARTS = 60;
const REFRESH_MS = 10000;
const POLLED_MS = 3000;
const FIRST = ['power', 'soc', 'pressure', 'mass', 'volume', 'flow', 'energy_import', 'temperature', 'state'];

export function show(root, context) {
  const { t, language, route, age, span, number, reason, named, titled, state, condition, alarms, doubts, goesOn, told, make, drawn, draw, ask, refusal } = context;
  const wide = matchMedia('(min-width: 600px)');
  const refresh = () => update(context.snapshot());
  wide.addEventListener('change', refresh);
  let result = null; // of the reading by hand
  let isReading = false;
  let recent = null; // what its main value was of late
  let lastRead = -Infinity;
  let polls = null; // what its last polls sent and got
  let lastPolled = -Infinity;

  const label = (value) => (language === 'zh' ? value.zh : value.en ?? value.p.replaceAll('_', ' '));
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
    return make('span', { class: value.why ? 'dim' : null }, value.why ? '◷ ' : '', value.p === 'power' && !value.why && way(device), number(turned(value, device), value.u));
  }

  /** Its power as the site counts it: what the site file turns round is turned beside a word that says which way. */
  function turned(value, { id }) {
    const reverse = context.snapshot().flow.meters.some((each) => each.device === id && each.reverse && each.w !== undefined && WAYS[each.role]);
    return reverse && value.p === 'power' && !value.why ? -value.v : shownOf(value);
  }

  /** Which way its power goes, in a word: what a sign means depends on the meter. */
  function way({ id }) {
    const meter = context.snapshot().flow.meters.find((each) => each.device === id && each.w !== undefined);
    const key = meter && WAYS[meter.role];
    return key ? make('small', {}, `${t(`way.${key}.${Math.abs(meter.w) < Math.max(50, (meter.rated_kw ?? 0) * 2) ? 'idle' : meter.w > 0 ? 'out' : 'in'}`)} `) : '';
  }

  const again = ({ next_ms }) => next_ms !== undefined && ` · ${t('nextTry', { in: span(next_ms) })}`;
  const where = (device) => `${named(device.line, 'line:')} · ${device.address}`;
  const counts = (device) => `${count(device.timeouts)} · ${count(device.crc)} · ${count(device.exceptions)}`;
  const isAlarmed = (device) => alarms(device.id).length > 0 || (device.state === 'good' && doubts(device).length > 0);
  const rank = (device) => (device.state === 'good' && isAlarmed(device) ? ORDER.indexOf('fault') : ORDER.indexOf(device.state));
  const sorted = (devices) => [...devices].sort((a, b) => rank(a) - rank(b));

  function cards(now) {
    return make('ul', { class: 'cards' }, sorted(now.devices).map((device) => make('li', { 'data-key': device.id },
      make('a', { class: `card ${device.state === 'good' && !isAlarmed(device) ? '' : 'poor'}`, href: `#meters/${encodeURIComponent(device.id)}` },
        make('span', { class: 'head' }, make('b', {}, titled(device.id), make('small', {}, ` ${roles(now, device)}`)), make('b', { class: 'num' }, main(device))),
        make('span', { class: 'head' }, condition(device), make('span', { class: 'soft' }, age(device.age_ms))),
        make('span', { class: 'soft' }, `${where(device)} · ${t('timeouts')} ${count(device.timeouts)} · CRC ${count(device.crc)} · ${t('reply')} ${micros(device.reply_us)}`),
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
    const names = (why) => absent.filter(([, each]) => each === why).map(([point]) => (language === 'zh' && device.bad_zh?.[point]) || point.replaceAll('_', ' '));
    return [...new Set(absent.map(([, why]) => why))].map((why) => make('details', { 'data-key': why, class: 'lacking' },
      make('summary', { class: 'warn' }, `○ ${t('absent', { n: names(why).length, why: why === device.failure ? t(`state.${device.state}`) : reason(why) })}`), make('p', { class: 'soft' }, names(why).join(language === 'zh' ? '、' : ', '))));
  }

  /** What goes on with it, each with the way to where it is mended. */
  function alarmed(device) {
    return alarms(device.id).map((event) => {
      const [cause, fix, to, href] = goesOn(event);
      return make('p', { class: event.severity === 'alarm' ? 'bad' : 'warn', 'data-key': `${event.epoch}${event.seq}` }, `${event.severity === 'alarm' ? '✖' : '⚠'} ${cause} `, to !== 'meter' && make('a', { href }, `${t(`go.${to}`)} ›`), make('br'), make('small', {}, fix));
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
        device.state === 'good' && doubts(device).map((text) => make('p', { class: 'warn', 'data-doubt': true }, `⚠ ${text}`, make('br'), make('small', {}, t('doubt.fix')))),
        sparkline(),
        device.failure && make('p', { class: 'bad' }, `✖ ${reason(device.failure, device)}`, make('br'), make('small', { lang: 'en' }, device.detail), device.next_ms !== undefined && [make('br'), make('small', {}, t('nextTry', { in: span(device.next_ms) }))]),
        make('div', { class: 'row act' }, make('button', { type: 'button', class: 'main', 'data-read': device.id, disabled: isReading }, t(isReading ? 'reading' : 'read')),
          make('a', { class: 'button', href: `#commission/ratio/${device.id}` }, t('go.ratio')), scanned(now, device) && make('a', { class: 'button', href: `#commission/scan/${device.line}` }, t('go.scan')),
          make('a', { class: 'button', href: `#commission/meter/${device.id}` }, t('settings'))), make('small', {}, t('readNote'))),
      device.failure && lastFrame(device),
      result && answer(result, device),
      make('section', {}, make('h2', {}, t('values')), make('dl', { class: 'tiles points' }, [...device.values, ...device.old].map((value) => cell(value, device))), lacking(device),
        Object.values(device.bad).some((why) => why === 'range') && make('p', { class: 'hint warn' }, `⚠ ${t('exchanged')}`)),
      lastPolls(device),
      make('section', {}, make('h2', {}, t('passage')), passage(device)),
      make('section', {}, make('h2', {}, t('counters')), make('dl', { class: 'rows' },
        fact('polls', count(device.polls)), fact('timeouts', count(device.timeouts)), fact('crc', count(device.crc)), fact('exceptions', count(device.exceptions)),
        fact('replyTime', micros(device.reply_us)), fact('delay', micros(device.delay_us)), fact('period', t('seconds', { n: device.every_ms / 1000 })), fact('blocks', device.blocks))),
      make('section', {}, make('h2', {}, t('identity')), make('dl', { class: 'rows' },
        fact('role', roles(now, device)), fact('line', titled(device.line, 'line:')), fact('address', device.address), fact('profile', device.profile),
        Object.entries(device.identity ?? {}).map(([key, value]) => fact(key, value)))),
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
      make('details', {}, make('summary', {}, `${t('decode')} (${Object.keys(polls.decoded).length})`), chain(polls)), frames(polls.steps));
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
      if (reply.ok) recent = { value, ...(await reply.json()).series[0] };
    } catch {
      // the values beside it tell that nothing comes
    }
  }

  /** Ten minutes of its main value; where there was no reading there is no line. */
  function sparkline() {
    const known = recent?.last.filter((each) => each !== null) ?? [];
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
      Object.keys(read.decoded ?? {}).length > 0 && [make('h3', {}, t('decode')), chain(read, (point) => polled(point, device)), make('p', { class: 'soft' }, t('byHand'))],
      frames(read.steps));
  }

  /** From registers to values; with more of a point where that belongs to the same moment. */
  function chain(read, more = () => null) {
    return make('dl', { class: 'chain' }, Object.entries(read.decoded).map(([point, how]) => make('div', {}, make('dt', {}, point.replaceAll('_', ' ')),
      make('dd', {}, how, ' → ', make('b', {}, String(read.values[point] ?? t('none'))), more(point)))));
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
    } else if (now.devices.length === 0) draw(root, make('p', { class: 'notice' }, t('none_yet')));
    else draw(root, wide.matches ? table(now) : cards(now));
  }

  return { update, close: () => wide.removeEventListener('change', refresh) };
}
