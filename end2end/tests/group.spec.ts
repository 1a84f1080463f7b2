import { bubble, choose, expect, group, hydrated, openGroup, pair, popup, say, test } from '../stage';

test('a group is created from the list, grows, is renamed and left', async ({ person }) => {
  const minsu = await person('minsu');
  const younghee = await person('younghee');
  const jiwoo = await person('jiwoo');
  await minsu.getByRole('button', { name: '그룹 만들기' }).click();
  const picker = minsu.getByRole('dialog', { name: '그룹 만들기' });
  await picker.getByRole('checkbox', { name: /이영희/ }).check();
  await picker.getByRole('searchbox').fill('ㅂㅊㅅ');
  await expect(picker.getByText('최지우')).toBeHidden();
  await picker.getByRole('checkbox', { name: /박철수/ }).check();
  await picker.getByLabel('그룹 이름').fill('점심 모임');
  await picker.getByRole('button', { name: '만들기' }).click();
  const group = minsu.locator('.stage');
  await expect(group.getByRole('heading', { name: '점심 모임' })).toBeVisible();
  await expect(group.locator('.log').getByText('김민수 (minsu)님이 그룹을 만들었습니다.')).toBeVisible();
  await say(minsu, '우리 셋만 아는 말');

  const toast = younghee.getByRole('status', { name: '알림' });
  const younghees = await popup(younghee, () => toast.getByRole('button', { name: '열기' }).first().click());
  await expect(bubble(younghees, '우리 셋만')).toBeVisible();
  await expect(younghees.getByText('3명 · 김민수 (minsu)님과 대화중입니다.')).toBeVisible();
  await expect(bubble(minsu, '우리 셋만').getByText('1명이 읽지 않음')).toHaveCount(1);

  await choose(younghees, '사람 초대');
  await younghees.getByRole('checkbox', { name: /최지우/ }).check();
  await younghees.getByRole('button', { name: '초대하기' }).click();
  await expect(group.locator('.log').getByText('이영희님이 최지우님을 초대했습니다.')).toBeVisible();
  const jiwoos = await popup(jiwoo, () => jiwoo.getByRole('status', { name: '알림' }).getByRole('button', { name: '열기' }).click());
  await expect(jiwoos.locator('.log').getByText('최지우님을 초대했습니다.')).toBeVisible();
  await expect(bubble(jiwoos, '우리 셋만')).toHaveCount(0);
  await expect(jiwoos.locator('.beginning'), 'not the beginning of the group').toHaveText('초대받기 전의 메시지는 볼 수 없습니다.');
  for (const founder of [group, younghees]) await expect(founder.locator('.beginning')).toHaveText('대화의 처음입니다.');
  await choose(younghees, '멘션만 알림');
  await expect(younghees.getByRole('heading', { level: 1 })).toHaveAccessibleName(/멘션만 알림$/);

  await choose(jiwoos, '그룹 이름 바꾸기');
  await jiwoos.getByLabel('그룹 이름', { exact: true }).fill('저녁 모임');
  await jiwoos.getByRole('button', { name: '이름 바꾸기' }).click();
  await expect(group.getByRole('heading', { name: '저녁 모임' })).toBeVisible();
  await expect(group.locator('.log').getByText('최지우님이 그룹 이름을 ‘저녁 모임’으로 바꿨습니다.')).toBeVisible();

  await jiwoos.locator('.more summary').click();
  await jiwoos.getByRole('button', { name: '그룹에서 나가기' }).click();
  await jiwoos.getByRole('group', { name: /이 그룹에서 나갈까요/ }).getByRole('button', { name: '취소' }).click();
  await jiwoos.locator('.more summary').click();
  await jiwoos.getByRole('button', { name: '그룹에서 나가기' }).click();
  const sure = jiwoos.getByRole('group', { name: /이 그룹에서 나갈까요/ });
  await Promise.all([jiwoos.waitForEvent('close'), sure.getByRole('button', { name: '그룹에서 나가기' }).click()]);
  await expect(group.locator('.log').getByText('최지우님이 그룹에서 나갔습니다.')).toBeVisible();
  await jiwoo.getByRole('tab', { name: '대화' }).click();
  await expect(jiwoo.getByText('저녁 모임')).toHaveCount(0);

  // Next to the list, the list is shown; a window that did not leave itself says what happened.
  const minsus = await minsu.context().newPage();
  await minsus.goto(minsu.url().replace('/?room=', '/rooms/'));
  await hydrated(minsus);
  await choose(minsu, '그룹에서 나가기');
  await minsu.getByRole('group', { name: /이 그룹에서 나갈까요/ }).getByRole('button', { name: '그룹에서 나가기' }).click();
  await expect(group.getByRole('log')).toHaveCount(0);
  await expect(minsu).toHaveURL(/\/$/);
  await expect(minsu.getByRole('status', { name: '알림' })).toContainText('그룹에서 나갔습니다.');
  await expect(minsus.getByText('이 대화에 더 이상 참여하고 있지 않습니다.')).toBeVisible();
});

