// The shell of the page: header, tabs, the live stream, and what every screen is given. The overview is
// here too; every other screen is a module that is fetched when its tab is first opened. See
// agent/README.md, "The page's modules".
//
// Ages come from the server and grow here by the clock that counts since the page was opened; the
// phone's date and zone are never used.

const WORDS = {
  zh: {
    'tab.overview': '总览', 'tab.meters': '仪表', 'tab.charts': '曲线', 'tab.uplink': '上送', 'tab.events': '事件', 'tab.commission': '调试',
    tabs: '页面', language: '语言', loading: '正在加载…', failed: '这一页没有加载成功，请再点一次标签。',
    live: '实时', polling: '每 5 秒刷新', lost: '页面已断开', mqttOn: 'MQTT 已连接', mqttOff: 'MQTT 未连接', mqttNone: '未配置 MQTT，只在本机保存', waiting: '待上送 {n}',
    clockGood: '对时正常', clockBad: '未对时', devices: '仪表 {good}/{all}',
    'banner.lost': '页面与网关的连接已断开，下面是 {age}的数据，正在重连。',
    'banner.polling': '实时通道已满，本页每 5 秒刷新一次。',
    'banner.clock': '时钟未对时：数据照常采集，时间戳将在对时后更正。',
    'banner.away': '离线缓存中：{why}',
    'banner.noLines': '还没有线路，什么也不采集：请在站点文件里写明线路和仪表。',
    'banner.refused': '新的站点文件未被采用，仍按原来的运行：{why}',
    'banner.space': '约可再存 {days} 天。',
    'banner.line': '线路 {line}：{why}',
    'banner.stopped': '处理环节 {name} 已停止，请导出诊断包并重启网关。',
    'banner.store': '数据写不进存储：{why}',
    'banner.overload': '线路 {line} 过载：计划占用 {percent} %，部分轮询会被跳过。请加大 {device} 的采集周期。',
    'banner.backlog': '断点续传中：{n} 条待上送，最早 {age}前，{rate} 条/秒，约 {eta}补完。',
    'banner.backlogSlow': '断点续传中：{n} 条待上送，最早 {age}前。',
    'banner.certificate': '网关证书 {days} 天后到期，请尽快更换。', 'banner.certificateEnded': '网关证书已到期，请更换。',
    'banner.simulated': '模拟数据',
    pinTitle: '请输入网关标签上的 PIN', pinWrong: 'PIN 不正确', pinWait: '错误次数过多，请 {n} 秒后再试', pinOk: '确定', cancel: '取消',
    noAnswer: '网关没有应答，请稍后再试',
    ago: '{amount}前', never: '从未', now: '刚刚', seconds: '{n} 秒', minutes: '{n} 分钟', hours: '{n} 小时', days: '{n} 天',
    text: '纯文本', json: 'JSON', metrics: '监控指标', report: '月报', bundle: '诊断包',
    none: '—', noData: '无数据',
    'state.good': '正常', 'state.stale': '过期', 'state.fault': '通讯异常', 'state.offline': '通讯中断', 'state.never': '从未应答',
    'q.measured': '实测', 'q.derived': '推算', 'q.est_linear': '估算', 'q.est_profile': '估算', 'q.substituted': '人工填报', 'q.partial': '不完整', 'q.suspect': '存疑', 'q.missing': '无数据',
    'why.timeout': '应答超时：检查接线、站号、波特率', 'why.crc': '报文校验错误：检查接线和屏蔽', 'why.sentinel': '仪表报无效值',
    'why.range': '超出量程，不计入合计', 'why.stale': '数据过期', 'why.suspect': '数值存疑', 'why.offline': '通讯中断，定时试探',
    'why.config': '线路或配置无法使用', 'why.lost_pulses': '丢失脉冲', 'why.exception': '仪表拒绝，异常码 {n}',
  },
  en: {
    'tab.overview': 'Overview', 'tab.meters': 'Meters', 'tab.charts': 'Charts', 'tab.uplink': 'Uplink', 'tab.events': 'Events', 'tab.commission': 'Commission',
    tabs: 'Screens', language: 'Language', loading: 'Loading…', failed: 'This screen could not be loaded: press its tab again.',
    live: 'live', polling: 'every 5 s', lost: 'disconnected', mqttOn: 'MQTT connected', mqttOff: 'MQTT away', mqttNone: 'no broker, kept here alone', waiting: '{n} to send',
    clockGood: 'clock in sync', clockBad: 'clock not in sync', devices: 'meters {good}/{all}',
    'banner.lost': 'The page has lost the gateway: what you see is from {age}. Connecting again.',
    'banner.polling': 'All live streams are taken: this page is renewed every 5 s.',
    'banner.clock': 'The clock is not in sync: data is collected, its timestamps will be corrected.',
    'banner.away': 'Kept on the gateway, not sent: {why}',
    'banner.noLines': 'Nothing is read yet: the site file names no lines.',
    'banner.refused': 'The site file is refused, the one before goes on: {why}',
    'banner.space': 'Room for about {days} days.',
    'banner.line': 'Line {line}: {why}',
    'banner.stopped': 'Stage {name} has stopped: save the diagnostics bundle and restart the gateway.',
    'banner.store': 'Data cannot be written to storage: {why}',
    'banner.overload': 'Line {line} is overloaded: {percent} % planned, some polls are left out. Give {device} a longer period.',
    'banner.backlog': 'Catching up: {n} records to send, oldest from {age} ago, {rate}/s, done in about {eta}.',
    'banner.backlogSlow': 'Catching up: {n} records to send, oldest from {age} ago.',
    'banner.certificate': "The gateway's certificate ends in {days} days: replace it soon.", 'banner.certificateEnded': "The gateway's certificate has ended: replace it.",
    'banner.simulated': 'Simulated data',
    pinTitle: "PIN from the gateway's label", pinWrong: 'The PIN is wrong', pinWait: 'Too many wrong PINs: try again in {n} s', pinOk: 'OK', cancel: 'Cancel',
    noAnswer: 'No answer from the gateway: try again',
    ago: '{amount} ago', never: 'never', now: 'just now', seconds: '{n} s', minutes: '{n} min', hours: '{n} h', days: '{n} days',
    text: 'plain text', json: 'JSON', metrics: 'metrics', report: 'monthly report', bundle: 'diagnostics bundle',
    none: '—', noData: 'no data',
    'state.good': 'good', 'state.stale': 'stale', 'state.fault': 'no good answer', 'state.offline': 'comms lost', 'state.never': 'never answered',
    'q.measured': 'measured', 'q.derived': 'derived', 'q.est_linear': 'estimated', 'q.est_profile': 'estimated', 'q.substituted': 'typed in', 'q.partial': 'partial', 'q.suspect': 'suspect', 'q.missing': 'no data',
    'why.timeout': 'no answer: check wiring, unit id, baud rate', 'why.crc': 'damaged answer: check wiring and shield', 'why.sentinel': 'the meter says not available',
    'why.range': 'out of range, not in totals', 'why.stale': 'stale', 'why.suspect': 'suspect', 'why.offline': 'comms lost, asked from time to time',
    'why.config': 'the line or its configuration cannot be used', 'why.lost_pulses': 'pulses lost', 'why.exception': 'refused by the meter, exception {n}',
  },
};
export const words = WORDS;

