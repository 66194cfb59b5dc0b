// What each tool begins with, and the fields that forms are made of.

export const kw = (watts) => (watts === undefined ? '—' : (Math.round(watts / 100) / 10 || 0).toFixed(1).replace('-', '−'));

/**
 * The head of a tool: the way back, its name, what it does.
 *
 * @param {import('/shell/page.js').Context} context
 */
export function head({ t, make }, name) {
  return [make('p', {}, make('a', { href: '#commission' }, `‹ ${t('back')}`)),
    make('section', {}, make('h2', {}, t(`tool.${name}`)), make('p', { class: 'soft' }, t(`tool.${name}.how`)))];
}

/** @param {import('/shell/page.js').Context} context */
export const labelled = ({ make, t }, label, needed, input) => make('label', {}, make('span', {}, t(label), make('small', { hidden: !needed }, ` ${t('needed')}`)), input);
/** @param {import('/shell/page.js').Context} context */
export const field = (context, name, label, attributes) => labelled(context, label, attributes?.required, context.make('input', { name, autocomplete: 'off', ...attributes }));
/** @param {import('/shell/page.js').Context} context */
export const chooser = (context, name, label, options, chosen, was) => labelled(context, label, false, context.make('select', { name, 'data-was': was }, options.map(([value, text]) => context.make('option', { value, selected: value === chosen }, text))));
