// Saves minutes field by field while they are written. What the server does not have yet stays in this browser,
// through a dropped line, a reload or a closed tab, until the server has it or the minutes are locked.
{
  const prefix = 'samsyn:minutes:';
  // Not restarted by each key, so that who writes on and on is seen while they do.
  const typingPause = 300;
  const retryPause = 10000;

  const form = document.getElementById('anteckningar');
  if (form) write(form);

  const busy = ({ status }) => status === 429 || status >= 500;
  // `body` is empty where the answer is a page.
  const signedOut = ({ status, body }) => status === 403 && !body.code;
  async function patch(path, change) {
    const answer = await fetch(path, {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(change),
    });
    return { status: answer.status, body: await answer.json().catch(() => ({})) };
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
    const path = form.getAttribute('action');
    const keyOf = (name) => `${prefix}${say.minutes}:${say.account}:${name}`;
    const fields = [...form.querySelectorAll('[data-field]')].map(open);
    let locked = false;
    let expired = false;

    function tell(text, waiting) {
      if (state.textContent !== text) state.textContent = text;
      state.classList.toggle('save-state--waiting', waiting);
    }

    function tellAll() {
      if (locked) return tell(say.locked, true);
      if (expired) return tell(say.expired, true);
      const faults = fields.map((field) => field.fault).filter(Boolean);
      if (faults.length > 0) return tell(faults[0], true);
      if (fields.some((field) => field.conflict)) return tell(say.mergeTitle, true);
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
          setAttribute(...given) {
            for (const one of boxes) one.setAttribute(...given);
          },
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
      const field = { name, box, control, hidden, version: Number(box.dataset.version), key: keyOf(name), unheard: [] };
      field.quick = control.tagName !== 'TEXTAREA';
      field.panel = box.querySelector('[data-theirs]');
      // The page came back with a text that was not saved: it is saved when the writer goes on, not by itself. Its
      // version is the one it was written on, so whatever sends it meets a 409 if somebody else has written since.
      if ('unsaved' in box.dataset) {
        field.dirty = true;
        hidden.value = field.version;
        keepText(field);
      }
      control.addEventListener('input', () => typed(field));
      return field;
    }

    function keepText({ key, control, version, unheard }) {
      keep(key, { text: control.value, version, unheard });
    }

    function typed(field) {
      field.dirty = true;
      field.fault = '';
      delete field.box.dataset.unsaved;
      keepText(field);
      showQuestion(field);
      if (!field.conflict && !field.timer) later(field, field.quick ? 0 : typingPause);
      tellAll();
    }

    function later(field, pause) {
      clearTimeout(field.timer);
      field.timer = setTimeout(() => save(field), pause);
    }

    function save(field) {
      clearTimeout(field.timer);
      field.timer = null;
      if (field.conflict || !field.dirty || field.sending) return field.sending;
      field.sending = send(field).finally(() => {
        field.sending = null;
        tellAll();
      });
      return field.sending;
    }

    async function send(field) {
      const text = field.control.value;
      // What may have arrived though no answer came back is not somebody else's text when it is met there.
      field.unheard = [...field.unheard, text].slice(-5);
      keepText(field);
      let answer;
      try {
        answer = await patch(path, { field: field.name, text, baseVersion: field.version });
      } catch {
        return wait(field);
      }
      const { status, body } = answer;
      expired = signedOut(answer);
      if (expired || busy(answer)) return wait(field);
      field.waiting = false;
      if (status === 409 && body.code === 'finalised') lockedOut(field);
      else if (status === 409) differ(field, body);
      else if (status < 300) saved(field, text, body.version);
      else refused(field, body.code);
    }

    // It stays here, and is sent again when it is another text.
    function refused(field, code) {
      const label = field.box.querySelector('label, legend')?.firstChild?.textContent.trim() ?? '';
      field.fault = (code === 'tooLong' ? say.tooLong : say.refused).replace('{box}', label);
      field.control.setAttribute('aria-invalid', 'true');
    }

    function wait(field) {
      field.waiting = true;
      later(field, retryPause);
    }

    // Kept beside the minutes now, so not here; it stands in its box to be copied.
    function lockedOut(field) {
      locked = true;
      field.dirty = false;
      localStorage.removeItem(field.key);
    }

    function saved(field, text, version) {
      stand(field, version);
      field.unheard = [];
      field.panel?.remove();
      field.control.removeAttribute('aria-invalid');
      if (field.control.value === text) {
        field.dirty = false;
        localStorage.removeItem(field.key);
        if (field.newest?.version > version) put(field, field.newest);
      } else {
        keepText(field);
        later(field, typingPause);
      }
    }

    function stand(field, version) {
      field.version = version;
      field.box.dataset.version = version;
      field.hidden.value = version;
    }

    // What somebody else wrote is put in where this writer is not writing. Elsewhere it waits: if it is still something
    // else when this text is saved, that is a conflict.
    function receive(field, newest) {
      if (newest.version <= field.version) return;
      field.newest = newest;
      if (!field.dirty && !field.sending && !field.conflict) put(field, newest);
    }

    function put(field, { text, version }) {
      const { control } = field;
      const before = control.value;
      stand(field, version);
      if (before === text) return;
      const { selectionStart: start, selectionEnd: end, scrollTop } = control;
      control.value = text;
      if (control === document.activeElement && field.control.tagName === 'TEXTAREA') {
        let same = 0;
        while (same < before.length && before[same] === text[same]) same++;
        const moved = (at) => (at <= same ? at : Math.max(same, text.length - (before.length - at)));
        control.setSelectionRange(moved(start), moved(end));
        control.scrollTop = scrollTop;
      }
      showQuestion(field);
    }

    // Both texts are shown. The field stays on the version it was written on, here and in what the browser keeps, until
    // the writer has chosen: neither a reload nor a button of the form can save over the other text before that.
    function differ(field, theirs) {
      if (field.unheard.slice(0, -1).some((text) => text.trim() === theirs.text)) {
        field.unheard = [];
        stand(field, theirs.version);
        return later(field, 0);
      }
      field.told = field.unheard.at(-1);
      field.unheard = [];
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
        button.addEventListener('click', async () => {
          if (!(await tellOwn(field))) return tellAll();
          field.control.value = text();
          stand(field, theirs.version);
          field.conflict = false;
          panel.remove();
          typed(field);
          save(field);
          field.control.focus();
        });
        actions.append(button);
      };
      if (!field.quick) choose(say.mergeBoth, () => bothTexts(theirs.text, field.control.value));
      choose(say.mergeMine, () => field.control.value);
      choose(say.mergeOther, () => theirs.text);
      panel.append(actions);
      field.box.append(panel);
      unfold(field);
    }

    // What was typed since the conflict was met is in the history too before it can go; false where nothing arrives.
    async function tellOwn(field) {
      while (!field.quick && field.told !== field.control.value) {
        const text = field.control.value;
        const change = { field: field.name, text, baseVersion: field.version };
        const answer = await patch(path, change).catch(() => null);
        field.waiting = !answer || busy(answer) || signedOut(answer);
        if (field.waiting) return false;
        if (answer.status >= 400 && answer.status !== 409) {
          refused(field, answer.body.code);
          return false;
        }
        field.told = text;
      }
      return true;
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
        field.unheard = text.unheard ?? [];
        field.dirty = true;
        restored = true;
        showQuestion(field);
        later(field, 0);
      }
      return restored;
    }

    function showQuestion(field) {
      const question = field.box.closest('[data-question]');
      if (!question) return;
      const words = question.querySelector('[data-question-state]');
      const [said, agreed] = [...question.querySelectorAll('textarea')].map((box) => box.value.trim() !== '');
      words.textContent = agreed ? words.dataset.agreed : said ? words.dataset.said : words.dataset.empty;
    }
    const sendAll = () => {
      for (const field of fields) if (field.dirty && !field.fault && !('unsaved' in field.box.dataset)) save(field);
    };
    document.addEventListener('minutes:changed', ({ detail }) => {
      for (const changed of detail.fields) {
        const field = fields.find(({ name }) => name === changed.field);
        if (field) receive(field, changed);
      }
      expired = false;
      if (detail.state === 'finalised') locked = true;
      if (locked) sendAll();
      if (locked || state.textContent === say.expired) tellAll();
    });
    document.addEventListener('minutes:expired', () => {
      expired = true;
      tellAll();
    });
    // Whoever adds to a field on the server asks for what is typed in it first.
    document.addEventListener('minutes:flush', ({ detail }) => {
      const field = fields.find(({ name }) => name === detail.field);
      const sent = field && save(field);
      if (sent) detail.waits.push(sent);
    });
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

    // Nothing is left in this browser after sign-out, so it waits for what has not arrived yet.
    const signOut = document.querySelector('form[action="/logga-ut"]');
    async function settle(field) {
      while (field.dirty && !field.conflict && !field.waiting && !field.fault) await save(field);
      if (field.conflict) await tellOwn(field);
    }
    const leave = async (event) => {
      const open = fields.filter((field) => field.dirty);
      if (open.length === 0 || locked) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      // Pressed once more it signs out all the same.
      signOut.removeEventListener('submit', leave, true);
      await Promise.all(open.map(settle));
      if (open.some((field) => field.dirty && (field.waiting || field.fault || !field.conflict))) tellAll();
      else signOut.requestSubmit();
    };
    signOut?.addEventListener('submit', leave, true);

    const restored = restore();
    tell(restored ? say.restored : say.ready, false);
  }
}
