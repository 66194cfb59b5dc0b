// Lines and meters of the site file: added, changed, taken out.

import { keepUsed, proposal, propose } from './change.js';
import { chooser, field, head } from './fields.js';
import { words } from './words.js';

const ROLES = ['grid', 'pv', 'battery', 'load', 'electrolyser', 'compressor', 'h2_storage', 'h2_dispenser', 'charger', 'gas', 'heat', 'chp'];

// What a role is asked for beside it: the greatest power, the vessel's volume, what a gas meter's volume refers to.
const SIZES = { h2_storage: 'volume_m3', h2_dispenser: '', gas: 'gas_celsius', heat: '' };

export const SCANNED = ['serial', 'modbus-tcp', 'modbus-rtu-tcp'];
const BAUDS = ['1200', '2400', '4800', '9600', '19200', '38400', '57600', '115200'];
const parities = (t) => [['none', t('noParity')], ['even', t('even')], ['odd', t('oddParity')]];

/** @param {import('/shell/page.js').Context} context */
export function site(root, context) {
  const { t, make, draw, ask } = context;
  const known = make('section');
  const meters = make('div');
  root.append(...head(context, 'site'), make('div', { class: 'halves' }, make('div', { class: 'stack' }, known, lineForm(context, ask)),
    make('div', { class: 'stack' }, meters, make('section', {}, make('h2', {}, t('revert')), make('p', { class: 'soft' }, t('revert.how')), proposal(context, { edit: 'revert' }, t('revert'))))));
  let shown = null;
  return {
    update({ lines, devices }) {
      draw(known, make('h2', {}, t('present')), lines.length === 0 ? make('p', { class: 'soft' }, t('noneYet')) : make('ul', { class: 'known' }, lines.map((line) => make('li', { 'data-key': line.id },
        make('a', { href: `#commission/line/${line.id}` }, context.titled(line.id, 'line:')), ' ', make('small', {}, line.where),
        make('ul', {}, devices.filter((device) => device.line === line.id).map((device) => make('li', { 'data-key': device.id }, make('a', { href: `#commission/meter/${device.id}` }, context.titled(device.id)), ' ', make('small', {}, `${device.address} · ${device.profile}`))))))));
      const names = lines.filter((each) => SCANNED.includes(each.kind)).map((each) => each.id);
      if (names.join() === shown) return;
      shown = names.join();
      const select = meters.querySelector('[name=line]');
      if (select) select.replaceChildren(...names.map((name) => make('option', { value: name, selected: name === select.value }, name)));
      else meters.replaceChildren(meterForm(context, {}));
    },
  };
}

/**
 * A profile by its name, or by what its maker and models are called.
 *
 * @param {import('/shell/page.js').Context} context
 */
function profilePicker(context, chosen) {
  const { make, t, ask } = context;
  const list = make('datalist', { id: 'profiles' });
  const input = field(context, 'profile', 'profile', { maxlength: 64, required: true, list: 'profiles', placeholder: t('profileHint'), value: chosen, 'data-was': chosen });
  ask('/api/profiles').then(async (reply) => {
    const { profiles = [] } = (reply.ok && await reply.json()) || {};
    list.replaceChildren(...profiles.map(({ name, kind, maker, fits }) => make('option', { value: name }, [context.own('commission', words)[`brand.${maker}`] ?? maker, t(`kind.${kind}`), fits].filter(Boolean).join(' · '))));
  }).catch(() => {}); // a name can be typed all the same
  input.append(list);
  return input;
}

/**
 * What the site file says of a meter, to be changed or taken out.
 *
 * @param {import('/shell/page.js').Context} context
 */
