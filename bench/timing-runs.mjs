/** What the timing run asks for: each list's identifiers once, the lists in turns. */
import { median } from './measure.mjs';
import { medianDifference } from './median-difference.mjs';
import { createLock, emails, holdIdentifiers, keycloakUsers, phoneNumbers } from './timing-people.mjs';

const WARM = 20;
/** Rounds at once where an answer waits for the beat during most of its time. */
const ON_THE_BEAT = 3;
const PASSWORD = 'a-Timing-horse-8';

/**
 * @param schemes whether of sign-ups and forgotten passwords by e-mail, by phone or both
 * @param base of the calls: `…/auth`
 */
export function createRuns({ parts, count, schemes, base }) {
  const lockedCount = Math.ceil(count / 10); // each costs as many refused sign-ins as the realm allows

  async function post(path, body) {
    const began = performance.now();
    const answer = await fetch(`${base}/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    const ms = performance.now() - began;
    const names = [...answer.headers.keys()].sort().join(' ');
    return {
      status: answer.status,
      shape: `${names} | ${Object.keys(JSON.parse(text)).sort().join(' ')}`,
      ms,
    };
  }

  const askForCode = (namespace, scheme) => (value) =>
    post('otp/request', { namespace, identifier: { scheme, value } });
  const signIn = (value) =>
    post('sign-in', {
      identifier: { scheme: 'email', value },
      credential: { scheme: 'password', value: 'wrong-Password-1' },
    });
  const signUp = (scheme) => (value) =>
    post('sign-up', { identifier: { scheme, value }, credential: { scheme: 'password', value: PASSWORD } });

  const make = { email: (n) => emails('t', n), phone: phoneNumbers };

  /** Known against unknown identifiers of one kind. */
  async function compare(title, scheme, ask, width) {
    const all = make[scheme](3 * count + WARM);
    const [warm, known, unknown, other] = [WARM, count, count, count].map((n) => all.splice(0, n));
    await holdIdentifiers(parts, scheme, known);
    for (const value of warm) await ask(value);
    const lists = { unknown, 'unknown (A/A)': other, known };
    print(`${title}, ${scheme}`, await measure({ lists, ask, status: 202, width }), 'unknown');
  }

  return {
    otp: () => compare('POST /auth/otp/request', 'phone', askForCode('phone-auth', 'phone')),
    async 'sign-in'() {
      const [wrong, disabled, locked] = [emails('w', count), emails('d', count), emails('l', lockedCount)];
      await keycloakUsers(parts, [...wrong, ...locked], true);
      await keycloakUsers(parts, disabled, false);
      for (const email of emails('warm', WARM)) await signIn(email);
      const unknown = { unknown: emails('u', count), 'unknown (A/A)': emails('a', count) };
      const lists = { ...unknown, 'wrong password': wrong, disabled, locked };
      // A lock lasts a minute: each is set in the round that asks about it.
      const prepare = { locked: createLock(parts, signIn) };
      const times = await measure({ lists, ask: signIn, status: 401, prepare, width: ON_THE_BEAT });
      print('POST /auth/sign-in', times, 'unknown');
    },
    async 'sign-up'() {
      for (const scheme of schemes) await compare('POST /auth/sign-up', scheme, signUp(scheme), ON_THE_BEAT);
    },
    async 'forgot-password'() {
      const title = 'POST /auth/otp/request, forgot-password';
      for (const scheme of schemes) await compare(title, scheme, askForCode('forgot-password', scheme));
    },
  };
}

/**
 * Each list's times; the lists take turns, whose order is drawn anew every round. Every answer must look alike.
 * @param options.width rounds that are under way at once
 */
async function measure({ lists, ask, status, prepare = {}, width = 1 }) {
  const times = new Map(Object.keys(lists).map((name) => [name, []]));
  const rounds = Math.max(...Object.values(lists).map((list) => list.length));
  let shape;
  async function runRound(round) {
    const names = Object.keys(lists).filter((name) => round < lists[name].length);
    for (const name of names) await prepare[name]?.(lists[name][round]); // its traces meet all of the round
    for (const name of shuffled(names)) {
      const answer = await ask(lists[name][round]);
      shape ??= answer.shape;
      if (answer.status !== status) throw new Error(`${name}: ${answer.status}, not ${status}`);
      if (answer.shape !== shape) throw new Error(`${name}: ${answer.shape}, not ${shape}`);
      times.get(name)[round] = answer.ms;
    }
  }
  let next = 0;
  const lane = async () => {
    while (next < rounds) await runRound(next++);
  };
  await Promise.all(Array.from({ length: width }, lane));
  return times;
}

/** Every order as likely as any other. */
function shuffled(values) {
  const drawn = values.map((value) => ({ value, place: Math.random() }));
  return drawn.sort((a, b) => a.place - b.place).map(({ value }) => value);
}

function print(title, times, base) {
  const ms = (value) => value.toFixed(2).padStart(8);
  console.log(
    `\n${title}: ms; the difference is to "${base}"\n${'list'.padEnd(22)}      n   median    from      to`,
  );
  for (const [name, list] of times) {
    const head = `${name.padEnd(22)} ${String(list.length).padStart(6)} ${ms(median(list))}`;
    if (name === base) console.log(head);
    else {
      const { from, to } = medianDifference(list, times.get(base));
      console.log(`${head}${ms(from)}${ms(to)}`);
    }
  }
}
