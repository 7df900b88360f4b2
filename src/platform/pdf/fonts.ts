import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const google = (font: string, file: string) => [
  `@expo-google-fonts/${font}/400Regular/${file}_400Regular.ttf`,
  `@expo-google-fonts/${font}/600SemiBold/${file}_600SemiBold.ttf`,
];

/**
 * The typefaces of a document, in the order the template tries them, each in a regular and a bold file (all OFL or
 * Bitstream Vera licence). Latin, Greek and Cyrillic first, then what else people in Sweden may write: emoji, Arabic, Hebrew,
 * Armenian, Georgian and symbols (DejaVu), Tigrinya and Amharic, Thai. Chinese, Japanese and Korean would weigh more than
 * all the rest together. Both weights of a family are given, so that no font installed on the machine is a better match.
 */
export const families: { name: string; files: string[] }[] = [
  { name: 'Source Sans 3', files: google('source-sans-3', 'SourceSans3') },
  { name: 'Noto Emoji', files: google('noto-emoji', 'NotoEmoji') },
  { name: 'DejaVu Sans', files: ['dejavu-fonts-ttf/ttf/DejaVuSans.ttf', 'dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'] },
  { name: 'Noto Sans Ethiopic', files: google('noto-sans-ethiopic', 'NotoSansEthiopic') },
  { name: 'Noto Sans Thai', files: google('noto-sans-thai', 'NotoSansThai') },
].map(({ name, files }) => ({ name, files: files.map((file) => require.resolve(file)) }));
