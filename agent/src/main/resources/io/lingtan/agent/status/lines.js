// Lines over time on a canvas, with axes in the site's time, a cursor for mouse, finger and arrow
// keys, and a stretch of time that a mouse can be drawn over. What is a gap is not drawn.

const MINUTE_MS = 60000;
const DAY_MS = 1440 * MINUTE_MS;
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080].map((minutes) => minutes * MINUTE_MS);
const LEFT = 46; // or as much as the longest number beside it takes
const RIGHT = 18;
const TOP = 10;
const BOTTOM = 26;
const LEAST_DRAG = 8; // px: what is shorter is a click

const formats = new Map(); // to make one takes longer than to use it a hundred times

/** How far a zone's clocks are ahead of UTC, ms. */
export function offset(milliseconds, zone) {
  if (!formats.has(zone)) formats.set(zone, new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }));
  const local = formats.get(zone).format(milliseconds);
  return Date.parse(`${local.replace(' ', 'T')}Z`) - Math.floor(milliseconds / 1000) * 1000;
}

/** Round numbers from at or below the lowest value to at or above the highest, about so many. */
export function ticks(low, high, count) {
  const width = high > low ? high - low : Math.abs(high) || 1;
  const power = 10 ** Math.floor(Math.log10(width / count));
  const step = power * [1, 2, 2.5, 5, 10].find((each) => each * power * count >= width * 0.999);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.max(Math.ceil(high / step - 1e-9), first + 1);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/**
 * Draws them, and again with each change of width. A line is {values, stroke, width, dash, gaps,
 * min, max}; a value is null where there is none, and gaps are pairs of UTC ms.
 *
 * @param get gives what to draw: {from, to, zone, lines, none, tight, ink, edge}; none is said where there is no value
 * @param point called with the number of the part that is pointed at, null for none
 * @param select called with both ends of what a mouse was drawn over, UTC ms
 */
export function lines(place, height, parts, get, { point, select }) {
  const canvas = document.createElement('canvas');
  place.append(canvas);
  place.tabIndex = 0;
  const pen = canvas.getContext('2d');
  let cursor = null; // UTC ms
  let drag = null; // two x
  let wide = 0;
  let left = LEFT;
  let shown = get();

  const x = (at) => left + ((at - shown.from) / (shown.to - shown.from)) * (wide - left - RIGHT);
  const at = (px) => shown.from + ((px - left) / (wide - left - RIGHT)) * (shown.to - shown.from);
  const middle = (i) => shown.from + ((i + 0.5) / parts) * (shown.to - shown.from);
  const part = () => (cursor === null ? null : Math.max(0, Math.min(parts - 1, Math.floor(((cursor - shown.from) / (shown.to - shown.from)) * parts))));

  function values() {
    let low = Infinity;
    let high = -Infinity;
    for (const each of shown.lines) {
      for (const list of [each.values, each.min ?? [], each.max ?? []]) {
        for (const value of list) {
          if (value !== null) {
            low = Math.min(low, value);
            high = Math.max(high, value);
          }
        }
      }
    }
    if (low > high) return [];
    return shown.tight ? ticks(low, high, 5) : ticks(Math.min(0, low), Math.max(0, high), height / 45);
  }

  function stroke(colour, [x1, y1], [x2, y2], thick = 1) {
    pen.strokeStyle = colour;
    pen.lineWidth = thick;
    pen.beginPath();
    pen.moveTo(x1, y1);
    pen.lineTo(x2, y2);
    pen.stroke();
  }

  function trace(list, y, back = false) {
    const order = back ? [...list.keys()].reverse() : list.keys();
    let begun = back;
    for (const i of order) {
      if (list[i] === null) continue;
      pen[begun ? 'lineTo' : 'moveTo'](x(middle(i)), y(list[i]));
      begun = true;
      if (!back) pen.lineTo(x(middle(i)) + 0.5, y(list[i])); // a reading alone is a dot
    }
  }

  function line(each, y) {
    pen.save();
    pen.beginPath();
    pen.rect(left, 0, wide - left - RIGHT, height);
    for (const [from, to] of each.gaps) pen.rect(x(from), 0, x(to) - x(from), height);
    pen.clip('evenodd');
    if (each.max) {
      pen.beginPath();
      trace(each.max, y);
      trace(each.min, y, true);
      pen.fillStyle = `${each.stroke}33`;
      pen.fill();
    }
    pen.beginPath();
    trace(each.values, y);
    pen.strokeStyle = each.stroke;
    pen.lineWidth = each.width;
    pen.setLineDash(each.dash ?? []);
    pen.stroke();
    pen.restore();
  }

  function times() {
    const fits = STEPS.find((step) => (step / (shown.to - shown.from)) * (wide - left - RIGHT) >= 56) ?? STEPS.at(-1);
    const ahead = offset(shown.from, shown.zone);
    /** @type {[number, string][]} */
    const all = [];
    for (let local = Math.ceil((shown.from + ahead) / fits) * fits; all.length < 100; local += fits) {
      const time = local - offset(local - ahead, shown.zone);
      if (time > shown.to) break;
      all.push([time, local % DAY_MS === 0 ? new Date(local).toISOString().slice(5, 10) : new Date(local).toISOString().slice(11, 16)]);
    }
    return all;
  }

  function paint() {
    shown = get();
    const ratio = window.devicePixelRatio || 1;
    wide = Math.max(200, place.clientWidth);
    canvas.width = Math.round(wide * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = `${wide}px`;
    canvas.style.height = `${height}px`;
    pen.scale(ratio, ratio);
    pen.font = '12px system-ui, sans-serif';
    const levels = values();
    const named = levels.map((level) => level.toLocaleString('en-US').replace('-', '−'));
    left = Math.max(LEFT, ...named.map((text) => Math.ceil(pen.measureText(text).width) + 10));
    const [low, high] = [levels[0] ?? 0, levels.at(-1) ?? 1];
    const y = (value) => height - BOTTOM - ((value - low) / (high - low)) * (height - TOP - BOTTOM);
    pen.fillStyle = shown.ink;
    pen.textAlign = 'right';
    for (const [i, level] of levels.entries()) {
      stroke(shown.edge, [left, y(level)], [wide - RIGHT, y(level)]);
      pen.fillText(named[i], left - 8, y(level) + 4);
    }
    pen.textAlign = 'center';
    if (levels.length === 0 && shown.lines.length > 0) pen.fillText(shown.none, (left + wide - RIGHT) / 2, height / 2);
    for (const [time, text] of times()) {
      stroke(shown.edge, [x(time), TOP], [x(time), height - BOTTOM + 4]);
      pen.fillText(text, x(time), height - 8);
    }
    for (const each of shown.lines) line(each, y);
    const i = part();
    if (i !== null) {
      stroke(shown.ink, [x(middle(i)), TOP], [x(middle(i)), height - BOTTOM]);
      for (const each of shown.lines) {
        if (each.values[i] === null) continue;
        pen.fillStyle = each.stroke;
        pen.beginPath();
        pen.arc(x(middle(i)), y(each.values[i]), 3, 0, 7);
        pen.fill();
      }
    }
    if (drag) {
      pen.fillStyle = `${shown.accent}33`;
      pen.fillRect(drag[0], TOP, drag[1] - drag[0], height - TOP - BOTTOM);
    }
  }

  function mark(time) {
    cursor = time === null ? null : Math.max(shown.from, Math.min(shown.to - 1, time));
    paint();
    point(part());
  }

  canvas.addEventListener('pointerdown', ({ pointerType, offsetX, pointerId }) => {
    if (pointerType === 'mouse') {
      drag = [offsetX, offsetX];
      canvas.setPointerCapture(pointerId);
    } else mark(at(offsetX));
  });
  canvas.addEventListener('pointermove', ({ offsetX }) => {
    if (drag) drag[1] = offsetX;
    mark(at(offsetX));
  });
  canvas.addEventListener('pointerup', () => {
    const drawn = drag?.sort((a, b) => a - b);
    drag = null;
    if (drawn && drawn[1] - drawn[0] >= LEAST_DRAG) select(...drawn.map((px) => Math.round(Math.max(shown.from, Math.min(shown.to, at(px))))));
  });
  canvas.addEventListener('pointercancel', () => { drag = null; });
  canvas.addEventListener('pointerleave', ({ pointerType }) => {
    if (pointerType === 'mouse' && !drag) mark(null); // a finger that is lifted leaves what it pointed at
  });
  place.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === 'Escape') mark(null);
    if (!step) return;
    event.preventDefault();
    mark(middle(cursor === null ? parts - 1 : part() + step));
  });
  const resized = new ResizeObserver(() => { if (Math.abs(place.clientWidth - wide) > 1) paint(); });
  resized.observe(place);
  paint();
  return { canvas, paint, mark, marked: () => cursor, close: () => resized.disconnect() };
}
