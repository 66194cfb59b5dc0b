// The form for what no meter sees: shows the fields that the chosen kind has, has the row looked at, and sends it.

const form = /** @type {any} */ (document.getElementById('form')); // its fields by their names
const answer = document.getElementById('answer');
const shown = document.getElementById('shown');
const pin = document.getElementById('pin');
const names = [...document.querySelectorAll('#names dt')].map((name) => name.textContent);
const chinese = document.documentElement.lang === 'zh-CN';
const silent = form.dataset.silent;

let again = null;

function chosen() {
  const [about, what] = form.kind.value.split(' ');
  return { about, what };
}

// Which fields there are now: all that stand for nothing in particular, and these.
function present() {
  const { about, what } = chosen();
  const has = new Set([about, form.period.value]);
  if (about === 'fuel' && ['L', 'm3'].includes(form.unit.value)) has.add('volume');
  if (about === 'heat') {
    has.add(form.way.value === 'gj' ? 'gj' : 'mass');
    if (form.way.value !== 'gj') has.add(what === 'steam' ? 'steam' : 'water');
  }
  return has;
}

function arrange() {
  const has = present();
  for (const label of form.querySelectorAll('[data-for]')) label.hidden = !has.has(label.dataset.for);
  form.dataset.arranged = '';
  look(false);
}

function look(isShown) {
  shown.hidden = !isShown;
  form.preview.hidden = isShown;
}

function filled() {
  const { about, what } = chosen();
  const fields = { about, [about]: what };
  for (const field of form.querySelectorAll('input[name], select[name="unit"]')) {
    if (!field.closest('label').hidden) fields[field.name] = field.value.trim();
  }
  if (fields.month) fields.date = fields.month;
  delete fields.month;
  if (about === 'refrigerant' && !fields.recovered_kg) fields.recovered_kg = '0';
  return fields;
}

function say(text, kind) {
  answer.textContent = text;
  answer.className = `wide ${kind}`;
}

function mark(name) {
  for (const field of form.elements) field.removeAttribute('aria-invalid');
  const field = name && form.querySelector(`label:not([hidden]) > [name="${name === 'date' && form.period.value === 'month' ? 'month' : name}"]`);
  if (!field) return '';
  field.setAttribute('aria-invalid', 'true');
  field.focus();
  return `${field.closest('label').firstChild.textContent.trim()}${chinese ? '：' : ': '}`;
}

async function post(path, body) {
  try {
    return await fetch(path, {
      method: 'POST',
      headers: { Accept: 'application/json', 'Content-Type': 'application/json', 'X-Lingtan': '1' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(15000),
    });
  } catch {
    return null;
  }
}

// What the gateway says, or null when it refused: then that is shown, or the PIN asked for and the same done again.
async function ask(action, fields) {
  say('', '');
  mark('');
  const reply = await post(`/api/action/${action}`, fields);
  if (reply?.ok) return reply.json();
  if (reply?.status === 401) {
    again = () => (action === 'feed' ? preview() : apply());
    pin.hidden = false;
    pin.querySelector('input').focus();
    return null;
  }
  const refused = await reply?.json().catch(() => null);
  const why = refused && ((chinese && refused.values?.why_zh) || refused.values?.why || refused.text);
  const place = mark(refused?.values?.field);
  say(place + (why || silent), 'bad');
  look(false);
  return null;
}

let proposed = null;

async function preview() {
  const fields = filled();
  const seen = await ask('feed', fields);
  if (!seen) return;
  proposed = { ...fields, id: seen.id };
  const rows = [
    [form.dataset.counts, seen.day],
    [names[0], `${seen.amount} ${seen.unit}`],
    [names[1], seen.told],
    [names[2], seen.kg === undefined ? (seen.why ?? form.dataset.none) : `${seen.kg} kg`],
  ];
  if (seen.factor) rows.push([names[3], `${seen.factor} = ${seen.factor_value} (${seen.factor_version})`]);
  shown.querySelector('dl').replaceChildren(...rows.flatMap(([name, value]) => {
    const term = document.createElement('dt');
    term.textContent = name;
    const said = document.createElement('dd');
    said.textContent = value;
    return [term, said];
  }));
  look(true);
  document.getElementById('apply').focus();
}

async function apply() {
  const done = await ask('feed_apply', proposed);
  if (!done) return;
  sessionStorage.setItem('taken', '1');
  location.reload();
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  preview();
});
form.addEventListener('input', (event) => {
  if (!pin.contains(event.target)) arrange();
});
document.getElementById('apply').addEventListener('click', apply);
document.getElementById('back').addEventListener('click', () => look(false));

pin.querySelector('button').addEventListener('click', async () => {
  const given = pin.querySelector('input');
  const reply = await post('/api/session', { pin: given.value });
  if (reply?.status !== 204) {
    say(reply ? (reply.status === 401 ? form.dataset.pin : await reply.text()) : silent, 'bad');
    return;
  }
  given.value = '';
  pin.hidden = true;
  again();
});

arrange();
if (sessionStorage.getItem('taken')) {
  sessionStorage.removeItem('taken');
  say(form.dataset.taken, 'good');
}