const MARKS = { good: '●', stale: '◷', fault: '✖', offline: '✖', never: '○' };
const QUALITY_MARKS = { est_linear: '≈', est_profile: '≈', substituted: '≈', partial: '◷', suspect: '⚠', missing: '○' };
const UNITS = { 'kW.h': 'kWh', 'kg/(kW.h)': 'kg/kWh', 'kW.h/kg': 'kWh/kg', Cel: '°C', m3: 'm³', 'm3/h': 'm³/h', 1: '' };
const SILENCE_MS = 5000;
const RETRY_STREAM_MS = 30000;
const ORDER = ['overview', 'meters', 'charts', 'uplink', 'events', 'commission'];
const SVG = 'http://www.w3.org/2000/svg';
const byId = (id) => document.getElementById(id);

// ---- what every screen is given -------------------------------------------------------------------

let language = remembered() ?? (navigator.language.startsWith('zh') ? 'zh' : 'en');
let snapshot = JSON.parse(byId('snapshot').textContent);
let taken = performance.now();
let link = 'live'; // live, polling, or lost
let stream;
let heard = taken;
let opened = taken;
let polled = taken;

function remembered() {
  try {
    const kept = localStorage.getItem('language');
    return kept === 'zh' || kept === 'en' ? kept : null;
  } catch {
    return null; // storage is shut
  }
}

