// Draws the snapshot that came with the page, then asks for a new one every two seconds while the
// page is visible. Ages come from the server and grow here; the phone's clock and zone are not used.

const WORDS = {
  zh: {
    other: 'English', interval: '最近一个区间', today: '今日至今', devices: '仪表', uplink: '上送', lines: '线路',
    live: '实时', lost: '页面已断开', connected: 'MQTT 已连接', away: 'MQTT 未连接', waiting: '待上送',
    clockGood: '对时正常', clockBad: '未对时', meters: '仪表', noInterval: '第一个区间还没有结束',
    ago: '前', never: '从未', second: '秒', minute: '分钟', hour: '小时', missing: '无数据', sent: '已上送',
    acked: '已确认', dropped: '已声明丢弃', resent: '重发', lastAck: '最近确认', epoch: '序列',
    disk: '缓存占用', server: '服务器', certificate: '证书剩余天数', busy: '占用', skipped: '跳过', broke: '断开/连接', eventsLost: '丢失事件', inFlight: '在途', none: '—',
    viewOnline: '在线', viewAway: '离线', lag: '待发',
    states: { good: '● 正常', stale: '◷ 过期', fault: '✖ 通讯异常', offline: '✖ 通讯中断', never: '○ 从未应答' },
    qualities: { measured: '实测', derived: '推算', est_linear: '≈ 估算', est_profile: '≈ 估算', substituted: '人工', partial: '不完整', suspect: '⚠ 存疑', missing: '○ 无数据' },
    health: '处理环节停止',
    reasons: {
      timeout: '应答超时：检查接线、站号、波特率', crc: '报文校验错误：检查接线和屏蔽', sentinel: '仪表报无效值',
      range: '超出量程', stale: '数据过期', suspect: '数值存疑', offline: '通讯中断，定时试探',
      config: '线路或配置无法使用', lost_pulses: '丢失脉冲', exception: '仪表拒绝，异常码',
    },
  },
  en: {
    other: '中文', interval: 'Last interval', today: 'Today so far', devices: 'Meters', uplink: 'Uplink', lines: 'Lines',
    live: 'live', lost: 'page disconnected', connected: 'MQTT connected', away: 'MQTT away', waiting: 'waiting',
    clockGood: 'clock in sync', clockBad: 'clock not in sync', meters: 'meters', noInterval: 'the first interval has not ended yet',
    ago: 'ago', never: 'never', second: 's', minute: 'min', hour: 'h', missing: 'no data', sent: 'sent',
    acked: 'acknowledged up to', dropped: 'declared dropped', resent: 'sent again', lastAck: 'last acknowledgement', epoch: 'epoch',
    disk: 'journal on disk', server: 'server', certificate: 'certificate ends in days', busy: 'in use', skipped: 'skipped', broke: 'broke/opened', eventsLost: 'events lost', inFlight: 'in flight', none: '—',
    viewOnline: 'online', viewAway: 'away', lag: 'to send',
    states: { good: '● good', stale: '◷ stale', fault: '✖ no good answer', offline: '✖ offline', never: '○ never answered' },
    qualities: { measured: 'measured', derived: 'derived', est_linear: '≈ estimated', est_profile: '≈ estimated', substituted: 'typed in', partial: 'partial', suspect: '⚠ suspect', missing: '○ no data' },
    health: 'a stage has stopped',
    reasons: {
      timeout: 'no answer: check wiring, unit id, baud rate', crc: 'damaged answer: check wiring and shield',
      sentinel: 'the meter says not available', range: 'out of range', stale: 'stale', suspect: 'suspect',
      offline: 'offline, asked from time to time', config: 'the line or its configuration cannot be used',
      lost_pulses: 'pulses lost', exception: 'refused by the meter, exception',
    },
  },
};
const UNITS = { 'kW.h': 'kWh', 'kg/(kW.h)': 'kg/kWh', 'kW.h/kg': 'kWh/kg', Cel: '°C', m3: 'm³', 'm3/h': 'm³/h', 1: '' };
const byId = (id) => document.getElementById(id);
let language = localStorage.getItem('language') ?? (navigator.language.startsWith('zh') ? 'zh' : 'en');
let snapshot = JSON.parse(byId('snapshot').textContent);
let taken = performance.now();
let connected = true;

function element(name, text, kind) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

