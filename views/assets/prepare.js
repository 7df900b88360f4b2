// Saves what the person writes while they write it. What the server does not take is said beside the button, and waits
// for it to be pressed: then the page says what is wrong. Without this the button does it all.
for (const form of document.querySelectorAll('[data-autosave]')) {
  const say = form.dataset;
  const state = form.querySelector('[data-save-state]');
  const pause = 1500;
  let timer;
  let sending = false;
  let waiting = false;
  let pressed = false;

  form.addEventListener('input', () => {
    waiting = true;
    state.textContent = say.saving;
    clearTimeout(timer);
    timer = setTimeout(save, pause);
  });
  // What is on its way is waited for, so that the button does not meet it.
  form.addEventListener('submit', (event) => {
    clearTimeout(timer);
    pressed = sending;
    if (sending) event.preventDefault();
  });

  async function save() {
    if (sending) return;
    sending = true;
    waiting = false;
    const body = new URLSearchParams(new FormData(form));
    body.set('autosave', 'on');
    const answer = await fetch(form.getAttribute('action'), { method: 'POST', body }).catch(() => null);
    const saved = answer?.ok ? await answer.json().catch(() => null) : null;
    sending = false;
    // What was just saved is what the next save has seen.
    for (const [name, print] of Object.entries(saved ?? {})) {
      const seen = form.elements.namedItem(`seen-${name}`);
      if (seen) seen.value = print;
    }
    if (pressed) return form.requestSubmit();
    if (waiting) return save();
    const time = new Date().toLocaleTimeString('sv-SE', { hour: '2-digit', minute: '2-digit' }).replace(':', '.');
    state.textContent = saved ? say.saved.replace('{time}', time) : say.unsaved;
  }
}
