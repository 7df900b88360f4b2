// Asks what others have written, and shows it: fields through minutes.js, everything else as the server renders it.
{
  const form = document.getElementById('anteckningar');
  if (form) follow(form);

  function follow(form) {
    const say = form.dataset;
    // While somebody writes it asks often; a page that lies still costs little, and one that is hidden nothing.
    const quick = 400;
    const calm = 1500;
    const quickFor = 60_000;
    const afterFailure = 3000;
    let cursor = say.cursor;
    let mark = say.mark;
    let busyAt = Date.now();
    let timer;
    let asking = false;
    let over = false;

    const later = (pause) => {
      clearTimeout(timer);
      if (!over) timer = setTimeout(ask, pause);
    };

    async function ask() {
      if (asking || over || document.hidden) return;
      asking = true;
      let pause = Date.now() - busyAt < quickFor ? quick : calm;
      try {
        const path = `${say.changes}?efter=${cursor}&sida=${encodeURIComponent(mark)}`;
        const answer = await fetch(path, { redirect: 'manual', signal: AbortSignal.timeout(10_000) });
        if (answer.status === 200) show(await answer.json());
        else if (answer.status !== 204) {
          pause = afterFailure;
          // A page to sign in on, or an account without the right.
          if (answer.type === 'opaqueredirect') document.dispatchEvent(new Event('minutes:expired'));
        }
      } catch {
        pause = afterFailure;
      }
      asking = false;
      later(pause);
    }

    function show(news) {
      if (String(news.version) !== String(cursor)) busyAt = Date.now();
      cursor = news.version;
      mark = news.mark ?? mark;
      over = news.state === 'finalised';
      for (const name of ['measures', 'contributions', 'writers']) {
        const place = form.querySelector(`[data-live="${name}"]`);
        if (place && name in news) render(place, news[name]);
      }
      const standing = form.querySelector('[data-live="standing"]');
      if (standing && 'standing' in news) standing.textContent = news.standing;
      if (news.earlier) {
        for (const place of form.querySelectorAll('[data-earlier]')) {
          render(place, news.earlier[place.closest('[data-field]').dataset.field] ?? '');
        }
      }
      document.dispatchEvent(new CustomEvent('minutes:changed', { detail: news }));
    }

    // Focus, what is chosen and what is folded out stay as they were.
    const shown = new WeakMap();
    function render(place, html) {
      if (shown.get(place) === html || (html === '' && place.childElementCount === 0)) return;
      shown.set(place, html);
      const { activeElement } = document;
      const focus = place.contains(activeElement) ? [activeElement.name, activeElement.value] : null;
      const chosen = new Map([...place.querySelectorAll('select')].map((one) => [one.name, one.value]));
      const open = place.querySelector('details')?.open;
      place.innerHTML = html;
      for (const one of place.querySelectorAll('select')) one.value = chosen.get(one.name) ?? one.value;
      if (open) for (const one of place.querySelectorAll('details')) one.open = true;
      if (!focus) return;
      const same = [...place.querySelectorAll('select, button')].find(
        ({ name, value, tagName }) => name === focus[0] && (tagName === 'SELECT' || value === focus[1]),
      );
      same?.focus();
    }

    // Takes in what a participant wrote: where it was chosen to stand, or where the officer writes.
    const state = form.querySelector('[data-take-state]');
    let written = '';
    form.addEventListener('focusin', ({ target }) => {
      if (target.matches('[data-field] textarea')) written = target.name;
    });
    async function take(participant) {
      const name = `take-to-${participant}`;
      const field = form.elements.namedItem(name)?.value || written;
      if (!field) {
        state.textContent = say.takeRefused;
        return form.elements.namedItem(name)?.focus();
      }
      const waits = [];
      document.dispatchEvent(new CustomEvent('minutes:flush', { detail: { field, waits } }));
      await Promise.all(waits);
      const body = new URLSearchParams({ take: participant, [name]: field });
      const answer = await fetch(`${form.getAttribute('action')}/inlyft`, {
        ...{ method: 'POST', body, headers: { Accept: 'application/json' } },
      }).catch(() => null);
      const taken = answer?.status === 204;
      state.textContent = taken ? say.taken : say.takeRefused;
      busyAt = Date.now();
      ask();
    }
    form.addEventListener('click', (event) => {
      const button = event.target.closest('button[name="take"]');
      if (!button) return;
      event.preventDefault();
      take(button.value);
    });
    document.addEventListener('minutes:take', () => {
      const next = form.querySelector('[data-contribution][data-waiting]');
      if (next) take(next.dataset.contribution);
      else state.textContent = say.takeNone;
    });

    form.addEventListener('input', () => {
      busyAt = Date.now();
    });
    for (const [where, when] of [
      [document, 'visibilitychange'],
      [window, 'online'],
      [window, 'pageshow'],
    ])
      where.addEventListener(when, ask);
    later(quick);
  }
}
