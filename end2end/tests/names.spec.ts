// The accessible names of controls, as Chromium reports them to screen readers: without symbols, and different within a
// list.
import { type Page } from '@playwright/test';
import { bubble, decide, expect, PASSWORD, say, signIn, test } from '../stage';

const wide = { viewport: { width: 1280, height: 900 } };
const PRESSED = ['button', 'link', 'tab', 'checkbox', 'radio', 'switch', 'menuitem', 'DisclosureTriangle', 'searchbox', 'textbox', 'option'];
/** Symbols that stand for a state. */
const SIGN = /[▾▸▴◂✓✔★☆●○✕＋]/u;

type Node = { nodeId: string; parentId?: string; ignored?: boolean; role?: { value: string }; name?: { value: string } };

/** The faults in the names of a page. */
async function faults(page: Page): Promise<string[]> {
  const devtools = await page.context().newCDPSession(page);
  const { nodes } = (await devtools.send('Accessibility.getFullAXTree')) as unknown as { nodes: Node[] };
  const known = new Map(nodes.map((node) => [node.nodeId, node]));
  const above = (node: Node, role: string): Node | undefined => {
    const parent = known.get(node.parentId ?? '');
    return parent && (parent.role?.value === role ? parent : above(parent, role));
  };
  const found: string[] = [];
  const names = new Map<string, Node>();
  for (const node of nodes.filter(({ ignored, role }) => !ignored && PRESSED.includes(role?.value ?? ''))) {
    const name = node.name?.value ?? '';
    if (!name.trim()) found.push(`${node.role?.value} without a name`);
    // Texts of users are not ours.
    if (SIGN.test(name)) found.push(`sign: ${name}`);
    const [list, item] = [above(node, 'list'), above(node, 'listitem')];
    if (!list || !item) continue;
    const key = `${list.nodeId} ${node.role?.value} ${name}`;
    const other = names.get(key);
    if (other && above(other, 'listitem') !== item) found.push(`twice in a list: ${name}`);
    names.set(key, node);
  }
  return found;
}

for (const locale of ['ko-KR', 'en-US']) {
  test(`${locale}: every name is without signs, and differs from the others in its list`, async ({ person }) => {
    test.setTimeout(120_000);
    const minsu = await person('minsu', { ...wide, locale });
    await decide(minsu, 'place=here');
    const check = async (state: string) => expect.soft(await faults(minsu), state).toEqual([]);
    await minsu.locator('#tab-people').click();
    await check('people');
    await minsu.locator('#panel-people .act').nth(1).click();
    await check('card');
    await minsu.keyboard.press('Escape');
    await minsu.locator('.new-group').click();
    await expect(minsu.locator('.picker li').first()).toBeVisible();
    await check('new group');
    for (const box of [0, 1]) await minsu.locator('.picker li [name=user]').nth(box).check();
    await check('chosen people');
    await minsu.locator('.picker .primary').click();
    await expect(minsu.locator('#composer')).toBeVisible();
    for (const text of ['하나', '둘']) {
      await say(minsu, text);
      await expect(bubble(minsu, text).last()).toHaveAttribute('data-state', 'sent');
      for (const action of ['pin', 'bookmark']) {
        await bubble(minsu, text).last().hover();
        await bubble(minsu, text).last().locator('[data-act=menu]').click();
        await minsu.locator(`.bubble-menu [data-do=${action}]`).last().click();
      }
    }
    await check('conversation');
    await bubble(minsu, '둘').last().hover();
    await bubble(minsu, '둘').last().locator('[data-act=menu]').click();
    await check('menu of a message');
    await minsu.locator('.bubble-menu [data-do=pick]').click();
    await expect(minsu.locator('.emoji-bar')).toBeVisible();
    await check('emojis');
    await minsu.keyboard.press('Escape');
    await minsu.keyboard.press('Escape');
    for (const action of ['pins', 'members', 'files']) {
      await minsu.locator('.more summary').click();
      await check('menu of the conversation');
      await minsu.locator(`.more [data-do=${action}]`).click();
      await expect(minsu.getByRole('dialog')).toBeVisible();
      await check(action);
      await minsu.keyboard.press('Escape');
    }
    await minsu.locator('.send-more').click();
    await minsu.locator('.send-menu [data-do=ask]').click();
    await minsu.locator('.send-more').click();
    await expect(minsu.locator('.send-menu [aria-checked=true]')).toBeVisible();
    await check('options');
    await minsu.keyboard.press('Escape');
    await minsu.locator('#tab-rooms').click();
    await check('conversations');
    for (const collection of [0, 1]) {
      await minsu.locator('.collect button').nth(collection).click();
      await expect(minsu.getByRole('dialog')).toBeVisible();
      await check('collection');
      await minsu.keyboard.press('Escape');
    }
    // Devices are distinguished by their programs and the minute of the sign-in.
    const userAgent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
    for (const options of [{ locale }, { locale, userAgent }]) await person('minsu', options);
    await minsu.goto(new URL('/settings?saved=1', minsu.url()).href);
    await expect(minsu.locator('.device')).toHaveCount(3);
    await check('settings');
  });
}

test('a department folds by a button whose name is the department alone', async ({ serverOf, browserOf }) => {
  const server = await serverOf(false);
  server.addPerson('minsu', '김민수');
  server.importPeople('login,name,department\nminsu,김민수,기획국\ncheolsu,박철수,총무과\n');
  const page = await (await browserOf()).newPage();
  await signIn(page, server, 'minsu', PASSWORD);
  await expect(page.locator('.fold').first()).toBeVisible();
  expect(await faults(page)).toEqual([]);
});