function remember(chosen) {
  try {
    localStorage.setItem('language', chosen);
  } catch {
    // it holds until the page is closed
  }
}

function translate(dictionaries, key, values) {
  const text = dictionaries.map((each) => each[language][key]).find((each) => each !== undefined) ?? key;
  return values ? text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all) : text;
}
const t = (key, values) => translate([WORDS], key, values);

/** An element: attributes (class, data-*, href ...), then children; null and false are left out. */
function make(name, attributes, ...children) {
  return fill(document.createElement(name), attributes, children);
}

function drawn(name, attributes, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Makes a parent's children like these, keeping what is the same: focus, scroll and selection stay. */
function draw(parent, ...children) {
  const fresh = children.flat(9).filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : document.createTextNode(child)));
  const old = [...parent.childNodes];
  fresh.forEach((child, i) => {
    if (i < old.length) renew(old[i], child);
    else parent.append(child);
  });
  old.slice(fresh.length).forEach((child) => child.remove());
}

function renew(old, fresh) {
  if (old.nodeName !== fresh.nodeName || (old.dataset?.key ?? '') !== (fresh.dataset?.key ?? '')) {
    old.replaceWith(fresh);
  } else if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
  } else {
    for (const { name } of [...old.attributes]) {
      if (!fresh.hasAttribute(name) && !(name === 'open' && old.nodeName === 'DETAILS')) old.removeAttribute(name);
    }
    for (const { name, value } of [...fresh.attributes]) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    if (!old.hasAttribute('data-own')) draw(old, ...fresh.childNodes);
  }
}

function span(milliseconds) {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 120) return t('seconds', { n: seconds });
  if (seconds < 7200) return t('minutes', { n: Math.floor(seconds / 60) });
  return seconds < 172800 ? t('hours', { n: Math.floor(seconds / 3600) }) : t('days', { n: Math.floor(seconds / 86400) });
}

/** How long ago in words; the age is as the snapshot has it, and grows since. */
function age(milliseconds) {
  if (milliseconds === null || milliseconds === undefined || milliseconds < 0) return t('never');
  return t('ago', { amount: span(milliseconds + performance.now() - taken) });
}

/** Value and unit as two texts: few digits, watts as kilowatts where they are many; absent is "—". */
function amount(value, unit) {
  const symbol = UNITS[unit] ?? unit ?? '';
  if (value === null || value === undefined) return [t('none'), symbol];
  if (typeof value === 'string') return [value, ''];
  const scaled = unit === 'W' && Math.abs(value) >= 1000 ? value / 1000 : value;
  const size = Math.abs(scaled);
  const places = symbol === 'W' || symbol === 'V' ? 1 : size >= 100 ? 1 : size >= 10 ? 2 : 3;
  const text = scaled.toLocaleString('en-US', { maximumFractionDigits: places });
  return [text === '-0' ? '0' : text, scaled === value ? symbol : 'kW'];
}

function number(value, unit) {
  return amount(value, unit).filter((part) => part !== '').join(' ');
}

function reason(code) {
  if (!code) return '';
  return code.startsWith('exception_') ? t('why.exception', { n: code.slice(10) }) : t(`why.${code}`);
}

/** A state as mark and word; its class gives the colour, which says nothing alone. */
function state(name) {
  return make('span', { class: `state ${name}` }, `${MARKS[name] ?? '○'} ${t(`state.${name}`)}`);
}

function quality(name) {
  const mark = QUALITY_MARKS[name];
  return `${mark ? `${mark} ` : ''}${t(`q.${name}`)}`;
}

/**
 * Asks the gateway. Without options a GET; with {body} a POST that is meant, for which the PIN is asked when it is wanted.
 * Returns the Response; rejects when nothing comes or the person gives up.
 */
