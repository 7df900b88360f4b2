// Minutes that were locked while this browser had no line: what it kept is kept beside them instead, and nothing stays
// here.
const finalised = document.querySelector('[data-finalised]');
if (finalised) handOver(finalised.dataset.finalised);

async function handOver(meeting) {
  let kept = false;
  for (const key of Object.keys(localStorage).filter((one) => one.startsWith(`samsyn:minutes:${meeting}:`))) {
    const [field] = key.split(':').slice(4);
    const typed = JSON.parse(localStorage.getItem(key)) ?? {};
    // A measure that was never added goes as the words of it.
    const words = [typed.text, typed.person, typed.goal].filter(Boolean).join('\n');
    // What was too long for its box is kept in parts.
    for (const text of words.match(/.{1,3900}(?:\s|$)|.{1,3900}/gsu) ?? []) {
      const answer = await fetch(`/moten/${meeting}/protokoll${field === 'contribution' ? '/bidrag' : ''}`, {
        method: 'PATCH',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ field, text, baseVersion: typed.version ?? 0 }),
      }).catch(() => null);
      const body = await answer?.json().catch(() => null);
      if (!body?.code) return;
      kept ||= body.kept === true;
    }
    localStorage.removeItem(key);
  }
  if (kept) location.reload();
}
