// What of the gateway itself can be set at the page: each part is a form whose filled fields become
// one change of the site file. Passwords, PINs and TLS files are put into files of their own first.

import { keepUsed, propose } from './change.js';
import { chooser, field, labelled } from './fields.js';

export const settingsWords = {
  zh: {
    'part.broker': '上送', 'part.broker.how': '服务器地址、账号密码、TLS 文件。', 'part.page': 'PIN 与本页', 'part.page.how': '换 PIN，谁可以看，本页的 HTTPS 证书。', 'part.carbon': '排放因子', 'part.carbon.how': '所在地、用哪些因子文件。', 'part.tariff': '分时电价', 'part.tariff.how': '按哪个文件分峰平谷。', 'part.clock': '对时', 'part.clock.how': '信任谁的时间。',
    servers: '服务器（可多个，空格分开）', 'servers.hint': 'mqtts://主机:8883', user: '账号', password: '密码', keep: '不改', ca: 'CA 证书（PEM）', cert: '网关证书（PEM）', key: '网关私钥（PEM）', present: '现用 {file}', system: '现用系统自带的', none: '现在没有',
    broker2: '改后约 10 秒内用新的设置重连；没送到的数据留在网关上，连上后补传。', pin: '新 PIN（6 到 32 位字母或数字）', pin2: '写入后标签上的 PIN 作废，本页要用新 PIN 再登录：请重新打印标签（lingtan label）。', view: '谁可以看', 'view.open': '所有人', 'view.pin': '有 PIN 的人', pageCert: 'HTTPS 证书（PEM）', pageKey: 'HTTPS 私钥（PEM）', page2: '证书要写有本页的地址或名字；换好后地址以 https:// 开头。',
    region: '所在地', factors: '因子文件', accept: '也接受', method: '外购电算法', 'method.location': '按地区', 'method.market': '按市场', 'method.both': '两种都算', 'accept.non-official': '非官方', 'accept.unconfirmed': '待核对', 'accept.demo': '演示值', carbon2: '从写入时起的区间按新的因子算；已经上送的不变。',
    tariff: '电价文件', tariff2: '从写入时起的电量按新的时段分；已经分过的不变。', noTariff: '现在没有，电量不分时段', clockNow: '依次信任：{list}', clock2: '改信任来源要在站点文件里写 clock.trust，再重新启动（systemctl restart lingtan）：换掉时间基准时不能边走边换。没有网络时可用手机校时。', toClock: '校时', wait: '正在读…', keeping: '正在存…', locked: '要看和改设置，请输入 PIN。', again: '输入 PIN', unchanged: '没有要改的。', propose: '预览改动',
  },
  en: {
    'part.broker': 'Broker', 'part.broker.how': 'Address, account, TLS files.', 'part.page': 'PIN and page', 'part.page.how': 'Another PIN, who may see, the certificate of this page.', 'part.carbon': 'Emission factors', 'part.carbon.how': 'Where the site is, and which factor files it uses.', 'part.tariff': 'Tariff', 'part.tariff.how': 'By whose periods energy is split.', 'part.clock': 'Clock', 'part.clock.how': 'Whose time is trusted.',
    servers: 'Brokers (several with spaces between)', 'servers.hint': 'mqtts://HOST:8883', user: 'User', password: 'Password', keep: 'as it is', ca: 'CA certificate (PEM)', cert: "Gateway's certificate (PEM)", key: "Gateway's key (PEM)", present: 'now {file}', system: "now the system's own", none: 'none now',
    broker2: 'Within 10 s a new connection uses it; what was not delivered waits on the gateway and follows.', pin: 'New PIN (6 to 32 letters or digits)', pin2: 'The PIN on the label ends with it, and this page asks for the new one: print a new label (lingtan label).', view: 'Who may see', 'view.open': 'everybody', 'view.pin': 'who has the PIN', pageCert: 'HTTPS certificate (PEM)', pageKey: 'HTTPS key (PEM)', page2: 'The certificate must bear the address or name of this page; the address begins with https:// then.',
    region: 'Where', factors: 'Factor files', accept: 'Accept also', method: 'Bought electricity', 'method.location': 'by location', 'method.market': 'by market', 'method.both': 'both', 'accept.non-official': 'not official', 'accept.unconfirmed': 'unconfirmed', 'accept.demo': 'for show', carbon2: 'Intervals from then on use the new factors; what was published stays.',
    tariff: 'Tariff file', tariff2: 'Energy from then on is split by the new periods; what was split stays.', noTariff: 'none now: energy is not split', clockNow: 'Trusted, in this order: {list}', clock2: 'Who is trusted is clock.trust of the site file, and takes a new start (systemctl restart lingtan): the ground under all times is not exchanged on the way. Without a network, set the clock by phone.', toClock: 'Set the clock', wait: 'Reading…', keeping: 'Being kept…', locked: 'Settings are shown to who has the PIN.', again: 'Give the PIN', unchanged: 'Nothing is changed.', propose: 'Show the change',
  },
};

