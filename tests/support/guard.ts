/**
 * A model that throws when a template asks for a name it does not have: Handlebars' strict mode misses what stands
 * in `{{#if}}`, `{{#each}}` and in the arguments of helpers and partials.
 */
export function guarded<T>(model: T, path = ''): T {
  if (typeof model !== 'object' || model === null) return model;
  return new Proxy(model as object, {
    get(target, name, receiver) {
      const value = Reflect.get(target, name, receiver);
      if (typeof name === 'symbol' || Array.isArray(target)) {
        return typeof value === 'object' ? guarded(value, `${path}[]`) : value;
      }
      if (value === undefined && !(name in target)) throw new Error(`the template asks for ${path}.${name}`);
      // What was typed and what was wrong: any field may be missing there.
      return openEnded.has(name) ? value : guarded(value, `${path}.${name}`);
    },
  }) as T;
}

const openEnded = new Set(['values', 'errors', 'params']);
