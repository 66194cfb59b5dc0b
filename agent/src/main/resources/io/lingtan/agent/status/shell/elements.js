// Elements made of names, attributes and children, and a parent that is made like them.

const SVG = 'http://www.w3.org/2000/svg';
export const byId = (id) => document.getElementById(id);

/** An element: attributes (class, data-*, href ...), then children; null and false are left out. */
export function make(name, attributes, ...children) {
  return fill(document.createElement(name), attributes, children);
}

export function drawn(name, attributes, ...children) {
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
export function draw(parent, ...children) {
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