const PARTS = ['broker', 'page', 'carbon', 'tariff', 'clock'];
const ACCEPTED = ['non-official', 'unconfirmed', 'demo'];

/** What the edit calls a file that was kept for a field. */
const KEPT = {
  password: ['password', 'password_file'], pin: ['pin', 'pin_file'], ca: ['ca', 'ca'], cert: ['cert', 'cert'], key: ['key', 'key'],
};

/** @param {import('/shell/page.js').Context} context */
export function settingsOf(root, context, part) {
  const { make, ask, refusal, language } = context;
  const own = { ...context, t: (key, values = {}) => context.own('settings', settingsWords)[key]?.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all) ?? context.t(key, values) };
  const { t } = own;
  if (!PARTS.includes(part)) {
    root.append(make('ul', { class: 'menu' }, PARTS.map((name) => make('li', {}, make('a', { class: 'card', href: `#commission/settings/${name}` },
      make('b', {}, t(`part.${name}`)), make('span', { class: 'soft' }, t(`part.${name}.how`)))))));
    return {};
  }
  const body = make('section', { 'data-own': true, 'data-part': part });
  root.append(body);
  const was = (value) => ({ value: value ?? '', 'data-was': value ?? '' });
  const secret = (name, label, present) => [labelled(own, label, false, make('input', { name, type: name === 'pin' ? 'text' : 'password', autocomplete: 'off', maxlength: 256, placeholder: present ? t('keep') : null }))];
  const upload = (name, label, present, otherwise) => make('label', {}, make('span', {}, t(label)), make('input', { name, type: 'file', accept: '.pem,.crt,.cer,.key' }), make('small', { class: 'soft' }, present ? t('present', { file: present }) : t(otherwise)));
  const boxes = (name, label, all, chosen) => make('fieldset', { 'data-list': name, 'data-was': chosen.join(' ') }, make('legend', {}, t(label)), all.map(([value, text]) => make('label', { class: 'check' }, make('input', { type: 'checkbox', value, checked: chosen.includes(value) }), ' ', text)));

  const parts = {
    broker: (now) => [field(own, 'servers', 'servers', { maxlength: 1000, placeholder: t('servers.hint'), ...was(now.servers.join(' ')) }),
      make('div', { class: 'fields' }, field(own, 'user', 'user', { maxlength: 128, ...was(now.user) }), secret('password', 'password', now.password_file)),
      make('details', { open: now.servers.some((each) => each.startsWith('mqtts:')) }, make('summary', {}, 'TLS'), make('div', { class: 'fields' }, upload('ca', 'ca', now.ca, 'system'), upload('cert', 'cert', now.cert, 'none'), upload('key', 'key', now.key, 'none'))),
      make('p', { class: 'soft' }, t('broker2'))],
    page: (now) => [secret('pin', 'pin', now.pin_file), make('p', { class: 'soft' }, t('pin2')), chooser(own, 'view', 'view', [['open', t('view.open')], ['pin', t('view.pin')]], now.view, now.view),
      make('details', {}, make('summary', {}, 'HTTPS'), make('div', { class: 'fields' }, upload('cert', 'pageCert', now.page_cert, 'none'), upload('key', 'pageKey', null, 'none')), make('p', { class: 'soft' }, t('page2')))],
    carbon: (now) => [chooser(own, 'region', 'region', [...new Set([now.region, ...now.regions])].map((each) => [each, each]), now.region, now.region),
      boxes('factors', 'factors', [...new Map([...now.factors.map((each) => [each, each]), ...now.tables.map(({ name, version }) => [name, `${name} ${version}`])])], now.factors),
      boxes('accept', 'accept', ACCEPTED.map((each) => [each, t(`accept.${each}`)]), now.accept),
      chooser(own, 'method', 'method', [['location', t('method.location')], ['market', t('method.market')], ['location market', t('method.both')]], now.method.join(' '), now.method.join(' ')),
      make('p', { class: 'soft' }, t('carbon2'))],
    tariff: (now) => [boxes('tariff', 'tariff', [...new Map([...now.tariff.map((each) => [each, each]), ...now.tariffs.map(({ name, version }) => [name, `${name} ${version}`])])], now.tariff),
      now.tariff.length === 0 && make('p', { class: 'soft' }, t('noTariff')), make('p', { class: 'soft' }, t('tariff2'))],
  };

  const trusted = ({ trust }) => [make('p', {}, t('clockNow', { list: trust.map((each) => context.t(`source.${each}`)).join(language === 'zh' ? '、' : ', ') })), make('p', { class: 'soft' }, t('clock2')), make('div', { class: 'row' }, make('a', { class: 'button', href: '#commission/clock' }, t('toClock')))];

  /** The edit that a form's fields make; null if there is nothing to change. */
  async function wantedOf(form) {
    const wanted = { edit: part };
    for (const input of form.querySelectorAll('input:not([type=checkbox]), select')) {
      const kept = KEPT[input.name];
      const text = input.type === 'file' ? await input.files[0]?.text() : input.value.trim();
      if (!text || text === input.dataset.was) continue;
      if (!kept) wanted[input.name] = text;
      else {
        const reply = await ask('/api/action/keep', { body: { kind: kept[0], text } });
        if (!reply.ok) throw new Error(await refusal(reply));
        wanted[kept[1]] = (await reply.json()).file;
      }
    }
    for (const list of form.querySelectorAll('[data-list]')) {
      const chosen = [...list.querySelectorAll('input:checked')].map(({ value }) => value).join(' ');
      if (chosen !== list.dataset.was) wanted[list.dataset.list] = chosen;
    }
    return Object.keys(wanted).length > 1 ? wanted : null;
  }

  function drawForm(now) {
    if (part === 'clock') return body.replaceChildren(make('h2', {}, t('part.clock')), ...trusted(now));
    const place = make('div', { 'data-own': true });
    const form = make('form', { 'data-edit': part }, parts[part](now), make('div', { class: 'row' }, make('button', { class: 'main' }, t('propose'))));
    keepUsed(place, form);
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      place.replaceChildren(make('p', { class: 'soft', role: 'status' }, t('keeping')));
      try {
        const wanted = await wantedOf(form);
        if (wanted) propose(place, context, wanted);
        else place.replaceChildren(make('p', { class: 'soft', role: 'status' }, t('unchanged')));
      } catch (problem) {
        place.replaceChildren(make('p', { class: 'bad', role: 'alert' }, problem.name === 'Error' ? problem.message : t('noAnswer')));
      }
    });
    return body.replaceChildren(make('h2', {}, t(`part.${part}`)), form, place);
  }

  async function read() {
    body.replaceChildren(make('p', { class: 'soft' }, t('wait')));
    try {
      const reply = await ask('/api/action/settings', { body: {} });
      if (reply.ok) return drawForm(await reply.json());
      const why = await refusal(reply);
      const again = make('button', { type: 'button', class: 'main' }, t('again'));
      again.addEventListener('click', read);
      body.replaceChildren(make('p', { class: why ? 'bad' : 'notice', role: 'alert' }, why || t('locked')), !why && make('div', { class: 'row' }, again));
    } catch {
      body.replaceChildren(make('p', { class: 'bad', role: 'alert' }, t('noAnswer')));
    }
    return undefined;
  }
  read();
  return {};
}
