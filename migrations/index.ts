import type { Migration } from 'kysely/migration';
import * as start from './0001_start.ts';
import * as rate from './0002_rate.ts';
import * as speed from './0003_speed.ts';
import * as access from './0004_access.ts';
import * as people from './0005_people.ts';
import * as log from './0006_log.ts';
import * as consent from './0007_consent.ts';
import * as safety from './0008_safety.ts';
import * as correction from './0009_correction.ts';
import * as replies from './0010_replies.ts';
import * as poll from './0011_poll.ts';
import * as reminders from './0012_reminders.ts';
import * as preparation from './0013_preparation.ts';
import * as letters from './0015_letters.ts';
import * as structural from './0016_structural.ts';
import * as together from './0017_together.ts';
import * as review from './0018_review.ts';
import * as owner from './0019_owner.ts';
import * as plan from './0020_plan.ts';
import * as closing from './0021_closing.ts';
import * as scribe from './0022_scribe.ts';
import * as desk from './0023_desk.ts';

/** Every migration in the order it runs. Frozen in time: they import nothing from src. */
export const migrations: Record<string, Migration> = {
  '0001_start': start,
  '0002_rate': rate,
  '0003_speed': speed,
  '0004_access': access,
  '0005_people': people,
  '0006_log': log,
  '0007_consent': consent,
  '0008_safety': safety,
  '0009_correction': correction,
  '0010_replies': replies,
  '0011_poll': poll,
  '0012_reminders': reminders,
  '0013_preparation': preparation,
  '0015_letters': letters,
  '0016_structural': structural,
  '0018_review': review,
  '0017_together': together,
  '0019_owner': owner,
  '0020_plan': plan,
  '0021_closing': closing,
  '0022_scribe': scribe,
  '0023_desk': desk,
};
