// Makes buttons of the standard wordings that a page shows to be copied: each puts itself last in its field.
for (const list of document.querySelectorAll('[data-wordings]')) {
  const field = list.closest('[data-field]').querySelector('textarea');
  for (const item of list.children) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'button button--tertiary button--small';
    button.textContent = item.textContent;
    button.addEventListener('click', () => {
      const before = field.value.trimEnd();
      field.value = before === '' ? button.textContent : `${before}\n${button.textContent}`;
      field.dispatchEvent(new Event('input', { bubbles: true }));
      // What is to be filled in is marked, so that typing goes on there.
      const gap = field.value.indexOf('…', before.length);
      field.focus();
      field.setSelectionRange(gap < 0 ? field.value.length : gap, gap < 0 ? field.value.length : gap + 1);
    });
    item.replaceChildren(button);
  }
}