function age(milliseconds) {
  const words = WORDS[language];
  if (milliseconds === null || milliseconds < 0) return words.never;
  const seconds = Math.floor((milliseconds + performance.now() - taken) / 1000);
  const amount = seconds < 120 ? `${seconds} ${words.second}`
    : seconds < 7200 ? `${Math.floor(seconds / 60)} ${words.minute}`
      : `${Math.floor(seconds / 3600)} ${words.hour}`;
  return language === 'zh' ? amount.replace(' ', ' ') + words.ago : `${amount} ${words.ago}`;
}

function amount(value, unit) {
  let shown = value;
  let symbol = UNITS[unit] ?? unit;
  if (unit === 'W' && Math.abs(value) >= 1000) { shown = value / 1000; symbol = 'kW'; }
  const size = Math.abs(shown);
  const places = size >= 1000 ? 1 : size >= 100 ? 2 : 3;
  return [shown.toLocaleString('en-US', { maximumFractionDigits: places }), symbol];
}

function reason(code) {
  const { reasons } = WORDS[language];
  return code.startsWith('exception_') ? `${reasons.exception} ${code.slice(10)}` : reasons[code] ?? code;
}

function tile(list, label, value, note, kind) {
  const box = element('div');
  const shown = element('dd', value, kind);
  if (note) shown.append(' ', element('small', note));
  box.append(element('dt', label), shown);
  list.append(box);
}

function drawHeader(words) {
  byId('site').textContent = snapshot.site;
  byId('gateway').textContent = snapshot.gateway;
  byId('software').textContent = `Lingtan ${snapshot.software}`;
  byId('language').textContent = words.other;
  const good = snapshot.devices.filter((device) => device.state === 'good').length;
  const chips = [
    connected ? [`● ${words.live}`, 'good'] : [`✖ ${words.lost}`, 'bad'],
    snapshot.uplink.connected ? [words.connected, 'good'] : [`✖ ${words.away}`, 'bad'],
    [`${words.waiting} ${snapshot.store.waiting.toLocaleString('en-US')}`, ''],
    snapshot.clock.trusted ? [words.clockGood, 'good'] : [`⚠ ${words.clockBad}`, 'bad'],
    [`${words.meters} ${good}/${snapshot.devices.length}`, good === snapshot.devices.length ? 'good' : 'bad'],
  ];
  byId('chips').replaceChildren(...chips.map(([text, kind]) => element('li', text, kind)));
  const banners = [];
  if (snapshot.store.failure) banners.push(snapshot.store.failure);
  for (const stage of snapshot.health) if (!stage.alive) banners.push(`${words.health}: ${stage.name}`);
  if (!snapshot.uplink.connected && snapshot.uplink.error) banners.push(snapshot.uplink.error);
  for (const line of snapshot.lines) if (line.problem) banners.push(`${line.id}: ${line.problem}`);
  byId('banners').replaceChildren(...banners.slice(0, 3).map((text) => element('p', text)));
}

function drawInterval(words) {
  const list = byId('figures');
  list.replaceChildren();
  const interval = snapshot.interval;
  byId('interval-note').textContent = interval ? '' : words.noInterval;
  if (!interval) return;
  byId('interval-title').textContent = `${words.interval} · ${interval.length} · ${interval.local}`;
  drawFigures(words, list, interval);
}

// What of the day so far can still be turned for the better: how much grid energy hydrogen may take.
function drawToday(words) {
  const list = byId('today');
  list.replaceChildren();
  byId('today-section').hidden = !snapshot.today;
  if (!snapshot.today) return;
  byId('today-title').textContent = `${words.today} · ${snapshot.today.local}`;
  drawFigures(words, list, snapshot.today);
}

function drawFigures(words, list, interval) {
  for (const [name, metric] of Object.entries(interval.metrics)) {
    const label = (language === 'zh' ? metric.zh : metric.name) ?? name;
    const quality = words.qualities[metric.q];
    if (metric.v === undefined) {
      tile(list, label, words.none, `${quality} ${metric.why}`, 'missing');
    } else {
      const [value, unit] = amount(metric.v, metric.u);
      const symbol = metric.symbol ?? unit;
      tile(list, label, value, `${symbol}${metric.text ? ` ${metric.text}` : ''} · ${quality}`, metric.q === 'measured' ? '' : 'warn');
    }
  }
}

