import { setImmediate as nextTurn } from 'node:timers/promises';
import { RoundQueue } from './round-queue';

/** Tasks that run until they are let go, and the order in which they were begun. */
function stage(places: number) {
  const begun: string[] = [];
  const release = new Map<string, () => void>();
  let late = false;
  const queue = new RoundQueue(places, () => late);
  const add = (name: string, suspect = false, triedInRound = 0) =>
    queue.run({
      suspect,
      triedInRound,
      run: () => {
        begun.push(name);
        return new Promise((resolve) => release.set(name, resolve));
      },
    });
  const finish = async (name: string) => {
    release.get(name)?.();
    await nextTurn();
  };
  return { begun, add, finish, endBudget: () => (late = true) };
}

test('no more run at once than there are places, in the order they came', async () => {
  const { begun, add, finish } = stage(2);
  const all = ['a', 'b', 'c'].map((name) => add(name));
  await nextTurn();
  expect(begun).toEqual(['a', 'b']);
  await finish('b');
  expect(begun).toEqual(['a', 'b', 'c']);
  await finish('a');
  await finish('c');
  await Promise.all(all);
});

test('suspects come after the sound ones and never take more than half of the places', async () => {
  const { begun, add, finish } = stage(4);
  void add('s1', true);
  void add('s2', true);
  void add('s3', true);
  await nextTurn();
  expect(begun).toEqual(['s1', 's2']);
  void add('a');
  void add('b');
  void add('c');
  await nextTurn();
  expect(begun).toEqual(['s1', 's2', 'a', 'b']);
  await finish('s1');
  expect(begun.slice(4)).toEqual(['c']);
  await finish('a');
  expect(begun.slice(4)).toEqual(['c', 's3']);
});

test('once the budget is used up the remaining suspects wait for a later round, sound ones do not', async () => {
  const { begun, add, finish, endBudget } = stage(2);
  const left = [add('s1', true, 4), add('s2', true, 2), add('s3', true, 3)];
  void add('a');
  void add('b');
  await nextTurn();
  expect(begun).toEqual(['a', 'b']);
  endBudget();
  await finish('a');
  await finish('b');
  expect(begun).toEqual(['a', 'b', 's2']);
  void add('c');
  await nextTurn();
  await finish('s2');
  await Promise.all(left.filter((_, index) => index !== 1));
  expect(begun).toEqual(['a', 'b', 's2', 'c']);
});

test('the suspect that was tried the longest ago goes first, and one set is tried even in an overdue round', async () => {
  const { begun, add, finish, endBudget } = stage(2);
  endBudget();
  void add('sound');
  void add('other');
  await nextTurn();
  const waiting = [add('recent', true, 9), add('old', true, 3), add('middle', true, 5)];
  await finish('sound');
  expect(begun).toEqual(['sound', 'other', 'old']);
  await finish('old');
  await Promise.all([waiting[0], waiting[2]]);
  expect(begun).toEqual(['sound', 'other', 'old']);
});
