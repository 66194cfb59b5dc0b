// Every device with its values, worst first.

export const words = {
  zh: { title: '仪表', old: '上次' },
  en: { title: 'Meters', old: 'last' },
};

const ORDER = ['never', 'offline', 'fault', 'stale', 'good'];

export function show(root, { t, language, age, amount, reason, state, make, draw }) {
  const row = (value) => {
    const [shown, unit] = amount(value.v, value.u);
    return make('tr', { class: value.why ? 'stale' : null },
      make('td', {}, language === 'zh' ? value.zh : value.p.replaceAll('_', ' ')),
      make('td', { class: 'right' }, value.why ? `${t('none')} ${reason(value.why)} · ${t('old')} ` : '', `${shown} ${unit}`, value.why ? ` · ${age(value.age_ms)}` : ''));
  };
  return {
    update({ devices }) {
      const sorted = [...devices].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
      draw(root, sorted.map((device) => make('section', { 'data-key': device.id },
        make('div', { class: 'head' }, make('h3', {}, device.id), state(device.state)),
        make('p', { class: 'soft' }, `${age(device.age_ms)} · ${device.line} · ${device.address} · ${device.profile}`),
        device.failure && make('p', { class: 'bad' }, `${reason(device.failure)} · ${device.detail}`),
        make('table', {}, make('tbody', {}, [...device.values, ...device.old].map(row),
          Object.entries(device.bad).filter(([point]) => !device.old.some((value) => value.p === point)).map(([point, why]) => make('tr', { class: 'missing' }, make('td', {}, point.replaceAll('_', ' ')), make('td', { class: 'right' }, `${t('none')} ${reason(why)}`))))))));
    },
    close() {},
  };
}
