/** What somebody can be told about the person (states.md "Consent"), in the words `cons.<code>`. */
export const informationKinds = ['contact', 'work', 'measures', 'health', 'social'] as const;
export type InformationKind = (typeof informationKinds)[number];
