import { createRenderer, viewsDir } from './src/platform/web/render.ts';
import { loadTexts } from './src/platform/web/text.ts';
import { proposePage } from './src/features/meeting/poll/page.ts';
const texts = loadTexts(viewsDir + 'text');
const r = createRenderer({ viewsDir, texts });
const m = { id: 'm', state: 'planning', kind: 'reconciliation', startsAt: null, subject: { protectedIdentity: false } } as never;
try {
console.log(r.body('meeting/poll/propose', proposePage(m, { participants: [], talks: [], poll: null, busy: [] }, { values: {startsAt: ['2027-01-06T09:17']}, errors: {} }, '2026-11-23T09:00:00.000Z')).slice(0, 3000));
} catch (e) { console.log(e); }