export function settings(root, context, id) {
  const { t, make, snapshot } = context;
  const device = snapshot().devices.find((each) => each.id === id);
  const point = snapshot().flow.meters.find((each) => each.device === id);
  const was = (value) => ({ value, 'data-was': value });
  root.append(make('p', {}, make('a', { href: device ? `#meters/${id}` : '#commission/site' }, `‹ ${device ? context.named(id) : t('back')}`)));
  if (!device) {
    root.append(make('p', { class: 'notice' }, t('gone')));
    return {};
  }
  const byUnit = /^\d{1,3}$/.test(device.address);
  const place = [byUnit && field(context, 'unit', 'unitId', { inputmode: 'numeric', maxlength: 3, ...was(device.address) }), field(context, 'every', 'every', { maxlength: 8, ...was(`${device.every_ms % 1000 ? `${device.every_ms}ms` : `${device.every_ms / 1000}s`}`) })];
  root.append(editForm(context, 'change1', { edit: 'settings', device: id, ...(point && { meter: point.id }) }, make('p', { class: 'soft' }, `${id} · ${device.line} · ${t('change1.how')}`),
    profilePicker(context, device.profile), make('div', { class: 'fields' }, place),
    make('div', { class: 'fields' }, field(context, 'ct', 'ct', { inputmode: 'decimal', maxlength: 10, ...was(device.ct) }), field(context, 'pt', 'pt', { inputmode: 'decimal', maxlength: 10, ...was(device.pt) })),
    point && make('div', { class: 'fields' }, point.rated_kw !== undefined && field(context, 'rated_kw', 'rated', { inputmode: 'decimal', maxlength: 10, ...was(String(point.rated_kw)) }),
      chooser(context, 'reverse', 'direction', [['false', t('asWired')], ['true', t('turnedRound')]], String(point.reverse ?? false), String(point.reverse ?? false)))),
  make('section', {}, make('h2', {}, t('removeMeter')), make('p', { class: 'soft' }, t('removeMeter.how')), proposal(context, { edit: 'remove_device', device: id }, t('removeMeter'))));
  return {};
}

/**
 * How a line is reached, to be changed.
 *
 * @param {import('/shell/page.js').Context} context
 */
export function lineSettings(root, context, id) {
  const { t, make, snapshot, told } = context;
  const line = snapshot().lines.find((each) => each.id === id);
  root.append(make('p', {}, make('a', { href: '#commission/site' }, `‹ ${t('tool.site')}`)));
  if (!line || !SCANNED.includes(line.kind)) {
    root.append(make('p', { class: 'notice' }, t('gone')));
    return {};
  }
  const cut = line.where.lastIndexOf(':');
  const [host, port] = [line.where.slice(0, cut), line.where.slice(cut + 1)];
  const fields = line.kind === 'serial' ? [field(context, 'port', 'port', { maxlength: 200, placeholder: t('keep') }), chooser(context, 'baud', 'baud', [['', t('keep')], ...BAUDS.map((n) => [n, n])], ''), chooser(context, 'parity', 'parity', [['', t('keep')], ...parities(t)], '')]
    : [field(context, 'host', 'host', { maxlength: 253, value: host, 'data-was': host }), field(context, 'port', 'tcpPort', { inputmode: 'numeric', maxlength: 5, value: port, 'data-was': port })];
  const where = make('p', { class: 'soft' }, `${id} · ${line.where}`);
  const problem = make('p', { class: 'bad' });
  root.append(editForm(context, 'editLine', { edit: 'line', line: id }, where, problem, make('div', { class: 'fields' }, fields)));
  return {
    update(now) {
      const seen = now.lines.find((each) => each.id === id);
      where.textContent = `${id} · ${seen?.where ?? line.where}`;
      problem.textContent = seen?.problem ? `✖ ${told(seen, 'problem')}` : '';
    },
  };
}

/**
 * A form whose fields, those that are filled and shown, become an edit.
 *
 * @param {import('/shell/page.js').Context} context
 */
function editForm(context, title, edit, ...fields) {
  const { t, make } = context;
  const place = make('div', { 'data-own': true });
  const form = make('form', { 'data-edit': edit.edit }, fields, make('div', { class: 'row' }, make('button', { class: 'main' }, t('propose'))));
  keepUsed(place, form);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const wanted = { ...edit };
    let changed = 0;
    for (const input of form.querySelectorAll('input, select')) {
      if (input.value === '' || input.value === input.dataset.was || input.closest('[hidden]')) continue;
      wanted[input.name] = input.value.trim();
      changed++;
    }
    if (changed > 0) propose(place, context, wanted);
    else place.replaceChildren(make('p', { class: 'soft', role: 'status' }, t('unchanged')));
  });
  return make('section', {}, make('h2', {}, t(title)), form, place);
}

