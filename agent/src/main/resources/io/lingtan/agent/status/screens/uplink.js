// What has been delivered, what waits, how long that can go on, and with which factors carbon is worked out.

export const styles = ['/strip.css'];
export const words = {
  zh: {
    queue: '待上送', depth: '条记录', nothing: '全部已送达', oldest: '最早一条', rate: '上送速度', perSecond: '{n} 条/秒', eta: '预计补完', notShrinking: '没有在减少', room: '断网可存',
    liveLate: '补传期间实时数据不受影响，单独上送。', link: '连接', linkDetail: '原始信息（英文）', server: '服务器', since: '已连接', tryIn: '下次重试', in: '{n}后', lastAck: '最近确认', ackTime: '确认用时', inFlight: '在途报文', connects: '连接次数', certificate: '证书剩余',
    sent: '已上送', acked: '已确认到', of: '共 {n}', resent: '重发', refused: '被拒', nobody: '无人订阅', takenOver: '被同名客户端顶替', setAside: '过大未送', dropped: '已声明丢弃', epoch: '序列', drops: '未送达即丢弃', dropWhat: '{n} 条{kind}', dropRange: '序号 {from}–{to}', 'kind.data': '采样', 'kind.interval': '区间电量与碳排放', 'kind.event': '事件', 'drop.space': '存储空间不足', 'drop.too_large': '超过服务器允许的大小',
    history: '24 小时连接', historyNone: '断开 0 次', historyPartly: '；另有 {amount}没有记录', historyUnknown: '没有记录', historyDown: '断开 {n} 次，共 {amount}', historyFailed: '没有读到连接记录', historyUp: '已连接', historyAway: '断开', historyOff: '程序未运行或无记录',
    store: '离线存储', disk: '已用', free: '磁盘剩余', written: '写入量', perDay: '{n}/天', records: '新增记录', recordsDay: '{n} 条/天', dropFirst: '空间不够时，先删已确认的历史，再删最早的未上送采样，最后才是区间和事件；没有上送就删的，每次都有声明。',
    views: '附加视图', online: '在线', away: '离线', 'view.no_clock': '等待对时：Sparkplug 的数值必须带时间', 'view.no_host': '主站（primary host）不在线，等它上线才发送', lag: '待发 {n}', messages: '已发 {n}', factors: '排放因子', factorVersion: '版本', provisional: '沿用上一年', noFactors: '还没有用到因子。', 'standing.official': '官方发布', 'standing.non_official': '非官方', 'standing.unconfirmed': '待核对', 'standing.demo': '演示值',
  },
  en: {
    queue: 'To send', depth: 'records', nothing: 'everything is delivered', oldest: 'Oldest', rate: 'Rate', perSecond: '{n}/s', eta: 'Done in', notShrinking: 'not shrinking', room: 'Room if offline',
    liveLate: 'Live data goes beside it and does not wait.', link: 'Link', linkDetail: 'In detail', server: 'Server', since: 'Connected for', tryIn: 'Next try', in: 'in {n}', lastAck: 'Last acknowledgement', ackTime: 'It took', inFlight: 'In flight', connects: 'Connections', certificate: 'Certificate ends in',
    sent: 'Sent', acked: 'Acknowledged up to', of: 'of {n}', resent: 'Sent again', refused: 'Refused', nobody: 'Nobody subscribed', takenOver: 'Ended by a client of our name', setAside: 'Too large', dropped: 'Declared dropped', epoch: 'Epoch', drops: 'Dropped before they were sent', dropWhat: '{n} {kind}', dropRange: 'seq {from}–{to}', 'kind.data': 'samples', 'kind.interval': 'intervals', 'kind.event': 'events', 'drop.space': 'no room left', 'drop.too_large': 'larger than the broker takes',
    history: 'Link over 24 h', historyNone: 'never away', historyPartly: '; nothing known of {amount}', historyUnknown: 'nothing known', historyDown: 'away {n}×, {amount} in all', historyFailed: 'The record of the link could not be read', historyUp: 'connected', historyAway: 'away', historyOff: 'not running, or not known',
    store: 'Offline store', disk: 'Used', free: 'Disk left', written: 'Written', perDay: '{n} a day', records: 'New records', recordsDay: '{n} a day', dropFirst: 'When room runs out, acknowledged history goes first, then the oldest samples not yet sent, intervals and events last; whatever goes unsent is declared.',
    views: 'Views', online: 'online', away: 'away', 'view.no_clock': 'the clock is not set yet, and Sparkplug has no values without a time', 'view.no_host': 'the primary host is not online; nothing is sent until it is', lag: '{n} to send', messages: '{n} sent', factors: 'Emission factors', factorVersion: 'Version', provisional: "last year's", noFactors: 'No factor has been used yet.', 'standing.official': 'official', 'standing.non_official': 'not official', 'standing.unconfirmed': 'unconfirmed', 'standing.demo': 'for show',
  },
};

