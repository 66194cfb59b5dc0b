// How far a site is put into operation: what is done, what nobody has checked, what is wrong, each
// with the way there. Known from the gateway itself, so that another phone goes on where one stopped.

export const stepsWords = {
  zh: {
    steps: '投运步骤', stepsDone: '已完成 {done}/{all}', toDo: '去做', 'step.lines': '线路', 'step.meters': '仪表应答', 'step.ratio': '倍率核对', 'step.wiring': '接线与平衡', 'step.clock': '时钟', 'step.uplink': '上送', 'step.record': '验收记录',
    lineCount: '{n} 条，全部正常', lineNone: '还没有线路', lineBad: '{names} 不正常', answering: '{good}/{all} 块有应答', ratioDone: '{n} 块都与表盘核对过', ratioLeft: '还没有与表盘核对（{done}/{all}）：', ratioBad: '与表盘不符：', ratioAsking: '正在查核对记录…', ratioUnread: '没有查到核对记录', wiringClosed: '平衡差 {kw} kW，在允许范围内', wiringOpen: '平衡差 {kw} kW，超出 ±{allowed} kW', wiringFound: '发现 {n} 处接线问题', wiringUnknown: '平衡差现在算不出来', clockSet: '已对时', clockNot: '未对时', uplinkGood: '已连接，最近确认 {age}', uplinkNone: '站点文件没有写上送地址', uplinkBad: '没有连接', uplinkWaits: '已连接，还没有确认', recordAt: '最近一份 {name}', recordNone: '还没有生成', more: '，另有 {n} 块',
  },
  en: {
    steps: 'Steps of commissioning', stepsDone: '{done} of {all} done', toDo: 'Do it', 'step.lines': 'Lines', 'step.meters': 'Meters answer', 'step.ratio': 'Ratio check', 'step.wiring': 'Wiring and balance', 'step.clock': 'Clock', 'step.uplink': 'Uplink', 'step.record': 'Acceptance record',
    lineCount: '{n}, all good', lineNone: 'No line yet', lineBad: '{names} not good', answering: '{good} of {all} answer', ratioDone: 'All {n} were compared with their displays', ratioLeft: 'Not compared with the display yet ({done} of {all} are): ', ratioBad: 'Differs from the display: ', ratioAsking: 'Looking for the checks…', ratioUnread: 'The checks could not be read', wiringClosed: 'Residual {kw} kW, within what is allowed', wiringOpen: 'Residual {kw} kW, beyond ±{allowed} kW', wiringFound: '{n} found wrong', wiringUnknown: 'The residual is not known at present', clockSet: 'In sync', clockNot: 'Not in sync', uplinkGood: 'Connected, last acknowledged {age}', uplinkNone: 'The site file names no broker', uplinkBad: 'Not connected', uplinkWaits: 'Connected, nothing acknowledged yet', recordAt: 'The last is {name}', recordNone: 'None was made yet', more: 'and {n} more',
  },
};

const MARKS = { good: '●', open: '○', bad: '✖' };
const MOST_NAMES = 6;