/** @param {import('/shell/page.js').Context} context */
function lineForm(context, ask) {
  const { t, make } = context;
  const kind = chooser(context, 'kind', 'kind', [['modbus-tcp', t('tcpLine')], ['serial', t('serialLine')], ['dlt645', t('dlLine')], ['modbus-rtu-tcp', t('rtuLine')]]);
  const net = make('div', { class: 'fields' }, field(context, 'host', 'host', { maxlength: 253, required: true }), field(context, 'port', 'tcpPort', { inputmode: 'numeric', value: 502, maxlength: 5, required: true }));
  const ports = chooser(context, 'port', 'port', []);
  const serial = make('div', { class: 'fields', hidden: true }, ports,
    chooser(context, 'baud', 'baud', BAUDS.map((n) => [n, n]), '9600'),
    chooser(context, 'parity', 'parity', parities(t)));
  kind.lastChild.addEventListener('change', async (event) => {
    const isSerial = event.target.value === 'serial' || event.target.value === 'dlt645';
    const [baud, parity] = event.target.value === 'dlt645' ? ['2400', 'even'] : ['9600', 'none'];
    serial.querySelector('[name=baud]').value = baud;
    serial.querySelector('[name=parity]').value = parity;
    net.hidden = isSerial;
    serial.hidden = !isSerial;
    for (const input of net.querySelectorAll('input')) input.required = !isSerial;
    if (!isSerial) return;
    try {
      const reply = await ask('/api/action/ports', { body: {} });
      const list = reply.ok ? (await reply.json()).ports : [];
      ports.lastChild.replaceChildren(...(list.length > 0 ? list.map((port) => make('option', { value: port }, port)) : [make('option', { value: '' }, t('otherPort'))]));
    } catch {
      ports.lastChild.replaceChildren(make('option', { value: '' }, t('noAnswer')));
    }
  });
  return editForm(context, 'addLine', { edit: 'add_line' }, make('div', { class: 'fields' }, field(context, 'id', 'id', { maxlength: 64, required: true, pattern: '[A-Za-z0-9_\\-]+' }), kind), net, serial);
}

/** @param {import('/shell/page.js').Context} context */
export function meterForm(context, known) {
  const { t, snapshot, make } = context;
  const lines = snapshot().lines.filter((each) => SCANNED.includes(each.kind)).map((each) => [each.id, each.id]);
  if (lines.length === 0) return '';
  const profiles = known.profiles ?? [];
  const role = chooser(context, 'role', 'role', [['', t('noRole')], ...ROLES.map((each) => [each, t(`role.${each}`)])], '');
  const sizes = [['rated_kw', 'rated'], ['volume_m3', 'volume'], ['gas_celsius', 'gasCelsius']]
    .map(([name, label]) => field(context, name, label, { inputmode: 'decimal', maxlength: 10 }));
  const asked = () => sizes.forEach((each) => {
    const { value } = role.lastChild;
    each.hidden = value === '' || each.lastChild.name !== (SIZES[value] ?? 'rated_kw');
    each.lastChild.required = !each.hidden && each.lastChild.name === 'rated_kw';
    each.querySelector('small').hidden = !each.lastChild.required;
  });
  role.lastChild.addEventListener('change', asked);
  asked();
  const forms = ['1200 even', '2400 even', '4800 even', '9600 even', '9600 none'];
  return editForm(context, 'addMeter', { edit: 'add_device' },
    make('div', { class: 'fields' }, chooser(context, 'line', 'line', lines, known.line), field(context, 'id', 'id', { maxlength: 64, required: true, pattern: '[A-Za-z0-9_\\-]+' })),
    make('div', { class: 'fields' }, profiles.length > 0 ? chooser(context, 'profile', 'profile', profiles.map((name) => [name, name])) : profilePicker(context),
      known.meter ? field(context, 'address', 'address', { value: known.meter, maxlength: 12, required: true }) : field(context, 'unit', 'unitId', { inputmode: 'numeric', value: known.unit, maxlength: 3 }),
      !known.meter && known.unit === undefined && field(context, 'address', 'addressToo', { inputmode: 'numeric', maxlength: 12 }),
      known.unit === undefined && chooser(context, 'framing', 'framing', [['', t('sameFraming')], ...forms.map((form) => [form, form])], ''),
      field(context, 'every', 'every', { value: '5s', maxlength: 8, required: true })),
    make('div', { class: 'fields' }, field(context, 'ct', 'ct', { inputmode: 'decimal', value: known.ct ?? 1, maxlength: 10 }), field(context, 'pt', 'pt', { inputmode: 'decimal', value: known.pt ?? 1, maxlength: 10 })),
    make('div', { class: 'fields' }, role, sizes));
}