const DAY_MS = 86400000;
const REFRESH_MS = 60000;
const HELD_MS = 60000;

/** What became of the link in a day: [from, to, 'up', 'away' or 'off'], ms, out of its events and the agent's; all are known from since on. */
export function linkHistory(events, now, since) {
  const begin = now - DAY_MS;
  const dated = events.filter((event) => event.ts !== undefined).sort((a, b) => a.ts - b.ts);
  const marks = [];
  const mark = (from, to, what) => { if (to > begin && from < to) marks.push([Math.max(from, begin), to, what]); };
  mark(begin, Math.min(since ?? now, dated[0]?.ts ?? now), 'off');
  for (const [place, event] of dated.entries()) {
    // One that ended without a clock did so at some time before the next event that has one.
    const over = event.state === 'active' ? now : event.cleared;
    if (event.event === 'uplink.down') mark(event.ts, over ?? dated[place + 1]?.ts ?? now, over === undefined ? 'off' : 'away');
    if (event.event === 'agent.start' && event.detail.since) mark(Number(event.detail.since), event.ts, 'off');
  }
  return joined(marks);
}

/** A link that came back for less than a minute was not back: the breaks around that are one. */
function joined(marks) {
  const all = [];
  for (const [from, to, what] of [...marks].sort((a, b) => a[0] - b[0])) {
    const before = all.filter((mark) => mark[2] === what).at(-1);
    if (what === 'away' && before && from - before[1] < HELD_MS) before[1] = Math.max(before[1], to);
    else all.push([from, to, what]);
  }
  return all;
}

/** How often the link was away, for how long in all, and of how much of the day nothing is known, ms. */
export function linkSums(marks) {
  const sum = (what) => marks.filter((mark) => mark[2] === what).reduce((total, [from, to]) => total + to - from, 0);
  return { times: marks.filter((mark) => mark[2] === 'away').length, away: sum('away'), unknown: sum('off') };
}

/**
 * @param {any} root
 * @param {import('/shell/page.js').Context} context
 */
