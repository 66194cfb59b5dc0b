// Events with what they mean and what to do; worst first. Whoever has seen one acknowledges it.

export const styles = ['/screens/events.css'];
export const words = {
  zh: {
    level: '级别', area: '范围', all: '全部', open: '待确认', active: '未消除', alarm: '告警', warning: '警告', info: '信息', line: '线路', meter: '仪表', uplink: '上送', journal: '存储', agent: '程序', clock: '时钟', config: '配置', command: '命令', poll: '采样', chain: '签名', disk: '磁盘',
    isActive: '● 未消除', isCleared: '○ 已消除', isMoment: '· 记录', acknowledge: '确认', acknowledged: '已确认 {time}', cleared: '{time} 消除', saved: '已记录，稍后刷新',
    'k.remaining': '剩余秒数', 'k.may_draw': '可用 kW', 'k.limit': '限值', 'k.forecast': '预计', 'k.bit': '告警位', 'k.sha256': '文件校验值', 'k.unchecked': '未核对项数', 'k.wrong': '异常项数', 'k.first': '最先', 'k.last': '最后', 'k.missed': '缺', 'k.tariff': '费率', 'k.days': '天数', 'k.month': '月份', 'k.ends': '到期', 'k.topic': '主题', 'k.sent': '已发', 'k.figures': '指标', 'k.of': '对象', 'k.did': '操作', 'k.role': '权限', 'k.reading': '读数', 'k.suspect': '存疑', 'k.register': '寄存器', 'k.serial': '序号', 'k.version': '版本', 'k.hash': '校验值', 'k.confirm_s': '试运行秒数', 'k.bytes': '字节', 'k.restored': '已放回', 'k.kind': '种类', 'k.key': '密钥', 'k.requests': '请求数', 'k.edges': '脉冲沿', 'k.pulses': '脉冲', 'k.where': '位置', 'k.clock': '时钟', 'k.at': '时刻', 'k.not_before': '不早于', 'k.not_after': '不晚于', 'k.intervals': '区间数', 'k.document': '依据文件', 'k.proposed': '提出人', 'k.approved': '批准人', 'k.mass': '质量', 'k.soc': '荷电状态', 'k.vented': '放空', 'k.changed': '改动', 'k.rows': '行数', 'k.by': '填报人', 'k.seq': '序号', 'k.event': '事件', 'k.source': '来源', 'k.settings': '设置', 'k.secondary': '二次值', 'k.id': '编号', 'k.withdrawn': '已撤回',
    'k.unexplained': '来源不明 kWh', 'k.loss': '损耗 kWh', 'k.percent': '百分比', 'k.self_of_available': '自用占可用 %', 'k.self_of_use': '自用占总用电 %', 'k.export_of_available': '上网占可用 %', 'k.previous': '上一序列', 'k.previous_last': '上一序列末号', 'k.ours': '本机末号', 'k.theirs': '服务器末号', 'k.rev': '版次', 'k.replay': '重发编号', 'k.base_intervals': '基本区间数', 'k.untold': '此前未告知次数', 'k.csv': '填报内容', 'k.name_zh': '中文名称',
    'k.away_ms': '断开时长', 'k.down_s': '断开时长', 'k.pause_ms': '停顿', 'k.by_ms': '改动', 'k.offset_ms': '偏差', 'k.since': '从', 'k.from': '从', 'k.until': '到', 'k.to': '到', 'k.start': '区间起', 'k.reason': '原因', 'k.detail': '原始信息', 'k.server': '服务器', 'k.line': '线路', 'k.point': '测点', 'k.count': '次数', 'k.problem': '原因', 'k.why': '原因', 'k.meter': '计量点', 'k.before': '之前', 'k.after': '之后', 'k.ct_site': '站点文件 CT', 'k.ct_meter': '表内 CT', 'k.pt_site': '站点文件 PT', 'k.pt_meter': '表内 PT', 'k.old_serial': '原表号', 'k.new_serial': '新表号', 'k.file': '文件', 'k.what': '内容', 'k.epoch': '序列', 'k.view': '附加视图', 'k.technician': '调试人员', 'k.counted': '读数走了 kWh', 'k.made': '功率累计 kWh', 'k.residual': '平衡差', 'k.tolerance': '允许', 'k.interval': '区间', 'k.clean': '上次正常停止', 'k.boot': '开机编号', 'k.error': '错误', 'k.command': '命令', 'k.times': '次数', 'k.over': '已结束', 'k.raised': '已出现', 'k.name': '名称', 'k.sum': '合计', 'k.total': '总数', 'k.factor': '倍数', 'k.shown': '表盘', 'k.read': '读数',
    yes: '是', no: '否',
    reading: '正在读取事件…', failedRead: '没有读到：{why}', again: '再试一次', nothing: '没有符合条件的事件。', count: '共 {found} 条，{open} 条待确认', older: '更早的事件没有列出。', csv: '下载 CSV', help: '事件手册', next: '处理', detail: '详情', undated: '时间未知', unknown: '本版本不认识的事件。', device: '仪表',
  },
  en: {
    level: 'Level', area: 'Area', all: 'All', open: 'To acknowledge', active: 'Active', alarm: 'Alarm', warning: 'Warning', info: 'Info', line: 'Lines', meter: 'Meters', uplink: 'Uplink', journal: 'Storage', agent: 'Agent', clock: 'Clock', config: 'Configuration', command: 'Commands', poll: 'Samples', chain: 'Signatures', disk: 'Disk',
    isActive: '● active', isCleared: '○ cleared', isMoment: '· noted', acknowledge: 'Acknowledge', acknowledged: 'acknowledged {time}', cleared: 'cleared {time}', saved: 'Noted, the list follows',
    'k.remaining': 'Seconds left', 'k.may_draw': 'May draw, kW', 'k.limit': 'Limit', 'k.forecast': 'Forecast', 'k.bit': 'Bit', 'k.sha256': 'SHA-256', 'k.unchecked': 'Not checked', 'k.wrong': 'Wrong', 'k.first': 'First', 'k.last': 'Last', 'k.missed': 'Missed', 'k.tariff': 'Tariff', 'k.days': 'Days', 'k.month': 'Month', 'k.ends': 'Ends', 'k.topic': 'Topic', 'k.sent': 'Sent', 'k.figures': 'Figures', 'k.of': 'Of', 'k.did': 'Did', 'k.role': 'Role', 'k.reading': 'Reading', 'k.suspect': 'Suspect', 'k.register': 'Register', 'k.serial': 'Serial', 'k.version': 'Version', 'k.hash': 'Hash', 'k.confirm_s': 'On trial, s', 'k.bytes': 'Bytes', 'k.restored': 'Put back', 'k.kind': 'Kind', 'k.key': 'Key', 'k.requests': 'Requests', 'k.edges': 'Edges', 'k.pulses': 'Pulses', 'k.where': 'Where', 'k.clock': 'Clock', 'k.at': 'At', 'k.not_before': 'Not before', 'k.not_after': 'Not after', 'k.intervals': 'Intervals', 'k.document': 'Document', 'k.proposed': 'Proposed by', 'k.approved': 'Approved by', 'k.mass': 'Mass', 'k.soc': 'State of charge', 'k.vented': 'Vented', 'k.changed': 'Changed', 'k.rows': 'Rows', 'k.by': 'Told by', 'k.seq': 'Number', 'k.event': 'Event', 'k.source': 'Source', 'k.settings': 'Settings', 'k.secondary': 'Secondary', 'k.id': 'Id', 'k.withdrawn': 'Taken back',
    'k.unexplained': 'Unexplained, kWh', 'k.loss': 'Loss, kWh', 'k.percent': 'Percent', 'k.self_of_available': 'Self-used of available, %', 'k.self_of_use': 'Self-used of all use, %', 'k.export_of_available': 'Exported of available, %', 'k.previous': 'Epoch before', 'k.previous_last': 'Its last number', 'k.ours': 'Our last number', 'k.theirs': 'Last number at the broker', 'k.rev': 'Revision', 'k.replay': 'Replay', 'k.base_intervals': 'Base intervals', 'k.untold': 'Not told before', 'k.csv': 'What was told', 'k.name_zh': 'Name in Chinese',
    'k.away_ms': 'Away for', 'k.down_s': 'Away for', 'k.pause_ms': 'Pause', 'k.by_ms': 'Moved by', 'k.offset_ms': 'Offset', 'k.since': 'Since', 'k.from': 'From', 'k.until': 'Until', 'k.to': 'To', 'k.start': 'Interval from', 'k.reason': 'Reason', 'k.detail': 'In detail', 'k.server': 'Server', 'k.line': 'Line', 'k.point': 'Point', 'k.count': 'How often', 'k.problem': 'Reason', 'k.why': 'Reason', 'k.meter': 'Metering point', 'k.before': 'Before', 'k.after': 'After', 'k.ct_site': 'CT of the site file', 'k.ct_meter': 'CT of the meter', 'k.pt_site': 'PT of the site file', 'k.pt_meter': 'PT of the meter', 'k.old_serial': 'Serial before', 'k.new_serial': 'Serial now', 'k.file': 'File', 'k.what': 'What', 'k.epoch': 'Epoch', 'k.view': 'View', 'k.technician': 'Technician', 'k.counted': 'Counted, kWh', 'k.made': 'Power made, kWh', 'k.residual': 'Residual', 'k.tolerance': 'Tolerance', 'k.interval': 'Interval', 'k.clean': 'Stopped in order', 'k.boot': 'Boot', 'k.error': 'Error', 'k.command': 'Command', 'k.times': 'How often', 'k.over': 'Over', 'k.raised': 'Raised', 'k.name': 'Name', 'k.sum': 'Sum', 'k.total': 'In all', 'k.factor': 'Times', 'k.shown': 'Display', 'k.read': 'Reading',
    yes: 'yes', no: 'no',
    reading: 'Reading the events…', failedRead: 'Nothing was read: {why}', again: 'Try again', nothing: 'There are no such events.', count: '{found} events, {open} to acknowledge', older: 'Older events are not listed.', csv: 'Download CSV', help: 'What events mean', next: 'To do', detail: 'Details', undated: 'time unknown', unknown: 'An event this version does not know.', device: 'Meter',
  },
};