function drawDevices(words) {
  const order = ['never', 'offline', 'fault', 'stale', 'good'];
  const sorted = [...snapshot.devices].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  byId('devices').replaceChildren(...sorted.map((device) => {
    const card = element('article', undefined, device.state === 'good' ? '' : 'old');
    const head = element('h3', device.id);
    head.append(element('span', words.states[device.state], device.state));
    const reply = device.reply_us ? ` · ${(device.reply_us / 1000).toFixed(1)} ms` : '';
    card.append(head, element('div', `${age(device.age_ms)} · ${device.line} · ${device.address} · ${device.profile}${reply}`, 'soft'));
    if (device.failure) card.append(element('p', `${reason(device.failure)} · ${device.detail}`, 'detail'));
    const table = element('table');
    for (const value of [...device.values, ...device.old]) {
      const row = element('tr', undefined, value.why ? 'old' : '');
      const [number, symbol] = typeof value.v === 'string' ? [value.v, ''] : amount(value.v, value.u);
      const cell = element('td', number);
      if (symbol) cell.append(' ', element('small', symbol));
      if (value.why) cell.append(' ', element('small', `◷ ${age(value.age_ms)} · ${reason(value.why)}`));
      row.append(element('td', language === 'zh' ? value.zh : value.p.replaceAll('_', ' ')), cell);
      table.append(row);
    }
    for (const [point, code] of Object.entries(device.bad)) {
      if (device.old.some((value) => value.p === point)) continue;
      const row = element('tr');
      row.append(element('td', point.replaceAll('_', ' ')), element('td', `${words.none} ${reason(code)}`, 'missing'));
      table.append(row);
    }
    card.append(table);
    return card;
  }));
}

function drawUplink(words) {
  const list = byId('uplink');
  list.replaceChildren();
  const { uplink, store } = snapshot;
  tile(list, words.waiting, store.waiting.toLocaleString('en-US'));
  tile(list, words.acked, store.acked.toLocaleString('en-US'), `/ ${store.last.toLocaleString('en-US')} · ${words.epoch} ${store.epoch}`);
  tile(list, words.lastAck, age(uplink.ack_age_ms));
  tile(list, words.inFlight, String(uplink.in_flight));
  tile(list, words.resent, uplink.resent.toLocaleString('en-US'));
  tile(list, words.dropped, store.dropped.toLocaleString('en-US'), '', store.dropped ? 'bad' : '');
  tile(list, words.disk, `${(store.bytes / 1e6).toFixed(1)} MB`, `/ ${(store.max_bytes / 1e6).toFixed(0)} MB`);
  tile(list, words.server, uplink.server || words.none);
  const days = uplink.certificate_days;
  if (days !== undefined) tile(list, words.certificate, String(days), '', days <= 30 ? 'bad' : '');
  for (const view of snapshot.views) {
    tile(list, view.kind, view.online ? words.viewOnline : words.viewAway, `${words.lag} ${view.lag.toLocaleString('en-US')}${view.error ? ` · ${view.error}` : ''}`, view.online ? '' : 'bad');
  }
}

function draw() {
  const words = WORDS[language];
  document.body.classList.toggle('disconnected', !connected);
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  byId('interval-title').textContent = words.interval;
  for (const part of ['devices', 'uplink', 'lines']) byId(`${part}-title`).textContent = words[part];
  drawHeader(words);
  drawInterval(words);
  drawToday(words);
  drawDevices(words);
  drawUplink(words);
  byId('lines').replaceChildren(...snapshot.lines.map((line) => element('p',
    `${line.id} · ${line.kind} · ${line.where} · ${words.busy} ${line.busy} % · ${words.skipped} ${line.skipped}${line.breaks ? ` · ${words.broke} ${line.breaks}/${line.openings}` : ''}${line.events_dropped ? ` · ${words.eventsLost} ${line.events_dropped}` : ''}${line.problem ? ` · ${line.problem}` : ''}`,
    line.problem ? 'bad' : '')));
}

async function refresh() {
  try {
    const answer = await fetch('/api/snapshot', { signal: AbortSignal.timeout(5000) });
    if (answer.status === 401) location.reload(); // the session has ended: the PIN is asked for
    if (!answer.ok) throw new Error(String(answer.status));
    snapshot = await answer.json();
    taken = performance.now();
    connected = true;
  } catch {
    connected = false;
  }
  draw();
}

byId('language').addEventListener('click', () => {
  language = language === 'zh' ? 'en' : 'zh';
  localStorage.setItem('language', language);
  draw();
});
draw();
setInterval(() => { if (!document.hidden) refresh(); }, 2000);
