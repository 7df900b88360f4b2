// Saves minutes field by field while they are written. What the server does not have yet stays in this browser,
// through a dropped line, a reload or a closed tab, until the server has it or the minutes are locked.
{
  const prefix = 'samsyn:minutes:';
  const typingPause = 1000;
  const retryPause = 10000;

  // The measure that was typed is sent with every button, and each page that can come next says whether it was saved:
  // put back after that it would be filed twice.
  const about = document.querySelector('[data-minutes]');
  const { done = '' } = document.getElementById('main').dataset;
  if (about && ('measureSaved' in about.dataset || /^(atgard|sparat)/.test(done))) {
    forget(`${prefix}${about.dataset.minutes}:atgard:`);
  }
  const form = document.getElementById('anteckningar');
  if (form) write(form);
  const finalised = document.querySelector('[data-finalised]');
  if (finalised) forget(`${prefix}${finalised.dataset.finalised}:`);

  function forget(start) {
    for (const key of Object.keys(localStorage)) if (key.startsWith(start)) localStorage.removeItem(key);
  }

  // A full or forbidden store must never stop the writing.
  function keep(key, value) {
    try {
      localStorage.setItem(key, JSON.stringify(value));
    } catch {}
  }
  function kept(key) {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  }

  function write(form) {
    const say = form.dataset;
    const state = form.querySelector('[data-save-state]');
    const measures = form.querySelector('#atgard-ruta');
    const path = form.getAttribute('action');
    const keyOf = (name) => `${prefix}${say.minutes}:${name}`;
    const fields = [...form.querySelectorAll('[data-field]')].map(open);
    let locked = false;

    function tell(text, waiting) {
      if (state.textContent !== text) state.textContent = text;
      state.classList.toggle('save-state--waiting', waiting);
    }

    function tellAll() {
      if (locked) return tell(say.locked, true);
      if (fields.some((field) => field.conflict)) return tell(say.mergeTitle, true);
      const faults = fields.map((field) => field.fault).filter(Boolean);
      if (faults.length > 0) return tell(faults[0], true);
      if (fields.some((field) => field.waiting)) return tell(navigator.onLine ? say.waiting : say.offline, true);
      if (fields.some((field) => field.dirty)) return tell(say.saving, false);
      const time = new Date().toLocaleTimeString('sv-SE', { hour: '2-digit', minute: '2-digit' }).replace(':', '.');
      tell(say.saved.replace('{time}', time), false);
    }

    // Boxes to tick are one field: the codes of those that are ticked.
    function ticks(box) {
      const boxes = [...box.querySelectorAll('[type=checkbox]')];
      return (
        boxes.length > 0 && {
          get value() {
            return boxes.flatMap((one) => (one.checked ? one.value : [])).join(' ');
          },
          set value(codes) {
            for (const one of boxes) one.checked = codes.split(' ').includes(one.value);
          },
          addEventListener: (...given) => box.addEventListener(...given),
          removeAttribute(name) {
            for (const one of boxes) one.removeAttribute(name);
          },
          focus: () => boxes[0].focus(),
        }
      );
    }

    function open(box) {
      const name = box.dataset.field;
      const control = ticks(box) || form.elements.namedItem(name);
      const hidden = form.elements.namedItem(`version-${name}`);
      const field = { name, box, control, hidden, version: Number(box.dataset.version), key: keyOf(name) };
      field.quick = control.tagName !== 'TEXTAREA';
      field.panel = box.querySelector('[data-theirs]');
      // The page came back with a text that was not saved: it is saved when the writer goes on, not by itself. Its
      // version is the one it was written on, so whatever sends it meets a 409 if somebody else has written since.
      if ('unsaved' in box.dataset) {
        field.dirty = true;
        hidden.value = field.version;
        keep(field.key, { text: control.value, version: field.version });
      }
      control.addEventListener('input', () => typed(field));
      return field;
    }

    function typed(field) {
      field.dirty = true;
      field.fault = '';
      delete field.box.dataset.unsaved;
      keep(field.key, { text: field.control.value, version: field.version });
      showQuestion(field);
      if (!field.conflict) later(field, field.quick ? 0 : typingPause);
      tellAll();
    }

    function later(field, pause) {
      clearTimeout(field.timer);
      field.timer = setTimeout(() => save(field), pause);
    }

    function save(field) {
      clearTimeout(field.timer);
      if (locked || field.conflict || !field.dirty || field.sending) return field.sending;
      field.sending = send(field).finally(() => {
        field.sending = null;
        tellAll();
      });
      return field.sending;
    }

    async function send(field) {
      const text = field.control.value;
      let answer;
      try {
        answer = await fetch(path, {
          method: 'PATCH',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({ field: field.name, text, baseVersion: field.version }),
        });
      } catch {
        return wait(field);
      }
      if (answer.status === 429 || answer.status >= 500) return wait(field);
      field.waiting = false;
      const body = await answer.json().catch(() => ({}));
      if (answer.status === 409 && body.code) locked = true;
      else if (answer.status === 409) differ(field, body);
      else if (answer.ok) saved(field, text, body.version);
      else field.fault = body.code === 'tooLong' ? say.tooLong : say.refused;
    }

    function wait(field) {
      field.waiting = true;
      later(field, retryPause);
    }

    function saved(field, text, version) {
      field.version = version;
      field.box.dataset.version = version;
      field.hidden.value = version;
      field.panel?.remove();
      field.control.removeAttribute('aria-invalid');
      if (field.control.value === text) {
        field.dirty = false;
        localStorage.removeItem(field.key);
      } else {
        keep(field.key, { text: field.control.value, version });
        later(field, typingPause);
      }
    }

    // Both texts are shown. The field stays on the version it was written on, here and in what the browser keeps, until
    // the writer has chosen: neither a reload nor a button of the form can save over the other text before that.
    function differ(field, theirs) {
      field.conflict = true;
      field.panel?.remove();
      const panel = element('div', 'card card--need');
      field.panel = panel;
      panel.setAttribute('role', 'alert');
      panel.tabIndex = -1;
      const title = element('p', '');
      title.append(element('strong', '', say.mergeTitle));
      panel.append(title, element('p', 'meta', `${say.mergeTheirs}, ${theirs.by}`));
      panel.append(element('p', 'preview', theirs.text));
      const actions = element('p', 'actions');
      const choose = (label, text) => {
        const button = element('button', 'button button--secondary button--small', label);
        button.type = 'button';
        button.addEventListener('click', () => {
          field.control.value = text();
          field.version = theirs.version;
          field.hidden.value = theirs.version;
          field.conflict = false;
          panel.remove();
          typed(field);
          save(field);
          field.control.focus();
        });
        actions.append(button);
      };
      if (!field.quick) choose(say.mergeBoth, () => `${theirs.text}\n\n${field.control.value}`.trim());
      choose(say.mergeMine, () => field.control.value);
      choose(say.mergeOther, () => theirs.text);
      panel.append(actions);
      field.box.append(panel);
      unfold(field);
    }

    function unfold(field) {
      const fold = field.box.closest('details');
      if (fold) fold.open = true;
    }

    function element(tag, className, text = '') {
      const made = document.createElement(tag);
      made.className = className;
      made.textContent = text;
      return made;
    }

    // What this browser kept is put back and sent on the version it was written on: if somebody else has written since,
    // that is a 409 and both texts are shown, again if they were before. So is a conflict that a form came back with.
    function restore() {
      let restored = false;
      for (const field of fields) {
        if (field.panel) later(field, 0);
        const text = kept(field.key);
        if (!text || 'unsaved' in field.box.dataset) continue;
        if (text.text === field.control.value) {
          localStorage.removeItem(field.key);
          continue;
        }
        field.control.value = text.text;
        field.version = text.version;
        field.hidden.value = text.version;
        field.dirty = true;
        restored = true;
        showQuestion(field);
        later(field, 0);
      }
      return restored;
    }

    // A measure is sent with its button only, so what is typed there is kept until it has been.
    const measureFields = [...measures.querySelectorAll('input:not([type=hidden]), textarea, select')];
    const measureKey = keyOf(`atgard:${form.elements.namedItem('measure')?.value ?? ''}`);
    function restoreMeasure() {
      const values = kept(measureKey);
      const invalid = measures.querySelector('[aria-invalid]');
      if (!values || invalid) return false;
      let restored = false;
      for (const control of measureFields) {
        const value = values[control.name] ?? '';
        restored ||= value !== control.value;
        control.value = value;
      }
      return restored;
    }
    measures.addEventListener('input', () => {
      keep(measureKey, Object.fromEntries(measureFields.map((control) => [control.name, control.value])));
    });

    const questions = [...form.querySelectorAll('[data-question]')];
    function showQuestion(field) {
      const question = field.box.closest('[data-question]');
      if (!question) return;
      const words = question.querySelector('[data-question-state]');
      const [said, agreed] = [...question.querySelectorAll('textarea')].map((box) => box.value.trim() !== '');
      words.textContent = agreed ? words.dataset.agreed : said ? words.dataset.said : words.dataset.empty;
    }
    const atHand = () => document.activeElement?.closest('[data-question]') ?? questions.findLast((one) => one.open);
    function nextQuestion() {
      const now = document.activeElement?.closest('[data-question]');
      const next = questions[now ? questions.indexOf(now) + 1 : 0] ?? questions[0];
      if (!next) return;
      if (now && now !== next) now.open = false;
      next.open = true;
      next.querySelector('textarea').focus();
    }
    const keys = {
      KeyN: nextQuestion,
      KeyA: () => measures.querySelector('textarea').focus(),
      KeyO: () => {
        const question = atHand();
        if (question) question.open = true;
        question?.querySelectorAll('textarea')[1]?.focus();
      },
    };
    document.addEventListener('keydown', (event) => {
      const act = event.altKey && !event.ctrlKey && !event.metaKey && keys[event.code];
      if (!act) return;
      event.preventDefault();
      act();
    });

    const sendAll = () => {
      for (const field of fields) if (field.dirty && !field.fault && !('unsaved' in field.box.dataset)) save(field);
    };
    addEventListener('online', sendAll);
    addEventListener('offline', tellAll);
    // A form that left while a field was on its way would meet its own text as somebody else's; one that left while a
    // conflict is open would take the choice from the writer.
    form.addEventListener('submit', (event) => {
      const unresolved = fields.find((field) => field.conflict);
      if (unresolved && !locked) {
        event.preventDefault();
        sendAll();
        tellAll();
        unfold(unresolved);
        unresolved.panel.focus();
        return;
      }
      const sending = fields.map((field) => field.sending).filter(Boolean);
      for (const field of fields) clearTimeout(field.timer);
      if (sending.length === 0) return;
      event.preventDefault();
      const { submitter } = event;
      Promise.allSettled(sending).then(() => form.requestSubmit(submitter));
    });

    const restored = restore();
    tell(restoreMeasure() || restored ? say.restored : say.ready, false);
  }
}
