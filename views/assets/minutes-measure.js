// A measure is sent with its button only, so what is typed there stays in this browser until it has been.
{
  const about = document.querySelector('[data-minutes]');
  const { minutes, account } = about.dataset;
  const prefix = `samsyn:minutes:${minutes}:${account ?? ''}`;
  // It is sent with every button of the form, and each page that can come next says whether it was saved: put back after
  // that it would be filed twice.
  const { done = '' } = document.getElementById('main').dataset;
  if ('measureSaved' in about.dataset || /^(atgard|sparat|inlyft)/.test(done)) {
    for (const key of Object.keys(localStorage))
      if (key.startsWith(prefix) && key.includes(':atgard:')) localStorage.removeItem(key);
  }
  const measures = document.getElementById('atgard-ruta');
  if (measures) keepMeasure([...measures.querySelectorAll('input:not([type=hidden]), textarea, select')]);

  function keepMeasure(controls) {
    const key = `${prefix}:atgard:${about.elements.namedItem('measure')?.value ?? ''}`;
    const values = JSON.parse(localStorage.getItem(key)) ?? null;
    if (values && !measures.querySelector('[aria-invalid]')) {
      const other = controls.filter((control) => control.value !== (values[control.name] ?? ''));
      for (const control of other) control.value = values[control.name] ?? '';
      if (other.length > 0) document.querySelector('[data-save-state]').textContent = about.dataset.restored;
    }
    measures.addEventListener('input', () => {
      if (controls.every(({ value }) => value === '')) return localStorage.removeItem(key);
      try {
        localStorage.setItem(key, JSON.stringify(Object.fromEntries(controls.map(({ name, value }) => [name, value]))));
      } catch {}
    });
  }
}