async function ask(path, options = {}) {
  const { body, timeout = 10000, ...rest } = options;
  const request = () => fetch(path, {
    ...rest,
    ...(body === undefined ? {} : {
      method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Lingtan': '1' }, body: JSON.stringify(body),
    }),
    signal: rest.signal ?? AbortSignal.timeout(timeout),
  });
  const answer = await request();
  if (answer.status !== 401) return answer;
  if (body === undefined) {
    location.reload(); // the session has ended: the page asks for the PIN
    return answer;
  }
  return (await login()) ? request() : answer;
}

let asking;
/** Asks for the PIN in a window of its own; true when a session has begun. One at a time. */
function login() {
  asking ??= new Promise((resolve) => {
    const problem = make('p', { role: 'alert', class: 'bad' });
    const pin = make('input', { id: 'pin', type: 'password', inputmode: 'numeric', autocomplete: 'current-password', minlength: 6, maxlength: 32, required: true });
    const cancel = make('button', { type: 'button' }, t('cancel'));
    const form = make('form', { class: 'card' }, make('label', { for: 'pin' }, t('pinTitle')), pin, problem,
      make('div', { class: 'row' }, make('button', { class: 'main' }, t('pinOk')), cancel));
    const window = make('dialog', { class: 'pin', 'aria-label': t('pinTitle') }, form);
    let given = false;
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      try {
        const answer = await fetch('/api/session', {
          method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Lingtan': '1' },
          body: JSON.stringify({ pin: pin.value }), signal: AbortSignal.timeout(10000),
        });
        given = answer.status === 204;
        if (given) window.close();
        else problem.textContent = answer.status === 429 ? t('pinWait', { n: answer.headers.get('Retry-After') }) : t('pinWrong');
      } catch {
        problem.textContent = t('noAnswer');
      }
    });
    cancel.addEventListener('click', () => window.close());
    window.addEventListener('close', () => {
      window.remove();
      asking = undefined;
      resolve(given);
    });
    document.body.append(window);
    window.showModal();
  });
  return asking;
}

// ---- header ---------------------------------------------------------------------------------------

function chip(kind, mark, text) {
  return make('li', { class: kind }, make('span', { class: 'mark', 'aria-hidden': 'true' }, mark), text);
}

function drawHeader() {
  const { uplink, store, clock, devices } = snapshot;
  draw(byId('site'), snapshot.site);
  draw(byId('gateway'), snapshot.gateway);
  draw(byId('languages'), ['zh', 'en'].map((each) => make('button', { type: 'button', 'data-language': each, lang: each === 'zh' ? 'zh-CN' : 'en', 'aria-pressed': String(each === language) }, each === 'zh' ? '中' : 'EN')));
  byId('languages').setAttribute('aria-label', t('language'));
  const good = devices.filter((device) => device.state === 'good').length;
  draw(byId('chips'),
    link === 'lost' ? chip('bad', '✖', t('lost')) : link === 'polling' ? chip('warn', '◷', t('polling')) : chip('good', '●', t('live')),
    !uplink.configured ? chip('', '○', t('mqttNone')) : uplink.connected ? chip('good', '●', t('mqttOn')) : chip('bad', '✖', t('mqttOff')),
    chip('', '↑', t('waiting', { n: store.waiting.toLocaleString('en-US') })),
    clock.trusted ? chip('good', '●', t('clockGood')) : chip('bad', '⚠', t('clockBad')),
    devices.length > 0 && chip(good === devices.length ? 'good' : 'bad', good === devices.length ? '●' : '✖', t('devices', { good, all: devices.length })));
}

