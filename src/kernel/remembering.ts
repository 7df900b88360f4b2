const mostRemembered = 5_000;

/** A pure function of one text that remembers its latest answers: a list asks for the same days again and again. */
export function remembering<T>(work: (text: string) => T): (text: string) => T {
  const answers = new Map<string, T>();
  return (text) => {
    const known = answers.get(text);
    if (known !== undefined) return known;
    if (answers.size >= mostRemembered) answers.clear();
    const answer = work(text);
    answers.set(text, answer);
    return answer;
  };
}
