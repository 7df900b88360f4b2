// Keys for whoever leads the meeting while they write, each with its button, and how long each question has taken.
{
  const form = document.getElementById('anteckningar');
  const bar = document.querySelector('[data-keys]');
  const questions = [...form.querySelectorAll('[data-question]')];
  const measure = document.querySelector('#atgard-ruta textarea');
  bar.hidden = false;

  // The box that was written in last, so that a button that takes the focus knows what it is about.
  let last = null;
  form.addEventListener('focusin', ({ target }) => {
    if (target.matches('[data-field] textarea')) last = target;
  });
  const atHand = () => last?.closest('[data-question]') ?? null;

  function nextQuestion() {
    const now = atHand();
    const next = questions[now ? questions.indexOf(now) + 1 : 0] ?? questions[0];
    if (!next) return;
    if (now && now !== next) now.open = false;
    next.open = true;
    next.querySelector('textarea').focus();
  }
  function agreed() {
    const question = atHand() ?? questions.findLast((one) => one.open);
    if (question) question.open = true;
    question?.querySelectorAll('textarea')[1]?.focus();
  }
  function noteToMeasure() {
    if (!last) return;
    const { selectionStart: start, selectionEnd: end, value } = last;
    const note = (start === end ? value : value.slice(start, end)).trim();
    if (note !== '') {
      measure.value = measure.value.trim() === '' ? note : `${measure.value.trimEnd()}\n${note}`;
      measure.dispatchEvent(new Event('input', { bubbles: true }));
    }
    measure.focus();
  }
  const acts = {
    KeyN: nextQuestion,
    KeyO: agreed,
    KeyG: () => measure.focus(),
    KeyM: noteToMeasure,
    KeyL: () => document.dispatchEvent(new Event('minutes:take')),
  };
  // By its place on the keyboard, and only with Alt alone: AltGr, which writes characters, is Ctrl and Alt.
  document.addEventListener('keydown', (event) => {
    const { altKey, ctrlKey, metaKey, shiftKey, code } = event;
    const act = altKey && !ctrlKey && !metaKey && !shiftKey && !event.getModifierState('AltGraph') && acts[code];
    if (!act) return;
    event.preventDefault();
    act();
  });
  for (const button of bar.querySelectorAll('[data-key]')) {
    button.addEventListener('click', acts[button.dataset.key]);
  }

  // By the server's clock, whatever this computer's says. It is text that changes, and is announced to nobody.
  const clock = bar.querySelector('[data-clock]');
  const { clockText, eachText, opened, now, each } = clock.dataset;
  const began = performance.now();
  const spentOn = new Map(questions.map((question) => [question, 0]));
  const step = 15;
  function tick() {
    const time = new Date(Date.parse(now) + performance.now() - began);
    const words = time
      .toLocaleTimeString('sv-SE', { hour: '2-digit', minute: '2-digit', timeZone: 'Europe/Stockholm' })
      .replace(':', '.');
    const spent = Math.max(0, Math.floor((time - Date.parse(opened)) / 60_000));
    clock.textContent = clockText.replace('{time}', words).replace('{spent}', spent);
    if (Number(each) === 0) return;
    for (const [question, seconds] of spentOn) {
      question.querySelector('[data-question-time]').textContent = eachText
        .replace('{spent}', Math.floor(seconds / 60))
        .replace('{each}', each);
    }
  }
  tick();
  setInterval(() => {
    const question = atHand();
    if (question) spentOn.set(question, spentOn.get(question) + step);
    tick();
  }, step * 1000);
}
