// Counts down the characters left under a long field; the field itself is never cut off.
for (const field of document.querySelectorAll('[data-cap]')) {
  const counter = document.getElementById(`${field.id}-counter`);
  const cap = Number(field.dataset.cap);
  const show = () => {
    const left = cap - [...field.value].length;
    const { text, over } = counter.dataset;
    if (left < 0) counter.textContent = over.replace('{over}', -left);
    else counter.textContent = left < cap / 4 ? text.replace('{left}', left) : '';
    counter.classList.toggle('counter--over', left < 0);
  };
  field.addEventListener('input', show);
  show();
}
// A page that came back with errors starts at their summary, and the page after an act at what was done. Where its address
// names a part, the browser starts there, so what was done is told there.
{
  const done = document.getElementById('besked');
  const part = done && document.getElementById(location.hash.slice(1));
  if (part?.tagName === 'LI') part.prepend(done);
  else part?.after(done);
  (document.getElementById('fel') ?? (part ? null : done))?.focus();
}
// What a page keeps in this browser is gone when its user signs out, and when somebody else has signed in.
{
  const account = document.querySelector('form[action="/logga-ut"]');
  const forget = (but) => {
    for (const key of Object.keys(localStorage))
      if (key.startsWith('samsyn:') && (but === '' || !key.includes(`:${but}:`))) localStorage.removeItem(key);
  };
  if (account) forget(account.dataset.account);
  account?.addEventListener('submit', () => forget(''));
}
// A second press while the first is on its way sends nothing more. A form that is answered by a file can be sent again.
{
  const sent = new WeakMap();
  document.addEventListener('submit', (event) => {
    if (event.defaultPrevented) return;
    const now = Date.now();
    if (now - (sent.get(event.target) ?? 0) < 2_000) event.preventDefault();
    else sent.set(event.target, now);
  });
}