/** @param {import('/shell/page.js').Context} context */
export function steps(root, context) {
  const { language, ask, make, draw, named, age } = context;
  const t = (key, values = {}) => context.own('steps', stepsWords)[key].replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
  let checks = null; // by device: good, bad or open; false if they could not be read
  let records = null;
  let over = false;

  const kw = (watts) => (Math.abs(watts) / 1000).toFixed(1);
  const names = (ids) => [ids.slice(0, MOST_NAMES).map((id, i) => [i > 0 && (language === 'zh' ? '、' : ', '), make('a', { href: `#commission/ratio/${id}` }, named(id))]), ids.length > MOST_NAMES && ` ${t('more', { n: ids.length - MOST_NAMES })}`];

  /** [state, what is known, where it is done] of each step, in the order in which they are done. */
  function all({ lines, devices, flow, wiring = [], clock, uplink }) {
    const broken = lines.filter((line) => line.problem);
    const silent = devices.filter((device) => device.state !== 'good');
    const wrong = wiring.filter(({ kind, alone }) => kind !== 'moved' || alone);
    const of = (state) => devices.map(({ id }) => id).filter((id) => checks?.[id] === state);
    const [differ, unchecked] = [of('bad'), checks ? devices.map(({ id }) => id).filter((id) => checks[id] !== 'good') : []];
    const residual = flow.residual_w;
    const isClosed = residual !== undefined && (flow.all_loads_metered ? Math.abs(residual) : -residual) <= flow.tolerance_w;
    return {
      lines: lines.length === 0 ? ['open', t('lineNone'), 'site'] : broken.length > 0 ? ['bad', t('lineBad', { names: broken.map(({ id }) => named(id, 'line:')).join(' ') }), `line/${broken[0].id}`] : ['good', t('lineCount', { n: lines.length }), 'site'],
      meters: [devices.length > 0 && silent.length === 0 ? 'good' : devices.length === 0 ? 'open' : 'bad', devices.length === 0 ? context.t('none_yet') : t('answering', { good: devices.length - silent.length, all: devices.length }), silent[0] ? `scan/${silent[0].line}` : 'scan'],
      ratio: devices.length === 0 ? ['open', context.t('none_yet'), 'ratio'] : !checks ? ['open', t(checks === false ? 'ratioUnread' : 'ratioAsking'), 'ratio'] : differ.length > 0 ? ['bad', [t('ratioBad'), names(differ)], `ratio/${differ[0]}`]
        : unchecked.length > 0 ? ['open', [t('ratioLeft', { done: devices.length - unchecked.length, all: devices.length }), names(unchecked)], unchecked[0] ? `ratio/${unchecked[0]}` : 'ratio'] : ['good', t('ratioDone', { n: devices.length }), 'ratio'],
      wiring: wrong.length > 0 ? ['bad', t('wiringFound', { n: wrong.length }), 'wiring'] : residual === undefined ? ['open', t('wiringUnknown'), 'wiring'] : [isClosed ? 'good' : 'bad', t(isClosed ? 'wiringClosed' : 'wiringOpen', { kw: kw(residual), allowed: kw(flow.tolerance_w) }), 'wiring'],
      clock: [clock.trusted ? 'good' : 'bad', t(clock.trusted ? 'clockSet' : 'clockNot'), 'clock'],
      uplink: !uplink.configured ? ['open', t('uplinkNone'), '#uplink'] : !uplink.connected ? ['bad', t('uplinkBad'), '#uplink'] : uplink.ack_age_ms >= 0 ? ['good', t('uplinkGood', { age: age(uplink.ack_age_ms) }), '#uplink'] : ['open', t('uplinkWaits'), '#uplink'],
      record: records?.length > 0 ? ['good', t('recordAt', { name: [...records].sort().at(-1) }), 'record'] : ['open', t('recordNone'), 'record'],
    };
  }

  async function read() {
    const found = await ask('/api/checks').then((reply) => (reply.ok ? reply.json() : null)).catch(() => null);
    checks = found?.devices ?? false;
    records = found?.records ?? [];
    if (!over) update(context.snapshot());
  }

  function update(now) {
    const known = Object.entries(all(now));
    const next = known.find(([, [state]]) => state !== 'good')?.[0];
    draw(root, make('h2', {}, t('steps'), make('small', {}, t('stepsDone', { done: known.filter(([, [state]]) => state === 'good').length, all: known.length }))),
      make('ol', { class: 'steps' }, known.map(([name, [state, text, to]]) => make('li', { 'data-step': name, 'data-state': state }, make('b', {}, make('span', { class: { good: 'good', bad: 'bad', open: 'soft' }[state] }, MARKS[state]), ` ${t(`step.${name}`)}`), make('span', {}, text),
        state !== 'good' && make('a', { class: name === next ? 'button main' : 'button', href: to.startsWith('#') ? to : `#commission/${to}` }, `${t('toDo')} ›`)))));
  }

  read();
  return { update, close() { over = true; } };
}
