/**
 * A document as Samsyn files it: minutes, a plan, a letter. Every text is literal, never markup, and `\n` breaks the
 * line (an empty line begins a paragraph). The page head is no part of what a screen reader reads, so what matters in
 * it (authority, diary number) belongs among the facts too.
 */
export type DocumentModel = {
  language: 'sv';
  /** The PDF's title and the only heading of level 1. */
  title: string;
  /** Set in 14 points, for whoever reads with effort. */
  large?: boolean;
  /** Page head, left. */
  authority: string;
  unit: string;
  /** Page head, right, on every page: label and number. */
  diaryLabel: string;
  diaryNumber: string;
  /** Page head, right: `{page}` and `{pages}` are replaced. */
  pageLabel: string;
  /** A letter's receiver, a line each, where the window of a Swedish envelope (right) shows it. */
  address?: string[];
  /** A short paragraph under the title. */
  lead?: string;
  facts: { label: string; value: string }[];
  sections: DocumentSection[];
  /** A letter's last lines: who writes, how to reach them. */
  signature?: string[];
  /**
   * An answer slip at the foot of the page, after a dashed line. Each option gets a box to tick, each row of the grid one
   * for every column but the first, and each blank a line to write on.
   */
  tearOff?: {
    heading: string;
    lines: string[];
    options: string[];
    grid?: { columns: string[]; rows: string[] };
    blanks: string[];
    ending: string;
  };
  /** Small line at the foot of every page. */
  footer: string;
};

export type DocumentSection = {
  heading: string;
  /** Numbered sections count 1, 2, 3; others do not count. */
  numbered: boolean;
  blocks: DocumentBlock[];
};

/** A label is a heading beneath the section's. */
export type DocumentBlock =
  | { kind: 'text'; label?: string; text: string }
  | { kind: 'list'; label?: string; items: string[] }
  /** `widths` are shares of the width, one for each column; without them all are alike. */
  | { kind: 'table'; caption: string; columns: string[]; widths?: number[]; rows: string[][] }
  /** Set off from the rest: objections, remarks. */
  | { kind: 'note'; label?: string; text: string };
