// What has been delivered, what waits, how long that can go on, and with which factors carbon is worked out.

export const words = {
  zh: {
    queue: '待上送', depth: '条记录', nothing: '全部已送达', oldest: '最早一条', rate: '上送速度', perSecond: '{n} 条/秒', eta: '预计补完', notShrinking: '没有在减少', room: '断网可存', about: '约 {n} 天',
    liveLate: '补传期间实时数据不受影响，单独上送。', link: '连接', server: '服务器', since: '已连接', tryIn: '下次重试', in: '{n}后', lastAck: '最近确认', ackTime: '确认用时', inFlight: '在途报文', connects: '连接次数', certificate: '证书剩余',
    sent: '已上送', acked: '已确认到', of: '共 {n}', resent: '重发', refused: '被拒', nobody: '无人订阅', takenOver: '被同名客户端挤掉', setAside: '过大未送', dropped: '已声明丢弃', epoch: '序列',
    store: '离线存储', disk: '已用', free: '磁盘剩余', written: '写入量', perDay: '{n}/天', records: '新增记录', recordsDay: '{n} 条/天',
    views: '附加视图', online: '在线', away: '离线', lag: '待发 {n}', messages: '已发 {n}', factors: '排放因子', factorName: '因子', factorValue: '数值', factorVersion: '版本', provisional: '沿用上一年', noFactors: '还没有用到因子。', standing: '依据', 'standing.official': '官方发布', 'standing.non_official': '非官方', 'standing.unconfirmed': '待核对', 'standing.demo': '演示值',
  },
  en: {
    queue: 'To send', depth: 'records', nothing: 'everything is delivered', oldest: 'Oldest', rate: 'Rate', perSecond: '{n}/s', eta: 'Done in', notShrinking: 'not shrinking', room: 'Room if offline', about: 'about {n} days',
    liveLate: 'Live data goes beside it and does not wait.', link: 'Link', server: 'Server', since: 'Connected for', tryIn: 'Next try', in: 'in {n}', lastAck: 'Last acknowledgement', ackTime: 'It took', inFlight: 'In flight', connects: 'Connections', certificate: 'Certificate ends in',
    sent: 'Sent', acked: 'Acknowledged up to', of: 'of {n}', resent: 'Sent again', refused: 'Refused', nobody: 'Nobody subscribed', takenOver: 'Ended by a client of our name', setAside: 'Too large', dropped: 'Declared dropped', epoch: 'Epoch',
    store: 'Offline store', disk: 'Used', free: 'Disk left', written: 'Written', perDay: '{n} a day', records: 'New records', recordsDay: '{n} a day',
    views: 'Views', online: 'online', away: 'away', lag: '{n} to send', messages: '{n} sent', factors: 'Emission factors', factorName: 'Factor', factorValue: 'Value', factorVersion: 'Version', provisional: "last year's", noFactors: 'No factor has been used yet.', standing: 'Standing', 'standing.official': 'official', 'standing.non_official': 'not official', 'standing.unconfirmed': 'unconfirmed', 'standing.demo': 'for show',
  },
};

export function show(root, { t, age, span, amount, make, draw }) {
  const count = (value) => value.toLocaleString('en-US');
  const bytes = (value) => {
    if (value === undefined) return t('none');
    const [divisor, unit] = value >= 1e9 ? [1e9, 'GB'] : [1e6, 'MB'];
    return `${(value / divisor).toLocaleString('en-US', { maximumFractionDigits: 1 })} ${unit}`;
  };
  const row = (key, value, kind) => make('div', {}, make('dt', {}, t(key)), make('dd', { class: kind }, value));
  const days = (value) => (value === undefined ? t('none') : t('about', { n: value >= 10 ? count(Math.floor(value)) : value.toFixed(1) }));

  function queue({ store, uplink }) {
    const waits = store.waiting > 0;
    return make('section', {}, make('h2', {}, t('queue')),
      make('p', { class: 'big' }, make('b', {}, count(store.waiting)), ' ', make('small', {}, waits ? t('depth') : [make('span', { class: 'good' }, '● '), t('nothing')])),
      make('dl', { class: 'rows' },
        row('oldest', store.oldest_age_ms === undefined ? t('none') : age(store.oldest_age_ms)),
        row('rate', uplink.connected ? t('perSecond', { n: count(Math.round(uplink.records_per_second)) }) : t('none')),
        waits && uplink.late && row('eta', uplink.eta_ms === undefined ? t('notShrinking') : span(uplink.eta_ms)),
        row('room', days(store.days_left), store.days_left < 2 ? 'bad' : null)),
      uplink.connected && uplink.late && make('p', { class: 'soft' }, t('liveLate')));
  }

  function link({ uplink }) {
    if (!uplink.configured) return make('section', {}, make('h2', {}, t('link')), make('p', { class: 'soft' }, `○ ${t('mqttNone')}`));
    return make('section', {}, make('h2', {}, t('link'), make('span', { class: uplink.connected ? 'good' : 'bad' }, uplink.connected ? `● ${t('mqttOn')}` : `✖ ${t('mqttOff')}`)),
      uplink.error && make('p', { class: 'bad' }, uplink.error),
      make('dl', { class: 'rows' },
        row('server', uplink.server || t('none')),
        uplink.connected ? row('since', span(uplink.since_ms)) : row('tryIn', uplink.next_try_ms === undefined ? t('none') : t('in', { n: span(uplink.next_try_ms) })),
        row('lastAck', age(uplink.ack_age_ms)), uplink.ack_ms !== undefined && row('ackTime', `${count(uplink.ack_ms)} ms`), row('inFlight', count(uplink.in_flight)), row('connects', count(uplink.connects)),
        uplink.certificate_days !== undefined && row('certificate', t('days', { n: uplink.certificate_days }), uplink.certificate_days <= 30 ? 'warn' : null)));
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
      row('records', store.records_per_day === undefined ? t('none') : t('recordsDay', { n: count(store.records_per_day) }))));
  }

  function factors(now) {
    const used = Object.entries({ ...now.interval?.factors, ...now.today?.factors });
    return make('section', {}, make('h2', {}, t('factors')), used.length === 0 ? make('p', { class: 'soft' }, t('noFactors'))
      : make('ul', { class: 'plain' }, used.map(([id, factor]) => make('li', { 'data-key': id },
        make('div', { class: 'head' }, make('span', {}, id), make('b', { class: 'num' }, `${factor.value} ${amount(null, factor.u)[1]}`)),
        make('p', { class: 'soft' }, [`${t('factorVersion')} ${factor.version}`, t(`standing.${factor.standing}`), factor.provisional && t('provisional')].filter(Boolean).join(' · '))))));
  }

  function others({ views }) {
    return views.length > 0 && make('section', {}, make('h2', {}, t('views')), make('ul', { class: 'plain' }, views.map((view) => make('li', { 'data-key': view.kind },
      make('div', { class: 'head' }, make('b', {}, view.kind), make('span', { class: view.online ? 'good' : 'bad' }, view.online ? `● ${t('online')}` : `✖ ${t('away')}`)),
      make('p', { class: 'soft' }, `${view.server} · ${t('messages', { n: count(view.messages) })} · ${t('lag', { n: count(view.lag) })}${view.error ? ` · ${view.error}` : ''}`)))));
  }

  return {
    update(now) {
      draw(root, make('div', { class: 'halves' }, make('div', { class: 'stack' }, queue(now), link(now), kept(now)), make('div', { class: 'stack' }, delivered(now), factors(now), others(now))));
    },
    close() {},
  };
}
