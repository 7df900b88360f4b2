// Shows only the parts that apply to what has been chosen. Without this script everything is shown, with a line of help.
for (const form of document.querySelectorAll('form[data-request-form], form[data-decide]')) {
  const chosen = (name) => {
    const field = form.elements[name];
    return field ? field.value : '';
  };

  const apply = () => {
    for (const part of form.querySelectorAll('[data-when], [data-unless]')) {
      const wanted = part.dataset.values.split(' ');
      const value = chosen(part.dataset.when ?? part.dataset.unless);
      part.hidden = part.dataset.when ? !wanted.includes(value) : wanted.includes(value);
    }
    const preview = form.querySelector('[data-preview]');
    if (!preview) return;
    const decision = chosen('decision');
    if (!decision) return;
    const words = preview.dataset;
    const answered = decision === 'confirm' || decision === 'decline';
    const secret = answered && chosen('disclosure') === 'nothing';
    const lines = [secret ? words.handled : words[decision]];
    if (!secret) {
      if (decision === 'decline' && chosen('disclosure') === 'outcome_and_reason') {
        const reason = form.elements.reasonCode.selectedOptions[0];
        if (reason?.value) lines.push(reason.textContent);
      }
      lines.push(chosen('outwardText'));
      if (decision === 'decline') lines.push(chosen('instead'));
    }
    preview.textContent = lines.filter(Boolean).join('\n');
  };

  form.addEventListener('input', apply);
  form.addEventListener('change', apply);
  apply();
}