export function show(root, { t, age, span, amount, make, drawn, draw, ask, linkProblem, refusedSection, room: roomLeft, snapshot, own }) {
  let marks = null; // of the link's day; null while not known
  let lastRead = -Infinity;
  let over = false;

  async function read() {
    lastRead = performance.now();
    try {
      const answer = await ask('/api/events?limit=500&area=uplink,agent', { timeout: 15000 });
      if (!answer.ok) throw new Error(String(answer.status));
      const { events, now, since } = await answer.json();
      marks = linkHistory(events, now, since).map(([from, to, what]) => [from - now + DAY_MS, to - now + DAY_MS, what]);
    } catch {
      marks = 'failed';
    }
    if (!over) update(snapshot());
  }

  /** A day as a bar: what is not marked was connected. */
  function day() {
    if (marks === null) return null;
    if (marks === 'failed') return make('p', { class: 'soft' }, t('historyFailed'));
    const { times, away, unknown } = linkSums(marks);
    const known = times === 0 ? t('historyNone') : t('historyDown', { n: times, amount: span(away) });
    const text = unknown < 60000 ? known : unknown >= DAY_MS ? t('historyUnknown') : `${known}${t('historyPartly', { amount: span(unknown) })}`;
    const minutes = (milliseconds) => milliseconds / 60000;
    const kinds = { up: ['cell-a', 4], away: ['cell-x', 0], off: ['cell-n', 19] };
    const cell = (what, x, width) => drawn('rect', { class: kinds[what][0], x, y: kinds[what][1], width, height: 24 - kinds[what][1] });
    const clear = (x, width) => drawn('rect', { class: 'cell-none', x, y: 0, width, height: 24 });
    return [make('p', { class: 'head' }, make('span', {}, t('history')), make('span', { class: times > 0 ? 'warn' : 'soft' }, text)),
      drawn('svg', { class: 'day', viewBox: '0 0 1440 24', preserveAspectRatio: 'none', role: 'img', 'aria-label': `${t('history')}: ${text}` }, cell('up', 0, 1440),
        marks.map(([from, to, what]) => { const x = minutes(from); const width = Math.max(3, minutes(to) - x); return [clear(x, width), cell(what, x, width)]; })),
      make('ul', { class: 'strip-legend' }, [['up', 'historyUp'], ['away', 'historyAway'], ['off', 'historyOff']].filter(([what]) => what === 'up' || marks.some((mark) => mark[2] === what))
        .map(([what, key]) => make('li', {}, drawn('svg', { viewBox: '0 0 24 24', 'aria-hidden': 'true' }, cell(what, 4, 16)), t(key))))];
  }

  const count = (value) => value.toLocaleString('en-US');
  const bytes = (value) => {
    if (value === undefined) return t('none');
    const [divisor, unit] = value >= 1e9 ? [1e9, 'GB'] : [1e6, 'MB'];
    return `${(value / divisor).toLocaleString('en-US', { maximumFractionDigits: 1 })} ${unit}`;
  };
  const row = (key, value, kind) => make('div', {}, make('dt', {}, t(key)), make('dd', { class: kind }, value));

  function queue({ store, uplink }) {
    const waits = store.waiting > 0;
    return make('section', {}, make('h2', {}, t('queue')),
      make('p', { class: 'big' }, make('b', {}, count(store.waiting)), ' ', make('small', {}, waits ? t('depth') : [make('span', { class: 'good' }, '● '), t('nothing')])),
      make('dl', { class: 'rows' },
        row('oldest', store.oldest_age_ms === undefined ? t('none') : age(store.oldest_age_ms)),
        row('rate', uplink.connected ? t('perSecond', { n: count(Math.round(uplink.records_per_second)) }) : t('none')),
        waits && uplink.late && row('eta', uplink.eta_ms === undefined ? t('notShrinking') : span(uplink.eta_ms)),
        row('room', ...roomLeft(store, uplink))),
      uplink.connected && uplink.late && make('p', { class: 'soft' }, t('liveLate')));
  }

  function link({ uplink }) {
    if (!uplink.configured) return make('section', {}, make('h2', {}, t('link')), make('p', { class: 'soft' }, `○ ${t('mqttNone')} `, make('a', { href: '#commission/settings/broker' }, `${t('go.broker')} ›`)));
    return make('section', {}, make('h2', {}, t('link'), make('span', { class: uplink.connected && !uplink.refusing ? 'good' : 'bad' }, uplink.refusing ? `✖ ${t('mqttRefused')}` : uplink.connected ? `● ${t('mqttOn')}` : `✖ ${t('mqttOff')}`)),
      uplink.error && make('p', { class: 'bad' }, linkProblem(uplink)),
      uplink.error && make('details', {}, make('summary', {}, t('linkDetail')), make('p', { class: 'soft', lang: 'en' }, uplink.error)),
      make('dl', { class: 'rows' },
        row('server', [uplink.server || t('none'), ' ', make('a', { class: 'go', href: '#commission/settings/broker' }, `${t('go.broker')} ›`)]),
        uplink.connected ? row('since', span(uplink.since_ms)) : row('tryIn', uplink.next_try_ms === undefined ? t('none') : t('in', { n: span(uplink.next_try_ms) })),
        row('lastAck', age(uplink.ack_age_ms)), uplink.ack_ms !== undefined && row('ackTime', `${count(uplink.ack_ms)} ms`), row('inFlight', count(uplink.in_flight)), row('connects', count(uplink.connects)),
        uplink.certificate_days !== undefined && row('certificate', t('days', { n: uplink.certificate_days }), uplink.certificate_days <= 30 ? 'warn' : null)), day());
  }

  /** What a subscriber will never have, and has been told of. */
  function drops({ store }) {
    return store.drops && make('section', {}, make('h2', {}, t('drops')), make('ul', { class: 'plain' }, store.drops.map((drop) => make('li', { 'data-key': `${drop.from}${drop.kind}` },
      make('div', { class: 'head' }, make('b', {}, t('dropWhat', { n: count(drop.count), kind: t(`kind.${drop.kind}`) })), make('span', { class: 'bad' }, why(drop.reason))),
      make('p', { class: 'soft' }, t('dropRange', { from: count(drop.from), to: count(drop.to) }))))));
  }

  function why(reason) {
    return own('uplink', words)[`drop.${reason}`] ?? reason;
  }

  function delivered({ uplink, store }) {
    const worry = (key, value) => row(key, count(value), value > 0 ? 'warn' : null);
    return make('section', {}, make('h2', {}, t('sent')), make('dl', { class: 'rows' },
      row('acked', [count(store.acked), make('small', {}, ` ${t('of', { n: count(store.last) })}`)]), row('epoch', store.epoch || t('none')),
      row('resent', count(uplink.resent)), worry('refused', uplink.refused), worry('nobody', uplink.nobody), worry('takenOver', uplink.taken_over), worry('setAside', uplink.set_aside),
      row('dropped', count(store.dropped), store.dropped > 0 ? 'bad' : null)));
  }

  function kept({ store }) {
    return make('section', {}, make('h2', {}, t('store')), make('dl', { class: 'rows' },
      row('disk', `${bytes(store.bytes)} / ${bytes(store.max_bytes)}`), row('free', bytes(store.free_bytes)),
      row('written', store.bytes_per_day === undefined ? t('none') : t('perDay', { n: bytes(store.bytes_per_day) })),
      row('records', store.records_per_day === undefined ? t('none') : t('recordsDay', { n: count(store.records_per_day) }))), make('p', { class: 'soft' }, t('dropFirst')));
  }

  function factors(now) {
    const used = Object.entries({ ...now.interval?.factors, ...now.today?.factors });
    return make('section', {}, make('h2', {}, t('factors')), used.length === 0 ? make('p', { class: 'soft' }, t('noFactors'))
      : make('ul', { class: 'plain' }, used.map(([id, factor]) => make('li', { 'data-key': id },
        make('div', { class: 'head' }, make('span', {}, id), make('b', { class: 'num' }, `${factor.value} ${amount(null, factor.u)[1].replace('kg/kWh', 'kgCO₂/kWh')}`)),
        make('p', { class: 'soft' }, [`${t('factorVersion')} ${factor.version}`, t(`standing.${factor.standing}`), factor.provisional && t('provisional')].filter(Boolean).join(' · '))))));
  }

  /** Why a view is not online: what it waits for, or what a broker's refusal means. */
  function viewProblem(view) {
    return own('uplink', words)[`view.${view.why}`] ?? linkProblem(view);
  }

  function others({ views }) {
    return views.length > 0 && make('section', {}, make('h2', {}, t('views')), make('ul', { class: 'plain' }, views.map((view) => make('li', { 'data-key': view.kind },
      make('div', { class: 'head' }, make('b', {}, view.kind), make('span', { class: view.online ? 'good' : 'bad' }, view.online ? `● ${t('online')}` : `✖ ${t('away')}`)),
      make('p', { class: 'soft' }, `${view.server} · ${t('messages', { n: count(view.messages) })} · ${t('lag', { n: count(view.lag) })}${view.error ? ` · ${viewProblem(view)}` : ''}`)))));
  }

  function update(now) {
    draw(root, refusedSection(), make('div', { class: 'halves', 'data-key': 'rest' }, make('div', { class: 'stack' }, queue(now), link(now)), make('div', { class: 'stack' }, delivered(now), drops(now), others(now), kept(now), factors(now))));
    if (now.uplink.configured && performance.now() - lastRead > REFRESH_MS) read();
  }

  return {
    update,
    close() {
      over = true;
    },
  };
}
