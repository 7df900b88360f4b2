import type { TextParams, Texts } from './text.ts';

/** What was typed and what is wrong with it, by field name. A label among the params is a text key. */
export type Form = {
  values: Readonly<Record<string, string | readonly string[] | undefined>>;
  errors: Readonly<Record<string, { code: string; params?: TextParams }>>;
};

/** A code (named by `family`), an option with its own words, or a group of either with a text key as heading. */
export type Choice = string | { value: string; label: string; help?: string; selected?: boolean };
export type ChoiceGroup = { group: string; family?: string; options: readonly Choice[] };

export type FieldOption = { id: string; value: string; label: string; help: string; selected: boolean };
export type Field = {
  id: string;
  name: string;
  type: string;
  label: string;
  help: string;
  error: string;
  value: string;
  checked: boolean;
  optional: boolean;
  required: boolean;
  describedBy: string;
  options: FieldOption[];
  groups: { label: string; options: FieldOption[] }[];
  autocomplete: string;
  inputmode: string;
  /** A space lets a stylesheet see whether the field is empty; words belong in the label. */
  placeholder: string;
  size: string;
  rows: number;
  cap: number;
  /** What stands under a long field: `{left}`, and `{over}` once it is too long. */
  counter: string;
  over: string;
};

const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');
const isGroup = (option: Choice | ChoiceGroup): option is ChoiceGroup =>
  typeof option === 'object' && 'group' in option;

/** The explicit model of partials/field and partials/choices; `hash` is what the template wrote after the name. */
export function buildField(texts: Texts, form: Form, name: string, hash: TextParams): Field {
  const id = `f-${name}`;
  const type = text(hash.type) || 'text';
  const label = hash.label ? texts.t(text(hash.label), hash) : text(hash.labelText);
  if (!label) throw new Error(`field ${name} has no label`);
  const help = hash.help ? texts.t(text(hash.help), hash) : text(hash.helpText);
  const error = form.errors[name] ? errorText(texts, form, name, label) : '';
  // Without anything typed, what the template begins with.
  const given = form.values[name] ?? (hash.value === undefined ? undefined : text(hash.value));
  const chosen = given === undefined ? undefined : [given].flat();

  let index = 0;
  const option = (choice: Choice, family = text(hash.family)): FieldOption => {
    index += 1;
    const key = `${family}.${text(choice)}`;
    const { value, label, help, selected } =
      typeof choice === 'string'
        ? { value: choice, label: texts.t(key), help: texts.has(`${key}.help`) ? texts.t(`${key}.help`) : '' }
        : { help: '', ...choice };
    return {
      // The first one carries the field's own id, so that the error summary leads to it.
      id: index === 1 && type !== 'select' ? id : `${id}-${index}`,
      value,
      label,
      help,
      selected: chosen ? chosen.includes(value) : selected === true,
    };
  };
  const choices = (hash.options ?? []) as readonly (Choice | ChoiceGroup)[];

  const counter = hash.cap ? texts.t('counter.left', { left: '{left}' }) : '';
  const over = texts.t('counter.over', { over: '{over}' });
  return {
    id,
    name,
    type,
    label,
    help,
    error,
    value: text(chosen?.[0]),
    checked: chosen ? chosen.some(Boolean) : hash.checked === true,
    optional: hash.required !== true && hash.mark !== false && type !== 'checkbox',
    required: hash.required === true,
    describedBy: [help && `${id}-help`, counter && `${id}-counter`, error && `${id}-error`].filter(Boolean).join(' '),
    options: choices.filter((choice): choice is Choice => !isGroup(choice)).map((choice) => option(choice)),
    groups: choices.filter(isGroup).map((group) => ({
      label: texts.t(group.group),
      options: group.options.map((choice) => option(choice, 'family' in group ? group.family : undefined)),
    })),
    autocomplete: text(hash.autocomplete),
    inputmode: text(hash.inputmode) || (type === 'number' ? 'numeric' : ''),
    placeholder: text(hash.placeholder),
    size: text(hash.size) || (['date', 'datetime-local', 'time', 'number'].includes(type) ? 's' : ''),
    rows: Number(hash.rows ?? 4),
    cap: Number(hash.cap ?? 0),
    ...{ counter, over },
  };
}

/** The model of partials/error-summary. `family` finds the label of a field: family.name. */
export function buildSummary(texts: Texts, form: Form, family: string) {
  const items = Object.keys(form.errors).map((name) => {
    const key = `${family}.${name}`;
    return {
      href: name ? `#f-${name}` : '',
      text: errorText(texts, form, name, texts.has(key) ? texts.t(key) : texts.t('err.thisField')),
    };
  });
  return { items, title: items.length > 0 ? texts.t('err.summary', { count: items.length }) : '' };
}

function errorText(texts: Texts, form: Form, name: string, label: string): string {
  const error = form.errors[name];
  if (!error) return '';
  const own = text(error.params?.label);
  return texts.t(`err.${error.code}`, { ...error.params, label: own && texts.has(own) ? texts.t(own) : own || label });
}
