// Sends the PIN; the session that it begins is in a cookie that no script can read.

const form = /** @type {any} */ (document.getElementById('form')); // its fields by their names
const answer = document.getElementById('answer');

function told(status, retrySeconds) {
  if (status === 401) return 'PIN 不正确 · The PIN is wrong';
  if (status === 429) return `错误次数过多，请 ${retrySeconds} 秒后再试 · Too many wrong PINs: try again in ${retrySeconds} s`;
  if (status === 403) return '网关没有可用的 PIN，请查看日志 · This gateway has no PIN: see its log';
  return '网关没有应答，请稍后再试 · No answer from the gateway: try again';
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  answer.textContent = '';
  let status = 0;
  let retrySeconds = '';
  try {
    const reply = await fetch('/api/session', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Lingtan': '1' },
      body: JSON.stringify({ pin: form.pin.value }),
      signal: AbortSignal.timeout(10000),
    });
    status = reply.status;
    retrySeconds = reply.headers.get('Retry-After') ?? '';
  } catch {
    status = 0;
  }
  if (status === 204) {
    location.replace('/');
    return;
  }
  answer.textContent = told(status, retrySeconds);
  form.pin.select();
});