/** What is wrong, worst first. */
function troubles() {
  const { config, uplink, store, clock, lines, health, devices } = snapshot;
  const all = [];
  const add = (kind, key, values) => all.push({ kind, text: t(`banner.${key}`, values) });
  if (link === 'lost') add('bad', 'lost', { age: age(0) });
  if (store.failure) add('bad', 'store', { why: store.failure });
  for (const stage of health) if (!stage.alive) add('bad', 'stopped', { name: stage.name });
  if (config.refused) add('bad', 'refused', { why: config.refused });
  if (!clock.trusted) add('bad', 'clock');
  if (lines.length === 0) add('warn', 'noLines');
  for (const line of lines) if (line.problem) add('bad', 'line', { line: line.id, why: line.problem });
  if (uplink.certificate_days !== undefined && uplink.certificate_days < 0) add('bad', 'certificateEnded');
  if (uplink.configured && !uplink.connected) {
    add('bad', 'away', { why: uplink.error ?? t('mqttOff') });
    if (store.days_left !== undefined) all.at(-1).text += ` ${t('banner.space', { days: days(store.days_left) })}`;
  }
  for (const line of lines) {
    const planned = line.schedule?.utilisation;
    if (planned > 80) add('warn', 'overload', { line: line.id, percent: planned, device: busiest(line.id, devices) });
  }
  if (uplink.connected && uplink.late && store.waiting > 0) {
    const values = { n: store.waiting.toLocaleString('en-US'), age: store.oldest_age_ms >= 0 ? span(store.oldest_age_ms) : t('none') };
    if (uplink.eta_ms !== undefined) add('warn', 'backlog', { ...values, rate: Math.round(uplink.records_per_second), eta: span(uplink.eta_ms) });
    else add('warn', 'backlogSlow', values);
  }
  if (uplink.certificate_days >= 0 && uplink.certificate_days <= 30) add('warn', 'certificate', { days: uplink.certificate_days });
  if (link === 'polling') add('warn', 'polling');
  return all;
}

function days(count) {
  return count >= 10 ? Math.floor(count).toLocaleString('en-US') : count.toFixed(1);
}

function busiest(line, devices) {
  const asked = (device) => ((device.reply_us ?? 0) * (device.blocks ?? 1)) / device.every_ms;
  return devices.filter((device) => device.line === line).reduce((most, device) => (asked(device) > asked(most) ? device : most)).id;
}

function drawBanners() {
  draw(byId('banners'), troubles().slice(0, 3).map(({ kind, text }) => make('p', { class: kind }, make('span', { 'aria-hidden': 'true' }, kind === 'bad' ? '✖ ' : '⚠ '), text)));
}

// ---- tabs -----------------------------------------------------------------------------------------

const screens = ['overview', ...document.body.dataset.screens.split(' ').filter(Boolean)]
  .sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b));
const loaded = { overview: { words: WORDS, show: showOverview } };
let open = { name: '', route: '', screen: null };

/** The address after "#": the tab, then what the tab makes of the rest. */
function address() {
  const [name, ...rest] = decodeURIComponent(location.hash.slice(1)).split('/');
  return screens.includes(name) ? { name, route: rest.join('/') } : { name: 'overview', route: '' };
}

function drawTabs() {
  byId('tabs').setAttribute('aria-label', t('tabs'));
  draw(byId('tabs'), screens.map((name) => make('a', {
    role: 'tab', id: `tab-${name}`, href: `#${name}`, 'aria-selected': String(name === open.name), 'aria-controls': 'screen',
    tabindex: name === open.name ? 0 : -1,
  }, t(`tab.${name}`))));
  byId('screen').setAttribute('aria-labelledby', `tab-${open.name}`);
}

function context(module, route) {
  const dictionaries = [module.words, WORDS];
  return {
    t: (key, values) => translate(dictionaries, key, values),
    language, route, snapshot: () => snapshot, ask, age, span, number, amount, reason, state, quality, make, drawn, draw,
    go: (path) => { location.hash = path; },
  };
}

async function show() {
  const { name, route } = address();
  open.screen?.close();
  open = { name, route, screen: null };
  drawTabs();
  byId(`tab-${name}`).scrollIntoView({ block: 'nearest', inline: 'nearest' });
  const root = byId('screen');
  const wanted = open;
  if (!loaded[name]) {
    draw(root, make('p', { class: 'notice' }, t('loading')));
    try {
      loaded[name] = await import(`/screens/${name}.js`);
    } catch {
      // A module that failed once is not asked for again by the browser: another address is.
      try {
        loaded[name] = await import(`/screens/${name}.js?${Math.floor(performance.now())}`);
      } catch {
        if (wanted === open) draw(root, make('p', { class: 'notice', role: 'alert' }, t('failed')));
        return;
      }
    }
    if (loaded[name].style && !document.querySelector(`link[href="${loaded[name].style}"]`)) {
      document.head.append(make('link', { rel: 'stylesheet', href: loaded[name].style }));
    }
  }
  if (wanted !== open) return; // another tab was opened meanwhile
  root.replaceChildren();
  const fresh = make('div', { class: `screen ${name}` });
  root.append(fresh);
  open.screen = loaded[name].show(fresh, context(loaded[name], route));
  open.screen.update(snapshot);
}

