// Two texts of one box as one: a sentence or a line that both have stands once, and nothing of either is gone.
globalThis.bothTexts = (theirs, mine) => {
  // With the space after it.
  const sentences = (text) => text.trim().match(/\S[^\n]*?(?:[.!?]+(?=\s)|(?=\n)|$)\s*/g) ?? [];
  const [a, b] = [sentences(theirs), sentences(mine)];
  const same = (i, j) => a[i].trim() === b[j].trim();

  // How many sentences both have from here on, in the same order.
  const common = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i][j] = same(i, j) ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
    }
  }

  let both = '';
  const put = (sentence) => {
    both += (both === '' || /\s$/.test(both) ? '' : '\n') + sentence;
  };
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    if (i < a.length && j < b.length && same(i, j)) {
      put(a[i]);
      i++;
      j++;
    } else if (j === b.length || (i < a.length && common[i + 1][j] >= common[i][j + 1])) put(a[i++]);
    else put(b[j++]);
  }
  return both.trim();
};