test('a room of two grows into a group and stays', async ({ person }) => {
  const minsu = await person('minsu');
  const [minsus] = await pair(minsu, await person('cheolsu'));
  await say(minsus, '둘만의 말');
  const direct = minsus.url();
  await choose(minsus, '사람 초대');
  const picker = minsus.getByRole('dialog', { name: '함께 그룹 만들기' });
  await expect(picker.getByText('새 그룹에는 이 대화의 메시지가 보이지 않습니다.')).toBeVisible();
  await picker.getByRole('checkbox', { name: /최지우/ }).check();
  await picker.getByLabel('그룹 이름').fill('점심 모임');
  await picker.getByRole('button', { name: '만들기' }).click();
  await expect(minsus.locator('.log').getByText('김민수 (minsu)님이 그룹을 만들었습니다.')).toBeVisible();
  await expect(minsus.locator('.chat h1')).toContainText('점심 모임');
  await expect(bubble(minsus, '둘만의 말')).toHaveCount(0);
  expect(minsus.url()).not.toBe(direct);
  await minsus.goto(direct);
  await expect(bubble(minsus, '둘만의 말')).toBeVisible();
});

test('a muted room gives no notice, a hidden one returns with the next message', async ({ person }) => {
  const minsu = await person('minsu');
  const cheolsu = await person('cheolsu');
  const [minsus, cheolsus] = await pair(minsu, cheolsu);
  await choose(minsus, '알림 끄기');
  await choose(minsus, '목록에서 숨기기');
  await minsu.getByRole('tab', { name: '대화' }).click();
  const row = minsu.getByRole('link', { name: /박철수/ });
  await expect(row).toHaveCount(0);
  await Promise.all([minsus.waitForEvent('close'), minsus.getByRole('button', { name: '나가기', exact: true }).click()]);
  await say(cheolsus, '들리나요?');
  await expect(row).toBeVisible();
  await expect(row.getByText('알림 꺼짐')).toHaveCount(1);
  await expect(row.getByText('읽지 않은 메시지 1개')).toHaveCount(1);
  await minsu.waitForTimeout(1_200);
  await expect(minsu.locator('.toast', { hasText: '들리나요?' })).toHaveCount(0);
  await row.click();
  await hydrated(minsu);
});

test('a group in its own window does not keep an old presence of its members', async ({ person }) => {
  const [minsu, cheolsu] = [await person('minsu'), await person('cheolsu')];
  await group(minsu, ['박철수'], '돌아온 사람');
  const address = minsu.url();
  const cheolsus = await openGroup(cheolsu, '돌아온 사람', '만들었습니다');
  const line = cheolsus.locator('.chat .bar p[role=status]');
  await expect(line).toContainText('대화중입니다.');
  await minsu.goto('about:blank');
  await expect(line).not.toContainText('대화중입니다.');
  await expect(cheolsu.locator('#panel-people .row', { hasText: '(minsu)' })).toContainText('오프라인');
  // The list of members is asked for once.
  await cheolsus.locator('.chat .bar .face').click();
  await expect(cheolsus.getByRole('dialog').getByText('오프라인').first()).toBeVisible();
  await cheolsus.keyboard.press('Escape');
  await minsu.goto(address);
  await expect(line).toContainText('대화중입니다.');
});
