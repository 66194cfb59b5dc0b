// What is made of a chart when somebody asks for it: its table, and a picture of what is shown.

/**
 * The numbers of a plot, newest first; a part without a reading has no row.
 *
 * @param {any} details
 * @param {import('/shell/page.js').Context} context
 */
export function table(details, { make }, { series, parts, title, symbol, name, text, said, time }) {
  const rows = [];
  for (let i = parts - 1; i >= 0; i--) {
    if (series.some((each) => each.last[i] !== null)) {
      rows.push(make('tr', {}, make('th', { scope: 'row' }, time(i)), series.map((each) => make('td', { class: 'right' }, text(each.last[i])))));
    }
  }
  if (details.querySelector('.scroll')) return; // asked for twice
  details.append(make('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': `${title} ${said.table}` }, rows.length === 0 ? make('p', {}, said.empty) : make('table', {},
    make('thead', {}, make('tr', {}, make('th', { scope: 'col' }, said.time), series.map((each) => make('th', { scope: 'col', class: 'right' }, `${name(each)} ${symbol}`)))), make('tbody', {}, rows))));
}

const ROW = 22;
const EDGE = 16;

/** Saves the plot with its title, its time and its legend, in the page's colours. */
export function picture({ snapshot, make }, { title, file, canvas, legend, when, root }) {
  const ratio = canvas.width / canvas.clientWidth || 1;
  const [wide, high] = [canvas.clientWidth + 2 * EDGE, canvas.clientHeight];
  const entries = [...legend.querySelectorAll('li:not(.when):not(.off)')];
  const columns = Math.max(1, Math.floor((wide - 2 * EDGE) / 260));
  const height = EDGE * 2 + ROW * (2 + Math.ceil(entries.length / columns)) + high;
  const sheet = make('canvas', { width: Math.round(wide * ratio), height: Math.round(height * ratio) });
  const pen = sheet.getContext('2d');
  const styles = getComputedStyle(root);
  const colour = (name) => styles.getPropertyValue(name).trim();
  pen.scale(ratio, ratio);
  pen.fillStyle = colour('--card');
  pen.fillRect(0, 0, wide, height);
  const write = (text, x, y, tint, weight = 400) => {
    pen.font = `${weight} 14px system-ui, "WenQuanYi Micro Hei", sans-serif`;
    pen.fillStyle = colour(tint);
    pen.fillText(text, x, y);
  };
  write(`${snapshot().site} · ${title}`, EDGE, EDGE + 12, '--ink', 650);
  write(`${when} · ${snapshot().gateway}`, EDGE, EDGE + 12 + ROW, '--soft');
  pen.drawImage(canvas, EDGE, EDGE + 2 * ROW, canvas.clientWidth, high);
  entries.forEach((entry, i) => {
    const x = EDGE + (i % columns) * 260;
    const y = EDGE + 2 * ROW + high + ROW * Math.floor(i / columns) + 14;
    pen.fillStyle = getComputedStyle(entry.firstElementChild).borderTopColor;
    pen.fillRect(x, y - 6, 16, 3);
    write(entry.textContent.trim(), x + 24, y, '--ink');
  });
  sheet.toBlob((blob) => {
    const link = make('a', { href: URL.createObjectURL(blob), download: file });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
}