byId('tabs').addEventListener('keydown', (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1, Home: -screens.length, End: screens.length }[event.key];
  if (!step) return;
  event.preventDefault();
  const at = screens.indexOf(open.name) + step;
  const to = Math.abs(step) > 1 ? Math.max(0, Math.min(screens.length - 1, at)) : (at + screens.length) % screens.length;
  location.hash = screens[to];
  byId(`tab-${screens[to]}`).focus();
});

byId('languages').addEventListener('click', (event) => {
  const chosen = event.target.closest('[data-language]')?.dataset.language;
  if (!chosen || chosen === language) return;
  language = chosen;
  remember(chosen);
  redraw();
  show();
});

// ---- overview -------------------------------------------------------------------------------------

function showOverview(root, { make, draw }) {
  return {
    update(now) {
      const interval = now.today ?? now.interval;
      draw(root, interval && make('section', {}, make('h2', {}, interval.local), make('dl', { class: 'tiles' },
        Object.entries(interval.metrics).map(([name, metric]) => {
          const [value, unit] = amount(metric.v, metric.u);
          return make('div', {}, make('dt', {}, (language === 'zh' ? metric.zh : metric.name) ?? name),
            make('dd', {}, value, ' ', make('small', {}, `${metric.symbol ?? unit} ${metric.text ?? ''}`)),
            make('dd', { class: 'soft' }, quality(metric.q)));
        }))));
    },
    close() {},
  };
}

// ---- live -----------------------------------------------------------------------------------------

function redraw() {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  document.title = `${snapshot.site} · Lingtan`;
  document.body.classList.toggle('disconnected', link === 'lost');
  drawHeader();
  drawBanners();
  drawTabs();
  const links = [['/report', 'report'], ['/text', 'text'], ['/api/snapshot', 'json'], ['/metrics', 'metrics'], ['/api/bundle', 'bundle']];
  draw(byId('foot'), links.map(([path, key]) => make('a', { href: path }, t(key))), make('span', {}, `Lingtan ${snapshot.software}`));
  open.screen?.update(snapshot);
}

function take(fresh) {
  snapshot = fresh;
  taken = performance.now();
  redraw();
}

function listen() {
  stream?.close();
  opened = performance.now();
  stream = new EventSource('/api/live');
  stream.onmessage = (event) => {
    heard = performance.now();
    link = 'live';
    take(JSON.parse(event.data));
  };
  // The server ends every stream after a while, so that those of phones that went away end too.
  stream.addEventListener('again', listen);
  stream.onerror = () => {
    if (stream.readyState === EventSource.CLOSED && link !== 'polling') {
      link = 'polling'; // refused: all streams are taken, or the session has ended
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
    link = 'polling';
    take(fresh);
  } catch {
    // the watchdog tells
  }
}

function watch() {
  if (document.hidden) return;
  const now = performance.now();
  const silent = now - heard;
  if (silent > (stream.readyState === EventSource.CLOSED ? 2 : 1) * SILENCE_MS && link !== 'lost') {
    link = 'lost';
    listen();
  } else if (stream.readyState === EventSource.CLOSED) {
    if (now - opened > RETRY_STREAM_MS) listen();
    else if (now - polled >= SILENCE_MS) poll();
  } else if (link === 'lost' && now - opened > Math.min(RETRY_STREAM_MS, Math.max(SILENCE_MS, silent / 2))) {
    listen();
  }
  if (now - taken > 900) redraw(); // ages grow
}

document.addEventListener('visibilitychange', () => {
  if (document.hidden) {
    stream.close();
  } else {
    heard = performance.now();
    listen();
  }
});
window.addEventListener('hashchange', show);
redraw();
show();
listen();
setInterval(watch, 1000);