const LEVELS = ['open', 'active', 'alarm', 'warning', 'all'];
const AREAS = ['all', 'line', 'meter', 'uplink', 'journal', 'agent', 'clock', 'config', 'command'];
const QUERIES = { open: 'open=1', active: 'active=1', alarm: 'severity=alarm', warning: 'severity=warning', all: 'severity=info' };
const MARKS = { alarm: '✖', warning: '⚠', info: 'ℹ' };
const REFRESH_MS = 10000;

/** The path that asks for what is chosen. */
export function path(level, area, device) {
  return `/api/events?${QUERIES[level]}${area === 'all' ? '' : `&area=${area}`}${device ? `&device=${encodeURIComponent(device)}` : ''}`;
}

/** @param {import('/shell/page.js').Context} context */
export function show(root, context) {
  const { t, language, ask, refusal, make, draw, span, reason, named, linkProblem, snapshot } = context;
  const [first = '', second = '', device = ''] = context.route.split('/');
  const level = LEVELS.includes(first) ? first : 'all';
  const area = AREAS.includes(second) ? second : 'all';
  const controls = make('div', { class: 'event-controls' });
  const said = make('p', { class: 'soft', role: 'status' });
  const list = make('ol', { class: 'event-list' });
  const end = make('p', { class: 'soft' });
  root.append(controls, said, list, end);
  let lastRead = -Infinity;
  let busy = false;
  let over = false;

  const choice = (label, options, current, address) => make('div', { class: 'choice', role: 'group', 'aria-label': label }, make('span', { class: 'soft', 'aria-hidden': 'true' }, label), options.map((option) => make('a', {
    class: 'pick', href: `#events/${address(option)}`, 'aria-current': option === current ? 'true' : null,
  }, t(option))));

  function drawControls() {
    draw(controls, choice(t('level'), LEVELS, level, (option) => `${option}/${area}${device ? `/${device}` : ''}`), choice(t('area'), AREAS, area, (option) => `${level}/${option}${device ? `/${device}` : ''}`),
      make('div', { class: 'row' }, device && make('a', { class: 'pick', href: `#events/${level}/${area}` }, `${t('device')} ${named(device)} ✕`),
        make('a', { href: `${path(level, area, device)}&limit=500&form=csv&lang=${language === 'zh' ? 'zh' : 'en'}`, download: `${snapshot().gateway}-events.csv` }, t('csv')), make('a', { href: `/help?lang=${language === 'zh' ? 'zh' : 'en'}` }, t('help'))));
  }

  async function read() {
    if (busy) return;
    busy = true;
    if (!list.firstChild && !said.textContent) draw(said, t('reading'));
    try {
      const answer = await ask(path(level, area, device), { timeout: 15000 });
      if (!answer.ok) throw new Error((await answer.text()).trim());
      const data = await answer.json();
      if (!over) paint(data);
    } catch (problem) {
      if (!over) draw(said, t('failedRead', { why: problem.message }), ' ', make('button', { type: 'button', 'data-again': true }, t('again')));
    } finally {
      busy = false;
      lastRead = performance.now();
    }
  }

  function paint({ events, texts, zone, found, open, complete }) {
    const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }); // as ISO 8601
    const time = (milliseconds) => (milliseconds === undefined ? t('undated') : format.format(milliseconds).slice(5));
    draw(said, events.length === 0 ? t('nothing') : t('count', { found, open }));
    draw(list, events.map((event) => item(event, texts[event.event], time)));
    draw(end, !complete || found > events.length ? t('older') : '');
  }

  /** A detail for people: times and spans as such, true and false as words. */
  function saying({ event: name, detail: { server } }, key, value, time) {
    if (/^1[5-9]\d{11}$/.test(value)) return time(Number(value));
    if (/_ms$/.test(key) && /^\d+$/.test(value)) return span(Number(value));
    if (key === 'down_s' && /^\d+$/.test(value)) return span(Number(value) * 1000);
    if (value === 'true' || value === 'false') return t(value === 'true' ? 'yes' : 'no');
    if (key !== 'reason') return value;
    if (name.startsWith('uplink.')) return linkProblem({ why: value, error: value, server: server ?? '' });
    const said = reason(value);
    return said === `why.${value}` ? value : said;
  }

  function item(event, text, time) {
    const state = { active: 'isActive', cleared: 'isCleared', moment: 'isMoment' }[event.state];
    const details = Object.entries(event.detail);
    const what = text && make('p', {}, make('span', { class: 'soft' }, `${t('next')} `), context.sentence({ ...text, event: event.event }, '_do'));
    return make('li', { class: `card event ${event.severity}${event.open ? ' open' : ''}`, 'data-key': `${event.epoch}/${event.seq}` },
      make('div', { class: 'event-head' }, make('span', { class: `level ${event.severity}` }, `${MARKS[event.severity]} ${t(event.severity)}`),
        make('span', { class: event.state === 'active' ? 'state-active' : 'soft' }, t(state)), event.device && make('a', { href: `#meters/${event.device}` }, named(event.device)), make('time', { class: 'soft' }, time(event.ts))),
      make('h2', {}, text ? context.sentence({ ...text, event: event.event }) : t('unknown')),
      event.severity !== 'info' && what,
      make('div', { class: 'event-foot' }, make('details', {}, make('summary', {}, t('detail')), event.severity === 'info' && what,
        make('dl', {}, make('dt', {}, make('code', {}, event.event)), make('dd', {}, `#${event.seq}`), details.map(([key, value]) => [make('dt', { title: key }, context.own('events', words)[`k.${key}`] ?? key), make('dd', {}, saying(event, key, value, time))]))),
      event.cleared !== undefined && make('span', { class: 'soft' }, t('cleared', { time: time(event.cleared) })),
      event.acknowledged === undefined ? event.open && make('button', { type: 'button', 'data-epoch': event.epoch, 'data-seq': event.seq }, t('acknowledge'))
        : make('span', { class: 'soft' }, t('acknowledged', { time: time(event.acknowledged) }))));
  }

  root.addEventListener('click', async (click) => {
    const button = click.target.closest('button');
    if (button?.dataset.again !== undefined) read();
    if (!button?.dataset.seq) return;
    button.disabled = true;
    try {
      const answer = await ask('/api/action/acknowledge', { body: { epoch: button.dataset.epoch, seq: Number(button.dataset.seq) } });
      draw(said, answer.ok ? t('saved') : await refusal(answer));
      button.disabled = answer.ok;
      if (answer.ok) lastRead = performance.now() - REFRESH_MS + 1500; // it is kept within a second
    } catch {
      button.disabled = false;
      draw(said, t('noAnswer'));
    }
  });

  return {
    update() {
      drawControls();
      if (performance.now() - lastRead > REFRESH_MS) read();
    },
    close() {
      over = true;
    },
  };
}
