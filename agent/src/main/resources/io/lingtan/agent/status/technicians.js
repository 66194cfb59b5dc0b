// Who has a PIN of their own and who is in: lists both, adds, removes, ends. The words are the page's.

const words = document.getElementById('words').dataset;
const answer = document.getElementById('answer');
const all = document.getElementById('all');
const pin = document.getElementById('pin');
const add = /** @type {any} */ (document.getElementById('add')); // its fields by their names

function say(text, kind) {
  answer.textContent = text;
  answer.className = `wide ${kind}`;
}

async function call(method, path, body) {
  try {
    return await fetch(path, {
      method,
      headers: { 'Content-Type': 'application/json', 'X-Lingtan': '1' },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(15000),
    });
  } catch {
    return null;
  }
}

// The reply if it is good; else what is wrong is said, and the PIN asked for where that is it.
async function ask(method, path, body) {
  const reply = await call(method, path, body);
  if (reply?.ok) return reply;
  if (reply?.status === 401 || reply?.status === 403) {
    all.hidden = true;
    pin.hidden = false;
    pin.querySelector('input').focus();
    say(reply.status === 401 ? '' : method === 'GET' ? words.role : (await reply.text()).trim(), 'bad');
  } else {
    say(reply ? (await reply.text()).trim() : words.silent, 'bad');
  }
  return null;
}

// What ends something is clicked twice.
function ending(label, what) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = label;
  button.addEventListener('click', () => {
    if (button.dataset.sure) {
      what();
    } else {
      button.dataset.sure = '1';
      button.textContent = words.sure;
    }
  });
  return button;
}

function row(texts, button) {
  const made = document.createElement('tr');
  for (const text of [...texts, button]) {
    const cell = made.insertCell();
    cell.append(text);
  }
  return made;
}

async function show() {
  const [people, open] = [await ask('GET', '/api/technicians'), await ask('GET', '/api/session')];
  if (!people || !open) return;
  const { technicians } = await people.json();
  const { sessions } = await open.json();
  document.getElementById('technicians').replaceChildren(...technicians.map(({ name, role }) =>
    row([name, words[role]], ending(words.remove, () => done('DELETE', `/api/technicians?name=${encodeURIComponent(name)}`, `${words.removed} ${name}`)))));
  if (technicians.length === 0) document.getElementById('technicians').append(row([words.nobody, ''], ''));
  document.getElementById('sessions').replaceChildren(...sessions.map(({ number, technician, from, idle_s }) =>
    row([technician || words.label, from, `${Math.round(idle_s / 60)} ${words.minutes}`],
      ending(words.end, () => done('DELETE', `/api/session?number=${number}`, `${words.ended} ${technician || words.label}`)))));
  pin.hidden = true;
  all.hidden = false;
}

async function done(method, path, text) {
  if (!await ask(method, path)) return;
  say(text, 'good');
  show();
}

add.addEventListener('submit', async (event) => {
  event.preventDefault();
  const reply = await ask('POST', '/api/technicians', { name: add.name.value.trim(), role: add.role.value });
  if (!reply) return;
  const made = await reply.json();
  add.reset();
  say(`${words.added} ${made.name} ${made.pin}`, 'good');
  show();
});

pin.addEventListener('submit', async (event) => {
  event.preventDefault();
  const given = pin.querySelector('input');
  const reply = await call('POST', '/api/session', { pin: given.value });
  given.value = '';
  if (reply?.status === 204) {
    say('', '');
    show();
  } else {
    say(reply ? (reply.status === 401 ? words.wrong : (await reply.text()).trim()) : words.silent, 'bad');
  }
});

show();
